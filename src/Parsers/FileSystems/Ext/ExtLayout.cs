using System.Globalization;
using System.Numerics;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>The geometry of one volume, taken from a superblock that passed <see cref="Problem"/>. Immutable.</summary>
internal sealed class ExtLayout
{
    private const int SmallestInode = 128;
    private const int SmallestDescriptor = 32;
    private const int SmallestDescriptor64 = 64;
    private const uint RevisionWithInodeSize = 1;
    private const uint FirstInodeOfRevision0 = 11;
    private const uint LinuxCreator = 0;
    private const long MostBlocks = 1L << 48;

    public ExtLayout(Superblock superblock)
    {
        Features = superblock.Features;
        BlockSize = 1024 << (int)superblock.LogBlockSize;
        BlockCount = (long)superblock.BlocksCount;
        FirstDataBlock = superblock.FirstDataBlock;
        BlocksPerGroup = superblock.BlocksPerGroup;
        InodesPerGroup = superblock.InodesPerGroup;
        InodeSize = superblock.RevisionLevel >= RevisionWithInodeSize ? superblock.InodeSize : SmallestInode;
        DescriptorSize = Features.HasIncompatible(ExtFeatures.Bits64) ? superblock.DescriptorSize : SmallestDescriptor;
        GroupCount = (BlockCount - FirstDataBlock + BlocksPerGroup - 1) / BlocksPerGroup;
        // Divided, not multiplied: a hostile group count must not overflow.
        InodeCount = superblock.InodesCount / InodesPerGroup >= GroupCount ? (uint)(GroupCount * InodesPerGroup) : superblock.InodesCount;
        FirstInode = superblock.RevisionLevel >= RevisionWithInodeSize ? superblock.FirstInode : FirstInodeOfRevision0;
        FirstMetaBg = superblock.FirstMetaBg;
        BackupGroup0 = superblock.BackupGroup0;
        BackupGroup1 = superblock.BackupGroup1;
        Uuid = superblock.Uuid.ToArray();
        // The kernel treats fragments other than the block size as blocks unless clusters are really in use.
        ClusterSize = Features.HasReadOnly(ExtFeatures.BigAlloc) ? 1024L << (int)superblock.LogClusterSize : BlockSize;
        const byte Crc32CType = 1;
        HasMetadataChecksums = Features.HasReadOnly(ExtFeatures.MetadataChecksums) && superblock.ChecksumType == Crc32CType && superblock.CreatorOs == LinuxCreator;
        ChecksumSeed = Features.HasIncompatible(ExtFeatures.ChecksumSeed)
            ? superblock.ChecksumSeed
            : Checksums.Crc32C(Checksums.Crc32CSeed, superblock.Uuid);
    }

    public ExtFeatures Features { get; }

    /// <summary>Bytes, 1024 to 65536.</summary>
    public int BlockSize { get; }

    public long BlockCount { get; }

    public long FirstDataBlock { get; }

    public long BlocksPerGroup { get; }

    public long InodesPerGroup { get; }

    public long GroupCount { get; }

    /// <summary>The highest inode number.</summary>
    public uint InodeCount { get; }

    /// <summary>The first inode that is not reserved, as the superblock says.</summary>
    public uint FirstInode { get; }

    /// <summary>Bytes, a power of two from 128 up to the block size.</summary>
    public int InodeSize { get; }

    /// <summary>Bytes, a power of two from 32 to 1024.</summary>
    public int DescriptorSize { get; }

    /// <summary>Bytes; the block size without <c>bigalloc</c>.</summary>
    public long ClusterSize { get; }

    public uint FirstMetaBg { get; }

    public uint BackupGroup0 { get; }

    public uint BackupGroup1 { get; }

    public byte[] Uuid { get; }

    public bool HasMetadataChecksums { get; }

    /// <summary>Start of every metadata checksum but the superblock's.</summary>
    public uint ChecksumSeed { get; }

    public int DescriptorsPerBlock => BlockSize / DescriptorSize;

    public long InodeTableBlocks => (InodesPerGroup * InodeSize + BlockSize - 1) / BlockSize;

    /// <summary>Seed of the checksums of what belongs to one inode: its extent and directory blocks, and itself.</summary>
    public uint InodeSeed(uint inode, uint generation) => Checksums.Crc32C(Checksums.Crc32C(ChecksumSeed, inode), generation);

    /// <summary>First block of a group.</summary>
    public long GroupStart(long group) => FirstDataBlock + group * BlocksPerGroup;

    /// <summary>Whether <paramref name="count"/> blocks from <paramref name="block"/> can belong to a file: inside the volume and not the superblock.</summary>
    public bool ContainsBlocks(long block, long count) => block > FirstDataBlock && count > 0 && block < BlockCount && count <= BlockCount - block;

    /// <summary>Whether a group begins with a copy of the superblock.</summary>
    public bool HasSuperblock(long group)
    {
        if (group == 0)
        {
            return true;
        }
        if (Features.HasCompatible(ExtFeatures.SparseSuper2))
        {
            return group == BackupGroup0 || group == BackupGroup1;
        }
        if (group == 1 || !Features.HasReadOnly(ExtFeatures.SparseSuper))
        {
            return true;
        }
        return IsPowerOf(group, 3) || IsPowerOf(group, 5) || IsPowerOf(group, 7);
    }

