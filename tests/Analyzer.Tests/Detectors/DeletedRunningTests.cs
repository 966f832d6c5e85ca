using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

/// <summary>L-DELETED-RUNNING: programs that removed themselves, and everything else that is open without a name on a healthy host.</summary>
public sealed class DeletedRunningTests
{
    private static Finding Only(Case host) => Assert.Single(host.Judge(), finding => finding.Rule.Id.StartsWith("L-DELETED-RUNNING.", StringComparison.Ordinal));

    [Theory]
    [InlineData("/tmp/.x/kworker", ContentKind.ElfExecutable, 0x1ED)]
    [InlineData("/usr/bin/dbus-netd", ContentKind.ElfExecutable, 0x1ED)]
    [InlineData("/var/lib/mysql/x", ContentKind.ElfSharedObject, 0x180)]
    [InlineData("/home/bob/a.out", ContentKind.ElfExecutable, 0x180)]
    [InlineData("/root/install.sh", ContentKind.Script, 0x180)]
    [InlineData("/dev/shm/run", ContentKind.Text, 0x1ED)]
    [InlineData("/tmp/payload", ContentKind.Binary, 0x1ED)]
    [InlineData(null, ContentKind.ElfExecutable, 0x1ED)]
    [InlineData(null, ContentKind.Script, 0x1ED)]
    public void A_program_that_is_gone_while_it_runs_is_high(string? path, ContentKind content, int mode)
    {
        Finding finding = Only(Case.Debian().Orphan(path, content, mode, elf: content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject ? Case.ElfFacts() : null));
        Assert.Equal(("L-DELETED-RUNNING.program", Severity.High), (finding.Rule.Id, finding.Severity));
        Assert.Contains("T1070.004", finding.Techniques);
        Assert.Equal(content == ContentKind.Script, finding.Techniques.Contains("T1059.004"));
        Assert.Contains(finding.Remediation, step => step.StartsWith("deadbox cat IMAGE --inode 9000 --volume " + Case.Volume + " > ", StringComparison.Ordinal));
        Assert.Contains(finding.Remediation, step => step.Contains("/proc/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("critical")]
    [InlineData("high")]
    [InlineData("medium")]
    [InlineData(null)]
    public void With_a_match_it_is_critical_and_said_once(string? severity)
    {
        Case host = Case.Debian().Orphan("/tmp/m", ContentKind.ElfExecutable, elf: Case.ElfFacts(), yara: Case.Match("Miner", severity is null ? [] : [("severity", severity), ("mitre", "T1496")]));
        Finding finding = Only(host);
        Assert.Equal(("L-DELETED-RUNNING.known-malware", Severity.Critical), (finding.Rule.Id, finding.Severity));
        Assert.Contains("Miner", finding.Message, StringComparison.Ordinal);
        Assert.Equal(severity is not null, finding.Techniques.Contains("T1496"));
        Assert.Single(host.Judge());
    }

    [Fact]
    public void A_listed_hash_is_critical_whatever_the_file_is()
    {
        var hash = new HashMatch(new EvidenceLocation("", "", 0, "", 0)) { Algorithm = "sha256", Hash = new string('2', 64), Source = "bad.csv", Name = "kinsing" };
        Assert.Equal(Severity.Critical, Only(Case.Debian().Orphan("/var/log/a", ContentKind.Binary, 0x180, hash: hash)).Severity);
        Assert.Equal(Severity.Critical, Only(Case.Debian().Orphan("/usr/bin/x", ContentKind.ElfExecutable, elf: Case.ElfFacts(debugLink: true), successor: "/usr/bin/x", hash: hash)).Severity);
    }

    [Fact]
    public void What_starts_the_path_is_named_though_the_path_leads_nowhere()
    {
        Finding finding = Only(Case.Debian().SystemCron("/etc/cron.d/netd", "@reboot", "root", "/bin/netd --quiet").Orphan("/usr/bin/netd", ContentKind.ElfExecutable, elf: Case.ElfFacts()));
        Assert.Contains(new RelatedFile("/etc/cron.d/netd", "started-by"), finding.Related);
        Assert.Contains("/etc/cron.d/netd starts this path", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_the_host_starts_by_itself_is_a_program()
    {
        Case host = Case.Debian().UserCron("root", "* * * * *", "/bin/sh /var/lib/x/run").Orphan("/var/lib/x/run", ContentKind.Text, 0x180);
        Assert.Equal(("L-DELETED-RUNNING.program", Severity.High), (Only(host).Rule.Id, Only(host).Severity));
    }

    [Fact]
    public void A_deleted_cron_table_is_named_as_the_starter_too()
    {
        Case gone = Case.Debian().SystemCron("/etc/cron.d/netd", "@reboot", "root", "/tmp/.n/netd");
        Finding finding = Only(Case.Debian().Deleted(gone).Orphan("/tmp/.n/netd", ContentKind.ElfExecutable, elf: Case.ElfFacts()));
        Assert.Contains("/etc/cron.d/netd, itself deleted, started this path", finding.Message, StringComparison.Ordinal);
    }

    /// <summary>A server after an upgrade without restart: what its processes still hold.</summary>
    [Theory]
    [InlineData("/usr/sbin/sshd.dpkg-tmp", "/usr/sbin/sshd", false, true)]
    [InlineData("/usr/sbin/sshd", "/usr/sbin/sshd", false, false)]
    [InlineData("/usr/lib/systemd/systemd", "/usr/lib/systemd/systemd", false, true)]
    [InlineData("/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/libc.so.6", true, true)]
    [InlineData("/usr/lib64/libssl.so.3.0.7", "/usr/lib64/libssl.so.3.0.9", true, false)]
    [InlineData("/usr/lib/x86_64-linux-gnu/security/pam_env.so", null, true, true)]
    [InlineData(null, null, true, true)]
    [InlineData(null, null, false, true)]
    public void Programs_and_libraries_that_an_upgrade_replaced_are_low(string? path, string? successor, bool library, bool debugLink)
    {
        Finding finding = Only(Case.Debian().Orphan(path, ContentKind.ElfSharedObject, elf: Case.ElfFacts(library, debugLink: debugLink), successor: successor));
        Assert.Equal(("L-DELETED-RUNNING.replaced", Severity.Low), (finding.Rule.Id, finding.Severity));
        Assert.Empty(finding.Remediation);
        Assert.Contains("upgrade", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_replaced_script_of_the_distribution_is_low() =>
        Assert.Equal(Severity.Low, Only(Case.Debian().Orphan("/usr/bin/fail2ban-server", ContentKind.Script, successor: "/usr/bin/fail2ban-server")).Severity);

    [Fact]
    public void What_only_looks_like_an_upgrade_is_not_excused()
    {
        const string Path = "/usr/bin/sshd";
        Assert.Equal(Severity.High, Only(Case.Debian().Orphan(Path, ContentKind.ElfExecutable, elf: Case.ElfFacts(packed: true), successor: Path)).Severity);
        Assert.Equal(Severity.High, Only(Case.Debian().Orphan(Path, ContentKind.ElfExecutable, elf: Case.ElfFacts(sections: false), successor: Path)).Severity);
        Assert.Equal(Severity.High, Only(Case.Debian().Orphan("/usr/lib/libx.so", ContentKind.ElfSharedObject, elf: Case.ElfFacts(library: true, debugLink: true, interposed: ["readdir", "fopen"]), successor: "/usr/lib/libx.so")).Severity);
        Assert.Equal(Severity.High, Only(Case.Debian().Orphan("/tmp/x", ContentKind.ElfExecutable, elf: Case.ElfFacts(), successor: "/tmp/x")).Severity);
        // A copy of a program of the distribution is not one of its packages.
        Assert.Equal(Severity.High, Only(Case.Debian().Orphan(null, ContentKind.ElfSharedObject, elf: Case.ElfFacts(debugLink: true), unpacked: false)).Severity);
        Assert.Equal(Severity.High, Only(Case.Debian().Orphan("/usr/bin/netd", ContentKind.ElfSharedObject, elf: Case.ElfFacts(debugLink: true), unpacked: false)).Severity);
        // Not root's, so no package brought it.
        Assert.Equal(Severity.Medium, Only(Case.Debian().Orphan(Path, ContentKind.ElfExecutable, owner: 33, elf: Case.ElfFacts(debugLink: true), successor: Path)).Severity);
        Assert.Equal(Severity.High, Only(Case.Debian().Orphan(null, ContentKind.ElfExecutable, owner: 33, elf: Case.ElfFacts(debugLink: true))).Severity);
        Assert.Equal(Severity.Critical, Only(Case.Debian().Orphan(Path, ContentKind.ElfExecutable, elf: Case.ElfFacts(debugLink: true), successor: Path, yara: Case.Match("Backdoor", ("severity", "high")))).Severity);
        Assert.Equal(Severity.Medium, Only(Case.Debian().Orphan(Path, ContentKind.ElfExecutable, elf: Case.ElfFacts(debugLink: true), successor: Path, yara: Case.Match("Doubtful", ("severity", "medium")))).Severity);
    }

    [Fact]
    public void A_program_that_an_administrator_replaced_is_medium() =>
        Assert.Equal(("L-DELETED-RUNNING.replaced", Severity.Medium), Only(Case.Debian().Orphan("/opt/app/server", ContentKind.ElfExecutable, elf: Case.ElfFacts(), successor: "/opt/app/server")) is var finding ? (finding.Rule.Id, finding.Severity) : default);

    [Theory]
    [InlineData("/var/log/nginx/access.log.1", ContentKind.Text, 0x1A4, Severity.Low)]
    [InlineData("/var/log/app.log", ContentKind.Text, 0x1FF, Severity.Low)]
    [InlineData("/tmp/#sql-temptable-1", ContentKind.Binary, 0x1A0, Severity.Info)]
    [InlineData("/tmp/ibXYZ", ContentKind.Binary, 0x180, Severity.Info)]
    [InlineData("/var/lib/mysql/ib_tmp", ContentKind.Binary, 0x1FF, Severity.Info)]
    [InlineData("/var/cache/man/index", ContentKind.Text, 0x1ED, Severity.Info)]
    [InlineData(null, ContentKind.Binary, 0x180, Severity.Info)]
    [InlineData(null, ContentKind.Binary, 0x1C0, Severity.Low)]
    public void Data_of_services_is_no_alarm(string? path, ContentKind content, int mode, Severity expected)
    {
        Finding finding = Only(Case.Debian().Orphan(path, content, mode));
        Assert.Equal(expected, finding.Severity);
        Assert.Empty(finding.Remediation);
    }

    [Fact]
    public void A_doubtful_rule_on_a_services_data_keeps_its_own_level() =>
        Assert.Equal(Severity.Medium, Only(Case.Debian().Orphan("/var/log/suricata/eve.json", ContentKind.Text, 0x1A4, yara: Case.Match("Stratum", ("severity", "medium")))).Severity);

    [Fact]
    public void A_weak_rule_changes_nothing_and_is_named()
    {
        Finding finding = Only(Case.Debian().Orphan("/tmp/a", ContentKind.Binary, 0x180, yara: Case.Match("Odd", ("severity", "info"))));
        Assert.Equal(("L-DELETED-RUNNING.data", Severity.Info), (finding.Rule.Id, finding.Severity));
        Assert.Contains("Odd", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_without_orphans_is_silent() => Assert.Empty(Case.Debian().Elf("/usr/bin/ls").Judge());
}
