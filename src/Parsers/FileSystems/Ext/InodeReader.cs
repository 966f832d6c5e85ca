using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>Decodes an inode into the entry that is handed out. Cheap: one object, no reading beyond the cached inode table.</summary>
internal sealed class InodeReader(InodeTable inodes, ExtLayout layout, ExtDiagnostics diagnostics, FastCommitOverlay? fastCommits = null)
{
    /// <summary>Throws <c>CorruptDataException</c> when the number is out of range, the inode is free, or its type or size is impossible.</summary>
    public ExtFileEntry Open(ulong number)
    {
        ReadOnlyMemory<byte> raw = inodes.Read(number, out long offset);
        var inode = new InodeView(raw.Span);
        FileType type = RequireType(inode, number, offset);
        Verify(inode, number, offset);
        return Decode(inode, number, offset, type, default);
    }

    /// <summary>
    /// The entry of an inode that is no longer, or not only, in use: nothing is reported. Null when the bytes are not an inode of that number:
    /// no type, an impossible size, or a wrong checksum.
    /// </summary>
    public ExtFileEntry? Recover(ReadOnlySpan<byte> raw, ulong number, in RecoveredInode origin)
    {
        if (raw.Length < InodeView.GoodOldSize)
        {
            return null;
        }
        var inode = new InodeView(raw);
        FileType type = TypeOf(inode.Mode);
        if (type == FileType.Unknown || (layout.HasMetadataChecksums && !inode.ChecksumMatches(layout.InodeSeed((uint)number, inode.Generation), out _, out _)))
        {
            return null;
        }
        return IsWide(type) && inode.SizeHigh > int.MaxValue ? null : Decode(inode, number, -1, type, origin);
    }

    private ExtFileEntry Decode(InodeView inode, ulong number, long offset, FileType type, in RecoveredInode origin)
    {
        uint flags = inode.Flags & ExtInodeFlags.UserVisible;
        // A small number is not a time but the next inode in the list of orphans.
        Timestamp? deleted = inode.LinksCount == 0 && inode.DeletionTime > layout.InodeCount ? new Timestamp(inode.DeletionTime, 0) : null;
        (uint major, uint minor) = type is FileType.CharacterDevice or FileType.BlockDevice ? Device(inode.BlockArea) : default;
        return new ExtFileEntry(inode.BlockArea)
        {
            MetadataAddress = number,
            Type = type,
            Size = Size(inode, type, number, offset),
            Permissions = inode.Mode & 0xFFF,
            UserId = inode.Uid,
            GroupId = inode.Gid,
            LinkCount = inode.LinksCount,
            Modified = inode.ModificationTime,
            Changed = inode.ChangeTime,
            Accessed = inode.AccessTime,
            Created = inode.CreationTime,
            Deleted = origin.Deleted ?? deleted,
            Allocation = origin.Allocation ?? (deleted is null ? Allocation.Allocated : Allocation.Deleted),
            Flags = type == FileType.Regular ? flags & ~ExtInodeFlags.ProjectInherit : flags,
            DeviceMajor = major,
            DeviceMinor = minor,
            RawFlags = inode.Flags,
            Generation = inode.Generation,
            Blocks = inode.Blocks,
            AttributeBlock = inode.FileAcl(layout.Features.HasIncompatible(ExtFeatures.Bits64)),
            HasInodeAttributes = HasAttributeMagic(inode.Tail),
            OwnInode = origin.OwnInode,
            KnownRuns = origin.KnownRuns,
            // Fast commits changed the inode as it is now, not what it was before.
            FastCommit = origin.OwnInode is null ? fastCommits?.Find(number) : null,
        };
    }

    private static FileType RequireType(InodeView inode, ulong number, long offset)
    {
        FileType type = TypeOf(inode.Mode);
        return type != FileType.Unknown ? type
            : throw new CorruptDataException("ext4.inode", offset, "a file type in the mode of inode " + Text((long)number), inode.Mode == 0 ? "a free inode" : "mode 0" + Convert.ToString(inode.Mode, 8));
    }

