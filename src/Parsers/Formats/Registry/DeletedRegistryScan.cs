using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Registry;

/// <summary>Goes through all cells of a hive and looks for records in what is free: in free cells, which are merged when they touch, behind the records of cells in use, and behind the bins.</summary>
internal sealed class DeletedRegistryScan(HiveCells cells, RegistryKey root, ScanLimits limits, CancellationToken cancellation)
{
    private const int BinHeader = 32;
    private const int BinAlignment = 4096;
    private const int CellAlignment = 8;
    private const int CellHeader = 4;
    private const int Chunk = 32 << 10;
    private const int PageSize = 64 << 10;
    private const int MaximumName = 512;

    private readonly Dictionary<uint, HiveCell> _keys = [];
    private readonly Dictionary<uint, HiveCell> _values = [];
    private readonly Dictionary<uint, RegistryKey?> _opened = [];
    private bool _isComplete = true;
    private readonly byte[] _page = new byte[PageSize];
    private long _pageStart;
    private int _pageLength;

    public DeletedRegistryEntries Run()
    {
        uint position = 0;
        uint binEnd = 0;
        while (position + CellHeader <= cells.BinsSize)
        {
            cancellation.ThrowIfCancellationRequested();
            if (position == binEnd && !TryEnterBin(ref position, ref binEnd))
            {
                continue;
            }
            ReadOnlySpan<byte> head = At(position, CellHeader);
            int size = head.Length < CellHeader ? 0 : BinaryPrimitives.ReadInt32LittleEndian(head);
            long length = Math.Abs((long)size);
            if (length < CellAlignment || length > binEnd - position)
            {
                position = binEnd; // the chain of cells is broken: on with the next bin
                continue;
            }
            if (size > 0)
            {
                Search(position, (uint)length);
            }
            else
            {
                SearchSlack(position, (uint)length);
            }
            position += (uint)length;
        }
        // A hive that shrank keeps its old end in the file.
        long behind = Math.Min(cells.FileLength, uint.MaxValue) - BaseBlock.Stored - cells.BinsSize;
        if (behind > 0)
        {
            Search(cells.BinsSize, (uint)behind);
        }
        return Collect();
    }

    // The walk goes once from cell to cell, so it has a page of its own. What it gives counts until the next call.
    private ReadOnlySpan<byte> At(uint position, int count)
    {
        long file = BaseBlock.Stored + (long)position;
        if (file < _pageStart || file + count > _pageStart + _pageLength)
        {
            (_pageStart, _pageLength) = (file, cells.Copy(file, _page));
        }
        int within = (int)(file - _pageStart);
        return _page.AsSpan(within, Math.Min(count, _pageLength - within));
    }

    // At the start of a bin: steps over its header, or over a page that is none.
    private bool TryEnterBin(ref uint position, ref uint binEnd)
    {
        ReadOnlySpan<byte> header = At(position, BinHeader);
        uint size = header.Length < BinHeader ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (!header.StartsWith("hbin"u8) || size < BinAlignment || size % BinAlignment != 0)
        {
            position = binEnd = (uint)Math.Min((long)position + BinAlignment, cells.BinsSize);
            return false;
        }
        binEnd = (uint)Math.Min((long)position + size, cells.BinsSize);
        position += BinHeader;
        return true;
    }

