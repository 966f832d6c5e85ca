using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Compressed;

/// <summary>LZ4 frames, of any number. Specification: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md See <see cref="CompressedFormat"/> for what it throws.</summary>
/// <remarks>Limitations: Always read from the beginning: no dictionaries; the legacy frame of the Linux kernel is not read.</remarks>
/// <param name="recognise">Names what the beginning of a disk holds.</param>
public sealed class Lz4Format(DiskRecogniser recognise) : CompressedFormat(recognise)
{
    /// <inheritdoc/>
    public override string Name => "lz4";

    /// <inheritdoc/>
    public override bool Matches(ReadOnlySpan<byte> header) => Lz4Reader.IsHeader(header);

    internal override ForwardReader OpenReader(IByteSource source, IDiagnosticSink diagnostics) => new Lz4Reader(source, diagnostics);
}
