using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Formats.Sqlite;

/// <summary>One row of a table: its row id and a record of typed columns. Columns that were added to the table later may be missing at the end; they read as null.</summary>
public sealed class SqliteRow
{
    private const int MaxColumns = 32767;

    private readonly ReadOnlyMemory<byte> _payload;
    private readonly List<(long Type, int Offset, int Length)> _columns;
    private readonly uint _encoding;

    private SqliteRow(long rowId, ReadOnlyMemory<byte> payload, List<(long, int, int)> columns, uint encoding, bool isCut)
    {
        RowId = rowId;
        _payload = payload;
        _columns = columns;
        _encoding = encoding;
        IsCut = isCut;
    }

    /// <summary>The row id; also the value of a column declared INTEGER PRIMARY KEY, which is stored as null.</summary>
    public long RowId { get; }
    /// <summary>Columns that are stored.</summary>
    public int ColumnCount => _columns.Count;
    /// <summary>The record ends before its header says; columns past the end are left out.</summary>
    public bool IsCut { get; }

    /// <summary>An integer; null for anything else.</summary>
    public long? Integer(int column)
    {
        if (column >= _columns.Count)
        {
            return null;
        }
        (long type, int offset, int length) = _columns[column];
        if (type is 8 or 9)
        {
            return type - 8;
        }
        if (type is < 1 or > 6)
        {
            return null;
        }
        ReadOnlySpan<byte> bytes = _payload.Span.Slice(offset, length);
        long value = unchecked((sbyte)bytes[0]);
        foreach (byte next in bytes[1..])
        {
            value = unchecked(value << 8 | next);
        }
        return value;
    }

    /// <summary>A floating-point number, also of an integer; null for anything else.</summary>
    public double? Real(int column) => column < _columns.Count && _columns[column].Type == 7
        ? BinaryPrimitives.ReadDoubleBigEndian(_payload.Span[_columns[column].Offset..]) : Integer(column);

    /// <summary>The bytes of a blob, or of a text as it is stored; null for anything else.</summary>
    public ReadOnlyMemory<byte>? Blob(int column)
    {
        if (column >= _columns.Count || _columns[column].Type < 12)
        {
            return null;
        }
        return _payload.Slice(_columns[column].Offset, _columns[column].Length);
    }

    /// <summary>A text; null for anything else. Invalid sequences become U+FFFD.</summary>
    public string? Text(int column)
    {
        if (column >= _columns.Count || _columns[column].Type < 13 || (_columns[column].Type & 1) == 0)
        {
            return null;
        }
        ReadOnlySpan<byte> bytes = _payload.Span.Slice(_columns[column].Offset, _columns[column].Length);
        return _encoding switch
        {
            2 => Encoding.Unicode.GetString(bytes),
            3 => Encoding.BigEndianUnicode.GetString(bytes),
            _ => Encoding.UTF8.GetString(bytes),
        };
    }

    /// <summary>Splits a record; null when not even its header can be read.</summary>
    internal static SqliteRow? Parse(long rowId, ReadOnlyMemory<byte> payload, uint encoding)
    {
        ReadOnlySpan<byte> bytes = payload.Span;
        if (!SqliteVarint.TryRead(ref bytes, out long headerSize) || headerSize < payload.Length - bytes.Length || headerSize > payload.Length)
        {
            return null;
        }
        ReadOnlySpan<byte> types = bytes[..((int)headerSize - (payload.Length - bytes.Length))];
        var columns = new List<(long, int, int)>();
        int offset = (int)headerSize;
        bool isCut = false;
        while (columns.Count < MaxColumns && SqliteVarint.TryRead(ref types, out long type))
        {
            long length = type switch
            {
                < 0 => -1,
                0 or 8 or 9 or 10 or 11 => 0,
                < 5 => type,
                5 => 6,
                6 or 7 => 8,
                _ => (type - 12) / 2,
            };
            if (length < 0 || length > payload.Length - offset)
            {
                isCut = true;
                break;
            }
            columns.Add((type, offset, (int)length));
            offset += (int)length;
        }
        return new SqliteRow(rowId, payload, columns, encoding, isCut);
    }
}
