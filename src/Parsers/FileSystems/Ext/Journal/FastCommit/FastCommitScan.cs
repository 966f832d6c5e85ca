using System.Globalization;

namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary>
/// First pass over the fast-commit area: how many of its records belong to complete fast commits of the transaction that was running.
/// The first that is not complete ends it, as in <c>ext4_fc_replay_scan</c> of fs/ext4/fast_commit.c.
/// </summary>
/// <remarks>
/// A fast commit is its records up to a TAIL, which holds the transaction and a CRC-32C over them; the first one begins with a HEAD. What
/// follows the last one is older: its TAIL names another transaction, and that is no damage.
/// </remarks>
internal sealed class FastCommitScan
{
    /// <summary>Most records that are applied.</summary>
    public const int MostTags = 1_000_000;

    private readonly uint _expectedTid;
    private readonly CancellationToken _cancellation;
    private int _seen;
    private uint _crc;

    private FastCommitScan(uint expectedTid, CancellationToken cancellation)
    {
        _expectedTid = expectedTid;
        _cancellation = cancellation;
    }

    /// <summary>Complete fast commits.</summary>
    public int Commits { get; private set; }

    /// <summary>Records they consist of, counted from the first of the area.</summary>
    public int Tags { get; private set; }

    /// <summary>Why fast commits of this transaction are left out; null when none is.</summary>
    public JournalProblem? Problem { get; private set; }

    /// <summary>Reads the area once. Never throws for what it holds.</summary>
    public static FastCommitScan Run(FastCommitArea area, uint expectedTid, int inodeSize, CancellationToken cancellation)
    {
        var scan = new FastCommitScan(expectedTid, cancellation);
        var cursor = new FastCommitCursor(area, inodeSize);
        if (cursor.Next(out FastCommitTag first) == FastCommitStep.Tag && first.Type == FastCommitTagType.Head && new HeadRecord(first.Value).Tid == expectedTid)
        {
            scan.Read(cursor, first);
        }
        return scan;
    }

    private void Read(FastCommitCursor cursor, FastCommitTag first)
    {
        bool goesOn = Accept(first, cursor);
        while (goesOn)
        {
            _cancellation.ThrowIfCancellationRequested();
            FastCommitStep step = cursor.Next(out FastCommitTag tag);
            if (step == FastCommitStep.Tag)
            {
                goesOn = Accept(tag, cursor);
                continue;
            }
            if (step == FastCommitStep.End && cursor.IsCut)
            {
                Stop("limit", "the fast-commit area is larger than is read", $"at most {Text(FastCommitCursor.MostBytes)} bytes", "more", cursor);
            }
            else if (step == FastCommitStep.Unreadable)
            {
                Stop("unreadable", "a block of the fast-commit area cannot be read", "a readable block", "none", cursor);
            }
            goesOn = false;
        }
        if (Problem is null && Commits == 0)
        {
            Stop("incomplete", "the first fast commit is not complete", "a TAIL of transaction " + Text(_expectedTid), "none", cursor);
        }
        ReportLater(cursor);
    }

    /// <summary>Counts one record; false when nothing after it may be applied.</summary>
    private bool Accept(FastCommitTag tag, FastCommitCursor cursor)
    {
        if (++_seen > MostTags)
        {
            Stop("limit", "there are more records in the fast-commit area than are applied", "at most " + Text(MostTags), "more", cursor);
            return false;
        }
        switch (tag.Type)
        {
            case FastCommitTagType.Tail:
                return AcceptTail(tag, cursor);
            case FastCommitTagType.Head:
                var head = new HeadRecord(tag.Value);
                if (head.Features != 0)
                {
                    Stop("feature", "a fast commit uses features that are not known", "0x0", "0x" + head.Features.ToString("X", CultureInfo.InvariantCulture), cursor);
                    return false;
                }
                if (head.Tid != _expectedTid)
                {
                    return false;
                }
                break;
        }
        _crc = Checksums.Crc32C(_crc, tag.Bytes);
        return true;
    }

    private bool AcceptTail(FastCommitTag tag, FastCommitCursor cursor)
    {
        var tail = new TailRecord(tag.Value);
        uint computed = Checksums.Crc32C(_crc, tag.Bytes[..(FastCommitTag.BaseSize + TailRecord.CrcOffset)]);
        _crc = 0;
        if (tail.Tid != _expectedTid)
        {
            return false;
        }
        if (tail.Crc != computed)
        {
            Stop("checksum", "a fast commit has a wrong checksum", Hex(computed), Hex(tail.Crc), cursor);
            return false;
        }
        Tags = _seen;
        Commits++;
        return true;
    }

    /// <summary>A fast commit of this transaction behind the end of the replay was complete once: its loss must not go unsaid.</summary>
    private void ReportLater(FastCommitCursor cursor)
    {
        int later = 0;
        while (true)
        {
            _cancellation.ThrowIfCancellationRequested();
            FastCommitStep step = cursor.Next(out FastCommitTag tag);
            if (step == FastCommitStep.End)
            {
                break;
            }
            if (step == FastCommitStep.Invalid)
            {
                cursor.SkipBlock();
            }
            else if (step == FastCommitStep.Tag && tag.Type == FastCommitTagType.Tail && new TailRecord(tag.Value).Tid == _expectedTid)
            {
                later++;
            }
        }
        if (later > 0)
        {
            Stop("skipped", "fast commits are cut off from those before them", "an unbroken chain", "a gap", cursor);
            Problem = Problem! with { Actual = $"{Problem.Actual}; {Text(later)} later fast commits are left out" };
        }
    }

    private void Stop(string code, string message, string expected, string actual, FastCommitCursor cursor) =>
        Problem ??= new JournalProblem("ext4.fast_commit." + code, message + ", in journal block " + Text(cursor.Block), expected, actual);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("X8", CultureInfo.InvariantCulture);
}
