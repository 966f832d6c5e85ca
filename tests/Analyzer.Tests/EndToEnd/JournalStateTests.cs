using System.IO.Compression;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>
/// What <c>files</c> says the journal did, against two listings that the kernel gave of the same volume: mounted with replay and with noload. What is in one of them only was
/// added or removed, what differs in more than its access time was changed.
/// </summary>
public sealed class JournalStateTests : IDisposable
{
    private const int AccessTime = 10;

    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-state-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Fixtures => [.. Directory.GetFiles(Fixture(""), "plain.tsv", SearchOption.AllDirectories).Select(path => Path.GetFileName(Path.GetDirectoryName(path)!)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void States_are_what_two_mounts_by_the_kernel_differ_in(string name)
    {
        Dictionary<string, string[]> before = Listing(name, "plain.tsv");
        Dictionary<string, string[]> after = Listing(name, "replayed.tsv");
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in after.Keys.Union(before.Keys).Where(path => path != "/"))
        {
            string? state = !IsThere(before, path) ? "added" : !after.TryGetValue(path, out string[]? row) ? "removed" : Same(before[path], row) ? null : "changed";
            if (state is not null)
            {
                expected.Add(path, state);
            }
        }
        Assert.NotEmpty(expected);
        JsonObject[] rows = [.. Rows(Unpack(name))];
        var actual = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonObject row in rows.Where(row => row.ContainsKey("journalState") && (string)row["path"]! != "/"))
        {
            actual.Add((string)row["path"]!, (string)row["journalState"]!);
        }
        Assert.Equal(expected, actual);
        // What was removed follows the other rows, as deleted, and is what it was before.
        Assert.Equal(rows.Where(row => (string?)row["journalState"] == "removed"), rows[^expected.Values.Count(state => state == "removed")..]);
        foreach (JsonObject row in rows.Where(row => (string?)row["journalState"] == "removed"))
        {
            Assert.Equal("deleted", (string?)row["allocation"]);
            Assert.Equal((before[(string)row["path"]!][1], before[(string)row["path"]!][7]), ((string?)row["type"], row["inode"]!.ToString()));
        }
    }

    [Fact]
    public void Default_csv_and_bodyfile_stay_what_a_mount_shows()
    {
        string image = Unpack("csum-v3-64bit");
        Assert.DoesNotContain("/home/file3", Deadbox.Text("files", image), StringComparison.Ordinal);
        Assert.DoesNotContain("/home/file3", Deadbox.Text("files", image, "--format", "bodyfile"), StringComparison.Ordinal);
        string[] lines = Deadbox.Text("files", image, "--deleted", "--hash", "md5").TrimEnd('\n').Split('\n');
        Assert.EndsWith(",journal_state", lines[0], StringComparison.Ordinal);
        string removed = Assert.Single(lines, line => line.Contains(",/home/file3,", StringComparison.Ordinal));
        Assert.EndsWith(",removed", removed, StringComparison.Ordinal);
        Assert.Contains(",deleted,", removed, StringComparison.Ordinal);
        Assert.EndsWith(",added", Assert.Single(lines, line => line.Contains(",/etc/cron.d/update,", StringComparison.Ordinal)), StringComparison.Ordinal);
        // Renamed: the old name is gone, its content is what it was.
        string renamed = Assert.Single(lines, line => line.Contains(",/home/file4,", StringComparison.Ordinal));
        Assert.Contains("," + Listing("csum-v3-64bit", "plain.tsv")["/home/file4"][12] + ",", renamed, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_said_when_the_journal_is_ignored_or_clean()
    {
        Assert.DoesNotContain(Rows(Unpack("csum-v3-64bit"), "--journal", "ignore"), row => row.ContainsKey("journalState"));
        Assert.DoesNotContain(Rows(Repository.PathOf("samples/clean-linux/clean-linux.qcow2")), row => row.ContainsKey("journalState"));
    }

    [Fact]
    public void Of_a_changed_file_only_the_new_line_is_news()
    {
        JsonObject report = Deadbox.Scan(Unpack("csum-v3-64bit"), "--no-builtin-rules").Report;
        JsonObject[] accounts = [.. report["artifacts"]!.AsArray().Select(node => node!.AsObject()).Where(artifact => (string?)artifact["kind"] == "user-account")];
        Assert.Equal([null, "added"], accounts.OrderBy(account => (int)account["line"]!).Select(account => (string?)account["journalState"]));
        JsonNode finding = Assert.Single(report["findings"]!.AsArray(), finding => (string?)finding!["path"] == "/etc/passwd")!;
        Assert.Equal((2, "added"), ((int)finding["line"]!, (string?)finding["journalState"]));
        Assert.Contains("This entry exists only in the journal", (string)finding["message"]!, StringComparison.Ordinal);
    }

    private static IEnumerable<JsonObject> Rows(string image, params string[] options) =>
        Deadbox.Text(["files", image, "--format", "jsonl", .. options]).TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!.AsObject());

    private static Dictionary<string, string[]> Listing(string name, string file) =>
        File.ReadAllLines(Fixture(name + "/" + file)).Select(line => line.Split('\t')).ToDictionary(row => row[0], StringComparer.Ordinal);

    private static bool IsThere(Dictionary<string, string[]> listing, string path) => listing.ContainsKey(path);

    private static bool Same(string[] one, string[] other) => one.Where((_, column) => column != AccessTime).SequenceEqual(other.Where((_, column) => column != AccessTime));

    private static string Fixture(string path) => Repository.PathOf("tests/Parsers.Tests/FileSystems/Ext/Journal/fixtures/" + path);

    private string Unpack(string name)
    {
        string image = Path.Combine(_folder, name + ".raw");
        using var packed = new GZipStream(File.OpenRead(Fixture(name + "/image.gz")), CompressionMode.Decompress);
        using FileStream file = File.Create(image);
        packed.CopyTo(file);
        return image;
    }
}
