namespace Forensics.Parsers.Bytes;

/// <summary>A positional, stateless, thread-safe source of bytes. Holes read as zero.</summary>
public interface IByteSource
{
    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>
    /// Reads up to <paramref name="destination"/>.Length bytes at <paramref name="offset"/> (never negative). Returns how many; may be fewer than asked;
    /// 0 only at or past <see cref="Length"/> or for an empty destination. Throws <c>ImageReadException</c> when the image file fails.
    /// </summary>
    int ReadAt(long offset, Span<byte> destination);
}

/// <summary>A source that knows where its holes are, so that they are never read.</summary>
public interface ISparseByteSource : IByteSource
{
    /// <summary>The next range that may hold data at or after <paramref name="offset"/>: false when only holes follow.</summary>
    bool NextData(long offset, out long start, out long length);
}

/// <summary>A source whose position on the medium is known, so that many can be read in on-disk order.</summary>
public interface IPhysicallyOrdered
{
    /// <summary>Byte offset, in the underlying source, of the first stored byte; -1 when nothing is stored there (inline or all holes).</summary>
    long FirstPhysicalOffset { get; }
}

/// <summary>Complete reads over <see cref="IByteSource"/>.</summary>
public static class ByteSourceReading
{
    /// <summary>Reads until the destination is full or the source ends; returns how many bytes.</summary>
    public static int ReadUpTo(this IByteSource source, long offset, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length)
        {
            int count = source.ReadAt(offset + total, destination[total..]);
            if (count == 0)
            {
                break;
            }
            total += count;
        }
        return total;
    }

    /// <summary>Fills the destination or throws <see cref="Diagnostics.CorruptDataException"/> naming <paramref name="structure"/>.</summary>
    public static void ReadExactly(this IByteSource source, long offset, Span<byte> destination, string structure)
    {
        int total = offset < 0 ? 0 : source.ReadUpTo(offset, destination);
        if (total != destination.Length)
        {
            throw new Diagnostics.CorruptDataException(structure, offset, destination.Length + " bytes", total + " bytes");
        }
    }

    /// <summary>A new array with up to <paramref name="count"/> bytes at <paramref name="offset"/>, shorter at the end of the source.</summary>
    public static byte[] ReadArray(this IByteSource source, long offset, int count)
    {
        long left = Math.Max(0, source.Length - offset);
        var result = new byte[(int)Math.Min(count, left)];
        int read = source.ReadUpTo(offset, result);
        return read == result.Length ? result : result[..read];
    }
}
