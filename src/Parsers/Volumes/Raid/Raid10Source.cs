using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Volumes.Raid;

/// <summary>
/// How Linux' RAID 10 spreads copies: <c>near</c> copies of a chunk side by side in a row, <c>far</c> copies in a later part of the next columns, or with <c>offset</c> in
/// the next row. Reference: md(4), "RAID10".
/// </summary>
/// <param name="Columns">Members.</param>
/// <param name="Near">Copies side by side.</param>
/// <param name="Far">Copies far away or in the following rows.</param>
/// <param name="IsOffset">The far copies lie in the following rows.</param>
/// <param name="FarSet">Columns among which far copies rotate.</param>
/// <param name="ChunkSize">Bytes in a chunk.</param>
/// <param name="Stride">Bytes of a column between a chunk and its far copy.</param>
/// <param name="Length">Bytes of the volume.</param>
internal sealed record Raid10Layout(int Columns, int Near, int Far, bool IsOffset, int FarSet, int ChunkSize, long Stride, long Length)
{
    /// <summary>From the layout number of an MD superblock; null when there is no such layout.</summary>
    /// <param name="layout">Near copies in byte 0, far copies in byte 1, offset in bit 16, kind of far set in bits 17 and 18.</param>
    /// <param name="columns">Members.</param>
    /// <param name="chunkSize">Bytes in a chunk.</param>
    /// <param name="columnLength">Bytes used of a member.</param>
    public static Raid10Layout? Create(int layout, int columns, int chunkSize, long columnLength)
    {
        int near = layout & 0xFF;
        int far = layout >> 8 & 0xFF;
        bool isOffset = (layout & 1 << 16) != 0;
        int farSet = (layout >> 17) switch { 0 => columns, 1 => far == 0 ? 0 : columns / far, 2 => far * near, _ => 0 };
        if (near == 0 || far == 0 || near * far > columns || chunkSize <= 0 || farSet is 0 || farSet > columns)
        {
            return null;
        }
        long rows = columnLength / chunkSize;
        // Chunks of the volume: so many as all copies of them fit.
        long chunks = MultiplySaturated(rows / far, columns) / near;
        long perColumn = (MultiplySaturated(chunks, near * far) + columns - 1) / columns;
        long stride = isOffset ? chunkSize : perColumn / far * chunkSize;
        return new Raid10Layout(columns, near, far, isOffset, farSet, chunkSize, stride, chunks > long.MaxValue / chunkSize ? long.MaxValue : chunks * chunkSize);
    }

    /// <summary>Column and byte offset of a copy of a chunk.</summary>
    public (int Column, long Offset) Place(long chunk, int nearCopy, int farCopy)
    {
        (long row, long column) = Math.DivRem(chunk * Near + nearCopy, Columns);
        long offset = (IsOffset ? row * Far : row) * ChunkSize;
        int place = (int)column;
        int lastSet = (Columns / FarSet - 1) * FarSet;
        int lastSize = FarSet + Columns % FarSet;
        for (int i = 0; i < farCopy; i++)
        {
            int set = place / FarSet;
            place += Near;
            if (Columns % FarSet != 0 && place > lastSet)
            {
                place = (place - lastSet) % lastSize + lastSet;
            }
            else
            {
                place = place % FarSet + FarSet * set;
            }
            offset += Stride;
        }
        return (place, offset);
    }

    private static long MultiplySaturated(long a, int b) => a > (long.MaxValue - b) / b ? long.MaxValue - b : a * b;
}

/// <summary>RAID 10: each chunk is read from its first copy whose column is there.</summary>
internal sealed class Raid10Source : ChunkedSource
{
    private readonly IByteSource?[] _columns;
    private readonly Raid10Layout _layout;

    /// <param name="columns">As many as the layout has; null where a member is missing.</param>
    public Raid10Source(IByteSource?[] columns, Raid10Layout layout, long length)
        : base(layout.ChunkSize, length)
    {
        _columns = columns;
        _layout = layout;
    }

    /// <summary>Whether each chunk has a copy in the columns that are there. Chunks repeat their pattern after as many as there are columns.</summary>
    public static bool IsComplete(IByteSource?[] columns, Raid10Layout layout)
    {
        for (long chunk = 0; chunk < layout.Columns; chunk++)
        {
            if (Find(columns, layout, chunk).Source is null)
            {
                return false;
            }
        }
        return true;
    }

    protected override void ReadChunk(long chunk, int within, Span<byte> target)
    {
        (IByteSource? source, long offset) = Find(_columns, _layout, chunk);
        if (source is null)
        {
            target.Clear();
            return;
        }
        source.ReadOrZero(offset + within, target);
    }

    private static (IByteSource? Source, long Offset) Find(IByteSource?[] columns, Raid10Layout layout, long chunk)
    {
        for (int far = 0; far < layout.Far; far++)
        {
            for (int near = 0; near < layout.Near; near++)
            {
                (int column, long offset) = layout.Place(chunk, near, far);
                if (columns[column] is { } source)
                {
                    return (source, offset);
                }
            }
        }
        return (null, 0);
    }
}
