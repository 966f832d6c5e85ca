using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>What the bitmaps say of a range: a union, since parts of it may differ.</summary>
[Flags]
internal enum BitmapUse
{
    None = 0,
    Free = 1,
    Used = 2,
    /// <summary>The bitmap cannot be trusted or read.</summary>
    Unknown = 4,
}

/// <summary>
/// The block and inode bitmaps as they are now. A bitmap outside the volume, unreadable or with a wrong checksum answers <see cref="BitmapUse.Unknown"/>.
/// A group whose bitmap was never written has no block or inode of a file. Thread-safe; keeps at most 64 groups.
/// </summary>
/// <remarks>Specification: <c>Documentation/filesystems/ext4/bitmaps.rst</c> and <c>group_descr.rst</c> of the kernel.</remarks>
internal sealed class GroupBitmaps(IByteSource volume, ExtLayout layout, GroupDescriptors groups, ExtDiagnostics diagnostics)
{
    private const int MostCachedGroups = 64;

    private readonly LruCache<Group> _groups = new(MostCachedGroups);
    private readonly long _blocksPerCluster = layout.ClusterSize / layout.BlockSize;

    private sealed record Group(Bitmap Blocks, Bitmap Inodes);

    /// <summary>Bits of one group; <paramref name="Bits"/> null: every bit has the same <paramref name="Uniform"/> answer.</summary>
    private sealed record Bitmap(byte[]? Bits, BitmapUse Uniform);

    /// <summary>What is said of <paramref name="count"/> blocks inside the volume; stops early once <paramref name="enough"/> was met.</summary>
    public BitmapUse Blocks(long block, long count, BitmapUse enough)
    {
        BitmapUse use = BitmapUse.None;
        long end = block + count;
        while (block < end && (use & enough) == 0)
        {
            long group = (block - layout.FirstDataBlock) / layout.BlocksPerGroup;
            long start = layout.GroupStart(group);
            long part = Math.Min(end, start + layout.BlocksPerGroup);
            long firstBit = (block - start) / _blocksPerCluster;
            long lastBit = (part - 1 - start) / _blocksPerCluster;
            use |= Answer(Find(group).Blocks, firstBit, lastBit - firstBit + 1);
            block = part;
        }
        return use;
    }

    /// <summary>What is said of an inode from 1 to the inode count.</summary>
    public BitmapUse Inode(uint inode) => Answer(Find((inode - 1) / layout.InodesPerGroup).Inodes, (inode - 1) % layout.InodesPerGroup, 1);

    private Group Find(long group) => _groups.Find(group) ?? _groups.Add(group, Load(group));

    private Group Load(long number)
    {
        byte[]? data = groups.ReadSound(number);
        if (data is null)
        {
            var unknown = new Bitmap(null, BitmapUse.Unknown);
            return new Group(unknown, unknown);
        }
        var descriptor = new GroupDescriptorView(data);
        bool hasFlags = layout.HasMetadataChecksums || layout.Features.HasReadOnly(ExtFeatures.GroupChecksums);
        var never = new Bitmap(null, BitmapUse.Free);
        Bitmap blocks = hasFlags && descriptor.HasFlag(GroupDescriptorView.BlockUninitialized) ? never
            : Read(number, descriptor.BlockBitmap, layout.BlocksPerGroup / _blocksPerCluster, descriptor.BlockBitmapChecksum, descriptor.ChecksumMask);
        Bitmap inodes = hasFlags && descriptor.HasFlag(GroupDescriptorView.InodeUninitialized) ? never
            : Read(number, descriptor.InodeBitmap, layout.InodesPerGroup, descriptor.InodeBitmapChecksum, descriptor.ChecksumMask);
        return new Group(blocks, inodes);
    }

