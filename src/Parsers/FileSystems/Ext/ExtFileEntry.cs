using System.Runtime.CompilerServices;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>The metadata of one ext2/3/4 inode with what is needed to map its content: the <c>i_block</c> area is held in the object.</summary>
/// <remarks>
/// <see cref="FileEntry.Flags"/> is masked as the kernel masks it for FS_IOC_GETFLAGS, and given for every type, although the kernel
/// lets that call be made on regular files and directories only. Limitations: a nanosecond value above 999,999,999 is clamped.
/// </remarks>
public sealed class ExtFileEntry : FileEntry
{
    /// <summary>The 60 bytes of <c>i_block</c>: extent root, block numbers, link target, inline data or device number.</summary>
    [InlineArray(InodeView.BlockAreaSize)]
    internal struct BlockArea
    {
        private byte _first;
    }

    private BlockArea _blockArea;

    internal ExtFileEntry(ReadOnlySpan<byte> blockArea) => blockArea.CopyTo(_blockArea);

    internal ReadOnlySpan<byte> BlockAreaBytes => _blockArea;

    internal uint RawFlags { get; init; }

    internal uint Generation { get; init; }

    /// <summary>512-byte sectors or blocks the inode owns.</summary>
    internal ulong Blocks { get; init; }

    /// <summary>Block of extended attributes, 0 when there is none.</summary>
    internal ulong AttributeBlock { get; init; }

    /// <summary>The inode itself has an area of extended attributes.</summary>
    internal bool HasInodeAttributes { get; init; }

    /// <summary>The whole inode when it is not the one in the table: a copy from the journal. Attributes and inline content are taken from it.</summary>
    internal byte[]? OwnInode { get; init; }

    /// <summary>The map of the content when it cannot be read from the volume as it is now.</summary>
    internal ContentRun[]? KnownRuns { get; init; }

    /// <summary>What fast commits changed about its map and names; null in the ordinary case.</summary>
    internal FastCommitEdit? FastCommit { get; init; }

    internal bool HasRawFlag(uint flag) => (RawFlags & flag) != 0;

    /// <summary>The kernel's test for a target inside the inode: no blocks of its own besides the attribute block, or with ea_inode, where that cannot be told, just short.</summary>
    internal bool IsFastLink(ExtLayout layout)
    {
        if (Type != FileType.SymbolicLink || Size >= InodeView.BlockAreaSize)
        {
            return false;
        }
        if (layout.Features.HasIncompatible(ExtFeatures.AttributeInodes))
        {
            return true;
        }
        const int SectorSize = 512;
        bool inBlocks = layout.Features.HasReadOnly(ExtFeatures.HugeFile) && HasRawFlag(ExtInodeFlags.HugeFile);
        ulong attributeSectors = AttributeBlock == 0 ? 0 : (ulong)(layout.ClusterSize / SectorSize);
        return inBlocks ? Blocks <= (AttributeBlock == 0 ? 0UL : 1UL) : Blocks <= attributeSectors;
    }
}

/// <summary>On-disk inode flags the reader acts upon.</summary>
internal static class ExtInodeFlags
{
    public const uint Encrypted = 0x800;
    public const uint Indexed = 0x1000;
    public const uint HugeFile = 0x40000;
    public const uint Extents = 0x80000;
    public const uint AttributeInode = 0x200000;
    public const uint InlineData = 0x10000000;
    public const uint ProjectInherit = 0x20000000;

    /// <summary>EXT4_FL_USER_VISIBLE of fs/ext4/ext4.h since Linux 5.8 (with DAX).</summary>
    public const uint UserVisible = 0x725BDFFF;
}
