using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>The parts of an opened volume that the search for deleted files builds on.</summary>
/// <param name="Source">The bytes, as the ordinary reader sees them.</param>
/// <param name="Layout">Geometry.</param>
/// <param name="Diagnostics">Where damage is reported.</param>
/// <param name="Context">Limits and cancellation.</param>
/// <param name="Groups">Group descriptors.</param>
/// <param name="Inodes">Inode tables.</param>
/// <param name="Reader">Decoder of inodes.</param>
/// <param name="FirstInode">First inode that is not reserved.</param>
internal sealed record ExtVolume(
    IByteSource Source, ExtLayout Layout, ExtDiagnostics Diagnostics, ParseContext Context, GroupDescriptors Groups, InodeTable Inodes, InodeReader Reader, uint FirstInode)
{
    /// <summary>Groups that the image can hold: a superblock that claims more costs nothing.</summary>
    public long GroupsInImage => Math.Min(Layout.GroupCount, Source.Length / (Layout.BlocksPerGroup * Layout.BlockSize) + 1);

    public bool IsOrdinaryInode(uint inode) => inode >= FirstInode && inode <= Layout.InodeCount;

    /// <summary>The inode in the table as it is now; empty when it cannot be read.</summary>
    public ReadOnlyMemory<byte> CurrentInode(uint inode)
    {
        try
        {
            return Inodes.Read(inode, out _);
        }
        catch (ForensicException failure) when (failure is CorruptDataException or ImageReadException)
        {
            // The inode is only looked at in search of what is left: its damage is reported by whoever needs it.
            return default;
        }
    }
}
