namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>
/// Bytes that can only be had once, from the beginning to the end: the output of a decoder, or a member of an archive. For one thread.
/// Throws <c>CorruptDataException</c> when the input is damaged or cut short: an end that is reported by 0 is the real one.
/// </summary>
internal abstract class ForwardReader : IDisposable
{
    /// <summary>Bytes of the packed input that were used so far, for progress; they may be ahead by a buffer.</summary>
    public abstract long InputPosition { get; }

    /// <summary>Bytes of the packed input in all.</summary>
    public abstract long InputLength { get; }

    /// <summary>Reads up to the size of the destination, which is not empty; 0 at the end only.</summary>
    public abstract int Read(Span<byte> destination);

    /// <summary>When the reader stands at the beginning of a hole that it knows of, passes over it and returns its length; else 0.</summary>
    public virtual long SkipHole() => 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads until the destination is full or the end; returns how many bytes.</summary>
    public int ReadUpTo(Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            int count = Read(destination[done..]);
            if (count == 0)
            {
                break;
            }
            done += count;
        }
        return done;
    }

    /// <summary>Frees the decoder.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
