using Forensics.Parsers;

namespace Forensics.Analyzer.Reports;

/// <summary>What was done with the journal of a volume.</summary>
/// <param name="View"><c>replayed</c>, <c>clean</c>, <c>ignored</c> or <c>not replayable</c>.</param>
public sealed record JournalInfo(string View)
{
    /// <summary>Why it was not replayed, or not to its end; null otherwise.</summary>
    public string? Problem { get; init; }
    /// <summary>Committed transactions replayed, or when ignored those that would be.</summary>
    public int Transactions { get; init; }
    /// <summary>Distinct blocks of the file system that they replace.</summary>
    public long Blocks { get; init; }
    /// <summary>Blocks left alone because a transaction revoked them.</summary>
    public long RevokedBlocks { get; init; }
    /// <summary>Fast commits replayed after the transactions.</summary>
    public int FastCommits { get; init; }
    /// <summary>Commit time of the first transaction.</summary>
    public Timestamp? FirstCommit { get; init; }
    /// <summary>Commit time of the last transaction.</summary>
    public Timestamp? LastCommit { get; init; }

    /// <summary>The same in one clause for people: <c>replayed: 3 transactions with 12 blocks, committed 2026-11-24T03:00:00Z to ...</c>.</summary>
    public string ToText()
    {
        var words = new List<string>();
        if (Transactions > 0)
        {
            words.Add(Amounts.Count(Transactions, "transaction") + " with " + Amounts.Count(Blocks, "block") + (RevokedBlocks > 0 ? ", " + Amounts.Count(RevokedBlocks) + " revoked" : ""));
        }
        if (FastCommits > 0)
        {
            words.Add(Amounts.Count(FastCommits, "fast commit"));
        }
        if (FirstCommit is { } first && LastCommit is { } last)
        {
            words.Add("committed " + first + (first == last ? "" : " to " + last));
        }
        if (Problem is not null)
        {
            words.Add(Problem);
        }
        return words.Count == 0 ? View : View + ": " + string.Join("; ", words);
    }
}
