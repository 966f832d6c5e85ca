using System.Buffers;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>One record of the log.</summary>
internal sealed class LogRecord
{
    public required ulong Lsn { get; init; }
    public required ulong UndoNextLsn { get; init; }
    public required uint RecordType { get; init; }
    public required uint TransactionId { get; init; }
    /// <summary>What NTFS wrote.</summary>
    public required ReadOnlyMemory<byte> ClientData { get; init; }
    /// <summary>Byte offset in the log of the first byte after the record; never the start of a page.</summary>
    public required long End { get; init; }
    /// <summary>How often the log had come round where the record ends.</summary>
    public required ulong EndRound { get; init; }
}

/// <summary>Reads the records of the log by their number and one after the other. For one thread.</summary>
/// <remarks>
/// A record is taken only when it carries the number of its place, so what is left of an earlier round is never mistaken for the end of this one.
/// </remarks>
internal sealed class LogRecords(LogPages pages, LogRestart restart)
{
    private const int MostClientData = 8 << 20;

    /// <summary>The record with a number; null when the log does not hold it whole.</summary>
    public LogRecord? Read(ulong lsn)
    {
        long place = restart.Place(lsn);
        long at = place / restart.PageSize * restart.PageSize;
        int within = (int)(place - at);
        if (lsn == 0 || at < restart.FirstPage || at >= restart.Length || within < restart.DataOffset || within + LogRecordHeader.Size > restart.PageSize
            || pages.At(at) is not { } page || page.LastLsn < lsn)
        {
            return null;
        }
        var header = new LogRecordHeader(page.Data.AsSpan(within));
        if (header.ThisLsn != lsn || header.ClientDataLength > MostClientData)
        {
            return null;
        }
        int length = (int)header.ClientDataLength;
        (ulong undoNext, uint type, uint transaction) = (header.ClientUndoNextLsn, header.RecordType, header.TransactionId);
        within += LogRecordHeader.Size;
        ulong round = restart.Round(lsn);
        int first = Math.Min(length, restart.PageSize - within);
        var data = new ReadOnlyMemory<byte>(page.Data, within, first);
        within += first;
        if (first < length)
        {
            // Grows with what is there, not with what the header claims.
            var whole = new ArrayBufferWriter<byte>(restart.PageSize * 2);
            whole.Write(data.Span);
            while (whole.WrittenCount < length)
            {
                at = restart.PageAfter(at);
                round += at == restart.FirstPage ? 1u : 0u;
                if (pages.At(at) is not { } next || next.LastLsn < lsn || round > restart.Round(lsn) + 1)
                {
                    return null;
                }
                int part = Math.Min(length - whole.WrittenCount, restart.PageSize - restart.DataOffset);
                whole.Write(next.Data.AsSpan(restart.DataOffset, part));
                within = restart.DataOffset + part;
            }
            data = whole.WrittenMemory;
        }
        return new LogRecord { Lsn = lsn, UndoNextLsn = undoNext, RecordType = type, TransactionId = transaction, ClientData = data, End = at + within, EndRound = round };
    }

    /// <summary>The record after another; null at the end of what was written.</summary>
    public LogRecord? Next(LogRecord record)
    {
        long at = (record.End - 1) / restart.PageSize * restart.PageSize;
        long place = (record.End + 7) & ~7L;
        if (place - at + LogRecordHeader.Size <= restart.PageSize && Read(restart.Lsn(place, record.EndRound)) is { } same)
        {
            return same;
        }
        long next = restart.PageAfter(at);
        return Read(restart.Lsn(next + restart.DataOffset, record.EndRound + (next == restart.FirstPage ? 1u : 0u)));
    }
}