    /// <summary>Why a superblock cannot be used at all: the field, what the format demands and what is there; null when it can.</summary>
    public static (string Field, string Expected, string Actual)? Problem(Superblock superblock)
    {
        if (superblock.Magic != Superblock.ExpectedMagic)
        {
            return ("s_magic", "0xEF53", Hex(superblock.Magic));
        }
        if (superblock.LogBlockSize > 6)
        {
            return ("s_log_block_size", "0 to 6", Text(superblock.LogBlockSize));
        }
        if (superblock.RevisionLevel > 1)
        {
            return ("s_rev_level", "0 or 1", Text(superblock.RevisionLevel));
        }
        int blockSize = 1024 << (int)superblock.LogBlockSize;
        long bitsPerBlock = 8L * blockSize;
        bool bigAlloc = superblock.Features.HasReadOnly(ExtFeatures.BigAlloc);
        if (bigAlloc && (superblock.LogClusterSize < superblock.LogBlockSize || superblock.LogClusterSize > 30))
        {
            return ("s_log_cluster_size", "at least the block size", Text(superblock.LogClusterSize));
        }
        long blocksPerCluster = bigAlloc ? 1L << (int)(superblock.LogClusterSize - superblock.LogBlockSize) : 1;
        if (superblock.BlocksPerGroup == 0 || superblock.BlocksPerGroup > bitsPerBlock * blocksPerCluster)
        {
            return ("s_blocks_per_group", "1 to " + Text(bitsPerBlock * blocksPerCluster), Text(superblock.BlocksPerGroup));
        }
        if (superblock.RevisionLevel > 0 && (superblock.InodeSize < SmallestInode || superblock.InodeSize > blockSize || !BitOperations.IsPow2(superblock.InodeSize)))
        {
            return ("s_inode_size", "a power of two from 128 to the block size", Text(superblock.InodeSize));
        }
        if (superblock.InodesPerGroup == 0 || superblock.InodesPerGroup > bitsPerBlock)
        {
            return ("s_inodes_per_group", "1 to " + Text(bitsPerBlock), Text(superblock.InodesPerGroup));
        }
        if (superblock.Features.HasIncompatible(ExtFeatures.Bits64)
            && (superblock.DescriptorSize < SmallestDescriptor64 || superblock.DescriptorSize > 1024 || !BitOperations.IsPow2(superblock.DescriptorSize)))
        {
            return ("s_desc_size", "a power of two from 64 to 1024", Text(superblock.DescriptorSize));
        }
        if (superblock.BlocksCount <= superblock.FirstDataBlock || superblock.BlocksCount > (ulong)Math.Min(MostBlocks, long.MaxValue / blockSize))
        {
            return ("s_blocks_count", "more than s_first_data_block, at most 2^48", superblock.BlocksCount.ToString(CultureInfo.InvariantCulture));
        }
        if (superblock.FirstDataBlock > 1)
        {
            return ("s_first_data_block", "0 or 1", Text(superblock.FirstDataBlock));
        }
        return superblock.InodesCount == 0 ? ("s_inodes_count", "at least 1", "0") : null;
    }

    /// <summary>The first field in which two superblocks describe another geometry, that is, lead to other bytes, with both values; null when they describe the same.</summary>
    public (string Field, string Mine, string Theirs)? Difference(ExtLayout other)
    {
        static (string, string, string)? Compare(string field, long mine, long theirs) => mine == theirs ? null : (field, Text(mine), Text(theirs));
        const uint Ignored = ExtFeatures.NeedsRecovery;
        return Compare("s_log_block_size", BlockSize, other.BlockSize)
            ?? Compare("s_first_data_block", FirstDataBlock, other.FirstDataBlock)
            ?? Compare("s_blocks_per_group", BlocksPerGroup, other.BlocksPerGroup)
            ?? Compare("s_inodes_per_group", InodesPerGroup, other.InodesPerGroup)
            ?? Compare("s_inode_size", InodeSize, other.InodeSize)
            ?? Compare("s_desc_size", DescriptorSize, other.DescriptorSize)
            ?? Compare("s_blocks_count", BlockCount, other.BlockCount)
            ?? Compare("s_inodes_count", InodeCount, other.InodeCount)
            ?? Compare("s_first_meta_bg", FirstMetaBg, other.FirstMetaBg)
            ?? Compare("s_feature_incompat", Features.Incompatible | Ignored, other.Features.Incompatible | Ignored)
            ?? Compare("checksum seed", ChecksumSeed, other.ChecksumSeed);
    }

    /// <summary>The groups that begin with a copy of the superblock, without the first; at most a few, whatever the number of groups.</summary>
    public IEnumerable<long> BackupGroups()
    {
        const long FirstGroups = 4096;
        // With sparse_super copies thin out quickly: 3^20 is past any volume.
        for (long group = 1; group < GroupCount && group < FirstGroups; group++)
        {
            if (HasSuperblock(group))
            {
                yield return group;
            }
        }
        if (Features.HasCompatible(ExtFeatures.SparseSuper2))
        {
            foreach (uint group in (uint[])[BackupGroup0, BackupGroup1])
            {
                if (group >= FirstGroups && group < GroupCount)
                {
                    yield return group;
                }
            }
        }
    }

    private static bool IsPowerOf(long value, long factor)
    {
        while (value % factor == 0)
        {
            value /= factor;
        }
        return value == 1;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("X4", CultureInfo.InvariantCulture);
}
