using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>
/// The log of NTFS (<c>$LogFile</c>), replayed in memory as mounting the volume would do: the last checkpoint is found, what was logged since is applied to the pages that had not reached
/// the disk (redo), and what belongs to transactions that never ended is taken back (undo). The volume itself is not written to.
/// Source: the on-disk format as documented by the Linux NTFS projects.
/// </summary>
/// <remarks>
/// Memory: the pages that change, at most 64 MiB; a log that changes more is left alone, and so is one that is damaged before its end is known. Thread-safe.
/// Limitations: operations on views of indexes by relative data (<c>UpdateRelativeDataIndex</c>, <c>UpdateRelativeDataAllocation</c>), which Windows hardly ever logs, are not applied and
/// named in <see cref="JournalFacts.Problem"/>, and so is whatever does not fit the page it is meant for; the mirror of the master file table stays as it is; a log that is closed in order
/// but still names changed pages is left alone; the log carries no times.
/// </remarks>
public sealed class LogFileReplay
{
    private const string Replayed = "replayed";
    private const string Clean = "clean";
    private const string Ignored = "ignored";
    private const string NotReplayable = "not replayable";

    private LogFileReplay(IByteSource view, JournalFacts facts)
    {
        View = view;
        Facts = facts;
    }

    /// <summary>The volume as it is after replay; the volume itself when nothing was replayed.</summary>
    public IByteSource View { get; }

    /// <summary>What was found and done. Pages are counted as blocks of 4 KiB.</summary>
    public JournalFacts Facts { get; }

    /// <summary>Whether <see cref="View"/> differs from the volume.</summary>
    public bool IsReplayed => Facts.View == Replayed;

    /// <summary>The log holds, or may hold, changes that <see cref="View"/> does not show.</summary>
    internal bool IsOutstanding => Facts.View is Ignored or NotReplayable;

    /// <summary>MFT record numbers of which replay changed the record, an index or a value.</summary>
    public IReadOnlySet<ulong> TouchedRecords { get; private init; } = new HashSet<ulong>();

    /// <summary>Those of which plain bytes of a non-resident attribute were changed.</summary>
    public IReadOnlySet<ulong> TouchedValues { get; private init; } = new HashSet<ulong>();

    /// <summary>Transactions that never ended and were taken back.</summary>
    public int RolledBack { get; private init; }

    /// <summary>The same log, left alone because the volume cannot be used after replay.</summary>
    internal LogFileReplay Withdraw(IByteSource volume, ParseContext context, string problem) =>
        Fail(volume, context, "ntfs.logfile.volume_lost", "after replay the volume cannot be used: " + problem, 0);

    /// <summary>A volume whose log cannot be read at all.</summary>
    internal static LogFileReplay Missing(IByteSource volume, ParseContext context, string problem) =>
        Fail(volume, context, "ntfs.logfile.missing", "the log of the volume cannot be read: " + problem, 0);

    /// <summary>Reads the log and replays it. Never throws for a damaged log: that is in <see cref="Facts"/> and a diagnostic.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="geometry">Its sizes.</param>
    /// <param name="logFile">Content of <c>$LogFile</c>.</param>
    /// <param name="context">Which view is asked for, and where damage is reported.</param>
    /// <exception cref="ImageReadException">The image cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LogFileReplay Open(IByteSource volume, NtfsGeometry geometry, IByteSource logFile, ParseContext context)
    {
        LogRestart? restart = LogRestart.Find(logFile, out bool isUnused);
        if (restart is null)
        {
            return isUnused
                ? Plain(volume, new JournalFacts { View = Clean })
                : Fail(volume, context, "ntfs.logfile.restart", "neither restart area of the log can be used", 0);
        }
        try
        {
            return restart.IsChecked || !restart.HasClient ? Plain(volume, new JournalFacts { View = Clean }) : Replay(volume, geometry, logFile, restart, context);
        }
        catch (ForensicException failure) when (failure is CorruptDataException or LimitExceededException)
        {
            if (restart.IsMarkedClean)
            {
                // Nothing of it would have been applied.
                context.Diagnostics.Report(new Diagnostic(failure.Code, failure.Message) { Offset = (failure as CorruptDataException)?.Offset });
                return Plain(volume, new JournalFacts { View = Clean, Problem = failure.Message });
            }
            return Fail(volume, context, failure.Code, failure.Message, (failure as CorruptDataException)?.Offset ?? 0);
        }
    }

    private static LogFileReplay Replay(IByteSource volume, NtfsGeometry geometry, IByteSource logFile, LogRestart restart, ParseContext context)
    {
        var records = new LogRecords(new LogPages(logFile, restart), restart);
        LogState state = LogAnalysis.Run(records, restart, out ulong redoFrom, context.Cancellation);
        if (redoFrom == 0 || (!state.HasDirty && !state.Transactions.Values.Any(each => each.IsActive)))
        {
            return Plain(volume, new JournalFacts { View = Clean });
        }
        var store = new PageStore(volume);
        var applier = new LogApplier(store, geometry, state);
        LogRecovery.Outcome outcome = LogRecovery.Run(records, restart, state, redoFrom, applier, context.Cancellation);
        string? problem = Sentence(applier.Left, outcome.Problem);
        if (store.Count == 0 && problem is null)
        {
            return Plain(volume, new JournalFacts { View = Clean });
        }
        var facts = new JournalFacts { View = Replayed, Problem = problem, Transactions = outcome.Committed, Blocks = store.Count };
        if (context.Journal == JournalView.Ignore)
        {
            return Plain(volume, facts with { View = Ignored });
        }
        if (restart.IsMarkedClean)
        {
            const string Stale = "the log was closed in order, but still names changes that are not on the disk; they are left alone";
            context.Diagnostics.Report(new Diagnostic("ntfs.logfile.stale", Stale));
            return Plain(volume, new JournalFacts { View = Clean, Problem = Stale });
        }
        if (problem is not null)
        {
            context.Diagnostics.Report(new Diagnostic("ntfs.logfile.incomplete", problem) { LosesContent = true });
        }
        return new LogFileReplay(store.Show(), facts) { TouchedRecords = applier.Touched, TouchedValues = applier.TouchedValues, RolledBack = outcome.RolledBack };
    }

    private static string? Sentence(IReadOnlyDictionary<string, int> left, string? other)
    {
        if (left.Count == 0)
        {
            return other;
        }
        string list = "not applied: " + string.Join(", ", left.Select(each => each.Key + " (" + each.Value.ToString(CultureInfo.InvariantCulture) + ")"));
        return other is null ? list : list + "; " + other;
    }

    private static LogFileReplay Fail(IByteSource volume, ParseContext context, string code, string problem, long offset)
    {
        bool isAsked = context.Journal == JournalView.Replay;
        context.Diagnostics.Report(new Diagnostic(code, problem) { Offset = offset, LosesContent = isAsked });
        return Plain(volume, new JournalFacts { View = isAsked ? NotReplayable : Ignored, Problem = problem });
    }

    private static LogFileReplay Plain(IByteSource volume, JournalFacts facts) => new(volume, facts);
}
