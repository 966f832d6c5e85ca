using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Decompresses xz from the beginning to the end: all streams, blocks, indexes and footers verified.</summary>
/// <remarks>What follows the last stream is the diagnostic <c>xz.trailing</c>; everything else that is wrong throws <see cref="CorruptDataException"/>.</remarks>
internal sealed class XzReader : ForwardReader
{
    private readonly SourceStream _input;
    private readonly IDiagnosticSink _diagnostics;
    private readonly long _largestDictionary;
    private XzBlockReader? _block;
    private int _check;
    private long _streamStart;
    private long _blocks;
    private long _packed;
    private long _length;
    private bool _ended;

    public XzReader(IByteSource source, IDiagnosticSink diagnostics, long largestDictionary = XzLayout.MaxDictionary)
    {
        _largestDictionary = largestDictionary;
        _input = new SourceStream(source);
        _diagnostics = diagnostics;
        BeginStream();
    }

    public override long InputPosition => _input.Position;

    public override long InputLength => _input.Length;

    public override int Read(Span<byte> destination)
    {
        while (!_ended)
        {
            int count = _block?.Read(destination) ?? 0;
            if (count > 0)
            {
                return count;
            }
            Next();
        }
        return 0;
    }

    protected override void Dispose(bool disposing) => _block?.Dispose();

    private void BeginStream()
    {
        Span<byte> header = stackalloc byte[XzLayout.HeaderSize];
        _streamStart = _input.Position;
        _check = XzLayout.ReadHeader(header[.._input.ReadUpTo(header)], _streamStart);
        _blocks = 0;
        _packed = 0;
        _length = 0;
    }

    private void Next()
    {
        if (_block is { } done)
        {
            _blocks++;
            _packed += (done.UnpaddedSize + 3) / 4 * 4;
            _length += done.Length;
            done.Dispose();
            _block = null;
        }
        int first = _input.ReadByte();
        if (first < 0)
        {
            throw CodecErrors.Truncated("xz", _input.Position);
        }
        _input.Position--;
        if (first != 0)
        {
            _block = new XzBlockReader(_input, _check, -1, _largestDictionary);
            return;
        }
        EndStream();
    }

    /// <summary>The index says again how many blocks there were and how long they are; here only their sums are compared.</summary>
    private void EndStream()
    {
        long indexStart = _input.Position;
        var index = new CountingCrc(_input);
        _ = index.Next();
        long records = index.Number();
        if (records != _blocks)
        {
            throw new CorruptDataException("xz.index", indexStart, _blocks + " blocks", records.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        long packed = 0;
        long length = 0;
        for (long i = 0; i < records; i++)
        {
            packed = unchecked(packed + (index.Number() + 3) / 4 * 4);
            length = unchecked(length + index.Number());
        }
        if (packed != _packed || length != _length)
        {
            throw new CorruptDataException("xz.index", indexStart, "the sizes of the blocks", "others");
        }
        while ((_input.Position - indexStart) % 4 != 0)
        {
            _ = index.Next();
        }
        Span<byte> end = stackalloc byte[4 + XzLayout.HeaderSize];
        long size = _input.Position - indexStart + 4;
        if (_input.ReadUpTo(end) < end.Length)
        {
            throw CodecErrors.Truncated("xz.footer", _input.Position);
        }
        (int check, long indexSize) = XzLayout.ReadFooter(end[4..], _input.Position - XzLayout.HeaderSize);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != index.Crc || check != _check || indexSize != size)
        {
            throw new CorruptDataException("xz.footer", _input.Position, "what header and index say", "something else");
        }
        NextStream();
    }

    private void NextStream()
    {
        Span<byte> word = stackalloc byte[4];
        long start = _input.Position;
        int read;
        while ((read = _input.ReadUpTo(word)) == 4 && !word.ContainsAnyExcept((byte)0))
        {
        }
        if (read == 0)
        {
            _ended = true;
            return;
        }
        if (read == 4 && word.SequenceEqual(XzLayout.Magic[..4]))
        {
            _input.Position -= 4;
            BeginStream();
            return;
        }
        _ended = true;
        _input.Position = _input.Length;
        _diagnostics.Report(new Diagnostic("xz.trailing", "data follow the end of the compressed stream; they are not read") { Offset = start });
    }

    /// <summary>Bytes of the index with their checksum.</summary>
    private sealed class CountingCrc(SourceStream input)
    {
        public uint Crc { get; private set; }

        public byte Next()
        {
            int value = input.ReadByte();
            if (value < 0)
            {
                throw CodecErrors.Truncated("xz.index", input.Position);
            }
            Crc = Crc32.Append(Crc, [(byte)value]);
            return (byte)value;
        }

        public long Number()
        {
            long value = 0;
            for (int i = 0; i < 9; i++)
            {
                byte next = Next();
                value |= (long)(next & 0x7F) << (7 * i);
                if (next < 0x80)
                {
                    return value;
                }
            }
            throw new CorruptDataException("xz.index", input.Position, "a number of at most 63 bits", "one that does not end");
        }
    }
}
