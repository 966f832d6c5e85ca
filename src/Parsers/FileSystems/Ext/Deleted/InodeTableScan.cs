using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>Looks through the inode tables, each once and without the part that was never used, for deleted inodes that still map content. Streams; 64 KiB of memory.</summary>
/// <remarks>Limitations: ext3 and ext4 wipe size and map on deletion, so that on these it finds what other tools deleted.</remarks>
internal sealed class InodeTableScan(ExtVolume volume, ContentJudge judge)
{
    private const int PieceSize = 64 << 10;

    /// <summary>Numbers of deleted inodes with content, ascending.</summary>
    public IEnumerable<uint> Find()
    {
        ExtLayout layout = volume.Layout;
        var piece = new byte[PieceSize];
        long groups = volume.GroupsInImage;
        // Sound tables do not overlap.
        long bytesLeft = volume.Source.Length;
        for (long group = 0; group < groups; group++)
        {
            long inodes = UsedInodes(group);
            if (inodes == 0 || !volume.Groups.TryInodeTable(group, out long table))
            {
                continue;
            }
            long perPiece = PieceSize / layout.InodeSize;
            for (long first = 0; first < inodes; first += perPiece)
            {
                volume.Context.Cancellation.ThrowIfCancellationRequested();
                int wanted = (int)Math.Min(perPiece, inodes - first) * layout.InodeSize;
                bytesLeft -= wanted;
                if (bytesLeft < 0)
                {
                    volume.Diagnostics.Report("ext4.deleted.limit", "the inode tables are larger than the volume; the rest is not searched for deleted inodes", "tables beside each other", "more", losesContent: true);
                    yield break;
                }
                int count = Read(table * layout.BlockSize + first * layout.InodeSize, piece.AsSpan(0, wanted));
                for (int at = 0; at + layout.InodeSize <= count; at += layout.InodeSize)
                {
                    long inode = group * layout.InodesPerGroup + first + at / layout.InodeSize + 1;
                    if (inode <= layout.InodeCount && volume.IsOrdinaryInode((uint)inode) && IsDeletedWithContent(piece.AsSpan(at, layout.InodeSize), (uint)inode))
                    {
                        yield return (uint)inode;
                    }
                }
            }
        }
    }

    private bool IsDeletedWithContent(ReadOnlySpan<byte> raw, uint inode)
    {
        var view = new InodeView(raw);
        return view.Mode != 0 && view.LinksCount == 0 && view.DeletionTime > volume.Layout.InodeCount
            && volume.Reader.Recover(raw, inode, default) is { } entry && !entry.HasRawFlag(ExtInodeFlags.AttributeInode) && judge.HasContent(entry);
    }

    private long UsedInodes(long group)
    {
        ExtLayout layout = volume.Layout;
        if (!(layout.HasMetadataChecksums || layout.Features.HasReadOnly(ExtFeatures.GroupChecksums)) || volume.Groups.ReadSound(group) is not { } data)
        {
            return layout.InodesPerGroup;
        }
        var descriptor = new GroupDescriptorView(data);
        return descriptor.HasFlag(GroupDescriptorView.InodeUninitialized) ? 0 : Math.Max(0, layout.InodesPerGroup - descriptor.InodeTableUnused);
    }

    private int Read(long offset, Span<byte> destination)
    {
        try
        {
            return volume.Source.ReadUpTo(offset, destination);
        }
        catch (ImageReadException failure)
        {
            volume.Diagnostics.Report("ext4.deleted.inodes", "a part of an inode table cannot be searched for deleted inodes", "a readable table", failure.Message, offset, losesContent: true);
            return 0;
        }
    }
}
