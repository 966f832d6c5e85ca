using Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>What became of the journal of a volume, as the file system carries it.</summary>
internal sealed record JournalOutcome(JournalFacts? Facts, bool NeedsRecovery)
{
    /// <summary>Older copies of blocks.</summary>
    public IBlockHistory History { get; init; } = EmptyHistory.Instance;

    /// <summary>The volume after replay; null when nothing was replayed.</summary>
    public ReplayedVolume? Overlay { get; init; }

    /// <summary>What fast commits changed on top of <see cref="Overlay"/>; null when there are none.</summary>
    public FastCommitOverlay? FastCommits { get; init; }

    /// <summary>The file system before replay; null when nothing was replayed.</summary>
    public ExtFileSystem? Before { get; init; }
}
