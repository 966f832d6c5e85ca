using System.Globalization;
using System.Text;
using Forensics.Analyzer.Reports;
using Forensics.Parsers;
using Xunit;

namespace Forensics.Analyzer.Tests.Reports;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("plain text, ünïcode 日本 \U0001F600", "plain text, ünïcode 日本 \U0001F600")]
    [InlineData("esc\x1b[2J", "esc\\x1b[2J")]
    [InlineData("two\nlines\ttab\r", "two\\x0alines\\x09tab\\x0d")]
    [InlineData("\x7f\u009b\u00a0", "\\x7f\\x9b\\xa0")]
    [InlineData("\u202Egnp.exe", "\\u{202e}gnp.exe")]
    [InlineData("a\u200bb\ufeff", "a\\u{200b}b\\u{feff}")]
    [InlineData("\U000E0041", "\\u{e0041}")]
    [InlineData("fill\u3164er\ufe0f", "fill\\u{3164}er\\u{fe0f}")]
    [InlineData("##vso[task]", "#\\x23vso[task]")]
    [InlineData("see ##[error]", "see #\\x23[error]")]
    [InlineData("## heading [x]", "## heading [x]")]
    [InlineData("/tmp/\\x1b[2J", "/tmp/\\x1b[2J")]
    [InlineData("", "")]
    public void Shows_what_is_printable_and_escapes_the_rest(string text, string expected) => Assert.Equal(expected, SafeText.Escape(text));

    [Fact]
    public void Lone_surrogates_are_shown_by_number()
    {
        Assert.Equal("a\\u{d800}b", SafeText.Escape("a\ud800b"));
        Assert.Equal("\\u{dc00}\\u{d83d}", SafeText.Escape("\udc00\ud83d"));
    }

    [Fact]
    public void Escaping_twice_changes_nothing()
    {
        string once = SafeText.Escape(ReportFixture.AllAttacks);
        Assert.Equal(once, SafeText.Escape(once));
    }

    [Fact]
    public void A_path_in_display_form_is_not_changed()
    {
        foreach (string attack in ReportFixture.Attacks)
        {
            // The blank-looking letters and log commands are printable for a file listing but not for a report.
            string path = PathText.FromText("/tmp/" + attack);
            if (!attack.Contains('\u3164') && !attack.Contains("##", StringComparison.Ordinal))
            {
                Assert.Equal(path, SafeText.Escape(path));
            }
        }
    }

    [Fact]
    public void No_character_of_the_basic_plane_gets_through_that_is_a_control_or_format_character()
    {
        for (int value = 0; value < 0x10000; value++)
        {
            foreach (Rune rune in SafeText.Escape(((char)value).ToString()).EnumerateRunes())
            {
                UnicodeCategory category = Rune.GetUnicodeCategory(rune);
                Assert.False(category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator, value.ToString("x", CultureInfo.InvariantCulture));
            }
        }
    }

    [Theory]
    [InlineData("::error::x", "\\x3a:error::x")]
    [InlineData("   ::error::x", "   \\x3a:error::x")]
    [InlineData("std::string", "std::string")]
    [InlineData("", "")]
    public void Workflow_commands_do_not_start_a_line(string line, string expected) => Assert.Equal(expected, SafeText.GuardLineStart(line));

    [Theory]
    [InlineData("one two three", new[] { "one two", "three" })]
    [InlineData("abcdefghijklmnopqrstuv", new[] { "abcdefghij", "klmnopqrst", "uv" })]
    [InlineData("日本日本日本", new[] { "日本日本日", "本" })]
    [InlineData("", new[] { "" })]
    [InlineData("0123456789 x", new[] { "0123456789", "x" })]
    public void Wrapping_loses_nothing_and_keeps_the_width(string text, string[] expected) => Assert.Equal(expected, TextPage.Wrap(text, 10));
}
