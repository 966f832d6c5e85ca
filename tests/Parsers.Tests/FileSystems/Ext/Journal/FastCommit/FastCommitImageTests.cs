using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal.FastCommit;

/// <summary>Images recorded here from a mounted file system, against that file system and against the kernel's own replay.</summary>
public sealed class FastCommitImageTests
{
    private const int Mebibytes = 32;

    public static TheoryData<string, string> Recordings() => new()
    {
        { "names", "-b 1024 -I 256" },
        { "names", "-b 4096 -I 256 -O ^metadata_csum" },
        { "names", "-b 1024 -I 128 -O ^metadata_csum,^64bit" },
        { "content", "-b 1024 -I 256" },
        { "content", "-b 4096 -I 256 -O ^metadata_csum" },
        { "content", "-b 2048 -I 128" },
        { "content", "-b 1024 -I 256 -O ^extents,^64bit" },
        { "many", "-b 1024 -I 256" },
        { "many", "-b 4096 -I 512" },
        { "rounds", "-b 1024 -I 256" },
        { "rounds", "-b 4096 -I 256 -O ^metadata_csum" },
        { "inline", "-b 1024 -I 256 -O inline_data" },
        { "inline", "-b 4096 -I 1024 -O inline_data,^metadata_csum" },
        { "names,content,many", "-b 4096 -I 256" },
        { "orphans", "-b 1024 -I 256" },
        { "orphans", "-b 4096 -I 256 -O orphan_file" },
    };

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Everything_is_as_it_was_when_the_image_was_copied(string steps, string options)
    {
        FastCommitImage image = FastCommitImage.Record(steps, Mebibytes, "-J size=8,fast_commit_size=2048 " + options);
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(image.Source, diagnostics);

        // Fast commits record neither times nor links of a directory; the access times of the listing are younger than the copy.
        Assert.Empty(image.Live!.Differences(fileSystem, row => row["type"] == "d" ? ["mtime", "ctime", "nlink", "atime"] : ["atime"]).Take(20));
        if (image.Kernel is not null)
        {
            Assert.Empty(image.Kernel.Differences(fileSystem).Take(20));
        }
        Assert.Empty(diagnostics.Items);
        Assert.Equal("replayed", fileSystem.Facts.Journal?.View);
        Assert.Null(fileSystem.Facts.Journal?.Problem);
        Assert.Equal(image.FastCommits, fileSystem.Facts.Journal?.FastCommits);
    }
}
