using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>The logical disk of one layer: its extents one after the other, and below them the parent, whose bytes show where a delta stores nothing. Thread-safe.</summary>
internal sealed class VmdkContent : ISparseByteSource
{
    /// <summary>The longest range <see cref="NextData"/> gives at once, so that a call stays short.</summary>
    private const long MaxDataRange = 256 << 20;
    /// <summary>Pieces looked at in one call of <see cref="NextData"/>.</summary>
    private const int MaxSteps = 1 << 18;

    private readonly VmdkExtent[] _extents;
    private readonly long[] _starts;
    private readonly IByteSource? _parent;

    public VmdkContent(IReadOnlyList<VmdkExtent> extents, IByteSource? parent)
    {
        _extents = [.. extents];
        _starts = new long[_extents.Length];
        for (int i = 0; i < _extents.Length; i++)
        {
            _starts[i] = Length;
            Length += _extents[i].Length;
        }
        _parent = parent;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length)
        {
            return 0;
        }
        int wanted = (int)Math.Min(destination.Length, Length - offset);
        int done = 0;
        int index = ExtentAt(offset);
        while (done < wanted)
        {
            long position = offset + done;
            while (position - _starts[index] >= _extents[index].Length)
            {
                index++;
            }
            VmdkExtent extent = _extents[index];
            long within = position - _starts[index];
            VmdkPiece piece = extent.Map(within, wanted - done);
            Span<byte> target = destination.Slice(done, (int)Math.Min(piece.Length, wanted - done));
            switch (piece.Kind)
            {
                case VmdkPieceKind.Stored:
                    extent.Read(within, piece, target);
                    break;
                case VmdkPieceKind.Absent when _parent is not null:
                    target[_parent.ReadUpTo(position, target)..].Clear();
                    break;
                default:
                    target.Clear();
                    break;
            }
            done += target.Length;
        }
        return done;
    }

    /// <inheritdoc/>
    public bool NextData(long offset, out long start, out long length)
    {
        start = Math.Min(offset, Length);
        length = 0;
        long position = start;
        int index = position < Length ? ExtentAt(position) : 0;
        var below = new Range(0, 0, 0);
        for (int steps = 0; position < Length && length < MaxDataRange; steps++)
        {
            while (position - _starts[index] >= _extents[index].Length)
            {
                index++;
            }
            VmdkPiece piece = _extents[index].Map(position - _starts[index], MaxDataRange);
            bool isData = piece.Kind == VmdkPieceKind.Stored;
            long step = piece.Length;
            if (piece.Kind == VmdkPieceKind.Absent && _parent is not null)
            {
                below = Below(position, below);
                isData = position >= below.DataStart;
                step = Math.Min(step, (isData ? below.DataEnd : below.DataStart) - position);
            }
            if (isData || steps == MaxSteps)
            {
                // After very many holes the next stretch is given unseen: it may hold data, and the caller decides whether to go on.
                start = length == 0 ? position : start;
                length += steps == MaxSteps ? MaxDataRange : step;
            }
            else if (length > 0)
            {
                break;
            }
            position += step;
        }
        length = Math.Min(length, Length - start);
        start = length == 0 ? Length : start;
        return length > 0;
    }

    /// <summary>What the parent holds at a position: a hole up to DataStart, then data up to DataEnd. The answer before is used as long as it covers the position.</summary>
    private Range Below(long position, in Range known)
    {
        if (position >= known.From && position < known.DataEnd)
        {
            return known;
        }
        if (_parent is not ISparseByteSource sparse)
        {
            return position < _parent!.Length ? new Range(position, position, _parent.Length) : new Range(position, Length, Length);
        }
        return sparse.NextData(position, out long start, out long length) ? new Range(position, start, start + length) : new Range(position, Length, Length);
    }

    private int ExtentAt(long offset)
    {
        int index = Array.BinarySearch(_starts, offset);
        return index >= 0 ? index : ~index - 1;
    }

    private readonly record struct Range(long From, long DataStart, long DataEnd);
}
