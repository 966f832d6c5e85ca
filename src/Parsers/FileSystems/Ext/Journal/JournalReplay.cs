using System.Globalization;
using System.Runtime.InteropServices;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>
/// The other two passes of recovery: what is revoked, and which copy of each block is the last sound one. Nothing is written: the result is a map from blocks
/// of the file system to blocks of the journal. Memory: 24 bytes a block of the replayed transactions, and none for revoked blocks they do not contain.
/// </summary>
internal sealed class JournalReplay
{
    private readonly JournalLog _log;
    private readonly ExtLayout _layout;
    private readonly JournalScan _scan;
    private readonly JournalWindow _window;
    private readonly CancellationToken _cancellation;
    private readonly List<Copy> _copies = [];
    private JournalProblem? _problem;

    private JournalReplay(JournalLog log, ExtLayout layout, JournalScan scan, JournalWindow window, CancellationToken cancellation)
    {
        _log = log;
        _layout = layout;
        _scan = scan;
        _window = window;
        _cancellation = cancellation;
    }

    /// <summary>A block of a replayed transaction.</summary>
    private readonly record struct Copy(long Block, uint Sequence, uint Place, uint Checksum, bool IsEscaped);

    /// <summary>Reads the journal and says what replaying it does.</summary>
    public static ReplayPlan Plan(JournalLog log, ExtLayout layout, CancellationToken cancellation)
    {
        if (log.Start == 0)
        {
            return new ReplayPlan { EndSequence = log.Sequence };
        }
        var window = new JournalWindow(log);
        JournalScan scan = JournalScan.Run(log, window, cancellation);
        return scan.IsUnusable
            ? new ReplayPlan { EndSequence = log.Sequence, Problem = scan.Problem, IsUnusable = true }
            : new JournalReplay(log, layout, scan, window, cancellation).Plan();
    }

    private ReplayPlan Plan()
    {
        foreach (JournalScan.ControlBlock control in _scan.Controls)
        {
            if (!control.IsRevoke && _scan.IsReplayed(control.Sequence))
            {
                _cancellation.ThrowIfCancellationRequested();
                AddCopies(control);
            }
        }
        Dictionary<long, int> numbers = Number();
        uint?[]? revoked = FindRevoked(numbers);
        if (revoked is null)
        {
            return new ReplayPlan { EndSequence = _log.Sequence, Problem = _problem, IsUnusable = true };
        }
        var places = new ulong[numbers.Count];
        long revokedBlocks = Choose(numbers, revoked, places);
        return Result(numbers, places, revokedBlocks);
    }

    private void AddCopies(JournalScan.ControlBlock control)
    {
        if (!_window.TryRead(control.Block, out ReadOnlySpan<byte> content))
        {
            return;
        }
        var tags = new DescriptorBlock(content, _log.Features);
        uint place = control.Block;
        while (tags.Next(out JournalTag tag))
        {
            place = _log.Next(place);
            _copies.Add(new Copy(tag.Block, control.Sequence, place, tag.Checksum, tag.IsEscaped));
        }
    }

    private Dictionary<long, int> Number()
    {
        var numbers = new Dictionary<long, int>();
        foreach (ref readonly Copy copy in CollectionsMarshal.AsSpan(_copies))
        {
            numbers.TryAdd(copy.Block, numbers.Count);
        }
        return numbers;
    }

    /// <summary>The last transaction that revokes each block, null for none; null when a revoke block is unusable, which ends all recovery.</summary>
    private uint?[]? FindRevoked(Dictionary<long, int> numbers)
    {
        var revoked = new uint?[numbers.Count];
        foreach (JournalScan.ControlBlock control in _scan.Controls)
        {
            if (!control.IsRevoke || !_scan.IsReplayed(control.Sequence))
            {
                continue;
            }
            _cancellation.ThrowIfCancellationRequested();
            RevokeBlock block = _window.TryRead(control.Block, out ReadOnlySpan<byte> content) ? new RevokeBlock(content, _log.Features) : default;
            if (!block.IsSound)
            {
                _problem = new JournalProblem("ext4.journal.revoke", "a revoke block cannot be used", "as many records as fit in a block", "more, in journal block " + Text(control.Block));
                return null;
            }
            for (int i = 0; i < block.Count; i++)
            {
                if (numbers.TryGetValue(block[i], out int number) && (revoked[number] is not uint present || IsAfter(control.Sequence, present)))
                {
                    revoked[number] = control.Sequence;
                }
            }
        }
        return revoked;
    }

    /// <summary>Puts the last sound copy of each block into <paramref name="places"/> (0: none); returns how many blocks had a copy that is revoked.</summary>
    private long Choose(Dictionary<long, int> numbers, uint?[] revoked, ulong[] places)
    {
        var hit = new HashSet<long>();
        long damaged = 0;
        long outside = 0;
        foreach (Copy copy in _copies)
        {
            int number = numbers[copy.Block];
            // A block that a transaction revokes is left alone in this transaction and all before it.
            if (revoked[number] is uint last && !IsAfter(copy.Sequence, last))
            {
                hit.Add(copy.Block);
                continue;
            }
            if (!IsSound(copy))
            {
                damaged++;
                continue;
            }
            if (copy.Block < 0 || copy.Block >= _layout.BlockCount)
            {
                outside++;
                continue;
            }
            places[number] = copy.Place | (copy.IsEscaped ? ReplayPlan.EscapedBit : 0);
        }
        if (damaged > 0)
        {
            _problem = new JournalProblem("ext4.journal.block_checksum", "blocks in the journal are damaged and left out", "sound blocks", Text(damaged) + " damaged");
        }
        else if (outside > 0)
        {
            _problem = new JournalProblem("ext4.journal.range", "blocks in the journal belong outside the file system and are left out",
                "blocks below " + Text(_layout.BlockCount), Text(outside) + " outside");
        }
        return hit.Count;
    }

    /// <summary>Without checksums too a block must be readable: the image may be cut inside the journal.</summary>
    private bool IsSound(Copy copy) =>
        _window.TryRead(copy.Place, out ReadOnlySpan<byte> content) && _log.Checksums.DataMatches(content, copy.Sequence, copy.Checksum);

    private ReplayPlan Result(Dictionary<long, int> numbers, ulong[] places, long revokedBlocks)
    {
        int count = places.Count(place => place != 0);
        var blocks = new long[count];
        var chosen = new ulong[count];
        int next = 0;
        foreach ((long block, int number) in numbers)
        {
            if (places[number] != 0)
            {
                blocks[next] = block;
                chosen[next++] = places[number];
            }
        }
        Array.Sort(blocks, chosen);
        Timestamp?[] commits = [.. _scan.Commits];
        return new ReplayPlan
        {
            Blocks = blocks,
            Places = chosen,
            Transactions = commits.Length,
            RevokedBlocks = revokedBlocks,
            FirstCommit = commits.Length > 0 ? commits[0] : null,
            LastCommit = commits.Length > 0 ? commits[^1] : null,
            EndSequence = _scan.EndSequence,
            Problem = _scan.Problem ?? _problem,
        };
    }

    private static bool IsAfter(uint sequence, uint other) => unchecked((int)(sequence - other)) > 0;

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
