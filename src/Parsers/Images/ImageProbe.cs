using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Qcow2;

namespace Forensics.Parsers.Images;

/// <summary>Finds out which container an image file is and opens it.</summary>
/// <remarks>Limitations: the first format whose magic matches wins; what the opened disk holds is never probed for containers again.</remarks>
public static class ImageProbe
{
    /// <summary>
    /// Opens the image. Throws <see cref="UnsupportedFeatureException"/> for a container that is known but not read or that refers to other files, and
    /// <see cref="CorruptDataException"/> when its header cannot be used.
    /// </summary>
    /// <param name="file">The image file.</param>
    /// <param name="formats">In probe order, raw last.</param>
    /// <param name="context">Limits and diagnostics.</param>
    public static DiskImage Open(IByteSource file, IReadOnlyList<IFormat<DiskImage>> formats, ParseContext context)
    {
        Span<byte> header = stackalloc byte[512];
        header = header[..file.ReadUpTo(0, header)];
        foreach (IFormat<DiskImage> format in formats)
        {
            if (!format.Matches(header))
            {
                continue;
            }
            if (format is Qcow2Format && header.Length == 512 && header[510] == 0x55 && header[511] == 0xAA)
            {
                // A guest can write a container's magic over the first sector of its raw disk to change what is read.
                context.Diagnostics.Report(new Diagnostic("image.format.ambiguous",
                    "the image begins as " + format.Name + " and also bears a boot signature; it may be a raw disk that was tampered with") { Offset = 510 });
            }
            return format.Open(file, context);
        }
        throw new UnknownFormatException("no known image format");
    }
}
