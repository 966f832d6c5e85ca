using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>
/// Decides which state of a volume is shown, as the kernel does when it mounts one: the journal is replayed when the superblock asks for it, or when the
/// superblock is a backup, which does not know. A journal that cannot be replayed leaves the volume as it lies on the disk, and says so.
/// </summary>
internal sealed class JournalRecovery
{
    private const string Replayed = "replayed";
    private const string Clean = "clean";
    private const string Ignored = "ignored";
    private const string NotReplayable = "not replayable";

    private readonly IByteSource _volume;
    private readonly LocatedSuperblock _superblock;
    private readonly ExtDiagnostics _diagnostics;
    private readonly ParseContext _context;
    private readonly ExtFileSystem _plain;
    private readonly ExtLayout _layout;

    private JournalRecovery(IByteSource volume, LocatedSuperblock superblock, ExtDiagnostics diagnostics, ParseContext context)
    {
        _volume = volume;
        _superblock = superblock;
        _diagnostics = diagnostics;
        _context = context;
        _layout = new ExtLayout(superblock.View);
        _plain = new ExtFileSystem(volume, superblock, diagnostics, context, null);
    }

    /// <summary>Opens the volume in the state the context asks for.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="superblock">Its superblock, of which every incompatible feature is known.</param>
    /// <param name="diagnostics">Where damage is reported.</param>
    /// <param name="context">Which view, and external journals.</param>
    public static ExtFileSystem Open(IByteSource volume, LocatedSuperblock superblock, ExtDiagnostics diagnostics, ParseContext context)
    {
        var recovery = new JournalRecovery(volume, superblock, diagnostics, context);
        if (recovery._layout.Features.HasCompatible(ExtFeatures.HasJournal))
        {
            return recovery.OpenJournaled();
        }
        if (recovery._layout.Features.HasIncompatible(ExtFeatures.NeedsRecovery))
        {
            diagnostics.Report("ext4.journal.missing", "the superblock asks for recovery, but there is no journal", "a journal", "none", Superblock.PrimaryOffset);
        }
        return recovery.Plain(new JournalOutcome(null, NeedsRecovery: false));
    }

    private ExtFileSystem OpenJournaled()
    {
        bool isAsked = _layout.Features.HasIncompatible(ExtFeatures.NeedsRecovery) || IsBackup();
        JournalLog? log = Find(out JournalProblem? problem);
        if (log is null)
        {
            return Plain(Unusable(problem!, isAsked));
        }
        var history = new JournalHistory(log, _layout, _diagnostics, _context.Cancellation);
        if (log.ErrorNumber != 0)
        {
            _diagnostics.Report("ext4.journal.error", "the journal was aborted by an error of the file system", "no error", Text(log.ErrorNumber));
        }
        ReplayPlan plan = JournalReplay.Plan(log, _layout, _context.Cancellation);
        var plainHistory = new ShownHistory(history, log.Sequence);
        if (plan.IsUnusable)
        {
            return Plain(Unusable(plan.Problem!, isAsked) with { History = plainHistory });
        }
        FastCommitLog fastCommits = FastCommitLog.Find(log, plan, _layout, _context.Cancellation);
        if (plan.Transactions == 0 && fastCommits.Commits == 0)
        {
            JournalOutcome outcome = (plan.Problem ?? fastCommits.Problem) is { } nothingSound
                ? Unusable(nothingSound, isAsked)
                : new JournalOutcome(Facts(Clean, plan, fastCommits), NeedsRecovery: false);
            return Plain(outcome with { History = plainHistory });
        }
        if (!isAsked)
        {
            return Plain(Stale(plan, fastCommits) with { History = plainHistory });
        }
        if (_context.Journal == JournalView.Ignore)
        {
            return Plain(new JournalOutcome(Facts(Ignored, plan, fastCommits), NeedsRecovery: true) { History = plainHistory });
        }
        return Replay(log, plan, fastCommits, history, plainHistory);
    }

