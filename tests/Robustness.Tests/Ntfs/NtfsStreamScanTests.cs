using System.Text.Json.Nodes;
using Forensics.Analyzer.Tests.EndToEnd;
using Xunit;

namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>Named streams in a scan: what each profile looks into, and that all are counted.</summary>
public sealed class NtfsStreamScanTests
{
    [Theory]
    [InlineData("triage")]
    [InlineData("standard")]
    [InlineData("full")]
    public void A_program_in_a_stream_is_found_in_every_profile_and_a_download_is_a_fact(string profile)
    {
        using var image = new NtfsFile(NtfsBase.Copy());
        JsonObject report = Deadbox.Scan(image.Path, "--no-builtin-rules", "--profile", profile).Report;
        NtfsHostileTests.AssertWitness(report);
        JsonNode mark = Assert.Single(report["artifacts"]!.AsArray(), item => (string?)item!["kind"] == "download-mark")!;
        Assert.Equal("https://example.org/w.txt", (string?)mark["fields"]!["hostUrl"]);
        Assert.Equal("Zone.Identifier", (string?)mark["stream"]);
        JsonNode coverage = report["coverage"]!;
        Assert.Equal((long)coverage["seen"]!, (long)coverage["examined"]! + coverage["skipped"]!.AsObject().Sum(pair => (long)pair.Value!));
    }

    [Fact]
    public void Every_stream_counts_once_however_many_names_its_file_has()
    {
        NtfsMaker.Require();
        using var image = new NtfsFile([]);
        NtfsMaker.Make(image.Path, 4, "-c 1024", root =>
        {
            File.WriteAllText(Path.Combine(root, "a.txt"), "x");
            File.WriteAllText(Path.Combine(root, "a.txt:one"), "1");
            File.WriteAllText(Path.Combine(root, "a.txt:two"), "2");
        });
        long before = Seen(image.Path);
        NtfsMaker.Fill(image.Path, root => NtfsMaker.Run("ln", [Path.Combine(root, "a.txt"), Path.Combine(root, "b.txt")]));
        Assert.Equal(before + 1, Seen(image.Path));
        NtfsMaker.Fill(image.Path, root => File.WriteAllText(Path.Combine(root, "b.txt:three"), "3"));
        Assert.Equal(before + 2, Seen(image.Path));
    }

    [Fact]
    public void A_stream_is_matched_by_the_rules_of_YARA_and_by_lists_of_digests()
    {
        using var image = new NtfsFile(NtfsBase.Copy());
        string folder = Path.GetDirectoryName(image.Path)!;
        string rule = Path.Combine(folder, "own.yar");
        File.WriteAllText(rule, "rule InStream { strings: $a = \"stream 31\" condition: $a }\n");
        string list = Path.Combine(folder, "own.csv");
        File.WriteAllText(list, NtfsListing.Md5(NtfsBase.Payload) + "\n");
        JsonObject report = Deadbox.Scan(image.Path, "--no-builtin-rules", "--rules", rule, "--hashes", list).Report;
        JsonNode found = Assert.Single(report["findings"]!.AsArray(), item => (string?)item!["ruleId"] == "YARA.InStream")!;
        Assert.Equal("stream-31", (string?)found["stream"]);
        Assert.Equal("payload.exe", (string?)Assert.Single(report["findings"]!.AsArray(), item => (string?)item!["ruleId"] == "HASH.known-bad")!["stream"]);
    }

    private static long Seen(string image) => (long)Deadbox.Scan(image, "--no-builtin-rules").Report["coverage"]!["seen"]!;
}
