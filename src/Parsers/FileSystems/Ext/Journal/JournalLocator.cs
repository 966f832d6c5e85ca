using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>
/// Finds the journal of a volume: the inode the superblock names, else, when that is damaged, the copy of its block map in the superblock; or the external
/// journal device with the UUID that the superblock asks for.
/// </summary>
internal static class JournalLocator
{
    // struct ext4_super_block: s_jnl_backup_type, s_jnl_blocks (15 words of i_block, then the size, upper word first), s_journal_uuid, s_journal_inum.
    private const int BackupTypeOffset = 0xFD;
    private const byte BackupOfBlocks = 1;
    private const int BackupOffset = 0x10C;
    private const ushort ExtentMagic = 0xF30A;
    private const long MostBlocks = 1L << 32;

    /// <summary>The journal, or why there is none that can be used. Throws <c>ImageReadException</c> or <c>CorruptDataException</c> when its superblock cannot be read.</summary>
    /// <param name="plain">The volume as it lies on the disk.</param>
    /// <param name="superblock">Its superblock.</param>
    /// <param name="layout">Its geometry.</param>
    /// <param name="external">External journals the user named.</param>
    /// <param name="problem">Why not.</param>
    public static JournalLog? Find(ExtFileSystem plain, ReadOnlySpan<byte> superblock, ExtLayout layout, IReadOnlyList<IByteSource> external, out JournalProblem? problem)
    {
        var view = new Superblock(superblock);
        if (view.JournalInode == 0)
        {
            return FindExternal(view.JournalUuid, layout, external, out problem);
        }
        IByteSource? source = OfInode(plain, view.JournalInode, layout, out problem) ?? OfBackup(plain, superblock, layout);
        return source is null ? null : JournalLog.Open(source, 0, layout, out problem);
    }

    private static IByteSource? OfInode(ExtFileSystem plain, uint number, ExtLayout layout, out JournalProblem? problem)
    {
        try
        {
            var inode = (ExtFileEntry)plain.Open(number);
            problem = null;
            if (inode.Type == FileType.Regular && inode.LinkCount > 0 && !inode.IsEncrypted && Content(plain, inode, layout) is { } source)
            {
                return source;
            }
            problem = new JournalProblem("ext4.journal.inode", "the inode of the journal is damaged", "a regular file without holes", "inode " + Text(number));
        }
        catch (ForensicException failure) when (failure is CorruptDataException or LimitExceededException or ImageReadException)
        {
            problem = new JournalProblem("ext4.journal.inode", "the inode of the journal cannot be used", "a regular file without holes", failure.Message);
        }
        return null;
    }

    private static IByteSource? OfBackup(ExtFileSystem plain, ReadOnlySpan<byte> superblock, ExtLayout layout)
    {
        if (superblock[BackupTypeOffset] != BackupOfBlocks)
        {
            return null;
        }
        ReadOnlySpan<byte> backup = superblock[BackupOffset..];
        ReadOnlySpan<byte> area = backup[..InodeView.BlockAreaSize];
        ulong size = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(backup[60..]) << 32 | BinaryPrimitives.ReadUInt32LittleEndian(backup[64..]);
        var inode = new ExtFileEntry(area)
        {
            MetadataAddress = new Superblock(superblock).JournalInode,
            Type = FileType.Regular,
            Size = (long)Math.Min(size, long.MaxValue),
            LinkCount = 1,
            RawFlags = BinaryPrimitives.ReadUInt16LittleEndian(area) == ExtentMagic ? ExtInodeFlags.Extents : 0,
        };
        try
        {
            return Content(plain, inode, layout);
        }
        catch (ForensicException failure) when (failure is CorruptDataException or LimitExceededException or ImageReadException)
        {
            return null;
        }
    }

    /// <summary>The content of a journal inode; null when it is too small, too large for its volume, or has holes, where the journal would seem to be zero.</summary>
    private static RunListSource? Content(ExtFileSystem plain, ExtFileEntry inode, ExtLayout layout)
    {
        long blocks = inode.Size / layout.BlockSize;
        if (blocks < JournalLog.SmallestLength || blocks >= Math.Min(MostBlocks, layout.BlockCount) || plain.OpenContent(inode) is not RunListSource source)
        {
            return null;
        }
        long end = 0;
        foreach (ContentRun run in source.Runs)
        {
            if (run.Logical != end)
            {
                return null;
            }
            end = run.End;
        }
        return end < inode.Size ? null : source;
    }

    private static JournalLog? FindExternal(ReadOnlySpan<byte> uuid, ExtLayout layout, IReadOnlyList<IByteSource> external, out JournalProblem? problem)
    {
        if (uuid.IndexOfAnyExcept((byte)0) < 0)
        {
            problem = new JournalProblem("ext4.journal.missing", "the file system has a journal but does not say where", "a journal inode or the UUID of a journal", "neither");
            return null;
        }
        var data = new byte[Superblock.Size];
        foreach (IByteSource device in external)
        {
            if (device.ReadUpTo(Superblock.PrimaryOffset, data) < data.Length)
            {
                continue;
            }
            var view = new Superblock(data);
            if (view.Magic == Superblock.ExpectedMagic && view.Features.HasIncompatible(ExtFeatures.JournalDevice) && view.Uuid.SequenceEqual(uuid))
            {
                // The journal's own superblock is in the block after the one that holds the ext superblock.
                uint block = layout.BlockSize == 1024 ? 2u : 1u;
                return JournalLog.Open(device, block, layout, out problem);
            }
        }
        string wanted = new Guid(uuid, bigEndian: true).ToString("D", CultureInfo.InvariantCulture);
        problem = new JournalProblem("ext4.journal.external", external.Count == 0 ? "the journal is on another device" : "the journal is on another device than those given",
            "an external journal with the UUID " + wanted, external.Count == 0 ? "none given" : "another");
        return null;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
