using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary>
/// What fast commits changed about one inode: its fixed fields, its map, and when it is a directory its names. Immutable once it is handed out.
/// </summary>
internal sealed class FastCommitEdit
{
    private const int GenerationOffset = 0x64;
    private const int LinksOffset = 0x1A;
    private const ushort ExtentMagic = 0xF30A;
    private const ushort RootCapacity = 4;

    /// <summary>The inode as last recorded, from its beginning, at least 128 bytes; null when it was not.</summary>
    public byte[]? RawInode { get; init; }

    /// <summary>Links that making its name left it with, when its fixed fields were not recorded after that; null otherwise.</summary>
    public int? Links { get; init; }

    /// <summary>Names given and taken after <see cref="RawInode"/> and <see cref="Links"/>.</summary>
    public int LinkDelta { get; init; }

    /// <summary>Changes to its map; null when there are none.</summary>
    public RangeEdits? Ranges { get; init; }

    /// <summary>Changes to its names; null when there are none.</summary>
    public NameEdits? Names { get; init; }

    /// <summary>The type as last recorded, <see cref="FileType.Unknown"/> when it was not.</summary>
    public FileType Type => RawInode is null ? FileType.Unknown : InodeReader.TypeOf(new InodeView(RawInode).Mode);

    /// <summary>It was recorded without a name: unlinked while a process had it open.</summary>
    public bool IsUnlinked => RawInode is not null && Links is null && new InodeView(RawInode).LinksCount == 0;

    /// <summary>
    /// The inode after the changes, of the inode size, with a checksum that fits, as <c>ext4_fc_replay_inode</c> leaves it: all recorded fields, and of
    /// <c>i_block</c> what is not a map, since of maps the ranges are recorded.
    /// </summary>
    /// <remarks>
    /// More than the kernel does: the targets of fast links and the numbers of devices are taken over too (it loses them), and an inode that
    /// was made anew, which its generation tells, inherits neither map nor attributes of its predecessor.
    /// </remarks>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> onDisk, ExtLayout layout, ulong number)
    {
        if (RawInode is null && Links is null && LinkDelta == 0)
        {
            return onDisk;
        }
        var disk = new InodeView(onDisk.Span);
        bool isSound = RawInode is not null || !layout.HasMetadataChecksums || disk.ChecksumMatches(layout.InodeSeed((uint)number, disk.Generation), out _, out _);
        var inode = new byte[layout.InodeSize];
        if (RawInode is null)
        {
            onDisk.Span.CopyTo(inode);
        }
        else
        {
            Merge(onDisk.Span, RawInode, inode);
        }
        int links = Math.Clamp((Links ?? new InodeView(inode).LinksCount) + LinkDelta, 0, ushort.MaxValue);
        BinaryPrimitives.WriteUInt16LittleEndian(inode.AsSpan(LinksOffset), (ushort)links);
        if (layout.HasMetadataChecksums && isSound)
        {
            InodeView.WriteChecksum(inode, layout.InodeSeed((uint)number, new InodeView(inode).Generation));
        }
        return inode;
    }

    private static void Merge(ReadOnlySpan<byte> onDisk, byte[] recorded, Span<byte> inode)
    {
        var disk = new InodeView(onDisk);
        var record = new InodeView(recorded);
        bool isSame = disk.Mode != 0 && disk.Generation == record.Generation;
        if (isSame)
        {
            onDisk.CopyTo(inode);
        }
        recorded.AsSpan(0, InodeView.BlockAreaOffset).CopyTo(inode);
        recorded.AsSpan(GenerationOffset).CopyTo(inode[GenerationOffset..]);
        Span<byte> area = inode.Slice(InodeView.BlockAreaOffset, InodeView.BlockAreaSize);
        bool isMapped = InodeReader.TypeOf(record.Mode) is FileType.Regular or FileType.Directory;
        if ((record.Flags & ExtInodeFlags.Extents) != 0)
        {
            if (!isSame || BinaryPrimitives.ReadUInt16LittleEndian(area) != ExtentMagic)
            {
                area.Clear();
                BinaryPrimitives.WriteUInt16LittleEndian(area, ExtentMagic);
                BinaryPrimitives.WriteUInt16LittleEndian(area[4..], RootCapacity);
            }
        }
        else if (!isMapped || (record.Flags & ExtInodeFlags.InlineData) != 0)
        {
            record.BlockArea.CopyTo(area);
        }
    }
}
