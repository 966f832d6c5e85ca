using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Archives;

/// <summary>A tar that holds disk images, also an OVA. The members are read where they lie, sparse ones through their map. See <see cref="ArchiveFormat"/> for what it throws.</summary>
/// <remarks>Limitations: no multi-volume archives; archives without the ustar or GNU magic (before 1988) are not recognised.</remarks>
/// <param name="recognise">Names what the beginning of a disk holds.</param>
public sealed class TarFormat(DiskRecogniser recognise) : ArchiveFormat(recognise)
{
    /// <inheritdoc/>
    public override string Name => "tar";

    /// <inheritdoc/>
    public override int HeaderSize => TarHeader.Size;

    /// <inheritdoc/>
    public override bool Matches(ReadOnlySpan<byte> header) => TarHeader.IsTar(header);

    internal override IArchive OpenArchive(IByteSource source, ParseContext context) => new TarArchive(() => new FileTarInput(source), context);
}
