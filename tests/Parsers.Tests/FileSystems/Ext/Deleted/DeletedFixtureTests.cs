using System.Globalization;
using System.Text.RegularExpressions;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Deleted;

/// <summary>Files deleted on a running system against what was known of each before: everything comes back, and nothing that lives on is listed.</summary>
public sealed class DeletedFixtureTests
{
    public static TheoryData<string> Committed() => [.. DeletedFixture.Committed];

    public static TheoryData<string> Makeable() => ["ext4", "orphan-file", "ext4-4k", "ext3", "no-csum", "inline", "bigalloc", "no-filetype", "journal-data", "fast-commit"];

    [Theory]
    [MemberData(nameof(Committed))]
    public void What_was_deleted_is_brought_back_from_a_committed_image(string name) => Compare(DeletedFixture.Open(name));

    [Theory]
    [MemberData(nameof(Makeable))]
    public void What_was_deleted_is_brought_back_from_an_image_made_now(string name)
    {
        // Fast commits need not record when a name was taken.
        Compare(DeletedFixture.Make(name), hasTimes: name != "fast-commit");
    }

    [Fact]
    public void When_the_journal_has_gone_round_nothing_is_left()
    {
        DeletedFixture fixture = DeletedFixture.Make("lost");
        IDeletedFiles deleted = Open(fixture.Image, out _);
        Assert.DoesNotContain(deleted.FindDeleted(), file => fixture.Absent.Contains(file.Path));
        Assert.Empty(deleted.FindOrphans());
    }

    [Theory]
    [MemberData(nameof(Committed))]
    public void Orphans_are_those_that_e2fsck_clears(string name)
    {
        byte[] image = DeletedFixture.Open(name).Image;
        IDeletedFiles deleted = Open(image, out _);
        Assert.Equal(OrphansOfE2fsck(image), deleted.FindOrphans().Select(file => file.File.MetadataAddress));
    }

    [Theory]
    [MemberData(nameof(Committed))]
    public void One_directory_shows_what_the_whole_volume_shows_of_it(string name)
    {
        IDeletedFiles deleted = Open(DeletedFixture.Open(name).Image, out IFileSystem fileSystem);
        DeletedFile[] all = [.. deleted.FindDeleted()];
        foreach (WalkedFile directory in ExtWalk.Files(fileSystem).Where(file => file.Entry.Type == FileType.Directory))
        {
            string prefix = directory.Path == "/" ? "/" : directory.Path + "/";
            IEnumerable<string> expected = all
                .Where(file => file.Path is { } path && path.StartsWith(prefix, StringComparison.Ordinal) && path.IndexOf('/', prefix.Length) < 0).Select(Words);
            Assert.Equal(expected, deleted.FindDeletedIn(directory.Entry, directory.Path).Select(Words));
        }
    }

    [Theory]
    [MemberData(nameof(Committed))]
    public void Older_states_are_numbered_and_differ(string name)
    {
        IDeletedFiles deleted = Open(DeletedFixture.Open(name).Image, out IFileSystem fileSystem);
        int numbered = 0;
        foreach (DeletedFile file in deleted.FindDeleted())
        {
            IReadOnlyList<FileEntry> copies = deleted.JournalCopies(file.File.MetadataAddress);
            Assert.Equal(copies.Count, copies.Select(copy => $"{copy.Size} {copy.LinkCount} {copy.Modified} {copy.Changed} {copy.Permissions} {copy.Deleted}").Distinct().Count());
            if (file.JournalCopy is { } number)
            {
                numbered++;
                Assert.Equal(ExtWalk.Md5(fileSystem.OpenContent(file.File)), ExtWalk.Md5(fileSystem.OpenContent(copies[number])));
                Assert.Equal(file.Certainty, deleted.CertaintyOf(copies[number]));
            }
        }
        Assert.InRange(numbered, 4, 100);
        Assert.Empty(deleted.JournalCopies(0));
        Assert.Empty(deleted.JournalCopies(ulong.MaxValue));
    }

    [Fact]
    public void What_replay_would_bring_is_not_taken_for_the_past()
    {
        DeletedFixture fixture = DeletedFixture.Open("ext4");
        var plain = (IDeletedFiles)ExtWalk.Open(new MemorySource(fixture.Image), journal: JournalView.Ignore);
        // On the disk nothing of the journal is older than the first transaction to be replayed.
        Assert.DoesNotContain(plain.FindDeleted(), file => file.JournalCopy is not null);
    }

