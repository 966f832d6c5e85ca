using System.Buffers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Images.Compressed;

namespace Forensics.Parsers.Images.Archives;

/// <summary>The bytes of a tar in order: from a file, where going on costs nothing, or from a decoder.</summary>
internal abstract class TarInput : IDisposable
{
    /// <summary>Bytes of the archive before the next one that is read.</summary>
    public long Position { get; protected set; }

    /// <summary>The archive when it can be read anywhere; null when only forward.</summary>
    public virtual IByteSource? Source => null;

    /// <summary>For progress and bounds: bytes of the file that were used.</summary>
    public abstract long InputPosition { get; }

    /// <summary>For progress: bytes of the file.</summary>
    public abstract long InputLength { get; }

    /// <summary>Reads until the destination is full or the archive ends.</summary>
    public abstract int ReadUpTo(Span<byte> destination);

    /// <summary>Goes on to a later position, at most to the end; returns whether it was reached.</summary>
    public abstract bool SkipTo(long position, CancellationToken cancellation);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

/// <summary>A tar that is a file of its own.</summary>
internal sealed class FileTarInput(IByteSource source) : TarInput
{
    public override IByteSource Source => source;

    public override long InputPosition => Position;

    public override long InputLength => source.Length;

    public override int ReadUpTo(Span<byte> destination)
    {
        int count = source.ReadUpTo(Position, destination);
        Position += count;
        return count;
    }

    public override bool SkipTo(long position, CancellationToken cancellation)
    {
        bool isThere = position <= source.Length;
        Position = Math.Min(position, source.Length);
        return isThere;
    }
}

/// <summary>A tar inside a compressed stream.</summary>
internal sealed class ForwardTarInput(ForwardReader reader) : TarInput
{
    private const int BufferSize = 256 << 10;

    public override long InputPosition => reader.InputPosition;

    public override long InputLength => reader.InputLength;

    public override int ReadUpTo(Span<byte> destination)
    {
        int count = reader.ReadUpTo(destination);
        Position += count;
        return count;
    }

    public override bool SkipTo(long position, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (Position < position)
            {
                cancellation.ThrowIfCancellationRequested();
                if (ReadUpTo(buffer.AsSpan(0, (int)Math.Min(BufferSize, position - Position))) == 0)
                {
                    return false;
                }
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override void Dispose() => reader.Dispose();
}
