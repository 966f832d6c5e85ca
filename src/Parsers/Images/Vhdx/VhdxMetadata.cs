using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vhdx;

/// <summary>What the metadata region (little endian) says about the disk. [MS-VHDX] 2.6. Sizes in bytes.</summary>
internal sealed record VhdxMetadata
{
    /// <summary>The largest disk the format allows.</summary>
    private const ulong MaxDiskSize = 64UL << 40;
    private const int TableSize = 64 << 10;
    private const int EntrySize = 32;
    private const int MaxEntries = 2047;
    private const uint IsUserFlag = 1;
    private const uint IsRequiredFlag = 4;

    private static readonly Guid s_fileParameters = new("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");
    private static readonly Guid s_virtualDiskSize = new("2FA54224-CD1B-4876-B211-5DBED83BF4B8");
    private static readonly Guid s_virtualDiskId = new("BECA12AB-B2E6-4523-93EF-C309E000C746");
    private static readonly Guid s_logicalSectorSize = new("8141BF1D-A96F-4709-BA47-F233A8FAAB5F");
    private static readonly Guid s_physicalSectorSize = new("CDA348C7-445D-4471-9CC9-E9885251C556");
    private static readonly Guid s_parentLocator = new("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C");

    /// <summary>Size of a payload block.</summary>
    public required uint BlockSize { get; init; }
    /// <summary>Blocks stay allocated: a fixed disk.</summary>
    public required bool LeaveBlocksAllocated { get; init; }
    /// <summary>A differencing disk.</summary>
    public required bool HasParent { get; init; }
    /// <summary>Size of the disk.</summary>
    public required long VirtualDiskSize { get; init; }
    /// <summary>512 or 4096.</summary>
    public required uint LogicalSectorSize { get; init; }
    /// <summary>512 or 4096; 0 when the item is missing.</summary>
    public uint PhysicalSectorSize { get; init; }
    /// <summary>The identifier the guest sees; empty when the item is missing.</summary>
    public Guid VirtualDiskId { get; init; }
    /// <summary>The parent of a differencing disk.</summary>
    public VhdxParentLocator? Parent { get; init; }

