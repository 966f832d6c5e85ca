using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>setuid, capabilities and locked files. What is planted here has no entry that could say anything: all of it is quiet but for the rights.</summary>
internal static class RightsPlants
{
    private const int SetUser = 0x9ED;
    private const int SetGroup = 0x5ED;
    private static readonly byte[] SetUidCapability = Convert.FromHexString("0100000280000000000000000000000000000000");
    private static readonly byte[] RawCapability = Convert.FromHexString("0100000200200000000000000000000000000000");
    private static readonly byte[] BindCapability = Convert.FromHexString("0100000200040000000000000000000000000000");
    private static readonly byte[] AdminCapability = Convert.FromHexString("0100000200002000000000000000000000000000");

    public static IReadOnlyList<Plant> All { get; } = [.. SetId(), .. Capabilities(), .. Locked()];

    private static PlantTree Mode(this PlantTree tree, string path, int mode, int user = 0, int group = 0) => tree.Change(path, file => file with { Mode = mode, User = user, Group = group });
    private static PlantTree Can(this PlantTree tree, string path, byte[] capability) => tree.Change(path, file => file with { Capability = capability });
    private static PlantTree Lock(this PlantTree tree, string path, uint flags = InodeFlags.Immutable) => tree.Change(path, file => file with { Flags = flags });

    private static IEnumerable<Plant> SetId() =>
    [
        new("L-SUID", "packaged-bash", Quiet, tree => tree.Mode("/usr/bin/bash", SetUser)) { AtLeast = Severity.Critical },
        new("L-SUID", "packaged-find", Quiet, tree => tree.Mode("/usr/bin/find", SetUser)) { AtLeast = Severity.Critical, Rule = "shell-or-interpreter" },
        new("L-SUID", "interpreter-with-version", Quiet, tree => tree.Mode("/usr/bin/python3.11", SetUser)) { AtLeast = Severity.Critical },
        new("L-SUID", "hidden-in-tmp", Loud, tree => tree.Program("/tmp/.b").Mode("/tmp/.b", SetUser)) { AtLeast = Severity.Critical, Rule = "odd-place" },
        new("L-SUID", "unowned-in-usr-bin", Quiet, tree => tree.Program("/usr/bin/pkcheck2").Mode("/usr/bin/pkcheck2", SetUser)) { Rule = "unowned-program" },
        new("L-SUID", "in-a-home", Quiet, tree => tree.Program("/home/alice/run").Mode("/home/alice/run", SetUser)),
        new("L-SUID", "without-package-database", Quiet, tree => tree.Program("/var/log/lastlogin").Mode("/var/log/lastlogin", SetUser)) { Host = PlantHost.RedHat },
        new("L-SUID", "nobody-may-run-it", Dormant, tree => tree.Program("/usr/bin/pkcheck2").Mode("/usr/bin/pkcheck2", 0x980)) { TwinOf = "unowned-in-usr-bin" },
        new("L-SUID", "stock-programs", Benign, tree => tree.Mode("/usr/bin/sudo", SetUser).Mode("/usr/bin/su", SetUser).Mode("/usr/bin/mount", SetUser).Mode("/usr/bin/umount", SetUser).Mode("/usr/bin/passwd", SetUser).Mode("/usr/bin/crontab", SetGroup, group: 104)
            .OwnedProgram("policykit", "/usr/lib/polkit-1/polkit-agent-helper-1").Mode("/usr/lib/polkit-1/polkit-agent-helper-1", SetUser).OwnedProgram("mail", "/usr/sbin/odd-mailer").Mode("/usr/sbin/odd-mailer", SetUser)),
        new("L-SUID", "docker-layer", Benign, tree => tree.Program("/var/lib/docker/overlay2/0a1b/diff/usr/bin/su").Mode("/var/lib/docker/overlay2/0a1b/diff/usr/bin/su", SetUser)
            .Program("/var/lib/containers/storage/overlay/77/diff/usr/bin/passwd").Mode("/var/lib/containers/storage/overlay/77/diff/usr/bin/passwd", SetUser)),
        new("L-SUID", "chrome-and-nagios", Benign, tree => tree.Program("/opt/google/chrome/chrome-sandbox").Mode("/opt/google/chrome/chrome-sandbox", SetUser).Program("/usr/local/nagios/libexec/check_icmp").Mode("/usr/local/nagios/libexec/check_icmp", SetUser)),
    ];

