using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>Which of the three kinds of sparse extent it is.</summary>
internal enum GrainLayoutKind
{
    /// <summary>Hosted sparse and stream-optimized (<c>KDMV</c>): entries of 32 bits, sector numbers.</summary>
    Hosted,
    /// <summary>ESX copy-on-write disk (<c>COWD</c>): entries of 32 bits, sector numbers.</summary>
    Cowd,
    /// <summary>Space-efficient sparse: entries of 64 bits with a type in the top four, numbers of tables and grains.</summary>
    SeSparse,
}

/// <summary>What the header of a sparse extent fixes. All offsets and sizes in bytes.</summary>
internal sealed record GrainLayout(GrainLayoutKind Kind)
{
    /// <summary>Bytes of the extent that the header speaks of.</summary>
    public required long Capacity { get; init; }
    /// <summary>Grain size.</summary>
    public required long GrainSize { get; init; }
    /// <summary>Entries of a grain table.</summary>
    public required int EntriesPerTable { get; init; }
    /// <summary>Where the grain directory begins.</summary>
    public required long DirectoryOffset { get; init; }
    /// <summary>Entries of the grain directory.</summary>
    public required long DirectoryEntries { get; init; }
    /// <summary>Where the redundant grain directory begins; 0 when there is none.</summary>
    public long RedundantOffset { get; init; }
    /// <summary>Where grain tables begin (seSparse).</summary>
    public long TablesOffset { get; init; }
    /// <summary>Where grains begin (seSparse).</summary>
    public long GrainsOffset { get; init; }
    /// <summary>A table entry of 1 means zeros.</summary>
    public bool HasZeroedGrains { get; init; }
    /// <summary>Grains are zlib streams.</summary>
    public bool IsCompressed { get; init; }
    /// <summary>A marker with sector and size stands before each compressed grain.</summary>
    public bool HasMarkers { get; init; }
    /// <summary>Offsets of grains by their number, where they were found without tables; null when there are tables.</summary>
    public Dictionary<long, long>? FoundGrains { get; init; }
    /// <summary>Facts for <c>info</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Facts { get; init; } = [];

    /// <summary>Bytes of an entry of directory and tables.</summary>
    public int EntrySize => Kind == GrainLayoutKind.SeSparse ? 8 : 4;
    /// <summary>Bytes of the extent that one table maps.</summary>
    public long Coverage => GrainSize * EntriesPerTable;
    /// <summary>Bytes of a grain table.</summary>
    public int TableBytes => EntriesPerTable * EntrySize;
}

/// <summary>A grain table, decoded. Entries are file offsets, or one of the three values below, which no grain can have as its offset.</summary>
internal sealed class GrainTable(long[] entries)
{
    /// <summary>Not stored here.</summary>
    public const long Absent = 0;
    /// <summary>Zeros.</summary>
    public const long Zero = 1;
    /// <summary>Damaged: reads as zeros and was reported.</summary>
    public const long Bad = -1;

    /// <summary>A table of which nothing is stored.</summary>
    public static GrainTable AllAbsent { get; } = new([]);
    /// <summary>A table that is lost: reads as zeros.</summary>
    public static GrainTable AllBad { get; } = new([]);
    /// <summary>A table of zeros.</summary>
    public static GrainTable AllZero { get; } = new([]);

    /// <summary>The entries; empty for the three tables above.</summary>
    public long[] Entries { get; } = entries;
}
