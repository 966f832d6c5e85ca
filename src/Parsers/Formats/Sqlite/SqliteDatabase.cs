using System.Numerics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Sqlite;

/// <summary>One table of <c>sqlite_schema</c>.</summary>
/// <param name="Name">Name of the table.</param>
/// <param name="RootPage">Number of its first page, from 1; 0 for a virtual table.</param>
/// <param name="Sql">The statement that made it.</param>
public sealed record SqliteTable(string Name, uint RootPage, string Sql);

/// <summary>
/// Reads tables of an SQLite 3 database without changing it: the file, with the committed pages of its write-ahead log laid over it. Rows come in order of row id.
/// Specification: https://www.sqlite.org/fileformat2.html
/// </summary>
/// <remarks>
/// Bounds: each page is visited once, as part of a tree or of one row's overflow, so that time and memory follow the file's size; a row is at most 256 MiB. Damage is a
/// diagnostic (<c>sqlite.*</c>) and costs the page or row concerned.
/// Limitations: indexes and WITHOUT ROWID tables are not read (the latter refused by name), SQL is not interpreted, deleted rows are not searched for, a hot rollback journal
/// (<c>-journal</c>) is not rolled back; encrypted databases look like no database.
/// </remarks>
public sealed class SqliteDatabase
{
    private const int MaxPayload = 256 << 20;
    private const int MaxTables = 100_000;

    private readonly IByteSource _source;
    private readonly SqliteLog? _log;
    private readonly SqliteAnomalies _anomalies;
    private readonly CancellationToken _cancellation;
    private readonly int _pageSize;
    private readonly int _usable;
    private readonly uint _pageCount;
    private readonly uint _encoding;

    private SqliteDatabase(IByteSource source, SqliteLog? log, ReadOnlySpan<byte> header, ParseContext context)
    {
        var fields = new SqliteHeader(header);
        _source = source;
        _pageSize = fields.PageSize;
        _usable = _pageSize - fields.ReservedSpace;
        _encoding = fields.TextEncoding;
        _cancellation = context.Cancellation;
        _anomalies = new SqliteAnomalies(context.Diagnostics);
        _log = log is not null && log.PageSize != _pageSize ? null : log;
        if (log is not null && _log is null)
        {
            _anomalies.Report("sqlite.wal.page-size", "the write-ahead log has pages of another size and is left out", 0);
        }
        long stored = (source.Length + _pageSize - 1) / _pageSize;
        _pageCount = _log?.PageCount ?? (uint)Math.Min(stored, uint.MaxValue - 1);
        if (_log is null && fields.DatabaseSizeInPages > stored)
        {
            _anomalies.Report("sqlite.cut", "the database is shorter than its header says", source.Length);
        }
        Tables = ReadSchema();
    }

    /// <summary>The tables, in the order of the schema.</summary>
    public IReadOnlyList<SqliteTable> Tables { get; }

    /// <summary>Frames of the write-ahead log that were laid over the file.</summary>
    public int LogFrames => _log?.CommittedFrames ?? 0;

    /// <summary>Whether bytes begin like an SQLite 3 database.</summary>
    public static bool Matches(ReadOnlySpan<byte> header) => header.StartsWith(SqliteHeader.Magic);

    /// <summary>
    /// Opens a database, with its write-ahead log when there is one. A database that was never checkpointed may be empty as a file; its header is then in the log.
    /// Throws <see cref="UnknownFormatException"/> when it is none and <see cref="CorruptDataException"/> when its header is unusable.
    /// </summary>
    public static SqliteDatabase Open(IByteSource source, IByteSource? log, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(context);
        SqliteLog? overlay = log is null ? null : SqliteLog.Open(log, context);
        var header = new byte[SqliteHeader.Size];
        if (overlay is null || !overlay.TryRead(1, header))
        {
            if (source.ReadUpTo(0, header) < header.Length)
            {
                throw new CorruptDataException("sqlite.header", 0, SqliteHeader.Size + " bytes", source.Length + " bytes");
            }
        }
        if (!Matches(header))
        {
            throw new UnknownFormatException("not an SQLite 3 database");
        }
        int pageSize = new SqliteHeader(header).PageSize;
        if (pageSize < 512 || !BitOperations.IsPow2(pageSize) || pageSize - header[20] < 480)
        {
            throw new CorruptDataException("sqlite.page-size", 16, "a power of two from 512 to 65536, at least 480 bytes of it usable", pageSize + " with " + header[20] + " reserved");
        }
        return new SqliteDatabase(source, overlay, header, context);
    }

