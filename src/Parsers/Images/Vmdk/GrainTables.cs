using System.Buffers;
using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Images.Mapped;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>
/// The grain tables of a sparse extent, decoded when they are wanted and kept in a bounded cache. An entry of the primary tables that cannot be is taken from the redundant
/// ones where there are any. Thread-safe; nothing is read under a lock.
/// </summary>
internal sealed class GrainTables
{
    /// <summary>Decoded tables that are kept: 4,096 of 512 grains map 128 GiB.</summary>
    private const int CacheBytes = 16 << 20;
    private const int MetadataBlock = 64 << 10;
    private const int MetadataBlocks = 64;

    private readonly IByteSource _file;
    private readonly GrainLayout _layout;
    private readonly BlockCache _metadata;
    private readonly LruCache<GrainTable> _tables;
    private readonly MappedAnomalies _damage;
    private readonly long _diskStart;

    /// <param name="file">The file of the extent.</param>
    /// <param name="layout">What its header says.</param>
    /// <param name="diskStart">Where the extent begins in the disk, for diagnostics.</param>
    /// <param name="damage">Where damage is reported.</param>
    public GrainTables(IByteSource file, GrainLayout layout, long diskStart, MappedAnomalies damage)
    {
        _file = file;
        _layout = layout;
        _diskStart = diskStart;
        _damage = damage;
        _metadata = new BlockCache(file, MetadataBlock, MetadataBlocks);
        _tables = new LruCache<GrainTable>(Math.Clamp(CacheBytes / (layout.EntriesPerTable * sizeof(long)), 64, 16384));
    }

    /// <summary>Tables from this number on do not exist: the directory ends, by its size or with the file.</summary>
    public long Count => _layout.FoundGrains is not null ? _layout.DirectoryEntries : Math.Clamp((_file.Length - _layout.DirectoryOffset) / _layout.EntrySize, 0, _layout.DirectoryEntries);

    /// <summary>The table with a number below <see cref="Count"/>.</summary>
    public GrainTable Table(long index) => _tables.Find(index) ?? _tables.Add(index, Load(index));

    private GrainTable Load(long index)
    {
        if (_layout.FoundGrains is { } found)
        {
            return FromFound(found, index);
        }
        long position = _diskStart + index * _layout.Coverage;
        TableState state = Locate(_layout.DirectoryOffset, index, out long offset);
        TableState redundantState = TableState.Absent;
        long redundantOffset = 0;
        if (_layout.RedundantOffset != 0)
        {
            redundantState = Locate(_layout.RedundantOffset, index, out redundantOffset);
        }
        if (state is TableState.Bad or TableState.Absent && redundantState == TableState.Present)
        {
            _damage.Report(VmdkDamage.RedundantDirectory, position);
            return Decode(redundantOffset, 0, position);
        }
        return state switch
        {
            TableState.Present => Decode(offset, redundantState == TableState.Present ? redundantOffset : 0, position),
            TableState.Zero => GrainTable.AllZero,
            TableState.Absent => GrainTable.AllAbsent,
            _ => Lost(position),
        };
    }

