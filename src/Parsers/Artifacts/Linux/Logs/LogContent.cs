using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>The bytes of a log from the beginning to the end. For one thread.</summary>
internal abstract class LogContent : IDisposable
{
    /// <summary>Offset of the next byte.</summary>
    public long Position { get; protected set; }

    /// <summary>Reads the next bytes into a destination that is not empty; 0 at the end only.</summary>
    public abstract int Read(Span<byte> destination);

    /// <summary>Passes over a hole at the position; how long it was.</summary>
    public virtual long SkipHole() => 0;

    /// <summary>Reads until the destination is full or the end.</summary>
    public int ReadUpTo(Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length && Read(destination[done..]) is > 0 and int count)
        {
            done += count;
        }
        return done;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the decoder.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>A log as it is stored; holes are passed over.</summary>
internal sealed class StoredLog(IByteSource source) : LogContent
{
    private readonly ISparseByteSource? _sparse = source as ISparseByteSource;
    private long _dataEnd;

    public override int Read(Span<byte> destination)
    {
        if (_sparse is not null && Position < _dataEnd && destination.Length > _dataEnd - Position)
        {
            destination = destination[..(int)(_dataEnd - Position)];
        }
        int count = source.ReadAt(Position, destination);
        Position += count;
        return count;
    }

    public override long SkipHole()
    {
        if (_sparse is null || Position < _dataEnd || Position >= source.Length)
        {
            return 0;
        }
        long from = Position;
        if (_sparse.NextData(Position, out long start, out long length) && length > 0 && start >= Position)
        {
            Position = start;
            _dataEnd = start + Math.Min(length, long.MaxValue - start);
        }
        else
        {
            Position = source.Length;
            _dataEnd = source.Length;
        }
        return Position - from;
    }
}
