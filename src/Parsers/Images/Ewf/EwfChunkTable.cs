namespace Forensics.Parsers.Images.Ewf;

/// <summary>Where a table of chunk offsets lies; its entries are read when they are wanted.</summary>
/// <param name="EntriesOffset">First entry in the segment file.</param>
/// <param name="Count">Entries of four bytes.</param>
/// <param name="BaseOffset">What the entries count from.</param>
internal readonly record struct EwfTablePlace(long EntriesOffset, int Count, long BaseOffset)
{
    /// <summary>End of the entries.</summary>
    public long End => EntriesOffset + Count * 4L;
}

/// <summary>One table with the chunks it maps.</summary>
internal sealed class EwfChunkTable(EwfSegment segment, EwfTablePlace primary, long dataEnd, bool isInSectors)
{
    private int _reported;

    /// <summary>The segment it and its chunks lie in.</summary>
    public EwfSegment Segment { get; } = segment;
    /// <summary>The table, or table2 when the table cannot be used.</summary>
    public EwfTablePlace Primary { get; set; } = primary;
    /// <summary>The copy; null when there is none.</summary>
    public EwfTablePlace? Mirror { get; set; }
    /// <summary>Where the section that holds the chunks ends, so where the last chunk does.</summary>
    public long DataEnd { get; } = dataEnd;
    /// <summary>Chunks lie in a sectors section before the table, so a checksum follows the entries; else they may begin where the checksum would be.</summary>
    public bool IsInSectors { get; } = isInSectors;
    /// <summary>Number of the first chunk in the disk.</summary>
    public long FirstChunk { get; set; }

    /// <summary>True for the first caller.</summary>
    public bool ShouldReport() => Interlocked.Exchange(ref _reported, 1) == 0;
}

/// <summary>Where a chunk is stored.</summary>
/// <param name="Offset">In the segment file.</param>
/// <param name="Length">Bytes stored; an upper bound unless exact.</param>
/// <param name="IsCompressed">A zlib stream, else the bytes and their Adler-32.</param>
/// <param name="IsExact">The next chunk, or the end of the section, says where it ends.</param>
internal readonly record struct EwfChunkPlace(long Offset, int Length, bool IsCompressed, bool IsExact);

/// <summary>The entries of a table in memory, four bytes a chunk.</summary>
internal sealed class EwfLoadedTable
{
    private const uint CompressedFlag = 0x8000_0000;

    private readonly uint[] _entries;
    private readonly long _base;
    private readonly long _dataEnd;
    private readonly int _overflow;
    private readonly int _longest;

    /// <param name="entries">As stored.</param>
    /// <param name="baseOffset">What they count from.</param>
    /// <param name="dataEnd">Where the last chunk ends.</param>
    /// <param name="chunkSize">Bytes of a chunk.</param>
    public EwfLoadedTable(uint[] entries, long baseOffset, long dataEnd, int chunkSize)
    {
        _entries = entries;
        _base = baseOffset;
        _dataEnd = dataEnd;
        // zlib adds little to what it cannot compress.
        _longest = chunkSize + chunkSize / 8 + 4096;
        _overflow = entries.Length;
        for (int i = 1; i < entries.Length; i++)
        {
            uint before = entries[i - 1] & ~CompressedFlag;
            // EnCase 6.7.1 let offsets run past 2 GiB into the flag; from there on chunks are not compressed.
            if (entries[i] >= CompressedFlag && (entries[i] & ~CompressedFlag) < before && entries[i] - before <= (uint)_longest)
            {
                _overflow = i;
                break;
            }
        }
    }

    /// <summary>The place of the chunk with a number in this table.</summary>
    public EwfChunkPlace Place(int index)
    {
        long offset = Offset(index);
        long end = index + 1 < _entries.Length ? Offset(index + 1) : _dataEnd;
        bool isExact = end > offset && end - offset <= _longest;
        return new EwfChunkPlace(offset, isExact ? (int)(end - offset) : _longest, index < _overflow && (_entries[index] & CompressedFlag) != 0, isExact);
    }

    private long Offset(int index) => _base + (index < _overflow ? _entries[index] & ~CompressedFlag : _entries[index]);
}
