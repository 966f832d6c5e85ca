using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Mapped;

/// <summary>
/// A disk whose bytes are found through tables of an image file. A format says how single stretches are stored; here neighbouring ones are read at once, holes are
/// skipped, what is not stored comes from the backing file, and what cannot be trusted reads as zeros. Thread-safe; no lock is held while a file is read.
/// </summary>
internal abstract class MappedDisk : ISparseByteSource
{
    /// <summary>The longest range <see cref="NextData"/> gives at once, so that a call stays short.</summary>
    private const long MaxDataRange = 256 << 20;
    /// <summary>Extents looked at in one call of <see cref="NextData"/>; a hostile disk can have 2^40 of them.</summary>
    private const int MaxSteps = 1 << 20;

    private readonly IByteSource _data;
    private readonly IByteSource? _backing;
    private readonly Anomaly _pastEnd;
    private BackingRange? _lastRange;

    /// <param name="length">Size of the disk in bytes.</param>
    /// <param name="data">The file that holds the data.</param>
    /// <param name="backing">What shows through where nothing is stored; null for zeros.</param>
    /// <param name="anomalies">Where damage is reported.</param>
    /// <param name="pastEnd">The kind to report for data past the end of <paramref name="data"/>.</param>
    protected MappedDisk(long length, IByteSource data, IByteSource? backing, MappedAnomalies anomalies, Anomaly pastEnd)
    {
        Length = length;
        _data = data;
        _backing = backing;
        Anomalies = anomalies;
        _pastEnd = pastEnd;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>Takes reports of damage.</summary>
    protected MappedAnomalies Anomalies { get; }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length)
        {
            return 0;
        }
        int wanted = (int)Math.Min(destination.Length, Length - offset);
        var cursor = new TableCursor();
        int done = 0;
        while (done < wanted)
        {
            long position = offset + done;
            Extent extent = Merged(position, wanted - done, ref cursor);
            Span<byte> target = destination.Slice(done, (int)extent.Length);
            switch (extent.Kind)
            {
                case ExtentKind.Data:
                    ReadData(position, extent.Host, target);
                    break;
                case ExtentKind.Compressed:
                    ReadCompressed(position, extent.Host, target);
                    break;
                case ExtentKind.Unallocated:
                    // Extents end where the backing file ends, so it has all of this.
                    target[_backing!.ReadUpTo(position, target)..].Clear();
                    break;
                default:
                    target.Clear();
                    break;
            }
            done += target.Length;
        }
        return done;
    }

    /// <inheritdoc/>
    public bool NextData(long offset, out long start, out long length)
    {
        var cursor = new TableCursor();
        start = Math.Min(offset, Length);
        length = 0;
        long position = start;
        for (int steps = 0; position < Length && length < MaxDataRange; steps++)
        {
            if (steps == MaxSteps)
            {
                // After very many empty entries the next stretch is given unseen: it may hold data, and the caller decides whether to go on.
                start = length == 0 ? position : start;
                length = Math.Min(position - start + MaxDataRange, Length - start);
                break;
            }
            Extent extent = Resolved(position, Length - position, ref cursor);
            bool isData = extent.Kind is ExtentKind.Data or ExtentKind.Compressed;
            long count = extent.Length;
            if (extent.Kind == ExtentKind.Unallocated)
            {
                BackingRange? range = _backing is ISparseByteSource sparse ? RangeAt(sparse, position) : null;
                isData = range is null || position >= range.DataStart;
                count = range is null ? count : Math.Min(count, (isData ? range.DataEnd : range.DataStart) - position);
            }
            if (isData)
            {
                start = length == 0 ? position : start;
                length = position + count - start;
            }
            else if (length > 0)
            {
                break;
            }
            position += count;
        }
        length = Math.Min(length, Length - start);
        start = length == 0 ? Length : start;
        return length > 0;
    }

    /// <summary>
    /// How the disk is stored from <paramref name="position"/> on. May be longer than <paramref name="limit"/>; looking further than that is wasted, looking less far is allowed.
    /// </summary>
    protected abstract Extent ExtentAt(long position, long limit, ref TableCursor cursor);

    /// <summary>Reads from a compressed cluster, of which <paramref name="target"/> is a part.</summary>
    protected virtual void ReadCompressed(long position, long descriptor, Span<byte> target) => target.Clear();

    private void ReadData(long position, long host, Span<byte> target)
    {
        int count = _data.ReadUpTo(host, target);
        if (count < target.Length)
        {
            target[count..].Clear();
            Anomalies.Report(_pastEnd, position + count);
        }
    }

    /// <summary>The longest stretch of one kind and, for data, contiguous in the file; at most <paramref name="limit"/> bytes.</summary>
    private Extent Merged(long position, long limit, ref TableCursor cursor)
    {
        Extent first = Resolved(position, limit, ref cursor);
        long length = first.Length;
        if (first.Kind != ExtentKind.Compressed)
        {
            while (length < limit)
            {
                Extent next = Resolved(position + length, limit - length, ref cursor);
                if (next.Kind != first.Kind || (first.Kind == ExtentKind.Data && next.Host != first.Host + length))
                {
                    break;
                }
                length += next.Length;
            }
        }
        return first with { Length = Math.Min(length, limit) };
    }

    /// <summary>As <see cref="ExtentAt"/>; unallocated only where there is a backing file, and never past its end.</summary>
    private Extent Resolved(long position, long limit, ref TableCursor cursor)
    {
        Extent extent = ExtentAt(position, limit, ref cursor);
        if (extent.Kind != ExtentKind.Unallocated)
        {
            return extent;
        }
        return _backing is null || position >= _backing.Length
            ? extent with { Kind = ExtentKind.Zero }
            : extent with { Length = Math.Min(extent.Length, _backing.Length - position) };
    }

    /// <summary>
    /// What the backing file holds around a position. The last answer is kept, because the file is asked for each extent of the overlay, a hole of it can be long to walk
    /// through, and each of its own backing files is asked in turn.
    /// </summary>
    private BackingRange RangeAt(ISparseByteSource backing, long position)
    {
        BackingRange? known = Volatile.Read(ref _lastRange);
        if (known is null || position < known.Start || position >= known.DataEnd)
        {
            known = backing.NextData(position, out long start, out long length)
                ? new BackingRange(position, start, start + length)
                : new BackingRange(position, long.MaxValue, long.MaxValue);
            Volatile.Write(ref _lastRange, known);
        }
        return known;
    }

    /// <summary>From Start to DataStart the backing file has a hole, from there to DataEnd data.</summary>
    private sealed record BackingRange(long Start, long DataStart, long DataEnd);
}
