using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Mapped;

/// <summary>Opens the image behind an overlay, for the formats of QEMU. Whether a file is opened at all is decided by <see cref="ICompanionFiles"/>.</summary>
internal static class BackingFile
{
    /// <summary>Longest name that the formats allow, in bytes.</summary>
    public const int LongestName = 1023;

    /// <summary>Opens the image behind an overlay.</summary>
    /// <param name="overlay">Name of the overlay's format.</param>
    /// <param name="name">Name of the file as the overlay gives it.</param>
    /// <param name="format">QEMU's name of its format; null when the overlay does not say, so that it is probed.</param>
    /// <param name="context">Context of the overlay.</param>
    /// <param name="limits">What is left of its limits.</param>
    public static DiskImage Open(string overlay, ReadOnlySpan<byte> name, string? format, ParseContext context, ScanLimits limits)
    {
        CompanionFile file = context.Images.Companions.OpenNamed(Encoding.UTF8.GetString(name), overlay + " backing file");
        ParseContext behind = context with
        {
            Limits = limits,
            Diagnostics = new Attributed(context.Diagnostics, "backing file '" + file.FileName + "'"),
            Images = context.Images with { Companions = file.Companions, Snapshot = null },
        };
        if (format is null)
        {
            DiskImage probed = ImageProbe.Open(file.Content, context.Images.Formats, behind);
            // What a raw disk begins with is the guest's choice, so a probed format may be too.
            context.Diagnostics.Report(new Diagnostic(overlay + ".backing.probed",
                "the image does not state the format of its backing file '" + file.FileName + "'; it was found by content: " + probed.Format));
            return Named(probed, file.FileName);
        }
        if (format == "raw")
        {
            return Named(new DiskImage("raw", file.Content), file.FileName);
        }
        IFormat<DiskImage> reader = Reader(format, context.Images.Formats)
            ?? throw new UnsupportedFeatureException(overlay + " backing file '" + file.FileName + "' of the format '" + PathText.FromText(format) + "'");
        Span<byte> header = stackalloc byte[512];
        if (!reader.Matches(header[..file.Content.ReadUpTo(0, header)]))
        {
            throw new CorruptDataException(overlay + ".backing", 0, "a backing file '" + file.FileName + "' of the format " + format, "another format");
        }
        return Named(reader.Open(file.Content, behind), file.FileName);
    }

    /// <summary>The chain behind an image for <c>info</c>: <c>mid.qcow2 (qcow2), base.raw (raw)</c>.</summary>
    public static string Chain(DiskImage backing)
    {
        string? further = backing.Facts.FirstOrDefault(fact => fact.Key == "backing chain").Value;
        string own = backing.MemberName + " (" + backing.Format + ")";
        return string.IsNullOrEmpty(further) ? own : own + ", " + further;
    }

    private static DiskImage Named(DiskImage image, string fileName) => image with { MemberName = fileName };

    private static IFormat<DiskImage>? Reader(string format, IReadOnlyList<IFormat<DiskImage>> formats)
    {
        // QEMU calls VHD after Virtual PC; the rest have the same names here.
        string name = format == "vpc" ? "vhd" : format;
        return formats.FirstOrDefault(candidate => candidate is not (RawFormat or RecognisedFormats) && candidate.Name == name);
    }

    /// <summary>Says in which file of the image a diagnostic was met.</summary>
    private sealed class Attributed(IDiagnosticSink sink, string where) : IDiagnosticSink
    {
        public void Report(Diagnostic diagnostic) => sink.Report(diagnostic with { Message = "in the " + where + ": " + diagnostic.Message });
    }
}
