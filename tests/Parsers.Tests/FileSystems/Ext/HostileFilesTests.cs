using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>
/// Hostile inodes: sizes (E02), extent trees (E03), inline data and attributes (E09), links (E11). What is not damaged is read as before, the damage has a code.
/// E01 and more of E03 are in <see cref="DamagedImageTests"/>.
/// </summary>
public sealed class HostileFilesTests
{
    private const int RecordSize = 12;

    [Theory]
    [InlineData("-t ext4 -b 1024", "0x8000000000000000")]
    [InlineData("-t ext4 -b 1024 -O ^extents,^64bit", "0x8000000000000000")]
    [InlineData("-t ext2 -b 1024", "0xFFFFFD1C53A0D000")]
    public void E02_a_negative_size_costs_that_file_only(string options, string size)
    {
        using ExtImage image = ExtImage.Make(options, 40);
        string[] expected = [.. Contents(image.Bytes(), []).Where(line => !line.StartsWith("/medium ", StringComparison.Ordinal) && !line.StartsWith("/hard ", StringComparison.Ordinal))];
        image.Debugfs(["sif medium size " + size], write: true);
        var failures = new List<ForensicException>();
        Assert.Equal(expected, Contents(image.Bytes(), failures));
        Assert.Equal(["ext4.inode.size.corrupt", "ext4.inode.size.corrupt"], failures.Select(failure => failure.Code));
    }

