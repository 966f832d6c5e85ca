using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Registry;

/// <summary>A value of a key; its data are read when asked for.</summary>
/// <remarks>
/// Limitations: of data above <see cref="MaximumData"/> the rest is left out and reported. Members that read may throw <see cref="ImageReadException"/> and <see cref="LimitExceededException"/>.
/// </remarks>
public sealed class RegistryValue
{
    /// <summary>Most bytes of data that are read of one value.</summary>
    public const int MaximumData = 64 << 20;
    private const int SegmentSize = 16344;
    private const int InlineSize = 4;
    private const int BigDataHeader = 8;

    private readonly HiveCells _cells;
    private readonly uint _dataOffset;
    private readonly bool _isInline;

    private RegistryValue(HiveCells cells, uint cell, in KeyValue record, RegistryKey? key, bool isDeleted)
    {
        _cells = cells;
        _dataOffset = record.DataOffset;
        _isInline = (record.DataSize & KeyValue.InlineData) != 0;
        DataSize = record.DataSize & ~KeyValue.InlineData;
        RawType = record.DataType;
        CellOffset = cell;
        Key = key;
        IsDeleted = isDeleted;
        Name = RegistryNames.Decode(record.Name, (record.Flags & KeyValue.CompressedName) != 0);
    }

    /// <summary>Name, counted: it may be empty (the default value), begin with NUL or hold any character.</summary>
    public string Name { get; }
    /// <summary>Type as stored.</summary>
    public uint RawType { get; }
    /// <summary>Type; undefined members of the enumeration for numbers without a name.</summary>
    public RegistryValueType Type => unchecked((RegistryValueType)RawType);
    /// <summary>Bytes of data by its record.</summary>
    public long DataSize { get; }
    /// <summary>The key it belongs to; null for a deleted value whose key is not known.</summary>
    public RegistryKey? Key { get; }
    /// <summary>Found in free space.</summary>
    public bool IsDeleted { get; }
    /// <summary>Offset of its cell relative to the start of the hive bins.</summary>
    public uint CellOffset { get; }
    /// <summary>Byte offset of its cell in the hive file: where the evidence is.</summary>
    public long FileOffset => BaseBlock.Stored + (long)CellOffset;

