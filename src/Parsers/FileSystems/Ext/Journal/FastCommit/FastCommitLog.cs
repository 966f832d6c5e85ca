namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary>The fast commits that follow the last complete transaction of a journal.</summary>
/// <remarks>
/// Fast commits are small records of what happened since the last full transaction, kept at the end of the journal. Specification:
/// <c>Documentation/filesystems/ext4/journal.rst</c> and fs/ext4/fast_commit.[ch] of the kernel. Limitations: those of <see cref="FastCommitOverlay"/>,
/// <see cref="FastCommitCursor"/> and <see cref="NameEdits"/>.
/// </remarks>
internal sealed class FastCommitLog
{
    private readonly FastCommitArea? _area;
    private readonly FastCommitScan? _scan;

    private FastCommitLog(FastCommitArea? area, FastCommitScan? scan)
    {
        _area = area;
        _scan = scan;
    }

    /// <summary>Complete fast commits, all of which <see cref="Replay"/> applies.</summary>
    public int Commits => _scan?.Commits ?? 0;

    /// <summary>Why fast commits are left out; null when none is.</summary>
    public JournalProblem? Problem => _scan?.Problem;

    /// <summary>
    /// Looks for fast commits of the transaction that was running. Never throws for what they hold: what is wrong is in <see cref="Problem"/>, and
    /// the first fast commit that is not complete ends the replay.
    /// </summary>
    /// <param name="log">The journal.</param>
    /// <param name="plan">What its transactions do.</param>
    /// <param name="layout">Geometry of the volume.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static FastCommitLog Find(JournalLog log, ReplayPlan plan, ExtLayout layout, CancellationToken cancellation)
    {
        // A journal without a start was left cleanly: its fast commits have long reached their places.
        FastCommitArea? area = log.Start == 0 || plan.IsUnusable ? null : FastCommitArea.Of(log);
        return new FastCommitLog(area, area is null ? null : FastCommitScan.Run(area, plan.EndSequence, layout.InodeSize, cancellation));
    }

    /// <summary>What the fast commits change; null when there are none.</summary>
    /// <param name="layout">Geometry after the replay of the transactions.</param>
    /// <param name="diagnostics">Takes single records that cannot be, as <c>ext4.fast_commit.*</c>.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public FastCommitOverlay? Replay(ExtLayout layout, ExtDiagnostics diagnostics, CancellationToken cancellation) =>
        _area is null || Commits == 0 ? null : new FastCommitReplay(layout, diagnostics).Run(_area, _scan!.Tags, cancellation);
}
