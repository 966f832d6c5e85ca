using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.DeviceMapper;

/// <summary>The superblock of a thin pool's metadata (little endian), fields named as in the kernel's dm-thin-metadata.c.</summary>
internal readonly ref struct ThinSuperblock(ReadOnlySpan<byte> block)
{
    public const ulong ExpectedMagic = 27022010;
    private readonly ReadOnlySpan<byte> _bytes = block;

    public uint Flags => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);
    public ulong Magic => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[32..]);
    public uint Version => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[40..]);
    public ulong TransId => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[48..]);
    public ulong DataMappingRoot => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[320..]);
    public ulong DeviceDetailsRoot => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[328..]);
    /// <summary>In sectors.</summary>
    public uint DataBlockSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[336..]);
    /// <summary>In sectors.</summary>
    public uint MetadataBlockSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[340..]);
    public uint IncompatFlags => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[360..]);
    public bool NeedsCheck => (Flags & 1) != 0;
}

/// <summary>
/// A device-mapper thin pool: data blocks and the trees that say which thin device has which. Specification:
/// https://docs.kernel.org/admin-guide/device-mapper/thin-provisioning.html and the kernel's drivers/md/dm-thin-metadata.c
/// </summary>
/// <remarks>Limitations: a held metadata snapshot is not shown; the space maps are not read, nor is it checked that no block is used by two devices.</remarks>
internal sealed class ThinPool
{
    private readonly DmBlocks _blocks;
    private readonly IByteSource _data;
    private readonly long _mappingRoot;
    private readonly int _blockSize;
    private readonly IDiagnosticSink _diagnostics;
    private readonly string _name;

    private ThinPool(string name, DmBlocks blocks, IByteSource data, long mappingRoot, int blockSize, ulong transaction, IDiagnosticSink diagnostics)
    {
        _name = name;
        _blocks = blocks;
        _data = data;
        _mappingRoot = mappingRoot;
        _blockSize = blockSize;
        _diagnostics = diagnostics;
        TransactionId = transaction;
    }

    /// <summary>Number of the last change of the set of devices.</summary>
    public ulong TransactionId { get; }

    /// <summary>Opens a pool. Throws <see cref="CorruptDataException"/> when its superblock cannot be used, <see cref="UnsupportedFeatureException"/> for a later version.</summary>
    /// <param name="name">For messages.</param>
    public static ThinPool Open(string name, IByteSource metadata, IByteSource data, IDiagnosticSink diagnostics)
    {
        byte[] block = metadata.ReadArray(0, DmBlocks.BlockSize);
        if (block.Length < DmBlocks.BlockSize || new ThinSuperblock(block).Magic != ThinSuperblock.ExpectedMagic)
        {
            throw new CorruptDataException("thin.superblock", 0, "a thin pool superblock", "none");
        }
        if (!DmBlocks.IsIntact(block, DmBlocks.ThinSuperblockSalt))
        {
            throw new CorruptDataException("thin.superblock", 0, "a right checksum", "a wrong one");
        }
        var super = new ThinSuperblock(block);
        if (super.Version is 0 or > 2 || super.IncompatFlags != 0)
        {
            throw new UnsupportedFeatureException(string.Create(CultureInfo.InvariantCulture, $"thin pool metadata version {super.Version}, incompatible features 0x{super.IncompatFlags:x}"));
        }
        // 64 KiB to 1 GiB in steps of 64 KiB.
        if (super.DataBlockSize is < 128 or > 2097152 || super.DataBlockSize % 128 != 0 || super.DataMappingRoot > long.MaxValue)
        {
            throw new CorruptDataException("thin.superblock", 336, "a block size of 128 to 2097152 sectors", super.DataBlockSize.ToString(CultureInfo.InvariantCulture));
        }
        if (super.NeedsCheck)
        {
            diagnostics.Report(new Diagnostic("thin.needs-check", name + ": the pool is marked as needing a check; it is read as it is"));
        }
        return new ThinPool(name, new DmBlocks(metadata, name, diagnostics), data, (long)super.DataMappingRoot, (int)super.DataBlockSize * 512, super.TransId, diagnostics);
    }

    /// <summary>The content of a thin device; null when the pool has no such device.</summary>
    /// <param name="device">Its number.</param>
    /// <param name="external">What lies below blocks that the device does not have; null for zeros.</param>
    /// <param name="length">Length in bytes.</param>
    public ThinSource? Device(uint device, IByteSource? external, long length) =>
        DmTree.Value(_blocks, _mappingRoot, device) is ulong root and <= long.MaxValue ? new ThinSource(_name, _blocks, (long)root, _blockSize, _data, external, length, _diagnostics) : null;
}