    /// <summary>The rows of a table. Throws <see cref="UnsupportedFeatureException"/> for a table without row ids.</summary>
    public IEnumerable<SqliteRow> Rows(SqliteTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Walk(table.RootPage, table.Name);
    }

    private List<SqliteTable> ReadSchema()
    {
        var tables = new List<SqliteTable>();
        // sqlite_schema: type, name, tbl_name, rootpage, sql.
        foreach (SqliteRow row in Walk(1, "sqlite_schema"))
        {
            if (row.Text(0) == "table" && row.Text(1) is { } name && row.Integer(3) is >= 0 and <= uint.MaxValue and long root && tables.Count < MaxTables)
            {
                tables.Add(new SqliteTable(name, (uint)root, row.Text(4) ?? ""));
            }
        }
        return tables;
    }

    private IEnumerable<SqliteRow> Walk(uint root, string name)
    {
        var visited = new HashSet<uint>();
        var stack = new Stack<uint>();
        stack.Push(root);
        while (stack.TryPop(out uint number))
        {
            _cancellation.ThrowIfCancellationRequested();
            byte[] page = new byte[_pageSize];
            if (!TryVisit(number, visited, "sqlite.page.shared", "a page belongs to a table twice; it is read once") || !TryReadPage(number, page))
            {
                continue;
            }
            byte type = new BtreePage(page, number == 1).Type;
            if (type == BtreePage.InteriorTable)
            {
                PushChildren(page, number, stack);
            }
            else if (type == BtreePage.LeafTable)
            {
                int count = new BtreePage(page, number == 1).UsableCellCount;
                int bytes = 0;
                for (int i = 0; i < count && bytes <= _usable; i++)
                {
                    if (ReadCell(page, number, i, visited, ref bytes) is { } row)
                    {
                        yield return row;
                    }
                }
                if (bytes > _usable)
                {
                    _anomalies.Report("sqlite.cell.overlap", "the cells of a page overlap; the rest of them is lost", PageOffset(number));
                }
            }
            else if (type is BtreePage.InteriorIndex or BtreePage.LeafIndex && number == root)
            {
                throw new UnsupportedFeatureException("SQLite table without row ids (" + name + ")");
            }
            else
            {
                _anomalies.Report("sqlite.page.type", "a page of a table is no table page; its rows are lost", PageOffset(number));
            }
        }
    }

