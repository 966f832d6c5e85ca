namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>
/// The part of a journal's copies that a view of the volume has behind it: those of transactions before a given one. Without it, transactions that the view
/// does not apply (not replayed, or never committed) would pass for the past while they are the future.
/// </summary>
/// <param name="history">All copies.</param>
/// <param name="end">Number of the first transaction that is not part of the view.</param>
internal sealed class ShownHistory(IBlockHistory history, uint end) : IBlockHistory
{
    private readonly Lock _lock = new();
    private volatile long[]? _blocks;

    /// <inheritdoc/>
    public IReadOnlyList<long> Blocks
    {
        get
        {
            if (_blocks is { } ready)
            {
                return ready;
            }
            lock (_lock)
            {
                return _blocks ??= [.. history.Blocks.Where(block => CopiesOf(block).Count > 0)];
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<BlockCopy> CopiesOf(long block)
    {
        IReadOnlyList<BlockCopy> copies = history.CopiesOf(block);
        int first = 0;
        while (first < copies.Count && !IsShown(copies[first].Sequence))
        {
            first++;
        }
        return first == 0 ? copies : [.. copies.Skip(first)];
    }

    /// <inheritdoc/>
    public byte[] Read(BlockCopy copy) => history.Read(copy);

    /// <summary>Transaction numbers wrap: the distance decides.</summary>
    private bool IsShown(uint sequence) => unchecked((int)(sequence - end)) < 0;
}
