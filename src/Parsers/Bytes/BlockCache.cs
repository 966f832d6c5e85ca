using System.Numerics;

namespace Forensics.Parsers.Bytes;

/// <summary>
/// A bounded cache of fixed-size blocks of another source, least recently used first out: for the metadata of containers and file systems, which is read
/// again and again in small pieces. Not for content, which is read once. Thread-safe with low contention; no lock is held while the source is read.
/// </summary>
/// <remarks>
/// Sizes are bytes. Exceptions of the source pass through and nothing is cached then.
/// Limitations: a block missed by two threads at once is read twice; the bound counts blocks and is exact to about one part in sixteen.
/// </remarks>
public sealed class BlockCache : IByteSource
{
    private readonly IByteSource _source;
    private readonly LruCache<byte[]> _blocks;
    private readonly int _shift;

    /// <summary>Caches up to <paramref name="capacity"/> blocks of <paramref name="blockSize"/> bytes, a power of two from 512 to 16 MiB.</summary>
    public BlockCache(IByteSource source, int blockSize, int capacity)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 512);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blockSize, 16 << 20);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        if (!BitOperations.IsPow2(blockSize))
        {
            throw new ArgumentException("not a power of two", nameof(blockSize));
        }
        _source = source;
        _shift = BitOperations.Log2((uint)blockSize);
        _blocks = new LruCache<byte[]>(capacity);
    }

    /// <summary>Bytes in a block; the last block of the source may be shorter.</summary>
    public int BlockSize => 1 << _shift;

    /// <inheritdoc/>
    public long Length => _source.Length;

    /// <summary>The block with a number from 0. Shorter at the end of the source, empty past it. The memory is shared and never changes.</summary>
    public ReadOnlyMemory<byte> Block(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        if (index > (Length - 1) >> _shift)
        {
            return ReadOnlyMemory<byte>.Empty;
        }
        return _blocks.Find(index) ?? _blocks.Add(index, _source.ReadArray(index << _shift, BlockSize));
    }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            long position = offset + done;
            ReadOnlySpan<byte> block = Block(position >> _shift).Span;
            int within = (int)(position & (BlockSize - 1));
            if (within >= block.Length)
            {
                break;
            }
            int count = Math.Min(block.Length - within, destination.Length - done);
            block.Slice(within, count).CopyTo(destination[done..]);
            done += count;
        }
        return done;
    }
}
