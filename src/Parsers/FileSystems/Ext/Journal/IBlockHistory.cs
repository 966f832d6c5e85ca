namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>
/// Older contents of file system blocks that are still in the journal: of transactions that were replayed, and of older ones that the journal has not overwritten yet.
/// Thread-safe.
/// </summary>
internal interface IBlockHistory
{
    /// <summary>All copies of a block, newest first; includes the one that replay applies. Only copies whose descriptor is sound; a bad data checksum leaves a copy out.</summary>
    IReadOnlyList<BlockCopy> CopiesOf(long block);

    /// <summary>Every block of which there is a copy, in ascending order.</summary>
    IReadOnlyList<long> Blocks { get; }

    /// <summary>The content of a copy, of the block size, un-escaped. Throws a <c>ForensicException</c> when it cannot be read.</summary>
    byte[] Read(BlockCopy copy);
}

/// <summary>One copy of a file system block in the journal.</summary>
/// <param name="Block">Number of the file system block.</param>
/// <param name="Sequence">Transaction it belongs to.</param>
/// <param name="CommitTime">When that transaction was committed; null when unknown (it was never committed, or its commit block is gone).</param>
/// <param name="JournalBlock">Block of the journal that holds it.</param>
/// <param name="IsEscaped">Its first four bytes were replaced because they read like the journal's own magic number.</param>
internal readonly record struct BlockCopy(long Block, uint Sequence, Timestamp? CommitTime, long JournalBlock, bool IsEscaped);
