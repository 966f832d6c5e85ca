using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>A scan of file systems of which was written down what was deleted: an orphan in <c>/tmp</c> and a cron file that started something.</summary>
public sealed class DeletedPersistenceTests : IDisposable
{
    private const string Orphan = "/tmp/miner";
    private const string CronFile = "/etc/cron.d/evil";

    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-gone-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Fixtures => [.. Directory.GetDirectories(Fixture("")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData("triage")]
    [InlineData("standard")]
    [InlineData("full")]
    public void A_deleted_cron_file_is_judged_one_level_lower_in_every_profile(string profile)
    {
        JsonObject[] findings = Findings(Deadbox.Scan(Unpack("ext4"), "--profile", profile).Report);
        JsonObject finding = Assert.Single(findings, finding => (string?)finding["path"] == CronFile);
        // A hidden program in /tmp that root's cron starts is high where it is.
        Assert.Equal(("L-CRON-SYS.temp-exec", "medium"), ((string?)finding["ruleId"], (string?)finding["severity"]));
        Assert.Equal(("deleted", "intact", 0, 1), ((string?)finding["allocation"], (string?)finding["certainty"], (int?)finding["journalCopy"], (int?)finding["line"]));
        Assert.Contains("The file was deleted; recovered from", (string)finding["message"]!, StringComparison.Ordinal);
        Assert.Empty(finding["remediation"]!.AsArray());
        Assert.Equal(["/etc/cron.d/keep"], Jobs(Deadbox.Scan(Unpack("ext4"), "--profile", profile).Report, deleted: false));
    }

    [Theory]
    [InlineData("triage")]
    [InlineData("standard")]
    [InlineData("full")]
    public void An_orphan_is_examined_in_every_profile(string profile)
    {
        string rules = Path.Combine(_folder, "own.yar");
        File.WriteAllText(rules, "rule Own_Miner { meta: severity = \"high\" technique = \"T1496\" strings: $a = \"the miner itself\" condition: $a }");
        string image = Unpack("ext4");
        JsonObject plain = Assert.Single(Findings(Deadbox.Scan(image, "--profile", profile).Report), finding => (string?)finding["path"] == Orphan);
        Assert.Equal(("L-DELETED-RUNNING.data", "info", "orphan"), ((string?)plain["ruleId"], (string?)plain["severity"], (string?)plain["allocation"]));
        Assert.Equal(Expected("ext4", Orphan)[7], (string?)plain["hashes"]!["md5"]);
        Assert.Equal(Expected("ext4", Orphan)[3], plain["inode"]!.ToString());
        JsonObject matched = Assert.Single(Findings(Deadbox.Scan(image, "--profile", profile, "--rules", rules).Report), finding => (string?)finding["path"] == Orphan);
        Assert.Equal(("L-DELETED-RUNNING.known-malware", "critical"), ((string?)matched["ruleId"], (string?)matched["severity"]));
        Assert.Contains("T1496", matched["techniques"]!.AsArray().Select(technique => (string?)technique));
        string hashes = Path.Combine(_folder, "bad.csv");
        File.WriteAllText(hashes, "md5,name\n" + Expected("ext4", Orphan)[7] + ",the miner\n");
        JsonObject listed = Assert.Single(Findings(Deadbox.Scan(image, "--profile", profile, "--hashes", hashes).Report), finding => (string?)finding["path"] == Orphan);
        Assert.Equal(("L-DELETED-RUNNING.known-malware", "critical"), ((string?)listed["ruleId"], (string?)listed["severity"]));
    }

    [Fact]
    public void The_full_profile_searches_every_deleted_file()
    {
        string rules = Path.Combine(_folder, "own.yar");
        File.WriteAllText(rules, "rule Own { meta: severity = \"high\" strings: $a = \"piece 7\" condition: $a }");
        string image = Unpack("ext4");
        Assert.DoesNotContain(Findings(Deadbox.Scan(image, "--rules", rules).Report), finding => (string?)finding["ruleId"] == "YARA.Own");
        JsonObject finding = Assert.Single(Findings(Deadbox.Scan(image, "--profile", "full", "--rules", rules).Report), finding => (string?)finding["ruleId"] == "YARA.Own");
        Assert.Equal(("/tmp/pieces", "deleted", "medium"), ((string?)finding["path"], (string?)finding["allocation"], (string?)finding["severity"]));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Reports_add_up_are_valid_and_do_not_depend_on_threads(string fixture)
    {
        NJsonSchema.JsonSchema schema = await NJsonSchema.JsonSchema.FromFileAsync(Repository.PathOf("docs", "report.schema.json"), TestContext.Current.CancellationToken);
        string image = Unpack(fixture);
        foreach (string profile in new[] { "triage", "standard", "full" })
        {
            (JsonObject report, string canonical) = Deadbox.Scan(image, "--profile", profile, "--threads", "1");
            Assert.Equal(canonical, Deadbox.Scan(image, "--profile", profile, "--threads", "4").Canonical);
            JsonNode coverage = report["coverage"]!;
            Assert.Equal((long)coverage["seen"]!, (long)coverage["examined"]! + coverage["skipped"]!.AsObject().Sum(pair => (long)pair.Value!));
            Assert.False((bool)coverage["isIncomplete"]!);
            Assert.Empty(schema.Validate(report.ToJsonString()).Take(3));
        }
        // Every file that is known to be gone was met by the full profile, the orphan by all.
        int gone = Deadbox.Text("files", image, "--deleted").Split('\n').Count(line => line.Split(',') is { Length: > 20 } columns && columns[18] is "deleted" or "orphan");
        long entries = Deadbox.Text("files", image).Split('\n').Length - 2;
        Assert.Equal(entries + gone, (long)Deadbox.Scan(image, "--profile", "full").Report["coverage"]!["seen"]!);
        Assert.True((long)Deadbox.Scan(image, "--profile", "triage").Report["coverage"]!["seen"]! > entries);
    }

    [Fact]
    public void The_console_says_what_a_file_is()
    {
        string text = Deadbox.Text("scan", Unpack("ext4"), "-v", "--no-color");
        Assert.Contains("State     deleted, content intact, from the journal (copy 0)", text, StringComparison.Ordinal);
        Assert.Contains("State     deleted but still in use (orphan), content intact", text, StringComparison.Ordinal);
    }

    /// <summary>Paths of the cron jobs in a report, of those that are there or of the deleted ones.</summary>
    private static IEnumerable<string?> Jobs(JsonObject report, bool deleted) => report["artifacts"]!.AsArray()
        .Where(artifact => (string?)artifact!["kind"] == "cron-job" && artifact["allocation"] is not null == deleted).Select(artifact => (string?)artifact!["path"]).Distinct();

    private static JsonObject[] Findings(JsonObject report) => [.. report["findings"]!.AsArray().Select(node => node!.AsObject())];

    /// <summary>The line that was written down before the deletion.</summary>
    private static string[] Expected(string fixture, string path) =>
        File.ReadAllLines(Fixture(fixture + "/expected.tsv"), Encoding.UTF8).Select(line => line.Split('\t')).Single(row => row[2] == path);

    private static string Fixture(string path) => Repository.PathOf("tests/Parsers.Tests/FileSystems/Ext/Deleted/fixtures/" + path);

    private string Unpack(string name)
    {
        string image = Path.Combine(_folder, name + ".raw");
        using var packed = new GZipStream(File.OpenRead(Fixture(name + "/image.gz")), CompressionMode.Decompress);
        using FileStream file = File.Create(image);
        packed.CopyTo(file);
        return image;
    }
}
