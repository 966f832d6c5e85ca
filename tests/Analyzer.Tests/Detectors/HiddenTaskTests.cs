using Forensics.Analyzer.Detectors.Windows;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

/// <summary>A task that stands in the registry and as XML is one thing; what only one of them says is judged by <see cref="HiddenTaskDetector"/>. Accounts: <see cref="WindowsAccountDetector"/>, <see cref="HiddenUserDetector"/>.</summary>
public sealed class HiddenTaskTests
{
    private const string Hive = "/Windows/System32/config/SOFTWARE";

    [Fact]
    public void A_task_that_both_know_has_one_link_that_names_both_places()
    {
        EvidenceIndex evidence = Evidence(Xml("a.exe", "/x"), Cached("\"A.EXE\"", " /x "));

        CommandLink link = Assert.Single(evidence.Links);
        Assert.IsType<ScheduledTask>(link.Source);
        Assert.Equal([Hive], link.AlsoStatedIn);
        Assert.Empty(new HiddenTaskDetector().Examine(evidence));
    }

    [Fact]
    public void A_task_that_the_registry_tells_otherwise_has_two_links()
    {
        EvidenceIndex evidence = Evidence(Xml("a.exe", "/x"), Cached(@"C:\ProgramData\b.exe", ""));

        Assert.Equal(2, evidence.Links.Count);
        Assert.Equal(("W-TASK-HIDDEN.other-actions", Severity.High), Assert.Single(new HiddenTaskDetector().Examine(evidence)) is var finding ? (finding.Rule.Id, finding.Severity) : default);
    }

    [Fact]
    public void A_task_that_the_registry_says_runs_while_its_file_says_it_is_off_has_two_links() =>
        Assert.Equal(2, Evidence(Xml("a.exe", "/x") with { IsEnabled = false }, Cached("a.exe", "/x") with { IsEnabled = true }).Links.Count);

    [Fact]
    public void Damaged_actions_are_not_compared()
    {
        EvidenceIndex evidence = Evidence(Xml("a.exe", "/x"), Cached(@"C:\ProgramData\b.exe", "") with { ActionsDamagedBecause = "an action ends behind the data" });

        Assert.Empty(new HiddenTaskDetector().Examine(evidence));
    }

    [Fact]
    public void Without_the_directory_or_without_the_hive_nothing_is_missing()
    {
        Assert.Empty(new HiddenTaskDetector().Examine(Evidence(Cached(@"C:\ProgramData\b.exe", ""))));
        Assert.Empty(new HiddenTaskDetector().Examine(Evidence(Xml(@"C:\ProgramData\b.exe", ""))));
    }

    [Fact]
    public void Tasks_of_32_bit_programs_and_of_the_old_service_are_not_missed_in_the_registry()
    {
        EvidenceIndex evidence = Evidence(
            Xml("a.exe", "/x"), Cached("a.exe", "/x"), Xml(@"C:\ProgramData\b.exe", "", "/Windows/SysWOW64/Tasks/Old") with { Name = @"\Old" },
            Xml(@"C:\ProgramData\c.exe", "", "/Windows/Tasks/At1.job") with { Name = @"\At1", Format = TaskFormat.Job });

        Assert.Empty(new HiddenTaskDetector().Examine(evidence));
    }

    [Fact]
    public void A_finding_names_the_registry_too()
    {
        EvidenceIndex evidence = Evidence(Xml(@"C:\ProgramData\b.exe", "") with { Name = @"\Mysa1" }, Cached(@"C:\ProgramData\b.exe", "") with { Path = @"\Mysa1" });

        Finding finding = Assert.Single(new ScheduledTaskDetector().Examine(evidence), finding => finding.Rule.Id == "W-TASK.known-name");
        Assert.Contains(new RelatedFile(Hive, "stated-in"), finding.Related);
    }

