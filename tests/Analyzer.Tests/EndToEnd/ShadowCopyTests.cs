using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary><c>--snapshot vss1</c> and <c>{GUID}</c> on volumes with shadow copies: what was deleted since is there.</summary>
public sealed class ShadowCopyTests : IDisposable
{
    private const string FirstCopy = "{00000001-00c0-0002-0304-05060708090a}";
    private const string FirstSet = "{00000001-005e-0002-0304-05060708090a}";
    private readonly Machine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void What_was_deleted_since_is_read_through_the_copy()
    {
        string image = ShadowCopiedVolume.Make(_machine, "c.raw");
        Assert.Equal(ShadowCopiedVolume.Miner, Deadbox.Text("cat", image, "/ProgramData/svchost.cmd", "--snapshot", "vss1"));
        Assert.Equal("first\n", Deadbox.Text("cat", image, "/note.txt", "--snapshot", "VSS1"));
        Assert.Equal("second\n", Deadbox.Text("cat", image, "/note.txt", "--snapshot", "vss2"));
        foreach (string wanted in new[] { FirstCopy, FirstCopy.Trim('{', '}').ToUpperInvariant(), FirstSet })
        {
            Assert.Equal("first\n", Deadbox.Text("cat", image, "/note.txt", "--snapshot", wanted));
        }
        Assert.NotEqual(0, Deadbox.Run("cat", image, "/note.txt").Code);
        byte[] large = Deadbox.Run("cat", image, "/large.bin", "--snapshot", "vss1").Output;
        Assert.Equal(Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7)), large);
    }

    [Fact]
    public void Every_verb_works_on_a_copy_and_says_so()
    {
        string image = ShadowCopiedVolume.Make(_machine, "c.raw");
        string[] Paths(params string[] options) => [.. Deadbox.Text(["files", image, .. options]).Split('\n').Where(line => line.Contains("note.txt", StringComparison.Ordinal) || line.Contains("svchost.cmd", StringComparison.Ordinal))];
        Assert.Empty(Paths());
        Assert.Equal(2, Paths("--snapshot", "vss1").Length);
        Assert.Single(Paths("--snapshot", "vss2"));
        string inode = JsonNode.Parse(Paths("--snapshot", "vss1", "--format", "jsonl").First(line => line.Contains("svchost", StringComparison.Ordinal)))!["inode"]!.ToString();
        Assert.Equal(ShadowCopiedVolume.Miner, Deadbox.Text("cat", image, "--inode", inode, "--snapshot", "vss1"));

        JsonObject report = Deadbox.Scan(image, "--snapshot", "vss1").Report;
        JsonNode shown = report["image"]!["volumes"]![0]!["shadowCopy"]!;
        Assert.Equal(("vss1", FirstCopy, FirstSet, "2026-03-01T04:05:06Z"), ((string?)shown["name"], (string?)shown["id"], (string?)shown["setId"], (string?)shown["taken"]));
        Assert.Empty(ReportSchema.Errors(report));
        Assert.Null(Deadbox.Scan(image).Report["image"]!["volumes"]![0]!["shadowCopy"]);
        Assert.Contains("disk@0 as shadow copy vss1 " + FirstCopy, string.Join(' ', Deadbox.Text("scan", image, "--snapshot", "vss1", "-q").Split(' ', '\n').Where(word => word.Length > 0)), StringComparison.Ordinal);
    }

    [Fact]
    public void Info_lists_the_copies_and_marks_the_opened_one()
    {
        string image = ShadowCopiedVolume.Make(_machine, "c.raw");
        string Words(params string[] options) => string.Join(' ', Deadbox.Text(["info", image, .. options]).Split(' ', '\n').Where(word => word.Length > 0));
        Assert.Contains("vss1 " + FirstCopy + ", taken 2026-03-01T04:05:06Z, set " + FirstSet + ", by WS01.corp.example", Words(), StringComparison.Ordinal);
        Assert.DoesNotContain("; opened", Words(), StringComparison.Ordinal);
        Assert.Contains("; opened", Words("--snapshot", "vss2"), StringComparison.Ordinal);
        JsonNode volume = JsonNode.Parse(Deadbox.Text("info", image, "--format", "json", "--snapshot", "vss2"))!["image"]!["volumes"]![0]!;
        Assert.Equal(["vss1", "vss2"], volume["shadowCopies"]!.AsArray().Select(copy => (string?)copy!["name"]));
        Assert.Equal("vss2", (string?)volume["shadowCopy"]!["name"]);
    }

    [Fact]
    public void A_copy_that_no_volume_has_is_a_mistake_of_the_user()
    {
        string image = ShadowCopiedVolume.Make(_machine, "c.raw");
        foreach (string wanted in new[] { "vss3", "vss0", "{00000009-0000-0000-0000-000000000000}", "daily" })
        {
            (int code, byte[] output, string error) = Deadbox.Run("files", image, "--snapshot", wanted);
            Assert.Equal((2, 0), (code, output.Length));
            Assert.Contains("vss1 on disk@0 of 2026-03-01T04:05:06Z, vss2 on disk@0", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Of_several_volumes_each_opens_its_own_copy_or_that_of_the_set_and_one_without_says_so()
    {
        string system = ShadowCopiedVolume.Make(_machine, "c.raw");
        string data = ShadowCopiedVolume.Make(_machine, "d.raw", number: 3, copies: 1);
        string image = _machine.Disk("disk.raw", "label: dos", (system, "type=7"), (data, "type=7"));
        string[] Shown(params string[] options)
        {
            JsonNode info = JsonNode.Parse(Deadbox.Text(["info", image, "--format", "json", .. options]))!;
            string[] diagnostics = [.. info["diagnostics"]!.AsArray().Where(item => (string?)item!["code"] == "vss.absent").Select(item => "absent " + (string?)item!["volume"])];
            return [.. info["image"]!["volumes"]!.AsArray().Select(volume => (string?)volume!["shadowCopy"]?["name"] ?? "today"), .. diagnostics];
        }
        Assert.Equal(["today", "today"], Shown());
        Assert.Equal(["vss1", "vss1"], Shown("--snapshot", "vss1"));
        Assert.Equal(["vss2", "today", "absent mbr2@26214400"], Shown("--snapshot", "vss2"));
        // The copy of the second volume was made in the same set as the first.
        Assert.Equal(["vss1", "vss1"], Shown("--snapshot", FirstCopy));
        Assert.Equal(["vss1", "vss1"], Shown("--snapshot", "{00000001-00c0-0003-0304-05060708090a}"));
    }

    [Fact]
    public void A_copy_that_cannot_be_read_is_never_replaced_by_the_volume_of_today()
    {
        string image = ShadowCopiedVolume.Make(_machine, "c.raw");
        byte[] volume = File.ReadAllBytes(image);
        // Every list of blocks.
        for (int at = 16 << 20; at < volume.Length; at += 0x4000)
        {
            if (volume[at] == 0x6B && volume[at + 20] == 3)
            {
                volume[at] = 0;
            }
        }
        File.WriteAllBytes(image, volume);
        (int code, _, string error) = Deadbox.Run("cat", image, "/large.bin", "--snapshot", "vss1");
        Assert.Equal(3, code);
        Assert.Contains("the list of blocks of vss1", error, StringComparison.Ordinal);
        Assert.Equal(0, Deadbox.Run("cat", image, "/large.bin").Code);
    }
}
