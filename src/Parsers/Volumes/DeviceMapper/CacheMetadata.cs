using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.DeviceMapper;

/// <summary>The superblock of a cache's metadata (little endian), fields named as in the kernel's dm-cache-metadata.c.</summary>
internal readonly ref struct CacheSuperblock(ReadOnlySpan<byte> block)
{
    public const ulong ExpectedMagic = 1623043; // The kernel writes it in octal: 06142003.
    private readonly ReadOnlySpan<byte> _bytes = block;

    public uint Flags => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);
    public ulong Magic => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[32..]);
    public uint Version => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[40..]);
    public ulong MappingRoot => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[192..]);
    /// <summary>In sectors.</summary>
    public uint DataBlockSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[232..]);
    public uint CacheBlocks => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[240..]);
    public uint IncompatFlags => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[252..]);
    /// <summary>Version 2: a bit set of the dirty blocks.</summary>
    public ulong DirtyRoot => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[284..]);
    public bool IsCleanShutdown => (Flags & 1) != 0;
}

/// <summary>
/// A device-mapper cache: a slow origin and the blocks of it that a fast device holds. Specification:
/// https://docs.kernel.org/admin-guide/device-mapper/cache.html and the kernel's drivers/md/dm-cache-metadata.c
/// </summary>
/// <remarks>
/// After a clean shutdown, only the blocks that are marked as dirty are taken from the cache; otherwise all of them, since any may be. Limitations: none known.
/// </remarks>
internal static class CacheMetadata
{
    private const int MaxBlocks = 1 << 24;

    /// <summary>The origin with the cached blocks over it. Throws <see cref="CorruptDataException"/>, <see cref="UnsupportedFeatureException"/>, <see cref="LimitExceededException"/>.</summary>
    /// <param name="name">For messages.</param>
    public static IByteSource Open(string name, IByteSource origin, IByteSource metadata, IByteSource data, long length, ParseContext context)
    {
        byte[] block = metadata.ReadArray(0, DmBlocks.BlockSize);
        if (block.Length < DmBlocks.BlockSize || new CacheSuperblock(block).Magic != CacheSuperblock.ExpectedMagic || !DmBlocks.IsIntact(block, DmBlocks.CacheSuperblockSalt))
        {
            throw new CorruptDataException("cache.superblock", 0, "a cache superblock with a right checksum", "none");
        }
        var super = new CacheSuperblock(block);
        if (super.Version is 0 or > 2 || super.IncompatFlags != 0)
        {
            throw new UnsupportedFeatureException(string.Create(CultureInfo.InvariantCulture, $"cache metadata version {super.Version}, incompatible features 0x{super.IncompatFlags:x}"));
        }
        // 32 KiB to 1 GiB in steps of 32 KiB.
        if (super.DataBlockSize is < 64 or > 2097152 || super.DataBlockSize % 64 != 0)
        {
            throw new CorruptDataException("cache.superblock", 232, "a block size of 64 to 2097152 sectors", super.DataBlockSize.ToString(CultureInfo.InvariantCulture));
        }
        int blockSize = (int)super.DataBlockSize * 512;
        long count = super.CacheBlocks;
        bool isClean = super.IsCleanShutdown;
        long mapping = Root(super.MappingRoot);
        long dirtyRoot = Root(super.DirtyRoot);
        bool hasBitSet = super.Version >= 2;
        var blocks = new DmBlocks(metadata, name, context.Diagnostics);
        HashSet<long>? dirty = isClean && hasBitSet ? DirtyBlocks(blocks, dirtyRoot, count) : null;
        var runs = new RunCollector(blockSize, MaxBlocks, "cached blocks");
        bool isDamaged = false;
        foreach ((long index, ulong value) in DmTree.Array(blocks, mapping, count))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            // 48 bits of origin block over 16 bits of flags: 1 valid, 2 dirty (version 1).
            bool isNeeded = (value & 1) != 0 && (!isClean || (hasBitSet ? dirty!.Contains(index) : (value & 2) != 0));
            if (!isNeeded)
            {
                continue;
            }
            long originBlock = (long)(value >> 16);
            if (originBlock > length / blockSize || index >= data.Length / blockSize)
            {
                isDamaged = true;
                continue;
            }
            runs.Add(originBlock, index);
        }
        ContentRun[] result = runs.ToRuns(0, out bool hasDuplicates);
        if (isDamaged || hasDuplicates)
        {
            context.Diagnostics.Report(new Diagnostic("cache.mapping", name + ": the cache has blocks outside the volume or its data, or two for a block; they are left out") { LosesContent = true });
        }
        return new OverlaySource(origin, data, result, length);
    }

    private static HashSet<long> DirtyBlocks(DmBlocks blocks, long root, long count)
    {
        var dirty = new HashSet<long>();
        foreach ((long word, ulong bits) in DmTree.Array(blocks, root, (count + 63) / 64))
        {
            for (ulong left = bits; left != 0; left &= left - 1)
            {
                if (dirty.Count >= MaxBlocks)
                {
                    throw new LimitExceededException("dirty blocks", MaxBlocks);
                }
                dirty.Add(word * 64 + System.Numerics.BitOperations.TrailingZeroCount(left));
            }
        }
        return dirty;
    }

    private static long Root(ulong root) => root > long.MaxValue ? -1 : (long)root;
}
