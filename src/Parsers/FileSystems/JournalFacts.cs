namespace Forensics.Parsers.FileSystems;

/// <summary>What was found in the journal of a volume and what was done with it.</summary>
public sealed record JournalFacts
{
    /// <summary><c>replayed</c>, <c>clean</c> (nothing to replay), <c>ignored</c> (as asked) or <c>not replayable</c>.</summary>
    public required string View { get; init; }
    /// <summary>Why it was not replayed, or why replay ended early, one sentence; null otherwise.</summary>
    public string? Problem { get; init; }
    /// <summary>Committed transactions applied (or, when ignored, that would be).</summary>
    public int Transactions { get; init; }
    /// <summary>Distinct file system blocks that the transactions replace.</summary>
    public long Blocks { get; init; }
    /// <summary>Blocks that were revoked and so left alone.</summary>
    public long RevokedBlocks { get; init; }
    /// <summary>Fast commits applied after the transactions.</summary>
    public int FastCommits { get; init; }
    /// <summary>Commit time of the first transaction; null without transactions or times.</summary>
    public Timestamp? FirstCommit { get; init; }
    /// <summary>Commit time of the last transaction.</summary>
    public Timestamp? LastCommit { get; init; }
}
