using System.Buffers.Binary;

namespace Forensics.Parsers.Formats.EventLog;

/// <summary>The first 128 of the 4,096 bytes in front of the chunks.</summary>
internal readonly ref struct EventLogFileHeader
{
    public const int Size = 128;
    public const int BlockSize = 4096;
    private const int ChecksummedBytes = 120;

    private readonly ReadOnlySpan<byte> _bytes;

    public EventLogFileHeader(ReadOnlySpan<byte> bytes) => _bytes = bytes[..Size];

    public static ReadOnlySpan<byte> Magic => "ElfFile\0"u8;
    public bool HasMagic => _bytes.StartsWith(Magic);
    public ulong NextRecordIdentifier => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[24..]);
    public ushort MinorVersion => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[36..]);
    public ushort MajorVersion => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[38..]);
    public ushort HeaderBlockSize => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[40..]);
    public ushort NumberOfChunks => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[42..]);
    public uint FileFlags => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[120..]);
    public uint Checksum => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[124..]);

    /// <summary>Written to and not closed: the header lags behind the chunks.</summary>
    public bool IsDirty => (FileFlags & 1) != 0;
    /// <summary>Written without checksums, as Windows 10 and later may do.</summary>
    public bool HasNoChecksums => (FileFlags & 4) != 0;
    public uint ComputedChecksum => Bytes.Crc32.Compute(_bytes[..ChecksummedBytes]);
}

/// <summary>The 512 bytes in front of the records of a chunk.</summary>
internal readonly ref struct EventLogChunkHeader
{
    public const int Size = 512;
    private const int ChecksummedBytes = 120;
    private const int TablesOffset = 128;

    private readonly ReadOnlySpan<byte> _chunk;

    public EventLogChunkHeader(ReadOnlySpan<byte> chunk) => _chunk = chunk.Length >= Size ? chunk : throw new ArgumentOutOfRangeException(nameof(chunk));

    public static ReadOnlySpan<byte> Magic => "ElfChnk\0"u8;
    public bool HasMagic => _chunk.StartsWith(Magic);
    public ulong LastEventRecordIdentifier => BinaryPrimitives.ReadUInt64LittleEndian(_chunk[32..]);
    public uint FreeSpaceOffset => BinaryPrimitives.ReadUInt32LittleEndian(_chunk[48..]);
    public uint EventRecordsChecksum => BinaryPrimitives.ReadUInt32LittleEndian(_chunk[52..]);
    public uint Flags => BinaryPrimitives.ReadUInt32LittleEndian(_chunk[120..]);
    public uint Checksum => BinaryPrimitives.ReadUInt32LittleEndian(_chunk[124..]);

    public bool HasNoChecksums => (Flags & 4) != 0;
    /// <summary>Where the records end; the end of what there is when the field is out of bounds.</summary>
    public int EndOfRecords => FreeSpaceOffset >= Size && FreeSpaceOffset <= (uint)_chunk.Length ? (int)FreeSpaceOffset : _chunk.Length;
    public uint ComputedChecksum => Bytes.Crc32.Append(Bytes.Crc32.Compute(_chunk[..ChecksummedBytes]), _chunk[TablesOffset..Size]);
    public uint ComputedRecordsChecksum => Bytes.Crc32.Compute(_chunk[Size..EndOfRecords]);
}

/// <summary>The 24 bytes in front of the binary XML of a record; its size stands again in the last four bytes.</summary>
internal readonly ref struct EventRecordHeader
{
    public const int Size = 24;
    /// <summary>Header, the smallest content and the copy of the size.</summary>
    public const int SmallestRecord = Size + 4;
    // 1990 and 2100: what a clock of a Windows that writes this format may show.
    private const ulong EarliestTime = 122_752_800_000_000_000;
    private const ulong LatestTime = 157_469_184_000_000_000;

    private readonly ReadOnlySpan<byte> _bytes;

    public EventRecordHeader(ReadOnlySpan<byte> bytes) => _bytes = bytes[..Size];

    public static ReadOnlySpan<byte> Signature => "**\0\0"u8;
    public bool HasSignature => _bytes.StartsWith(Signature);
    public uint RecordSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);
    public ulong Identifier => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[8..]);
    public ulong WrittenTime => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[16..]);
    public bool IsPlausible => WrittenTime is > EarliestTime and < LatestTime && Identifier is > 0 and <= long.MaxValue;
}
