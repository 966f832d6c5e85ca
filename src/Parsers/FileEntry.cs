namespace Forensics.Parsers;

/// <summary>
/// The metadata of one inode (or MFT record): everything the file system says about a file except its names and its content.
/// A file system derives from it to carry what it needs to map the content.
/// </summary>
public class FileEntry
{
    /// <summary>Inode number, MFT record number ...: the number The Sleuth Kit calls metadata address.</summary>
    public ulong MetadataAddress { get; init; }

    /// <summary>What it is.</summary>
    public FileType Type { get; init; }

    /// <summary>Content length in bytes; for a symbolic link the length of the target.</summary>
    public long Size { get; init; }

    /// <summary>Permission bits with setuid, setgid and sticky (0..07777).</summary>
    public int Permissions { get; init; }

    /// <summary>Numeric owner.</summary>
    public uint UserId { get; init; }

    /// <summary>Numeric group.</summary>
    public uint GroupId { get; init; }

    /// <summary>Number of names.</summary>
    public uint LinkCount { get; init; }

    /// <summary>Content modification time.</summary>
    public Timestamp? Modified { get; init; }

    /// <summary>Metadata change time.</summary>
    public Timestamp? Changed { get; init; }

    /// <summary>Access time.</summary>
    public Timestamp? Accessed { get; init; }

    /// <summary>Creation (birth) time; null where the file system does not store one.</summary>
    public Timestamp? Created { get; init; }

    /// <summary>Deletion time; null when not deleted or not stored.</summary>
    public Timestamp? Deleted { get; init; }

    /// <summary>Whether it still belongs to the file system.</summary>
    public Allocation Allocation { get; init; }

    /// <summary>Inode flags as the kernel's FS_IOC_GETFLAGS shows them; null when the file system has none.</summary>
    public uint? Flags { get; init; }

    /// <summary>FILE_ATTRIBUTE_ bits of a Windows file system ([MS-FSCC] 2.6); null on others.</summary>
    public uint? DosAttributes { get; init; }

    /// <summary>What the file stands for when it is no plain file ([MS-FSCC] 2.1.2.1); null when it is no reparse point.</summary>
    public uint? ReparseTag { get; init; }

    /// <summary>Why the content cannot be read although the metadata can (<c>offline in the cloud</c>, <c>deduplicated</c>), one clause; null when it can.</summary>
    public virtual string? ContentMissingBecause => null;

    /// <summary>The content is encrypted by the file system and cannot be read.</summary>
    public virtual bool IsEncrypted => (Flags & InodeFlags.Encrypted) == InodeFlags.Encrypted;

    /// <summary>Device major number of a device node, else 0.</summary>
    public uint DeviceMajor { get; init; }

    /// <summary>Device minor number of a device node, else 0.</summary>
    public uint DeviceMinor { get; init; }
}

/// <summary>FS_IOC_GETFLAGS bits (linux/fs.h).</summary>
public static class InodeFlags
{
    /// <summary>FS_IMMUTABLE_FL.</summary>
    public const uint Immutable = 0x10;
    /// <summary>FS_APPEND_FL.</summary>
    public const uint AppendOnly = 0x20;
    /// <summary>FS_ENCRYPT_FL.</summary>
    public const uint Encrypted = 0x800;
}
