namespace Forensics.Parsers.Bytes;

/// <summary>A stretch of file content: <see cref="Length"/> bytes at <see cref="Logical"/>, stored at <see cref="Physical"/> of the underlying source.</summary>
/// <param name="Logical">Byte offset in the file.</param>
/// <param name="Length">Length in bytes, positive.</param>
/// <param name="Physical">Byte offset in the underlying source.</param>
public readonly record struct ContentRun(long Logical, long Length, long Physical) : IStretch
{
    /// <summary>First logical offset after the run.</summary>
    public long End => Logical + Length;
}

/// <summary>File content as a list of runs over a volume. What no run covers is a hole and reads as zero without touching the volume.</summary>
public sealed class RunListSource : ISparseByteSource, IPhysicallyOrdered
{
    private readonly IByteSource _volume;
    private readonly ContentRun[] _runs;

    /// <summary>Runs must be sorted by <see cref="ContentRun.Logical"/> and must not overlap; runs past <paramref name="length"/> are cut by it.</summary>
    public RunListSource(IByteSource volume, ContentRun[] runs, long length)
    {
        _volume = volume;
        _runs = runs;
        Length = length;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>The runs in logical order.</summary>
    public IReadOnlyList<ContentRun> Runs => _runs;

    /// <inheritdoc/>
    public long FirstPhysicalOffset => _runs.Length == 0 ? -1 : _runs[0].Physical;

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length)
        {
            return 0;
        }
        int wanted = (int)Math.Min(destination.Length, Length - offset);
        destination = destination[..wanted];
        int index = Stretches.FirstEndingAfter(_runs, offset);
        int done = 0;
        while (done < wanted)
        {
            long position = offset + done;
            if (index >= _runs.Length || _runs[index].Logical > position)
            {
                long gap = index >= _runs.Length ? long.MaxValue : _runs[index].Logical - position;
                int zeros = (int)Math.Min(gap, wanted - done);
                destination.Slice(done, zeros).Clear();
                done += zeros;
                continue;
            }
            ContentRun run = _runs[index];
            int part = (int)Math.Min(run.End - position, wanted - done);
            int count = _volume.ReadUpTo(run.Physical + (position - run.Logical), destination.Slice(done, part));
            if (count < part)
            {
                // The run points past the end of the volume: nothing is stored there.
                throw new Diagnostics.CorruptDataException("content.run", run.Physical, "a run inside the volume", "a run past its end");
            }
            done += part;
            index++;
        }
        return done;
    }

    /// <inheritdoc/>
    public bool NextData(long offset, out long start, out long length)
    {
        int index = Stretches.FirstEndingAfter(_runs, offset);
        if (index >= _runs.Length || _runs[index].Logical >= Length)
        {
            start = Length;
            length = 0;
            return false;
        }
        start = Math.Max(offset, _runs[index].Logical);
        long end = Math.Min(_runs[index].End, Length);
        while (++index < _runs.Length && _runs[index].Logical == end && end < Length)
        {
            end = Math.Min(_runs[index].End, Length);
        }
        length = end - start;
        return true;
    }
}