    private GrainTable FromFound(Dictionary<long, long> found, long index)
    {
        var entries = new long[_layout.EntriesPerTable];
        bool isEmpty = true;
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = found.GetValueOrDefault(index * entries.Length + i, GrainTable.Absent);
            isEmpty &= entries[i] == GrainTable.Absent;
        }
        return isEmpty ? GrainTable.AllAbsent : new GrainTable(entries);
    }

    private GrainTable Lost(long position)
    {
        _damage.Report(VmdkDamage.TableLost, position);
        return GrainTable.AllBad;
    }

    /// <summary>Where the directory says that a table is.</summary>
    private TableState Locate(long directory, long index, out long offset)
    {
        offset = 0;
        long at = directory + index * _layout.EntrySize;
        Span<byte> bytes = stackalloc byte[8];
        bytes = bytes[.._layout.EntrySize];
        if (at > _file.Length - bytes.Length || _metadata.ReadUpTo(at, bytes) < bytes.Length)
        {
            return TableState.Bad;
        }
        if (_layout.Kind == GrainLayoutKind.SeSparse)
        {
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            if (entry == 0)
            {
                return TableState.Absent;
            }
            // The top nibble 1 stands for an allocated table; no disk has so many tables that bits 32 to 59 were used.
            if (entry >> 32 != 0x1000_0000)
            {
                return TableState.Bad;
            }
            offset = _layout.TablesOffset + (long)(entry & uint.MaxValue) * _layout.TableBytes;
        }
        else
        {
            uint entry = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            if (entry == 0)
            {
                return TableState.Absent;
            }
            if (entry == 1 && _layout.HasZeroedGrains)
            {
                return TableState.Zero;
            }
            offset = entry * 512L;
        }
        return offset < _file.Length ? TableState.Present : TableState.Bad;
    }

    private GrainTable Decode(long offset, long redundant, long position)
    {
        int size = _layout.TableBytes;
        byte[] primary = ArrayPool<byte>.Shared.Rent(size);
        byte[] second = redundant == 0 ? [] : ArrayPool<byte>.Shared.Rent(size);
        try
        {
            int count = _metadata.ReadUpTo(offset, primary.AsSpan(0, size));
            primary.AsSpan(count, size - count).Clear();
            int secondCount = redundant == 0 ? 0 : _metadata.ReadUpTo(redundant, second.AsSpan(0, size));
            bool isEmpty = !primary.AsSpan(0, size).ContainsAnyExcept((byte)0);
            if (isEmpty && secondCount == size && second.AsSpan(0, size).ContainsAnyExcept((byte)0))
            {
                _damage.Report(VmdkDamage.RedundantTable, position);
                second.AsSpan(0, size).CopyTo(primary);
                count = size;
                isEmpty = false;
                secondCount = 0;
            }
            if (count < size && secondCount < size)
            {
                _damage.Report(VmdkDamage.TablePastEnd, position);
            }
            return isEmpty && count == size ? GrainTable.AllAbsent : Decode(primary.AsSpan(0, size), count, second.AsSpan(0, secondCount), position);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(primary);
            if (second.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(second);
            }
        }
    }

    private GrainTable Decode(ReadOnlySpan<byte> table, int present, ReadOnlySpan<byte> redundant, long position)
    {
        var entries = new long[_layout.EntriesPerTable];
        for (int i = 0; i < entries.Length; i++)
        {
            int at = i * _layout.EntrySize;
            long entry = at + _layout.EntrySize <= present ? Entry(table[at..]) : GrainTable.Bad;
            if (entry == GrainTable.Bad)
            {
                long second = at + _layout.EntrySize <= redundant.Length ? Entry(redundant[at..]) : GrainTable.Bad;
                if (second != GrainTable.Bad)
                {
                    _damage.Report(VmdkDamage.RedundantEntry, position + i * _layout.GrainSize);
                    entry = second;
                }
                else if ((present == table.Length || redundant.Length == table.Length) && position - _diskStart + i * _layout.GrainSize < _layout.Capacity)
                {
                    _damage.Report(VmdkDamage.EntryBad, position + i * _layout.GrainSize);
                }
            }
            entries[i] = entry;
        }
        return new GrainTable(entries);
    }

    /// <summary>A table entry as <see cref="GrainTable"/> has it.</summary>
    private long Entry(ReadOnlySpan<byte> bytes)
    {
        if (_layout.Kind != GrainLayoutKind.SeSparse)
        {
            uint sector = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            return sector == 0 ? GrainTable.Absent
                : sector == 1 && _layout.HasZeroedGrains ? GrainTable.Zero
                : sector * 512L < _file.Length ? sector * 512L : GrainTable.Bad;
        }
        ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        switch (entry >> 60)
        {
            case 0:
                return entry == 0 ? GrainTable.Absent : GrainTable.Bad;
            case 1:   // unmapped by the guest
            case 2:   // zeros
                return GrainTable.Zero;
            case 3:
                // The low twelve bits of the grain's number stand above the high ones.
                ulong grain = (entry >> 48 & 0xFFF) | (entry & 0xFFFF_FFFF_FFFF) << 12;
                ulong room = (ulong)Math.Max(0, _file.Length - _layout.GrainsOffset) / (ulong)_layout.GrainSize;
                return grain <= room && _layout.GrainsOffset + (long)grain * _layout.GrainSize < _file.Length
                    ? _layout.GrainsOffset + (long)grain * _layout.GrainSize : GrainTable.Bad;
            default:
                return GrainTable.Bad;
        }
    }

    private enum TableState
    {
        Absent,
        Zero,
        Present,
        Bad,
    }
}