    /// <summary>
    /// Reads the region. Throws <see cref="CorruptDataException"/> naming the item that cannot be used, <see cref="UnsupportedFeatureException"/> for a required item that is
    /// not known.
    /// </summary>
    public static VhdxMetadata Read(IByteSource file, VhdxRegion region)
    {
        byte[] table = file.ReadArray(region.Offset, TableSize);
        if (table.Length < TableSize || !table.AsSpan().StartsWith("metadata"u8))
        {
            throw new CorruptDataException("vhdx.metadata", region.Offset, "a metadata table", table.Length < TableSize ? "the end of the file" : "something else");
        }
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(table.AsSpan(10));
        if (count > MaxEntries)
        {
            throw new CorruptDataException("vhdx.metadata.entry-count", region.Offset + 10, "at most 2047", count.ToString(CultureInfo.InvariantCulture));
        }
        var items = new Dictionary<Guid, VhdxRegion>();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = table.AsSpan(32 + i * EntrySize, EntrySize);
            var kind = new Guid(entry[..16]);
            uint flags = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
            bool isKnown = (flags & IsUserFlag) == 0 && IsKnown(kind);
            if (!isKnown && (flags & IsRequiredFlag) != 0)
            {
                throw new UnsupportedFeatureException("VHDX metadata item " + kind.ToString("B").ToUpperInvariant() + " that must be understood");
            }
            if (isKnown)
            {
                items.TryAdd(kind, new VhdxRegion(BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[20..])));
            }
        }
        return Build(file, region, items);
    }

    private static bool IsKnown(Guid kind) => kind == s_fileParameters || kind == s_virtualDiskSize || kind == s_virtualDiskId
        || kind == s_logicalSectorSize || kind == s_physicalSectorSize || kind == s_parentLocator;

    private static VhdxMetadata Build(IByteSource file, VhdxRegion region, Dictionary<Guid, VhdxRegion> items)
    {
        byte[] parameters = Item(file, region, items, s_fileParameters, "file-parameters", 8) ?? throw Missing(region, "file-parameters");
        byte[] size = Item(file, region, items, s_virtualDiskSize, "virtual-disk-size", 8) ?? throw Missing(region, "virtual-disk-size");
        byte[] logical = Item(file, region, items, s_logicalSectorSize, "logical-sector-size", 4) ?? throw Missing(region, "logical-sector-size");
        byte[]? physical = Item(file, region, items, s_physicalSectorSize, "physical-sector-size", 4);
        byte[]? id = Item(file, region, items, s_virtualDiskId, "virtual-disk-id", 16);
        uint blockSize = BinaryPrimitives.ReadUInt32LittleEndian(parameters);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(parameters.AsSpan(4));
        ulong diskSize = BinaryPrimitives.ReadUInt64LittleEndian(size);
        uint sector = BinaryPrimitives.ReadUInt32LittleEndian(logical);
        if (blockSize is < 1 << 20 or > 256 << 20 || !BitOperations.IsPow2(blockSize))
        {
            throw Bad(region, "block-size", "a power of two from 1 MiB to 256 MiB", blockSize);
        }
        if (sector is not (512 or 4096))
        {
            throw Bad(region, "logical-sector-size", "512 or 4096", sector);
        }
        if (diskSize > MaxDiskSize || diskSize % sector != 0)
        {
            throw Bad(region, "virtual-disk-size", "at most 64 TiB in whole sectors", diskSize);
        }
        bool hasParent = (flags & 2) != 0;
        return new VhdxMetadata
        {
            BlockSize = blockSize,
            LeaveBlocksAllocated = (flags & 1) != 0,
            HasParent = hasParent,
            VirtualDiskSize = (long)diskSize,
            LogicalSectorSize = sector,
            PhysicalSectorSize = physical is null ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(physical),
            VirtualDiskId = id is null ? Guid.Empty : new Guid(id),
            Parent = hasParent ? ReadParent(file, region, items) : null,
        };
    }

    private static VhdxParentLocator ReadParent(IByteSource file, VhdxRegion region, Dictionary<Guid, VhdxRegion> items)
    {
        if (!items.TryGetValue(s_parentLocator, out VhdxRegion place))
        {
            throw Missing(region, "parent-locator");
        }
        int length = (int)Math.Min(place.Length, VhdxParentLocator.MaxSize);
        return VhdxParentLocator.Read(Item(file, region, items, s_parentLocator, "parent-locator", length)!, region.Offset + place.Offset);
    }

    /// <summary>The first bytes of an item; null when there is none.</summary>
    private static byte[]? Item(IByteSource file, VhdxRegion region, Dictionary<Guid, VhdxRegion> items, Guid kind, string name, int size)
    {
        if (!items.TryGetValue(kind, out VhdxRegion place))
        {
            return null;
        }
        if (place.Offset < TableSize || place.Length < size || place.Offset + place.Length > region.Length)
        {
            throw new CorruptDataException("vhdx.metadata." + name, region.Offset, string.Create(CultureInfo.InvariantCulture, $"{size} bytes within the region"),
                string.Create(CultureInfo.InvariantCulture, $"{place.Length} bytes at {place.Offset}"));
        }
        var bytes = new byte[size];
        file.ReadExactly(region.Offset + place.Offset, bytes, "vhdx.metadata." + name);
        return bytes;
    }

    private static CorruptDataException Missing(VhdxRegion region, string name) => new("vhdx.metadata." + name, region.Offset, "an item that every disk of its type has", "none");

    private static CorruptDataException Bad(VhdxRegion region, string name, string expected, ulong actual) =>
        new("vhdx.metadata." + name, region.Offset, expected, actual.ToString(CultureInfo.InvariantCulture));
}
