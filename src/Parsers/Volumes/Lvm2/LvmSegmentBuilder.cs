using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Volumes.DeviceMapper;
using Forensics.Parsers.Volumes.Raid;

namespace Forensics.Parsers.Volumes.Lvm2;

/// <summary>Makes the content of a logical volume from its segments, once the volumes they refer to are made.</summary>
/// <remarks>Throws a <see cref="ForensicException"/> whose message is the reason when a segment cannot be read.</remarks>
internal sealed class LvmSegmentBuilder
{
    private static readonly string[] s_references = ["thin_pool", "external_origin", "metadata", "pool", "data", "cache_pool", "cow_store", "merging_store"];
    private static readonly string[] s_areas = ["stripes", "mirrors", "raids", "raid0_lvs"];

    private readonly VolumeGroupText _group;
    private readonly IReadOnlyDictionary<string, LvmPhysicalVolume> _physical;
    private readonly IReadOnlyDictionary<string, LvmDevice> _devices;
    private readonly ParseContext _context;
    private readonly LvmRaid _raid;

    public LvmSegmentBuilder(VolumeGroupText group, IReadOnlyDictionary<string, LvmPhysicalVolume> physical, IReadOnlyDictionary<string, LvmDevice> devices, ParseContext context)
    {
        _group = group;
        _physical = physical;
        _devices = devices;
        _context = context;
        _raid = new LvmRaid(group, devices, context);
    }

    /// <summary>What users call the type.</summary>
    public static string Kind(LvmSegment segment) => segment.Type switch
    {
        "striped" => segment.Section.Number("stripe_count") is null or 1 ? "linear" : "striped",
        "thin" => "thin volume",
        "thin-pool" => "thin pool",
        "cache-pool" => "cache pool",
        "" => "unknown",
        _ => VolumeGroupText.Display(segment.Type),
    };

    /// <summary>Adds the names of the logical volumes that a segment refers to.</summary>
    public void AddNeeds(LvmSegment segment, List<string> needs)
    {
        foreach (string key in s_references)
        {
            if (segment.Section.Text(key) is { } name)
            {
                needs.Add(name);
            }
        }
        // A thin volume only remembers where it came from; its own mapping has all that it needs.
        if (segment.Type is "cache" or "snapshot" && segment.Section.Text("origin") is { } origin)
        {
            needs.Add(origin);
        }
        foreach (string key in s_areas)
        {
            foreach (LvmValue item in segment.Section.List(key))
            {
                if (item.Text is { } name && !_physical.ContainsKey(name))
                {
                    needs.Add(name);
                }
            }
        }
    }

    /// <summary>Makes the device of a volume.</summary>
    public LvmDevice Build(string name, string kind, IReadOnlyList<LvmSegment> segments, long length)
    {
        if (segments.Count == 1 && segments[0].Type is "thin-pool" or "cache-pool")
        {
            return Pool(name, kind, segments[0], length);
        }
        var parts = new List<SourceSegment>();
        foreach (LvmSegment segment in segments)
        {
            AddParts(name, segment, parts);
        }
        return new LvmDevice(kind, length) { Source = SegmentedSource.Create(parts, length) };
    }

    private void AddParts(string name, LvmSegment segment, List<SourceSegment> parts)
    {
        switch (segment.Type)
        {
            case "striped":
                parts.Add(Striped(segment));
                break;
            case "mirror":
                parts.Add(Mirror(segment));
                break;
            case "zero":
                parts.Add(new SourceSegment(segment.Start, segment.Length, null, 0));
                break;
            case "error":
                // As in a running system: every read of it fails, so nothing can be there.
                throw new CorruptDataException("lvm.segment.error", segment.Start, "a segment with data", "one of type error, every read of which fails");
            case "thin":
                parts.Add(new SourceSegment(segment.Start, segment.Length, Thin(name, segment), 0));
                break;
            case "snapshot":
                parts.Add(new SourceSegment(segment.Start, segment.Length, Snapshot(segment), 0));
                break;
            case "cache":
                parts.Add(new SourceSegment(segment.Start, segment.Length, Cached(name, segment), 0));
                break;
            case ['r', 'a', 'i', 'd', ..]:
                parts.Add(new SourceSegment(segment.Start, segment.Length, _raid.Open(name, segment), 0));
                break;
            case "vdo" or "vdo-pool" or "writecache" or "integrity":
                throw new UnsupportedFeatureException("LVM " + segment.Type + " volume");
            default:
                throw new UnsupportedFeatureException("LVM segment type '" + VolumeGroupText.Display(segment.TypeText) + "'");
        }
    }

