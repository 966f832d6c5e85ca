namespace Forensics.Parsers.Bytes;

/// <summary>A stretch of a <see cref="SegmentedSource"/>.</summary>
/// <param name="Logical">Byte offset in the whole.</param>
/// <param name="Length">Length in bytes, positive.</param>
/// <param name="Source">Where its bytes come from; null for zeros.</param>
/// <param name="Offset">Byte offset in that source.</param>
public readonly record struct SourceSegment(long Logical, long Length, IByteSource? Source, long Offset) : IStretch
{
    /// <summary>First logical offset after the segment.</summary>
    public long End => Logical + Length;
}

/// <summary>Stretches of several sources one after another, such as the segments of a logical volume. What a source does not have, and what no segment covers, reads as zeros.</summary>
/// <remarks>Throws only what the sources throw. Limitations: none.</remarks>
public sealed class SegmentedSource : ISparseByteSource
{
    private readonly SourceSegment[] _segments;

    private SegmentedSource(SourceSegment[] segments, long length)
    {
        _segments = segments;
        Length = length;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>Whole sources one after the other, such as the files of a split image.</summary>
    public static IByteSource Join(IReadOnlyList<IByteSource> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var segments = new List<SourceSegment>(parts.Count);
        long end = 0;
        foreach (IByteSource part in parts.Where(part => part.Length > 0))
        {
            segments.Add(new SourceSegment(end, part.Length, part, 0));
            end += part.Length;
        }
        return Create(segments, end);
    }

    /// <summary>
    /// The whole. Segments must be sorted by <see cref="SourceSegment.Logical"/> and must not overlap; neighbours that lie one after another in the same source become one.
    /// One segment that is there whole is given as a <see cref="Slice"/>.
    /// </summary>
    public static IByteSource Create(IReadOnlyList<SourceSegment> segments, long length)
    {
        ArgumentNullException.ThrowIfNull(segments);
        var merged = new List<SourceSegment>(segments.Count);
        foreach (SourceSegment segment in segments)
        {
            if (merged.Count > 0 && merged[^1] is var last && last.End == segment.Logical && ReferenceEquals(last.Source, segment.Source)
                && (segment.Source is null || last.Offset + last.Length == segment.Offset))
            {
                merged[^1] = last with { Length = last.Length + segment.Length };
                continue;
            }
            merged.Add(segment);
        }
        if (merged is [{ Logical: 0, Source: { } source } only] && only.Length == length && only.Offset <= source.Length && source.Length - only.Offset >= length)
        {
            return source is not ISparseByteSource ? new Slice(source, only.Offset, length)
                : only.Offset == 0 && length == source.Length ? source : new SegmentedSource([.. merged], length);
        }
        return new SegmentedSource([.. merged], length);
    }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length)
        {
            return 0;
        }
        int wanted = (int)Math.Min(destination.Length, Length - offset);
        int index = Stretches.FirstEndingAfter(_segments, offset);
        int done = 0;
        while (done < wanted)
        {
            long position = offset + done;
            if (index >= _segments.Length || _segments[index].Logical > position)
            {
                long gap = index >= _segments.Length ? long.MaxValue : _segments[index].Logical - position;
                Span<byte> hole = destination.Slice(done, (int)Math.Min(gap, wanted - done));
                hole.Clear();
                done += hole.Length;
                continue;
            }
            SourceSegment segment = _segments[index++];
            Span<byte> part = destination.Slice(done, (int)Math.Min(segment.End - position, wanted - done));
            int count = segment.Source is null ? 0 : segment.Source.ReadUpTo(segment.Offset + (position - segment.Logical), part);
            part[count..].Clear();
            done += part.Length;
        }
        return done;
    }

    /// <inheritdoc/>
    public bool NextData(long offset, out long start, out long length)
    {
        for (int index = Stretches.FirstEndingAfter(_segments, offset); index < _segments.Length && _segments[index].Logical < Length; index++)
        {
            SourceSegment segment = _segments[index];
            if (segment.Source is null)
            {
                continue;
            }
            long from = segment.Offset + Math.Max(0, offset - segment.Logical);
            if (segment.Source.NextDataOrRest(from, out long found, out long count) && found < segment.Offset + segment.Length)
            {
                start = segment.Logical + (found - segment.Offset);
                length = Math.Min(count, Math.Min(segment.End, Length) - start);
                return true;
            }
        }
        start = Length;
        length = 0;
        return false;
    }
}

/// <summary>Holes of sources that may know theirs, and reads that end in zeros.</summary>
internal static class SparseReading
{
    /// <summary>As <see cref="ISparseByteSource.NextData"/>; a source that does not know its holes is data to its end.</summary>
    public static bool NextDataOrRest(this IByteSource source, long offset, out long start, out long length)
    {
        if (source is ISparseByteSource sparse)
        {
            return sparse.NextData(offset, out start, out length);
        }
        start = Math.Min(offset, source.Length);
        length = source.Length - start;
        return length > 0;
    }

    /// <summary>Fills the destination; what lies past the end of the source is zeros.</summary>
    public static void ReadOrZero(this IByteSource source, long offset, Span<byte> destination) => destination[source.ReadUpTo(offset, destination)..].Clear();
}
