using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>
/// The bytes of one zstd frame and not one more, for a decoder that reads ahead: follows the block headers while they pass. Where the file ends before the frame does, so does this.
/// </summary>
internal sealed class ZstdFrameInput : Stream
{
    private const int BlockHeaderSize = 3;
    private const int ChecksumSize = 4;

    private readonly SourceStream _input;
    private readonly bool _hasChecksum;
    private readonly byte[] _blockHeader = new byte[BlockHeaderSize];
    private int _pass;
    private bool _isLast;
    private bool _isEnded;

    /// <summary>Begins at the frame at the position of the input, whose header is <paramref name="header"/>.</summary>
    public ZstdFrameInput(SourceStream input, ZstdFrameHeader header)
    {
        _input = input;
        _hasChecksum = header.HasChecksum;
        _pass = header.Size;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && (_pass > 0 || Next()))
        {
            int count = _input.Read(buffer.Slice(done, Math.Min(_pass, buffer.Length - done)));
            if (count == 0)
            {
                break;
            }
            done += count;
            _pass -= count;
        }
        return done;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Looks at the next block header, which then passes with its block; after the last block comes the checksum.</summary>
    private bool Next()
    {
        if (_isLast)
        {
            _pass = _hasChecksum && !_isEnded ? ChecksumSize : 0;
            _isEnded = true;
            return _pass > 0;
        }
        long start = _input.Position;
        int read = _input.ReadUpTo(_blockHeader);
        _input.Position = start;
        if (read < BlockHeaderSize)
        {
            // Cut short: the decoder gets what is left and finds that it is not enough.
            _pass = read;
            return read > 0;
        }
        (_isLast, int stored) = ZstdFrameHeader.ReadBlock(_blockHeader, start);
        _pass = BlockHeaderSize + stored;
        return true;
    }
}