    private static IEnumerable<Plant> Capabilities() =>
    [
        new("L-CAPS", "python-setuid", Quiet, tree => tree.Can("/usr/bin/python3.11", SetUidCapability)) { AtLeast = Severity.Critical, Rule = "shell-or-interpreter" },
        new("L-CAPS", "perl-without-package-database", Quiet, tree => tree.Can("/usr/bin/perl", SetUidCapability)) { Host = PlantHost.RedHat, AtLeast = Severity.Critical },
        new("L-CAPS", "unowned-in-usr-sbin", Quiet, tree => tree.Program("/usr/sbin/netmond").Can("/usr/sbin/netmond", AdminCapability)) { Rule = "unowned-program" },
        new("L-CAPS", "hidden-in-tmp", Loud, tree => tree.Program("/tmp/.c").Can("/tmp/.c", SetUidCapability)) { AtLeast = Severity.Critical },
        new("L-CAPS", "raw-sockets-in-the-logs", Quiet, tree => tree.Program("/var/log/btmpd").Can("/var/log/btmpd", RawCapability)),
        new("L-CAPS", "inheritable-only", Dormant, tree => tree.Can("/usr/bin/python3.11", Convert.FromHexString("0000000200000000800000000000000000000000"))) { TwinOf = "python-setuid" },
        new("L-CAPS", "ping", Benign, tree => tree.OwnedProgram("iputils", "/usr/bin/ping").Can("/usr/bin/ping", RawCapability).OwnedProgram("uidmap", "/usr/bin/newuidmap").Can("/usr/bin/newuidmap", SetUidCapability)),
        new("L-CAPS", "web-server-on-port-80", Benign, tree => tree.Program("/usr/local/bin/caddy").Can("/usr/local/bin/caddy", BindCapability).Can("/usr/bin/node", BindCapability)),
    ];

    private static IEnumerable<Plant> Locked() =>
    [
        new("L-IMMUT", "crontab", Quiet, tree => tree.Crontab("root", "0 3 * * * tar -czf /srv/b.tgz /etc\n").Lock("/var/spool/cron/crontabs/root", InodeFlags.Immutable | InodeFlags.AppendOnly)) { Entries = ["/var/spool/cron/crontabs/root"] },
        new("L-IMMUT", "unit", Quiet, tree => tree.Service("app", "/opt/app/run").Lock("/etc/systemd/system/app.service")) { Entries = ["/etc/systemd/system/app.service"] },
        new("L-IMMUT", "keys", Quiet, tree => tree.File("/root/.ssh/authorized_keys", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl admin@laptop\n", 0x180).Lock("/root/.ssh/authorized_keys", InodeFlags.AppendOnly)),
        new("L-IMMUT", "key-directory", Quiet, tree => tree.Folder("/root/.ssh", 0x1C0).Lock("/root/.ssh")) { Rule = "directory" },
        new("L-IMMUT", "program-in-opt", Quiet, tree => tree.Service("app", "/opt/app/run").Program("/opt/app/run").Lock("/opt/app/run")) { Rule = "started-file", Entries = ["/etc/systemd/system/app.service"] },
        new("L-IMMUT", "passwd-alone", Quiet, tree => tree.Lock("/etc/passwd")) { AtLeast = Severity.Medium },
        new("L-IMMUT", "preload", Loud, tree => tree.File("/etc/ld.so.preload", "/usr/local/lib/libproc.so\n").Program("/usr/local/lib/libproc.so", new PlantedElf { Seed = "l", IsLibrary = true }).Lock("/etc/ld.so.preload")),
        new("L-IMMUT", "resolv-conf", Benign, tree => tree.File("/etc/resolv.conf", "nameserver 192.0.2.53\n").Lock("/etc/resolv.conf").File("/var/log/audit/audit.log", "type=DAEMON_START\n").Lock("/var/log/audit/audit.log", InodeFlags.AppendOnly)),
        new("L-IMMUT", "vaccine", Benign, tree => tree.File("/tmp/kdevtmpfsi", "", 0).Lock("/tmp/kdevtmpfsi").File("/tmp/kinsing", "", 0).Lock("/tmp/kinsing").Folder("/var/tmp/kinsing", 0).Lock("/var/tmp/kinsing")),
        new("L-IMMUT", "hardening-guide", Benign, tree => tree.File("/etc/gshadow", "root:*::\n", 0x1A0).Lock("/etc/passwd").Lock("/etc/shadow").Lock("/etc/group").Lock("/etc/gshadow")),
        new("L-IMMUT", "locked-as-shipped", Benign, tree => tree.Lock("/usr/lib/systemd/system/ssh.service").Lock("/usr/bin/wget")),
    ];
}
