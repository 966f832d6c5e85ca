using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary>View of <c>struct ext4_fc_add_range</c>: an inode and one leaf of an extent tree.</summary>
internal readonly ref struct AddRangeRecord(ReadOnlySpan<byte> value)
{
    public const int Size = 16;

    private const int LongestWritten = 32768;

    private readonly ReadOnlySpan<byte> _data = value[..Size];

    public uint Ino => BinaryPrimitives.ReadUInt32LittleEndian(_data);

    /// <summary><c>ee_block</c>: first block of the file.</summary>
    public uint Block => BinaryPrimitives.ReadUInt32LittleEndian(_data[4..]);

    /// <summary>Blocks, 0 to 32768.</summary>
    public int Length => IsUnwritten ? RawLength - LongestWritten : RawLength;

    /// <summary>Allocated but never written: reads as zero.</summary>
    public bool IsUnwritten => RawLength > LongestWritten;

    /// <summary><c>ee_start</c>: first block of the volume.</summary>
    public long Start => BinaryPrimitives.ReadUInt32LittleEndian(_data[12..]) | (long)BinaryPrimitives.ReadUInt16LittleEndian(_data[10..]) << 32;

    private int RawLength => BinaryPrimitives.ReadUInt16LittleEndian(_data[8..]);
}

/// <summary>View of <c>struct ext4_fc_del_range</c>: an inode and a range of its blocks.</summary>
internal readonly ref struct DelRangeRecord(ReadOnlySpan<byte> value)
{
    public const int Size = 12;

    private readonly ReadOnlySpan<byte> _data = value[..Size];

    public uint Ino => BinaryPrimitives.ReadUInt32LittleEndian(_data);

    public uint Lblk => BinaryPrimitives.ReadUInt32LittleEndian(_data[4..]);

    public uint Len => BinaryPrimitives.ReadUInt32LittleEndian(_data[8..]);
}

/// <summary>View of <c>struct ext4_fc_dentry_info</c>: a directory, an inode, and the name, not terminated.</summary>
internal readonly ref struct NameRecord(ReadOnlySpan<byte> value)
{
    public const int HeaderSize = 8;

    private readonly ReadOnlySpan<byte> _data = value;

    public uint ParentIno => BinaryPrimitives.ReadUInt32LittleEndian(_data);

    public uint Ino => BinaryPrimitives.ReadUInt32LittleEndian(_data[4..]);

    public ReadOnlySpan<byte> Dname => _data[HeaderSize..];
}

/// <summary>View of <c>struct ext4_fc_inode</c>: an inode and its fixed fields, with the whole inode when it holds content.</summary>
internal readonly ref struct InodeRecord(ReadOnlySpan<byte> value)
{
    public const int HeaderSize = 4;

    private readonly ReadOnlySpan<byte> _data = value;

    public uint Ino => BinaryPrimitives.ReadUInt32LittleEndian(_data);

    public ReadOnlySpan<byte> RawInode => _data[HeaderSize..];
}

/// <summary>View of <c>struct ext4_fc_tail</c>.</summary>
internal readonly ref struct TailRecord(ReadOnlySpan<byte> value)
{
    public const int Size = 8;

    /// <summary>Bytes of the value that the checksum covers.</summary>
    public const int CrcOffset = 4;

    private readonly ReadOnlySpan<byte> _data = value[..Size];

    public uint Tid => BinaryPrimitives.ReadUInt32LittleEndian(_data);

    public uint Crc => BinaryPrimitives.ReadUInt32LittleEndian(_data[CrcOffset..]);
}

/// <summary>View of <c>struct ext4_fc_head</c>.</summary>
internal readonly ref struct HeadRecord(ReadOnlySpan<byte> value)
{
    public const int Size = 8;

    private readonly ReadOnlySpan<byte> _data = value[..Size];

    public uint Features => BinaryPrimitives.ReadUInt32LittleEndian(_data);

    public uint Tid => BinaryPrimitives.ReadUInt32LittleEndian(_data[4..]);
}
