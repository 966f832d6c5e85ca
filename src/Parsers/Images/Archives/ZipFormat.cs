using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Archives;

/// <summary>A zip that holds disk images. A stored member is read where it lies; others are decompressed into a temporary file. See <see cref="ArchiveFormat"/> for what it throws.</summary>
/// <remarks>
/// Methods: stored, deflate, deflate64, bzip2, LZMA, zstd, xz. Encrypted members and other methods are refused by name.
/// Limitations: no archives in several volumes; the checksum of a stored member is not compared.
/// </remarks>
/// <param name="recognise">Names what the beginning of a disk holds.</param>
public sealed class ZipFormat(DiskRecogniser recognise) : ArchiveFormat(recognise)
{
    /// <inheritdoc/>
    public override string Name => "zip";

    /// <inheritdoc/>
    public override int HeaderSize => 4;

    /// <inheritdoc/>
    public override bool Matches(ReadOnlySpan<byte> header) => header.StartsWith("PK\x03\x04"u8) || header.StartsWith("PK\x05\x06"u8);

    internal override IArchive OpenArchive(IByteSource source, ParseContext context) => new ZipArchive(source, context);
}
