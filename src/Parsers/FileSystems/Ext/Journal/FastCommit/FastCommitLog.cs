namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary>The fast commits of a journal: what was made of them, and what they change.</summary>
/// <remarks>
/// Fast commits are small records of what happened since the last full transaction, kept at the end of the journal. Specification:
/// <c>Documentation/filesystems/ext4/journal.rst</c> and fs/ext4/fast_commit.[ch] of the kernel. Limitations: those of <see cref="FastCommitOverlay"/>,
/// <see cref="FastCommitCursor"/> and <see cref="NameEdits"/>.
/// </remarks>
internal sealed class FastCommitLog
{
    private FastCommitLog(FastCommitOverlay? overlay, int commits, string? problem)
    {
        Overlay = overlay;
        Commits = commits;
        Problem = problem;
    }

    /// <summary>The changes; null when there are none.</summary>
    public FastCommitOverlay? Overlay { get; }

    /// <summary>Complete fast commits, all of them applied.</summary>
    public int Commits { get; }

    /// <summary>Why fast commits were left out, one sentence; null when none was.</summary>
    public string? Problem { get; }

    /// <summary>
    /// Reads the fast commits that follow the last complete transaction. Never throws for what they hold: what is wrong is reported as
    /// <c>ext4.fast_commit.*</c>, and the first fast commit that is not complete ends the replay.
    /// </summary>
    /// <param name="area">Where they lie.</param>
    /// <param name="expectedTid">The transaction that was running: one more than the last complete one.</param>
    /// <param name="layout">Geometry after the replay of the transactions.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static FastCommitLog Read(FastCommitArea area, uint expectedTid, ExtLayout layout, ExtDiagnostics diagnostics, CancellationToken cancellation)
    {
        FastCommitScan scan = FastCommitScan.Run(area, expectedTid, layout.InodeSize, diagnostics, cancellation);
        FastCommitOverlay? overlay = scan.Commits == 0 ? null : new FastCommitReplay(layout, diagnostics).Run(area, scan.Tags, cancellation);
        return new FastCommitLog(overlay, scan.Commits, scan.Problem);
    }
}
