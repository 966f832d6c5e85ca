using Forensics.Analyzer.Commands;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Tests.Reports;
using Xunit;

namespace Forensics.Analyzer.Tests.Commands;

public sealed class ExitCodesTests
{
    [Theory]
    // worst finding, gate, incomplete, allow, changed, volumes read -> code
    [InlineData(Severity.Critical, null, false, false, false, 1, 0)]
    [InlineData(Severity.Critical, null, true, false, false, 1, 0)]
    [InlineData(Severity.Critical, Severity.Critical, false, false, false, 1, 1)]
    [InlineData(Severity.High, Severity.Critical, false, false, false, 1, 0)]
    [InlineData(Severity.High, Severity.High, true, false, false, 1, 1)]
    [InlineData(Severity.High, Severity.High, true, true, false, 1, 1)]
    [InlineData(Severity.High, Severity.Info, false, false, false, 1, 1)]
    [InlineData(Severity.Low, Severity.High, true, false, false, 1, 4)]
    [InlineData(Severity.Low, Severity.High, true, true, false, 1, 0)]
    [InlineData(null, Severity.Info, false, false, false, 1, 0)]
    [InlineData(null, Severity.Info, true, false, false, 1, 4)]
    [InlineData(null, null, false, false, false, 0, 3)]
    [InlineData(Severity.Critical, Severity.Low, true, true, false, 0, 3)]
    [InlineData(Severity.Critical, Severity.Low, true, true, true, 1, 5)]
    [InlineData(null, null, false, false, true, 1, 5)]
    [InlineData(null, null, true, false, true, 0, 5)]
    public void The_highest_precedence_wins(Severity? worst, Severity? gate, bool incomplete, bool allow, bool changed, int volumes, int expected)
    {
        Report report = ReportFixture.Ordinary() with
        {
            Findings = worst is Severity severity ? [ReportFixture.FindingOf(severity, "x")] : [],
            Coverage = new CoverageSummary(1, 1, []) { VolumesSeen = 1, VolumesExamined = volumes, IsIncomplete = incomplete },
        };
        Assert.Equal(expected, ExitCodes.Of(new ScanResult(report, changed), gate, allow));
    }
}
