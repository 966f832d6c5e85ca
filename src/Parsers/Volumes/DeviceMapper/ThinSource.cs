using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.DeviceMapper;

/// <summary>The content of a thin device: blocks of the pool's data device where it has them, its external origin or zeros where not. Thread-safe.</summary>
internal sealed class ThinSource : ISparseByteSource
{
    private const long MaxDataRange = 256 << 20;
    private const int MaxSteps = 1 << 20;

    private readonly string _name;
    private readonly DmBlocks _blocks;
    private readonly long _root;
    private readonly int _blockSize;
    private readonly IByteSource _data;
    private readonly IByteSource? _external;
    private readonly IDiagnosticSink _diagnostics;
    private int _reportedPastEnd;

    public ThinSource(string name, DmBlocks blocks, long root, int blockSize, IByteSource data, IByteSource? external, long length, IDiagnosticSink diagnostics)
    {
        _name = name;
        _blocks = blocks;
        _root = root;
        _blockSize = blockSize;
        _data = data;
        _external = external;
        _diagnostics = diagnostics;
        Length = length;
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
        var cursor = new Cursor();
        int done = 0;
        while (done < wanted)
        {
            long position = offset + done;
            Piece piece = PieceAt(position, ref cursor);
            long length = piece.Length;
            while (length < wanted - done && position + length < Length)
            {
                Piece next = PieceAt(position + length, ref cursor);
                if (piece.Physical < 0 != next.Physical < 0 || (piece.Physical >= 0 && next.Physical != piece.Physical + length))
                {
                    break;
                }
                length += next.Length;
            }
            Span<byte> target = destination.Slice(done, (int)Math.Min(length, wanted - done));
            Read(position, piece.Physical, target);
            done += target.Length;
        }
        return done;
    }

    /// <inheritdoc/>
    public bool NextData(long offset, out long start, out long length)
    {
        var cursor = new Cursor();
        start = Math.Min(offset, Length);
        length = 0;
        long position = start;
        for (int steps = 0; position < Length && length < MaxDataRange; steps++)
        {
            Piece piece = PieceAt(position, ref cursor);
            // What an external origin may hold is data; after very many steps the rest is left to the caller.
            bool isData = piece.Physical >= 0 || steps >= MaxSteps || (_external is not null && position < _external.Length);
            if (isData)
            {
                start = length == 0 ? position : start;
                length += piece.Length;
            }
            else if (length > 0)
            {
                break;
            }
            position += piece.Length;
        }
        length = Math.Min(length, Length - start);
        start = length == 0 ? Length : start;
        return length > 0;
    }

    private void Read(long position, long physical, Span<byte> target)
    {
        if (physical < 0)
        {
            if (_external is null)
            {
                target.Clear();
            }
            else
            {
                _external.ReadOrZero(position, target);
            }
            return;
        }
        int count = _data.ReadUpTo(physical, target);
        if (count < target.Length)
        {
            target[count..].Clear();
            if (Interlocked.Exchange(ref _reportedPastEnd, 1) == 0)
            {
                _diagnostics.Report(new Diagnostic("thin.block.past-end", _name + ": a block lies past the end of the pool's data; it reads as zeros") { Offset = position, LosesContent = true });
            }
        }
    }

    /// <summary>Where a position lies in the data device, to the end of its block; -1 with the length of the gap when it is not mapped.</summary>
    private Piece PieceAt(long position, ref Cursor cursor)
    {
        (long block, long within) = Math.DivRem(position, _blockSize);
        ulong key = (ulong)block;
        if (!cursor.IsSet || key < cursor.From || key >= cursor.End)
        {
            byte[]? bytes = DmTree.Leaf(_blocks, _root, key, out ulong end);
            cursor = new Cursor { IsSet = true, Leaf = bytes, From = key, End = end };
        }
        ulong next = cursor.End;
        if (cursor.Leaf is not null)
        {
            var leaf = new DmNode(cursor.Leaf);
            int index = leaf.ValueSize == 8 ? leaf.Find(key) : -1;
            if (index >= 0 && leaf.Key(index) == key)
            {
                // 40 bits of block number over 24 bits of time. A block is at most 2^30 bytes, so what cannot be expressed is past any end.
                long physical = (long)(leaf.Value64(index) >> 24);
                physical = physical > long.MaxValue / 2 / _blockSize ? long.MaxValue / 2 : physical * _blockSize;
                return new Piece(physical + within, _blockSize - within);
            }
            if (leaf.ValueSize == 8 && index + 1 < leaf.Count)
            {
                next = leaf.Key(index + 1);
            }
        }
        long last = next > (ulong)(Length / _blockSize) || next <= key ? Length : (long)next * _blockSize;
        return new Piece(-1, next <= key ? _blockSize - within : Math.Max(1, last - position));
    }

    private readonly record struct Piece(long Physical, long Length);

    /// <summary>The leaf used last, and the keys for which it answers.</summary>
    private ref struct Cursor
    {
        public bool IsSet;
        public byte[]? Leaf;
        public ulong From;
        public ulong End;
    }
}
