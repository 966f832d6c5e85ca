using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary>A change to the map of a file, in blocks. <see cref="Physical"/> 0: the range is a hole, or allocated and never written.</summary>
internal readonly record struct RangeEdit(long Logical, long Count, long Physical)
{
    public long End => Logical + Count;
}

/// <summary>The changes that fast commits made to the map of one file, the last one winning where they overlap. Immutable.</summary>
internal sealed class RangeEdits
{
    private const string Structure = "ext4.fast_commit";

    /// <summary>Sorted, not overlapping.</summary>
    private readonly List<RangeEdit> _pieces;

    private RangeEdits(List<RangeEdit> pieces) => _pieces = pieces;

    /// <summary>Settles changes given in the order they were made; time grows with n log n.</summary>
    public static RangeEdits Settle(IReadOnlyList<RangeEdit> edits)
    {
        int[] byStart = [.. Enumerable.Range(0, edits.Count)];
        Array.Sort(byStart, (a, b) => edits[a].Logical.CompareTo(edits[b].Logical));
        var points = new long[edits.Count * 2];
        for (int i = 0; i < edits.Count; i++)
        {
            points[i * 2] = edits[i].Logical;
            points[i * 2 + 1] = edits[i].End;
        }
        Array.Sort(points);
        var pieces = new List<RangeEdit>();
        var active = new PriorityQueue<int, int>();
        int next = 0;
        for (int i = 0; i + 1 < points.Length; i++)
        {
            long from = points[i];
            long to = points[i + 1];
            if (from == to)
            {
                continue;
            }
            for (; next < byStart.Length && edits[byStart[next]].Logical == from; next++)
            {
                active.Enqueue(byStart[next], -byStart[next]);
            }
            while (active.TryPeek(out int last, out _) && edits[last].End <= from)
            {
                active.Dequeue();
            }
            if (active.TryPeek(out int newest, out _))
            {
                RangeEdit edit = edits[newest];
                AddPiece(pieces, new RangeEdit(from, to - from, edit.Physical == 0 ? 0 : edit.Physical + (from - edit.Logical)));
            }
        }
        return new RangeEdits(pieces);
    }

    /// <summary>Gives <paramref name="builder"/> the runs of the file as they are after the changes, in logical order.</summary>
    /// <param name="runs">The runs as the inode itself maps them.</param>
    /// <param name="blockSize">Bytes in a block.</param>
    /// <param name="builder">Takes the result.</param>
    public void Apply(ContentRun[] runs, int blockSize, RunBuilder builder)
    {
        int next = 0;
        long covered = 0;
        foreach (ContentRun run in runs)
        {
            long start = run.Logical / blockSize;
            long end = (run.End - 1) / blockSize + 1;
            long at = Math.Max(start, covered);
            while (at < end)
            {
                for (; next < _pieces.Count && _pieces[next].Logical <= at; next++)
                {
                    Add(_pieces[next], builder);
                    covered = _pieces[next].End;
                    at = Math.Max(at, covered);
                }
                long stop = next < _pieces.Count ? Math.Min(end, _pieces[next].Logical) : end;
                if (at < stop)
                {
                    builder.Add(at, stop - at, run.Physical / blockSize + (at - start), Structure);
                    at = stop;
                }
            }
        }
        for (; next < _pieces.Count; next++)
        {
            Add(_pieces[next], builder);
        }
    }

    private static void Add(RangeEdit piece, RunBuilder builder)
    {
        if (piece.Physical != 0)
        {
            builder.Add(piece.Logical, piece.Count, piece.Physical, Structure);
        }
    }

    private static void AddPiece(List<RangeEdit> pieces, RangeEdit piece)
    {
        if (pieces.Count > 0)
        {
            RangeEdit last = pieces[^1];
            bool follows = piece.Physical == 0 ? last.Physical == 0 : last.Physical != 0 && last.Physical + last.Count == piece.Physical;
            if (last.End == piece.Logical && follows)
            {
                pieces[^1] = last with { Count = last.Count + piece.Count };
                return;
            }
        }
        pieces.Add(piece);
    }
}
