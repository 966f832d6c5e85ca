using Forensics.Analyzer.Examiners;
using Forensics.Parsers;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Listing;

/// <summary>One line of <c>files</c>.</summary>
/// <param name="Volume">Volume identity.</param>
/// <param name="Path">Display form.</param>
/// <param name="File">Metadata.</param>
/// <param name="Target">Target of a symbolic link in display form, <c>MAJOR:MINOR</c> of a device; null otherwise.</param>
/// <param name="Digests">Digests; all absent when not asked for or not readable.</param>
public readonly record struct FileRow(string Volume, string Path, FileEntry File, string? Target, ContentDigests Digests)
{
    /// <summary>What is known of it beside its metadata when it has no name any more; null for an ordinary entry.</summary>
    public DeletedFile? Deleted { get; init; }

    /// <summary>What replaying the journal did to it; unchanged also when that was not asked.</summary>
    public JournalState JournalState { get; init; }

    /// <summary>Whether it still belongs to the file system; an entry that the journal removed does not, though it is taken from the volume before replay.</summary>
    public Allocation Allocation => Deleted is not null && File.Allocation == Allocation.Allocated ? Allocation.Deleted : File.Allocation;

    /// <summary>The named stream that the row is for, whose <see cref="Path"/> then ends in its name; null for the file itself.</summary>
    public AlternateStream? Stream { get; init; }

    /// <summary>What the owner is called on a Windows file system; nothing on others, and where the format does not show it.</summary>
    public FileOwner Owner { get; init; }

    /// <summary>Content length in bytes.</summary>
    public long Size => Stream?.Size ?? File.Size;

    /// <summary>
    /// Whether there is content to read: of a deleted file whose content is not known any more there is none, and some files have theirs elsewhere.
    /// </summary>
    public bool HasContent => (Stream is { HasContent: true } || (Stream is null && File.Type == FileType.Regular && File.ContentMissingBecause is null)) && Deleted?.Certainty != Certainty.MetadataOnly;

    /// <summary>The volume claims more content than it may make the program read; this file is not hashed.</summary>
    public bool IsBeyondAllowance { get; init; }

    /// <summary>Inode flags where the kernel can be asked for them: on regular files and directories.</summary>
    public uint? Flags => File.Type is FileType.Regular or FileType.Directory ? File.Flags : null;
}
