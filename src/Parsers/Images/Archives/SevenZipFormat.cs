using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Archives;

/// <summary>A 7z that holds disk images: decompressed into temporary files; stored members are read where they lie. See <see cref="ArchiveFormat"/> for what it throws.</summary>
/// <remarks>
/// Methods: LZMA2, LZMA, bzip2, deflate, deflate64, zstd, copy; solid archives too. Encrypted archives, PPMd and filters are refused by name.
/// Limitations: no archives in several volumes; in a solid archive everything before a disk is decompressed on the way to it.
/// </remarks>
/// <param name="recognise">Names what the beginning of a disk holds.</param>
public sealed class SevenZipFormat(DiskRecogniser recognise) : ArchiveFormat(recognise)
{
    /// <inheritdoc/>
    public override string Name => "7z";

    /// <inheritdoc/>
    public override int HeaderSize => 8;

    /// <inheritdoc/>
    public override bool Matches(ReadOnlySpan<byte> header) => header.StartsWith((ReadOnlySpan<byte>)[0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]);

    internal override IArchive OpenArchive(IByteSource source, ParseContext context) => new SevenZipArchive(source, context);
}