    private static void Compare(DeletedFixture fixture, bool hasTimes = true)
    {
        IDeletedFiles deleted = Open(fixture.Image, out IFileSystem fileSystem, out DiagnosticList diagnostics);
        DeletedFile[] orphans = [.. deleted.FindOrphans()];
        DeletedFile[] files = [.. deleted.FindDeleted()];
        Assert.All(orphans, file => Assert.Equal(Allocation.Orphan, file.File.Allocation));
        Assert.All(files, file => Assert.Equal(Allocation.Deleted, file.File.Allocation));
        var differences = new List<string>();
        foreach (ExpectedFile expected in fixture.Expected)
        {
            DeletedFile[] found = [.. (expected.Allocation == "orphan" ? orphans : files).Where(file => file.DisplayPath == expected.Path)];
            if (found.Length != 1)
            {
                differences.Add($"{expected.Path}: {found.Length} times");
                continue;
            }
            Compare(expected, found[0], fileSystem, differences);
            if (hasTimes)
            {
                Assert.Equal(expected.Allocation == "deleted", found[0].File.Deleted is not null);
            }
        }
        Assert.Empty(differences);
        Assert.Empty(orphans.Concat(files).Select(file => file.DisplayPath).Except(fixture.Expected.Select(expected => expected.Path)));
        Assert.Equal(files.Select(file => file.DisplayPath).Order(StringComparer.Ordinal), files.Select(file => file.DisplayPath));
        // The walk names the orphan by its links only: it is not damage.
        Assert.Empty(diagnostics.Items);
    }

    private static void Compare(ExpectedFile expected, DeletedFile file, IFileSystem fileSystem, List<string> differences)
    {
        void Check(string what, string wanted, string actual)
        {
            if (wanted != "*" && wanted != actual)
            {
                differences.Add($"{expected.Path}: {what} is {actual}, was {wanted}");
            }
        }
        Check("inode", expected.Inode, file.File.MetadataAddress.ToString(CultureInfo.InvariantCulture));
        Check("type", expected.Type, ExtWalk.TypeLetter(file.File.Type).ToString());
        Check("size", expected.Size, file.File.Size.ToString(CultureInfo.InvariantCulture));
        Check("mtime", expected.Modified, file.File.Modified?.SecondsText ?? "none");
        Check("certainty", expected.Certainty, file.Certainty switch { Certainty.Intact => "intact", Certainty.PossiblyOverwritten => "possibly overwritten", _ => "metadata only" });
        Check("md5", expected.Md5, file.File.Type == FileType.Regular ? ExtWalk.Md5(fileSystem.OpenContent(file.File)) : "-");
        if (file.File.Type == FileType.SymbolicLink)
        {
            Check("target", "../etc/cron.d/evil", ExtWalk.Target(fileSystem, file.File));
        }
        Check("the name's origin", "True", (file.NameFrom is not null).ToString());
    }

    /// <summary>The inodes e2fsck names as orphans, in its order.</summary>
    internal static IEnumerable<ulong> OrphansOfE2fsck(byte[] image)
    {
        string folder = Directory.CreateTempSubdirectory("deadbox-e2fsck-").FullName;
        string path = Path.Combine(folder, "image");
        File.WriteAllBytes(path, image);
        string output = ExtImage.Tool("e2fsck", ["-fy", path], mostExitCode: 1);
        Directory.Delete(folder, recursive: true);
        return [.. Regex.Matches(output, @"Clearing orphaned inode (\d+)", RegexOptions.CultureInvariant).Select(match => ulong.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
    }

    private static string Words(DeletedFile file) =>
        string.Create(CultureInfo.InvariantCulture, $"{file.Path} {file.File.MetadataAddress} {file.File.Size} {file.Certainty} {file.JournalCopy} {file.NameFrom}");

    private static IDeletedFiles Open(byte[] image, out IFileSystem fileSystem) => Open(image, out fileSystem, out _);

    private static IDeletedFiles Open(byte[] image, out IFileSystem fileSystem, out DiagnosticList diagnostics)
    {
        diagnostics = new DiagnosticList();
        fileSystem = ExtWalk.Open(new MemorySource(image), diagnostics);
        return Assert.IsAssignableFrom<IDeletedFiles>(fileSystem);
    }
}
