using System.Text;
using System.Text.RegularExpressions;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ntfs;
using Forensics.Parsers.Tests.FileSystems.Ext;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs;

/// <summary>Files deleted through ntfs-3g: their paths and what is left of them.</summary>
public sealed class NtfsDeletedTests
{
    private const string DeleteSome = """
        mkdir -p dir/gone/inner keep
        printf 'resident secret' > dir/small
        seq 1 20000 > dir/large
        seq 1 30000 > dir/gone/inner/nested
        printf 'stays' > dir/stays
        ln dir/large keep/second
        cp dir/large dir/overwritten
        sync
        rm dir/small dir/gone/inner/nested dir/overwritten
        rmdir dir/gone/inner dir/gone
        """;

    [Fact]
    public void Deleted_files_have_their_paths_and_their_content()
    {
        using NtfsImage image = NtfsImage.Make("", 20);
        image.Mounted(DeleteSome);
        Dictionary<string, DeletedFile> files = Deleted(image, out IFileSystem fileSystem);
        Assert.Equal("resident secret", Text(fileSystem, files["/dir/small"]));
        Assert.Equal(Certainty.Intact, files["/dir/small"].Certainty);
        Assert.Equal(Certainty.Intact, files["/dir/gone/inner/nested"].Certainty);
        Assert.Equal(string.Join('\n', Enumerable.Range(1, 30000)) + "\n", Text(fileSystem, files["/dir/gone/inner/nested"]));
        Assert.Equal(FileType.Directory, files["/dir/gone"].File.Type);
        Assert.DoesNotContain("/dir/stays", files.Keys);
        Assert.DoesNotContain("/dir/large", files.Keys);
        Assert.Empty(((IDeletedFiles)fileSystem).FindOrphans());
        FileEntry directory = ExtWalk.Files(fileSystem).Single(file => file.Path == "/dir").Entry;
        string[] inDirectory = [.. ((IDeletedFiles)fileSystem).FindDeletedIn(directory, "/dir").Select(file => file.DisplayPath).Order(StringComparer.Ordinal)];
        Assert.Equal(["/dir/gone", "/dir/overwritten", "/dir/small"], inDirectory);
    }

    [Fact]
    public void Content_that_was_given_away_is_said_to_be()
    {
        using NtfsImage image = NtfsImage.Make("", 6);
        image.Mounted(DeleteSome);
        // Everything that is free becomes somebody's, but records that are free stay so.
        image.Mounted("seq 1 9999999 > keep/filler || true");
        Dictionary<string, DeletedFile> files = Deleted(image, out IFileSystem fileSystem);
        DeletedFile overwritten = files["/dir/overwritten"];
        if (fileSystem.Open(overwritten.File.MetadataAddress).Allocation == Allocation.Deleted)
        {
            Assert.Equal(Certainty.PossiblyOverwritten, overwritten.Certainty);
        }
        Assert.Contains(files.Values, file => file.Certainty == Certainty.PossiblyOverwritten);
    }

    [Fact]
    public void A_name_whose_record_was_given_away_is_found_in_the_slack_of_the_index()
    {
        using NtfsImage image = NtfsImage.Make("", 20);
        // Enough names for index records; the last of a record leaves its key behind.
        image.Mounted("""
            mkdir dir
            for i in $(seq 100 160); do printf x > dir/name-$i-with-some-length; done
            sync
            for i in $(seq 140 160); do rm dir/name-$i-with-some-length; done
            """);
        image.Mounted("for i in $(seq 1 40); do printf y > new-$i; done");
        Dictionary<string, DeletedFile> files = Deleted(image, out _);
        DeletedFile[] names = [.. files.Values.Where(file => file.DisplayPath.StartsWith("/dir/name-1", StringComparison.Ordinal) && file.Certainty == Certainty.MetadataOnly)];
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains("index", name.NameFrom, StringComparison.Ordinal));
        Assert.All(names, name => Assert.Matches(new Regex("^/dir/name-1[456][0-9]-with-some-length$"), name.DisplayPath));
    }

    /// <summary>What fls lists as deleted is listed here; more may be.</summary>
    [Fact]
    public void Everything_that_The_Sleuth_Kit_finds_is_found()
    {
        if (!NtfsImage.HasTool("fls"))
        {
            Assert.Skip("needs sleuthkit");
        }
        using NtfsImage image = NtfsImage.Make("", 20);
        image.Mounted(DeleteSome);
        image.Mounted("for i in 1 2 3; do printf z > keep/later-$i; done; rm keep/later-2");
        Dictionary<string, DeletedFile> files = Deleted(image, out _);
        string[] theirs = [.. Encoding.UTF8.GetString(NtfsImage.Shell("fls -r -d -p \"$1\"", image.Path)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t')).Where(cells => !cells[1].StartsWith("$OrphanFiles/OrphanFile-", StringComparison.Ordinal))
            .Select(cells => "/" + cells[1].Replace(" (realloc)", "", StringComparison.Ordinal)).Distinct()];
        Assert.NotEmpty(theirs);
        Assert.All(theirs, path => Assert.Contains(path, files.Keys));
    }

    private static Dictionary<string, DeletedFile> Deleted(NtfsImage image, out IFileSystem fileSystem)
    {
        var diagnostics = new DiagnosticList();
        fileSystem = NtfsMadeImageTests.Open(image, diagnostics);
        DeletedFile[] found = [.. ((IDeletedFiles)fileSystem).FindDeleted()];
        Assert.Equal(found.OrderBy(file => file.DisplayPath, StringComparer.Ordinal).ThenBy(file => file.File.MetadataAddress).Select(file => file.DisplayPath), found.Select(file => file.DisplayPath));
        Assert.All(found, file => Assert.Equal(Allocation.Deleted, file.File.Allocation));
        Assert.Empty(diagnostics.Items);
        IFileSystem opened = fileSystem;
        Assert.All(found, file => Exercise.One(opened, file.File));
        return found.GroupBy(file => file.DisplayPath).ToDictionary(group => group.Key, group => group.First());
    }

    private static string Text(IFileSystem fileSystem, DeletedFile file) => Encoding.UTF8.GetString(fileSystem.OpenContent(file.File).ReadArray(0, 1 << 20));
}
