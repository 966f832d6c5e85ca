using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Volumes.Raid;

namespace Forensics.Parsers.Volumes.Lvm2;

/// <summary>
/// RAID segments of LVM: MD's layouts over hidden volumes with the data (<c>_rimage_</c>) and with a superblock of device-mapper each (<c>_rmeta_</c>).
/// Specification: https://docs.kernel.org/admin-guide/device-mapper/dm-raid.html and lvmraid(7).
/// </summary>
/// <remarks>Limitations: a volume that is or was reshaped is refused; two missing images of a RAID 6 are not computed.</remarks>
internal sealed class LvmRaid(VolumeGroupText group, IReadOnlyDictionary<string, LvmDevice> devices, ParseContext context)
{
    private const int MaxImages = 253;

    /// <summary>The content of a segment. Throws a <see cref="ForensicException"/> with the reason when too many images are missing or the type is not known.</summary>
    public IByteSource Open(string name, LvmSegment segment)
    {
        LvmSection section = segment.Section;
        RefuseReshaped(name, section);
        bool hasMetadata = segment.Type != "raid0";
        IReadOnlyList<LvmValue> names = section.List(hasMetadata ? "raids" : "raid0_lvs");
        int step = hasMetadata ? 2 : 1;
        int count = names.Count / step;
        if (count is < 1 or > MaxImages || names.Count % step != 0)
        {
            throw new CorruptDataException("lvm.raids", segment.Start, "1 to 253 images", names.Count.ToString(CultureInfo.InvariantCulture) + " names");
        }
        var images = new Image[count];
        for (int i = 0; i < count; i++)
        {
            string image = names[i * step + step - 1].Text ?? "";
            LvmDevice? device = devices.GetValueOrDefault(image);
            bool isDoubtful = group.LogicalVolumes.TryGetValue(image, out LogicalVolumeText? text) && (text.Section.Has("status", "REBUILD") || text.Section.Has("flags", "REBUILD"));
            byte[]? super = hasMetadata && devices.GetValueOrDefault(names[i * step].Text ?? "")?.Source is { } metadata ? Superblock(metadata) : null;
            images[i] = new Image(image, device?.Source, device?.Failure, super, isDoubtful);
        }
        MarkStale(images);
        return Assemble(name, segment, images);
    }

    private IByteSource Assemble(string name, LvmSegment segment, Image[] images)
    {
        string type = segment.Type;
        if (type == "raid1")
        {
            return Choose(name, images, images.Length - 1)[Array.FindIndex(images, image => !image.IsLeftOut)]!;
        }
        int chunk = LvmSegmentBuilder.ChunkSize(segment.Section.Number("stripe_size"));
        if (type is "raid0" or "raid0_meta")
        {
            return new StripedSource(Choose(name, images, 0)!, chunk, segment.Length);
        }
        if (type is "raid10" or "raid10_near")
        {
            int copies = (int)Math.Clamp(segment.Section.Number("data_copies") ?? 2, 0, 255);
            long column = 0;
            foreach (Image image in images)
            {
                column = Math.Max(column, image.Source?.Length ?? 0);
            }
            Raid10Layout layout = Raid10Layout.Create(1 << 8 | copies, images.Length, chunk, column) ?? throw Unknown(type);
            IByteSource?[] present = Choose(name, images, images.Length - 1);
            return Raid10Source.IsComplete(present, layout) ? new Raid10Source(present, layout, segment.Length) : throw Missing(images);
        }
        (int level, int algorithm) = type switch
        {
            "raid4" => (5, ParityLayout.ParityFirst),
            "raid5" or "raid5_ls" => (5, ParityLayout.LeftSymmetric),
            "raid5_la" => (5, ParityLayout.LeftAsymmetric),
            "raid5_ra" => (5, ParityLayout.RightAsymmetric),
            "raid5_rs" => (5, ParityLayout.RightSymmetric),
            "raid5_n" => (5, ParityLayout.ParityLast),
            "raid6" or "raid6_zr" => (6, ParityLayout.RotatingZeroRestart),
            "raid6_nr" => (6, ParityLayout.RotatingNRestart),
            "raid6_nc" => (6, ParityLayout.RotatingNContinue),
            "raid6_la_6" => (6, ParityLayout.LastIsSyndrome + ParityLayout.LeftAsymmetric),
            "raid6_ra_6" => (6, ParityLayout.LastIsSyndrome + ParityLayout.RightAsymmetric),
            "raid6_ls_6" => (6, ParityLayout.LastIsSyndrome + ParityLayout.LeftSymmetric),
            "raid6_rs_6" => (6, ParityLayout.LastIsSyndrome + ParityLayout.RightSymmetric),
            "raid6_n_6" => (6, ParityLayout.ParityLast),
            _ => throw Unknown(type),
        };
        ParityLayout parity = ParityLayout.Create(level, algorithm, images.Length) ?? throw Unknown(type);
        return new ParitySource(Choose(name, images, 1), parity, chunk, segment.Length);
    }

