using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Qcow2;

/// <summary>
/// The logical disk of a qcow2 image. Guest offsets are mapped through L1 and L2, clusters that follow each other in the file are read at once, and what is not
/// stored or cannot be trusted reads as zeros, the latter with a diagnostic. Thread-safe without a lock around reads or decompression.
/// </summary>
internal sealed class Qcow2Content : ISparseByteSource
{
    private const ulong OffsetMask = 0x00FF_FFFF_FFFF_FE00;
    private const ulong CompressedFlag = 1UL << 62;
    private const ulong CopiedFlag = 1UL << 63;
    private const int L2CacheBytes = 16 << 20;
    private const int ClusterCacheBytes = 8 << 20;
    /// <summary>The longest range <see cref="NextData"/> gives at once, so that a call stays short.</summary>
    private const long MaxDataRange = 256 << 20;
    /// <summary>Table entries looked at in one call of <see cref="NextData"/>; a hostile disk can have 2^40 of them.</summary>
    private const int MaxSteps = 1 << 22;

    private readonly IByteSource _file;
    private readonly Qcow2Geometry _geometry;
    private readonly ulong[] _l1;
    private readonly BlockCache _tables;
    private readonly LruCache<byte[]> _clusters;
    private readonly ClusterDecoder _decoder;
    private readonly Qcow2Anomalies _anomalies;
    private readonly int _tableShift;

    public Qcow2Content(IByteSource file, Qcow2Geometry geometry, ulong[] l1, IDiagnosticSink diagnostics)
    {
        _file = file;
        _geometry = geometry;
        _l1 = l1;
        // Small tables lie side by side; large ones are rarely wanted whole.
        int tableBlock = Math.Clamp(geometry.ClusterSize, 4096, 65536);
        _tableShift = System.Numerics.BitOperations.Log2((uint)tableBlock);
        _tables = new BlockCache(file, tableBlock, L2CacheBytes / tableBlock);
        _clusters = new LruCache<byte[]>(Math.Clamp(ClusterCacheBytes / geometry.ClusterSize, 4, 4096));
        _decoder = new ClusterDecoder(file, geometry.IsZstd, geometry.ClusterSize);
        _anomalies = new Qcow2Anomalies(geometry, diagnostics);
    }

    private enum PieceKind
    {
        Zero,
        Data,
        Compressed,
    }

