using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;
using SharpCompress.Compressors.ZStandard;
using SharpCompress.Compressors.ZStandard.Unsafe;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Decompresses zstd: all frames one after the other, skippable ones passed over, checksums verified where frames have them.</summary>
/// <remarks>What follows the last frame is the diagnostic <c>zstd.trailing</c>. Throws <see cref="CorruptDataException"/>; a frame with a dictionary is not supported.</remarks>
internal sealed class ZstdReader : ForwardReader
{
    private const int BufferSize = 128 << 10;

    private readonly SourceStream _input;
    private readonly IDiagnosticSink _diagnostics;
    private readonly int _windowLog;
    private DecompressionStream? _frame;
    private long _left;
    private bool _ended;

    public ZstdReader(SourceStream input, IDiagnosticSink diagnostics, int windowLog = ZstdFrameHeader.MaxWindowLog)
    {
        _windowLog = windowLog;
        _input = input;
        _diagnostics = diagnostics;
        NextFrame();
    }

    public override long InputPosition => _input.Position;

    public override long InputLength => _input.Length;

    public override int Read(Span<byte> destination)
    {
        while (!_ended)
        {
            int count = CodecErrors.Read(_frame!, destination, "zstd", _input);
            if (count > 0)
            {
                // The decoder verifies a size that the frame states only where it ends; a liar is stopped at once.
                _left = _left < 0 ? -1 : _left - count >= 0 ? _left - count : throw new CorruptDataException("zstd", _input.Position, "the size that the frame states", "more");
                return count;
            }
            NextFrame();
        }
        return 0;
    }

    protected override void Dispose(bool disposing) => _frame?.Dispose();

    private void NextFrame()
    {
        _frame?.Dispose();
        _frame = null;
        Span<byte> head = stackalloc byte[ZstdFrameHeader.MaxSize];
        while (true)
        {
            long start = _input.Position;
            ReadOnlySpan<byte> bytes = head[.._input.ReadUpTo(head)];
            _input.Position = start;
            if (ZstdFrameHeader.IsFrame(bytes))
            {
                ZstdFrameHeader header = ZstdFrameHeader.Read(bytes, start);
                if (header.WindowSize > 1L << _windowLog)
                {
                    throw new LimitExceededException("zstd window", header.WindowSize);
                }
                _left = header.ContentSize;
                _frame = new DecompressionStream(new ZstdFrameInput(_input, header), BufferSize, checkEndOfStream: true, leaveOpen: false);
                _frame.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, _windowLog);
                return;
            }
            if (!ZstdFrameHeader.IsSkippable(bytes))
            {
                End(start, bytes);
                return;
            }
            long size = bytes.Length >= 8 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) : uint.MaxValue;
            if (size > _input.Length - start - 8)
            {
                throw CodecErrors.Truncated("zstd.skippable", start);
            }
            _input.Position = start + 8 + size;
        }
    }

    private void End(long start, ReadOnlySpan<byte> bytes)
    {
        if (start == 0)
        {
            throw new CorruptDataException("zstd.frame", 0, "the magic of a frame", Convert.ToHexStringLower(bytes));
        }
        _ended = true;
        if (!bytes.IsEmpty)
        {
            _input.Position = _input.Length;
            _diagnostics.Report(new Diagnostic("zstd.trailing", "data follow the end of the compressed stream; they are not read") { Offset = start });
        }
    }
}
