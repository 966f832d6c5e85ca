using System.Buffers.Binary;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>One page of the log (<c>RCRD</c>) with its fix-ups undone.</summary>
/// <param name="Place">Byte offset in the log where it belongs.</param>
/// <param name="LastLsn">The newest record of which anything is on the page.</param>
/// <param name="Data">The page.</param>
internal sealed record LogPage(long Place, ulong LastLsn, byte[] Data);

/// <summary>
/// The record pages of the log. A page that was written last may be whole only in the copies in front of the ring: those are taken where they are newer. For one thread.
/// </summary>
internal sealed class LogPages
{
    private const uint RecordPage = 0x44524352;

    private readonly IByteSource _log;
    private readonly LogRestart _restart;
    private readonly Dictionary<long, LogPage> _tails = [];
    private LogPage? _last;

    public LogPages(IByteSource log, LogRestart restart)
    {
        _log = log;
        _restart = restart;
        for (long offset = restart.TailStart; offset < restart.FirstPage; offset += restart.PageSize)
        {
            if (Read(offset, isTail: true) is { } tail && tail.Place >= restart.FirstPage && tail.Place < restart.Length && tail.Place % restart.PageSize == 0
                && (!_tails.TryGetValue(tail.Place, out LogPage? other) || other.LastLsn < tail.LastLsn))
            {
                _tails[tail.Place] = tail;
            }
        }
    }

    /// <summary>The page at an offset of the ring; null when it was never written, or not to its end.</summary>
    public LogPage? At(long place)
    {
        if (_last?.Place == place)
        {
            return _last;
        }
        LogPage? page = Read(place, isTail: false);
        if (_tails.TryGetValue(place, out LogPage? tail) && (page is null || tail.LastLsn > page.LastLsn))
        {
            page = tail;
        }
        if (page is not null)
        {
            _last = page;
        }
        return page;
    }

    private LogPage? Read(long offset, bool isTail)
    {
        var data = new byte[_restart.PageSize];
        if (_log.ReadUpTo(offset, data) < data.Length || BinaryPrimitives.ReadUInt32LittleEndian(data) != RecordPage
            || UpdateSequence.Restore(data) is not (UpdateSequenceState.Whole or UpdateSequenceState.Short))
        {
            return null;
        }
        ulong lastLsn = BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(0x08));
        if (!isTail)
        {
            return new LogPage(offset, lastLsn, data);
        }
        // In a copy of version 1 the place of the page stands where else its newest record does.
        ulong lastEnd = BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(0x20));
        return _restart.MajorVersion >= 2
            ? new LogPage(BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(0x3C)), Math.Max(lastLsn, lastEnd), data)
            : new LogPage(lastLsn > long.MaxValue ? -1 : (long)lastLsn, lastEnd, data);
    }
}
