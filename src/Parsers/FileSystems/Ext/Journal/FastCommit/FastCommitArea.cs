using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary>Where the fast commits of a journal lie: blocks at its end that the transactions leave alone.</summary>
/// <param name="Journal">The journal from its superblock on.</param>
/// <param name="BlockSize">Bytes in a block.</param>
/// <param name="FirstBlock">First block, counted from the superblock of the journal.</param>
/// <param name="BlockCount">Number of blocks.</param>
internal sealed record FastCommitArea(IByteSource Journal, int BlockSize, long FirstBlock, long BlockCount)
{
    private const uint DefaultBlocks = 256;
    private const long SmallestLog = 1024;

    /// <summary>
    /// The area as a journal superblock places it; null when there is no room for it. Specification: <c>jbd2_journal_get_num_fc_blks</c> and
    /// <c>journal_load_superblock</c> of fs/jbd2/journal.c, by which the block between the log and the area stays unused.
    /// </summary>
    /// <param name="journal">The journal from its superblock on.</param>
    /// <param name="blockSize">Bytes in a block.</param>
    /// <param name="maxLength"><c>s_maxlen</c>: blocks of the journal.</param>
    /// <param name="fastCommitBlocks"><c>s_num_fc_blks</c>; 0 stands for the default of 256.</param>
    public static FastCommitArea? Locate(IByteSource journal, int blockSize, uint maxLength, uint fastCommitBlocks)
    {
        long count = fastCommitBlocks == 0 ? DefaultBlocks : fastCommitBlocks;
        return maxLength - count < SmallestLog ? null : new FastCommitArea(journal, blockSize, maxLength - count + 1, count - 1);
    }
}