    /// <summary>The data, at most <see cref="MaximumData"/> bytes; shorter than <see cref="DataSize"/> when they are damaged, which is reported. Of a deleted value they may be another's by now.</summary>
    public ReadOnlyMemory<byte> Data()
    {
        if (_isInline)
        {
            var bytes = new byte[InlineSize];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, _dataOffset);
            if (DataSize > InlineSize)
            {
                _cells.Anomalies.Report("registry.data.inline", "a value states more than four bytes inside its record", FileOffset);
            }
            return bytes.AsMemory(0, (int)Math.Min(DataSize, InlineSize));
        }
        if (DataSize == 0 || !_cells.TryOpen(_dataOffset, "data", out HiveCell cell, isDeleted: IsDeleted))
        {
            return ReadOnlyMemory<byte>.Empty;
        }
        int wanted = (int)Math.Min(DataSize, MaximumData);
        _cells.SpendData(Math.Min(wanted, cell.Length));
        ReadOnlyMemory<byte> data = _cells.HasBigData && DataSize > SegmentSize && IsBigData(cell) ? BigData(cell, wanted) : _cells.Read(cell, 0, wanted);
        if (data.Length < DataSize && !IsDeleted)
        {
            _cells.Anomalies.Report("registry.data.length", "a value states more data than there are", FileOffset);
        }
        return data;
    }

    /// <summary>
    /// The text of REG_SZ, REG_EXPAND_SZ and REG_LINK up to its first NUL, as programs see it; null for other types. What stands behind the NUL is in <see cref="Data"/>.
    /// </summary>
    public string? AsText() => Type is RegistryValueType.Text or RegistryValueType.ExpandableText or RegistryValueType.Link ? Texts(Data().Span, onlyFirst: true)[0] : null;

    /// <summary>The number of REG_DWORD (either byte order) and REG_QWORD; null for other types and short data.</summary>
    public long? AsNumber()
    {
        switch (Type)
        {
            case RegistryValueType.DoubleWord when DataSize >= 4:
                return Data().Span is { Length: >= 4 } little ? BinaryPrimitives.ReadUInt32LittleEndian(little) : null;
            case RegistryValueType.DoubleWordBigEndian when DataSize >= 4:
                return Data().Span is { Length: >= 4 } big ? BinaryPrimitives.ReadUInt32BigEndian(big) : null;
            case RegistryValueType.QuadWord when DataSize >= 8:
                return Data().Span is { Length: >= 8 } quad ? BinaryPrimitives.ReadInt64LittleEndian(quad) : null;
            default:
                return null;
        }
    }

    /// <summary>The texts of REG_MULTI_SZ without empty ones, or the one text of the text types; empty for other types.</summary>
    public IReadOnlyList<string> AsTexts() =>
        Type == RegistryValueType.MultipleTexts ? Texts(Data().Span, onlyFirst: false) : AsText() is { Length: > 0 } text ? [text] : [];

    internal static RegistryValue? TryOpen(HiveCells cells, uint offset, RegistryKey key, bool isDeleted)
    {
        if (!cells.TryOpen(offset, "value", out HiveCell cell, isDeleted: isDeleted))
        {
            return null;
        }
        RegistryValue? value = TryRead(cells, cell, key, isDeleted);
        if (value is null && !isDeleted)
        {
            cells.Anomalies.Report("registry.value", "no value where a key lists one", BaseBlock.Stored + (long)offset);
        }
        return value;
    }

    /// <summary>The value in a cell; null when there is none.</summary>
    internal static RegistryValue? TryRead(HiveCells cells, in HiveCell cell, RegistryKey? key, bool isDeleted)
    {
        ReadOnlySpan<byte> bytes = cells.Read(cell, 0, KeyValue.Size + 256).Span;
        if (bytes.Length < KeyValue.Size || !bytes.StartsWith(KeyValue.Magic))
        {
            return null;
        }
        if (new KeyValue(bytes).NameLength > bytes.Length - KeyValue.Size)
        {
            bytes = cells.Read(cell, 0, KeyValue.Size + ushort.MaxValue).Span;
        }
        var record = new KeyValue(bytes);
        if (record.Name.Length < record.NameLength)
        {
            if (isDeleted)
            {
                return null;
            }
            cells.Anomalies.Report("registry.value.name", "the name of a value is longer than its cell, and cut", cell.Content);
        }
        return new RegistryValue(cells, cell.Offset, record, key, isDeleted);
    }

    private static List<string> Texts(ReadOnlySpan<byte> data, bool onlyFirst)
    {
        var texts = new List<string>();
        string all = RegistryNames.Decode(data, isCompressed: false);
        if (onlyFirst)
        {
            int end = all.IndexOf('\0', StringComparison.Ordinal);
            texts.Add(end < 0 ? all : all[..end]);
            return texts;
        }
        texts.AddRange(all.Split('\0', StringSplitOptions.RemoveEmptyEntries));
        return texts;
    }

    private bool IsBigData(in HiveCell cell) => _cells.Read(cell, 0, BigDataHeader).Span is { Length: BigDataHeader } header && header.StartsWith("db"u8);

    private byte[] BigData(in HiveCell cell, int wanted)
    {
        ReadOnlySpan<byte> header = _cells.Read(cell, 0, BigDataHeader).Span;
        int needed = (wanted + SegmentSize - 1) / SegmentSize;
        int stated = BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);
        if (!_cells.TryOpen(BinaryPrimitives.ReadUInt32LittleEndian(header[4..]), "list of data segments", out HiveCell list, isDeleted: IsDeleted))
        {
            return [];
        }
        int count = Math.Min(Math.Min(stated, needed), list.Length / 4);
        _cells.SpendElements(count);
        ReadOnlySpan<byte> offsets = _cells.Read(list, 0, count * 4).Span;
        count = offsets.Length / 4;
        // What the segments cannot hold is not reserved.
        var data = new byte[Math.Min(wanted, count * SegmentSize)];
        _cells.SpendData(data.Length);
        int done = 0;
        for (int i = 0; i < count; i++)
        {
            if (!_cells.TryOpen(BinaryPrimitives.ReadUInt32LittleEndian(offsets[(i * 4)..]), "data segment", out HiveCell segment, isDeleted: IsDeleted))
            {
                break;
            }
            ReadOnlySpan<byte> part = _cells.Read(segment, 0, Math.Min(SegmentSize, data.Length - done)).Span;
            part.CopyTo(data.AsSpan(done));
            done += part.Length;
            if (part.Length < SegmentSize && done < data.Length)
            {
                break;
            }
        }
        return done == data.Length ? data : data[..done];
    }
}
