using System.Globalization;
using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.Lvm2;

/// <summary>A volume group as one metadata text describes it. Names hold one character a byte.</summary>
/// <param name="Name">Name of the group.</param>
/// <param name="Id">Its UUID.</param>
/// <param name="SequenceNumber">Counts the changes; the highest text is the newest.</param>
/// <param name="ExtentSize">Bytes in an extent.</param>
/// <param name="Section">All of the text.</param>
internal sealed record VolumeGroupText(string Name, string Id, long SequenceNumber, long ExtentSize, LvmSection Section)
{
    /// <summary>Largest name in bytes, as in LVM.</summary>
    public const int MaxName = 127;
    private const int MaxVolumes = VolumeAssembly.MaximumVolumes;

    /// <summary>Taken from the ring because the current text is damaged.</summary>
    public bool IsOlder { get; init; }

    /// <summary>The area is marked as not to be used; LVM itself still may update it.</summary>
    public bool IsIgnored { get; init; }

    /// <summary>Names and descriptions of the physical volumes.</summary>
    public IReadOnlyDictionary<string, PhysicalVolumeText> PhysicalVolumes { get; private init; } = new Dictionary<string, PhysicalVolumeText>();

    /// <summary>Names and descriptions of the logical volumes, hidden ones too.</summary>
    public IReadOnlyDictionary<string, LogicalVolumeText> LogicalVolumes { get; private init; } = new Dictionary<string, LogicalVolumeText>();

    /// <summary>Display form of a name of LVM.</summary>
    public static string Display(string name) => PathText.FromBytes(Encoding.Latin1.GetBytes(name.Length > MaxName ? name[..MaxName] : name));

    /// <summary>Reads the first section of a parsed text. Throws <see cref="CorruptDataException"/> when it is no volume group.</summary>
    public static VolumeGroupText From(LvmSection root)
    {
        LvmSection section = root.Sections.Count > 0 ? root.Sections[0] : throw new CorruptDataException("lvm.text", 0, "a volume group", "none");
        long extent = section.Number("extent_size") ?? 0;
        if (extent is < 1 or > uint.MaxValue)
        {
            throw new CorruptDataException("lvm.extent_size", 0, "1 to 4294967295 sectors", extent.ToString(CultureInfo.InvariantCulture));
        }
        if (section.Name.Length > MaxName || section.Text("id") is not { Length: > 0 and <= 64 } id || section.Number("seqno") is not { } seqno)
        {
            throw new CorruptDataException("lvm.text", 0, "a name, an id and a sequence number of a volume group", "not all of them");
        }
        var physical = new Dictionary<string, PhysicalVolumeText>(StringComparer.Ordinal);
        foreach (LvmSection pv in section.Section("physical_volumes")?.Sections ?? [])
        {
            physical.TryAdd(pv.Name, new PhysicalVolumeText(pv.Name, Printable(pv.Text("id")), pv.Number("pe_start") ?? -1, pv.Number("pe_count") ?? -1, pv.Has("flags", "MISSING")));
        }
        var logical = new Dictionary<string, LogicalVolumeText>(StringComparer.Ordinal);
        foreach (LvmSection lv in section.Section("logical_volumes")?.Sections ?? [])
        {
            if (logical.Count >= MaxVolumes)
            {
                throw new LimitExceededException("logical volumes", MaxVolumes);
            }
            logical.TryAdd(lv.Name, new LogicalVolumeText(lv.Name, Printable(lv.Text("id")), lv));
        }
        return new VolumeGroupText(section.Name, Printable(id), seqno, extent * 512, section) { PhysicalVolumes = physical, LogicalVolumes = logical };
    }

    /// <summary>An identifier in display form, cut to a sane length.</summary>
    private static string Printable(string? id) => id is null ? "" : Display(id.Length > 64 ? id[..64] : id);
}

/// <summary>A physical volume in the text.</summary>
/// <param name="Name">Name within the text: <c>pv0</c>.</param>
/// <param name="Uuid">UUID, as on its label.</param>
/// <param name="DataStart">First sector of extent 0; -1 when the text does not say.</param>
/// <param name="ExtentCount">Extents; -1 when the text does not say.</param>
/// <param name="IsMarkedMissing">The group was changed while it was not there.</param>
internal sealed record PhysicalVolumeText(string Name, string Uuid, long DataStart, long ExtentCount, bool IsMarkedMissing);

/// <summary>A logical volume in the text.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uuid">Its UUID.</param>
/// <param name="Section">All that the text says.</param>
internal sealed record LogicalVolumeText(string Name, string Uuid, LvmSection Section)
{
    private const int MaxSegments = 100_000;

    /// <summary>Whether the volume is one that users see.</summary>
    public bool IsVisible => Section.Has("status", "VISIBLE");

    /// <summary>
    /// The segments in order. Throws <see cref="CorruptDataException"/> when one is missing or lies outside what 64 bits can address, or leaves a gap.
    /// </summary>
    public IReadOnlyList<LvmSegment> Segments(long extentSize)
    {
        long count = Section.Number("segment_count") ?? 0;
        if (count is < 1 or > MaxSegments)
        {
            throw new CorruptDataException("lvm.segment_count", 0, "1 to 100000", count.ToString(CultureInfo.InvariantCulture));
        }
        var segments = new List<LvmSegment>();
        long next = 0;
        for (int i = 1; i <= count; i++)
        {
            LvmSection section = Section.Section("segment" + i.ToString(CultureInfo.InvariantCulture)) ?? throw new CorruptDataException("lvm.segment", i, "a segment of this number", "none");
            long start = section.Number("start_extent") ?? -1;
            long extents = section.Number("extent_count") ?? -1;
            if (extents < 1 || start != next || extents > long.MaxValue / extentSize - start)
            {
                throw new CorruptDataException("lvm.segment", i, "extents after the previous segment, in reach of 64 bits",
                    string.Create(CultureInfo.InvariantCulture, $"{extents} extents from {start}"));
            }
            segments.Add(new LvmSegment(section, start * extentSize, extents * extentSize, section.Text("type") ?? ""));
            next = start + extents;
        }
        return segments;
    }
}

/// <summary>A segment of a logical volume.</summary>
/// <param name="Section">All that the text says.</param>
/// <param name="Start">First byte in the volume.</param>
/// <param name="Length">Bytes.</param>
/// <param name="TypeText">Segment type, with flags that LVM may add after a plus sign.</param>
internal sealed record LvmSegment(LvmSection Section, long Start, long Length, string TypeText)
{
    /// <summary>The type without flags.</summary>
    public string Type { get; } = TypeText.Split('+')[0];
}
