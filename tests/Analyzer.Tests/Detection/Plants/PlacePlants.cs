using System.Text;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Programs where none belong, deceptive and borrowed names, configurations of miners. Nothing starts them.</summary>
internal static class PlacePlants
{
    private const string Wallet = "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A";
    private const string XmrigJson = "{\n  // settings\n  \"autosave\": true,\n  \"cpu\": { \"enabled\": true, \"huge-pages\": true, \"max-threads-hint\": 75, },\n  \"donate-level\": 1,\n  \"pools\": [ { \"algo\": \"rx/0\", \"url\": \"203.0.113.9:3333\", \"user\": \"" + Wallet + "\", \"pass\": \"x\", \"keepalive\": true } ],\n}\n";

    public static IReadOnlyList<Plant> All { get; } = [.. Places(), .. Names(), .. Borrowed(), .. Miners()];

    private static IEnumerable<Plant> Places() =>
    [
        new("L-EXECLOC", "in-var-tmp", Quiet, tree => tree.Program("/var/tmp/sa1")) { AtLeast = Severity.Medium },
        new("L-EXECLOC", "hidden-in-tmp", Loud, tree => tree.Program("/tmp/.X2t-unix/.rsync/c/aptitude")),
        new("L-EXECLOC", "static-in-etc", Quiet, tree => tree.Program("/etc/id.services", new PlantedElf { Seed = "i", HasNoSections = true, NoiseBytes = 4000 })) { Rule = "odd-directory" },
        new("L-EXECLOC", "in-the-logs-without-package-database", Quiet, tree => tree.Program("/var/log/nginx/rotate")) { Host = PlantHost.RedHat, AtLeast = Severity.Medium },
        new("L-EXECLOC", "not-executable-in-shm", Quiet, tree => tree.Program("/dev/shm/data").Change("/dev/shm/data", file => file with { Mode = 0x1A4 })) { AtLeast = Severity.Medium },
        new("L-EXECLOC", "in-upload-directory", Quiet, tree => tree.Program("/var/www/html/uploads/2026/cat").Change("/var/www/html/uploads/2026/cat", file => file with { Mode = 0x1A4, User = 33, Group = 33 })) { Rule = "upload-directory" },
        new("L-EXECLOC", "in-the-root-directory", Quiet, tree => tree.Program("/img")) { AtLeast = Severity.Medium },
        new("L-EXECLOC", "hidden-script-in-tmp", Quiet, tree => tree.Script("/tmp/.font/run", "#!/bin/sh\nexit 0\n")) { AtLeast = Severity.Medium },
        new("L-EXECLOC", "build-directories", Benign, tree => tree.Program("/tmp/go-build123/b001/exe/main").Program("/tmp/.mount_Foo123/usr/bin/foo").File("/tmp/systemd-private-1/tmp/x", "x").Program("/root/.nvm/versions/node/v20.1.0/bin/node")),
        new("L-EXECLOC", "packaged-in-etc", Benign, tree => tree.OwnedProgram("vendor", "/etc/vendor/helper").OwnedProgram("kernel", "/boot/vmlinux-6.1").Program("/home/alice/.cache/ms-playwright/chromium/chrome").Program("/home/alice/.local/share/claude/versions/1")),
        new("L-EXECLOC", "node-modules-in-web-root", Benign, tree => tree.Program("/var/www/html/node_modules/sharp/images/sharp.node", new PlantedElf { Seed = "s", IsLibrary = true })),
    ];

    private static IEnumerable<Plant> Names() =>
    [
        new("L-HIDDEN", "three-dots", Quiet, tree => tree.File("/var/tmp/.../data", "one\n")) { AtLeast = Severity.Medium },
        new("L-HIDDEN", "three-dots-with-program", Quiet, tree => tree.Program("/usr/share/.../sshd2")) { Rule = "dots-and-blanks" },
        new("L-HIDDEN", "dots-and-a-blank", Quiet, tree => tree.Program("/dev/shm/.. /x")) { },
        new("L-HIDDEN", "x11-lookalike", Loud, tree => tree.Script("/tmp/.X25-unix/dota", "#!/bin/sh\nexit 0\n")) { Rule = "socket-directory-lookalike" },
        new("L-HIDDEN", "file-among-sockets", Quiet, tree => tree.File("/tmp/.X11-unix/1", "4711\n")) { AtLeast = Severity.Medium, Rule = "file-among-sockets" },
        new("L-HIDDEN", "program-among-sockets", Quiet, tree => tree.Program("/tmp/.ICE-unix/x")) { Rule = "file-among-sockets" },
        new("L-HIDDEN", "reversed", Quiet, tree => tree.File("/root/report\u202Efdp.sh", "x\n", 0x1ED)) { AtLeast = Severity.Medium, Rule = "reversed-text" },
        new("L-HIDDEN", "trailing-blank", Quiet, tree => tree.Program("/usr/bin/ls ")) { Rule = "trailing-blank" },
        new("L-HIDDEN", "real-socket-directories", Benign, tree => tree.Folder("/tmp/.X11-unix", 0x3FF).Folder("/tmp/.ICE-unix", 0x3FF).Folder("/tmp/.XIM-unix", 0x3FF).Folder("/tmp/.font-unix", 0x3FF).Folder("/tmp/.Test-unix", 0x3FF).File("/tmp/.X0-lock", "      1234\n")),
        new("L-HIDDEN", "names-people-give", Benign, tree => tree.File("/home/alice/My Documents /notes ", "x\n").File("/home/alice/\u0641\u0627\u06CC\u0644\u200C\u0647\u0627.txt", "x\n").File("/srv/share/a\u00A0b.png", "x\n")),
    ];