    private SourceSegment Striped(LvmSegment segment)
    {
        IReadOnlyList<LvmValue> areas = segment.Section.List("stripes");
        int count = areas.Count / 2;
        if (count == 0 || areas.Count % 2 != 0 || segment.Section.Number("stripe_count") is { } stated && stated != count)
        {
            throw new CorruptDataException("lvm.stripes", segment.Start, "a place for each stripe", areas.Count.ToString(CultureInfo.InvariantCulture) + " values");
        }
        if (count == 1)
        {
            (IByteSource source, long offset) = Area(areas[0], areas[1], segment.Length);
            return new SourceSegment(segment.Start, segment.Length, source, offset);
        }
        int chunk = ChunkSize(segment.Section.Number("stripe_size"));
        if (segment.Length / count * count != segment.Length)
        {
            throw new CorruptDataException("lvm.stripes", segment.Start, "a length that the stripes can share", segment.Length.ToString(CultureInfo.InvariantCulture));
        }
        var columns = new List<IByteSource>(count);
        for (int i = 0; i < count; i++)
        {
            (IByteSource source, long offset) = Area(areas[i * 2], areas[i * 2 + 1], segment.Length / count);
            columns.Add(new Slice(source, offset, segment.Length / count));
        }
        return new SourceSegment(segment.Start, segment.Length, new StripedSource(columns, chunk, segment.Length), 0);
    }

    /// <summary>Each leg is a whole copy; the log only says which regions may differ. The first leg that is there is the one the kernel keeps right.</summary>
    private SourceSegment Mirror(LvmSegment segment)
    {
        IReadOnlyList<LvmValue> areas = segment.Section.List("mirrors");
        ForensicException? failure = null;
        for (int i = 0; i + 1 < areas.Count; i += 2)
        {
            try
            {
                (IByteSource source, long offset) = Area(areas[i], areas[i + 1], segment.Length);
                return new SourceSegment(segment.Start, segment.Length, source, offset);
            }
            catch (ForensicException exception)
            {
                failure ??= exception;
            }
        }
        throw failure ?? new CorruptDataException("lvm.mirrors", segment.Start, "at least one leg", "none");
    }

    /// <summary>Where an area lies: on a physical volume or in another logical one.</summary>
    private (IByteSource Source, long Offset) Area(LvmValue name, LvmValue extent, long length)
    {
        long first = extent.Number ?? -1;
        if (name.Text is null || first < 0 || first > long.MaxValue / 2 / _group.ExtentSize)
        {
            throw new CorruptDataException("lvm.area", -1, "a name and a first extent", extent.Number?.ToString(CultureInfo.InvariantCulture) ?? "something else");
        }
        long offset = first * _group.ExtentSize;
        if (!_physical.TryGetValue(name.Text, out LvmPhysicalVolume? volume))
        {
            LvmDevice device = Needed(name.Text);
            Within(offset, length, device.Length);
            return (device.Source ?? throw NoContent(name.Text), offset);
        }
        PhysicalVolumeText text = volume.Text;
        if (text.DataStart is < 0 or > long.MaxValue / 1024 || text.ExtentCount < 0 || text.ExtentCount > long.MaxValue / 2 / _group.ExtentSize)
        {
            throw new CorruptDataException("lvm.pv", -1, "a start and a number of extents", "numbers that no disk has");
        }
        Within(offset, length, text.ExtentCount * _group.ExtentSize);
        return (volume.Content ?? throw new LvmUnavailableException("physical volume " + text.Uuid + " is missing"), text.DataStart * 512 + offset);
    }

    private static void Within(long offset, long length, long limit)
    {
        if (offset > limit || length > limit - offset)
        {
            throw new CorruptDataException("lvm.area", offset, "an area inside its volume", "one past its end");
        }
    }

    private LvmDevice Pool(string name, string kind, LvmSegment segment, long length)
    {
        if (segment.Type == "cache-pool")
        {
            return new LvmDevice(kind, length) { Cache = new LvmCachePool(Content(segment, "metadata"), Content(segment, "data")) };
        }
        ThinPool pool = ThinPool.Open(DisplayName(name), Content(segment, "metadata"), Content(segment, "pool"), _context.Diagnostics);
        if (segment.Section.Number("transaction_id") is { } transaction && (ulong)transaction != pool.TransactionId)
        {
            _context.Diagnostics.Report(new Diagnostic("lvm.thin.transaction", DisplayName(name) + ": the pool's own metadata and LVM's do not know the same thin volumes")
            {
                Expected = transaction.ToString(CultureInfo.InvariantCulture),
                Actual = pool.TransactionId.ToString(CultureInfo.InvariantCulture),
            });
        }
        return new LvmDevice(kind, length) { Pool = pool };
    }

