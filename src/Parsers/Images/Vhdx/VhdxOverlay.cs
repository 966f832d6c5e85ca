using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Vhdx;

/// <summary>A write that the log holds: sectors to put over the file, or zeros.</summary>
/// <param name="Offset">Offset in the file, in whole log sectors.</param>
/// <param name="Length">Bytes; one log sector unless zeros.</param>
/// <param name="Data">Where in the log the sector lies; -1 for zeros.</param>
internal readonly record struct VhdxLogWrite(long Offset, long Length, int Data);

/// <summary>The image file as it would be after its log had been replayed: the writes lie over it, in memory. Never changes; thread-safe.</summary>
internal sealed class VhdxOverlay : IByteSource
{
    private readonly IByteSource _file;
    private readonly byte[] _log;
    private readonly VhdxLogWrite[] _writes;

    /// <param name="file">The image file.</param>
    /// <param name="length">Its length after the replay, at least that of the file.</param>
    /// <param name="log">The log, in which the sectors are complete.</param>
    /// <param name="writes">In the order in which they are to be applied; later ones win.</param>
    public VhdxOverlay(IByteSource file, long length, byte[] log, IReadOnlyList<VhdxLogWrite> writes)
    {
        _file = file;
        _log = log;
        _writes = Flatten(writes);
        Length = Math.Max(length, file.Length);
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length)
        {
            return 0;
        }
        int wanted = (int)Math.Min(destination.Length, Length - offset);
        int index = FirstEndingAfter(offset);
        int done = 0;
        while (done < wanted)
        {
            long position = offset + done;
            if (index < _writes.Length && _writes[index].Offset <= position)
            {
                VhdxLogWrite write = _writes[index++];
                long within = position - write.Offset;
                Span<byte> target = destination.Slice(done, (int)Math.Min(write.Length - within, wanted - done));
                if (write.Data < 0)
                {
                    target.Clear();
                }
                else
                {
                    _log.AsSpan(write.Data + (int)within, target.Length).CopyTo(target);
                }
                done += target.Length;
                continue;
            }
            long next = index < _writes.Length ? _writes[index].Offset - position : long.MaxValue;
            Span<byte> below = destination.Slice(done, (int)Math.Min(next, wanted - done));
            below[_file.ReadUpTo(position, below)..].Clear();
            done += below.Length;
        }
        return done;
    }

    /// <summary>Cuts overlapping writes so that each byte has one, the latest; sorted by offset.</summary>
    private static VhdxLogWrite[] Flatten(IReadOnlyList<VhdxLogWrite> writes)
    {
        var edges = new long[writes.Count * 2];
        var byOffset = new int[writes.Count];
        for (int i = 0; i < writes.Count; i++)
        {
            edges[2 * i] = writes[i].Offset;
            edges[2 * i + 1] = writes[i].Offset + writes[i].Length;
            byOffset[i] = i;
        }
        Array.Sort(edges);
        Array.Sort(byOffset, (a, b) => writes[a].Offset.CompareTo(writes[b].Offset));
        var flat = new List<VhdxLogWrite>();
        var active = new PriorityQueue<int, int>();
        int next = 0;
        for (int i = 0; i + 1 < edges.Length; i++)
        {
            if (edges[i] == edges[i + 1])
            {
                continue;
            }
            for (; next < byOffset.Length && writes[byOffset[next]].Offset <= edges[i]; next++)
            {
                active.Enqueue(byOffset[next], -byOffset[next]);
            }
            while (active.TryPeek(out int oldest, out _) && writes[oldest].Offset + writes[oldest].Length <= edges[i])
            {
                active.Dequeue();
            }
            if (active.TryPeek(out int latest, out _))
            {
                Append(flat, writes[latest], edges[i], edges[i + 1]);
            }
        }
        return [.. flat];
    }

    private static void Append(List<VhdxLogWrite> flat, VhdxLogWrite write, long from, long to)
    {
        var part = new VhdxLogWrite(from, to - from, write.Data < 0 ? -1 : write.Data + (int)(from - write.Offset));
        if (flat.Count > 0 && flat[^1] is var last && last.Offset + last.Length == from && last.Data < 0 && part.Data < 0)
        {
            flat[^1] = last with { Length = last.Length + part.Length };
            return;
        }
        flat.Add(part);
    }

    private int FirstEndingAfter(long offset)
    {
        int low = 0;
        int high = _writes.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_writes[middle].Offset + _writes[middle].Length > offset)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        return low;
    }
}
