using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.Lvm2;

/// <summary>Lists the logical volumes of one volume group whose physical volumes were found, or some of them.</summary>
internal sealed class VolumeGroup(VolumeGroupText text, string displayName, IReadOnlyDictionary<string, LvmPhysicalVolume> physical, ParseContext context)
{
    /// <summary>The volumes that users see, sorted by name. Pools are left out: what they hold is seen through their volumes.</summary>
    public List<Volume> Volumes()
    {
        var graph = new LvmGraph(text, physical, context);
        (Dictionary<string, string> snapshots, Dictionary<string, string> merging) = Snapshots();
        var volumes = new List<Volume>();
        foreach (LogicalVolumeText volume in text.LogicalVolumes.Values)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            string type = FirstType(volume);
            // LVM does not mark the store of a snapshot as visible, but shows the snapshot under its name.
            if (!(volume.IsVisible || snapshots.ContainsKey(volume.Name)) || type is "thin-pool" or "cache-pool" or "vdo-pool" or "snapshot")
            {
                continue;
            }
            LvmDevice device;
            if (snapshots.TryGetValue(volume.Name, out string? snapshot))
            {
                device = graph.Device(snapshot) with { Kind = "snapshot" };
            }
            else if (merging.TryGetValue(volume.Name, out string? merge))
            {
                context.Diagnostics.Report(new Diagnostic("lvm.snapshot.merging",
                    Name(volume.Name) + ": a snapshot is being merged into this volume; it is shown as it will be after that"));
                device = graph.Device(merge) with { Kind = "merging origin" };
            }
            else
            {
                device = graph.Device(volume.Name);
            }
            volumes.Add(Make(volume, device));
        }
        volumes.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return volumes;
    }

    private Volume Make(LogicalVolumeText volume, LvmDevice device)
    {
        string name = VolumeGroupText.Display(volume.Name);
        string group = VolumeGroupText.Display(text.Name);
        string? reason = device.Failure;
        IByteSource content = device.Source ?? MemorySource.Empty;
        if (reason is null && device.Source is null)
        {
            reason = "it has no content of its own";
        }
        return new Volume(Name(volume.Name), -1, device.Length == 0 ? StatedLength(volume) : device.Length, content)
        {
            TypeName = device.Kind.Length == 0 ? Kind(volume) : device.Kind,
            Uuid = volume.Uuid.Length == 0 ? null : volume.Uuid,
            UnreadableBecause = reason,
            DeviceNames = ["/dev/" + group + "/" + name, "/dev/mapper/" + Doubled(group) + "-" + Doubled(name)],
        };
    }

    private string Name(string volume) => "lvm:" + displayName + "/" + VolumeGroupText.Display(volume);

    /// <summary>Device-mapper joins names by a hyphen, so one within a name is doubled.</summary>
    private static string Doubled(string name) => name.Replace("-", "--", StringComparison.Ordinal);

    /// <summary>Names of the stores of snapshots, and of the origins that a snapshot is being merged into; both with the hidden volume that joins the two.</summary>
    private (Dictionary<string, string> Stores, Dictionary<string, string> Merging) Snapshots()
    {
        var stores = new Dictionary<string, string>(StringComparer.Ordinal);
        var merging = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (LogicalVolumeText volume in text.LogicalVolumes.Values)
        {
            if (FirstType(volume) != "snapshot" || volume.Section.Section("segment1") is not { } segment)
            {
                continue;
            }
            if (segment.Text("cow_store") is { } store)
            {
                stores.TryAdd(store, volume.Name);
            }
            if (segment.Text("merging_store") is { } mergingStore && segment.Text("origin") is { } origin)
            {
                stores.TryAdd(mergingStore, volume.Name);
                merging.TryAdd(origin, volume.Name);
            }
        }
        return (stores, merging);
    }

    private static string FirstType(LogicalVolumeText volume) => (volume.Section.Section("segment1")?.Text("type") ?? "").Split('+')[0];

    private static string Kind(LogicalVolumeText volume) =>
        volume.Section.Section("segment1") is { } section ? LvmSegmentBuilder.Kind(new LvmSegment(section, 0, 0, section.Text("type") ?? "")) : "unknown";

    /// <summary>What the segments say in sum, as far as that can be; for a volume that could not be made.</summary>
    private long StatedLength(LogicalVolumeText volume)
    {
        try
        {
            IReadOnlyList<LvmSegment> segments = volume.Segments(text.ExtentSize);
            return segments[^1].Start + segments[^1].Length;
        }
        catch (ForensicException)
        {
            // The reason is told with the volume.
            return 0;
        }
    }

    /// <summary>Says what is unusual about the group as a whole.</summary>
    /// <param name="volumes">What <see cref="Volumes"/> gave: a missing disk is a loss only when one of them suffers.</param>
    public void ReportState(List<Volume> volumes)
    {
        bool isLoss = volumes.Exists(static volume => volume.UnreadableBecause is not null);
        if (text.Section.Has("status", "EXPORTED"))
        {
            context.Diagnostics.Report(new Diagnostic("lvm.vg.exported", "volume group " + displayName + " is marked as exported; it is read all the same"));
        }
        foreach (LvmPhysicalVolume volume in physical.Values)
        {
            string what = "volume group " + displayName + ": physical volume " + volume.Text.Uuid;
            if (volume.Content is null)
            {
                context.Diagnostics.Report(new Diagnostic("lvm.pv.missing", what + " is missing") { LosesContent = isLoss });
                continue;
            }
            if (volume.Text.IsMarkedMissing)
            {
                context.Diagnostics.Report(new Diagnostic("lvm.pv.marked-missing", what + " was missing when the group was last changed; what lies on it may be old"));
            }
            long extents = volume.Text.ExtentCount;
            long start = volume.Text.DataStart;
            if (start is >= 0 and <= long.MaxValue / 1024 && extents >= 0 && (extents > long.MaxValue / 2 / text.ExtentSize || start * 512 + extents * text.ExtentSize > volume.Content.Length))
            {
                context.Diagnostics.Report(new Diagnostic("lvm.pv.truncated", what + " is shorter than its extents; what is missing reads as zeros")
                {
                    LosesContent = true,
                    Expected = string.Create(CultureInfo.InvariantCulture, $"{extents} extents of {text.ExtentSize} bytes"),
                    Actual = string.Create(CultureInfo.InvariantCulture, $"{volume.Content.Length} bytes"),
                });
            }
        }
    }
}
