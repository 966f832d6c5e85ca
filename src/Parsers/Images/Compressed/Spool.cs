using System.Buffers;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Compressed;

/// <summary>
/// Copies what can be read only once into a temporary file. Stretches of zeros are not written, so that time and space follow what is stored and not the size of the disk.
/// Looks at the cancellation, tells the progress and ends what grows beyond the bounds.
/// </summary>
internal sealed class Spool(ParseContext context, string activity)
{
    /// <summary>What is told apart: a piece of this size that is all zeros is a hole.</summary>
    private const int Granule = 4096;
    private const int BufferSize = 1 << 20;
    private const int ProgressInterval = 200;

    private long _lastProgress;

    /// <summary>Copies the rest of the reader to <paramref name="position"/> of the file; returns the position after it. Throws as reader and file do, and <see cref="LimitExceededException"/>.</summary>
    public long Copy(ForwardReader reader, ITemporaryFile file, long position)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        long written = 0;
        try
        {
            while (true)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                Tell(reader);
                long hole = reader.SkipHole();
                int count = hole > 0 ? 0 : reader.ReadUpTo(buffer.AsSpan(0, BufferSize));
                if (hole == 0 && count == 0)
                {
                    file.SetLength(position);
                    return position;
                }
                if (hole > 0)
                {
                    position = position <= long.MaxValue - hole ? position + hole : throw new LimitExceededException("size of decompressed data", long.MaxValue);
                    continue;
                }
                written += Write(file, position, buffer.AsSpan(0, count));
                position += count;
                CheckExpansion(reader, position, written);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes what is not zero; returns how many bytes that were.</summary>
    public static long Write(ITemporaryFile file, long position, ReadOnlySpan<byte> data)
    {
        long written = 0;
        int start = -1;
        int at = 0;
        while (at < data.Length)
        {
            int length = Math.Min(Granule - (int)(position + at & (Granule - 1)), data.Length - at);
            bool isZero = !data.Slice(at, length).ContainsAnyExcept((byte)0);
            if (isZero && start >= 0)
            {
                file.Write(position + start, data[start..at]);
                written += at - start;
                start = -1;
            }
            else if (!isZero && start < 0)
            {
                start = at;
            }
            at += length;
        }
        if (start >= 0)
        {
            file.Write(position + start, data[start..]);
            written += data.Length - start;
        }
        return written;
    }

    private void CheckExpansion(ForwardReader reader, long size, long written)
    {
        long packed = Math.Max(1, reader.InputPosition);
        if (size > context.Limits.ExpansionAllowance && size / packed > context.Limits.ExpansionRatio)
        {
            throw new LimitExceededException("size of decompressed data", size);
        }
        if (written > context.Limits.StoredExpansionAllowance && written / packed > context.Limits.StoredExpansionRatio)
        {
            throw new LimitExceededException("stored size of decompressed data", written);
        }
    }

    private void Tell(ForwardReader reader)
    {
        long now = Environment.TickCount64;
        if (context.Images.Progress is { } progress && now - _lastProgress >= ProgressInterval)
        {
            _lastProgress = now;
            progress.Report(new OpeningProgress(activity, Math.Min(reader.InputPosition, reader.InputLength), reader.InputLength));
        }
    }
}
