using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Decompresses lzop files of any number of members: what Linux kernels take for LZO. Reference: the behaviour of lzop 1.04 and lib/decompress_unlzo.c of Linux.</summary>
/// <remarks>
/// What follows the last member is the diagnostic <c>lzop.trailing</c>. Throws <see cref="CorruptDataException"/>. Limitations: blocks up to 16 MiB (lzop writes 256 KiB);
/// checksums of the content are verified where they are Adler-32, the default.
/// </remarks>
internal sealed class LzopReader : ForwardReader
{
    private const int LargestBlock = 16 << 20;
    private const uint AdlerOfContent = 1;
    private const uint AdlerOfPacked = 2;
    private const uint HasExtraField = 0x40;
    private const uint CrcOfContent = 0x100;
    private const uint CrcOfPacked = 0x200;
    private const uint HasFilter = 0x800;

    private readonly SourceStream _input;
    private readonly IDiagnosticSink _diagnostics;
    private byte[] _packed = [];
    private byte[] _block = [];
    private uint _flags;
    private int _start;
    private int _end;
    private bool _ended;

    public LzopReader(IByteSource source, IDiagnosticSink diagnostics)
    {
        _input = new SourceStream(source);
        _diagnostics = diagnostics;
        Span<byte> magic = stackalloc byte[9];
        Fill(magic);
        BeginMember(magic);
    }

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'L', (byte)'Z', (byte)'O', 0, 0x0D, 0x0A, 0x1A, 0x0A];

    public override long InputPosition => _input.Position;

    public override long InputLength => _input.Length;

    /// <summary>Whether an lzop file begins with these bytes.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> header) => header.StartsWith(Magic);

    public override int Read(Span<byte> destination)
    {
        while (_start == _end && !_ended)
        {
            NextBlock();
        }
        int count = Math.Min(destination.Length, _end - _start);
        _block.AsSpan(_start, count).CopyTo(destination);
        _start += count;
        return count;
    }

    private void BeginMember(ReadOnlySpan<byte> magic)
    {
        if (!IsHeader(magic))
        {
            throw new CorruptDataException("lzop.header", 0, "the magic of lzop", Convert.ToHexStringLower(magic));
        }
        int version = Half();
        Half();
        bool isNew = version >= 0x940;
        if (isNew)
        {
            Half();
        }
        int method = Byte();
        if (method is < 1 or > 3)
        {
            throw new UnsupportedFeatureException("lzop method " + method.ToString(CultureInfo.InvariantCulture));
        }
        if (isNew)
        {
            Byte();
        }
        _flags = Word();
        if ((_flags & HasFilter) != 0)
        {
            throw new UnsupportedFeatureException("lzop filter");
        }
        Word();
        Word();
        if (isNew)
        {
            Word();
        }
        // The length is read first: a compound assignment would take the position before it.
        int name = Byte();
        _input.Position += name;
        Word();
        if ((_flags & HasExtraField) != 0)
        {
            long extra = Word();
            _input.Position += extra + 4;
        }
    }

    private void NextBlock()
    {
        long offset = _input.Position;
        uint size = Word();
        if (size == 0)
        {
            EndMember();
            return;
        }
        uint packedSize = Word();
        if (size > LargestBlock || packedSize > size)
        {
            throw new CorruptDataException("lzop.block", offset, "a block of at most 16 MiB, packed no larger", $"{size} bytes, packed {packedSize}");
        }
        uint adler = (_flags & AdlerOfContent) != 0 ? Word() : 0;
        _ = (_flags & CrcOfContent) != 0 ? Word() : 0;
        _ = packedSize < size && (_flags & AdlerOfPacked) != 0 ? Word() : 0;
        _ = packedSize < size && (_flags & CrcOfPacked) != 0 ? Word() : 0;
        if (_block.Length < size)
        {
            _block = new byte[size];
            _packed = new byte[size];
        }
        Span<byte> content = _block.AsSpan(0, (int)size);
        Span<byte> packed = _packed.AsSpan(0, (int)packedSize);
        if (packedSize == size)
        {
            Fill(content);
        }
        else
        {
            Fill(packed);
            if (!Lzo1x.TryDecode(packed, content))
            {
                throw new CorruptDataException("lzop.block", offset, "sound data", "damaged data");
            }
        }
        if ((_flags & AdlerOfContent) != 0 && Adler32.Compute(content) != adler)
        {
            throw new CorruptDataException("lzop.block", offset, "its checksum", "another");
        }
        _start = 0;
        _end = (int)size;
    }

    private void EndMember()
    {
        Span<byte> magic = stackalloc byte[9];
        long start = _input.Position;
        int read = _input.ReadUpTo(magic);
        if (read == magic.Length && IsHeader(magic))
        {
            BeginMember(magic);
            return;
        }
        _ended = true;
        if (read > 0)
        {
            _input.Position = _input.Length;
            _diagnostics.Report(new Diagnostic("lzop.trailing", "data follow the end of the compressed stream; they are not read") { Offset = start });
        }
    }

    private int Byte()
    {
        Span<byte> bytes = stackalloc byte[1];
        Fill(bytes);
        return bytes[0];
    }

    private int Half()
    {
        Span<byte> bytes = stackalloc byte[2];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }

    private uint Word()
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    private void Fill(Span<byte> destination)
    {
        if (_input.ReadUpTo(destination) < destination.Length)
        {
            throw CodecErrors.Truncated("lzop", _input.Position);
        }
    }
}
