using System.Buffers;
using System.Numerics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.BerkeleyDb;

/// <summary>One pair of a database.</summary>
public readonly record struct BerkeleyDbPair(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value);

/// <summary>
/// Reads the pairs of a Berkeley DB file (hash or b-tree, versions 4 to 6 of the library, both byte orders) page by page, whatever the structure above the pages says: a damaged
/// bucket table or root costs nothing. Pages that are free or hold something else are passed over.
/// Specification: <c>db_page.h</c> of Berkeley DB.
/// </summary>
/// <remarks>
/// Bounds: every page is visited once, overflow pages belong to one value each; a value is at most 256 MiB, a file at most 4 GiB. Damage is a diagnostic (<c>bdb.*</c>).
/// Limitations: encrypted databases are refused; duplicates kept on pages of their own are not read; checksums of pages are not verified; queue, recno and heap databases are
/// no databases here.
/// </remarks>
public sealed class BerkeleyDbFile
{
    private const int MaxValue = 256 << 20;
    private const long MaxFile = 4L << 30;
    private const byte KeyData = 1;
    private const byte OverflowItem = 3;

    private readonly IByteSource _source;
    private readonly ParseContext _context;
    private readonly ByteOrder _order;
    private readonly int _pageSize;
    private readonly int _overhead;
    private readonly uint _lastPage;
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    private BerkeleyDbFile(IByteSource source, ByteOrder order, ReadOnlySpan<byte> header, ParseContext context)
    {
        var meta = new BerkeleyDbMeta(header, order);
        _source = source;
        _context = context;
        _order = order;
        _pageSize = (int)meta.PageSize;
        _overhead = meta.HasChecksums ? BerkeleyDbPage.HeaderSize + 6 : BerkeleyDbPage.HeaderSize;
        IsBtree = meta.Magic == BerkeleyDbMeta.BtreeMagic;
        IsBigEndian = order.IsBig;
        long there = source.Length / _pageSize - 1;
        if (meta.LastPgno > there)
        {
            Report("bdb.cut", "the database is shorter than its header says", source.Length);
        }
        if (source.Length > MaxFile)
        {
            Report("bdb.too-long", "the database is longer than 4 GiB; the rest is not read", MaxFile);
        }
        // A file longer than it says is read whole: the last page number is only brought up to date when the database is closed.
        _lastPage = (uint)Math.Max(0, Math.Min(there, MaxFile / _pageSize));
    }

    /// <summary>A b-tree; else a hash.</summary>
    public bool IsBtree { get; }
    /// <summary>Made on a machine of the other byte order than most.</summary>
    public bool IsBigEndian { get; }

    /// <summary>Whether bytes begin like a hash or b-tree database; 16 are needed.</summary>
    public static bool Matches(ReadOnlySpan<byte> header) => header.Length >= 16 && Find(header) is not null;

