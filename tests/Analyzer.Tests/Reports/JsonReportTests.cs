using System.Text;
using System.Text.Json;
using Forensics.Analyzer.Reports;
using Forensics.Parsers;
using NJsonSchema;
using Xunit;

namespace Forensics.Analyzer.Tests.Reports;

public sealed class JsonReportTests
{
    [Fact]
    public void The_top_level_is_exactly_the_documented_one()
    {
        using JsonDocument json = Parse(ReportFixture.Ordinary());
        Assert.Equal(["schemaVersion", "tool", "image", "hosts", "risk", "findings", "artifacts", "logs", "diagnostics", "coverage", "run"],
            json.RootElement.EnumerateObject().Select(property => property.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Reports_are_valid_under_the_published_schema(string name)
    {
        JsonSchema schema = await JsonSchema.FromFileAsync(SchemaPath(), TestContext.Current.CancellationToken);
        var errors = schema.Validate(ConsoleReportTests.Render(Named(name), new JsonReport()));
        Assert.True(errors.Count == 0, string.Join('\n', errors.Take(5)));
    }

    [Theory]
    [InlineData("\"schemaVersion\": \"1.3.0\",", "\"schemaVersion\": \"2.0.0\",")]
    [InlineData("\"score\": 100,", "\"score\": 101,")]
    [InlineData("\"score\": 100,", "")]
    [InlineData("\"score\": 100,", "\"score\": 100, \"extra\": 1,")]
    [InlineData("\"verdict\": \"compromised\"", "\"verdict\": \"bad\"")]
    [InlineData("\"severity\": \"critical\",", "\"severity\": \"worst\",")]
    [InlineData("\"relation\": \"starts\"", "\"relation\": 1")]
    [InlineData("\"usesSystemd\": true,", "\"usesSystemd\": null,")]
    [InlineData("\"value\": \"curl", "\"nested\": {\"a\": 1}, \"value\": \"curl")]
    public async Task The_schema_refuses_other_shapes(string good, string bad)
    {
        JsonSchema schema = await JsonSchema.FromFileAsync(SchemaPath(), TestContext.Current.CancellationToken);
        string text = ConsoleReportTests.Render(ReportFixture.Ordinary(), new JsonReport());
        int at = text.IndexOf(good, StringComparison.Ordinal);
        Assert.True(at >= 0, good);
        Assert.NotEmpty(schema.Validate(text[..at] + bad + text[(at + good.Length)..]));
    }

    [Fact]
    public void Evidence_text_comes_back_exactly()
    {
        using JsonDocument json = Parse(ReportFixture.Hostile());
        List<string?> read = [.. json.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("evidence").GetString())];
        foreach (string attack in ReportFixture.Attacks)
        {
            string expected = attack.Replace("\ud800h", "\\u{d800}h", StringComparison.Ordinal).Replace("w\udc00", "w\\u{dc00}", StringComparison.Ordinal);
            Assert.Contains(expected, read);
        }
    }

    [Fact]
    public void Paths_keep_their_raw_bytes()
    {
        using JsonDocument json = Parse(ReportFixture.Hostile());
        foreach (JsonElement finding in json.RootElement.GetProperty("findings").EnumerateArray())
        {
            Assert.True(PathText.TryToBytes(finding.GetProperty("path").GetString()!, out byte[] bytes));
            Assert.Equal(finding.GetProperty("path").GetString(), "/" + string.Join('/', Split(bytes).Skip(1).Select(name => PathText.FromBytes(name))));
        }
    }

    [Fact]
    public void Texts_with_different_lone_surrogates_stay_different()
    {
        Assert.NotEqual(JsonText.Exact("a\ud800"), JsonText.Exact("a\ud801"));
        Assert.Equal("a\\u{d800}", JsonText.Exact("a\ud800"));
        Assert.Equal("\U0001F600", JsonText.Exact("\U0001F600"));
        Assert.Equal("\\u{de00}\\u{d83d}", JsonText.Exact("\ude00\ud83d"));
    }

    [Fact]
    public void The_output_is_ascii_with_newlines_only()
    {
        using var stream = new MemoryStream();
        new JsonReport().Write(ReportFixture.Hostile(), stream);
        Assert.DoesNotContain(stream.ToArray(), value => value is >= 0x7F or < 0x20 and not (byte)'\n');
    }

    [Fact]
    public void Two_runs_differ_in_the_run_block_only()
    {
        Report first = ReportFixture.Hostile();
        Report second = ReportFixture.Hostile() with { Run = new RunInfo(DateTimeOffset.UnixEpoch, 99, 8, 1, ["/elsewhere"]) };
        Assert.NotEqual(ConsoleReportTests.Render(first, new JsonReport()), ConsoleReportTests.Render(second, new JsonReport()));
        Assert.Equal(BeforeRun(first), BeforeRun(second));
    }

    [Fact]
    public void The_text_does_not_depend_on_the_culture()
    {
        string expected = ConsoleReportTests.Render(ReportFixture.Ordinary(), new JsonReport());
        var comma = (System.Globalization.CultureInfo)System.Globalization.CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        comma.NumberFormat.NegativeSign = "~";
        comma.DateTimeFormat.TimeSeparator = ".";
        System.Globalization.CultureInfo saved = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = comma;
            Assert.Equal(expected, ConsoleReportTests.Render(ReportFixture.Ordinary(), new JsonReport()));
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = saved;
        }
    }

    [Fact]
    public void The_clock_is_utc_and_optional_properties_are_absent()
    {
        using JsonDocument json = Parse(ReportFixture.Ordinary());
        Assert.Equal("2026-11-22T21:30:00.000Z", json.RootElement.GetProperty("run").GetProperty("started").GetString());
        Assert.False(json.RootElement.GetProperty("findings")[0].TryGetProperty("stream", out _));
        Assert.DoesNotContain(": null", ConsoleReportTests.Render(ReportFixture.Hostile(), new JsonReport()), StringComparison.Ordinal);
    }

    public static TheoryData<string> Names => ["ordinary", "hostile", "clean"];

    private static Report Named(string name) => name switch { "ordinary" => ReportFixture.Ordinary(), "hostile" => ReportFixture.Hostile(), _ => ReportFixture.Clean() };

    private static JsonDocument Parse(Report report) => JsonDocument.Parse(ConsoleReportTests.Render(report, new JsonReport()));

    private static string BeforeRun(Report report)
    {
        string text = ConsoleReportTests.Render(report, new JsonReport());
        return text[..text.LastIndexOf("\n  \"run\": {", StringComparison.Ordinal)];
    }

    private static List<byte[]> Split(byte[] path)
    {
        var names = new List<byte[]>();
        int start = 0;
        for (int i = 0; i <= path.Length; i++)
        {
            if (i == path.Length || path[i] == (byte)'/')
            {
                names.Add(path[start..i]);
                start = i + 1;
            }
        }
        return names;
    }

    internal static string SchemaPath()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "docs", "report.schema.json");
            if (File.Exists(path))
            {
                return path;
            }
        }
        throw new FileNotFoundException("docs/report.schema.json");
    }
}
