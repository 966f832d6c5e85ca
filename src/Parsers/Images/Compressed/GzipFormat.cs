using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Compressed;

/// <summary>gzip, of any number of members. Specification: RFC 1952. See <see cref="CompressedFormat"/> for what it throws.</summary>
/// <remarks>Limitations: Always read from the beginning: restart points inside deflate data are not kept.</remarks>
/// <param name="recognise">Names what the beginning of a disk holds.</param>
public sealed class GzipFormat(DiskRecogniser recognise) : CompressedFormat(recognise)
{
    /// <inheritdoc/>
    public override string Name => "gzip";

    /// <inheritdoc/>
    public override bool Matches(ReadOnlySpan<byte> header) => GzipReader.IsHeader(header);

    internal override ForwardReader OpenReader(IByteSource source, IDiagnosticSink diagnostics) => new GzipReader(source, diagnostics);
}