    /// <summary>Opens a database. Throws <see cref="UnknownFormatException"/>, <see cref="UnsupportedFeatureException"/> or <see cref="CorruptDataException"/>.</summary>
    public static BerkeleyDbFile Open(IByteSource source, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(context);
        byte[] header = source.ReadArray(0, BerkeleyDbMeta.Size);
        if (header.Length < BerkeleyDbMeta.Size || Find(header) is not { } order)
        {
            throw new UnknownFormatException("not a Berkeley DB hash or b-tree");
        }
        var meta = new BerkeleyDbMeta(header, order);
        if (meta.EncryptAlg != 0)
        {
            throw new UnsupportedFeatureException("encrypted Berkeley DB");
        }
        if (meta.Version is < 7 or > 10)
        {
            throw new UnsupportedFeatureException("Berkeley DB of version " + meta.Version);
        }
        if (meta.PageSize is < 512 or > 65536 || !BitOperations.IsPow2(meta.PageSize))
        {
            throw new CorruptDataException("bdb.page-size", 20, "a power of two from 512 to 65536", meta.PageSize.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        return new BerkeleyDbFile(source, order, header, context);
    }

    /// <summary>All pairs in the order of the pages they lie on.</summary>
    public IEnumerable<BerkeleyDbPair> Pairs()
    {
        var visited = new HashSet<uint>();
        for (uint number = 1; number <= _lastPage; number++)
        {
            _context.Cancellation.ThrowIfCancellationRequested();
            var page = new byte[_pageSize];
            if (_source.ReadUpTo((long)number * _pageSize, page) < page.Length)
            {
                break;
            }
            byte type = new BerkeleyDbPage(page, _order, _overhead).Type;
            bool holdsPairs = IsBtree ? type == BerkeleyDbPage.BtreeLeaf : type is BerkeleyDbPage.Hash or BerkeleyDbPage.HashUnsorted;
            if (!holdsPairs)
            {
                continue;
            }
            if (new BerkeleyDbPage(page, _order, _overhead).Pgno != number)
            {
                Report("bdb.page.number", "a page bears another number than its place; its pairs are lost", (long)number * _pageSize);
                continue;
            }
            int entries = new BerkeleyDbPage(page, _order, _overhead).Entries;
            long bytes = 0;
            for (int i = 0; i + 1 < entries; i += 2)
            {
                ReadOnlyMemory<byte>? key = Item(page, number, i, visited);
                ReadOnlyMemory<byte>? value = Item(page, number, i + 1, visited);
                if (key is null || value is null)
                {
                    continue;
                }
                // Entries on the page itself cannot together be longer than it; overflow pages are counted by visits.
                bytes += Math.Min(key.Value.Length, _pageSize) + (value.Value.Length <= _pageSize ? value.Value.Length : 0);
                if (bytes > 4L * _pageSize)
                {
                    Report("bdb.entry.overlap", "the entries of a page overlap; the rest of them is lost", (long)number * _pageSize);
                    break;
                }
                yield return new BerkeleyDbPair(key.Value, value.Value);
            }
        }
    }

    /// <summary>One entry; null when it is deleted, of a kind that holds no value here, or damaged.</summary>
    private ReadOnlyMemory<byte>? Item(byte[] page, uint number, int index, HashSet<uint> visited)
    {
        var header = new BerkeleyDbPage(page, _order, _overhead);
        int offset = header.Offset(index);
        long place = (long)number * _pageSize + offset;
        if (offset < _overhead || offset + 3 > page.Length)
        {
            Report("bdb.entry.past-end", "an entry lies outside of its page; its pair is lost", place);
            return null;
        }
        ReadOnlySpan<byte> item = page.AsSpan(offset);
        if (IsBtree)
        {
            // BKEYDATA: length, type, content. BOVERFLOW: two unused, type, unused, page, length. The high bit of the type marks deleted entries.
            int length = _order.UInt16(item);
            return item[2] switch
            {
                KeyData when 3 + length <= item.Length => page.AsMemory(offset + 3, length),
                OverflowItem when item.Length >= 12 => Overflow(_order.UInt32(item[4..]), _order.UInt32(item[8..]), place, visited),
                _ => Unread(item[2], place),
            };
        }
        // HKEYDATA: type, content up to the entry before, which lies behind it. HOFFPAGE: type, three unused, page, length.
        int end = index == 0 ? page.Length : header.Offset(index - 1);
        return item[0] switch
        {
            KeyData when end > offset && end <= page.Length => page.AsMemory(offset + 1, end - offset - 1),
            OverflowItem when item.Length >= 12 => Overflow(_order.UInt32(item[4..]), _order.UInt32(item[8..]), place, visited),
            _ => Unread(item[0], place),
        };
    }

    private ReadOnlyMemory<byte>? Unread(byte type, long place)
    {
        if ((type & 0x80) == 0)
        {
            Report("bdb.entry.kind", "an entry is damaged or a set of duplicates; its pair is lost", place);
        }
        return null;
    }

    /// <summary>Follows a chain of overflow pages. The memory grows with the pages that are really there.</summary>
    private ReadOnlyMemory<byte>? Overflow(uint next, uint size, long place, HashSet<uint> visited)
    {
        if (size > MaxValue || size > (long)_lastPage * _pageSize)
        {
            Report("bdb.value.too-long", "a value claims more than 256 MiB, or more than the file holds; it is lost", place);
            return null;
        }
        var content = new ArrayBufferWriter<byte>((int)Math.Clamp(size, 16u, 1u << 20));
        var page = new byte[_pageSize];
        while (content.WrittenCount < size)
        {
            if (next == 0 || next > _lastPage || !visited.Add(next) || _source.ReadUpTo((long)next * _pageSize, page) < page.Length)
            {
                Report("bdb.overflow.chain", "a chain of overflow pages breaks off, leaves the file or uses a page twice; its value is lost", place);
                return null;
            }
            var header = new BerkeleyDbPage(page, _order, _overhead);
            int count = header.OverflowLength;
            if (header.Type != BerkeleyDbPage.Overflow || header.Pgno != next || count == 0 || count > page.Length - _overhead || count > size - content.WrittenCount)
            {
                Report("bdb.overflow.page", "a page of a chain is no overflow page, or holds more than it can; its value is lost", place);
                return null;
            }
            content.Write(page.AsSpan(_overhead, count));
            next = header.NextPgno;
        }
        return content.WrittenMemory;
    }

    private static ByteOrder? Find(ReadOnlySpan<byte> header)
    {
        foreach (bool isBig in (ReadOnlySpan<bool>)[false, true])
        {
            if (new ByteOrder(isBig).UInt32(header[12..]) is BerkeleyDbMeta.HashMagic or BerkeleyDbMeta.BtreeMagic)
            {
                return new ByteOrder(isBig);
            }
        }
        return null;
    }

    private void Report(string code, string message, long offset)
    {
        if (_reported.Add(code))
        {
            _context.Diagnostics.Report(new Diagnostic(code, message) { Offset = offset, LosesContent = true });
        }
    }
}