    private Bitmap Read(long group, long block, long bits, uint storedChecksum, uint checksumMask)
    {
        var unknown = new Bitmap(null, BitmapUse.Unknown);
        if (!layout.ContainsBlocks(block, 1))
        {
            Report(group, "ext4.bitmap.range", "lies outside the volume", "a block below " + Text(layout.BlockCount), Text(block), -1);
            return unknown;
        }
        var data = new byte[layout.BlockSize];
        long offset = block * layout.BlockSize;
        try
        {
            if (volume.ReadUpTo(offset, data) != data.Length)
            {
                Report(group, "ext4.bitmap.unreadable", "lies past the end of the image", "a block inside the image", Text(block), offset);
                return unknown;
            }
        }
        catch (ImageReadException failure)
        {
            Report(group, "ext4.bitmap.unreadable", "cannot be read", "a readable block", failure.Message, offset);
            return unknown;
        }
        if (layout.HasMetadataChecksums)
        {
            uint computed = Checksums.Crc32C(layout.ChecksumSeed, data.AsSpan(0, (int)Math.Min(data.Length, bits / 8))) & checksumMask;
            if (computed != storedChecksum)
            {
                Report(group, "ext4.bitmap.checksum", "has a wrong checksum and is not trusted", Hex(computed), Hex(storedChecksum), offset);
                return unknown;
            }
        }
        return new Bitmap(data, BitmapUse.None);
    }

    private static BitmapUse Answer(Bitmap bitmap, long first, long count)
    {
        if (bitmap.Bits is not { } bits)
        {
            return bitmap.Uniform;
        }
        BitmapUse use = BitmapUse.None;
        long end = Math.Min(first + count, bits.Length * 8L);
        for (long bit = first; bit < end && use != (BitmapUse.Free | BitmapUse.Used);)
        {
            if (bit % 8 == 0 && end - bit >= 8)
            {
                byte value = bits[bit / 8];
                use |= value == 0 ? BitmapUse.Free : value == byte.MaxValue ? BitmapUse.Used : BitmapUse.Free | BitmapUse.Used;
                bit += 8;
                continue;
            }
            use |= (bits[bit / 8] >> (int)(bit % 8) & 1) != 0 ? BitmapUse.Used : BitmapUse.Free;
            bit++;
        }
        return use;
    }

    private void Report(long group, string code, string what, string expected, string actual, long offset) =>
        diagnostics.Report(code, $"a bitmap of group {Text(group)} {what}", expected, actual, offset);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("X8", CultureInfo.InvariantCulture);
}

/// <summary>View of <c>struct ext4_group_desc</c> (32 bytes, 64 and more with 64bit; little-endian). Fields carry the names of the format without <c>bg_</c>.</summary>
internal readonly ref struct GroupDescriptorView
{
    public const ushort InodeUninitialized = 1;
    public const ushort BlockUninitialized = 2;

    private const int SizeWithUpperHalves = 64;

    private readonly ReadOnlySpan<byte> _data;

    /// <summary>A view of a whole descriptor, at least 32 bytes.</summary>
    public GroupDescriptorView(ReadOnlySpan<byte> data) => _data = data;

    public long BlockBitmap => Wide(0x00, 0x20);
    public long InodeBitmap => Wide(0x04, 0x24);
    public uint BlockBitmapChecksum => U16(0x18) | Upper(0x38);
    public uint InodeBitmapChecksum => U16(0x1A) | Upper(0x3A);

    /// <summary>Inodes at the end of the table that were never used.</summary>
    public uint InodeTableUnused => U16(0x1C) | Upper(0x32);

    /// <summary>Small descriptors keep the lower half of a checksum only.</summary>
    public uint ChecksumMask => IsWide ? uint.MaxValue : ushort.MaxValue;

    public bool HasFlag(ushort flag) => (U16(0x12) & flag) != 0;

    private bool IsWide => _data.Length >= SizeWithUpperHalves;

    private long Wide(int low, int high) => BinaryPrimitives.ReadUInt32LittleEndian(_data[low..]) | (IsWide ? (long)BinaryPrimitives.ReadUInt32LittleEndian(_data[high..]) << 32 : 0);

    private uint Upper(int offset) => IsWide ? (uint)U16(offset) << 16 : 0;

    private ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_data[offset..]);
}