    private ThinSource Thin(string name, LvmSegment segment)
    {
        string poolName = segment.Section.Text("thin_pool") ?? throw new CorruptDataException("lvm.thin", segment.Start, "the name of a pool", "none");
        ThinPool pool = Needed(poolName).Pool ?? throw new CorruptDataException("lvm.thin", segment.Start, "a thin pool", VolumeGroupText.Display(poolName));
        long device = segment.Section.Number("device_id") ?? -1;
        IByteSource? external = segment.Section.Text("external_origin") is null ? null : Content(segment, "external_origin");
        if (segment.Section.Text("merge") is not null)
        {
            _context.Diagnostics.Report(new Diagnostic("lvm.thin.merge", DisplayName(name) + ": the volume is to be replaced by a snapshot when it is next activated; it is read as it is"));
        }
        return (device is >= 0 and <= uint.MaxValue ? pool.Device((uint)device, external, segment.Length) : null)
            ?? throw new CorruptDataException("lvm.thin", segment.Start, "a device of the pool", "device " + device.ToString(CultureInfo.InvariantCulture));
    }

    private IByteSource Snapshot(LvmSegment segment)
    {
        string store = segment.Section.Text("merging_store") is null ? "cow_store" : "merging_store";
        return SnapshotStore.Open(DisplayName(segment.Section.Text(store) ?? ""), Content(segment, "origin"), Content(segment, store), segment.Length, _context);
    }

    private IByteSource Cached(string name, LvmSegment segment)
    {
        IByteSource origin = Content(segment, "origin");
        string poolName = segment.Section.Text("cache_pool") ?? throw new CorruptDataException("lvm.cache", segment.Start, "the name of a cache pool", "none");
        LvmDevice pool = Needed(poolName);
        if (pool.Cache is { } cache)
        {
            return CacheMetadata.Open(DisplayName(name), origin, cache.Metadata, cache.Data, segment.Length, _context);
        }
        // A cache volume holds both, side by side; places in sectors.
        IByteSource both = pool.Source ?? throw NoContent(poolName);
        return CacheMetadata.Open(DisplayName(name), origin, Stretch(both, segment, "metadata"), Stretch(both, segment, "data"), segment.Length, _context);
    }

    private static Slice Stretch(IByteSource source, LvmSegment segment, string what)
    {
        long start = segment.Section.Number(what + "_start") ?? -1;
        long length = segment.Section.Number(what + "_len") ?? -1;
        return start is >= 0 and <= long.MaxValue / 512 && length is > 0 and <= long.MaxValue / 512
            ? new Slice(source, start * 512, length * 512)
            : throw new CorruptDataException("lvm.cache", segment.Start, "the place of " + what + " in the cache volume", "none");
    }

    private IByteSource Content(LvmSegment segment, string key)
    {
        string name = segment.Section.Text(key) ?? throw new CorruptDataException("lvm." + segment.Type, segment.Start, "the name of a volume for " + key, "none");
        return Needed(name).Source ?? throw NoContent(name);
    }

    /// <summary>A device that was made, or the reason why it was not.</summary>
    private LvmDevice Needed(string name)
    {
        LvmDevice? device = _devices.GetValueOrDefault(name);
        return device?.Failure is { } failure ? throw LvmUnavailableException.Because(name, failure)
            : device ?? throw new CorruptDataException("lvm.area", -1, "a volume", VolumeGroupText.Display(name));
    }

    private static CorruptDataException NoContent(string name) => new("lvm.area", -1, "a volume with content", VolumeGroupText.Display(name));

    private string DisplayName(string name) => VolumeGroupText.Display(_group.Name) + "/" + VolumeGroupText.Display(name);

    /// <summary>Sectors to bytes. Throws when it is no size of a chunk.</summary>
    public static int ChunkSize(long? sectors) => sectors is >= 1 and <= 1 << 21 ? (int)sectors * 512
        : throw new CorruptDataException("lvm.stripe_size", -1, "1 to 2097152 sectors", sectors?.ToString(CultureInfo.InvariantCulture) ?? "none");
}
