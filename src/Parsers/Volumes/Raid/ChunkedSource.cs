using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Volumes.Raid;

/// <summary>A volume that is spread over columns (the data areas of its members) in chunks of one size. Thread-safe, stateless.</summary>
internal abstract class ChunkedSource : IByteSource
{
    private readonly int _chunkSize;

    /// <param name="chunkSize">Bytes in a chunk, positive.</param>
    /// <param name="length">Bytes of the volume.</param>
    protected ChunkedSource(int chunkSize, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunkSize);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _chunkSize = chunkSize;
        Length = length;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>Bytes in a chunk.</summary>
    protected int ChunkSize => _chunkSize;

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length)
        {
            return 0;
        }
        int wanted = (int)Math.Min(destination.Length, Length - offset);
        int done = 0;
        while (done < wanted)
        {
            (long chunk, long within) = Math.DivRem(offset + done, _chunkSize);
            int count = (int)Math.Min(_chunkSize - within, wanted - done);
            ReadChunk(chunk, (int)within, destination.Slice(done, count));
            done += count;
        }
        return done;
    }

    /// <summary>Fills the target with bytes of one chunk, from <paramref name="within"/> on.</summary>
    protected abstract void ReadChunk(long chunk, int within, Span<byte> target);
}

/// <summary>RAID 0 and device-mapper stripes: chunk after chunk, each in the next column.</summary>
internal sealed class StripedSource(IReadOnlyList<IByteSource> columns, int chunkSize, long length) : ChunkedSource(chunkSize, length)
{
    protected override void ReadChunk(long chunk, int within, Span<byte> target)
    {
        (long row, long column) = Math.DivRem(chunk, columns.Count);
        columns[(int)column].ReadOrZero(row * ChunkSize + within, target);
    }
}
