using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Ewf;

/// <summary>A section descriptor (little endian), 76 bytes before the data of each section.</summary>
internal readonly ref struct EwfSectionHeader
{
    /// <summary>Bytes of the descriptor.</summary>
    public const int Size = 76;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public EwfSectionHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes[..Size];
    }

    /// <summary>The type: up to 16 characters, ended by a NUL.</summary>
    public string Type
    {
        get
        {
            ReadOnlySpan<byte> type = _bytes[..16];
            int end = type.IndexOf((byte)0);
            return Encoding.Latin1.GetString(end < 0 ? type : type[..end]);
        }
    }

    /// <summary>Offset of the next section in the segment file.</summary>
    public ulong Next => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[16..]);
    /// <summary>Bytes of the section with its descriptor; 0 when the writer did not set it.</summary>
    public ulong SectionSize => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[24..]);
    /// <summary>Whether the Adler-32 over the descriptor is right.</summary>
    public bool IsSound => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[72..]) == Adler32.Compute(_bytes[..72]);
}

/// <summary>Header of a table of chunk offsets (little endian).</summary>
internal readonly ref struct EwfTableHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 24;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public EwfTableHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes[..Size];
    }

    public uint NumberOfEntries => BinaryPrimitives.ReadUInt32LittleEndian(_bytes);
    public ulong BaseOffset => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[8..]);
    /// <summary>Whether the Adler-32 over the header is right.</summary>
    public bool IsSound => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[20..]) == Adler32.Compute(_bytes[..20]);
}

/// <summary>Data of a volume, disk or data section (little endian): 94 bytes as ASR Data specified it (SMART), 1,052 bytes in E01.</summary>
internal readonly ref struct EwfVolumeData
{
    /// <summary>Bytes of the small form.</summary>
    public const int SmallSize = 94;
    /// <summary>Bytes of the large form.</summary>
    public const int LargeSize = 1052;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over <see cref="SmallSize"/> or at least <see cref="LargeSize"/> bytes.</summary>
    public EwfVolumeData(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, SmallSize);
        _bytes = bytes[..(bytes.Length >= LargeSize ? LargeSize : SmallSize)];
    }

    public bool IsLarge => _bytes.Length == LargeSize;
    public byte MediaType => _bytes[0];
    public uint NumberOfChunks => UInt32(4);
    public uint SectorsPerChunk => UInt32(8);
    public uint BytesPerSector => UInt32(12);
    public ulong NumberOfSectors => IsLarge ? BinaryPrimitives.ReadUInt64LittleEndian(_bytes[16..]) : UInt32(16);
    public byte MediaFlags => IsLarge ? _bytes[36] : (byte)0;
    public byte CompressionLevel => IsLarge ? _bytes[52] : (byte)0;
    public uint ErrorGranularity => IsLarge ? UInt32(56) : 0;
    public ReadOnlySpan<byte> SetIdentifier => IsLarge ? _bytes.Slice(64, 16) : [];
    public bool IsSmart => !IsLarge && _bytes[85..].StartsWith("SMART"u8);
    /// <summary>Whether the Adler-32 over the data is right.</summary>
    public bool IsSound => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[^4..]) == Adler32.Compute(_bytes[..^4]);

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);
}

/// <summary>What a volume section fixes.</summary>
/// <param name="ChunkSize">Bytes of a chunk; the last may hold less.</param>
/// <param name="Size">Bytes of the disk.</param>
/// <param name="StatedChunks">Chunks of all segments as the section states them.</param>
/// <param name="SetIdentifier">Identifier of the set of segments in hexadecimal; empty when there is none.</param>
internal sealed record EwfGeometry(int ChunkSize, long Size, long StatedChunks, string SetIdentifier)
{
    /// <summary>Bytes of a sector.</summary>
    public uint BytesPerSector { get; init; } = 512;
    /// <summary>Chunks that the size makes.</summary>
    public long Chunks => Size / ChunkSize + (Size % ChunkSize == 0 ? 0 : 1);
    /// <summary>Facts for <c>info</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Facts { get; init; } = [];
}

/// <summary>A segment file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Name">File name in display form.</param>
/// <param name="File">Its bytes.</param>
internal sealed record EwfSegment(int Number, string Name, IByteSource File);
