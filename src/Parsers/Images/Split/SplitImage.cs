using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Split;

/// <summary>The segments of a split image, joined.</summary>
/// <param name="Content">All bytes.</param>
/// <param name="Count">How many segments there are.</param>
internal sealed record JoinedSegments(IByteSource Content, int Count);

/// <summary>
/// Joins an image that was cut into files of equal length: <c>.001 .002</c>, <c>.000 .001</c>, <c>.aa .ab</c>. The names alone tell; what the segments hold together is
/// then probed as if it were one file.
/// </summary>
/// <remarks>
/// Limitations: the user names the first segment; segments missing at the end cannot be known here; a file with such a name but no further segments is one image.
/// </remarks>
internal static class SplitImage
{
    /// <summary>Most segments of one image; each is an open file.</summary>
    private const int MaxSegments = 10_000;
    /// <summary>How far a later segment is looked for to tell a gap from the end.</summary>
    private const int LookAhead = 100;

    /// <summary>
    /// The joined segments when the file is the first of several; null when it stands alone. Throws <see cref="UnsupportedFeatureException"/> when it is a later segment or one
    /// between is missing, and <see cref="LimitExceededException"/> for more than 10,000.
    /// </summary>
    public static JoinedSegments? TryJoin(IByteSource file, ParseContext context)
    {
        ICompanionFiles companions = context.Images.Companions;
        if (SegmentNames.Parse(companions.FileName) is not { } names)
        {
            return null;
        }
        RefuseLater(file, names, context);
        if (!names.IsFirst)
        {
            return null;
        }
        List<IByteSource> parts = [file];
        while (Open(companions, names.After(parts.Count)) is { } segment)
        {
            if (parts.Count == MaxSegments)
            {
                throw new LimitExceededException("segments of a split image", MaxSegments + 1);
            }
            context.Cancellation.ThrowIfCancellationRequested();
            parts.Add(segment.Content);
        }
        RefuseGap(companions, names, parts.Count);
        if (parts.Count == 1)
        {
            return null;
        }
        ReportLengths(parts, names, context.Diagnostics);
        return new JoinedSegments(SegmentedSource.Join(parts), parts.Count);
    }

    private static CompanionFile? Open(ICompanionFiles companions, IEnumerable<string> candidates)
    {
        foreach (string name in candidates)
        {
            if (companions.OpenSegment(name) is { } segment)
            {
                return segment;
            }
        }
        return null;
    }

    /// <summary>A later segment alone would be read as a disk without partitions. One that begins as a disk does is taken for an image with a number in its name.</summary>
    private static void RefuseLater(IByteSource file, SegmentNames names, ParseContext context)
    {
        // Not the first alone: disk.dd beside disk.aa is the whole beside its parts.
        if (names.Before is not { } before || context.Images.Companions.OpenSegment(before) is null || Open(context.Images.Companions, names.CandidatesForFirst()) is not { } first)
        {
            return;
        }
        Span<byte> start = stackalloc byte[512];
        start = start[..file.ReadUpTo(0, start)];
        bool isDisk = start.Length == 512 && start[510] == 0x55 && start[511] == 0xAA;
        foreach (IFormat<DiskImage> format in context.Images.Formats)
        {
            isDisk |= format is not RawFormat && format.Matches(start);
        }
        string own = PathText.FromText(context.Images.Companions.FileName);
        if (!isDisk)
        {
            throw new UnsupportedFeatureException("'" + own + "' alone, a later segment of a split image (name its first segment, '" + first.FileName + "')");
        }
        context.Diagnostics.Report(new Diagnostic("split.later", "'" + own + "' may be a later segment of a split image that begins with '" + first.FileName
            + "', but itself begins as a disk does; it is read alone"));
    }

    private static void RefuseGap(ICompanionFiles companions, SegmentNames names, int count)
    {
        for (int ahead = 1; ahead <= LookAhead; ahead++)
        {
            if (Open(companions, names.After(count + ahead)) is { } later)
            {
                throw new UnsupportedFeatureException("split image of which segment '" + PathText.FromText(names.After(count).First()) + "' is missing, as '" + later.FileName + "' is there");
            }
        }
    }

    /// <summary>All segments but the last are as long as the first; a shorter one moves everything behind it.</summary>
    private static void ReportLengths(List<IByteSource> parts, SegmentNames names, IDiagnosticSink diagnostics)
    {
        for (int i = 1; i < parts.Count; i++)
        {
            if (parts[i].Length == parts[0].Length || (i == parts.Count - 1 && parts[i].Length < parts[0].Length))
            {
                continue;
            }
            diagnostics.Report(new Diagnostic("split.length", string.Create(CultureInfo.InvariantCulture,
                $"segment {i + 1} of the split image ('{PathText.FromText(names.After(i).First())}') is not as long as the first; what follows may be out of place"))
            {
                Expected = parts[0].Length.ToString(CultureInfo.InvariantCulture) + " bytes",
                Actual = parts[i].Length.ToString(CultureInfo.InvariantCulture) + " bytes",
                LosesContent = true,
            });
            return;
        }
    }
}
