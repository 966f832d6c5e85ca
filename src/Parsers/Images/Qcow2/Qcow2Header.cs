using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Qcow2;

/// <summary>The qcow2 header (big endian), fields named as in QEMU's specification. Fields a version 2 header does not have read as their fixed values.</summary>
internal readonly ref struct Qcow2Header
{
    /// <summary>Bytes of a version 2 header, the least there can be.</summary>
    public const int Version2Size = 72;
    /// <summary>Bytes of the smallest version 3 header.</summary>
    public const int Version3Size = 104;
    /// <summary>"QFI\xfb".</summary>
    public const uint Magic = 0x514649FB;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Version2Size"/> bytes, for version 3 at least <see cref="Version3Size"/>.</summary>
    public Qcow2Header(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Version2Size);
        _bytes = bytes;
        if (Version >= 3)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Version3Size);
        }
    }

    public uint Version => UInt32(4);
    public ulong BackingFileOffset => UInt64(8);
    public uint BackingFileSize => UInt32(16);
    public uint ClusterBits => UInt32(20);
    public ulong Size => UInt64(24);
    public uint CryptMethod => UInt32(32);
    public uint L1Size => UInt32(36);
    public ulong L1TableOffset => UInt64(40);
    public uint NbSnapshots => UInt32(60);
    public ulong SnapshotsOffset => UInt64(64);
    public ulong IncompatibleFeatures => Version >= 3 ? UInt64(72) : 0;
    public ulong CompatibleFeatures => Version >= 3 ? UInt64(80) : 0;
    public ulong AutoclearFeatures => Version >= 3 ? UInt64(88) : 0;
    public uint RefcountOrder => Version >= 3 ? UInt32(96) : 4;
    public uint HeaderLength => Version >= 3 ? UInt32(100) : Version2Size;
    public byte CompressionType => Version >= 3 && HeaderLength > 104 && _bytes.Length > 104 ? _bytes[104] : (byte)0;

    /// <summary>The error for a field that cannot be what it is.</summary>
    public static CorruptDataException Bad(string field, long offset, string expected, ulong actual) =>
        new("qcow2.header." + field, offset, expected, actual.ToString(CultureInfo.InvariantCulture));

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32BigEndian(_bytes[offset..]);

    private ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64BigEndian(_bytes[offset..]);
}

/// <summary>Bits of <c>incompatible_features</c>.</summary>
[Flags]
internal enum Qcow2Incompatible : ulong
{
    None = 0,
    Dirty = 1,
    Corrupt = 2,
    ExternalDataFile = 4,
    CompressionType = 8,
    ExtendedL2 = 16,
    Known = 31,
}
