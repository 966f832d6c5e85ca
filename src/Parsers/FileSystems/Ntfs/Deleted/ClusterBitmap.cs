using System.Numerics;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ntfs.Deleted;

/// <summary>$Bitmap: which clusters are in use. Thread-safe.</summary>
internal sealed class ClusterBitmap
{
    private const int BlockSize = 64 << 10;
    private const int CachedBlocks = 64;

    // A volume of deleted files that each claim all of it must not cost a reading of the whole bitmap each.
    private const long MostBytesLookedAt = 8L << 30;

    private readonly BlockCache? _bits;
    private readonly long _clusterCount;
    private long _lookedAt;

    /// <param name="content">The content of $Bitmap; null when it cannot be read: then nothing is known to be free.</param>
    /// <param name="clusterCount">Clusters of the volume.</param>
    public ClusterBitmap(IByteSource? content, long clusterCount)
    {
        _bits = content is null ? null : new BlockCache(content, BlockSize, CachedBlocks);
        _clusterCount = clusterCount;
    }

    /// <summary>Whether every cluster of a run is known to be free.</summary>
    public bool IsFree(long first, long count)
    {
        if (_bits is null || first < 0 || count > _clusterCount - first || Interlocked.Add(ref _lookedAt, (count / 8) + 1) > MostBytesLookedAt)
        {
            return false;
        }
        long end = first + count;
        for (long cluster = first; cluster < end;)
        {
            ReadOnlySpan<byte> block = _bits.Block(cluster / 8 / BlockSize).Span;
            long start = cluster / 8 / BlockSize * BlockSize * 8;
            int from = (int)(cluster - start);
            int to = (int)Math.Min(end - start, BlockSize * 8L);
            if (to > block.Length * 8 || HasSetBit(block, from, to))
            {
                return false;
            }
            cluster = start + to;
        }
        return true;
    }

    /// <summary>Number of clusters in use; null when it cannot be read.</summary>
    public long? CountUsed()
    {
        if (_bits is null || _bits.Length < (_clusterCount + 7) / 8)
        {
            return null;
        }
        long used = 0;
        for (long start = 0; start < _clusterCount; start += BlockSize * 8L)
        {
            ReadOnlySpan<byte> block = _bits.Block(start / 8 / BlockSize).Span;
            // The bits behind the last cluster are set and are nobody's.
            long bits = Math.Min(_clusterCount - start, block.Length * 8L);
            foreach (byte value in block[..(int)(bits / 8)])
            {
                used += BitOperations.PopCount(value);
            }
            if (bits % 8 != 0)
            {
                used += BitOperations.PopCount((uint)(block[(int)(bits / 8)] & ((1 << (int)(bits % 8)) - 1)));
            }
        }
        return used;
    }

    private static bool HasSetBit(ReadOnlySpan<byte> bits, int from, int to)
    {
        for (; from < to && from % 8 != 0; from++)
        {
            if ((bits[from / 8] >> (from % 8) & 1) != 0)
            {
                return true;
            }
        }
        if (from < to && bits[(from / 8)..(to / 8)].ContainsAnyExcept((byte)0))
        {
            return true;
        }
        for (from = Math.Max(from, to / 8 * 8); from < to; from++)
        {
            if ((bits[from / 8] >> (from % 8) & 1) != 0)
            {
                return true;
            }
        }
        return false;
    }
}
