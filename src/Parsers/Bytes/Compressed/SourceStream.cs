
namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>A byte source, or a window of it, as the stream that decoders want: read-only, seekable, buffered. For one thread.</summary>
internal sealed class SourceStream : Stream
{
    private readonly IByteSource _source;
    private readonly long _start;
    private readonly byte[] _buffer;
    private long _position;
    private long _bufferStart;
    private int _bufferLength;

    /// <summary>A window of <paramref name="length"/> bytes at <paramref name="start"/>, clamped to the source.</summary>
    public SourceStream(IByteSource source, long start, long length, int bufferSize = 128 << 10)
    {
        _source = source;
        _start = Math.Min(start, source.Length);
        Length = Math.Min(length, source.Length - _start);
        _buffer = new byte[(int)Math.Clamp(Length, 1, bufferSize)];
    }

    public SourceStream(IByteSource source)
        : this(source, 0, source.Length)
    {
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set => _position = Math.Clamp(value, 0, Length);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> destination)
    {
        ReadOnlySpan<byte> ready = Buffered();
        int count = Math.Min(ready.Length, destination.Length);
        ready[..count].CopyTo(destination);
        _position += count;
        return count;
    }

    public override int ReadByte()
    {
        ReadOnlySpan<byte> ready = Buffered();
        if (ready.IsEmpty)
        {
            return -1;
        }
        _position++;
        return ready[0];
    }

    /// <summary>Fills as much of the destination as there is.</summary>
    public int ReadUpTo(Span<byte> destination) => ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);

    public override long Seek(long offset, SeekOrigin origin)
    {
        Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => Length + offset,
        };
        return _position;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private ReadOnlySpan<byte> Buffered()
    {
        if (_position < _bufferStart || _position >= _bufferStart + _bufferLength)
        {
            _bufferStart = _position;
            _bufferLength = _source.ReadUpTo(_start + _position, _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, Length - _position)));
        }
        return _buffer.AsSpan((int)(_position - _bufferStart), _bufferLength - (int)(_position - _bufferStart));
    }
}
