using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Deleted;

/// <summary>Files removed by debugfs, which leaves names in slack and maps in inodes as old systems did, against The Sleuth Kit and the content that was put in.</summary>
public sealed class DebugfsDeletedTests
{
    private static readonly string[] Removed = ["/f0", "/f1", "/f5000", "/few/with space", "/few/umläut", "/few/日本語", "/nested/b/c/d/e/f/leaf", "/unwritten", "/sparse", "/extents"];

    public static TheoryData<string, int> Options() => new()
    {
        { "-t ext2 -b 1024", 24 },
        { "-t ext2 -b 4096", 24 },
        { "-t ext2 -b 1024 -O ^filetype", 24 },
        { "-t ext2 -r 0 -b 1024", 24 },
        { "-t ext3 -b 2048 -J size=4", 32 },
        { "-t ext4 -b 1024 -g 8192", 40 },
        { "-t ext4", 32 },
        { "-t ext4 -b 1024 -O ^metadata_csum,uninit_bg", 32 },
        { "-t ext4 -b 1024 -O meta_bg,^resize_inode -g 1024", 40 },
        { "-t ext4 -b 1024 -C 16384 -O bigalloc", 40 },
        { "-t ext4 -b 1024 -I 256 -O inline_data", 32 },
        { "-t ext4 -b 65536 -N 512", 96 },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Removed_files_come_back_with_their_content(string options, int mebibytes)
    {
        using ExtImage image = ExtImage.Make(options, mebibytes);
        image.Debugfs(Removed.Select(path => $"rm \"{path}\""), write: true);
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(image.Bytes()), new DiagnosticList());
        DeletedFile[] all = [.. ((IDeletedFiles)fileSystem).FindDeleted()];
        DeletedFile[] files = [.. all.Where(file => file.Path is not null)];
        Assert.Equal(Removed.Order(StringComparer.Ordinal), files.Select(file => file.Path));
        foreach (DeletedFile file in files)
        {
            byte[] expected = File.ReadAllBytes(ExtImage.Tree + file.Path);
            if (file.File.MetadataAddress == 0)
            {
                // The first entry of its block, or of an inline directory: only its inode number was wiped, so name and file stand apart.
                Assert.Equal(Certainty.MetadataOnly, file.Certainty);
                Assert.Contains(all, other => other.Path is null && fileSystem.OpenContent(other.File).ReadArray(0, expected.Length).AsSpan().SequenceEqual(expected));
                continue;
            }
            Assert.Equal(expected.Length, file.File.Size);
            Assert.NotNull(file.File.Deleted);
            Assert.Null(file.JournalCopy);
            Assert.Equal("slack of the directory", file.NameFrom);
            // An empty file looks like one that was wiped.
            Assert.Equal(expected.Length == 0 ? Certainty.MetadataOnly : Certainty.Intact, file.Certainty);
            using var content = new FileByteSource(ExtImage.Tree + file.Path);
            Assert.True(ExtWalk.Md5(content) == ExtWalk.Md5(fileSystem.OpenContent(file.File)), file.Path);
        }
        // The Sleuth Kit reads neither inline directories, nor clusters, nor blocks of 64 KiB.
        if (!new[] { "inline_data", "bigalloc", "65536" }.Any(feature => options.Contains(feature, StringComparison.Ordinal)))
        {
            Assert.Equal(NamesOfFls(image.Path), files.Select(file => $"{file.Path} {file.File.MetadataAddress}").Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("-t ext2 -b 1024")]
    [InlineData("-t ext4 -b 1024")]
    public void A_removed_tree_comes_back_with_its_paths(string options)
    {
        using ExtImage image = ExtImage.Make(options, 32);
        image.Debugfs(["rm nested/b/c/d/e/f/leaf", "rmdir nested/b/c/d/e/f", "rmdir nested/b/c/d/e", "rmdir nested/b/c/d", "rmdir nested/b/c"], write: true);
        var fileSystem = (IDeletedFiles)ExtWalk.Open(new MemorySource(image.Bytes()));
        DeletedFile[] files = [.. fileSystem.FindDeleted()];
        Assert.Equal(["/nested/b/c", "/nested/b/c/d", "/nested/b/c/d/e", "/nested/b/c/d/e/f", "/nested/b/c/d/e/f/leaf"], files.Select(file => file.Path));
        Assert.Equal("a block of a deleted directory", files[^1].NameFrom);
        Assert.Equal("leaf\n", Encoding.ASCII.GetString(((IFileSystem)fileSystem).OpenContent(files[^1].File).ReadArray(0, 100)));
    }

    [Theory]
    [InlineData("-t ext4 -b 1024")]
    [InlineData("-t ext4 -b 1024 -O ^metadata_csum")]
    public void Names_in_a_hashed_directory_are_found(string options)
    {
        using ExtImage image = ExtImage.Make(options, 32);
        ExtImage.Tool("e2fsck", ["-fyD", image.Path], mostExitCode: 1);
        string[] removed = [.. Enumerable.Range(0, 1200).Where(i => i % 7 == 3).Select(i => string.Create(CultureInfo.InvariantCulture, $"/many/first-with-a-fairly-long-name-{i}"))];
        // The names lead to one inode that keeps others: it is not deleted. Of the first name in a block only the inode number is wiped.
        image.Debugfs([.. removed.Select(path => "unlink " + path)], write: true);
        DeletedFile[] wiped = [.. ((IDeletedFiles)ExtWalk.Open(new MemorySource(image.Bytes()))).FindDeleted()];
        Assert.InRange(wiped.Length, 1, removed.Length / 4);
        Assert.All(wiped, file => Assert.Equal((0UL, Certainty.MetadataOnly), (file.File.MetadataAddress, file.Certainty)));
        string inode = Regex.Match(image.Debugfs(["stat /many/first"]), @"Inode: (\d+)", RegexOptions.CultureInvariant).Groups[1].Value;
        image.Debugfs([$"sif <{inode}> links_count 0", $"sif <{inode}> dtime @1700000000", $"freei <{inode}>"], write: true);
        var fileSystem = (IDeletedFiles)ExtWalk.Open(new MemorySource(image.Bytes()));
        Assert.Equal(removed.Order(StringComparer.Ordinal), fileSystem.FindDeleted().Select(file => file.Path));
    }

    [Fact]
    public void Content_that_another_file_has_now_is_possibly_overwritten()
    {
        using ExtImage image = ExtImage.Make("-t ext2 -b 1024", 8, withTree: false);
        string first = image.NewFile("first", [.. Enumerable.Repeat((byte)'1', 3000)]);
        string second = image.NewFile("second", [.. Enumerable.Repeat((byte)'2', 1000)]);
        image.Debugfs([$"write {first} first", "rm first", $"write {first} spare", $"write {second} second", "rm spare"], write: true);
        DeletedFile[] files = [.. ((IDeletedFiles)ExtWalk.Open(new MemorySource(image.Bytes()))).FindDeleted()];
        // The inode of "first" went to "spare", so its name is taken for a rename; "spare" is whole.
        DeletedFile spare = Assert.Single(files, file => file.Path == "/spare");
        Assert.Equal(Certainty.Intact, spare.Certainty);
        string block = image.Debugfs(["blocks <" + spare.File.MetadataAddress + ">"]).Split('\n')[1].Trim().Split(' ')[1];
        image.Debugfs(["setb " + block], write: true);
        Assert.Equal(Certainty.PossiblyOverwritten, Assert.Single(((IDeletedFiles)ExtWalk.Open(new MemorySource(image.Bytes()))).FindDeleted(), file => file.Path == "/spare").Certainty);
    }

    [Fact]
    public void A_deleted_inode_without_a_name_is_found_by_its_map()
    {
        using ExtImage image = ExtImage.Make("-t ext2 -b 1024", 24);
        string inode = Regex.Match(image.Debugfs(["stat /f5000"]), @"Inode: (\d+)", RegexOptions.CultureInvariant).Groups[1].Value;
        image.Debugfs(["rm f5000"], write: true);
        // Slack is cleared as new systems do: what e2fsck -D packs anew holds no remnants.
        ExtImage.Tool("e2fsck", ["-fyD", image.Path], mostExitCode: 1);
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(image.Bytes()));
        DeletedFile file = Assert.Single(((IDeletedFiles)fileSystem).FindDeleted(), file => file.File.MetadataAddress.ToString(CultureInfo.InvariantCulture) == inode);
        using var content = new FileByteSource(ExtImage.Tree + "/f5000");
        Assert.Equal(ExtWalk.Md5(content), ExtWalk.Md5(fileSystem.OpenContent(file.File)));
    }

    /// <summary>PATH INODE of what fls lists as deleted, as far as inode and name were not given out again.</summary>
    internal static IEnumerable<string> NamesOfFls(string image)
    {
        var start = new ProcessStartInfo("fls", ["-r", "-d", "-p", "-f", "ext", image]) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8 };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("fls did not start");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return [.. Regex.Matches(output, @"^\S+ \* (\d+):\t(.*)$", RegexOptions.CultureInvariant | RegexOptions.Multiline)
            .Where(match => !match.Groups[2].Value.StartsWith("$OrphanFiles", StringComparison.Ordinal))
            .Select(match => $"/{match.Groups[2].Value} {match.Groups[1].Value}").Order(StringComparer.Ordinal)];
    }
}
