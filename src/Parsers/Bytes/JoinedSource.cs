namespace Forensics.Parsers.Bytes;

/// <summary>Several sources one after the other, read as one: the segments of a split image.</summary>
public sealed class JoinedSource : IByteSource
{
    private readonly IByteSource[] _parts;
    private readonly long[] _ends;

    /// <summary>Joins the parts in their order.</summary>
    public JoinedSource(IReadOnlyList<IByteSource> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        _parts = [.. parts];
        _ends = new long[_parts.Length];
        long end = 0;
        for (int i = 0; i < _parts.Length; i++)
        {
            end += _parts[i].Length;
            _ends[i] = end;
        }
        Length = end;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length || destination.IsEmpty)
        {
            return 0;
        }
        int index = Array.BinarySearch(_ends, offset + 1);
        index = index < 0 ? ~index : index;
        // Parts of length 0 end where the one before ends; the search may hit any of them.
        while (_ends[index] - _parts[index].Length > offset)
        {
            index--;
        }
        return _parts[index].ReadAt(offset - (_ends[index] - _parts[index].Length), destination);
    }
}
