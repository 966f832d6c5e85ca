using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Sqlite;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Sqlite;

/// <summary>Databases made by SQLite itself (Python's), read back and compared with what SQLite says of them; and damaged ones.</summary>
public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DiagnosticList _diagnostics = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(512, "UTF-8", "DELETE", 0)]
    [InlineData(1024, "UTF-16le", "DELETE", 1)]
    [InlineData(4096, "UTF-16be", "WAL", 0)]
    [InlineData(4096, "UTF-8", "WAL", 2)]
    [InlineData(65536, "UTF-8", "DELETE", 0)]
    public void Rows_are_those_SQLite_returns(int pageSize, string encoding, string mode, int vacuum)
    {
        // The second connection keeps a log from being written back before the files are copied.
        string script = $$"""
            import random, shutil, sqlite3
            db = sqlite3.connect('a.db', isolation_level=None)
            db.execute('PRAGMA page_size={{pageSize}}'); db.execute("PRAGMA encoding='{{encoding}}'"); db.execute('PRAGMA auto_vacuum={{vacuum}}')
            db.execute('PRAGMA journal_mode={{mode}}'); db.execute('PRAGMA wal_autocheckpoint=20'); db.execute('PRAGMA synchronous=OFF')
            db.execute('CREATE TABLE t(id INTEGER PRIMARY KEY, i, r REAL, s TEXT, b BLOB)'); db.execute('CREATE INDEX x ON t(s)')
            random.seed(5)
            for n in range(600):
                db.execute('INSERT INTO t VALUES(?,?,?,?,?)', (n * 7 - 50, random.choice([None, 0, 1, -1, 127, -129, 70000, -2**23, 2**40, -2**47, 2**63-1, -2**63]), random.random() * 1e9,
                    'gr\u00fc\u00df' * random.choice([0, 1, 5, 300]), bytes(random.randrange(256) for _ in range(random.choice([0, 3, 400, 9000])))))
            db.execute('DELETE FROM t WHERE id % 3 = 0'); db.execute('ALTER TABLE t ADD COLUMN late'); db.execute('UPDATE t SET s = s || char(8364) WHERE id % 5 = 0')
            db.execute('CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID'); db.execute("INSERT INTO w VALUES('a',1)")
            for end in ('', '-wal'):
                try: shutil.copy('a.db' + end, 'copy.db' + end)
                except FileNotFoundError: pass
            f = lambda v: '' if v is None else v.hex() if isinstance(v, bytes) else repr(v) if isinstance(v, float) else str(v)
            with open('rows.txt', 'w', encoding='utf-8') as out:
                for row in db.execute('SELECT * FROM t ORDER BY id'): out.write('|'.join(f(v) for v in row) + '\n')
            """;
        File.WriteAllText(_folder.File("make.py"), script);
        TestTools.Run("sh", "-c", $"cd '{_folder.Root}' && python3 make.py");
        bool hasLog = File.Exists(_folder.File("copy.db-wal"));
        Assert.Equal(mode == "WAL", hasLog);
        SqliteDatabase database = SqliteDatabase.Open(new MemorySource(File.ReadAllBytes(_folder.File("copy.db"))),
            hasLog ? new MemorySource(File.ReadAllBytes(_folder.File("copy.db-wal"))) : null, Context);
        Assert.Equal(hasLog, database.LogFrames > 0);
        Assert.Equal(["t", "w"], database.Tables.Select(table => table.Name).Where(name => !name.StartsWith("sqlite_", StringComparison.Ordinal)));
        string[] rows = [.. database.Rows(database.Tables.Single(table => table.Name == "t")).Select(Line)];
        Assert.Equal(File.ReadAllLines(_folder.File("rows.txt")), rows);
        Assert.Empty(_diagnostics.Items);
        Assert.Throws<UnsupportedFeatureException>(() => database.Rows(database.Tables.Single(table => table.Name == "w")).Count());
    }

    [Fact]
    public void Log_is_used_up_to_its_last_commit_and_first_wrong_checksum()
    {
        byte[] main = Packages.Fixture.Unpack("wal.sqlite");
        byte[] log = Packages.Fixture.Unpack("wal.sqlite-wal");
        Assert.Equal(5, Count(main, log));
        Assert.Equal(2, Count(main, null));
        int frame = 24 + BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(8));
        int last = Count(main, log[..^1]);
        Assert.True(last is 4 or 5, "the last frame is cut off, its transaction is gone");
        byte[] wrong = [.. log];
        wrong[32 + 40]++;
        Assert.Equal(2, Count(main, wrong));
        Assert.Contains(_diagnostics.Items, item => item.Code == "sqlite.wal.checksum");
        wrong = [.. log];
        wrong[24]++;
        Assert.Equal(2, Count(main, wrong));
        Assert.Contains(_diagnostics.Items, item => item is { Code: "sqlite.wal.header", LosesContent: true });
        for (int i = 0; i <= 64; i++)
        {
            Assert.InRange(Count(main, log[..(int)((long)log.Length * i / 64)]), 2, 5);
        }
        Assert.True(frame > 512);
    }

    [Fact]
    public void Cut_database_gives_what_is_there_and_says_so()
    {
        byte[] whole = Packages.Fixture.Unpack("rpmdb.sqlite");
        for (int i = 0; i < 64; i++)
        {
            byte[] cut = whole[..(int)((long)whole.Length * i / 64)];
            var list = new DiagnosticList();
            try
            {
                SqliteDatabase database = SqliteDatabase.Open(new MemorySource(cut), null, new ParseContext(ScanLimits.Default, list, CancellationToken.None));
                foreach (SqliteTable table in database.Tables)
                {
                    Assert.InRange(database.Rows(table).Count(), 0, 100_000);
                }
                Assert.Contains(list.Items, item => item.LosesContent);
            }
            catch (ForensicException)
            {
                Assert.True(cut.Length < 100);
            }
        }
    }

    [Fact]
    public void Pages_that_lead_back_to_themselves_are_read_once()
    {
        byte[] image = Empty(8);
        // Page 1 is an interior page whose children are itself and page 2, again and again.
        Interior(image, 1, [1, 2, 2, 3, 1], 2);
        Interior(image, 2, [1, 3], 3);
        Interior(image, 3, [2, 1], 0);
        SqliteDatabase.Open(new MemorySource(image), null, Context);
        Assert.Equal(["sqlite.page.past-end", "sqlite.page.shared"], Codes());
    }

    [Fact]
    public void Row_of_four_gigabytes_and_overflow_chains_in_circles_are_bounded()
    {
        byte[] image = Empty(8);
        Span<byte> page = image.AsSpan(0, 1024);
        page[100] = 13;
        BinaryPrimitives.WriteUInt16BigEndian(page[103..], 3);
        // 4 GB; 200 MiB in a chain of two pages that point to each other; 100 kB in a chain that leaves the file.
        (int At, byte[] Size, int Next)[] cells = [(200, [0x8F, 0xFF, 0xFF, 0xFF, 0x7F], 2), (300, [0xE4, 0x80, 0x80, 0x00], 3), (700, [0x86, 0x8D, 0x20], 700)];
        for (int i = 0; i < cells.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(page[(108 + i * 2)..], (ushort)cells[i].At);
            cells[i].Size.CopyTo(page[cells[i].At..]);
            page[cells[i].At + cells[i].Size.Length] = 1;
        }
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(2 * 1024), 4);
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(3 * 1024), 3);
        image.AsSpan(301, 400).Fill(3);
        page[300..304].Fill(0xE4);
        new byte[] { 0xE4, 0x80, 0x80, 0x00, 1 }.CopyTo(page[300..]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        SqliteDatabase.Open(new MemorySource(image), null, Context);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8 << 20);
        Assert.Contains("sqlite.row.too-long", Codes());
    }

    [Fact]
    public void Overlapping_cells_end_the_page()
    {
        byte[] image = Empty(2, 65536);
        Span<byte> page = image.AsSpan(0, 65536);
        page[100] = 13;
        BinaryPrimitives.WriteUInt16BigEndian(page[103..], 30000);
        for (int i = 0; i < 30000; i++)
        {
            // Every cell is the same record of 3,000 columns.
            BinaryPrimitives.WriteUInt16BigEndian(page[(108 + i * 2)..], 61000);
        }
        new byte[] { 0x97, 0x3A, 1, 0x97, 0x3A }.CopyTo(page[61000..]);
        SqliteDatabase.Open(new MemorySource(image), null, Context);
        Assert.Contains("sqlite.cell.overlap", Codes());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mutated_databases_and_logs_give_only_typed_errors_in_bounded_time(int seed)
    {
        var random = new Random(seed);
        byte[] main = Packages.Fixture.Unpack("wal.sqlite");
        byte[] log = Packages.Fixture.Unpack("wal.sqlite-wal");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < 150; i++)
        {
            byte[] mutant = [.. main];
            byte[] mutantLog = [.. log];
            Mutator.Mutate(random, mutant, [0..100, 100..140, 4096..4200, Range.All]);
            if (i % 3 == 0)
            {
                Mutator.Mutate(random, mutantLog, [0..32, 32..56, Range.All]);
            }
            try
            {
                SqliteDatabase database = SqliteDatabase.Open(new MemorySource(mutant), i % 2 == 0 ? new MemorySource(mutantLog) : null, ParseContext.Quiet);
                foreach (SqliteTable table in database.Tables)
                {
                    foreach (SqliteRow row in database.Rows(table))
                    {
                        Line(row);
                    }
                }
            }
            catch (ForensicException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    private ParseContext Context => new(ScanLimits.Default, _diagnostics, CancellationToken.None);

    private string[] Codes() => [.. _diagnostics.Items.Select(item => item.Code).Order(StringComparer.Ordinal)];

    private int Count(byte[] main, byte[]? log)
    {
        SqliteDatabase database = SqliteDatabase.Open(new MemorySource(main), log is null ? null : new MemorySource(log), Context);
        return database.Rows(database.Tables.Single(table => table.Name == "Packages")).Count();
    }

    private static string Line(SqliteRow row)
    {
        var cells = new List<string> { row.RowId.ToString(CultureInfo.InvariantCulture) };
        for (int i = 1; i < 6; i++)
        {
            cells.Add(row.Text(i) ?? row.Integer(i)?.ToString(CultureInfo.InvariantCulture)
                ?? (row.Blob(i) is { } blob ? Convert.ToHexStringLower(blob.Span) : row.Real(i) is { } real ? Python(real) : ""));
        }
        return string.Join('|', cells);
    }

    /// <summary>A number as Python writes it; those of the test have a point.</summary>
    private static string Python(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static byte[] Empty(int pages, int pageSize = 1024)
    {
        var image = new byte[pages * pageSize];
        "SQLite format 3\0"u8.CopyTo(image);
        BinaryPrimitives.WriteUInt16BigEndian(image.AsSpan(16), (ushort)(pageSize == 65536 ? 1 : pageSize));
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(28), (uint)pages);
        image[56 + 3] = 1;
        return image;
    }

    private static void Interior(byte[] image, int number, int[] children, int right)
    {
        Span<byte> page = image.AsSpan((number - 1) * 1024, 1024);
        Span<byte> header = page[(number == 1 ? 100 : 0)..];
        header[0] = 5;
        BinaryPrimitives.WriteUInt16BigEndian(header[3..], (ushort)children.Length);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], (uint)right);
        for (int i = 0; i < children.Length; i++)
        {
            int at = 900 - i * 8;
            BinaryPrimitives.WriteUInt16BigEndian(header[(12 + i * 2)..], (ushort)at);
            BinaryPrimitives.WriteUInt32BigEndian(page[at..], (uint)children[i]);
        }
    }
}
