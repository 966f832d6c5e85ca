using System.Text.RegularExpressions;
using Forensics.Analyzer.Commands;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Tests.Reports;
using Xunit;

namespace Forensics.Analyzer.Tests.Commands;

public sealed partial class ProgressTests
{
    [Theory]
    [InlineData(false, false, "information,warning")]
    [InlineData(true, false, "warning")]
    [InlineData(false, true, "phase,detail,information,warning")]
    public void Without_terminal_only_wanted_lines_are_written(bool quiet, bool verbose, string expected)
    {
        string error = Show(isLive: false, quiet, verbose);
        Assert.Equal(expected.Split(','), Words().Matches(error).Select(match => match.Value));
        ConsoleReportTests.AssertPrintable(error);
    }

    [Fact]
    public void On_a_terminal_no_sequence_of_the_evidence_gets_through()
    {
        string error = Show(isLive: true, quiet: false, verbose: true);
        Assert.Contains("phase", error, StringComparison.Ordinal);
        Assert.Contains("10 files", error, StringComparison.Ordinal);
        ConsoleReportTests.AssertPrintable(OwnSequences().Replace(error, "").Replace("\r", "", StringComparison.Ordinal));
    }

    [Fact]
    public void The_live_display_hands_on_result_and_failure()
    {
        var context = new CommandContext(Stream.Null, new StringWriter(), CancellationToken.None);
        Assert.Equal(7, LiveProgress.Run(context, false, true, _ => 7));
        Assert.Throws<UsageException>(() => LiveProgress.Run<int>(context, false, true, _ => throw new UsageException("x")));
    }

    private static string Show(bool isLive, bool quiet, bool verbose)
    {
        using var error = new StringWriter { NewLine = "\n" };
        var context = new CommandContext(Stream.Null, error, CancellationToken.None);
        new ProgressDisplay(context, quiet, verbose, colours: true, isLive).Run(progress =>
        {
            progress.Begin("phase \x1b[2J[red]\u202E", 20, 1 << 20);
            progress.Advance(10, 1 << 19);
            progress.Message(MessageLevel.Detail, "detail " + ReportFixture.AllAttacks);
            progress.Message(MessageLevel.Information, "information " + ReportFixture.AllAttacks);
            progress.Message(MessageLevel.Warning, ReportFixture.AllAttacks);
            if (isLive)
            {
                Thread.Sleep(400);
            }
            return 0;
        });
        return error.ToString();
    }

    [GeneratedRegex("phase|detail|information|(?<=deadbox: )warning")]
    private static partial Regex Words();

    /// <summary>Colours, cursor movement, line erasure, cursor visibility.</summary>
    [GeneratedRegex("\x1b\\[[0-9;]*[mAK]|\x1b\\[\\?25[hl]")]
    private static partial Regex OwnSequences();
}
