using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Ewf;

/// <summary>
/// Expert Witness Compression Format, version 1: EnCase 1 to 7 (.E01), FTK Imager, linen, EWF-X and SMART (.s01), in any number of segments. Specification:
/// https://github.com/libyal/libewf/blob/main/documentation/Expert%20Witness%20Compression%20Format%20(EWF).asciidoc
/// </summary>
/// <remarks>
/// Throws <see cref="CorruptDataException"/> when no section states the geometry of the disk, <see cref="UnsupportedFeatureException"/> for logical evidence and for a segment
/// that is not the first. A segment that is missing, and everything else that is damaged, is a diagnostic and reads as zeros.
/// Limitations: chunks whose table and its copy are both lost are not searched for; version 2 (Ex01) and logical evidence (L01) are not read; optical sessions are not looked at.
/// </remarks>
public sealed class EwfFormat : IFormat<DiskImage>
{
    /// <summary>How many segments in a row may be missing before nobody looks further.</summary>
    private const int MaxMissing = 8;

    /// <inheritdoc/>
    public string Name => "ewf";

    /// <inheritdoc/>
    public int HeaderSize => 8;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) => header.StartsWith(EwfSegments.Signature);

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context)
    {
        var segments = new EwfSegments(source, context.Images.Companions);
        var reader = new EwfReader(context.Limits, context.Diagnostics);
        int count = ReadAll(segments, reader, context);
        EwfGeometry geometry = reader.Geometry
            ?? throw new CorruptDataException("ewf.volume", EwfSegments.HeaderSize, "a section volume, disk or data", "none");
        reader.Place(geometry);
        if (geometry.StatedChunks != geometry.Chunks)
        {
            context.Diagnostics.Report(new Diagnostic("ewf.volume.chunks", "the number of chunks and the number of sectors in the volume section disagree; the sectors are followed")
            {
                Expected = geometry.Chunks.ToString(CultureInfo.InvariantCulture),
                Actual = geometry.StatedChunks.ToString(CultureInfo.InvariantCulture),
            });
        }
        var tables = new EwfChunkTables(reader.Tables, geometry.ChunkSize, context.Diagnostics);
        return new DiskImage(Name, new EwfContent(geometry, tables, context.Diagnostics))
        {
            Facts = [.. geometry.Facts, new("segments", count.ToString(CultureInfo.InvariantCulture)), .. reader.CaseData.Facts],
            StoredDigests = reader.Digests.All,
        };
    }

    /// <summary>Reads segment after segment until one ends with "done"; returns how many there are.</summary>
    private static int ReadAll(EwfSegments segments, EwfReader reader, ParseContext context)
    {
        string end = reader.Read(segments.First());
        int read = 1;
        int missing = 0;
        for (int number = 2; end != "done" && missing < MaxMissing; number++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (segments.Find(number, out string problem) is { } segment)
            {
                end = reader.Read(segment);
                read++;
                missing = 0;
                continue;
            }
            // A chain of sections that broke off was reported where it did.
            if (end == "next" && missing == 0)
            {
                context.Diagnostics.Report(new Diagnostic("ewf.segment.missing", "the image does not end here, but " + problem + "; its chunks read as zeros") { LosesContent = true });
            }
            reader.AddGap();
            missing++;
            if (segments.NameOf(number) is null)
            {
                break;
            }
        }
        return read;
    }
}
