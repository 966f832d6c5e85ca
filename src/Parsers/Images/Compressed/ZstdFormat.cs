using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Compressed;

/// <summary>zstd, of any number of frames; the frames are independent blocks when all state their size. Specification: RFC 8878. See <see cref="CompressedFormat"/> for what it throws.</summary>
/// <remarks>Limitations: no dictionaries; windows up to 256 MiB; frames over 256 MiB are read from the beginning.</remarks>
/// <param name="recognise">Names what the beginning of a disk holds.</param>
public sealed class ZstdFormat(DiskRecogniser recognise) : CompressedFormat(recognise)
{
    /// <inheritdoc/>
    public override string Name => "zstd";

    /// <inheritdoc/>
    public override bool Matches(ReadOnlySpan<byte> header) => ZstdFrameHeader.IsFrame(header) || ZstdFrameHeader.IsSkippable(header);

    internal override ForwardReader OpenReader(IByteSource source, IDiagnosticSink diagnostics) => new ZstdReader(new SourceStream(source), diagnostics);

    internal override IPackedBlocks? TryBlocks(IByteSource source, ParseContext context) => ZstdBlocks.TryRead(source, context);
}
