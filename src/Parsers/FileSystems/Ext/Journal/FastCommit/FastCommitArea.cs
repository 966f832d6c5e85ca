using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary>Where the fast commits of a journal lie: blocks at its end that the transactions leave alone.</summary>
/// <param name="Journal">The journal; block n lies at n times the block size.</param>
/// <param name="BlockSize">Bytes in a block.</param>
/// <param name="FirstBlock">First block.</param>
/// <param name="BlockCount">Number of blocks.</param>
internal sealed record FastCommitArea(IByteSource Journal, int BlockSize, long FirstBlock, long BlockCount)
{
    /// <summary>The area of a journal; null when it has none. The kernel leaves the block between the ring and the area unused.</summary>
    public static FastCommitArea? Of(JournalLog log) =>
        log.Features.HasFastCommit ? new FastCommitArea(log.Source, log.BlockSize, (long)log.End + 1, (long)log.Length - log.End - 1) : null;
}
