using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Xunit;

namespace Forensics.Analyzer.Tests.Reports;

public sealed class CleanUpStepsTests
{
    [Fact]
    public void Lines_of_one_file_are_deleted_from_its_end()
    {
        Assert.Equal(
            ["chattr -ia /etc/a", "sed -i 12d /etc/a", "rm /x", "sed -i 5d /etc/b", "sed -i 3d /etc/a", "sed -i 2d /etc/a"],
            Steps(["chattr -ia /etc/a", "sed -i 2d /etc/a"], ["rm /x", "sed -i 5d /etc/b"], ["chattr -ia /etc/a", "sed -i 12d /etc/a"], ["sed -i 3d /etc/a"]));
    }

    [Fact]
    public void Introductions_and_repetitions_are_left_out() =>
        Assert.Equal(["rm /x"], Steps(["Examine the file:", "rm /x"], ["Examine the file:", "rm /x"]));

    private static IReadOnlyList<string> Steps(params string[][] remediations)
    {
        var rule = new RuleInfo("L-X.y", "t", "persistence", []);
        var location = new EvidenceLocation("i", "v@0", 0, "/p", 1);
        return CleanUpSteps.Of(ReportFixture.Ordinary() with
        {
            Findings = [.. remediations.Select(steps => new Finding(rule, Severity.High, location) { Message = "m", Remediation = steps })],
        });
    }
}
