using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>Damage put into sound images: what can still be read is read, the rest is named, nothing hangs or crashes.</summary>
public sealed class DamagedImageTests
{
    private const int PrimarySuperblock = 1024;

    [Theory]
    [InlineData("-t ext4 -b 1024 -g 8192")]
    [InlineData("-t ext4 -b 1024 -g 2048")]
    [InlineData("-t ext2 -b 2048 -g 4096")]
    [InlineData("-t ext4 -b 1024 -O sparse_super2,^resize_inode")]
    public void A_wiped_superblock_is_replaced_by_its_backup(string options)
    {
        using ExtImage image = ExtImage.Make(options, 40);
        string[] before = Listing(image.Bytes());
        byte[] damaged = image.Bytes();
        damaged.AsSpan(0, PrimarySuperblock * 2).Clear();
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(damaged), diagnostics);
        Assert.Equal(before, Listing(fileSystem));
        Assert.Contains(diagnostics.Items, d => d.Code == "ext4.superblock.backup");
    }

    [Fact]
    public void A_backup_of_old_tools_that_does_not_know_its_group_is_used()
    {
        using ExtImage image = ExtImage.Make("-t ext2 -b 1024 -g 8192", 40);
        byte[] damaged = image.Bytes();
        BinaryPrimitives.WriteUInt16LittleEndian(damaged.AsSpan(8193 * 1024 + 0x5A), 0);
        BinaryPrimitives.WriteUInt16LittleEndian(damaged.AsSpan(24577 * 1024 + 0x5A), 0);
        damaged.AsSpan(PrimarySuperblock, PrimarySuperblock).Clear();
        Assert.Equal(Listing(image.Bytes()), Listing(damaged));
    }

    [Fact]
    public void A_superblock_with_an_impossible_block_size_is_replaced_by_its_backup()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -g 8192", 40);
        byte[] damaged = image.Bytes();
        BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(PrimarySuperblock + 0x18), 30);
        Assert.Equal(Listing(image.Bytes()), Listing(damaged));
    }

    [Fact]
    public void A_wrong_superblock_checksum_is_reported_and_read_over()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -L before", 32);
        byte[] damaged = image.Bytes();
        damaged[PrimarySuperblock + 0x78] = (byte)'B';
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(damaged), diagnostics);
        Assert.Equal("Before", fileSystem.Facts.Label);
        Assert.Equal(["ext4.superblock.checksum"], diagnostics.Items.Select(d => d.Code));
        Assert.NotEmpty(ExtWalk.Files(fileSystem));
    }

    [Theory]
    [InlineData("-t ext4 -b 1024 -g 8192", 2)]
    [InlineData("-t ext2 -b 1024 -g 8192", 2)]
    [InlineData("-t ext4 -b 1024 -g 8192 -O ^metadata_csum,uninit_bg", 2)]
    [InlineData("-t ext4 -b 2048 -g 4096", 1)]
    [InlineData("-t ext4 -b 1024 -g 1024 -O meta_bg,^resize_inode", 2)]
    public void Wiped_group_descriptors_are_replaced_by_their_backups(string options, int block)
    {
        using ExtImage image = ExtImage.Make(options, 40);
        byte[] damaged = image.Bytes();
        int blockSize = 1024 << damaged[PrimarySuperblock + 0x18];
        damaged.AsSpan(block * blockSize, blockSize).Clear();
        var diagnostics = new DiagnosticList();
        Assert.Equal(Listing(image.Bytes()), Listing(ExtWalk.Open(new MemorySource(damaged), diagnostics)));
        Assert.Contains(diagnostics.Items, d => d.Code.StartsWith("ext4.group_descriptor.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_wrong_group_descriptor_checksum_is_replaced_by_the_backup()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -g 8192", 40);
        byte[] damaged = image.Bytes();
        damaged[2 * 1024 + 8] ^= 1;
        var diagnostics = new DiagnosticList();
        Assert.Equal(Listing(image.Bytes()), Listing(ExtWalk.Open(new MemorySource(damaged), diagnostics)));
        Assert.Contains(diagnostics.Items, d => d.Code == "ext4.group_descriptor.checksum");
    }

    [Fact]
    public void Unknown_incompatible_features_are_refused_by_name()
    {
        using ExtImage image = ExtImage.Make("-t ext2 -b 1024", 8, withTree: false);
        byte[] changed = image.Bytes();
        Span<byte> incompatible = changed.AsSpan(PrimarySuperblock + 0x60);
        BinaryPrimitives.WriteUInt32LittleEndian(incompatible, BinaryPrimitives.ReadUInt32LittleEndian(incompatible) | 0x8004_0001);
        var failure = Assert.Throws<UnsupportedFeatureException>(() => ExtWalk.Open(new MemorySource(changed)));
        Assert.Contains("compression, FEATURE_I18, FEATURE_I31", failure.Message, StringComparison.Ordinal);
        File.WriteAllBytes(image.Path, changed);
        string header = ExtImage.Tool("dumpe2fs", ["-f", "-h", image.Path], mostExitCode: 1);
        Assert.Contains("FEATURE_I31", header, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_read_only_features_are_listed_and_read()
    {
        using ExtImage image = ExtImage.Make("-t ext2 -b 1024", 8, withTree: false);
        byte[] changed = image.Bytes();
        changed[PrimarySuperblock + 0x67] |= 0x80;
        changed[PrimarySuperblock + 0x5F] |= 0x80;
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(changed));
        Assert.Contains("FEATURE_R31", fileSystem.Facts.Features);
        Assert.Contains("FEATURE_C31", fileSystem.Facts.Features);
        Assert.Equal(["/", "/lost+found"], ExtWalk.Files(fileSystem).Select(f => f.Path));
    }

    [Fact]
    public void An_external_journal_is_refused_by_name()
    {
        using ExtImage image = ExtImage.Make("-O journal_dev -b 4096", 8, withTree: false);
        var failure = Assert.Throws<UnsupportedFeatureException>(() => ExtWalk.Open(new MemorySource(image.Bytes())));
        Assert.Contains("journal_dev", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(1500)]
    [InlineData(1 << 20)]
    public void What_is_no_ext_is_unknown(int length)
    {
        var data = new byte[length];
        new Random(length).NextBytes(data);
        Assert.False(new ExtFormat().Matches(data));
        Assert.Throws<UnknownFormatException>(() => ExtWalk.Open(new MemorySource(data)));
    }

    [Fact]
    public void An_extent_block_that_names_itself_is_visited_once()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -O ^metadata_csum", 32);
        byte[] damaged = image.Bytes();
        (int node, int block) = ExtentNode(image, damaged, "/extents");
        Assert.Equal(0xF30A, BinaryPrimitives.ReadUInt16LittleEndian(damaged.AsSpan(node)));
        BinaryPrimitives.WriteUInt16LittleEndian(damaged.AsSpan(node + 6), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(node + 12 + 4), (uint)block);
        Assert.Contains("ext4.extent.loop", CodesOf(damaged, "/extents"));
    }

    [Theory]
    [InlineData(6, 0xFFFF, "ext4.extent.depth")]
    [InlineData(2, 0xFFFF, "ext4.extent.entries")]
    [InlineData(0, 0x1234, "ext4.extent.magic")]
    [InlineData(12 + 10, 0x7F, "ext4.extent.range")]
    [InlineData(12 + 4, 0, "ext4.extent.length")]
    public void A_damaged_extent_node_is_named(int field, int value, string code)
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -O ^metadata_csum", 32);
        byte[] damaged = image.Bytes();
        // The first node of the lowest level: its records are runs.
        (int node, _) = ExtentNode(image, damaged, "/extents", leaf: true);
        BinaryPrimitives.WriteUInt16LittleEndian(damaged.AsSpan(node + field), (ushort)value);
        Assert.Contains(code, CodesOf(damaged, "/extents"));
    }

    [Fact]
    public void A_wrong_extent_block_checksum_is_reported_and_read_over()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024", 32);
        byte[] damaged = image.Bytes();
        (int node, _) = ExtentNode(image, damaged, "/extents", leaf: true);
        damaged[node + 1023] ^= 0xFF;
        Assert.Equal(["ext4.extent.checksum"], CodesOf(damaged, "/extents"));
    }

    [Theory]
    [InlineData("inode", "ext4.inode.checksum")]
    [InlineData("directory", "ext4.directory.checksum")]
    [InlineData("index", "ext4.directory.checksum")]
    [InlineData("attribute block", "ext4.xattr.checksum")]
    public void A_wrong_metadata_checksum_is_reported_and_read_over(string where, string code)
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024", 32);
        image.Debugfs([$"ea_set -f {image.NewFile("value", new byte[500])} f300 user.large"], write: true);
        ExtImage.Tool("e2fsck", ["-fyD", image.Path], mostExitCode: 1);
        byte[] damaged = image.Bytes();
        string[] expected = Listing(damaged);
        int inode = ExtPlaces.Inode(image, damaged, "/f300");
        int at = where switch
        {
            "inode" => inode + 0x64 + 3,
            "directory" => ExtPlaces.Blocks(image, "/few")[0] * 1024 + 1020,
            "index" => ExtPlaces.Blocks(image, "/many")[0] * 1024 + 1020,
            _ => BinaryPrimitives.ReadInt32LittleEndian(damaged.AsSpan(inode + 0x68)) * 1024 + 0x10,
        };
        damaged[at] ^= 0x40;
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(damaged), diagnostics);
        Assert.Equal(expected, Listing(fileSystem));
        FileEntry entry = ExtWalk.Files(fileSystem).Single(f => f.Path == "/f300").Entry;
        Assert.Equal(500, Assert.Single(fileSystem.ReadExtendedAttributes(entry)).Value.Length);
        Diagnostic found = Assert.Single(diagnostics.Items);
        Assert.Equal(code, found.Code);
        Assert.False(found.LosesContent);
    }

    [Theory]
    [InlineData(4, "ext4.directory.record")]
    [InlineData(6, "ext4.directory.name")]
    public void A_damaged_directory_record_costs_at_most_its_block(int field, string code)
    {
        using ExtImage image = ExtImage.Make("-t ext2 -b 1024", 24);
        byte[] damaged = image.Bytes();
        int block = int.Parse(image.Debugfs(["blocks /many"]).Split('\n')[1].Split(' ')[1], CultureInfo.InvariantCulture);
        damaged[block * 1024 + field] = (byte)(field == 4 ? 3 : 0);
        damaged[block * 1024 + field + 1] = 0;
        int expected = Listing(image.Bytes()).Length;
        var diagnostics = new DiagnosticList();
        int actual = Listing(ExtWalk.Open(new MemorySource(damaged), diagnostics)).Length;
        // Reading goes on behind the record; whether the record itself can be kept depends on the field.
        Assert.InRange(actual, expected - 1, expected);
        Diagnostic found = Assert.Single(diagnostics.Items);
        Assert.Equal(code, found.Code);
        Assert.Equal(block * 1024, found.Offset);
    }

    [Fact]
    public void A_directory_that_holds_itself_is_listed_once()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024", 32);
        image.Debugfs(["link nested nested/b/c/again"], write: true);
        Assert.Single(Listing(image.Bytes()), p => p.Contains("/again ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0xFFFFFFFFFFF")]
    [InlineData("0x7FFFFFFFFFFFFFFF")]
    public void A_huge_sparse_file_is_opened_without_walking_its_holes(string size)
    {
        foreach (string options in (string[])["-t ext4 -b 1024", "-t ext2 -b 1024"])
        {
            using ExtImage image = ExtImage.Make(options, 32);
            image.Debugfs(["sif medium size " + size], write: true);
            var clock = Stopwatch.StartNew();
            IFileSystem fileSystem = ExtWalk.Open(new MemorySource(image.Bytes()));
            FileEntry entry = ExtWalk.Files(fileSystem).Single(f => f.Path == "/medium").Entry;
            Assert.Equal(Convert.ToInt64(size, 16), entry.Size);
            IByteSource content = fileSystem.OpenContent(entry);
            Assert.Equal(entry.Size, content.Length);
            var part = new byte[100];
            Assert.Equal(100, content.ReadAt(entry.Size - 100, part));
            Assert.Equal(new byte[100], part);
            Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        }
    }

    [Fact]
    public void A_size_past_2_63_is_refused()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024", 32);
        image.Debugfs(["sif medium size 0x8000000000000000"], write: true);
        var failures = new List<ForensicException>();
        ExtWalk.Files(ExtWalk.Open(new MemorySource(image.Bytes())), failures);
        // The file has two names.
        Assert.Equal(["ext4.inode.size.corrupt", "ext4.inode.size.corrupt"], failures.Select(f => f.Code));
    }

    [Fact]
    public void A_truncated_image_is_reported_and_its_lost_content_throws()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -g 8192", 40);
        byte[] cut = image.Bytes()[..(6 << 20)];
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(cut), diagnostics);
        Assert.Contains(diagnostics.Items, d => d.Code == "ext4.volume.truncated" && d.LosesContent);
        FileEntry entry = ExtWalk.Files(fileSystem, []).Single(f => f.Path == "/extents").Entry;
        Assert.Throws<CorruptDataException>(() => ExtWalk.Md5(fileSystem.OpenContent(entry)));
        Assert.Contains(diagnostics.Items, d => d.Code is "ext4.content.truncated" or "ext4.extent.truncated");
    }

    [Fact]
    public void A_hostile_group_count_costs_no_memory()
    {
        using ExtImage image = ExtImage.Make("-t ext2 -b 1024", 8, withTree: false);
        byte[] hostile = image.Bytes();
        BinaryPrimitives.WriteUInt32LittleEndian(hostile.AsSpan(PrimarySuperblock + 0x04), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(hostile.AsSpan(PrimarySuperblock + 0x20), 8);
        BinaryPrimitives.WriteUInt32LittleEndian(hostile.AsSpan(PrimarySuperblock + 0x00), uint.MaxValue);
        long before = GC.GetAllocatedBytesForCurrentThread();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(hostile));
        for (ulong inode = 1; inode < uint.MaxValue; inode += 100_000_007)
        {
            try
            {
                fileSystem.Open(inode);
            }
            catch (CorruptDataException failure)
            {
                Assert.NotEmpty(failure.Message);
            }
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
    }

    private static string[] CodesOf(byte[] image, string path)
    {
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(image), diagnostics);
        FileEntry entry = ExtWalk.Files(fileSystem).Single(f => f.Path == path).Entry;
        Exercise.One(fileSystem, entry);
        return [.. diagnostics.Items.Select(d => d.Code).Distinct()];
    }

    /// <summary>Byte offset and block of an extent block of a file, as debugfs names it.</summary>
    private static (int Offset, int Block) ExtentNode(ExtImage image, byte[] data, string path, bool leaf = false)
    {
        foreach (Match match in Regex.Matches(image.Debugfs(["stat " + path]), @"\(ETB(\d+)\):(\d+)", RegexOptions.CultureInvariant))
        {
            int block = int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
            int depth = BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(block * 1024 + 6));
            if (depth == 0 == leaf || !leaf)
            {
                return (block * 1024, block);
            }
        }
        throw new InvalidOperationException("no extent block in " + path);
    }

    private static string[] Listing(byte[] image) => Listing(ExtWalk.Open(new MemorySource(image)));

    private static string[] Listing(IFileSystem fileSystem) =>
        [.. ExtWalk.Files(fileSystem).Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Path} {f.Entry.MetadataAddress} {f.Entry.Size} {f.Entry.Modified}"))];
}
