using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Decompresses LZ4 in its legacy frame, which Linux kernels use: independent blocks of 8 MiB, no checksums. Specification: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md, "Legacy frame"</summary>
/// <remarks>The frame does not say where it ends: what cannot be the length of a block ends it, and is the diagnostic <c>lz4.trailing</c>. Throws <see cref="CorruptDataException"/>.</remarks>
internal sealed class Lz4LegacyReader : ForwardReader
{
    private const uint Magic = 0x184C2102;
    private const int BlockSize = 8 << 20;
    private const int LargestPacked = BlockSize + BlockSize / 255 + 16;

    private readonly SourceStream _input;
    private readonly IDiagnosticSink _diagnostics;
    private readonly byte[] _block = new byte[BlockSize];
    private byte[] _packed = [];
    private int _start;
    private int _end;
    private bool _ended;

    public Lz4LegacyReader(IByteSource source, IDiagnosticSink diagnostics)
    {
        _input = new SourceStream(source) { Position = 4 };
        _diagnostics = diagnostics;
    }

    public override long InputPosition => _input.Position;

    public override long InputLength => _input.Length;

    /// <summary>Whether a legacy frame begins with these bytes.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> header) => header.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(header) == Magic;

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

    private void NextBlock()
    {
        Span<byte> word = stackalloc byte[4];
        long offset = _input.Position;
        int read = _input.ReadUpTo(word);
        uint size = read == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(word) : 0;
        if (size == Magic)
        {
            return;
        }
        if (size is 0 or > LargestPacked || size > _input.Length - _input.Position)
        {
            _ended = true;
            if (size is > 0 and <= LargestPacked)
            {
                throw CodecErrors.Truncated("lz4.block", offset);
            }
            if (read > 0)
            {
                _input.Position = _input.Length;
                _diagnostics.Report(new Diagnostic("lz4.trailing", "data follow the end of the compressed stream; they are not read") { Offset = offset });
            }
            return;
        }
        if (_packed.Length < size)
        {
            _packed = new byte[size];
        }
        Span<byte> packed = _packed.AsSpan(0, (int)size);
        if (_input.ReadUpTo(packed) < packed.Length)
        {
            throw CodecErrors.Truncated("lz4.block", offset);
        }
        _start = _end = 0;
        if (Lz4Block.Decode(packed, _block, ref _end) != Lz4End.Whole)
        {
            throw new CorruptDataException("lz4.block", offset, "sound data", "damaged data");
        }
    }
}
