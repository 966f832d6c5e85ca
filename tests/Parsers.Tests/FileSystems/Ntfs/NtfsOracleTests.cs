using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ntfs;
using Forensics.Parsers.Tests.FileSystems.Ext;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs;

/// <summary>Every NTFS volume of shared/images against what ntfs-3g listed of it: path, type, size, digest, times, names, attributes, link target, streams.</summary>
public sealed class NtfsOracleTests
{
    /// <summary>What is not as ntfs-3g says, and why.</summary>
    private static readonly (string Path, string Column, string Reason)[] s_explained =
    [
        ("/$Extend/$ObjId", "mode", "a file without unnamed data: ntfs-3g takes every right from it, here it is a file like others"),
        ("/$Extend/$Quota", "mode", "as $ObjId"),
        ("/$Extend/$Reparse", "mode", "as $ObjId"),
        // The kernel driver wrote the link with a native prefix and no drive; ntfs-3g does not know whether it can be followed.
        ("/file0/file1", "target", "unsupported reparse tag 0xa000000c"),
        ("/file0/file1", "size", "34"),
    ];

    public static TheoryData<string> Volumes()
    {
        var volumes = new TheoryData<string>();
        foreach (string volume in SharedImages.Oracles().Where(IsRead).Select(oracle => oracle.Volume).Distinct())
        {
            volumes.Add(volume);
        }
        if (volumes.Count == 0)
        {
            volumes.Add("absent");
        }
        return volumes;
    }

    [Theory]
    [MemberData(nameof(Volumes))]
    public void The_listing_equals_that_of_ntfs_3g(string volume)
    {
        SharedImages.Require();
        SharedOracle oracle = SharedImages.Oracles().First(candidate => candidate.Volume == volume && IsRead(candidate));
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = new NtfsFormat().Open(SharedImages.OpenVolume(oracle), ParseContext.Quiet with { Diagnostics = diagnostics });
        var streams = (IAlternateStreams)fileSystem;
        var byPath = ExtWalk.Files(fileSystem).ToDictionary(file => file.Path, file => file.Entry, StringComparer.Ordinal);
        var differences = new List<string>();
        var seen = new HashSet<string>();
        foreach (Dictionary<string, string> row in oracle.Rows())
        {
            if (row["type"] == "ads")
            {
                CompareStream(fileSystem, row, byPath, differences);
                continue;
            }
            seen.Add(row["path"]);
            if (byPath.TryGetValue(row["path"], out FileEntry? entry))
            {
                Compare(fileSystem, row, entry, differences);
            }
            else
            {
                differences.Add(row["path"] + ": missing");
            }
        }
        Assert.Empty(differences.Take(20));
        // ntfs-3g never lists the table itself.
        Assert.Equal(["/$MFT"], byPath.Keys.Where(path => !seen.Contains(path)));
        Assert.Empty(diagnostics.Items);
        // A stream of its own that ntfs-3g does not list: the bad clusters of the volume.
        string[] listed = [.. oracle.Rows().Where(row => row["type"] == "ads").Select(row => row["path"])];
        string[] ours = [.. byPath.Where(file => !file.Key.StartsWith("/$", StringComparison.Ordinal) || file.Key.StartsWith("/$Extend", StringComparison.Ordinal))
            .SelectMany(file => streams.ListStreams(file.Value).Select(stream => file.Key + ":" + stream.Name))];
        Assert.Equal(listed.Order(StringComparer.Ordinal), ours.Order(StringComparer.Ordinal));
    }

    private static void CompareStream(IFileSystem fileSystem, Dictionary<string, string> row, Dictionary<string, FileEntry> byPath, List<string> differences)
    {
        // The name of a stream has no slash, that of a file may have a colon.
        string path = row["path"];
        int colon = path.LastIndexOf(':');
        AlternateStream? stream = byPath.TryGetValue(path[..colon], out FileEntry? entry) ? ((IAlternateStreams)fileSystem).ListStreams(entry).FirstOrDefault(s => s.Name == path[(colon + 1)..]) : null;
        if (stream is null)
        {
            differences.Add(path + ": missing");
            return;
        }
        if (row["md5"].StartsWith('!'))
        {
            // Larger than an extended attribute can be: ntfs-3g could not read it so.
            return;
        }
        IByteSource content = fileSystem.OpenContent(entry!, stream.Name);
        if (stream.Size.ToString(CultureInfo.InvariantCulture) != row["size"] || content.Length != stream.Size)
        {
            differences.Add($"{path}: size is {stream.Size}, ntfs-3g says {row["size"]}");
        }
        string md5 = ExtWalk.Md5(content);
        if (md5 != row["md5"])
        {
            differences.Add($"{path}: md5 is {md5}, ntfs-3g says {row["md5"]}");
        }
    }

    private static void Compare(IFileSystem fileSystem, Dictionary<string, string> row, FileEntry entry, List<string> differences)
    {
        void Check(string column, string actual)
        {
            string expected = row[column];
            if (expected != actual && !expected.StartsWith('!') && !s_explained.Any(known => known.Path == row["path"] && known.Column == column && (column == "mode" || known.Reason == expected)))
            {
                differences.Add($"{row["path"]}: {column} is {actual}, ntfs-3g says {expected}");
            }
        }
        Check("type", ExtWalk.TypeLetter(entry.Type).ToString());
        Check("size", entry.Size.ToString(CultureInfo.InvariantCulture));
        Check("mode", Convert.ToString(entry.Permissions, 8).PadLeft(4, '0'));
        Check("uid", entry.UserId.ToString(CultureInfo.InvariantCulture));
        Check("gid", entry.GroupId.ToString(CultureInfo.InvariantCulture));
        Check("nlink", entry.LinkCount.ToString(CultureInfo.InvariantCulture));
        Check("inode", entry.MetadataAddress.ToString(CultureInfo.InvariantCulture));
        Check("mtime", ExtWalk.Time(entry.Modified));
        Check("ctime", ExtWalk.Time(entry.Changed));
        Check("atime", ExtWalk.Time(entry.Accessed));
        Check("crtime", ExtWalk.Time(entry.Created));
        Check("flags", string.Create(CultureInfo.InvariantCulture, $"0x{entry.DosAttributes:x}"));
        Check("target", ExtWalk.Target(fileSystem, entry));
        if (entry.Type == FileType.Regular)
        {
            Check("md5", ExtWalk.Md5(fileSystem.OpenContent(entry)));
        }
    }

    private static bool IsRead(SharedOracle oracle) => oracle.View == "ntfs3g" && oracle.Listing != "-";
}
