using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal.FastCommit;

/// <summary>
/// Images that were copied from under a mounted file system, against that file system and against the kernel's own replay. The two do not always agree:
/// docs/formats/ext.md says where the kernel's replay loses something.
/// </summary>
public sealed class FastCommitImageTests
{
    private const int Mebibytes = 32;

    public static TheoryData<string, string> Recordings() => new()
    {
        { "names", "-b 1024 -I 256" },
        { "names", "-b 4096 -I 256 -O ^metadata_csum" },
        { "names", "-b 1024 -I 128 -O ^metadata_csum,^64bit" },
        { "content,allocation", "-b 1024 -I 256" },
        { "content,allocation", "-b 4096 -I 256 -O ^metadata_csum" },
        { "content,allocation", "-b 2048 -I 128" },
        { "content", "-b 1024 -I 256 -O ^extents,^64bit" },
        { "many", "-b 1024 -I 256" },
        { "many", "-b 4096 -I 512" },
        { "rounds", "-b 1024 -I 256" },
        { "rounds", "-b 4096 -I 256 -O ^metadata_csum" },
        { "inline", "-b 1024 -I 256 -O inline_data" },
        { "inline", "-b 4096 -I 1024 -O inline_data,^metadata_csum" },
        { "names,content,allocation,many", "-b 4096 -I 256" },
        { "orphans", "-b 1024 -I 256" },
        { "orphans", "-b 4096 -I 256 -O orphan_file" },
    };

    [Theory]
    [MemberData(nameof(Recordings))]
    public void A_recorded_image_is_as_it_was_when_it_was_copied(string steps, string options) =>
        Check(FastCommitImage.Record(steps, Mebibytes, "-J size=8,fast_commit_size=2048 " + options));

    [Theory]
    [InlineData("names")]
    [InlineData("content")]
    [InlineData("inline")]
    [InlineData("orphans")]
    public void A_committed_image_is_as_it_was_when_it_was_copied(string name) => Check(FastCommitImage.Fixture(name));

    [Fact]
    public void Without_replay_the_image_is_older()
    {
        FastCommitImage image = FastCommitImage.Fixture("names");
        IFileSystem fileSystem = ExtWalk.Open(image.Source, journal: JournalView.Ignore);

        Assert.Contains(image.Live.Compare(fileSystem), d => d is { Path: "/made/a/b/c/leaf", Actual: "missing" });
        Assert.Equal("ignored", fileSystem.Facts.Journal?.View);
        Assert.Equal(image.FastCommits, fileSystem.Facts.Journal?.FastCommits);
    }

    [Fact]
    public void Fsck_shows_the_same_in_the_image_of_e2fsprogs()
    {
        SharedImages.Require();
        SharedOracle oracle = SharedImages.Oracles().Single(o => o.Image.Contains("j_recover_fast_commit", StringComparison.Ordinal) && o.View == "fsck");
        IFileSystem fileSystem = ExtWalk.Open(SharedImages.OpenVolume(oracle));

        Assert.Empty(new RecordedListing(File.ReadAllText(SharedImages.Unpack("oracles/" + oracle.Listing))).Compare(fileSystem));
        Assert.Equal(1, fileSystem.Facts.Journal?.FastCommits);
    }

    private static void Check(FastCommitImage image)
    {
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(image.Source, diagnostics);

        // Fast commits record neither times nor links of a directory; the access times of the live listing are younger than the copy.
        Assert.Empty(image.Live.Compare(fileSystem).Where(d => d.Column != "atime" && !(image.Live.IsDirectory(d.Path) && d.Column is ("mtime" or "ctime" or "nlink"))).Take(20));
        if (image.Kernel is not null)
        {
            Assert.Empty(image.Kernel.Compare(fileSystem).Where(d => !image.Live.Says(d.Path, d.Column, d.Actual)).Take(20));
        }
        Assert.Empty(diagnostics.Items);
        Assert.Equal("replayed", fileSystem.Facts.Journal?.View);
        Assert.Null(fileSystem.Facts.Journal?.Problem);
        Assert.Equal(image.FastCommits, fileSystem.Facts.Journal?.FastCommits);
    }
}
