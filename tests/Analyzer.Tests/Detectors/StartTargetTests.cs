using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Packages;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

/// <summary><see cref="StartTargetDetector"/>: what is started decides, whatever the entry says.</summary>
public sealed class StartTargetTests
{
    private static Case Started(string path, Func<Case, Case> change) => change(Case.Debian().User("root", 0).User("www-data", 33).User("alice", 1000).Elf(path)).SystemCron("/etc/cron.d/job", "5 * * * *", "root", path);

    private static Finding? Of(Case host) => host.Judge().SingleOrDefault(finding => finding.Rule.Id.StartsWith("L-CRON-SYS.target-", StringComparison.Ordinal));

    private static FileEntry Entry(FileFacts file, int mode = 0x1ED, uint owner = 0, long? created = null, long? modified = null) => new()
    {
        MetadataAddress = file.Entry.MetadataAddress, Type = FileType.Regular, Size = file.Entry.Size, Permissions = mode, UserId = owner, Flags = file.Entry.Flags,
        Created = created is long birth ? new Timestamp(birth, 0) : null, Modified = modified is long change ? new Timestamp(change, 0) : null,
    };

    [Theory]
    [InlineData("/usr/sbin/netmond", "target-alien-program", Severity.Medium)]
    [InlineData("/usr/lib/x86_64-linux-gnu/netmond", "target-alien-program", Severity.Medium)]
    [InlineData("/etc/32678", "target-odd-place", Severity.High)]
    [InlineData("/var/log/rotated", "target-odd-place", Severity.High)]
    [InlineData("/img", "target-odd-place", Severity.High)]
    [InlineData("/usr/lib/.cache-d/agent", "target-hidden-binary", Severity.Critical)]
    public void A_program_that_no_package_owns_is_judged_by_its_directory(string path, string reason, Severity expected)
    {
        Finding finding = Of(Started(path, host => host.Alien(path)))!;
        Assert.Equal("L-CRON-SYS." + reason, finding.Rule.Id);
        Assert.Equal(expected, finding.Severity);
        Assert.Contains("points)", finding.Message);
        Assert.Contains(finding.Remediation, step => step.Contains("rm " + path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/usr/local/bin/node_exporter")]
    [InlineData("/opt/datadog-agent/bin/agent/agent")]
    [InlineData("/home/alice/.nvm/versions/node/v20/bin/node")]
    [InlineData("/root/go/bin/tool")]
    [InlineData("/var/lib/waagent/agent")]
    [InlineData("/srv/app/server")]
    public void What_administrators_install_by_hand_is_no_finding_of_its_own(string path) => Assert.Null(Of(Started(path, host => host.Alien(path))));

    [Fact]
    public void Weak_signs_of_an_unpacked_vendor_archive_stay_low()
    {
        const string path = "/opt/exporter/exporter";
        Case host = Started(path, host => host.Change(path, file => file with { Origin = new FileOrigin(ProvenanceState.Alien), Entry = Entry(file, owner: 3434, created: 1_780_000_000, modified: 1_600_000_000) }));
        host.Add(new ExecutableFacts(host.At(path)) { Machine = "x86-64", IsLibrary = false, IsStatic = true, IsStripped = true, HasNoSections = false, IsPacked = true });
        Assert.True(Of(host) is null or { Severity: Severity.Low });
    }

    [Fact]
    public void A_host_without_package_database_says_nothing_about_an_ordinary_program() => Assert.Null(Of(Started("/usr/sbin/netmond", host => host)));

    [Fact]
    public void What_a_package_brought_is_silent_and_what_was_changed_is_high()
    {
        Assert.Null(Of(Started("/usr/sbin/tool", host => host.Packaged("/usr/sbin/tool"))));
        Finding finding = Of(Started("/usr/sbin/tool", host => host.Packaged("/usr/sbin/tool", ProvenanceState.VendorModified)))!;
        Assert.Equal("L-CRON-SYS.target-modified-program", finding.Rule.Id);
        Assert.Equal(Severity.High, finding.Severity);
        Assert.Contains(finding.Remediation, step => step.Contains("Reinstall the package tool", StringComparison.Ordinal));
        Assert.DoesNotContain(finding.Remediation, step => step.StartsWith("rm ", StringComparison.Ordinal));
    }

    [Fact]
    public void Weak_signs_add_up_where_only_packages_put_programs()
    {
        const string path = "/usr/sbin/netmond";
        Case host = Case.Debian().Elf(path, isStatic: true, stripped: true).Change(path, file => file with { Origin = new FileOrigin(ProvenanceState.Alien), Entry = Entry(file, created: 1_780_000_000, modified: 1_600_000_000) })
            .SystemCron("/etc/cron.d/job", "5 * * * *", "root", path);
        Finding finding = Of(host)!;
        Assert.Equal(Severity.High, finding.Severity);
        Assert.Contains("no package owns it", finding.Message);
        Assert.Contains("no symbols", finding.Message);
        Assert.Contains("older than its entry", finding.Message);
        Assert.Contains("(80 points)", finding.Message);
    }

    [Fact]
    public void Whoever_may_change_what_root_runs_is_named()
    {
        const string path = "/srv/app/job";
        Finding open = Of(Started(path, host => host.Change(path, file => file with { Entry = Entry(file, mode: 0x1FF) })))!;
        Assert.Equal("L-CRON-SYS.target-open-to-others", open.Rule.Id);
        Assert.Equal(Severity.Medium, open.Severity);
        Assert.Contains("chmod go-w " + path + "   # and its directory", open.Remediation);
        Assert.DoesNotContain(open.Remediation, step => step.Contains("rm ", StringComparison.Ordinal));
        Assert.Equal(Severity.Medium, Of(Started(path, host => host.Change(path, file => file with { Entry = Entry(file, owner: 33) })))!.Severity);
        Assert.Equal(Severity.Low, Of(Started(path, host => host.Change(path, file => file with { Entry = Entry(file, owner: 1000) })))!.Severity);
        Assert.Null(Of(Started(path, host => host.Change(path, file => file with { Entry = Entry(file, owner: 4711) }))));
    }

    [Fact]
    public void A_script_of_the_administrator_in_a_directory_of_the_distribution_is_low() => Assert.Equal(Severity.Low,
        Of(Case.Debian().File("/usr/sbin/backup", ContentKind.Script).Alien("/usr/sbin/backup").SystemCron("/etc/cron.d/job", "5 * * * *", "root", "/usr/sbin/backup"))!.Severity);

    [Fact]
    public void A_borrowed_name_is_a_sign() => Assert.Equal("L-CRON-SYS.target-imitated-name", Of(Started("/opt/x/kworkerd", host => host.Alien("/opt/x/kworkerd")))!.Rule.Id);

    [Fact]
    public void A_job_in_the_crontab_of_a_web_server_adds_a_weak_sign()
    {
        Case host = Case.Debian().Elf("/usr/share/x/y").Alien("/usr/share/x/y").UserCron("www-data", "* * * * *", "/usr/share/x/y");
        Finding finding = Assert.Single(host.Judge(), finding => finding.Rule.Id == "L-CRON-USER.target-alien-program");
        Assert.Equal(Severity.High, finding.Severity);
        Assert.Contains("crontab of www-data", finding.Message);
    }
}
