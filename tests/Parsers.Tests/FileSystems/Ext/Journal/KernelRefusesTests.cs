using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>Images of shared/images whose journal the kernel refuses: what is shown instead, with the reason, stands in <c>kernel-refuses.tsv</c>.</summary>
public sealed class KernelRefusesTests
{
    private const string MovedByFsck = "/journal";
    private static readonly string Table = Path.Combine(AppContext.BaseDirectory, "FileSystems", "Ext", "Journal", "kernel-refuses.tsv");

    public static TheoryData<string> Images() => [.. Rows().Select(row => row[0])];

    [Theory]
    [MemberData(nameof(Images))]
    public void What_the_kernel_refuses_is_read_as_by_e2fsck(string image)
    {
        SharedImages.Require();
        string[] row = Rows().Single(row => row[0] == image);
        string path = SharedImages.Unpack(image);
        var diagnostics = new DiagnosticList();
        using var volume = new FileByteSource(path);
        var fileSystem = (ExtFileSystem)ExtWalk.Open(volume, diagnostics);
        Assert.Equal(row[1], fileSystem.Facts.Journal?.View);
        Assert.Equal(row[2].Length == 0 ? [] : [row[2]], diagnostics.Items.Select(d => d.Code).Where(code => code.StartsWith("ext4.journal.", StringComparison.Ordinal)));
        Assert.Equal(row[1] == "not replayable", fileSystem.Facts.NeedsRecovery);
        if (row[3] == "fsck")
        {
            CompareListing(image, fileSystem);
        }
        else
        {
            E2fsckReplayTests.Compare(volume.ReadArray(0, (int)volume.Length), new JournalDamage(volume.ReadArray(0, (int)volume.Length)), image);
        }
    }

    [Fact]
    public void Every_image_whose_replay_the_kernel_refuses_is_in_the_table()
    {
        SharedImages.Require();
        string[] refused = [.. SharedImages.Oracles().Where(oracle => oracle is { View: "replayed", Listing: "-" }).Select(oracle => oracle.Volume)];
        // Fast commits have tests of their own.
        Assert.Equal(refused.Where(volume => !volume.Contains("fast_commit", StringComparison.Ordinal)).Order(StringComparer.Ordinal), Rows().Select(row => row[0]).Order(StringComparer.Ordinal));
    }

    private static void CompareListing(string image, IFileSystem fileSystem)
    {
        SharedOracle oracle = SharedImages.Oracles().Single(oracle => oracle.Volume == image && oracle.View == "fsck");
        var expected = oracle.Rows().ToDictionary(row => row["path"], row => (row["type"], row["size"], row["md5"]), StringComparer.Ordinal);
        var actual = ExtWalk.Files(fileSystem).Where(file => file.Path != MovedByFsck).ToDictionary(file => file.Path, file =>
            (ExtWalk.TypeLetter(file.Entry.Type).ToString(), Invariant(file.Entry.Size), file.Entry.Type == FileType.Regular ? ExtWalk.Md5(fileSystem.OpenContent(file.Entry)) : ""), StringComparer.Ordinal);
        Assert.Equal(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), actual.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    private static string Invariant(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<string[]> Rows() => File.ReadAllLines(Table).Skip(1).Select(line => line.Split('\t'));
}
