using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Compressed;

/// <summary>bzip2, of any number of streams. See <see cref="CompressedFormat"/> for what it throws.</summary>
/// <remarks>Limitations: Always read from the beginning; blocks with the randomisation of bzip2 before 0.9.5 are refused.</remarks>
/// <param name="recognise">Names what the beginning of a disk holds.</param>
public sealed class Bzip2Format(DiskRecogniser recognise) : CompressedFormat(recognise)
{
    /// <inheritdoc/>
    public override string Name => "bzip2";

    /// <inheritdoc/>
    public override bool Matches(ReadOnlySpan<byte> header) => Bzip2Reader.IsHeader(header);

    internal override ForwardReader OpenReader(IByteSource source, IDiagnosticSink diagnostics) => new Bzip2Reader(source, diagnostics);
}
