using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Qcow;

/// <summary>The header of a qcow image, version 1 (big endian), fields named as in QEMU's sources.</summary>
internal readonly ref struct QcowHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 48;
    /// <summary>"QFI\xfb", as in the later versions.</summary>
    public const uint MagicNumber = 0x514649FB;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public QcowHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public ulong BackingFileOffset => BinaryPrimitives.ReadUInt64BigEndian(_bytes[8..]);
    public uint BackingFileSize => BinaryPrimitives.ReadUInt32BigEndian(_bytes[16..]);
    public uint Mtime => BinaryPrimitives.ReadUInt32BigEndian(_bytes[20..]);
    public ulong DiskSize => BinaryPrimitives.ReadUInt64BigEndian(_bytes[24..]);
    public byte ClusterBits => _bytes[32];
    public byte L2Bits => _bytes[33];
    public uint CryptMethod => BinaryPrimitives.ReadUInt32BigEndian(_bytes[36..]);
    public ulong L1TableOffset => BinaryPrimitives.ReadUInt64BigEndian(_bytes[40..]);

    /// <summary>The error for a field that cannot be what it is.</summary>
    public static CorruptDataException Bad(string field, long offset, string expected, ulong actual) =>
        new("qcow.header." + field, offset, expected, actual.ToString(CultureInfo.InvariantCulture));
}
