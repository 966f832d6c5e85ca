using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Mapped;

namespace Forensics.Parsers.Images.Vdi;

/// <summary>
/// VirtualBox' disk image (VDI), header version 1.1: dynamic and fixed. Specification: https://forums.virtualbox.org/viewtopic.php?t=8046 and
/// https://gitlab.com/qemu-project/qemu/-/blob/master/block/vdi.c
/// </summary>
/// <remarks>
/// Throws <see cref="UnsupportedFeatureException"/> for differencing and undo images and for other header versions, <see cref="CorruptDataException"/> naming the header field
/// otherwise. Damage below the header is a diagnostic and reads as zeros.
/// Limitations: a differencing image knows its parent by UUID alone, no name to look for, so it is refused: merge it first with <c>VBoxManage clonemedium</c>.
/// </remarks>
public sealed class VdiFormat : IFormat<DiskImage>
{
    private const uint Version11 = 0x00010001;
    private const uint LeastHeaderSize = 0x180;

    /// <inheritdoc/>
    public string Name => "vdi";

    /// <inheritdoc/>
    public int HeaderSize => VdiHeader.SignatureOffset + 4;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) =>
        header.Length >= HeaderSize && header.StartsWith("<<< "u8) && BinaryPrimitives.ReadUInt32LittleEndian(header[VdiHeader.SignatureOffset..]) == VdiHeader.Signature;

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context)
    {
        Span<byte> bytes = stackalloc byte[VdiHeader.Size];
        source.ReadExactly(0, bytes, "vdi.header");
        var header = new VdiHeader(bytes);
        Check(header);
        var files = new MappedFiles(source, source, Backing: null, TableBudget.CacheBytes(context.Limits));
        var anomalies = new MappedAnomalies((long)header.DiskSize, header.BlockSize, context.Diagnostics);
        return new DiskImage(Name, new VdiContent(files, header, anomalies))
        {
            Facts =
            [
                new("variant", header.ImageType == 1 ? "dynamic" : "fixed"),
                new("virtual size", header.DiskSize.ToString(CultureInfo.InvariantCulture)),
                new("block size", header.BlockSize.ToString(CultureInfo.InvariantCulture)),
                new("blocks allocated", header.BlocksAllocated.ToString(CultureInfo.InvariantCulture)),
                new("uuid", header.UuidImage.ToString()),
            ],
        };
    }

    private static void Check(in VdiHeader header)
    {
        if (header.Version != Version11)
        {
            throw new UnsupportedFeatureException(string.Create(CultureInfo.InvariantCulture, $"VDI header version {header.Version >> 16}.{header.Version & 0xFFFF}"));
        }
        if (header.HeaderSize < LeastHeaderSize)
        {
            throw VdiHeader.Bad("header_size", 0x48, "at least 384", header.HeaderSize);
        }
        if (header.ImageType is 3 or 4 || header.UuidParent != Guid.Empty)
        {
            throw new UnsupportedFeatureException("VDI " + (header.ImageType == 3 ? "undo" : "differencing") + " image of the parent {" + header.UuidParent
                + "} (merge it first with VBoxManage clonemedium)");
        }
        if (header.ImageType is not (1 or 2))
        {
            throw VdiHeader.Bad("image_type", 0x4C, "1 (dynamic), 2 (fixed), 3 (undo) or 4 (differencing)", header.ImageType);
        }
        if (header.BlockSize is < 4096 or > 256 << 20 || !BitOperations.IsPow2(header.BlockSize))
        {
            throw VdiHeader.Bad("block_size", 0x178, "a power of two from 4096 to 268435456", header.BlockSize);
        }
        if (header.BlockExtra > 1 << 20)
        {
            throw VdiHeader.Bad("block_extra", 0x17C, "at most 1048576", header.BlockExtra);
        }
        if (header.OffsetBmap < header.HeaderSize || header.OffsetBmap % 512 != 0)
        {
            throw VdiHeader.Bad("offset_bmap", 0x154, "a sector after the header", header.OffsetBmap);
        }
        if (header.OffsetData % 512 != 0 || header.OffsetData < header.OffsetBmap)
        {
            throw VdiHeader.Bad("offset_data", 0x158, "a sector after the block map", header.OffsetData);
        }
        // 2^32 blocks of 2^28 bytes: no overflow.
        if (header.DiskSize > (ulong)header.BlocksInImage * header.BlockSize)
        {
            throw VdiHeader.Bad("disk_size", 0x170, "at most what the blocks hold", header.DiskSize);
        }
    }
}

/// <summary>The disk of a VDI image. An entry is the number of a block behind the map; the two highest stand for blocks that were never written and that were discarded.</summary>
internal sealed class VdiContent : BlockMapDisk
{
    private const uint FirstSpecial = 0xFFFFFFFE;

    private readonly long _firstBlock;
    private readonly long _blockStride;

    public VdiContent(MappedFiles files, in VdiHeader header, MappedAnomalies anomalies)
        : base(files, (long)header.DiskSize, header.OffsetBmap, header.BlocksInImage, header.BlockSize, anomalies, new TableAnomalies("vdi", "bmap", "block"))
    {
        // What VirtualBox may keep with each block lies before its data.
        _firstBlock = (long)header.OffsetData + header.BlockExtra;
        _blockStride = (long)header.BlockSize + header.BlockExtra;
    }

    /// <inheritdoc/>
    protected override long? HostOf(uint entry) => entry >= FirstSpecial ? null : _firstBlock + entry * _blockStride;
}
