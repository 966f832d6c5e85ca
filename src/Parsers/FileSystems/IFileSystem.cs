using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems;

/// <summary>A file system opened read-only. Every member is thread-safe. Files are opened by metadata address, never by a path.</summary>
public interface IFileSystem
{
    /// <summary><c>ext2</c>, <c>ext3</c>, <c>ext4</c>, <c>ntfs</c> ...</summary>
    string Kind { get; }

    /// <summary>What the superblock says.</summary>
    FileSystemFacts Facts { get; }

    /// <summary>Names that differ only in case name the same file, unless a directory holds both.</summary>
    bool IgnoresCase => false;

    /// <summary>Metadata address of the root directory.</summary>
    ulong RootAddress { get; }

    /// <summary>The metadata of one file. Throws <c>CorruptDataException</c> when the inode cannot be used (out of range, free, garbage).</summary>
    FileEntry Open(ulong metadataAddress);

    /// <summary>
    /// The entries of a directory in on-disk order, without <c>.</c> and <c>..</c>. Streams; damage is reported as diagnostics and skipped.
    /// Throws <c>CorruptDataException</c> when nothing of it can be read.
    /// </summary>
    IEnumerable<DirectoryEntry> ReadDirectory(FileEntry directory);

    /// <summary>
    /// The content of a regular file, of <see cref="FileEntry.Size"/> bytes, or of one of its <see cref="IAlternateStreams"/>, by display name. Throws
    /// <c>UnsupportedFeatureException</c> when it is encrypted or stored elsewhere, <c>CorruptDataException</c> when there is no such stream.
    /// </summary>
    IByteSource OpenContent(FileEntry file, string? stream = null);

    /// <summary>The raw target of a symbolic link, at most 64 KiB.</summary>
    ReadOnlyMemory<byte> ReadLinkTarget(FileEntry link);

    /// <summary>All extended attributes, names with their prefix (<c>security.capability</c>), in storage order.</summary>
    IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(FileEntry file);
}

/// <summary>One name in a directory. The name keeps its raw bytes and stays valid.</summary>
/// <param name="Name">Raw bytes.</param>
/// <param name="MetadataAddress">The file it names.</param>
/// <param name="TypeHint">Type stored beside the name; <see cref="FileType.Unknown"/> when none is.</param>
public readonly record struct DirectoryEntry(ReadOnlyMemory<byte> Name, ulong MetadataAddress, FileType TypeHint);

/// <summary>One extended attribute.</summary>
public sealed record ExtendedAttribute(string Name, ReadOnlyMemory<byte> Value);

/// <summary>What a file system says about itself.</summary>
public sealed record FileSystemFacts
{
    /// <summary>Volume label, escaped; null when empty.</summary>
    public string? Label { get; init; }
    /// <summary>UUID in lower-case canonical form.</summary>
    public string? Uuid { get; init; }
    /// <summary>Block (cluster) size in bytes.</summary>
    public int BlockSize { get; init; }
    /// <summary>Size in bytes as the superblock says.</summary>
    public long SizeBytes { get; init; }
    /// <summary>Free bytes as the superblock says.</summary>
    public long? FreeBytes { get; init; }
    /// <summary>Number of inodes.</summary>
    public long? InodeCount { get; init; }
    /// <summary>Feature names as the field's tools (dumpe2fs) print them; unknown bits as <c>FEATURE_I31</c>.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];
    /// <summary>When it was made.</summary>
    public Timestamp? Created { get; init; }
    /// <summary>Last mount.</summary>
    public Timestamp? LastMounted { get; init; }
    /// <summary>Last write of the superblock.</summary>
    public Timestamp? LastWritten { get; init; }
    /// <summary>Last check.</summary>
    public Timestamp? LastChecked { get; init; }
    /// <summary>Directory it was last mounted on, escaped.</summary>
    public string? LastMountPoint { get; init; }
    /// <summary>Mounts since the last check; null where the file system does not count them.</summary>
    public long? MountCount { get; init; }
    /// <summary>Errors noted since the last check; null where the file system does not count them.</summary>
    public long? ErrorCount { get; init; }
    /// <summary>First error since the last check; null when none was noted.</summary>
    public ErrorRecord? FirstError { get; init; }
    /// <summary>Last error; null when none was noted.</summary>
    public ErrorRecord? LastError { get; init; }
    /// <summary>Byte offset in the volume of the structure that says all this; a backup of it may be older than what it describes.</summary>
    public long? StoredAt { get; init; }
    /// <summary><c>clean</c>, <c>not clean</c>, <c>clean with errors</c> ... as dumpe2fs says.</summary>
    public string State { get; init; } = "";
    /// <summary>The file system's journal; null when it has none.</summary>
    public JournalFacts? Journal { get; init; }
    /// <summary>The journal holds changes the view of this reader does not show.</summary>
    public bool NeedsRecovery { get; init; }
    /// <summary>More name-value facts for <c>info</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> More { get; init; } = [];
}
