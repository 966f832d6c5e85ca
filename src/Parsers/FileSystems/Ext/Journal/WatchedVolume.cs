using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>A replayed volume that remembers whether something replaced was read through it: put under the reader of one file's map. For one thread.</summary>
internal sealed class WatchedVolume(ReplayedVolume volume) : IByteSource
{
    public long Length => volume.Length;

    /// <summary>A block that comes from the journal was read.</summary>
    public bool HasReadReplaced { get; private set; }

    public int ReadAt(long offset, Span<byte> destination)
    {
        HasReadReplaced |= volume.IsReplaced(offset, destination.Length);
        return volume.ReadAt(offset, destination);
    }
}
