using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Compressed;

/// <summary>xz, of any number of streams and blocks; the blocks are independent. Specification: https://tukaani.org/xz/xz-file-format.txt. See <see cref="CompressedFormat"/> for what it throws.</summary>
/// <remarks>Limitations: LZMA2 without further filters; dictionaries up to 256 MiB; a file with a block over 256 MiB is read from the beginning.</remarks>
/// <param name="recognise">Names what the beginning of a disk holds.</param>
public sealed class XzFormat(DiskRecogniser recognise) : CompressedFormat(recognise)
{
    private const long LargestBlock = 256L << 20;

    /// <inheritdoc/>
    public override string Name => "xz";

    /// <inheritdoc/>
    public override bool Matches(ReadOnlySpan<byte> header) => header.StartsWith(XzLayout.Magic);

    internal override ForwardReader OpenReader(IByteSource source, IDiagnosticSink diagnostics) => new XzReader(source, diagnostics);

    internal override IPackedBlocks? TryBlocks(IByteSource source, ParseContext context)
    {
        XzBlocks blocks;
        try
        {
            blocks = XzBlocks.Read(source, context);
        }
        catch (CorruptDataException)
        {
            // Truncated, or followed by other data: the reader that goes forward tells which.
            return null;
        }
        long largest = 0;
        foreach (PackedBlock block in blocks.Blocks)
        {
            largest = Math.Max(largest, block.Length);
        }
        return blocks.Blocks.Count > 1 && largest <= LargestBlock ? blocks : null;
    }
}
