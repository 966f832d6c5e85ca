namespace Forensics.Parsers.Diagnostics;

/// <summary>Bounds that keep a hostile image from costing unbounded time or memory. Sizes in bytes.</summary>
public sealed record ScanLimits
{
    /// <summary>The values used unless told otherwise.</summary>
    public static ScanLimits Default { get; } = new();

    /// <summary>Deepest directory nesting that is walked.</summary>
    public int DirectoryDepth { get; init; } = 1024;
    /// <summary>Longest path in display characters.</summary>
    public int PathLength { get; init; } = 16384;
    /// <summary>From how many characters a path is long.</summary>
    public int LongPath { get; init; } = 256;
    /// <summary>Most characters of all long paths of one volume together: each name below a long path costs that path again.</summary>
    public long LongPathCharacters { get; init; } = 64L << 20;
    /// <summary>Most entries read from one directory.</summary>
    public int DirectoryEntries { get; init; } = 20_000_000;
    /// <summary>Most names kept in memory for looking paths up, of one directory and of all together.</summary>
    public int KeptNames { get; init; } = 1_000_000;
    /// <summary>Largest directory in bytes.</summary>
    public long DirectoryBytes { get; init; } = 1L << 32;
    /// <summary>Most content runs of one file.</summary>
    public int ContentRuns { get; init; } = 4_000_000;
    /// <summary>Most deleted names, most deleted inodes and most orphans taken from one volume.</summary>
    public int DeletedFiles { get; init; } = 1_000_000;
    /// <summary>Largest artefact file that is parsed.</summary>
    public int ArtifactBytes { get; init; } = 16 << 20;
    /// <summary>Longest line of a text artefact.</summary>
    public int LineBytes { get; init; } = 64 << 10;
    /// <summary>Most artefacts one file may yield.</summary>
    public int ArtifactsPerFile { get; init; } = 100_000;
    /// <summary>Most symbolic links followed for one path.</summary>
    public int LinkHops { get; init; } = 40;
    /// <summary>Largest table (L1, BAT, partition array ...) loaded from a container.</summary>
    public int TableBytes { get; init; } = 64 << 20;
    /// <summary>Deepest chain of extended partitions or container parents.</summary>
    public int ChainLength { get; init; } = 512;
    /// <summary>Up to this size decompressed data may be whatever their ratio: an empty disk compresses without end.</summary>
    public long ExpansionAllowance { get; init; } = 64L << 30;
    /// <summary>Largest ratio of decompressed to compressed size beyond the allowance; deflate itself ends at 1,032.</summary>
    public int ExpansionRatio { get; init; } = 4096;
    /// <summary>Up to this size decompressed data that are not zeros may be whatever their ratio.</summary>
    public long StoredExpansionAllowance { get; init; } = 64L << 20;
    /// <summary>Largest ratio to the compressed size of decompressed data that are not zeros, beyond the allowance.</summary>
    public int StoredExpansionRatio { get; init; } = 200;
    /// <summary>Most members of an archive that are looked at.</summary>
    public int ArchiveMembers { get; init; } = 1_000_000;
}
