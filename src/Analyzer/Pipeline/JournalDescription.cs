using Forensics.Analyzer.Reports;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Pipeline;

/// <summary>What a file system says about its journal, in the words of the report.</summary>
internal static class JournalDescription
{
    /// <summary>Null without a journal.</summary>
    public static JournalInfo? Of(JournalFacts? facts) => facts is null ? null : new JournalInfo(facts.View)
    {
        Problem = facts.Problem,
        Transactions = facts.Transactions,
        Blocks = facts.Blocks,
        RevokedBlocks = facts.RevokedBlocks,
        FastCommits = facts.FastCommits,
        FirstCommit = facts.FirstCommit,
        LastCommit = facts.LastCommit,
    };
}
