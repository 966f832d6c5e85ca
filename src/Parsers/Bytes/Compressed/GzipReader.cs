using System.Buffers.Binary;
using System.IO.Compression;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>
/// Decompresses gzip: all members one after the other, checksum and length of each verified. Specification: RFC 1952.
/// The framing is our own because .NET's GZipStream takes a file that is cut short for a whole one; the deflate data are decoded by .NET.
/// </summary>
/// <remarks>
/// A wrong checksum under a right length is the diagnostic <c>gzip.crc</c> and loses content; what follows the last member is <c>gzip.trailing</c>.
/// The decoder does not say where its data end, only which pieces it took: the trailer is looked for in the last two by checksum and length together.
/// </remarks>
internal sealed class GzipReader : ForwardReader
{
    private const string Structure = "gzip";
    private const int TrailerSize = 8;
    private const int LongestField = 1 << 16;

    private readonly SourceStream _input;
    private readonly WatchedInput _watched;
    private readonly IDiagnosticSink _diagnostics;
    private DeflateStream? _inflater;
    private uint _crc;
    private uint _length;
    private bool _ended;

    public GzipReader(IByteSource source, IDiagnosticSink diagnostics)
    {
        _input = new SourceStream(source);
        _watched = new WatchedInput(_input);
        _diagnostics = diagnostics;
        BeginMember();
    }

    public override long InputPosition => _input.Position;

    public override long InputLength => _input.Length;

    /// <summary>Members that were begun.</summary>
    public int Members { get; private set; }

    public override int Read(Span<byte> destination)
    {
        while (!_ended)
        {
            int count = CodecErrors.Read(_inflater!, destination, Structure, _input);
            if (count > 0)
            {
                _crc = Crc32.Append(_crc, destination[..count]);
                _length = unchecked(_length + (uint)count);
                return count;
            }
            EndMember();
        }
        return 0;
    }

    /// <summary>Whether a header of a member begins with these bytes.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> header) => header.Length >= 4 && header[0] == 0x1F && header[1] == 0x8B && header[2] == 8 && (header[3] & 0xE0) == 0;

    protected override void Dispose(bool disposing) => _inflater?.Dispose();

    private void BeginMember()
    {
        Members++;
        ReadHeader();
        _crc = 0;
        _length = 0;
        _inflater?.Dispose();
        _watched.Restart();
        _inflater = new DeflateStream(_watched, CompressionMode.Decompress, leaveOpen: true);
    }

    private void ReadHeader()
    {
        Span<byte> header = stackalloc byte[10];
        long start = _input.Position;
        if (_input.ReadUpTo(header) < header.Length)
        {
            throw CodecErrors.Truncated("gzip.header", start);
        }
        if (!IsHeader(header))
        {
            throw new CorruptDataException("gzip.header", start, "1f 8b 08", Convert.ToHexStringLower(header[..4]));
        }
        byte flags = header[3];
        if ((flags & 4) != 0)
        {
            int length = NextByte() | NextByte() << 8;
            _input.Position += length;
        }
        if ((flags & 8) != 0)
        {
            SkipText();
        }
        if ((flags & 16) != 0)
        {
            SkipText();
        }
        if ((flags & 2) != 0)
        {
            _ = NextByte() | NextByte();
        }
    }

    private void SkipText()
    {
        for (int i = 0; NextByte() != 0; i++)
        {
            if (i > LongestField)
            {
                throw new CorruptDataException("gzip.header", _input.Position, "a name or comment of at most 64 KiB", "a longer one");
            }
        }
    }

    private int NextByte()
    {
        int value = _input.ReadByte();
        return value >= 0 ? value : throw CodecErrors.Truncated("gzip.header", _input.Position);
    }

    private void EndMember()
    {
        Span<byte> trailer = stackalloc byte[TrailerSize];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _crc);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _length);
        long from = _watched.WindowStart;
        var window = new byte[(int)Math.Min(_input.Position - from + TrailerSize, _input.Length - from)];
        _input.Position = from;
        int read = _input.ReadUpTo(window);
        int at = window.AsSpan(0, read).IndexOf(trailer);
        if (at < 0)
        {
            at = AcceptDamaged(window.AsSpan(0, read), trailer, from);
        }
        _input.Position = from + at + TrailerSize;
        NextMember();
    }

    /// <summary>The trailer says something else. It is the last of the file when the length in it is right; then the content is complete but not what it was.</summary>
    private int AcceptDamaged(ReadOnlySpan<byte> window, ReadOnlySpan<byte> trailer, long from)
    {
        int last = window.Length - TrailerSize;
        if (from + window.Length == _input.Length && last >= 0 && window[(last + 4)..].SequenceEqual(trailer[4..]) && _length > 0)
        {
            _diagnostics.Report(new Diagnostic("gzip.crc", "the checksum of the compressed file does not match its content: somewhere the content is damaged")
            {
                Offset = from + last,
                Expected = Convert.ToHexStringLower(window.Slice(last, 4)),
                Actual = Convert.ToHexStringLower(trailer[..4]),
                LosesContent = true,
            });
            return last;
        }
        throw new CorruptDataException("gzip.trailer", from + Math.Max(0, last), "checksum and length of the content", "others or none: the file is truncated or damaged");
    }

    private void NextMember()
    {
        int value;
        long start = _input.Position;
        // Zeros after the end are padding of tapes and of block devices.
        while ((value = _input.ReadByte()) == 0)
        {
        }
        if (value < 0)
        {
            _ended = true;
            return;
        }
        _input.Position--;
        long next = _input.Position;
        Span<byte> header = stackalloc byte[4];
        int read = _input.ReadUpTo(header);
        _input.Position = next;
        if (IsHeader(header[..read]))
        {
            BeginMember();
            return;
        }
        _ended = true;
        _input.Position = _input.Length;
        _diagnostics.Report(new Diagnostic("gzip.trailing", "data follow the end of the compressed stream; they are not read") { Offset = start });
    }

    /// <summary>Remembers where the last two pieces began that the decoder took.</summary>
    private sealed class WatchedInput(SourceStream input) : Stream
    {
        private long _last;

        public long WindowStart { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Restart() => WindowStart = _last = input.Position;

        public override int Read(Span<byte> buffer)
        {
            WindowStart = _last;
            _last = input.Position;
            return input.Read(buffer);
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