    /// <inheritdoc/>
    public long Length => _geometry.Size;

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length)
        {
            return 0;
        }
        int wanted = (int)Math.Min(destination.Length, Length - offset);
        var cursor = new TableCursor();
        int done = 0;
        while (done < wanted)
        {
            long position = offset + done;
            Piece piece = Map(position, wanted - done, ref cursor);
            Span<byte> target = destination.Slice(done, (int)piece.Length);
            switch (piece.Kind)
            {
                case PieceKind.Zero:
                    target.Clear();
                    break;
                case PieceKind.Data:
                    ReadData(position, piece.Host, target);
                    break;
                default:
                    ReadCompressed(position, (ulong)piece.Host, target);
                    break;
            }
            done += target.Length;
        }
        return done;
    }

    /// <inheritdoc/>
    public bool NextData(long offset, out long start, out long length)
    {
        var cursor = new TableCursor();
        start = Math.Min(offset, Length);
        length = 0;
        long position = start;
        for (int steps = 0; position < Length && length < MaxDataRange; steps++)
        {
            Piece piece = PieceAt(position, ref cursor);
            if (piece.Kind != PieceKind.Zero || steps == MaxSteps)
            {
                // After very many empty entries the next stretch is given unseen: it may hold data, and the caller decides whether to go on.
                start = length == 0 ? position : start;
                length += steps == MaxSteps ? MaxDataRange : piece.Length;
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

    private void ReadData(long position, long host, Span<byte> target)
    {
        int count = _file.ReadUpTo(host, target);
        if (count < target.Length)
        {
            target[count..].Clear();
            _anomalies.Report(Qcow2Anomaly.ClusterPastEnd, position + count);
        }
    }

    private void ReadCompressed(long position, ulong descriptor, Span<byte> target)
    {
        int within = (int)(position & (_geometry.ClusterSize - 1));
        if (within == 0 && target.Length == _geometry.ClusterSize)
        {
            Decode(position, descriptor, target);
            return;
        }
        long cluster = position >> _geometry.ClusterBits;
        byte[]? decoded = _clusters.Find(cluster);
        if (decoded is null)
        {
            decoded = new byte[_geometry.ClusterSize];
            Decode(position - within, descriptor, decoded);
            decoded = _clusters.Add(cluster, decoded);
        }
        decoded.AsSpan(within, target.Length).CopyTo(target);
    }

    private void Decode(long position, ulong descriptor, Span<byte> target)
    {
        // x of the specification: where the offset ends and the count of further sectors begins.
        int x = 62 - (_geometry.ClusterBits - 8);
        long host = (long)(descriptor & ((1UL << x) - 1));
        int sectors = (int)((descriptor & (CompressedFlag - 1)) >> x) + 1;
        if (host >= _file.Length)
        {
            target.Clear();
            _anomalies.Report(Qcow2Anomaly.ClusterPastEnd, position);
            return;
        }
        if (!_decoder.Decode(host, sectors * 512 - (int)(host & 511), target, out bool isLonger))
        {
            _anomalies.Report(Qcow2Anomaly.CompressedDamaged, position);
        }
        else if (isLonger)
        {
            _anomalies.Report(Qcow2Anomaly.CompressedTooLong, position);
        }
    }

    /// <summary>The longest stretch from <paramref name="position"/> of one kind and, for data, contiguous in the file; at most <paramref name="limit"/> bytes.</summary>
    private Piece Map(long position, long limit, ref TableCursor cursor)
    {
        Piece first = PieceAt(position, ref cursor);
        long length = first.Length;
        if (first.Kind != PieceKind.Compressed)
        {
            while (length < limit && position + length < Length)
            {
                Piece next = PieceAt(position + length, ref cursor);
                if (next.Kind != first.Kind || (first.Kind == PieceKind.Data && next.Host != first.Host + length))
                {
                    break;
                }
                length += next.Length;
            }
        }
        return first with { Length = Math.Min(length, limit) };
    }

    /// <summary>The mapping at a position, to the end of its (sub)cluster, or of the whole L1 entry when that maps nothing.</summary>
    private Piece PieceAt(long position, ref TableCursor cursor)
    {
        long l1Index = position / _geometry.L1Coverage;
        long rest = _geometry.L1Coverage - (position & (_geometry.L1Coverage - 1));
        ulong l1Entry = l1Index < _l1.Length ? _l1[l1Index] : 0;
        long table = (long)(l1Entry & OffsetMask);
        if (table == 0)
        {
            return new Piece(PieceKind.Zero, 0, rest);
        }
        if ((table & (_geometry.ClusterSize - 1)) != 0)
        {
            _anomalies.Report(Qcow2Anomaly.TableMisaligned, position);
            return new Piece(PieceKind.Zero, 0, rest);
        }
        long index = (position >> _geometry.ClusterBits) & ((1L << _geometry.L2Bits) - 1);
        ReadOnlySpan<byte> entry = cursor.Read(_tables, _tableShift, table + index * _geometry.L2EntrySize, _geometry.L2EntrySize);
        if (entry.IsEmpty)
        {
            _anomalies.Report(Qcow2Anomaly.TablePastEnd, position);
            return new Piece(PieceKind.Zero, 0, ClusterRest(position));
        }
        ulong descriptor = BinaryPrimitives.ReadUInt64BigEndian(entry);
        if ((descriptor & CompressedFlag) != 0)
        {
            return new Piece(PieceKind.Compressed, (long)(descriptor & (CompressedFlag - 1)), ClusterRest(position));
        }
        return _geometry.IsExtended ? Subcluster(position, descriptor, BinaryPrimitives.ReadUInt64BigEndian(entry[8..])) : Standard(position, descriptor);
    }

    private Piece Standard(long position, ulong descriptor)
    {
        long rest = ClusterRest(position);
        bool isZero = (descriptor & 1) != 0 && _geometry.Version >= 3;
        ulong reserved = descriptor & ~(OffsetMask | CopiedFlag | (_geometry.Version >= 3 ? 1UL : 0UL));
        if (reserved != 0)
        {
            _anomalies.Report(Qcow2Anomaly.ReservedBits, position);
        }
        return isZero ? new Piece(PieceKind.Zero, 0, rest) : Stored(position, (long)(descriptor & OffsetMask), rest);
    }

    private Piece Subcluster(long position, ulong descriptor, ulong bitmap)
    {
        if ((descriptor & ~(OffsetMask | CopiedFlag)) != 0)
        {
            _anomalies.Report(Qcow2Anomaly.ReservedBits, position);
        }
        int size = _geometry.ClusterSize / 32;
        int number = (int)(position & (_geometry.ClusterSize - 1)) / size;
        long rest = size - (position & (size - 1));
        bool isAllocated = (bitmap >> number & 1) != 0;
        bool isZero = (bitmap >> (number + 32) & 1) != 0;
        long host = (long)(descriptor & OffsetMask);
        if (isAllocated && (isZero || host == 0))
        {
            _anomalies.Report(Qcow2Anomaly.SubclusterConflict, position);
            return new Piece(PieceKind.Zero, 0, rest);
        }
        return isAllocated ? Stored(position, host, rest) : new Piece(PieceKind.Zero, 0, rest);
    }

    private Piece Stored(long position, long host, long rest)
    {
        if (host == 0)
        {
            return new Piece(PieceKind.Zero, 0, rest);
        }
        if ((host & (_geometry.ClusterSize - 1)) != 0)
        {
            _anomalies.Report(Qcow2Anomaly.ClusterMisaligned, position);
            return new Piece(PieceKind.Zero, 0, rest);
        }
        return new Piece(PieceKind.Data, host + (position & (_geometry.ClusterSize - 1)), rest);
    }

    private long ClusterRest(long position) => _geometry.ClusterSize - (position & (_geometry.ClusterSize - 1));

    /// <summary>A stretch of the disk. Host is a file offset for data, the descriptor without its flags for a compressed cluster.</summary>
    private readonly record struct Piece(PieceKind Kind, long Host, long Length);

    /// <summary>Keeps the table block used last, so that neighbouring entries do not go through the shared cache.</summary>
    private ref struct TableCursor
    {
        private ReadOnlySpan<byte> _block;
        private long _index;

        /// <summary>The bytes of an entry; empty past the end of the file. Entries never straddle blocks: both are aligned powers of two.</summary>
        public ReadOnlySpan<byte> Read(BlockCache tables, int shift, long offset, int size)
        {
            long index = offset >> shift;
            if (_block.IsEmpty || index != _index)
            {
                _block = tables.Block(index).Span;
                _index = index;
            }
            int within = (int)(offset & ((1L << shift) - 1));
            return within + size <= _block.Length ? _block.Slice(within, size) : [];
        }
    }
}
