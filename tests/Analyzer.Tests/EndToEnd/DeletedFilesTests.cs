using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>Orphans and deleted files through the program: <c>files --deleted</c> in every format, and <c>cat</c>, on an image of which is known what was deleted.</summary>
public sealed class DeletedFilesTests : IDisposable
{
    private const string FrozenHeader = "volume,path,type,size,mode,uid,gid,nlink,inode,mtime,ctime,atime,crtime,flags,target,md5,sha1,sha256";
    private const string Evil = "* * * * * root /tmp/.cache/miner\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-deleted-").FullName;
    private readonly string _image;

    /// <summary>Path to the columns that were written down before the deletion: allocation, certainty, path, inode, type, size, mtime, md5.</summary>
    private readonly Dictionary<string, string[]> _expected;

    public DeletedFilesTests()
    {
        string fixture = Repository.PathOf("tests", "Parsers.Tests", "FileSystems", "Ext", "Deleted", "fixtures", "ext4");
        _image = Path.Combine(_folder, "disk.raw");
        using (var packed = new GZipStream(File.OpenRead(Path.Combine(fixture, "image.gz")), CompressionMode.Decompress))
        using (FileStream plain = File.Create(_image))
        {
            packed.CopyTo(plain);
        }
        _expected = File.ReadAllLines(Path.Combine(fixture, "expected.tsv")).Select(line => line.Split('\t')).Where(row => row[0] != "absent").ToDictionary(row => row[2], StringComparer.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Csv_has_four_more_columns_when_asked_and_only_then()
    {
        string[] plain = Lines(Deadbox.Text("files", _image));
        Assert.Equal(FrozenHeader, plain[0]);
        Assert.DoesNotContain(plain, line => line.Contains("/tmp/miner", StringComparison.Ordinal));
        string[] lines = Lines(Deadbox.Text("files", _image, "--deleted", "--hash", "md5"));
        Assert.Equal(FrozenHeader + ",allocation,certainty,journal_copy,journal_state", lines[0]);
        // First the entries of the volume, as without the option, then what has no name.
        // (Of the directories, replay changed some.)
        Assert.Equal(Lines(Deadbox.Text("files", _image, "--hash", "md5"))[1..].Select(line => line + ",allocated,,,"), lines[1..plain.Length].Select(line => line[..(line.LastIndexOf(',') + 1)]));
        string[][] rows = [.. lines[plain.Length..].Select(line => line.Split(','))];
        Assert.Equal(_expected.Keys.Order(StringComparer.Ordinal), rows.Select(row => row[1]).Order(StringComparer.Ordinal));
        Assert.Equal("orphan", rows[0][18]);
        foreach (string[] row in rows)
        {
            string[] expected = _expected[row[1]];
            Assert.Equal([expected[0], expected[3], expected[4], expected[5]], [row[18], row[8], row[2], row[3]]);
            if (expected[7].Length == 32)
            {
                Assert.Equal((expected[7], expected[1]), (row[15], row[19]));
            }
        }
    }

    [Fact]
    public void Jsonl_has_orphans_always_and_deleted_files_when_asked()
    {
        JsonObject orphan = Assert.Single(Json("files", _image, "--format", "jsonl"), row => row.ContainsKey("allocation"));
        Assert.Equal(("/tmp/miner", "orphan", "intact"), ((string?)orphan["path"], (string?)orphan["allocation"], (string?)orphan["certainty"]));
        Assert.False(orphan.ContainsKey("journalCopy"));
        JsonObject[] rows = [.. Json("files", _image, "--format", "jsonl", "--deleted", "--path", "/etc/**").Where(row => row.ContainsKey("allocation"))];
        JsonObject evil = Assert.Single(rows);
        Assert.Equal(("/etc/cron.d/evil", "deleted", "intact", 0), ((string?)evil["path"], (string?)evil["allocation"], (string?)evil["certainty"], (int?)evil["journalCopy"]));
        Assert.StartsWith("20", (string?)evil["dtime"], StringComparison.Ordinal);
    }

    [Fact]
    public void The_body_file_marks_deleted_names_as_fls_does()
    {
        // An image on which The Sleuth Kit finds names too: debugfs leaves them in slack.
        string image = Path.Combine(_folder, "ext2.raw");
        Run("mke2fs", "-q", "-t", "ext2", "-b", "1024", "-I", "128", image, "4096");
        string content = Path.Combine(_folder, "content");
        File.WriteAllText(content, Evil);
        string script = Path.Combine(_folder, "script");
        File.WriteAllLines(script, ["mkdir d", $"write {content} d/kept", $"write {content} d/gone", "sif d/gone mode 0104755", "symlink d/link target", "rm d/gone", "rm d/link"]);
        Run("debugfs", "-w", "-f", script, image);
        string[] ours = [.. Lines(Deadbox.Text("files", image, "--deleted", "--format", "bodyfile")).Where(line => line.Contains(" (deleted)", StringComparison.Ordinal))];
        string[] theirs = [.. Lines(Run("fls", "-r", "-d", "-m", "/", image)).Where(line => line.Length > 0)];
        Assert.Equal(theirs.Order(StringComparer.Ordinal), ours.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Cat_reads_orphans_and_older_states_and_says_when_nothing_is_left()
    {
        byte[] miner = Deadbox.Run("cat", _image, "--inode", _expected["/tmp/miner"][3]).Output;
        Assert.Equal(_expected["/tmp/miner"][7], Convert.ToHexStringLower(MD5.HashData(miner)));
        string evil = _expected["/etc/cron.d/evil"][3];
        Assert.Equal(Evil, Deadbox.Text("cat", _image, "--inode", evil, "--journal-copy", "0"));
        (int code, byte[] output, string error) = Deadbox.Run("cat", _image, "--inode", evil);
        Assert.Equal(3, code);
        Assert.Empty(output);
        Assert.Matches(@"was deleted and where its content lay is not known any more; the journal holds \d older states? \(--journal-copy 0 is the newest\)\n$", error);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("there are not so many", "--inode", "17", "--journal-copy", "99")]
    [InlineData("not a number", "--inode", "17", "--journal-copy", "-1")]
    [InlineData("without an inode", "/etc/cron.d/keep", "--journal-copy", "0")]
    public void A_wrong_journal_copy_is_a_usage_error(string why, params string[] arguments)
    {
        Assert.NotEmpty(why);
        (int code, byte[] output, string error) = Deadbox.Run(["cat", _image, .. arguments]);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.NotEmpty(error);
    }

    private static IEnumerable<JsonObject> Json(params string[] arguments) => Lines(Deadbox.Text(arguments)).Where(line => line.Length > 0).Select(line => JsonNode.Parse(line)!.AsObject());

    private static string[] Lines(string text) => text.TrimEnd('\n').Split('\n');

    private static string Run(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
        start.Environment["PATH"] += ":/usr/sbin:/sbin";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, tool + ": " + errors.Result);
        return output;
    }
}
