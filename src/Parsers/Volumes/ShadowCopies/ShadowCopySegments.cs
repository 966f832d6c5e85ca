using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.ShadowCopies;

/// <summary>Writes down, in the order of the volume, where each stretch of a shadow copy comes from. What nothing is said about is as the volume is now, but for unused blocks, which are zeros.</summary>
/// <param name="unused">Blocks that were not used, in order.</param>
internal sealed class ShadowCopySegments(IByteSource volume, long length, List<BlockRange> unused, int maximum)
{
    private readonly List<SourceSegment> _segments = [];
    private long _position;
    private int _range;

    /// <summary>The whole, once all places are written down.</summary>
    public IByteSource ToSource()
    {
        FillTo(length);
        return SegmentedSource.Create(_segments, length);
    }

    /// <summary>A whole block, whose place is null when nothing is said about it but the overlay over it.</summary>
    public void Block(long block, long? place, StoreBlockMap.Overlay? overlay)
    {
        long start = block * StoreBlock.Size;
        if (start >= length)
        {
            return;
        }
        FillTo(start);
        uint sectors = overlay?.Sectors ?? 0;
        for (int sector = 0; sector < 32;)
        {
            bool isOver = (sectors >> sector & 1) != 0;
            int end = sector + 1;
            while (end < 32 && (sectors >> end & 1) != 0 == isOver)
            {
                end++;
            }
            long until = Math.Min(start + end * 512L, length);
            if (isOver)
            {
                Add(until, volume, overlay!.Value.Place + sector * 512L);
            }
            else if (place is { } at)
            {
                Add(until, volume, at + sector * 512L);
            }
            else
            {
                FillTo(until);
            }
            sector = end;
        }
    }

    private void FillTo(long end)
    {
        while (_position < end)
        {
            while (_range < unused.Count && unused[_range].End * StoreBlock.Size <= _position)
            {
                _range++;
            }
            long zerosFrom = _range < unused.Count ? Math.Max(_position, unused[_range].Start * StoreBlock.Size) : end;
            Add(Math.Min(zerosFrom, end), volume, _position);
            if (_range < unused.Count && zerosFrom < end)
            {
                Add(Math.Min(unused[_range].End * StoreBlock.Size, end), null, 0);
            }
        }
    }

    private void Add(long end, IByteSource? source, long offset)
    {
        if (end <= _position)
        {
            return;
        }
        if (_segments.Count > 0 && _segments[^1] is var last && ReferenceEquals(last.Source, source) && (source is null || last.Offset + last.Length == offset))
        {
            _segments[^1] = last with { Length = last.Length + end - _position };
        }
        else if (_segments.Count >= maximum)
        {
            throw new LimitExceededException("vss.segments", maximum);
        }
        else
        {
            _segments.Add(new SourceSegment(_position, end - _position, source, offset));
        }
        _position = end;
    }
}
