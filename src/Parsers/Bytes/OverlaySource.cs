namespace Forensics.Parsers.Bytes;

/// <summary>A source of which some stretches were replaced by stretches of another one: a snapshot over its origin, a cache over a slow disk.</summary>
/// <remarks>Thread-safe. Throws only what the two sources throw. Limitations: none.</remarks>
public sealed class OverlaySource : ISparseByteSource
{
    private readonly IByteSource _base;
    private readonly IByteSource _store;
    private readonly ContentRun[] _runs;

    /// <param name="origin">What is seen where no run is; zeros past its end.</param>
    /// <param name="store">Where the runs lie.</param>
    /// <param name="runs">Sorted by <see cref="ContentRun.Logical"/>, apart from each other; <see cref="ContentRun.Physical"/> is an offset in the store.</param>
    /// <param name="length">Length in bytes.</param>
    public OverlaySource(IByteSource origin, IByteSource store, ContentRun[] runs, long length)
    {
        _base = origin;
        _store = store;
        _runs = runs;
        Length = length;
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
        int index = Stretches.FirstEndingAfter(_runs, offset);
        int done = 0;
        while (done < wanted)
        {
            long position = offset + done;
            if (index >= _runs.Length || _runs[index].Logical > position)
            {
                long gap = index >= _runs.Length ? long.MaxValue : _runs[index].Logical - position;
                Span<byte> part = destination.Slice(done, (int)Math.Min(gap, wanted - done));
                _base.ReadOrZero(position, part);
                done += part.Length;
                continue;
            }
            ContentRun run = _runs[index++];
            Span<byte> replaced = destination.Slice(done, (int)Math.Min(run.End - position, wanted - done));
            _store.ReadOrZero(run.Physical + (position - run.Logical), replaced);
            done += replaced.Length;
        }
        return done;
    }

    /// <inheritdoc/>
    public bool NextData(long offset, out long start, out long length)
    {
        start = Length;
        length = 0;
        if (offset >= Length)
        {
            return false;
        }
        if (_base.NextDataOrRest(offset, out long found, out long count) && found < Length)
        {
            start = found;
            length = Math.Min(count, Length - found);
        }
        int index = Stretches.FirstEndingAfter(_runs, offset);
        if (index < _runs.Length && _runs[index].Logical < start)
        {
            start = Math.Max(offset, _runs[index].Logical);
            length = Math.Min(_runs[index].End, Length) - start;
        }
        return length > 0;
    }
}
