using System.Globalization;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>
/// The first pass of recovery: follows the ring from its start to the end of the last whole transaction, and notes where the descriptor and revoke blocks are.
/// It ends exactly where the kernel's <c>do_one_pass</c> ends, which e2fsck shares, including what they make of wrong checksums.
/// </summary>
/// <remarks>
/// Where a wrong descriptor checksum is followed by a commit block that is not older than the one before, the journal is corrupt and nothing is replayed.
/// Where it is older, the blocks are leftovers of an earlier round and the journal simply ends there. A wrong commit checksum ends the journal before its
/// transaction; with asynchronous commit the transaction may just not have been written whole. Limitations: none known beyond the kernel's own.
/// </remarks>
internal sealed class JournalScan
{
    private readonly JournalLog _log;
    private readonly JournalWindow _window;
    private readonly CancellationToken _cancellation;
    private readonly List<ControlBlock> _controls = [];
    private readonly List<(uint Sequence, Timestamp? Time)> _commits = [];
    private uint _transactionChecksum = uint.MaxValue;
    private ulong _lastCommitSeconds;
    private bool _sawBadChecksum;
    private uint? _end;
    private uint _sequence;
    private uint _next;

    private JournalScan(JournalLog log, JournalWindow window, CancellationToken cancellation)
    {
        _log = log;
        _window = window;
        _cancellation = cancellation;
        _sequence = log.Sequence;
        _next = log.Start;
    }

    /// <summary>A descriptor or revoke block of the ring.</summary>
    public readonly record struct ControlBlock(uint Block, uint Sequence, bool IsRevoke);

    /// <summary>What a block means for the scan.</summary>
    private enum Step
    {
        Continue,
        EndOfLog,
        Corrupt,
    }

    /// <summary>Descriptor and revoke blocks in the order of the ring, those of the transaction that is not replayed included.</summary>
    public IReadOnlyList<ControlBlock> Controls => _controls;

    /// <summary>Number of the first transaction that is not replayed.</summary>
    public uint EndSequence => _end ?? _sequence;

    /// <summary>What is wrong; null when the journal ends where it should.</summary>
    public JournalProblem? Problem { get; private set; }

    /// <summary>Nothing can be replayed.</summary>
    public bool IsUnusable { get; private set; }

    /// <summary>Commit times of the transactions that are replayed, in order.</summary>
    public IEnumerable<Timestamp?> Commits => _commits.Where(commit => IsReplayed(commit.Sequence)).Select(commit => commit.Time);

    /// <summary>Follows the ring. A transaction of which the ring has no room left for the end is none.</summary>
    public static JournalScan Run(JournalLog log, JournalWindow window, CancellationToken cancellation)
    {
        var scan = new JournalScan(log, window, cancellation);
        // A sound ring is passed once at most; a hostile one, whose blocks lead round and round, ends here.
        long left = log.Length;
        Step step = Step.Continue;
        while (step == Step.Continue && left > 0)
        {
            uint from = scan._next;
            step = scan.One();
            left -= Math.Max(1, scan.Distance(from, scan._next));
        }
        scan.IsUnusable = step == Step.Corrupt;
        return scan;
    }

    /// <summary>Transaction numbers wrap around: one comes before another by the sign of their difference.</summary>
    public bool IsReplayed(uint sequence) => unchecked((int)(sequence - EndSequence)) < 0;

    private Step One()
    {
        _cancellation.ThrowIfCancellationRequested();
        uint block = _next;
        if (!_window.TryRead(block, out ReadOnlySpan<byte> content))
        {
            Problem = new JournalProblem("ext4.journal.unreadable", "a block of the journal cannot be read", "a readable block", "journal block " + Text(block));
            return Step.Corrupt;
        }
        _next = _log.Next(block);
        var header = new JournalBlockHeader(content);
        if (!header.HasMagic || header.Sequence != _sequence)
        {
            return Step.EndOfLog;
        }
        switch (header.BlockType)
        {
            case JournalBlockType.Descriptor:
                Descriptor(block, content);
                return Step.Continue;
            case JournalBlockType.Revoke:
                _sawBadChecksum |= !_log.Checksums.TailMatches(content);
                _controls.Add(new ControlBlock(block, _sequence, IsRevoke: true));
                return Step.Continue;
            case JournalBlockType.Commit:
                return Commit(content);
            default:
                return Step.EndOfLog;
        }
    }

    private void Descriptor(uint block, ReadOnlySpan<byte> content)
    {
        _sawBadChecksum |= !_log.Checksums.TailMatches(content);
        _controls.Add(new ControlBlock(block, _sequence, IsRevoke: false));
        int tags = new DescriptorBlock(content, _log.Features).Count();
        if (!_log.Features.HasTransactionChecksum || _sawBadChecksum || _end is not null)
        {
            _next = _log.Skip(_next, tags);
            return;
        }
        _transactionChecksum = Crc32Big.Append(_transactionChecksum, content);
        for (; tags > 0; tags--)
        {
            uint data = _next;
            _next = _log.Next(data);
            if (!_window.TryRead(data, out content))
            {
                return;
            }
            _transactionChecksum = Crc32Big.Append(_transactionChecksum, content);
        }
    }

    private Step Commit(ReadOnlySpan<byte> content)
    {
        var commit = new CommitBlock(content);
        bool isOlder = commit.CommitSeconds < _lastCommitSeconds;
        if (_sawBadChecksum)
        {
            if (isOlder)
            {
                return Step.EndOfLog;
            }
            Problem = new JournalProblem("ext4.journal.descriptor_checksum", "a descriptor or revoke block of a committed transaction has a wrong checksum",
                "sound blocks of transaction " + Text(_sequence), "another checksum");
            return Step.Corrupt;
        }
        bool isSound = true;
        if (_log.Features.HasTransactionChecksum)
        {
            if (_end is uint failed)
            {
                // A later commit made it to the disk: the failed one was not simply cut off.
                Fail(failed);
                return Step.Continue;
            }
            isSound = commit.TransactionChecksumMatches(_transactionChecksum);
            _transactionChecksum = isSound ? uint.MaxValue : _transactionChecksum;
        }
        if (!isSound || !_log.Checksums.CommitMatches(content))
        {
            if (isOlder)
            {
                return Step.EndOfLog;
            }
            _end = _sequence;
            if (!_log.Features.HasAsynchronousCommit)
            {
                Fail(_sequence);
                return Step.Continue;
            }
        }
        _lastCommitSeconds = commit.CommitSeconds;
        _commits.Add((_sequence, commit.CommitTime));
        _sequence = unchecked(_sequence + 1);
        return Step.Continue;
    }

    private void Fail(uint sequence) => Problem ??= new JournalProblem("ext4.journal.commit_checksum",
        "the checksum of a transaction is wrong: it and what follows are not replayed", "a sound transaction " + Text(sequence), "another checksum");

    private long Distance(uint from, uint to) => to >= from ? (long)to - from : (long)to - from + (_log.End - _log.First);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
