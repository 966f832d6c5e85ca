using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Archives;

/// <summary>An archive whose members are disk images.</summary>
/// <remarks>
/// Every member that looks like a disk by its content is opened; the others are never extracted. <see cref="UnsupportedFeatureException"/>, with a list of what the archive
/// holds, when there is none; <see cref="CorruptDataException"/> when it cannot be read.
/// </remarks>
/// <param name="recognise">Names what the beginning of a disk holds, null when it does not look like a disk.</param>
public abstract class ArchiveFormat(DiskRecogniser recognise) : IFormat<DiskImage>
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract int HeaderSize { get; }

    /// <inheritdoc/>
    public abstract bool Matches(ReadOnlySpan<byte> header);

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context)
    {
        DiskImage image = new ArchiveOpener(OpenArchive(source, context), recognise, context).Open();
        return image with { Facts = [.. image.Facts, new(Name + " file size", source.Length.ToString(CultureInfo.InvariantCulture))] };
    }

    /// <summary>The archive. Throws when its central structures are unusable.</summary>
    internal abstract IArchive OpenArchive(IByteSource source, ParseContext context);
}
