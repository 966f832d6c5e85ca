using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Decompresses LZ4 frames, one after the other, checksums verified where they are. Specification: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md</summary>
/// <remarks>What follows the last frame is the diagnostic <c>lz4.trailing</c>. Throws <see cref="CorruptDataException"/>; a frame with a dictionary is not supported.</remarks>
internal sealed class Lz4Reader : ForwardReader
{
    private const uint Magic = 0x184D2204;
    private const int History = 64 << 10;
    private const uint StoredBlock = 0x80000000;

    private readonly SourceStream _input;
    private readonly IDiagnosticSink _diagnostics;
    private readonly XxHash32 _hash = new();
    private byte[] _packed = [];
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _blockSize;
    private bool _isLinked;
    private bool _hasBlockChecksum;
    private bool _hasChecksum;
    private long _statedLength;
    private long _length;
    private bool _ended;

    public Lz4Reader(IByteSource source, IDiagnosticSink diagnostics)
    {
        _input = new SourceStream(source);
        _diagnostics = diagnostics;
        BeginFrame();
    }

    public override long InputPosition => _input.Position;

    public override long InputLength => _input.Length;

    /// <summary>Whether a frame begins with these bytes.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> header) => header.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(header) == Magic;

    public override int Read(Span<byte> destination)
    {
        while (_start == _end && !_ended)
        {
            NextBlock();
        }
        int count = Math.Min(destination.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(destination);
        _start += count;
        return count;
    }

    private void BeginFrame()
    {
        Span<byte> header = stackalloc byte[19];
        long start = _input.Position;
        Fill(header[..6], "lz4.header");
        byte flags = header[4];
        int size = 7 + ((flags & 8) != 0 ? 8 : 0) + ((flags & 1) != 0 ? 4 : 0);
        Fill(header[6..size], "lz4.header");
        int blockKind = header[5] >> 4 & 7;
        if (!IsHeader(header) || flags >> 6 != 1 || blockKind < 4 || (XxHash32.Compute(header[4..(size - 1)]) >> 8 & 0xFF) != header[size - 1])
        {
            throw new CorruptDataException("lz4.header", start, "version 1, a block size and a right checksum", "something else");
        }
        if ((flags & 1) != 0)
        {
            throw new UnsupportedFeatureException("lz4 frame that was compressed with a dictionary");
        }
        _isLinked = (flags & 0x20) == 0;
        _hasBlockChecksum = (flags & 0x10) != 0;
        _hasChecksum = (flags & 4) != 0;
        ulong stated = (flags & 8) != 0 ? BinaryPrimitives.ReadUInt64LittleEndian(header[6..]) : ulong.MaxValue;
        _statedLength = stated <= long.MaxValue ? (long)stated : -1;
        _length = 0;
        _blockSize = 1 << (8 + 2 * blockKind);
        if (_buffer.Length < History + _blockSize)
        {
            _buffer = new byte[History + _blockSize];
            _packed = new byte[_blockSize + 4];
        }
        _start = _end = 0;
        _hash.Reset();
    }

    private void NextBlock()
    {
        Span<byte> word = stackalloc byte[4];
        long offset = _input.Position;
        Fill(word, "lz4.block");
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(word);
        if (size == 0)
        {
            EndFrame();
            return;
        }
        bool isStored = (size & StoredBlock) != 0;
        size &= ~StoredBlock;
        if (size > _blockSize)
        {
            throw new CorruptDataException("lz4.block", offset, "at most " + _blockSize + " bytes", size.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        Span<byte> packed = _packed.AsSpan(0, (int)size);
        Fill(packed, "lz4.block");
        if (_hasBlockChecksum)
        {
            Fill(word, "lz4.block");
            if (XxHash32.Compute(packed) != BinaryPrimitives.ReadUInt32LittleEndian(word))
            {
                throw new CorruptDataException("lz4.block", offset, "its checksum", "another");
            }
        }
        // What the block may refer to is moved to the front.
        int kept = _isLinked ? Math.Min(_end, History) : 0;
        _buffer.AsSpan(_end - kept, kept).CopyTo(_buffer);
        _start = kept;
        if (isStored)
        {
            packed.CopyTo(_buffer.AsSpan(kept));
            _end = kept + packed.Length;
        }
        else
        {
            _end = kept;
            if (Lz4Block.Decode(packed, _buffer.AsSpan(0, kept + _blockSize), ref _end) != Lz4End.Whole)
            {
                throw new CorruptDataException("lz4.block", offset, "sound data", "damaged data");
            }
        }
        _length += _end - _start;
        if (_hasChecksum)
        {
            _hash.Append(_buffer.AsSpan(_start, _end - _start));
        }
    }

    private void EndFrame()
    {
        Span<byte> word = stackalloc byte[4];
        if (_hasChecksum)
        {
            Fill(word, "lz4");
            if (_hash.Value() != BinaryPrimitives.ReadUInt32LittleEndian(word))
            {
                throw new CorruptDataException("lz4", _input.Position - 4, "the checksum of the frame", "another: its content is damaged");
            }
        }
        if (_statedLength >= 0 && _statedLength != _length)
        {
            throw new CorruptDataException("lz4", _input.Position, _statedLength + " bytes", _length + " bytes");
        }
        long next = _input.Position;
        int read;
        while ((read = _input.ReadUpTo(word)) == 4 && ZstdFrameHeader.IsSkippable(word))
        {
            Fill(word, "lz4.skippable");
            long size = BinaryPrimitives.ReadUInt32LittleEndian(word);
            if (size > _input.Length - _input.Position)
            {
                throw CodecErrors.Truncated("lz4.skippable", next);
            }
            _input.Position += size;
            next = _input.Position;
        }
        _input.Position = next;
        if (read == 4 && IsHeader(word))
        {
            BeginFrame();
            return;
        }
        _ended = true;
        if (read > 0)
        {
            _input.Position = _input.Length;
            _diagnostics.Report(new Diagnostic("lz4.trailing", "data follow the end of the compressed stream; they are not read") { Offset = next });
        }
    }

    private void Fill(Span<byte> destination, string structure)
    {
        if (_input.ReadUpTo(destination) < destination.Length)
        {
            throw CodecErrors.Truncated(structure, _input.Position);
        }
    }
}
