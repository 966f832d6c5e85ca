using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images;

/// <summary>
/// The logical disk of a container that maps blocks of the disk to blocks of its file. Stretches that follow each other in the file are read at once, what is stored
/// nowhere comes from the parent or reads as zeros, and holes are known. Thread-safe; nothing is allocated by a read.
/// </summary>
internal abstract class MappedContent : ISparseByteSource
{
    /// <summary>The longest range <see cref="NextData"/> gives at once, so that a call stays short.</summary>
    private const long MaxDataRange = 256 << 20;
    /// <summary>Table entries looked at in one call of <see cref="NextData"/>; a hostile disk can have 2^32 of them.</summary>
    private const int MaxSteps = 1 << 22;

    private readonly IByteSource? _parent;

    /// <param name="file">The image file.</param>
    /// <param name="length">Size of the disk in bytes.</param>
    /// <param name="parent">The disk that has what is not allocated here; null when that reads as zeros.</param>
    /// <param name="damage">Takes reports of damage.</param>
    protected MappedContent(IByteSource file, long length, IByteSource? parent, DamageReports damage)
    {
        File = file;
        Length = length;
        Damage = damage;
        _parent = parent;
    }

    /// <summary>Where the bytes of a stretch are.</summary>
    protected enum Place
    {
        /// <summary>Nowhere: zeros.</summary>
        Zero,
        /// <summary>In the file.</summary>
        Data,
        /// <summary>In the parent, at the same offset.</summary>
        Parent,
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>The image file.</summary>
    protected IByteSource File { get; }

    /// <summary>Takes reports of damage.</summary>
    protected DamageReports Damage { get; }

    /// <summary>What an unallocated stretch is.</summary>
    protected Place Absent => _parent is null ? Place.Zero : Place.Parent;

    /// <summary>What data past the end of the file is reported as.</summary>
    protected abstract DamageKind PastEnd { get; }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length)
        {
            return 0;
        }
        int wanted = (int)Math.Min(destination.Length, Length - offset);
        var cursor = new MapCursor();
        int done = 0;
        while (done < wanted)
        {
            long position = offset + done;
            Piece piece = Map(position, wanted - done, ref cursor);
            Span<byte> target = destination.Slice(done, (int)piece.Length);
            switch (piece.Place)
            {
                case Place.Zero:
                    target.Clear();
                    break;
                case Place.Data:
                    int count = File.ReadUpTo(piece.Host, target);
                    if (count < target.Length)
                    {
                        target[count..].Clear();
                        Damage.Report(PastEnd, position + count);
                    }
                    break;
                default:
                    // A parent that is shorter than its child ends in zeros.
                    target[_parent!.ReadUpTo(position, target)..].Clear();
                    break;
            }
            done += target.Length;
        }
        return done;
    }

    /// <inheritdoc/>
    public bool NextData(long offset, out long start, out long length)
    {
        var cursor = new MapCursor();
        var parentData = new ParentCursor(_parent);
        start = Math.Min(offset, Length);
        length = 0;
        long position = start;
        for (int steps = 0; position < Length && length < MaxDataRange; steps++)
        {
            if (steps == MaxSteps)
            {
                // After very many empty entries the next stretch is given unseen: it may hold data, and the caller decides whether to go on.
                start = length == 0 ? position : start;
                length += MaxDataRange;
                break;
            }
            Piece piece = PieceAt(position, ref cursor);
            long end = position + piece.Length;
            long from = position;
            long to = piece.Place == Place.Data ? end : position;
            if (piece.Place == Place.Parent)
            {
                parentData.Find(position, end, out from, out to);
            }
            if (length > 0 && (to == from || from > position))
            {
                break;
            }
            if (to > from)
            {
                start = length == 0 ? from : start;
                length += to - from;
            }
            position = to > from ? to : end;
        }
        length = Math.Min(length, Length - start);
        start = length == 0 ? Length : start;
        return length > 0;
    }

    /// <summary>The mapping at a position below <see cref="Length"/>, as far as one table entry tells it; never empty.</summary>
    protected abstract Piece PieceAt(long position, ref MapCursor cursor);

    /// <summary>The longest stretch from <paramref name="position"/> that is in one place and, for data, contiguous in the file; at most <paramref name="limit"/> bytes.</summary>
    private Piece Map(long position, long limit, ref MapCursor cursor)
    {
        Piece first = PieceAt(position, ref cursor);
        long length = first.Length;
        while (length < limit)
        {
            Piece next = PieceAt(position + length, ref cursor);
            if (next.Place != first.Place || (first.Place == Place.Data && next.Host != first.Host + length))
            {
                break;
            }
            length += next.Length;
        }
        return first with { Length = Math.Min(length, limit) };
    }

    /// <summary>A stretch of the disk; <paramref name="Host"/> is the offset in the file of data.</summary>
    protected readonly record struct Piece(Place Place, long Host, long Length);

    /// <summary>The table blocks used last.</summary>
    protected ref struct MapCursor
    {
        /// <summary>Of the allocation table.</summary>
        public CachedTable.Cursor Table;
        /// <summary>Of the sector bitmaps.</summary>
        public CachedTable.Cursor Bitmap;
    }

    /// <summary>Remembers the range the parent gave last, so that it is asked once a range and not once a block.</summary>
    private struct ParentCursor(IByteSource? parent)
    {
        private long _start;
        private long _end = -1;

        /// <summary>The first range in [position, end) that may hold data; empty when none does.</summary>
        public void Find(long position, long end, out long from, out long to)
        {
            if (position >= _end)
            {
                _start = position;
                _end = parent!.Length;
                if (parent is ISparseByteSource sparse)
                {
                    _end = sparse.NextData(position, out _start, out long length) ? _start + length : long.MaxValue;
                    _start = _end == long.MaxValue ? long.MaxValue : _start;
                }
                else if (position >= _end)
                {
                    _start = _end = long.MaxValue;
                }
            }
            from = Math.Clamp(_start, position, end);
            to = Math.Clamp(_end, from, end);
            from = _start >= end ? end : from;
        }
    }
}
