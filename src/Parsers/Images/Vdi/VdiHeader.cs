using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vdi;

/// <summary>The VDI header, version 1.1 (little endian). Fields named after what VirtualBox and QEMU call them.</summary>
internal readonly ref struct VdiHeader
{
    /// <summary>Bytes up to and with the UUIDs.</summary>
    public const int Size = 0x1C8;
    /// <summary>Signature at <see cref="SignatureOffset"/>.</summary>
    public const uint Signature = 0xBEDA107F;
    /// <summary>Behind the free text at the start.</summary>
    public const int SignatureOffset = 0x40;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public VdiHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public uint Version => UInt32(0x44);
    public uint HeaderSize => UInt32(0x48);
    public uint ImageType => UInt32(0x4C);
    public uint OffsetBmap => UInt32(0x154);
    public uint OffsetData => UInt32(0x158);
    public ulong DiskSize => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[0x170..]);
    public uint BlockSize => UInt32(0x178);
    public uint BlockExtra => UInt32(0x17C);
    public uint BlocksInImage => UInt32(0x180);
    public uint BlocksAllocated => UInt32(0x184);
    public Guid UuidImage => new(_bytes.Slice(0x188, 16));
    public Guid UuidParent => new(_bytes.Slice(0x1B8, 16));

    /// <summary>The error for a field that cannot be what it is.</summary>
    public static CorruptDataException Bad(string field, long offset, string expected, ulong actual) =>
        new("vdi.header." + field, offset, expected, actual.ToString(CultureInfo.InvariantCulture));

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);
}
