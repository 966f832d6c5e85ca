using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>View of <c>struct ext4_inode</c> (128 bytes and more, little-endian). Fields carry the names of the format without <c>i_</c>.</summary>
internal readonly ref struct InodeView
{
    public const int GoodOldSize = 128;
    public const int BlockAreaOffset = 0x28;
    public const int BlockAreaSize = 60;

    private const int ChecksumLowOffset = 0x7C;
    private const int ChecksumHighOffset = 0x82;
    private const int ChecksumHighEnd = ChecksumHighOffset + 2;

    private readonly ReadOnlySpan<byte> _data;

    /// <summary>A view of a whole inode; <paramref name="data"/> has the inode size of the volume, at least 128 bytes.</summary>
    public InodeView(ReadOnlySpan<byte> data)
    {
        _data = data;
        ExtraSize = data.Length >= GoodOldSize + 4 ? U16(0x80) : 0;
        HasValidExtraSize = ExtraSize % 4 == 0 && ExtraSize <= data.Length - GoodOldSize;
        if (!HasValidExtraSize)
        {
            ExtraSize = 0;
        }
    }

    /// <summary>Bytes of fixed fields after the first 128; 0 when the stored value is impossible.</summary>
    public int ExtraSize { get; }

    public bool HasValidExtraSize { get; }

    public ushort Mode => U16(0x00);
    public uint Uid => U16(0x02) | (uint)U16(0x78) << 16;
    public uint Gid => U16(0x18) | (uint)U16(0x7A) << 16;
    public uint SizeLow => U32(0x04);
    public uint SizeHigh => U32(0x6C);
    public uint DeletionTime => U32(0x14);
    public ushort LinksCount => U16(0x1A);
    public ulong Blocks => U32(0x1C) | (ulong)U16(0x74) << 32;
    public uint Flags => U32(0x20);
    public ReadOnlySpan<byte> BlockArea => _data.Slice(BlockAreaOffset, BlockAreaSize);
    public uint Generation => U32(0x64);
    public ulong FileAcl(bool wide) => U32(0x68) | (wide ? (ulong)U16(0x76) << 32 : 0);

    public Timestamp AccessTime => Time(0x08, 0x8C);
    public Timestamp ChangeTime => Time(0x0C, 0x84);
    public Timestamp ModificationTime => Time(0x10, 0x88);
    public Timestamp? CreationTime => Fits(0x90) ? Time(0x90, 0x94) : null;

    /// <summary>What follows the fixed fields: the place of the in-inode attributes.</summary>
    public ReadOnlySpan<byte> Tail => ExtraSize == 0 || _data.Length <= GoodOldSize ? [] : _data[(GoodOldSize + ExtraSize)..];

    /// <summary>Verifies the inode's own checksum, of which small inodes keep only the lower half.</summary>
    public bool ChecksumMatches(uint seed, out uint computed, out uint stored)
    {
        uint crc = Checksums.Crc32C(seed, _data[..ChecksumLowOffset]);
        crc = Checksums.Crc32C(crc, [0, 0]);
        stored = U16(ChecksumLowOffset);
        if (_data.Length == GoodOldSize)
        {
            computed = Checksums.Crc32C(crc, _data[(ChecksumLowOffset + 2)..GoodOldSize]) & 0xFFFF;
            return computed == stored;
        }
        crc = Checksums.Crc32C(crc, _data[(ChecksumLowOffset + 2)..ChecksumHighOffset]);
        if (Fits(ChecksumHighOffset, 2))
        {
            crc = Checksums.Crc32C(crc, [0, 0]);
            computed = Checksums.Crc32C(crc, _data[ChecksumHighEnd..]);
            stored |= (uint)U16(ChecksumHighOffset) << 16;
            return computed == stored;
        }
        computed = Checksums.Crc32C(crc, _data[ChecksumHighOffset..]) & 0xFFFF;
        return computed == stored;
    }

    /// <summary>Puts in the checksum that <see cref="ChecksumMatches"/> expects.</summary>
    public static void WriteChecksum(Span<byte> inode, uint seed)
    {
        var view = new InodeView(inode);
        view.ChecksumMatches(seed, out uint computed, out _);
        bool isWide = inode.Length > GoodOldSize && view.Fits(ChecksumHighOffset, 2);
        BinaryPrimitives.WriteUInt16LittleEndian(inode[ChecksumLowOffset..], (ushort)(computed & 0xFFFF));
        if (isWide)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(inode[ChecksumHighOffset..], (ushort)(computed >> 16));
        }
    }

    /// <summary>Whether two inodes say the same, but for the access time, the change counter that goes with it, and so the checksum.</summary>
    public static bool SameButAccess(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Length != other.Length)
        {
            return false;
        }
        // i_atime, i_version, i_checksum_lo, i_checksum_hi, i_atime_extra, i_version_hi
        ReadOnlySpan<(int Offset, int Size)> ignored = [(0x08, 4), (0x24, 4), (ChecksumLowOffset, 2), (ChecksumHighOffset, 2), (0x8C, 4), (0x98, 4)];
        int start = 0;
        foreach ((int offset, int size) in ignored)
        {
            if (start >= one.Length)
            {
                return true;
            }
            int end = Math.Min(offset, one.Length);
            if (!one[start..end].SequenceEqual(other[start..end]))
            {
                return false;
            }
            start = offset + size;
        }
        return start >= one.Length || one[start..].SequenceEqual(other[start..]);
    }

    private bool Fits(int offset, int size = 4) => offset + size <= GoodOldSize + ExtraSize;

    /// <summary>The signed 32-bit seconds of revision 0, extended by two epoch bits and 30 bits of nanoseconds where the inode has them.</summary>
    private Timestamp Time(int offset, int extraOffset)
    {
        long seconds = unchecked((int)U32(offset));
        if (!Fits(extraOffset))
        {
            return new Timestamp(seconds, 0);
        }
        uint extra = U32(extraOffset);
        const int LastNanosecond = 999_999_999;
        return new Timestamp(seconds + ((long)(extra & 3) << 32), (int)Math.Min(extra >> 2, LastNanosecond));
    }

    private ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_data[offset..]);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_data[offset..]);
}
