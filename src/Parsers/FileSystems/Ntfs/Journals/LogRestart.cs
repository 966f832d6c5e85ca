using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>What the restart area says of the log: which record is the last checkpoint, and how a log sequence number becomes a place.</summary>
internal sealed class LogRestart
{
    private const int LargestPage = 65536;

    private LogRestart(in LogRestartPage page, long length)
    {
        IsChecked = page.Signature == LogRestartPage.Checked;
        MajorVersion = page.MajorVersion;
        PageSize = (int)page.LogPageSize;
        DataOffset = page.LogPageDataOffset;
        CurrentLsn = page.CurrentLsn;
        HasClient = page.HasClient;
        IsMarkedClean = page.IsMarkedClean;
        OldestLsn = page.HasClient ? page.OldestLsn : 0;
        CheckpointLsn = page.HasClient ? page.ClientRestartLsn : 0;
        PlaceBits = 64 - (int)page.SequenceNumberBits;
        Length = Math.Min((long)page.FileSize, length) / PageSize * PageSize;
        TailStart = 2L * page.SystemPageSize;
        // Version 1 keeps two copies of the page written last in front of the log, version 2 thirty-two.
        FirstPage = TailStart + (MajorVersion >= 2 ? 32L : 2L) * PageSize;
    }

    /// <summary>chkdsk emptied the log.</summary>
    public bool IsChecked { get; }
    public int MajorVersion { get; }
    public int PageSize { get; }
    public int DataOffset { get; }
    public ulong CurrentLsn { get; }
    public bool HasClient { get; }
    public bool IsMarkedClean { get; }
    public ulong OldestLsn { get; }
    public ulong CheckpointLsn { get; }
    public int PlaceBits { get; }
    public long Length { get; }
    /// <summary>Where the copies of pages begin that were written last.</summary>
    public long TailStart { get; }
    /// <summary>Where the ring begins.</summary>
    public long FirstPage { get; }

    /// <summary>Byte offset in the log.</summary>
    public long Place(ulong lsn) => (long)(lsn & ((1UL << PlaceBits) - 1)) * 8;

    /// <summary>How often the log had come round.</summary>
    public ulong Round(ulong lsn) => lsn >> PlaceBits;

    /// <summary>The log sequence number of a place.</summary>
    public ulong Lsn(long place, ulong round) => (round << PlaceBits) | ((ulong)place >> 3);

    /// <summary>The page after another, which is the first one again after the last.</summary>
    public long PageAfter(long page) => page + PageSize >= Length ? FirstPage : page + PageSize;

    /// <summary>The newer of the two restart areas; null when neither can be used.</summary>
    /// <param name="log">The content of <c>$LogFile</c>.</param>
    /// <param name="isUnused">Nothing was ever written to it, or it was filled with ones to empty it.</param>
    public static LogRestart? Find(IByteSource log, out bool isUnused)
    {
        LogRestart? best = null;
        isUnused = true;
        var buffer = new byte[LargestPage];
        // The second page follows the first, whose size is not known when the first is gone.
        for (long offset = 0; offset <= LargestPage; offset = offset == 0 ? 512 : offset * 2)
        {
            Span<byte> page = buffer.AsSpan(0, log.ReadUpTo(offset, buffer));
            if (page.Length < 512)
            {
                break;
            }
            isUnused &= page[..16].IndexOfAnyExcept((byte)0xFF) < 0 || page[..16].IndexOfAnyExcept((byte)0) < 0;
            var raw = new LogRestartPage(page);
            if (raw.Signature is not (LogRestartPage.Restart or LogRestartPage.Checked) || raw.SystemPageSize < 512 || raw.SystemPageSize > page.Length)
            {
                continue;
            }
            page = page[..(int)raw.SystemPageSize];
            if (UpdateSequence.Restore(page) is not (UpdateSequenceState.Whole or UpdateSequenceState.Short) || (offset != 0 && offset != raw.SystemPageSize))
            {
                continue;
            }
            var view = new LogRestartPage(page);
            if (!view.IsUsable)
            {
                continue;
            }
            var found = new LogRestart(view, log.Length);
            if (found.Length > found.FirstPage && (best is null || found.CurrentLsn > best.CurrentLsn))
            {
                best = found;
            }
        }
        return best;
    }
}
