using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Split;
using Forensics.Parsers.Images.Vhd;
using Forensics.Parsers.Images.Vhdx;

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
    /// <param name="context">Limits, diagnostics, and what the container may use beside its own bytes.</param>
    public static DiskImage Open(IByteSource file, IReadOnlyList<IFormat<DiskImage>> formats, ParseContext context)
    {
        context = context with { Images = context.Images with { Formats = formats } };
        if (SplitImage.TryJoin(file, context) is { } joined)
        {
            DiskImage whole = OpenWhole(joined.Content, formats, context);
            return whole with { Format = "split/" + whole.Format, Facts = [.. whole.Facts, new("segments", joined.Count.ToString(CultureInfo.InvariantCulture))] };
        }
        return OpenWhole(file, formats, context);
    }

    private static DiskImage OpenWhole(IByteSource file, IReadOnlyList<IFormat<DiskImage>> formats, ParseContext context)
    {
        Span<byte> header = stackalloc byte[512];
        header = header[..file.ReadUpTo(0, header)];
        foreach (IFormat<DiskImage> format in formats)
        {
            if (!format.Matches(header))
            {
                continue;
            }
            if (format is RawFormat && OpenByEnd(file, formats, header, context) is { } found)
            {
                return found;
            }
            if (format is not (RawFormat or RecognisedFormats) && header.Length == 512 && header[510] == 0x55 && header[511] == 0xAA)
            {
                // A guest can write a container's magic over the first sector of its raw disk to change what is read.
                context.Diagnostics.Report(new Diagnostic("image.format.ambiguous",
                    "the image begins as " + format.Name + " and also bears a boot signature; it may be a raw disk that was tampered with") { Offset = 510 });
            }
            return format.Open(file, context);
        }
        throw new UnknownFormatException("no known image format");
    }

    /// <summary>A format that has no magic at the start and finds its own at the end; null when there is none.</summary>
    private static DiskImage? OpenByEnd(IByteSource file, IReadOnlyList<IFormat<DiskImage>> formats, ReadOnlySpan<byte> header, ParseContext context)
    {
        foreach (IFormat<DiskImage> format in formats)
        {
            if (!format.SearchesBackups || format.Matches(header))
            {
                continue;
            }
            try
            {
                return format.Open(file, context);
            }
            catch (UnknownFormatException)
            {
                // It found nothing: the next one, at last raw.
            }
        }
        return null;
    }

    /// <summary>
    /// Opens what an archive or compressed stream holds, as an image whose only companions are those given. Throws as <see cref="Open"/>, and
    /// <see cref="LimitExceededException"/> when such wrappers are nested too deep.
    /// </summary>
    /// <param name="content">The decompressed bytes or the member.</param>
    /// <param name="context">The context the wrapper was opened with.</param>
    /// <param name="companions">The files beside it in the archive; none when null.</param>
    public static DiskImage OpenInner(IByteSource content, ParseContext context, ICompanionFiles? companions = null)
    {
        RequireNesting(context);
        ImageAccess inner = context.Images with { Nesting = context.Images.Nesting + 1, Companions = companions ?? NoCompanionFiles.Instance };
        return Open(content, inner.Formats, context with { Images = inner });
    }

    /// <summary>Throws <see cref="LimitExceededException"/> when one more wrapper would be too deep: before anything is decompressed.</summary>
    internal static void RequireNesting(ParseContext context)
    {
        if (context.Images.Nesting >= ImageAccess.MaximumNesting)
        {
            throw new LimitExceededException("nesting of archives", context.Images.Nesting + 1);
        }
    }
}
