using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Ewf;

/// <summary>One section: where its descriptor stands and where its data are.</summary>
/// <param name="Type">As stored.</param>
/// <param name="Offset">Of the descriptor in the segment file.</param>
/// <param name="DataOffset">First byte of the data.</param>
/// <param name="DataLength">Bytes of data that the file holds.</param>
internal readonly record struct EwfSection(string Type, long Offset, long DataOffset, long DataLength)
{
    /// <summary>First byte after the data.</summary>
    public long End => DataOffset + DataLength;
}

/// <summary>
/// Goes through the sections of a segment. Each must lie behind the one before it, so no chain of sections is endless. <see cref="EndsWith"/> says how it went.
/// </summary>
internal sealed class EwfSectionWalk(EwfSegment segment, IDiagnosticSink diagnostics)
{
    /// <summary>Most sections of a segment: with 16,375 chunks to a table, a thousand times what the largest has.</summary>
    private const int MaxSections = 1 << 20;

    private static readonly string[] s_known =
    [
        "header", "header2", "xheader", "volume", "disk", "data", "sectors", "table", "table2", "next", "done", "hash", "digest", "xhash", "error2", "session", "ltree", "ltypes",
        "map", "incomplete",
    ];

    private readonly BlockCache _file = new(segment.File, 4096, 16);

    /// <summary><c>next</c>, <c>done</c>, or empty when the chain broke off.</summary>
    public string EndsWith { get; private set; } = "";

    /// <summary>The sections in order.</summary>
    public IEnumerable<EwfSection> Sections()
    {
        long offset = EwfSegments.HeaderSize;
        for (int count = 0; count < MaxSections; count++)
        {
            if (!TryRead(offset, out EwfSection section, out long next))
            {
                yield break;
            }
            yield return section;
            if (section.Type is "next" or "done")
            {
                EndsWith = section.Type;
                yield break;
            }
            if (next <= offset)
            {
                Report("ewf.section.loop", "a section says that the next one is itself or stands before it; what follows in the segment is not read", offset, true);
                yield break;
            }
            offset = next;
        }
        Report("ewf.section.limit", "the segment has more sections than any real one; the rest is not read", offset, true);
    }

    private bool TryRead(long offset, out EwfSection section, out long next)
    {
        Span<byte> bytes = stackalloc byte[EwfSectionHeader.Size];
        section = default;
        next = 0;
        long length = segment.File.Length;
        if (offset > length - EwfSectionHeader.Size || _file.ReadUpTo(offset, bytes) < EwfSectionHeader.Size)
        {
            Report("ewf.section.past-end", "the sections go on past the end of the segment, which is probably cut short", offset, true);
            return false;
        }
        var header = new EwfSectionHeader(bytes);
        string type = header.Type;
        bool isKnown = s_known.Contains(type);
        if (!header.IsSound)
        {
            Report("ewf.section.checksum", isKnown ? "the checksum of a section descriptor is wrong; it is used as it is" : "a section descriptor is damaged; what follows in the segment is not read", offset, !isKnown);
            if (!isKnown)
            {
                return false;
            }
        }
        long data = offset + EwfSectionHeader.Size;
        bool isLast = type is "next" or "done";
        next = header.Next > long.MaxValue ? long.MaxValue : (long)header.Next;
        // Expert Witness does not set the size; EnCase sets 0 for the last section.
        long size = header.SectionSize >= EwfSectionHeader.Size ? (long)Math.Min(header.SectionSize, long.MaxValue / 2) : isLast ? EwfSectionHeader.Size : Math.Max(next - offset, EwfSectionHeader.Size);
        if (!isLast && header.SectionSize != 0 && next > offset && size != next - offset)
        {
            Report("ewf.section.size", "a section has another size than the way to the next one; both are followed for what they say", offset, false);
        }
        section = new EwfSection(type, offset, data, Math.Clamp(size - EwfSectionHeader.Size, 0, length - data));
        return true;
    }

    private void Report(string code, string what, long offset, bool losesContent) =>
        diagnostics.Report(new Diagnostic(code, string.Create(CultureInfo.InvariantCulture, $"{what} (segment {segment.Name})")) { Offset = offset, LosesContent = losesContent });
}