    private static IEnumerable<Plant> Borrowed() =>
    [
        new("L-MASQ", "kernel-thread", Loud, tree => tree.Program("/root/.configrc5/a/kswapd0")) { Rule = "kernel-thread-name" },
        new("L-MASQ", "brackets", Quiet, tree => tree.Program("/usr/sbin/[kworker]")),
        new("L-MASQ", "rcu-script", Quiet, tree => tree.Script("/usr/lib/rcu_sched", "#!/bin/sh\nexit 0\n")),
        new("L-MASQ", "misspelt", Quiet, tree => tree.Program("/usr/bin/bprofr")) { Rule = "near-system-name" },
        new("L-MASQ", "one-letter-from-a-daemon", Quiet, tree => tree.Program("/usr/sbin/rsyslodg")) { Rule = "near-system-name" },
        new("L-MASQ", "one-letter-more", Quiet, tree => tree.Program("/usr/lib/systemd/systemd-logindd")) { Rule = "near-system-name" },
        new("L-MASQ", "daemon-in-tmp", Loud, tree => tree.Program("/var/tmp/sshd")) { Rule = "system-name-elsewhere" },
        new("L-MASQ", "watchdog-package", Benign, tree => tree.OwnedProgram("watchdog", "/usr/sbin/watchdogd").OwnedProgram("watchdog", "/usr/sbin/watchdog").Owned("man", "/usr/share/man/man9/kworker", "text\n")),
        new("L-MASQ", "versions-and-relatives", Benign, tree => tree.Program("/usr/local/sbin/httpd2").Program("/opt/redis/bin/redis-servers").OwnedProgram("apache", "/usr/sbin/apache22")),
    ];

    private static IEnumerable<Plant> Miners() =>
    [
        new("L-MINERCFG", "xmrig", Loud, tree => tree.File("/opt/app/config.json", XmrigJson)) { AtLeast = Severity.Critical },
        new("L-MINERCFG", "hidden-under-another-name", Loud, tree => tree.File("/etc/.cfg", XmrigJson)) { AtLeast = Severity.Critical },
        new("L-MINERCFG", "cut-and-noisy", Loud, tree => tree.Add(new PlantedFile("/var/tmp/xmrig.json", FileType.Regular) { Content = [0, 1, 2, .. Encoding.UTF8.GetBytes(XmrigJson)[..^8]], Created = PlantTree.Planted, Modified = PlantTree.Planted })) { AtLeast = Severity.Critical },
        new("L-MINERCFG", "proxy-without-wallet", Quiet, tree => tree.File("/srv/data/config.json", "{\"pools\":[{\"url\":\"198.51.100.20:443\",\"user\":\"node7\",\"pass\":\"x\",\"rig-id\":\"n7\",\"nicehash\":true,\"tls\":true}],\"print-time\":60}\n")) { },
        new("L-MINERCFG", "xmr-stak", Quiet, tree => tree.File("/root/.cache/pools.txt", "\"pool_list\" :\n[\n {\"pool_address\" : \"198.51.100.20:80\", \"wallet_address\" : \"n7\", \"rig_id\" : \"\", \"pool_password\" : \"x\", \"use_nicehash\" : true },\n],\n\"currency\" : \"monero\",\n")) { },
        new("L-MINERCFG", "lines", Quiet, tree => tree.File("/var/tmp/xmrig.conf", "donate-level = 0\nrig-id = a7\nurl = 198.51.100.20:8080\nuser = a7\npass = x\n")) { },
        new("L-MINERCFG", "source-tree", Benign, tree => tree.File("/home/alice/xmrig/src/config.json", XmrigJson.Replace(Wallet, "YOUR_WALLET_ADDRESS", StringComparison.Ordinal).Replace("203.0.113.9:3333", "donate.v2.example:3333", StringComparison.Ordinal))),
        new("L-MINERCFG", "pools-of-a-database", Benign, tree => tree.File("/srv/app/config.json", "{\"http\":{\"port\":80},\"pools\":[{\"url\":\"db.internal:5432\",\"user\":\"app\",\"pass\":\"secret\",\"retries\":3,\"keepalive\":true}],\"cpu\":2,\"background\":true}\n")),
        new("L-MINERCFG", "memory-pools", Benign, tree => tree.File("/etc/app/config.json", "{\"memory-pool\":1,\"threads\":4,\"huge-pages\":true,\"pools\":{\"io\":2},\"priority\":1}\n").File("/etc/php/www.conf", "[www]\nuser = www-data\npool = www\n")),
    ];
}