    [Theory]
    [InlineData("parent", "ext4.extent.loop")]
    [InlineData("sibling", "ext4.extent.loop")]
    [InlineData("unsorted", "ext4.extent.overlap")]
    [InlineData("overlapping", "ext4.extent.overlap")]
    [InlineData("past the end", "ext4.extent.range")]
    [InlineData("empty", "ext4.extent.length")]
    public void E03_what_an_extent_tree_holds_before_the_damage_is_kept(string damage, string code)
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -O ^metadata_csum", 40);
        byte[] data = image.Bytes();
        byte[] whole = Content(data, "/extents", new DiagnosticList());
        (int Block, int Depth)[] nodes = ExtPlaces.ExtentBlocks(image, data, "/extents");
        int index = nodes.First(node => node.Depth == 1).Block * 1024;
        // Not the first leaf: what lies before it must stay.
        int leaf = nodes.Where(node => node.Depth == 0).Skip(2).First().Block * 1024;
        long damagedFrom = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(leaf + RecordSize)) * 1024L;
        switch (damage)
        {
            case "parent":
                Put32(data, IndexRecord(data, index, leaf / 1024) + 4, (uint)index / 1024);
                break;
            case "sibling":
                Put32(data, IndexRecord(data, index, leaf / 1024) + 4, (uint)nodes.First(node => node.Depth == 0).Block);
                break;
            case "unsorted":
                byte[] first = data.AsSpan(leaf + RecordSize, RecordSize).ToArray();
                data.AsSpan(leaf + 2 * RecordSize, RecordSize).CopyTo(data.AsSpan(leaf + RecordSize));
                first.CopyTo(data, leaf + 2 * RecordSize);
                break;
            case "overlapping":
                BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(leaf + RecordSize + 4), 20);
                break;
            case "past the end":
                Put32(data, leaf + RecordSize + 8, uint.MaxValue);
                break;
            default:
                BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(leaf + RecordSize + 4), 0);
                break;
        }
        var diagnostics = new DiagnosticList();
        byte[] read = Content(data, "/extents", diagnostics);
        Assert.Equal(whole.Length, read.Length);
        Assert.True(damagedFrom > 0);
        Assert.True(whole.AsSpan(0, (int)damagedFrom).SequenceEqual(read.AsSpan(0, (int)damagedFrom)), "what lies before the damage differs");
        Assert.True(whole.AsSpan(whole.Length - 4096).SequenceEqual(read.AsSpan(whole.Length - 4096)), "the end of the file differs");
        Assert.Contains(diagnostics.Items, item => item.Code == code && item.LosesContent);
    }

    [Theory]
    [InlineData(0, 255, "ext4.xattr.entry")]
    [InlineData(2, 0xFFFF, "ext4.xattr.value")]
    [InlineData(8, 0xFFFF, "ext4.xattr.value")]
    public void E09_an_attribute_that_reaches_out_of_its_inode_is_left_out(int field, int value, string code)
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -O ea_inode,inline_data,^metadata_csum -I 256", 32);
        image.Debugfs(["ea_set f5000 user.a first", "ea_set f5000 user.b second", "ea_set f300 user.other intact"], write: true);
        byte[] data = image.Bytes();
        int entry = FirstAttribute(image, data, "f5000");
        if (field == 0)
        {
            data[entry] = (byte)value;
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(entry + field), (ushort)value);
        }
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(data), diagnostics);
        Dictionary<string, FileEntry> files = ByPath(fileSystem);
        Assert.DoesNotContain(fileSystem.ReadExtendedAttributes(files["/f5000"]), attribute => attribute.Name == "user.a");
        Assert.Equal("intact"u8.ToArray(), Assert.Single(fileSystem.ReadExtendedAttributes(files["/f300"])).Value.ToArray());
        Assert.Equal(5000, fileSystem.OpenContent(files["/f5000"]).ReadArray(0, 6000).Length);
        Assert.Equal([code], diagnostics.Items.Select(item => item.Code).Distinct());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void E09_a_value_inode_that_is_the_file_itself_or_any_other_ends_there(bool itself)
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -O ea_inode,^metadata_csum -I 256", 32);
        image.Debugfs(["ea_set f5000 user.a first"], write: true);
        byte[] data = image.Bytes();
        int entry = FirstAttribute(image, data, "f5000");
        Put32(data, entry + 4, itself ? InodeNumber(data, "/f5000") : 2);
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(data), diagnostics);
        Assert.Empty(fileSystem.ReadExtendedAttributes(ByPath(fileSystem)["/f5000"]));
        Assert.Equal(["ext4.xattr.value_inode"], diagnostics.Items.Select(item => item.Code));
    }

    [Fact]
    public void E09_inline_data_that_claims_more_than_its_inode_holds_is_cut()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -O inline_data,^metadata_csum -I 256", 32);
        byte[] data = image.Bytes();
        byte[] whole = Content(data, "/f100", new DiagnosticList());
        Put32(data, ExtPlaces.Inode(image, data, "/f100") + 4, 1_000_000);
        var diagnostics = new DiagnosticList();
        byte[] read = Content(data, "/f100", diagnostics);
        Assert.Equal(1_000_000, read.Length);
        Assert.Equal(whole, read[..100]);
        Assert.Equal(-1, read.AsSpan(100).IndexOfAnyExcept((byte)0));
        Assert.Contains(diagnostics.Items, item => item.Code == "ext4.inline.size" && item.LosesContent);
    }

    [Theory]
    [InlineData(1023)]
    [InlineData(1)]
    public void E11_a_link_is_as_long_as_its_size_says(int size)
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024", 32);
        image.Debugfs(["symlink long " + new string('x', size)], write: true);
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(image.Bytes()));
        Assert.Equal(new string('x', size), ExtWalk.Target(fileSystem, ByPath(fileSystem)["/long"]));
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(1u << 20)]
    [InlineData(0u)]
    public void E11_a_link_of_impossible_length_is_bounded(uint size)
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -O ^metadata_csum", 32);
        byte[] data = image.Bytes();
        Put32(data, ExtPlaces.Inode(image, data, "/link200") + 4, size);
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(data), diagnostics);
        ReadOnlyMemory<byte> target = fileSystem.ReadLinkTarget(ByPath(fileSystem)["/link200"]);
        Assert.InRange(target.Length, 0, 64 << 10);
        Assert.Contains(diagnostics.Items, item => item.Code == "ext4.symlink.size");
    }

    /// <summary>The record of an index block that leads to a block.</summary>
    private static int IndexRecord(byte[] data, int index, int block)
    {
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(index + 2));
        return Enumerable.Range(1, entries).Select(i => index + i * RecordSize).First(record => BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(record + 4)) == block);
    }

    /// <summary>The first attribute entry after the inode's fixed fields and the four bytes of magic, inline data aside.</summary>
    private static int FirstAttribute(ExtImage image, byte[] data, string path)
    {
        int inode = ExtPlaces.Inode(image, data, path);
        int area = inode + 128 + BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(inode + 0x80));
        Assert.Equal(0xEA020000, BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(area)));
        return area + 4;
    }

    private static uint InodeNumber(byte[] data, string path) => (uint)ByPath(ExtWalk.Open(new MemorySource(data)))[path].MetadataAddress;

    private static byte[] Content(byte[] data, string path, DiagnosticList diagnostics)
    {
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(data), diagnostics);
        IByteSource content = fileSystem.OpenContent(ByPath(fileSystem)[path]);
        return content.ReadArray(0, checked((int)content.Length));
    }

    private static Dictionary<string, FileEntry> ByPath(IFileSystem fileSystem) => ExtWalk.Files(fileSystem, []).ToDictionary(file => file.Path, file => file.Entry, StringComparer.Ordinal);

    private static string[] Contents(byte[] data, List<ForensicException> failures)
    {
        IFileSystem fileSystem = ExtWalk.Open(new MemorySource(data));
        return
        [
            .. ExtWalk.Files(fileSystem, failures).Select(file => file.Path + " " + file.Entry.MetadataAddress.ToString(CultureInfo.InvariantCulture)
                + (file.Entry.Type == FileType.Regular ? " " + ExtWalk.Md5(fileSystem.OpenContent(file.Entry)) : "")),
        ];
    }

    private static void Put32(byte[] image, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(offset), value);
}
