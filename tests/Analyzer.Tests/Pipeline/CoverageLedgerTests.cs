using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;
using Xunit;

namespace Forensics.Analyzer.Tests.Pipeline;

public sealed class CoverageLedgerTests
{
    [Fact]
    public void The_sums_add_up_and_reasons_are_sorted()
    {
        var ledger = new CoverageLedger();
        for (int i = 0; i < 5; i++)
        {
            ledger.See();
        }
        ledger.Examine();
        ledger.Examine();
        ledger.Skip(CoverageLedger.Unreadable);
        ledger.Skip(CoverageLedger.NotInProfile, isLoss: false);
        ledger.Skip(CoverageLedger.NotInProfile, isLoss: false);
        ledger.Rebook(CoverageLedger.NotInProfile, null, 1, isLoss: false);
        CoverageSummary summary = ledger.ToSummary();
        Assert.Equal((5, 3), (summary.Seen, summary.Examined));
        Assert.Equal([new("not in profile", 1), new("unreadable", 1)], summary.Skipped);
        Assert.True(summary.IsIncomplete);
        Assert.Equal(["files: unreadable (1)"], summary.IncompleteBecause);
    }

    [Fact]
    public void What_the_profile_leaves_out_is_no_loss()
    {
        var ledger = new CoverageLedger();
        ledger.See();
        ledger.Skip(CoverageLedger.NotInProfile, isLoss: false);
        ledger.SkipVolume("swap", isLoss: false);
        Assert.False(ledger.ToSummary().IsIncomplete);
    }

    [Fact]
    public void An_entry_nobody_booked_is_a_defect_that_shows()
    {
        var ledger = new CoverageLedger();
        ledger.See();
        Assert.Throws<InvalidOperationException>(ledger.ToSummary);
    }
}
