using System.Globalization;
using System.Text;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>What dumpe2fs -h prints, from a superblock.</summary>
internal static class ExtFacts
{
    private const ushort StateValid = 1;
    private const ushort StateErrors = 2;
    private static readonly string[] HashNames = ["legacy", "half_md4", "tea", "legacy_unsigned", "half_md4_unsigned", "tea_unsigned", "siphash"];
    private static readonly string[] SystemNames = ["Linux", "Hurd", "Masix", "FreeBSD", "Lites"];
    // EXT4_ERR_* of fs/ext4/ext4.h, from 1.
    private static readonly string[] ErrorNames =
    [
        "UNKNOWN", "EIO", "ENOMEM", "EFSBADCRC", "EFSCORRUPTED", "ENOSPC", "ENOKEY", "EROFS", "EFBIG", "EEXIST", "ERANGE", "EOVERFLOW", "EBUSY", "ENOTDIR",
        "ENOTEMPTY", "ESHUTDOWN", "EFAULT",
    ];

    /// <summary>The facts of a superblock that was read at byte <paramref name="offset"/> of the volume.</summary>
    public static FileSystemFacts From(Superblock superblock, ExtLayout layout, long offset)
    {
        ErrorRecord? first = Error(superblock.FirstErrorTime, superblock.FirstErrorFunction, superblock.FirstErrorLine, superblock.FirstErrorInode, superblock.FirstErrorBlock, superblock.FirstErrorCode);
        ErrorRecord? last = Error(superblock.LastErrorTime, superblock.LastErrorFunction, superblock.LastErrorLine, superblock.LastErrorInode, superblock.LastErrorBlock, superblock.LastErrorCode);
        string state = (superblock.State & StateValid) != 0 ? "clean" : "not clean";
        return new FileSystemFacts
        {
            Label = Escaped(superblock.VolumeName),
            Uuid = Uuid(superblock.Uuid),
            BlockSize = layout.BlockSize,
            SizeBytes = layout.BlockCount * layout.BlockSize,
            FreeBytes = superblock.FreeBlocksCount <= (ulong)layout.BlockCount ? (long)superblock.FreeBlocksCount * layout.BlockSize : null,
            InodeCount = superblock.InodesCount,
            Features = layout.Features.Names(),
            Created = superblock.MakeTime,
            LastMounted = superblock.MountTime,
            LastWritten = superblock.WriteTime,
            LastChecked = superblock.LastCheck,
            LastMountPoint = Escaped(superblock.LastMounted),
            MountCount = superblock.MountCount,
            ErrorCount = superblock.ErrorCount,
            FirstError = first,
            LastError = last,
            StoredAt = offset,
            State = (superblock.State & StateErrors) != 0 ? state + " with errors" : state,
            NeedsRecovery = layout.Features.HasIncompatible(ExtFeatures.NeedsRecovery),
            More = More(superblock, layout, first, last),
        };
    }

    private static List<KeyValuePair<string, string>> More(Superblock superblock, ExtLayout layout, ErrorRecord? first, ErrorRecord? last)
    {
        var facts = new List<KeyValuePair<string, string>>();
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                facts.Add(new(name, value));
            }
        }
        void AddError(string which, ErrorRecord? error)
        {
            if (error is not null)
            {
                Add(which + " error time", error.Time?.ToString());
                Add(which + " error function", error.Function);
                Add(which + " error line #", Text(error.Line));
                Add(which + " error inode #", Text((long)error.Inode));
                Add(which + " error block #", error.Block.ToString(CultureInfo.InvariantCulture));
                Add(which + " error err", error.Code);
            }
        }
        Add("Filesystem revision #", Text(superblock.RevisionLevel));
        Add("Errors behavior", superblock.Errors switch { 1 => "Continue", 2 => "Remount read-only", 3 => "Panic", _ => "Unknown (continue)" });
        Add("Filesystem OS type", superblock.CreatorOs < SystemNames.Length ? SystemNames[superblock.CreatorOs] : "(unknown os)");
        Add("Block count", Text(layout.BlockCount));
        Add("Reserved block count", superblock.ReservedBlocksCount.ToString(CultureInfo.InvariantCulture));
        Add("Free inodes", Text(superblock.FreeInodesCount));
        Add("First block", Text(layout.FirstDataBlock));
        if (layout.ClusterSize != layout.BlockSize)
        {
            Add("Cluster size", Text(layout.ClusterSize));
        }
        Add("Group descriptor size", layout.Features.HasIncompatible(ExtFeatures.Bits64) ? Text(layout.DescriptorSize) : null);
        Add("Blocks per group", Text(layout.BlocksPerGroup));
        Add("Inodes per group", Text(layout.InodesPerGroup));
        Add("Mount count", Text(superblock.MountCount));
        Add("Maximum mount count", Text(superblock.MaxMountCount));
        Add("Lifetime writes (KiB)", superblock.KibibytesWritten == 0 ? null : superblock.KibibytesWritten.ToString(CultureInfo.InvariantCulture));
        Add("Inode size", Text(layout.InodeSize));
        if (layout.Features.HasCompatible(ExtFeatures.HasJournal))
        {
            Add("Journal inode", superblock.JournalInode == 0 ? null : Text(superblock.JournalInode));
            Add("Journal UUID", superblock.JournalUuid.IndexOfAnyExcept((byte)0) < 0 ? null : Uuid(superblock.JournalUuid));
        }
        Add("First orphan inode", superblock.LastOrphan == 0 ? null : Text(superblock.LastOrphan));
        Add("Default directory hash", superblock.DefaultHashVersion < HashNames.Length ? HashNames[superblock.DefaultHashVersion] : null);
        Add("Character encoding", !layout.Features.HasIncompatible(ExtFeatures.CaseFolding) ? null : superblock.Encoding == 1 ? "utf8-12.1" : Text(superblock.Encoding));
        Add("Orphan file inode", superblock.OrphanFileInode == 0 ? null : Text(superblock.OrphanFileInode));
        Add("Checksum type", layout.HasMetadataChecksums ? "crc32c" : null);
        Add("Mount options", Escaped(superblock.MountOptions));
        Add("FS Error count", superblock.ErrorCount == 0 ? null : Text(superblock.ErrorCount));
        AddError("First", first);
        AddError("Last", last);
        return facts;
    }

    /// <summary>Null when nothing was noted.</summary>
    private static ErrorRecord? Error(Timestamp? time, ReadOnlySpan<byte> function, uint line, uint inode, ulong block, byte code)
    {
        string? name = Escaped(function);
        if (time is null && name is null && line == 0 && inode == 0 && block == 0 && code == 0)
        {
            return null;
        }
        return new ErrorRecord(time, name, line, inode, block, code == 0 ? null : code <= ErrorNames.Length ? ErrorNames[code - 1] : Text(code));
    }

    /// <summary>A zero-padded text field, escaped; null when empty. A slash is a path separator here, not part of a name.</summary>
    private static string? Escaped(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        field = end < 0 ? field : field[..end];
        if (field.IsEmpty)
        {
            return null;
        }
        var text = new StringBuilder();
        while (true)
        {
            int slash = field.IndexOf((byte)'/');
            text.Append(PathText.FromBytes(slash < 0 ? field : field[..slash]));
            if (slash < 0)
            {
                return text.ToString();
            }
            text.Append('/');
            field = field[(slash + 1)..];
        }
    }

    private static string Uuid(ReadOnlySpan<byte> bytes) => new Guid(bytes, bigEndian: true).ToString("D", CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
