using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>The committed samples, from image file to report.</summary>
public sealed class SampleTests
{
    private static readonly string[] s_severities = ["info", "low", "medium", "high", "critical"];

    public static TheoryData<string> Samples => [.. Directory.GetFiles(Repository.PathOf("samples"), "expected.json", SearchOption.AllDirectories)
        .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_yields_what_its_story_says(string sample)
    {
        JsonObject expected = JsonNode.Parse(File.ReadAllText(Repository.PathOf("samples", sample, "expected.json")))!.AsObject();
        JsonObject report = Deadbox.Scan(Image(sample)).Report;
        Assert.Equal((string?)expected["verdict"], (string?)report["risk"]!["verdict"]);
        JsonObject host = Assert.Single(report["hosts"]!.AsArray())!.AsObject();
        Assert.Equal((string?)expected["host"]!["hostName"], (string?)host["hostName"]);
        Assert.Equal((string?)expected["host"]!["machineId"], (string?)host["machineId"]);
        Assert.Equal((string?)expected["host"]!["timeZone"], (string?)host["timeZone"]);

        JsonObject[] findings = [.. report["findings"]!.AsArray().Select(node => node!.AsObject())];
        int maximum = Rank((string)expected["maximumSeverity"]!);
        Assert.All(findings, finding => Assert.True(Rank((string)finding["severity"]!) <= maximum, finding.ToJsonString()));
        foreach (JsonObject wanted in expected["findings"]!.AsArray().Select(node => node!.AsObject()))
        {
            Assert.True(findings.Any(finding => Satisfies(finding, wanted)), "missing: " + wanted.ToJsonString());
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Coverage_adds_up_and_nothing_is_left_out_silently(string sample)
    {
        foreach (string profile in new[] { "triage", "standard", "full" })
        {
            JsonNode coverage = Deadbox.Scan(Image(sample), "--profile", profile).Report["coverage"]!;
            long skipped = coverage["skipped"]!.AsObject().Sum(pair => (long)pair.Value!);
            Assert.True((long)coverage["seen"]! > 100);
            Assert.Equal((long)coverage["seen"]!, (long)coverage["examined"]! + skipped);
            if (profile == "full")
            {
                // Of some deleted files nothing is left to look at, and the books of NTFS are read as such.
                Assert.Equal(skipped, ((long?)coverage["skipped"]!["deleted, content gone"] ?? 0) + ((long?)coverage["skipped"]!["file system's own"] ?? 0));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task A_real_report_is_valid_under_the_published_schema(string sample)
    {
        NJsonSchema.JsonSchema schema = await NJsonSchema.JsonSchema.FromFileAsync(Repository.PathOf("docs", "report.schema.json"), TestContext.Current.CancellationToken);
        foreach (string profile in new[] { "triage", "full" })
        {
            Assert.Empty(schema.Validate(Deadbox.Text("scan", Image(sample), "--format", "json", "-q", "--profile", profile)).Take(5));
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Two_runs_with_any_number_of_threads_are_identical(string sample)
    {
        string one = Deadbox.Scan(Image(sample), "--threads", "1").Canonical;
        Assert.Equal(one, Deadbox.Scan(Image(sample), "--threads", "4").Canonical);
        Assert.Equal(one, Deadbox.Scan(Image(sample), "--threads", "3").Canonical);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Triage_finds_every_persistence_finding_of_the_standard_profile(string sample)
    {
        static HashSet<string> Persistence(JsonObject report) =>
        [
            .. report["findings"]!.AsArray().Where(finding => ((string)finding!["ruleId"]!)[1] == '-'
                && (string)finding["ruleId"]! is var id && !id[1..].StartsWith("-EXECLOC", StringComparison.Ordinal) && !id.StartsWith("L-MASQ", StringComparison.Ordinal)
                && (string)finding["category"]! is "persistence" or "access")
                .Select(finding => (string)finding!["ruleId"]! + " " + (string)finding["path"]! + " " + finding["line"]),
        ];
        Assert.Superset(Persistence(Deadbox.Scan(Image(sample)).Report), Persistence(Deadbox.Scan(Image(sample), "--profile", "triage").Report));
    }

    /// <summary>As the disk lies there, the newest entries do not exist yet and the deleted ones still do.</summary>
    [Fact]
    public void Without_its_journal_the_deleted_miner_tells_another_story()
    {
        JsonObject report = Deadbox.Scan(Image("deleted-miner"), "--journal", "ignore").Report;
        JsonObject[] findings = [.. report["findings"]!.AsArray().Select(node => node!.AsObject())];
        Assert.True((bool)report["coverage"]!["isIncomplete"]!);
        Assert.DoesNotContain(findings, finding => ((string)finding["ruleId"]!).StartsWith("L-DELETED-RUNNING.", StringComparison.Ordinal));
        Assert.DoesNotContain(findings, finding => finding.ContainsKey("journalState") || finding.ContainsKey("allocation"));
        Assert.DoesNotContain(findings, finding => (string?)finding["ruleId"] == "L-SSH-KEYS.known-bad-comment" || (string?)finding["ruleId"] == "L-CRON-USER.download-pipe-shell");
        Assert.Contains(findings, finding => (string?)finding["path"] == "/etc/cron.d/netd" && (string?)finding["severity"] == "critical");
    }

    private static string Image(string sample) => Repository.PathOf("samples", sample, sample + ".qcow2");

    private static int Rank(string severity) => Array.IndexOf(s_severities, severity);

    private static bool Satisfies(JsonObject finding, JsonObject wanted) =>
        ((string)finding["ruleId"]!).StartsWith((string)wanted["ruleIdPrefix"]!, StringComparison.Ordinal)
        && (string)finding["path"]! == (string)wanted["path"]!
        && (wanted["line"] is null || (int?)finding["line"] == (int?)wanted["line"])
        && (wanted["allocation"] is null || (string?)finding["allocation"] == (string?)wanted["allocation"])
        && (wanted["journalState"] is null || (string?)finding["journalState"] == (string?)wanted["journalState"])
        && Rank((string)finding["severity"]!) >= Rank((string)wanted["severityAtLeast"]!);
}