    [Theory]
    [InlineData("FF011F00", true)] // everything
    [InlineData("01000000", true)] // reading
    [InlineData("00000080", true)] // reading, in general
    [InlineData("00000100", false)] // deleting
    public void Only_who_may_not_read_a_task_does_not_see_it(string mask, bool isHidden)
    {
        string descriptor = "0100048000000000" + "0000000000000000" + "14000000" + "0200" + "2C00" + "02000000" + "0100" + "1800" + mask + "01020000" + "00000005" + "20000000" + "20020000";
        EvidenceIndex evidence = Evidence(Xml(@"C:\ProgramData\b.exe", ""), Cached(@"C:\ProgramData\b.exe", "") with { SecurityDescriptor = descriptor });

        Assert.Equal(isHidden, new HiddenTaskDetector().Examine(evidence).Any(finding => finding.Rule.Id == "W-TASK-HIDDEN.denied"));
    }

    [Fact]
    public void A_list_of_entries_with_nothing_in_it_admits_nobody()
    {
        EvidenceIndex evidence = Evidence(Xml(@"C:\ProgramData\b.exe", ""), Cached(@"C:\ProgramData\b.exe", "") with { SecurityDescriptor = "0100048000000000000000000000000014000000" + "0200080000000000" });

        Assert.Equal("W-TASK-HIDDEN.denied", Assert.Single(new HiddenTaskDetector().Examine(evidence)).Rule.Id);
    }

    [Fact]
    public void What_cannot_be_typed_is_no_command()
    {
        IReadOnlyList<string> commands = WindowsRemediation.DeleteHiddenTask("\\a\"b & calc", "{1}", ["Plain"]);

        Assert.DoesNotContain(commands, command => command.Contains("calc", StringComparison.Ordinal));
        Assert.Contains(commands, command => command.EndsWith("\\Plain\\{1}\" /f", StringComparison.Ordinal));
        Assert.DoesNotContain(WindowsRemediation.DeleteAccount("x\" & calc").Concat(WindowsRemediation.DisableAccount("%PATH%", ["Administrators"])), command => command.StartsWith("net ", StringComparison.Ordinal));
    }

    [Fact]
    public void Accounts_are_judged_by_host()
    {
        var account = new WindowsAccount(At("/Windows/System32/config/SAM")) { Name = "support", Rid = 1002, EffectiveRid = 500, IsListed = true, HasRecord = true };
        var entry = new AutorunEntry(At(Hive)) { Mechanism = AutorunKind.HiddenAccount, KeyPath = @"HKLM\SOFTWARE\x\UserList", ValueName = "SUPPORT", Data = "0" };
        EvidenceIndex evidence = Evidence(account, entry);

        Assert.Equal(Severity.Critical, Assert.Single(new WindowsAccountDetector().Examine(evidence)).Severity);
        Assert.Equal(Severity.Medium, Assert.Single(new HiddenUserDetector().Examine(evidence)).Severity);
    }

    private static ScheduledTask Xml(string command, string arguments, string path = "/Windows/System32/Tasks/Folder/Name") => new(At(path))
    {
        Name = @"\Folder\Name", Actions = [new TaskAction(TaskActionKind.Exec) { Command = command, Arguments = arguments }],
    };

    private static TaskCacheEntry Cached(string command, string arguments) => new(At(Hive))
    {
        Path = @"\folder\NAME", Id = "{1}", IsInTree = true, IsInTasks = true, HasSecurityDescriptor = true, Index = 3, IsEnabled = true,
        Actions = [new CachedTaskAction("exec") { Command = command, Arguments = arguments }],
    };

    private static EvidenceIndex Evidence(params Artifact[] artifacts) => new([new HostInfo("v", HostInfo.WindowsId, [])], artifacts,
        [.. artifacts.OfType<IStartsCommands>().SelectMany(starter => starter.Commands.Select(command => new CommandLink((Artifact)starter, command, [], [])))]);

    private static EvidenceLocation At(string path) => new("disk.raw", "v", 0, path, 5);
}
