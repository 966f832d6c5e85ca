using System.Buffers;
using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Images.Mapped;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>
/// An extent whose grains are found through grain directory and grain tables. Grains that follow each other in the file are one piece; compressed ones are a piece each.
/// </summary>
internal sealed class SparseExtent : VmdkExtent
{
    private const int GrainCacheBytes = 8 << 20;
    private const int MarkerSize = 12;

    private readonly IByteSource _file;
    private readonly GrainLayout _layout;
    private readonly GrainTables _tables;
    private readonly LruCache<byte[]> _grains;
    private readonly MappedAnomalies _damage;
    private readonly long _diskStart;

    /// <param name="file">The file of the extent.</param>
    /// <param name="layout">What its header says.</param>
    /// <param name="length">Bytes of the disk it makes up; what the header does not speak of is zeros.</param>
    /// <param name="diskStart">Where it begins in the disk, for diagnostics.</param>
    /// <param name="damage">Where damage is reported.</param>
    public SparseExtent(IByteSource file, GrainLayout layout, long length, long diskStart, MappedAnomalies damage)
        : base(length)
    {
        _file = file;
        _layout = layout;
        _diskStart = diskStart;
        _damage = damage;
        _tables = new GrainTables(file, layout, diskStart, damage);
        _grains = new LruCache<byte[]>((int)Math.Clamp(GrainCacheBytes / layout.GrainSize, 4, 4096));
        // The directory may end with the file, or state fewer entries than the capacity needs.
        if (_tables.Count < layout.Capacity / layout.Coverage + (layout.Capacity % layout.Coverage == 0 ? 0 : 1))
        {
            damage.Report(VmdkDamage.DirectoryPastEnd, diskStart + Math.Min(_tables.Count * layout.Coverage, Math.Max(0, length - 1)));
        }
    }

    public override VmdkPiece Map(long position, long limit)
    {
        VmdkPiece first = PieceAt(position, limit);
        long length = first.Length;
        // Only at the end of a table can there be more of the same.
        while (length < limit && position + length < Length && (position + length) % _layout.Coverage == 0 && !(first.Kind == VmdkPieceKind.Stored && _layout.IsCompressed))
        {
            VmdkPiece next = PieceAt(position + length, limit - length);
            if (next.Kind != first.Kind || (first.Kind == VmdkPieceKind.Stored && next.Offset != first.Offset + length))
            {
                break;
            }
            length += next.Length;
        }
        return first with { Length = length };
    }

    public override void Read(long position, in VmdkPiece piece, Span<byte> target)
    {
        if (_layout.IsCompressed)
        {
            ReadCompressed(position, piece.Offset, target);
            return;
        }
        int count = _file.ReadUpTo(piece.Offset, target);
        if (count < target.Length)
        {
            target[count..].Clear();
            _damage.Report(VmdkDamage.GrainPastEnd, _diskStart + position + count);
        }
    }

    /// <summary>The piece at a position as far as one table goes; what no table maps is one piece.</summary>
    private VmdkPiece PieceAt(long position, long limit)
    {
        long index = position / _layout.Coverage;
        if (position >= _layout.Capacity || index >= _tables.Count)
        {
            return new VmdkPiece(VmdkPieceKind.Zero, 0, Length - position);
        }
        long within = position - index * _layout.Coverage;
        long rest = Math.Min(Math.Min(_layout.Coverage - within, Length - position), _layout.Capacity - position);
        GrainTable table = _tables.Table(index);
        long[] entries = table.Entries;
        if (entries.Length == 0)
        {
            return new VmdkPiece(ReferenceEquals(table, GrainTable.AllAbsent) ? VmdkPieceKind.Absent : VmdkPieceKind.Zero, 0, rest);
        }
        int number = (int)(within / _layout.GrainSize);
        long inGrain = within - number * _layout.GrainSize;
        long entry = entries[number];
        long length = _layout.GrainSize - inGrain;
        VmdkPieceKind kind = KindOf(entry);
        if (kind != VmdkPieceKind.Stored)
        {
            while (length < rest && KindOf(entries[++number]) == kind)
            {
                length += _layout.GrainSize;
            }
            return new VmdkPiece(kind, 0, Math.Min(length, rest));
        }
        if (_layout.IsCompressed)
        {
            return new VmdkPiece(kind, entry, Math.Min(length, rest));
        }
        for (long next = entry + _layout.GrainSize; length < rest && length < limit && entries[++number] == next; next += _layout.GrainSize)
        {
            length += _layout.GrainSize;
        }
        return new VmdkPiece(kind, entry + inGrain, Math.Min(length, rest));
    }

    private static VmdkPieceKind KindOf(long entry) => entry switch
    {
        GrainTable.Absent => VmdkPieceKind.Absent,
        GrainTable.Zero or GrainTable.Bad => VmdkPieceKind.Zero,
        _ => VmdkPieceKind.Stored,
    };

    private void ReadCompressed(long position, long offset, Span<byte> target)
    {
        long grain = position / _layout.GrainSize;
        int within = (int)(position - grain * _layout.GrainSize);
        int size = (int)Math.Min(_layout.GrainSize, _layout.Capacity - grain * _layout.GrainSize);
        if (within == 0 && target.Length == size)
        {
            Decompress(grain, offset, target);
            return;
        }
        byte[]? decoded = _grains.Find(grain);
        if (decoded is null)
        {
            decoded = new byte[size];
            Decompress(grain, offset, decoded);
            decoded = _grains.Add(grain, decoded);
        }
        decoded.AsSpan(within, target.Length).CopyTo(target);
    }

    private void Decompress(long grain, long offset, Span<byte> target)
    {
        long position = _diskStart + grain * _layout.GrainSize;
        // zlib needs a little more than the grain when it does not compress; what a marker asks for beyond that is not believed.
        int most = (int)_layout.GrainSize * 2 + 4096;
        byte[] stored = ArrayPool<byte>.Shared.Rent(most + MarkerSize);
        try
        {
            int length = most;
            int start = 0;
            if (_layout.HasMarkers)
            {
                // Marker and grain mostly fit into one read of a grain; the rest is fetched when the marker says so.
                int available = _file.ReadUpTo(offset, stored.AsSpan(0, (int)Math.Min(_layout.GrainSize / 2 + MarkerSize, most)));
                long size = available < MarkerSize ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(stored.AsSpan(8));
                if (size == 0 || size > most)
                {
                    target.Clear();
                    _damage.Report(VmdkDamage.MarkerBad, position);
                    return;
                }
                ulong sector = BinaryPrimitives.ReadUInt64LittleEndian(stored);
                if (sector != (ulong)(grain * (_layout.GrainSize / 512)))
                {
                    _damage.Report(VmdkDamage.OtherSector, position);
                }
                start = MarkerSize;
                length = (int)size;
                if (available < start + length)
                {
                    available += _file.ReadUpTo(offset + available, stored.AsSpan(available, start + length - available));
                }
                length = Math.Min(length, available - start);
            }
            else
            {
                length = _file.ReadUpTo(offset, stored.AsSpan(0, most));
            }
            int count = ZlibBlock.Decode(stored, start, length, target, out ZlibEnd end);
            target[count..].Clear();
            if (end is ZlibEnd.Short or ZlibEnd.Damaged)
            {
                _damage.Report(VmdkDamage.GrainDamaged, position);
            }
            else if (end == ZlibEnd.Longer && target.Length == _layout.GrainSize)
            {
                _damage.Report(VmdkDamage.GrainTooLong, position);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }
}
