using System.Buffers;
using System.Numerics;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Volumes.Raid;

/// <summary>RAID 4, 5 and 6 with all columns, or with one missing column that is computed from the others.</summary>
/// <remarks>Throws only what the columns throw. Limitations: two missing columns of a RAID 6 are not computed from Q.</remarks>
internal sealed class ParitySource : ChunkedSource
{
    private readonly IByteSource?[] _columns;
    private readonly ParityLayout _layout;

    /// <param name="columns">As many as the layout has; at most one is null.</param>
    public ParitySource(IByteSource?[] columns, ParityLayout layout, int chunkSize, long length)
        : base(chunkSize, length)
    {
        _columns = columns;
        _layout = layout;
    }

    protected override void ReadChunk(long chunk, int within, Span<byte> target)
    {
        (long row, long index) = Math.DivRem(chunk, _layout.DataColumns);
        ParityRow place = _layout.Row(row, (int)index);
        long offset = row * ChunkSize + within;
        if (_columns[place.Data] is { } column)
        {
            column.ReadOrZero(offset, target);
            return;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(target.Length);
        try
        {
            Span<byte> other = buffer.AsSpan(0, target.Length);
            target.Clear();
            for (int i = 0; i < _columns.Length; i++)
            {
                if (i == place.Data || i == place.Syndrome || _columns[i] is not { } present)
                {
                    continue;
                }
                present.ReadOrZero(offset, other);
                Xor(target, other);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Xor(Span<byte> target, ReadOnlySpan<byte> other)
    {
        int i = 0;
        for (; i + Vector<byte>.Count <= target.Length; i += Vector<byte>.Count)
        {
            (new Vector<byte>(target[i..]) ^ new Vector<byte>(other[i..])).CopyTo(target[i..]);
        }
        for (; i < target.Length; i++)
        {
            target[i] ^= other[i];
        }
    }
}
