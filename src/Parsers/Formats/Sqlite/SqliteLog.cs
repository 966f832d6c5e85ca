using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Sqlite;

/// <summary>
/// A write-ahead log (<c>-wal</c>): the newest committed version of each page it holds. Frames count up to the last commit whose salts and running checksums fit; what follows is
/// left from an earlier use of the file, or was never committed. Specification: "WAL-mode File Format" in SQLite's file format description.
/// </summary>
internal sealed class SqliteLog
{
    private const int HeaderSize = 32;
    private const int FrameHeaderSize = 24;
    private const uint MagicLittle = 0x377F0682;
    private const uint MagicBig = 0x377F0683;
    private const int MaxFrames = 4_000_000;

    private readonly IByteSource _source;
    private readonly Dictionary<uint, long> _pages = [];

    private SqliteLog(IByteSource source)
    {
        _source = source;
    }

    /// <summary>Frames that belong to committed transactions.</summary>
    public int CommittedFrames { get; private set; }
    /// <summary>Size of the database in pages after the last commit; 0 when nothing is committed.</summary>
    public uint PageCount { get; private set; }
    /// <summary>Size of its pages in bytes.</summary>
    public int PageSize { get; private set; }

    /// <summary>Reads a log; null when it holds no committed frame.</summary>
    public static SqliteLog? Open(IByteSource source, ParseContext context)
    {
        byte[] header = source.ReadArray(0, HeaderSize);
        if (header.Length < HeaderSize)
        {
            return null;
        }
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(header);
        uint pageSize = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(8));
        var sums = default((uint First, uint Second));
        bool isBig = magic == MagicBig;
        if ((magic != MagicLittle && !isBig) || pageSize is < 512 or > 65536 || !System.Numerics.BitOperations.IsPow2(pageSize))
        {
            Report(context, "sqlite.wal.header", "the write-ahead log has no usable header and is left out", losesContent: true);
            return null;
        }
        sums = Checksum(header.AsSpan(0, 24), isBig, sums);
        if (sums.First != BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(24)) || sums.Second != BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(28)))
        {
            Report(context, "sqlite.wal.header", "the checksum of the write-ahead log's header is wrong; as for SQLite, the log is empty", losesContent: true);
            return null;
        }
        var log = new SqliteLog(source) { PageSize = (int)pageSize };
        log.ReadFrames(header.AsSpan(16, 8), isBig, sums, context);
        return log.CommittedFrames == 0 ? null : log;
    }

    /// <summary>Reads a page from the log; false when the log does not hold it.</summary>
    public bool TryRead(uint page, Span<byte> destination) => _pages.TryGetValue(page, out long offset) && _source.ReadUpTo(offset, destination) == destination.Length;

    private void ReadFrames(ReadOnlySpan<byte> salts, bool isBig, (uint First, uint Second) sums, ParseContext context)
    {
        var frame = new byte[FrameHeaderSize + PageSize];
        var pending = new List<(uint Page, long Offset)>();
        int frames = 0;
        for (long offset = HeaderSize; frames < MaxFrames && _source.ReadUpTo(offset, frame) == frame.Length; offset += frame.Length, frames++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (!frame.AsSpan(8, 8).SequenceEqual(salts))
            {
                break;
            }
            sums = Checksum(frame.AsSpan(0, 8), isBig, sums);
            sums = Checksum(frame.AsSpan(FrameHeaderSize), isBig, sums);
            if (sums.First != BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(16)) || sums.Second != BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(20)))
            {
                Report(context, "sqlite.wal.checksum", "a frame of the write-ahead log has a wrong checksum; it and what follows is not used", losesContent: false, offset);
                break;
            }
            pending.Add((BinaryPrimitives.ReadUInt32BigEndian(frame), offset + FrameHeaderSize));
            uint commit = BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4));
            if (commit != 0)
            {
                foreach ((uint page, long place) in pending)
                {
                    _pages[page] = place;
                }
                CommittedFrames += pending.Count;
                PageCount = commit;
                pending.Clear();
            }
        }
    }

    /// <summary>SQLite's running checksum over pairs of 32-bit words.</summary>
    private static (uint First, uint Second) Checksum(ReadOnlySpan<byte> bytes, bool isBig, (uint First, uint Second) sums)
    {
        (uint first, uint second) = sums;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            uint a = isBig ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            uint b = isBig ? BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            unchecked
            {
                first += a + second;
                second += b + first;
            }
        }
        return (first, second);
    }

    private static void Report(ParseContext context, string code, string message, bool losesContent, long offset = 0) =>
        context.Diagnostics.Report(new Diagnostic(code, message) { Offset = offset, LosesContent = losesContent });
}