    // Behind the part that a record needs. Data cells have no slack that could be told from data.
    private void SearchSlack(uint position, uint length)
    {
        ReadOnlySpan<byte> bytes = At(position + CellHeader, (int)Math.Min(length - CellHeader, KeyNode.Size));
        uint used;
        if (bytes.Length >= KeyNode.Size && bytes.StartsWith(KeyNode.Magic))
        {
            used = (uint)KeyNode.Size + new KeyNode(bytes).KeyNameLength;
        }
        else if (bytes.Length >= KeyValue.Size && bytes.StartsWith(KeyValue.Magic))
        {
            used = (uint)KeyValue.Size + new KeyValue(bytes).NameLength;
        }
        else if (bytes.Length >= 4 && (bytes.StartsWith("lf"u8) || bytes.StartsWith("lh"u8) || bytes.StartsWith("li"u8) || bytes.StartsWith("ri"u8)))
        {
            used = 4 + BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]) * (bytes[0] == 'l' && bytes[1] != 'i' ? 8u : 4u);
        }
        else
        {
            return;
        }
        uint start = (CellHeader + used + CellAlignment - 1) / CellAlignment * CellAlignment;
        if (start < length)
        {
            Search(position + start, length - start);
        }
    }

    private void Search(uint start, uint length)
    {
        // Chunks overlap by what the signature check looks at.
        for (uint from = 0; from < length; from += Chunk)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> bytes = cells.ReadFile(BaseBlock.Stored + (long)start + from, (int)Math.Min(length - from, Chunk + CellAlignment)).Span;
            for (int i = 0; i + CellAlignment <= bytes.Length && i < Chunk; i += CellAlignment)
            {
                byte first = bytes[i + CellHeader];
                if (bytes[i + CellHeader + 1] == 'k' && (first == 'n' || first == 'v'))
                {
                    Candidate(start + from + (uint)i, length - from - (uint)i, BinaryPrimitives.ReadInt32LittleEndian(bytes[i..]), isKey: first == 'n');
                }
            }
        }
    }

    private void Candidate(uint offset, uint room, int size, bool isKey)
    {
        long stated = Math.Abs((long)size);
        if (stated % CellAlignment != 0 || stated > room)
        {
            return;
        }
        var cell = new HiveCell(offset, BaseBlock.Stored + (long)offset + CellHeader, (int)stated - CellHeader, IsAllocated: false);
        ReadOnlySpan<byte> bytes = cells.Read(cell, 0, KeyNode.Size).Span;
        Dictionary<uint, HiveCell> found = isKey ? _keys : _values;
        bool isPlausible = isKey
            ? bytes.Length >= KeyNode.Size && new KeyNode(bytes) is { KeyNameLength: > 0 and <= MaximumName } node && node.KeyNameLength <= cell.Length - KeyNode.Size
            : bytes.Length >= KeyValue.Size && new KeyValue(bytes) is var value && value.NameLength <= cell.Length - KeyValue.Size && (value.DataSize & ~KeyValue.InlineData) <= cells.BinsSize;
        if (!isPlausible)
        {
            return;
        }
        if (found.Count >= limits.DeletedFiles)
        {
            _isComplete = false;
            return;
        }
        found.TryAdd(offset, cell);
    }

    private DeletedRegistryEntries Collect()
    {
        _opened[root.CellOffset] = root;
        var keys = new List<RegistryKey>();
        var owned = new HashSet<uint>();
        foreach (uint offset in _keys.Keys.Order())
        {
            cancellation.ThrowIfCancellationRequested();
            if (Open(offset) is { IsDeleted: true } key)
            {
                keys.Add(key);
                foreach (RegistryValue value in key.Values())
                {
                    owned.Add(value.CellOffset);
                }
            }
        }
        var values = new List<RegistryValue>();
        foreach ((uint offset, HiveCell cell) in _values.OrderBy(pair => pair.Key))
        {
            if (!owned.Contains(offset) && RegistryValue.TryRead(cells, cell, key: null, isDeleted: true) is { } value)
            {
                values.Add(value);
            }
        }
        return new DeletedRegistryEntries(keys, values, _isComplete);
    }

    // Goes up to the root or to where the parents end, then makes the keys from above.
    private RegistryKey? Open(uint offset)
    {
        var path = new List<(uint Offset, HiveCell Cell, bool IsDeleted)>();
        var seen = new HashSet<uint>();
        RegistryKey? parent = null;
        uint next = offset;
        while (path.Count < RegistryKey.MaximumDepth && seen.Add(next))
        {
            if (_opened.TryGetValue(next, out RegistryKey? known))
            {
                parent = known;
                break;
            }
            bool isDeleted = _keys.TryGetValue(next, out HiveCell cell);
            if (!isDeleted && (!IsInside(next) || !cells.TryOpen(next, "parent of a deleted key", out cell, isDeleted: true)))
            {
                break;
            }
            if (RegistryKey.TryRead(cells, cell, null, isDeleted: true) is not { } key)
            {
                break;
            }
            path.Add((next, cell, isDeleted));
            next = key.ParentOffset;
        }
        for (int i = path.Count - 1; i >= 0; i--)
        {
            parent = RegistryKey.TryRead(cells, path[i].Cell, parent, path[i].IsDeleted || !path[i].Cell.IsAllocated || parent is null);
            _opened[path[i].Offset] = parent;
        }
        return _opened.GetValueOrDefault(offset);
    }

    private bool IsInside(uint offset) => offset % CellAlignment == 0 && offset + (long)CellAlignment <= cells.BinsSize;
}
