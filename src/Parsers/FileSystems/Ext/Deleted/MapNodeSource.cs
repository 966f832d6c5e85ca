using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems.Ext.Journal;

namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>
/// The volume as the walk over one file's map sees it: a node (extent or indirect block) comes from the newest copy in the journal that is not younger than
/// the inode it belongs to, else from the volume as it is now. Counts what it gives. For one walk on one thread.
/// </summary>
internal sealed class MapNodeSource(IByteSource volume, int blockSize, IBlockHistory history, uint? asOf) : IByteSource
{
    private readonly List<long> _fromVolume = [];

    /// <inheritdoc/>
    public long Length => volume.Length;

    /// <summary>Nodes given so far.</summary>
    public long Count { get; private set; }

    /// <summary>Blocks of the nodes that were taken from the volume as it is now.</summary>
    public IReadOnlyList<long> FromVolume => _fromVolume;

    /// <summary>Whether a node came from the journal: the map cannot be walked again without it.</summary>
    public bool UsedHistory => Count > _fromVolume.Count;

    /// <inheritdoc/>
    /// <remarks>The walks read one whole block at a time.</remarks>
    public int ReadAt(long offset, Span<byte> destination)
    {
        long block = offset / blockSize;
        Count++;
        if (asOf is { } sequence && offset % blockSize == 0 && destination.Length == blockSize)
        {
            foreach (BlockCopy copy in history.CopiesOf(block))
            {
                if (Sequence.AtOrBefore(copy.Sequence, sequence))
                {
                    history.Read(copy).CopyTo(destination);
                    return blockSize;
                }
            }
        }
        _fromVolume.Add(block);
        return volume.ReadUpTo(offset, destination);
    }
}
