using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vhdx;

/// <summary>A VHDX header (little endian). Fields named as in [MS-VHDX] 2.2.2.</summary>
internal readonly ref struct VhdxHeader
{
    /// <summary>Bytes of a header, all of which the checksum covers.</summary>
    public const int Size = 4096;
    /// <summary>Where the first of the two lies.</summary>
    public const long FirstOffset = 64 << 10;
    /// <summary>Where the second lies.</summary>
    public const long SecondOffset = 128 << 10;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over <see cref="Size"/> bytes.</summary>
    public VhdxHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        _bytes = bytes;
    }

    public ulong SequenceNumber => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[8..]);
    public Guid DataWriteGuid => new(_bytes.Slice(32, 16));
    public Guid LogGuid => new(_bytes.Slice(48, 16));
    public ushort LogVersion => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[64..]);
    public ushort Version => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[66..]);
    public uint LogLength => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[68..]);
    public ulong LogOffset => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[72..]);

    /// <summary>Whether signature and checksum are right.</summary>
    public bool IsSound => _bytes.StartsWith("head"u8) && BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]) == Crc32C.ComputeWithout(_bytes, 4);

    /// <summary>The bytes of the header that is current: of the sound ones that with the higher sequence number. Throws <see cref="CorruptDataException"/> when there is none.</summary>
    public static byte[] ReadCurrent(IByteSource source, IDiagnosticSink diagnostics)
    {
        byte[] first = Read(source, FirstOffset);
        byte[] second = Read(source, SecondOffset);
        bool isFirst = first.Length > 0;
        bool isSecond = second.Length > 0;
        if (!isFirst && !isSecond)
        {
            throw new CorruptDataException("vhdx.header", FirstOffset, "a header with the right checksum", "none in both places");
        }
        if (isFirst != isSecond)
        {
            diagnostics.Report(new Diagnostic("vhdx.header.copy", "one of the two headers is damaged; the other is used, which may be older") { Offset = isFirst ? SecondOffset : FirstOffset });
        }
        byte[] current = !isSecond || (isFirst && new VhdxHeader(first).SequenceNumber >= new VhdxHeader(second).SequenceNumber) ? first : second;
        if (isFirst && isSecond && new VhdxHeader(first).SequenceNumber == new VhdxHeader(second).SequenceNumber && !first.AsSpan().SequenceEqual(second))
        {
            diagnostics.Report(new Diagnostic("vhdx.header.disagree", "both headers have the same sequence number but differ; the first is used") { Offset = FirstOffset });
        }
        ushort version = new VhdxHeader(current).Version;
        return version == 1 ? current : throw new UnsupportedFeatureException("VHDX version " + version.ToString(CultureInfo.InvariantCulture));
    }

    private static byte[] Read(IByteSource source, long offset)
    {
        byte[] bytes = source.ReadArray(offset, Size);
        return bytes.Length == Size && new VhdxHeader(bytes).IsSound ? bytes : [];
    }
}
