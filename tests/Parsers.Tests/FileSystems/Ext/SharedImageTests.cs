using System.Diagnostics;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>Every ext volume of shared/images against what the kernel saw in it, mounted without journal replay and with it.</summary>
public sealed class SharedImageTests
{
    private const string Absent = "absent";

    public static TheoryData<string> KernelVolumes() => Volumes(o => o.View == "kernel" && o.Listing != "-");

    public static TheoryData<string> ReplayedVolumes() => Volumes(o => o.View == "replayed" && o.Listing != "-");

    public static TheoryData<string> AllVolumes() => Volumes(o => o.View is "kernel" or "fsck" or "replayed");

    [Theory]
    [MemberData(nameof(KernelVolumes))]
    public void Listing_without_the_journal_equals_the_kernels(string volume) => CompareListing(Find(volume, o => o.View == "kernel"), JournalView.Ignore);

    [Theory]
    [MemberData(nameof(ReplayedVolumes))]
    public void Listing_after_replay_equals_the_kernels(string volume) => CompareListing(Find(volume, o => o.View == "replayed"), JournalView.Replay);

    private static void CompareListing(SharedOracle oracle, JournalView view)
    {
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(SharedImages.OpenVolume(oracle), diagnostics, view);
        List<WalkedFile> files = ExtWalk.Files(fileSystem);
        var byPath = files.Where(f => !f.InEncryptedDirectory).ToDictionary(f => f.Path, f => f.Entry, StringComparer.Ordinal);
        var encrypted = files.Where(f => f.InEncryptedDirectory).ToDictionary(f => f.Entry.MetadataAddress, f => f.Entry);
        var hashes = new Dictionary<ulong, string>();
        int rows = 0;
        var differences = new List<string>();
        foreach (Dictionary<string, string> row in oracle.Rows())
        {
            rows++;
            string path = row["path"];
            // Without the key the kernel shows made-up names in an encrypted directory: those rows are found by inode.
            if (!byPath.TryGetValue(path, out FileEntry? entry) && !encrypted.TryGetValue(ulong.Parse(row["inode"], CultureInfo.InvariantCulture), out entry))
            {
                differences.Add(path + ": missing");
                continue;
            }
            Compare(fileSystem, row, entry, hashes, differences);
        }
        Assert.Empty(differences.Take(20));
        Assert.Equal(rows, files.Count);
        Assert.DoesNotContain(diagnostics.Items, d => d.Code.EndsWith(".checksum", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(AllVolumes))]
    public void Every_volume_is_read_or_refused_in_time(string volume)
    {
        SharedOracle oracle = Find(volume, o => o.View is "kernel" or "fsck" or "replayed");
        IByteSource source = SharedImages.OpenVolume(oracle);
        var clock = Stopwatch.StartNew();
        try
        {
            IFileSystem fileSystem = ExtWalk.Open(source);
            foreach (WalkedFile file in ExtWalk.Files(fileSystem, []))
            {
                Exercise.One(fileSystem, file.Entry);
            }
        }
        catch (ForensicException failure)
        {
            Assert.NotEmpty(failure.Message);
        }
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    private static void Compare(IFileSystem fileSystem, Dictionary<string, string> row, FileEntry entry, Dictionary<ulong, string> hashes, List<string> differences)
    {
        void Check(string column, string actual)
        {
            // "!126" and the like: the kernel refused; an empty flags cell: it cannot be asked for links and devices.
            if (row[column] != actual && !row[column].StartsWith('!') && !(column == "flags" && row[column].Length == 0))
            {
                differences.Add($"{row["path"]}: {column} is {actual}, kernel {row[column]}");
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
        Check("flags", string.Create(CultureInfo.InvariantCulture, $"0x{entry.Flags:x}"));
        if (entry.IsEncrypted && entry.Type != FileType.Directory)
        {
            Assert.Throws<UnsupportedFeatureException>(() => fileSystem.OpenContent(entry));
            return;
        }
        Check("target", ExtWalk.Target(fileSystem, entry));
        Check("xattrs", ExtWalk.Attributes(fileSystem, entry));
        if (entry.Type == FileType.Regular)
        {
            if (!hashes.TryGetValue(entry.MetadataAddress, out string? md5))
            {
                hashes.Add(entry.MetadataAddress, md5 = ExtWalk.Md5(fileSystem.OpenContent(entry)));
            }
            Check("md5", md5);
        }
    }

    private static SharedOracle Find(string volume, Func<SharedOracle, bool> wanted)
    {
        SharedImages.Require();
        SharedOracle oracle = SharedImages.Oracles().First(o => o.Volume == volume && wanted(o));
        return oracle;
    }

    private static TheoryData<string> Volumes(Func<SharedOracle, bool> wanted)
    {
        var volumes = new TheoryData<string>();
        foreach (string volume in SharedImages.Oracles().Where(o => wanted(o) && (o.Method.Contains("ext4", StringComparison.Ordinal) || o.Method.Contains("e2fsck", StringComparison.Ordinal)))
            .Select(o => o.Volume).Distinct())
        {
            volumes.Add(volume);
        }
        if (volumes.Count == 0)
        {
            volumes.Add(Absent);
        }
        return volumes;
    }
}
