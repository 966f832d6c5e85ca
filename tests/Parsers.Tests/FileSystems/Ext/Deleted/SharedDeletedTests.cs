using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Deleted;

/// <summary>Deleted names of images of other projects against The Sleuth Kit, which knows slack but not the journal.</summary>
public sealed class SharedDeletedTests
{
    private const double MostSeconds = 5;

    /// <summary>What fls lists and this reader does not, by image and inode, and why.</summary>
    private static readonly Dictionary<string, string> Explained = new(StringComparer.Ordinal)
    {
        ["f_h_normal 2048"] = "the count and limit of an index block, taken for a name",
        ["f_h_normal 67584"] = "the same; there is no such inode",
    };

    [Theory]
    [InlineData("f_badorphan")]
    [InlineData("f_badsymlinks")]
    [InlineData("f_encrypted_lpf")]
    [InlineData("f_extents")]
    [InlineData("f_h_normal")]
    [InlineData("f_holedir3")]
    [InlineData("f_orphan")]
    [InlineData("f_salvage_dir")]
    public void Every_name_that_fls_finds_is_found(string name)
    {
        SharedImages.Require();
        string path = SharedImages.Unpack($"e2fsprogs/{name}/image.gz");
        // fls does not replay the journal.
        IFileSystem fileSystem = ExtWalk.Open(new FileByteSource(path), journal: JournalView.Ignore);
        var deleted = (IDeletedFiles)fileSystem;
        HashSet<string> ours = [.. deleted.FindDeleted().Concat(deleted.FindOrphans()).Select(file => $"{file.Path} {file.File.MetadataAddress}")];
        // A name whose inode number was wiped says nothing when the name is there again.
        ours.UnionWith(ExtWalk.Files(fileSystem, []).Select(file => file.Path + " 0"));
        string[] missing = [.. DebugfsDeletedTests.NamesOfFls(path).Where(theirs => !ours.Contains(theirs) && !Explained.ContainsKey($"{name} {theirs.Split(' ')[^1]}"))];
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_shared_volume_is_searched_in_time()
    {
        SharedImages.Require();
        var slow = new List<string>();
        foreach (SharedOracle oracle in SharedImages.Oracles().Where(o => o.Image.StartsWith("e2fsprogs/", StringComparison.Ordinal) && o.View is "kernel" or "fsck" or "replayed").DistinctBy(o => o.Volume))
        {
            var source = SharedImages.OpenVolume(oracle);
            var clock = Stopwatch.StartNew();
            try
            {
                var deleted = (IDeletedFiles)ExtWalk.Open(source, new DiagnosticList());
                foreach (DeletedFile file in deleted.FindOrphans().Concat(deleted.FindDeleted()))
                {
                    Exercise.One((IFileSystem)deleted, file.File);
                }
            }
            catch (ForensicException failure)
            {
                Assert.NotEmpty(failure.Message);
            }
            if (clock.Elapsed.TotalSeconds > MostSeconds)
            {
                slow.Add($"{oracle.Volume}: {clock.Elapsed}");
            }
        }
        Assert.Empty(slow);
    }
}
