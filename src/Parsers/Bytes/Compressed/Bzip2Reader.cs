using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Decompresses bzip2: all streams of a file one after the other, checksum of every block and stream verified.</summary>
/// <remarks>
/// A wrong checksum is the diagnostic <c>bzip2.crc</c>, reported once a file, and loses content; what follows the last stream is <c>bzip2.trailing</c>. Everything else that is wrong
/// throws <see cref="CorruptDataException"/>.
/// </remarks>
internal sealed class Bzip2Reader : ForwardReader
{
    private const ulong BlockMagic = 0x314159265359;
    private const ulong EndMagic = 0x177245385090;

    private readonly SourceStream _input;
    private readonly Bzip2Bits _bits;
    private readonly Bzip2Block _block;
    private readonly IDiagnosticSink _diagnostics;
    private int _blockSize;
    private uint _blockCrc;
    private uint _streamCrc;
    private bool _isInBlock;
    private bool _ended;
    private bool _hasWrongCrc;

    public Bzip2Reader(IByteSource source, IDiagnosticSink diagnostics)
    {
        _input = new SourceStream(source);
        _bits = new Bzip2Bits(_input);
        _block = new Bzip2Block(_bits);
        _diagnostics = diagnostics;
        BeginStream();
    }

    public override long InputPosition => _bits.Position;

    public override long InputLength => _input.Length;

    /// <summary>Whether a stream begins with these bytes: its header and the magic of a block or of the end.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> header) => header.Length >= 10 && header.StartsWith("BZh"u8) && header[3] is >= (byte)'1' and <= (byte)'9'
        && Magic(header[4..]) is BlockMagic or EndMagic;

    public override int Read(Span<byte> destination)
    {
        while (!_ended)
        {
            if (!_isInBlock)
            {
                NextBlock();
                continue;
            }
            int count = _block.Read(destination);
            if (count > 0)
            {
                _blockCrc = Crc32Big.Append(_blockCrc, destination[..count]);
                return count;
            }
            _isInBlock = false;
            _streamCrc = BitOperations.RotateLeft(_streamCrc, 1) ^ ~_blockCrc;
            Check(~_blockCrc, _block.StoredCrc);
        }
        return 0;
    }

    private static ulong Magic(ReadOnlySpan<byte> bytes) => bytes.Length < 6 ? 0 : (ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes) << 16 | BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);

    private void BeginStream()
    {
        uint header = _bits.Read(32);
        int level = (int)(header & 0xFF) - '0';
        if (header >> 8 != 0x425A68 || level is < 1 or > 9)
        {
            throw new CorruptDataException("bzip2.header", _bits.Position, "BZh1 to BZh9", header.ToString("x8", CultureInfo.InvariantCulture));
        }
        _blockSize = level * 100_000;
        _streamCrc = 0;
    }

    private void NextBlock()
    {
        ulong magic = (ulong)_bits.Read(24) << 24 | _bits.Read(24);
        if (magic == BlockMagic)
        {
            _block.Decode(_blockSize);
            _blockCrc = uint.MaxValue;
            _isInBlock = true;
            return;
        }
        if (magic != EndMagic)
        {
            throw new CorruptDataException("bzip2.block", _bits.Position, "a block or the end", magic.ToString("x12", CultureInfo.InvariantCulture));
        }
        Check(_streamCrc, _bits.Read(32));
        _bits.Align();
        if (_bits.IsAtEnd())
        {
            _ended = true;
        }
        else if (_bits.Peek(24) == 0x425A68)
        {
            BeginStream();
        }
        else
        {
            _ended = true;
            _diagnostics.Report(new Diagnostic("bzip2.trailing", "data follow the end of the compressed stream; they are not read") { Offset = _bits.Position });
        }
    }

    private void Check(uint actual, uint stored)
    {
        if (actual == stored || _hasWrongCrc)
        {
            return;
        }
        _hasWrongCrc = true;
        _diagnostics.Report(new Diagnostic("bzip2.crc", "the checksum of a compressed block does not match its content: the content is damaged there")
        {
            Offset = _bits.Position,
            Expected = stored.ToString("x8", CultureInfo.InvariantCulture),
            Actual = actual.ToString("x8", CultureInfo.InvariantCulture),
            LosesContent = true,
        });
    }
}
