using System.Buffers.Binary;

namespace Forensics.Parsers.Formats.Sqlite;

/// <summary>The first 100 bytes of an SQLite 3 database (big endian), fields as in the file format's description.</summary>
internal readonly ref struct SqliteHeader
{
    public const int Size = 100;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public SqliteHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    /// <summary>Page size in bytes; the stored 1 means 65,536.</summary>
    public int PageSize => BinaryPrimitives.ReadUInt16BigEndian(_bytes[16..]) is 1 ? 65536 : BinaryPrimitives.ReadUInt16BigEndian(_bytes[16..]);
    /// <summary>2 when the database is used with a write-ahead log.</summary>
    public byte ReadVersion => _bytes[19];
    /// <summary>Bytes at the end of each page that SQLite does not use.</summary>
    public byte ReservedSpace => _bytes[20];
    public uint FileChangeCounter => BinaryPrimitives.ReadUInt32BigEndian(_bytes[24..]);
    public uint DatabaseSizeInPages => BinaryPrimitives.ReadUInt32BigEndian(_bytes[28..]);
    public uint SchemaFormat => BinaryPrimitives.ReadUInt32BigEndian(_bytes[44..]);
    /// <summary>1 UTF-8, 2 UTF-16 little endian, 3 UTF-16 big endian; 0 in an empty database.</summary>
    public uint TextEncoding => BinaryPrimitives.ReadUInt32BigEndian(_bytes[56..]);
}

/// <summary>The header of a b-tree page, 8 bytes on leaves and 12 on interior pages.</summary>
internal readonly ref struct BtreePage
{
    public const byte InteriorTable = 5;
    public const byte LeafTable = 13;
    public const byte InteriorIndex = 2;
    public const byte LeafIndex = 10;

    private readonly ReadOnlySpan<byte> _page;
    private readonly int _start;

    /// <summary>A view over a whole page; the header of page 1 begins after the database header.</summary>
    public BtreePage(ReadOnlySpan<byte> page, bool isFirst)
    {
        _page = page;
        _start = isFirst ? SqliteHeader.Size : 0;
        ArgumentOutOfRangeException.ThrowIfLessThan(page.Length, _start + 12);
    }

    public byte Type => _page[_start];
    public int CellCount => BinaryPrimitives.ReadUInt16BigEndian(_page[(_start + 3)..]);
    public uint RightMostPointer => BinaryPrimitives.ReadUInt32BigEndian(_page[(_start + 8)..]);
    private int PointerArray => _start + (Type is InteriorTable or InteriorIndex ? 12 : 8);

    /// <summary>How many cells the page has room to point to: the count clamped.</summary>
    public int UsableCellCount => Math.Min(CellCount, (_page.Length - PointerArray) / 2);

    /// <summary>Offset of a cell in the page; may lie outside of it.</summary>
    public int CellPointer(int index) => BinaryPrimitives.ReadUInt16BigEndian(_page[(PointerArray + index * 2)..]);
}