    private ExtFileSystem Replay(JournalLog log, ReplayPlan plan, FastCommitLog fastCommits, JournalHistory history, ShownHistory plainHistory)
    {
        var overlay = new ReplayedVolume(_volume, log, plan);
        LocatedSuperblock superblock;
        try
        {
            superblock = SuperblockLocator.Find(overlay, _diagnostics);
            List<string> unreadable = superblock.View.Features.UnreadableNames();
            if (unreadable.Count > 0)
            {
                throw new UnsupportedFeatureException("ext4 feature " + string.Join(", ", unreadable));
            }
        }
        catch (ForensicException failure) when (failure is CorruptDataException or UnsupportedFeatureException or UnknownFormatException)
        {
            // A journal that replaces the superblock by something unusable would take the whole volume away.
            var problem = new JournalProblem("ext4.journal.superblock_lost", "after replay the superblock cannot be used", "a superblock", failure.Message);
            return Plain(Unusable(problem, isAsked: true) with { History = plainHistory });
        }
        if (plan.Problem is { } incomplete)
        {
            Report(incomplete, losesContent: true);
        }
        if (fastCommits.Problem is { } leftOut)
        {
            Report(leftOut, losesContent: true);
        }
        ParseContext quiet = _context with { Diagnostics = NullDiagnosticSink.Instance };
        var before = new ExtFileSystem(_volume, _superblock, new ExtDiagnostics(NullDiagnosticSink.Instance), quiet, new JournalOutcome(Facts(Ignored, plan, fastCommits), NeedsRecovery: true) { History = plainHistory });
        var state = new JournalOutcome(Facts(Replayed, plan, fastCommits), NeedsRecovery: false)
        {
            History = new ShownHistory(history, plan.EndSequence),
            Overlay = overlay,
            FastCommits = fastCommits.Replay(new ExtLayout(superblock.View), _diagnostics, _context.Cancellation),
            Before = before,
        };
        return new ExtFileSystem(overlay, superblock, _diagnostics, _context, state);
    }

    private JournalLog? Find(out JournalProblem? problem)
    {
        try
        {
            return JournalLocator.Find(_plain, _superblock.Data, _layout, _context.ExternalJournals, out problem);
        }
        catch (ForensicException failure) when (failure is ImageReadException or CorruptDataException)
        {
            problem = new JournalProblem("ext4.journal.unreadable", "the superblock of the journal cannot be read", "a readable block", failure.Message);
            return null;
        }
    }

    /// <summary>Only when the superblock asks for recovery are changes missed; else the damage is merely worth a note.</summary>
    private JournalOutcome Unusable(JournalProblem problem, bool isAsked)
    {
        Report(problem, losesContent: isAsked && _context.Journal == JournalView.Replay);
        string view = !isAsked ? Clean : _context.Journal == JournalView.Ignore ? Ignored : NotReplayable;
        return new JournalOutcome(new JournalFacts { View = view, Problem = Sentence(problem) }, isAsked);
    }

    /// <summary>The kernel wipes such a journal: the superblock says that all of it has reached its place.</summary>
    private JournalOutcome Stale(ReplayPlan plan, FastCommitLog fastCommits)
    {
        var problem = new JournalProblem("ext4.journal.stale", "the journal holds transactions, but the superblock does not ask for recovery; they are left alone, as a mount would leave them",
            "an empty journal", $"{Text(plan.Transactions)} transactions and {Text(fastCommits.Commits)} fast commits");
        Report(problem, losesContent: false);
        return new JournalOutcome(new JournalFacts { View = Clean, Problem = Sentence(problem) }, NeedsRecovery: false);
    }

    private ExtFileSystem Plain(JournalOutcome state) => new(_volume, _superblock, _diagnostics, _context, state);

    private bool IsBackup() => _superblock.Offset != Superblock.PrimaryOffset;

    private void Report(JournalProblem problem, bool losesContent) =>
        _diagnostics.Report(problem.Code, problem.Sentence, problem.Expected, problem.Actual, losesContent: losesContent);

    private static JournalFacts Facts(string view, ReplayPlan plan, FastCommitLog fastCommits) => new()
    {
        View = view,
        Problem = (plan.Problem ?? fastCommits.Problem) is { } problem ? Sentence(problem) : null,
        Transactions = plan.Transactions,
        Blocks = plan.Blocks.Length,
        RevokedBlocks = plan.RevokedBlocks,
        FastCommits = fastCommits.Commits,
        FirstCommit = plan.FirstCommit,
        LastCommit = plan.LastCommit,
    };

    private static string Sentence(JournalProblem problem) => $"{problem.Sentence} (expected {problem.Expected}, found {problem.Actual})";

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