    private void Verify(InodeView inode, ulong number, long offset)
    {
        if (!inode.HasValidExtraSize)
        {
            diagnostics.Report("ext4.inode.extra_size", "an inode claims more fixed fields than it has room for", "a multiple of 4 up to " + Text(layout.InodeSize - InodeView.GoodOldSize),
                "another", offset, number);
        }
        if (layout.HasMetadataChecksums && !inode.ChecksumMatches(layout.InodeSeed((uint)number, inode.Generation), out uint computed, out uint stored))
        {
            diagnostics.Report("ext4.inode.checksum", "an inode has a wrong checksum", Hex(computed), Hex(stored), offset, number);
        }
        if (inode.LinksCount == 0)
        {
            diagnostics.Report("ext4.inode.unlinked", "an inode without a name is opened", "at least one link", "0", offset, number);
        }
    }

    private long Size(InodeView inode, FileType type, ulong number, long offset)
    {
        ulong size = inode.SizeLow | (IsWide(type) ? (ulong)inode.SizeHigh << 32 : 0);
        if (size > long.MaxValue)
        {
            throw new CorruptDataException("ext4.inode.size", offset, "less than 2^63 in inode " + Text((long)number), size.ToString(CultureInfo.InvariantCulture));
        }
        const long MostLogicalBlocks = 1L << 32;
        if (size > (ulong)(MostLogicalBlocks * layout.BlockSize))
        {
            diagnostics.Report("ext4.inode.size", "a file is larger than the file system can map", "at most " + Text(MostLogicalBlocks * layout.BlockSize), Text((long)size), offset, number);
        }
        return (long)size;
    }

    /// <summary>Only regular files, and directories with large_dir, use the upper half of the size: in ext2 directories it is something else.</summary>
    private bool IsWide(FileType type) => type == FileType.Regular || layout.Features.HasIncompatible(ExtFeatures.LargeDirectories);

    private static bool HasAttributeMagic(ReadOnlySpan<byte> tail)
    {
        const uint Magic = 0xEA020000;
        return tail.Length >= 8 && BinaryPrimitives.ReadUInt32LittleEndian(tail) == Magic;
    }

    /// <summary>The type in the upper four bits of a mode.</summary>
    public static FileType TypeOf(ushort mode) => (mode >> 12) switch
    {
        0x1 => FileType.Fifo,
        0x2 => FileType.CharacterDevice,
        0x4 => FileType.Directory,
        0x6 => FileType.BlockDevice,
        0x8 => FileType.Regular,
        0xA => FileType.SymbolicLink,
        0xC => FileType.Socket,
        _ => FileType.Unknown,
    };

    /// <summary>The 16-bit number of old kernels in the first word, else the 32-bit one (12 bits major, 20 bits minor) in the second.</summary>
    private static (uint Major, uint Minor) Device(ReadOnlySpan<byte> area)
    {
        uint old = BinaryPrimitives.ReadUInt32LittleEndian(area);
        if (old != 0)
        {
            return (old >> 8 & 0xFF, old & 0xFF);
        }
        uint wide = BinaryPrimitives.ReadUInt32LittleEndian(area[4..]);
        return (wide >> 8 & 0xFFF, wide & 0xFF | wide >> 12 & 0xFFF00);
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("X8", CultureInfo.InvariantCulture);
}

/// <summary>What is known of an inode beside its bytes when it was brought back from elsewhere.</summary>
/// <param name="Allocation">What it is; null to judge by the inode alone.</param>
/// <param name="Deleted">When it was deleted; null to take what the inode says.</param>
/// <param name="OwnInode">The bytes of the inode when they are not those in the table.</param>
/// <param name="KnownRuns">The map of its content when it cannot be read from the volume as it is now.</param>
internal readonly record struct RecoveredInode(Allocation? Allocation, Timestamp? Deleted, byte[]? OwnInode, ContentRun[]? KnownRuns);
