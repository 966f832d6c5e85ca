namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>The history of a volume without a journal that can be read.</summary>
internal sealed class EmptyHistory : IBlockHistory
{
    public static EmptyHistory Instance { get; } = new();

    private EmptyHistory()
    {
    }

    public IReadOnlyList<long> Blocks => [];

    public IReadOnlyList<BlockCopy> CopiesOf(long block) => [];

    public byte[] Read(BlockCopy copy) => throw new ArgumentException("a copy of another history", nameof(copy));
}