    /// <summary>The images to read, null for those that are missing or left out. Throws when more than <paramref name="spare"/> are missing.</summary>
    private IByteSource?[] Choose(string name, Image[] images, int spare)
    {
        int missing = 0;
        int doubtful = 0;
        foreach (Image image in images)
        {
            missing += image.Source is null ? 1 : 0;
            doubtful += image.Source is not null && image.IsDoubtful ? 1 : 0;
        }
        if (missing > spare)
        {
            throw Missing(images);
        }
        // Images that are behind are left out where the others suffice; where they do not, old data are better than none, and said.
        bool leaveOut = doubtful > 0 && missing + doubtful <= spare;
        var sources = new IByteSource?[images.Length];
        for (int i = 0; i < images.Length; i++)
        {
            images[i].IsLeftOut = images[i].Source is null || (leaveOut && images[i].IsDoubtful);
            sources[i] = images[i].IsLeftOut ? null : images[i].Source;
        }
        string display = VolumeGroupText.Display(group.Name) + "/" + VolumeGroupText.Display(name);
        if (missing > 0)
        {
            context.Diagnostics.Report(new Diagnostic("lvm.raid.degraded", display + ": images of the RAID are missing; what they held is taken from the others"));
        }
        if (doubtful > 0)
        {
            context.Diagnostics.Report(new Diagnostic("lvm.raid.stale", display + (leaveOut
                ? ": images of the RAID are behind the others or being rebuilt and are left out"
                : ": images of the RAID are behind the others or being rebuilt, but there is nothing else; what is read may be old")) { LosesContent = !leaveOut });
        }
        return sources;
    }

    private static void MarkStale(Image[] images)
    {
        ulong events = 0;
        ulong failedDevices = 0;
        foreach (Image image in images)
        {
            if (image.Super is not { } super || Events(super) < events)
            {
                continue;
            }
            // All that are up to date may know of failures.
            ulong known = BinaryPrimitives.ReadUInt64LittleEndian(super.AsSpan(24));
            failedDevices = Events(super) > events ? known : failedDevices | known;
            events = Events(super);
        }
        for (int i = 0; i < images.Length; i++)
        {
            ulong failed = i < 64 ? failedDevices >> i & 1 : 0;
            bool isBehind = images[i].Super is { } super
                && (Events(super) < events || BinaryPrimitives.ReadUInt64LittleEndian(super.AsSpan(32)) != ulong.MaxValue);
            images[i].IsDoubtful |= failed != 0 || isBehind;
        }
    }

    /// <summary>The superblock of device-mapper's RAID, whose magic is DmRd; null when none was written yet.</summary>
    private static byte[]? Superblock(IByteSource metadata)
    {
        byte[] bytes = metadata.ReadArray(0, 512);
        return bytes.Length == 512 && bytes.AsSpan().StartsWith("DmRd"u8) ? bytes : null;
    }

    private static ulong Events(byte[] super) => BinaryPrimitives.ReadUInt64LittleEndian(super.AsSpan(16));

    private void RefuseReshaped(string name, LvmSection section)
    {
        bool isReshaped = (section.Number("reshape_count") ?? 0) != 0 || (section.Number("data_offset") ?? 0) != 0;
        if (group.LogicalVolumes.TryGetValue(name, out LogicalVolumeText? volume))
        {
            foreach (LvmValue status in volume.Section.List("status"))
            {
                isReshaped |= status.Text is { } text && text.Contains("RESHAPE", StringComparison.Ordinal);
            }
        }
        if (isReshaped)
        {
            throw new UnsupportedFeatureException("an LVM RAID volume that is being or was reshaped");
        }
    }

    private static UnsupportedFeatureException Unknown(string type) => new("LVM segment type '" + VolumeGroupText.Display(type) + "'");

    private static LvmUnavailableException Missing(Image[] images)
    {
        foreach (Image image in images)
        {
            if (image.Source is null)
            {
                return LvmUnavailableException.Because(image.Name, image.Failure ?? "there is no such volume");
            }
        }
        return new LvmUnavailableException("too few images of the RAID are usable");
    }

    private sealed class Image(string name, IByteSource? source, string? failure, byte[]? super, bool isDoubtful)
    {
        public string Name { get; } = name;
        public IByteSource? Source { get; } = source;
        public string? Failure { get; } = failure;
        public byte[]? Super { get; } = super;
        public bool IsDoubtful { get; set; } = isDoubtful;
        public bool IsLeftOut { get; set; }
    }
}
