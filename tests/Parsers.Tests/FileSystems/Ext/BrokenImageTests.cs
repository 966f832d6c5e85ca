using System.Diagnostics;
using System.Globalization;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>
/// The damaged images of e2fsprogs (<c>f_*</c>) that the kernel refuses or that were never mounted: our listing equals that of The Sleuth Kit, or the difference
/// stands, with its reason, in <c>differences.tsv</c> beside this file. Where The Sleuth Kit reads nothing, the table says that the copy repaired by e2fsck is
/// compared instead. Those the kernel mounts are in <see cref="SharedImageTests"/>.
/// </summary>
public sealed class BrokenImageTests
{
    private const string Absent = "absent";
    private const double MostSeconds = 5;

    /// <summary>A line of the table; <see cref="Key"/> is what a test run finds again.</summary>
    private sealed record Difference(string Image, string Path, string Column, string Ours, string Theirs)
    {
        public string Key => string.Join('\t', Image, Path, Column, Ours, Theirs);
    }

    public static TheoryData<string> Images()
    {
        var images = new TheoryData<string>();
        foreach (string image in SharedImages.Oracles().Where(o => o.View == "tsk" && o.Image.StartsWith("e2fsprogs/f_", StringComparison.Ordinal))
            .Where(o => !SharedImages.Oracles().Any(k => k.Volume == o.Volume && k.View == "kernel" && k.Listing != "-")).Select(o => o.Image.Split('/')[1]))
        {
            images.Add(image);
        }
        if (images.Count == 0)
        {
            images.Add(Absent);
        }
        return images;
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Listing_equals_the_oracle_or_the_difference_is_explained(string image)
    {
        SharedImages.Require();
        (string[] expected, string view) = Explained(image);
        SharedOracle oracle = SharedImages.Oracles().First(o => o.Image == "e2fsprogs/" + image + "/image.gz" && o.View == view);
        var clock = Stopwatch.StartNew();
        var context = ParseContext.Quiet with { Journal = JournalView.Ignore };
        IFileSystem fileSystem = new ExtFormat().Open(SharedImages.OpenVolume(oracle), context);
        List<WalkedFile> files;
        try
        {
            files = ExtWalk.Files(fileSystem, []);
        }
        catch (CorruptDataException)
        {
            // The root itself is gone.
            files = [];
        }
        List<Dictionary<string, string>> theirs = view == "tsk" ? [.. BodyFile.Read(oracle)] : [.. oracle.Rows().Where(row => row["path"] != "/").Select(WithWholeSeconds)];
        string[] found = [.. Compare(image, fileSystem, files, theirs).Select(difference => difference.Key).Order(StringComparer.Ordinal)];
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, MostSeconds);
        Assert.Equal(expected, found);
    }

    [Fact]
    public void The_table_names_images_that_exist_and_gives_every_reason()
    {
        Assert.All(Lines(), cells => Assert.True(cells.Length == 6 && cells[5].Length > 10, string.Join('|', cells)));
        if (SharedImages.Folder is not null)
        {
            string[] known = [.. Images().Select(row => row.Data)];
            Assert.All(Lines(), cells => Assert.Contains(cells[0], known));
        }
    }

    private static IEnumerable<Difference> Compare(string image, IFileSystem fileSystem, List<WalkedFile> files, List<Dictionary<string, string>> theirs)
    {
        var unmatched = files.Where(file => file.Path != "/").ToList();
        foreach (Dictionary<string, string> row in theirs)
        {
            ulong inode = ulong.Parse(row["inode"], CultureInfo.InvariantCulture);
            // Encrypted names are shown in another form by each tool: there the inode alone tells.
            WalkedFile? ours = unmatched.Find(file => file.Path == row["path"] && file.Entry.MetadataAddress == inode)
                ?? unmatched.Find(file => file.InEncryptedDirectory && file.Entry.MetadataAddress == inode);
            if (ours is null)
            {
                yield return new Difference(image, row["path"], "row", "-", row["inode"]);
                continue;
            }
            unmatched.Remove(ours);
            foreach ((string column, string value) in Columns(fileSystem, ours))
            {
                if (row.TryGetValue(column, out string? other) && other != value)
                {
                    yield return new Difference(image, ours.Path, column, value, other);
                }
            }
        }
        foreach (WalkedFile file in unmatched)
        {
            yield return new Difference(image, file.Path, "row", file.Entry.MetadataAddress.ToString(CultureInfo.InvariantCulture), "-");
        }
    }

    private static IEnumerable<(string Column, string Value)> Columns(IFileSystem fileSystem, WalkedFile file)
    {
        FileEntry entry = file.Entry;
        yield return ("type", ExtWalk.TypeLetter(entry.Type).ToString());
        yield return ("size", entry.Size.ToString(CultureInfo.InvariantCulture));
        yield return ("mode", Convert.ToString(entry.Permissions, 8).PadLeft(4, '0'));
        yield return ("uid", entry.UserId.ToString(CultureInfo.InvariantCulture));
        yield return ("gid", entry.GroupId.ToString(CultureInfo.InvariantCulture));
        yield return ("mtime", Seconds(entry.Modified));
        yield return ("ctime", Seconds(entry.Changed));
        yield return ("atime", Seconds(entry.Accessed));
        yield return ("crtime", Seconds(entry.Created));
        if (entry.IsEncrypted)
        {
            yield break;
        }
        yield return ("target", entry.Type == FileType.SymbolicLink ? ExtWalk.Target(fileSystem, entry) : "");
        if (entry.Type == FileType.Regular)
        {
            yield return ("md5", ExtWalk.Md5(fileSystem.OpenContent(entry)));
        }
    }

    private static Dictionary<string, string> WithWholeSeconds(Dictionary<string, string> row)
    {
        foreach (string column in (string[])["mtime", "ctime", "atime", "crtime"])
        {
            row[column] = row[column].Length == 0 ? "0" : row[column].Split('.')[0];
        }
        return row;
    }

    /// <summary>Whole seconds, which is all a body file has; 0 without a time.</summary>
    private static string Seconds(Timestamp? time) => (time?.Seconds ?? 0).ToString(CultureInfo.InvariantCulture);

    private static (string[] Expected, string View) Explained(string image)
    {
        string[][] lines = [.. Lines().Where(cells => cells[0] == image)];
        string view = lines.FirstOrDefault(cells => cells[2] == "view")?[3] ?? "tsk";
        return ([.. lines.Where(cells => cells[2] != "view").Select(cells => string.Join('\t', cells[..5])).Order(StringComparer.Ordinal)], view);
    }

    /// <summary>Image, path, column, ours, theirs, reason.</summary>
    private static IEnumerable<string[]> Lines()
    {
        using Stream stream = typeof(BrokenImageTests).Assembly.GetManifestResourceStream("differences.tsv") ?? throw new InvalidOperationException("differences.tsv is not embedded");
        using var reader = new StreamReader(stream);
        reader.ReadLine();
        var lines = new List<string[]>();
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line.Split('\t'));
        }
        return lines;
    }
}
