using System.Buffers.Binary;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>Header of a hosted sparse extent (little endian), fields named as in VMware's Virtual Disk Format 5.0. Offsets and sizes in sectors of 512 bytes.</summary>
internal readonly ref struct SparseExtentHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 512;
    /// <summary>Value of <see cref="GdOffset"/> when the grain directory follows the data and a footer says where.</summary>
    public const ulong GdAtEnd = ulong.MaxValue;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public SparseExtentHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public bool IsMagic => _bytes.StartsWith("KDMV"u8);
    public uint Version => UInt32(4);
    public SparseFlags Flags => (SparseFlags)UInt32(8);
    public ulong Capacity => UInt64(12);
    public ulong GrainSize => UInt64(20);
    public ulong DescriptorOffset => UInt64(28);
    public ulong DescriptorSize => UInt64(36);
    public uint NumGtesPerGt => UInt32(44);
    public ulong RgdOffset => UInt64(48);
    public ulong GdOffset => UInt64(56);
    public ulong OverHead => UInt64(64);
    public bool UncleanShutdown => _bytes[72] != 0;
    /// <summary>The four characters that a transfer as text would have changed are as they were written.</summary>
    public bool NewLinesAreSound => _bytes[73..].StartsWith("\n \r\n"u8);
    public ushort CompressAlgorithm => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[77..]);

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);

    private ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[offset..]);
}

/// <summary>Bits of <see cref="SparseExtentHeader.Flags"/>.</summary>
[Flags]
internal enum SparseFlags : uint
{
    None = 0,
    ValidNewLineTest = 1,
    RedundantGrainTable = 2,
    ZeroedGrain = 4,
    Compressed = 0x10000,
    Markers = 0x20000,
}

/// <summary>Header of a COWD extent (ESX copy-on-write disk, little endian). Offsets and sizes in sectors.</summary>
internal readonly ref struct CowdHeader
{
    /// <summary>Bytes that are looked at.</summary>
    public const int Size = 2048;
    /// <summary>Entries of every grain table.</summary>
    public const int EntriesPerTable = 4096;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public CowdHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public uint Version => UInt32(4);
    public uint NumSectors => UInt32(12);
    public uint GrainSize => UInt32(16);
    public uint GdOffset => UInt32(20);
    public uint NumGdEntries => UInt32(24);
    public bool UncleanShutdown => UInt32(1648) != 0;

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);
}

/// <summary>Constant header of a space-efficient sparse extent (seSparse, little endian), as QEMU documents it. Offsets and sizes in sectors.</summary>
internal readonly ref struct SeSparseHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 512;
    /// <summary>First eight bytes.</summary>
    public const ulong Magic = 0x00000000_CAFEBABE;
    /// <summary>First eight bytes of the volatile header.</summary>
    public const ulong VolatileMagic = 0x00000000_CAFECAFE;
    /// <summary>The only version known: 2.1.</summary>
    public const ulong KnownVersion = 0x00000002_00000001;
    /// <summary>Sectors of a grain, the only size known.</summary>
    public const ulong KnownGrainSize = 8;
    /// <summary>Sectors of a grain table, the only size known: 4,096 entries of 8 bytes.</summary>
    public const ulong KnownGrainTableSize = 64;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public SeSparseHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public ulong Version => UInt64(8);
    public ulong Capacity => UInt64(16);
    public ulong GrainSize => UInt64(24);
    public ulong GrainTableSize => UInt64(32);
    public ulong Flags => UInt64(40);
    public ulong VolatileHeaderOffset => UInt64(80);
    public ulong GrainDirOffset => UInt64(128);
    public ulong GrainDirSize => UInt64(136);
    public ulong GrainTablesOffset => UInt64(144);
    public ulong GrainsOffset => UInt64(192);

    private ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[offset..]);
}
