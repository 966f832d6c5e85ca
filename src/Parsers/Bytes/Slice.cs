namespace Forensics.Parsers.Bytes;

/// <summary>A window of another source, such as a partition of a disk.</summary>
public sealed class Slice : IByteSource
{
    private readonly IByteSource _source;

    /// <summary>A window of <paramref name="length"/> bytes at <paramref name="offset"/>, clamped to the source.</summary>
    public Slice(IByteSource source, long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _source = source;
        Offset = Math.Min(offset, source.Length);
        Length = Math.Min(length, source.Length - Offset);
    }

    /// <summary>Where the window begins in the underlying source, in bytes.</summary>
    public long Offset { get; }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length)
        {
            return 0;
        }
        long left = Length - offset;
        return _source.ReadAt(Offset + offset, destination.Length > left ? destination[..(int)left] : destination);
    }
}