    private void PushChildren(byte[] page, uint number, Stack<uint> stack)
    {
        var header = new BtreePage(page, number == 1);
        stack.Push(header.RightMostPointer);
        // An interior cell takes at least five bytes and its pointer two.
        for (int i = Math.Min(header.UsableCellCount, _usable / 7) - 1; i >= 0; i--)
        {
            int offset = header.CellPointer(i);
            if (offset + 4 > _usable)
            {
                _anomalies.Report("sqlite.cell.past-end", "a cell lies outside of its page; what it leads to is lost", PageOffset(number));
                continue;
            }
            stack.Push(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(offset)));
        }
    }

    private SqliteRow? ReadCell(byte[] page, uint number, int index, HashSet<uint> visited, ref int bytes)
    {
        int offset = new BtreePage(page, number == 1).CellPointer(index);
        ReadOnlySpan<byte> cell = offset < _usable ? page.AsSpan(offset, _usable - offset) : [];
        if (!SqliteVarint.TryRead(ref cell, out long size) || !SqliteVarint.TryRead(ref cell, out long rowId) || size < 0)
        {
            _anomalies.Report("sqlite.cell.past-end", "a cell lies outside of its page; its row is lost", PageOffset(number));
            return null;
        }
        if (size > MaxPayload)
        {
            _anomalies.Report("sqlite.row.too-long", "a row claims more than 256 MiB and is left out", PageOffset(number));
            return null;
        }
        // How much of a payload stays in the page: "B-tree Cell Format" of the specification.
        int most = _usable - 35;
        int least = (_usable - 12) * 32 / 255 - 23;
        int local = (int)size;
        if (size > most)
        {
            int fitting = least + (int)((size - least) % (_usable - 4));
            local = fitting <= most ? fitting : least;
        }
        if (local + (size > local ? 4 : 0) > cell.Length)
        {
            _anomalies.Report("sqlite.cell.past-end", "a cell lies outside of its page; its row is lost", PageOffset(number));
            return null;
        }
        bytes += local + 2;
        ReadOnlyMemory<byte> payload = size == local
            ? page.AsMemory(_usable - cell.Length, local)
            : ReadOverflow(cell[..local], System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(cell[local..]), (int)size, visited);
        SqliteRow? row = SqliteRow.Parse(rowId, payload, _encoding);
        if (row is null || row.IsCut)
        {
            _anomalies.Report("sqlite.row.damaged", "a row cannot be read whole", PageOffset(number));
        }
        return row;
    }

    /// <summary>Follows a chain of overflow pages: four bytes with the next page, then content. The memory grows with the pages that are really there.</summary>
    private ReadOnlyMemory<byte> ReadOverflow(ReadOnlySpan<byte> local, uint next, int size, HashSet<uint> visited)
    {
        long there = (long)_pageCount * _pageSize;
        var payload = new byte[Math.Min(size, Math.Max(local.Length, Math.Min(there, 1 << 20)))];
        local.CopyTo(payload);
        int length = local.Length;
        var page = new byte[_pageSize];
        while (length < size && next != 0)
        {
            if (!TryVisit(next, visited, "sqlite.overflow.shared", "an overflow page is used twice; the row that comes second is cut") || !TryReadPage(next, page))
            {
                break;
            }
            int count = Math.Min(size - length, _usable - 4);
            if (length + count > payload.Length)
            {
                Array.Resize(ref payload, (int)Math.Min(size, Math.Max(payload.Length * 2L, length + count)));
            }
            page.AsSpan(4, count).CopyTo(payload.AsSpan(length));
            length += count;
            next = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(page);
        }
        return payload.AsMemory(0, length);
    }

    /// <summary>Marks a page; false when it was visited before. Only pages the database has are remembered.</summary>
    private bool TryVisit(uint number, HashSet<uint> visited, string code, string message)
    {
        if (number == 0 || number > _pageCount || visited.Add(number))
        {
            return true;
        }
        _anomalies.Report(code, message, PageOffset(number));
        return false;
    }

    private bool TryReadPage(uint number, byte[] page)
    {
        if (number == 0 || number > _pageCount)
        {
            _anomalies.Report("sqlite.page.past-end", "a page number is zero or past the end of the database; what lies there is lost", PageOffset(Math.Max(1, number)));
            return false;
        }
        if (_log is not null && _log.TryRead(number, page))
        {
            return true;
        }
        int read = _source.ReadUpTo(PageOffset(number), page);
        if (read == page.Length)
        {
            return true;
        }
        _anomalies.Report("sqlite.page.past-end", "a page lies past the end of the file; what lies there is lost", PageOffset(number));
        return false;
    }

    private long PageOffset(uint number) => (number - 1L) * _pageSize;
}

/// <summary>Reports each kind of damage of one database once.</summary>
internal sealed class SqliteAnomalies(IDiagnosticSink sink)
{
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    public void Report(string code, string message, long offset)
    {
        lock (_reported)
        {
            if (!_reported.Add(code))
            {
                return;
            }
        }
        sink.Report(new Diagnostic(code, message) { Offset = offset, LosesContent = true });
    }
}
