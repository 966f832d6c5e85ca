using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Forensics.Parsers.Diagnostics;
using SharpCompress.Compressors.LZMA;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Decompresses one xz block: header, LZMA2 data, padding and check, all verified.</summary>
/// <remarks>Throws <see cref="CorruptDataException"/>. Limitations: no filters before LZMA2 (delta, branch converters; nobody uses them for disks); dictionaries up to 256 MiB.</remarks>
internal sealed class XzBlockReader : ForwardReader
{
    private const long Lzma2 = 0x21;
    private const long Unknown = -1;

    private readonly SourceStream _input;
    private readonly int _check;
    private readonly long _start;
    private readonly long _dataStart;
    private readonly long _statedPacked;
    private readonly long _statedLength;
    private readonly Stream _decoder;
    private readonly IncrementalHash? _sha256;
    private ulong _crc;
    private bool _ended;

    /// <summary>Reads the header at the position of the input. <paramref name="length"/> is the size of the content as the index gives it, -1 when unknown.</summary>
    public XzBlockReader(SourceStream input, int check, long length, long largestDictionary = XzLayout.MaxDictionary)
    {
        _input = input;
        _check = check;
        _start = input.Position;
        int size = input.ReadByte();
        Span<byte> header = stackalloc byte[1024];
        header = header[..((Math.Max(0, size) + 1) * 4)];
        header[0] = (byte)Math.Max(0, size);
        if (size < 0 || input.ReadUpTo(header[1..]) < header.Length - 1)
        {
            throw CodecErrors.Truncated("xz.block.header", _start);
        }
        XzLayout.RequireCrc(header[..^4], header[^4..], "xz.block.header", _start);
        int position = 2;
        byte flags = header[1];
        if ((flags & 0x3F) != 0)
        {
            throw new UnsupportedFeatureException("xz block with several filters or unknown flags");
        }
        _statedPacked = (flags & 0x40) != 0 ? Number(header, ref position) : Unknown;
        _statedLength = (flags & 0x80) != 0 ? Number(header, ref position) : length;
        long filter = Number(header, ref position);
        long propertiesSize = Number(header, ref position);
        if (filter != Lzma2 || propertiesSize != 1 || position >= header.Length - 4 || header[position] > 40)
        {
            throw new UnsupportedFeatureException(string.Create(CultureInfo.InvariantCulture, $"xz filter 0x{filter:x} as the only one"));
        }
        _dataStart = input.Position;
        _decoder = LzmaStream.Create([XzLayout.DictionaryFor(header[position], _statedLength, largestDictionary)], input, -1, -1, null, isLzma2: true, leaveOpen: true);
        _sha256 = XzLayout.CheckSize(check) == 32 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    public override long InputPosition => _input.Position;

    public override long InputLength => _input.Length;

    /// <summary>Bytes of content so far.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of the block without its padding, as an index counts them; once the end was reached.</summary>
    public long UnpaddedSize { get; private set; }

    public override int Read(Span<byte> destination)
    {
        if (_ended)
        {
            return 0;
        }
        int count = CodecErrors.Read(_decoder, destination, "xz.block", _input);
        if (count == 0)
        {
            _ended = true;
            Finish();
            return 0;
        }
        Length += count;
        ReadOnlySpan<byte> data = destination[..count];
        switch (XzLayout.CheckSize(_check))
        {
            case 4:
                _crc = Crc32.Append((uint)_crc, data);
                break;
            case 8:
                _crc = Crc64.Append(_crc, data);
                break;
            default:
                _sha256?.AppendData(data);
                break;
        }
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        _decoder.Dispose();
        _sha256?.Dispose();
    }

    private long Number(ReadOnlySpan<byte> header, ref int position) => XzLayout.ReadNumber(header[..^4], ref position, "xz.block.header", _start);

    private void Finish()
    {
        long packed = _input.Position - _dataStart;
        if (_statedPacked != Unknown && packed != _statedPacked || _statedLength != Unknown && Length != _statedLength)
        {
            throw new CorruptDataException("xz.block", _start, "the sizes that its header states", "others");
        }
        int checkSize = XzLayout.CheckSize(_check);
        int padding = (int)(3 - (packed + 3) % 4);
        UnpaddedSize = _input.Position - _start + checkSize;
        Span<byte> tail = stackalloc byte[3 + 32];
        tail = tail[..(padding + checkSize)];
        if (_input.ReadUpTo(tail) < tail.Length)
        {
            throw CodecErrors.Truncated("xz.block", _input.Position);
        }
        Span<byte> actual = stackalloc byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(actual, _crc);
        _sha256?.GetHashAndReset(actual);
        if (tail[..padding].ContainsAnyExcept((byte)0) || !tail[padding..].SequenceEqual(actual[..checkSize]))
        {
            throw new CorruptDataException("xz.block", _start, "the check of the block", "another: its content is damaged");
        }
    }
}
