using System.Globalization;

namespace Forensics.Parsers.FileSystems;

/// <summary>A file system that can bring back what has no name any more. Every member is thread-safe and streams; damage is reported as diagnostics.</summary>
public interface IDeletedFiles
{
    /// <summary>Files that were unlinked while open (<see cref="Allocation.Orphan"/>), in the order the file system lists them.</summary>
    IEnumerable<DeletedFile> FindOrphans();

    /// <summary>Deleted names and files (<see cref="Allocation.Deleted"/>) of the whole volume, sorted by path and metadata address; orphans are not among them.</summary>
    IEnumerable<DeletedFile> FindDeleted();

    /// <summary>Deleted names that are left in one directory.</summary>
    IEnumerable<DeletedFile> FindDeletedIn(FileEntry directory, string directoryPath);

    /// <summary>Older states of an inode that the journal still holds, newest first, without those equal to the current one. Numbered from 0.</summary>
    IReadOnlyList<FileEntry> JournalCopies(ulong metadataAddress);

    /// <summary>How much of a file is left: of an inode opened by number, or one of <see cref="JournalCopies"/>. Intact for a file that has a name.</summary>
    Certainty CertaintyOf(FileEntry file);
}

/// <summary>A file without a name in the file system, as far as it can be brought back.</summary>
/// <param name="File">Its metadata; <see cref="FileEntry.Size"/> and content are those of the state it was found in. Open its content as that of any other file.</param>
/// <param name="Path">The path it last had in display form; null when no remnant of its name was found.</param>
/// <param name="Certainty">How much of it can be trusted.</param>
public sealed record DeletedFile(FileEntry File, string? Path, Certainty Certainty)
{
    /// <summary>Which of <see cref="IDeletedFiles.JournalCopies"/> the metadata was taken from; null when it is the inode as it is now.</summary>
    public int? JournalCopy { get; init; }

    /// <summary><see cref="Path"/>, or where The Sleuth Kit puts what has no name: <c>/$OrphanFiles/inode-N</c>.</summary>
    public string DisplayPath => Path ?? LostPath(File.MetadataAddress);

    /// <summary>The path that stands for a file without a known name.</summary>
    public static string LostPath(ulong metadataAddress) => string.Create(CultureInfo.InvariantCulture, $"/$OrphanFiles/inode-{metadataAddress}");

    /// <summary>Where the name was found, one clause: <c>slack of the directory</c>, <c>an older copy of the directory in the journal</c>; null without a name.</summary>
    public string? NameFrom { get; init; }
}
