using Forensics.Parsers.Images;
using Microsoft.Win32.SafeHandles;

namespace Forensics.Analyzer.Pipeline;

/// <summary>A sparse file of the temporary space. Which parts were written is kept in memory: a bit for 16 KiB, so 8 MiB for a full terabyte.</summary>
internal sealed class TemporaryFile : ITemporaryFile
{
    private readonly TemporarySpace _space;
    private readonly string _purpose;
    private readonly FileStream _stream;
    private readonly SafeFileHandle _handle;
    private readonly WrittenMap _written = new();
    private long _length;

    public TemporaryFile(TemporarySpace space, string purpose, FileStream stream)
    {
        _space = space;
        _purpose = purpose;
        _stream = stream;
        _handle = stream.SafeFileHandle;
    }

    public long Length => Volatile.Read(ref _length);

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }
        _space.BeforeWrite(_purpose, data.Length);
        try
        {
            RandomAccess.Write(_handle, data, offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw _space.Failed(_purpose, e);
        }
        _written.Add(offset, data.Length);
        Grow(offset + data.Length);
    }

    public void SetLength(long length) => Volatile.Write(ref _length, length);

    public int ReadAt(long offset, Span<byte> destination)
    {
        long left = Length - offset;
        if (left <= 0 || destination.IsEmpty)
        {
            return 0;
        }
        destination = destination.Length > left ? destination[..(int)left] : destination;
        int done = 0;
        while (done < destination.Length)
        {
            long position = offset + done;
            if (!_written.Next(position, offset + destination.Length, out long start, out long end))
            {
                start = end = offset + destination.Length;
            }
            destination[done..(int)(start - offset)].Clear();
            done = (int)(start - offset);
            Span<byte> part = destination.Slice(done, (int)(end - start));
            ReadStored(start, part);
            done += part.Length;
        }
        return done;
    }

    public bool NextData(long offset, out long start, out long length)
    {
        bool found = _written.Next(offset, Length, out start, out long end);
        start = found ? start : Length;
        length = found ? end - start : 0;
        return found;
    }

    public void Close() => _stream.Dispose();

    private void ReadStored(long offset, Span<byte> destination)
    {
        int done = 0;
        try
        {
            while (done < destination.Length)
            {
                int count = RandomAccess.Read(_handle, destination[done..], offset + done);
                if (count == 0)
                {
                    // Past what was written last: the rest of its granule.
                    destination[done..].Clear();
                    return;
                }
                done += count;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Parsers.Diagnostics.ImageReadException(offset + done, "the temporary copy of the decompressed image cannot be read", e);
        }
    }

    private void Grow(long end)
    {
        long length = Volatile.Read(ref _length);
        while (length < end)
        {
            long seen = Interlocked.CompareExchange(ref _length, end, length);
            if (seen == length)
            {
                return;
            }
            length = seen;
        }
    }
}
