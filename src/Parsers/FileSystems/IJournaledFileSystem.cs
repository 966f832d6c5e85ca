namespace Forensics.Parsers.FileSystems;

/// <summary>A file system shown as it is after its journal was replayed, which can also be looked at as it lies on the disk. Thread-safe.</summary>
public interface IJournaledFileSystem
{
    /// <summary>The same volume as it lies on the disk; null when nothing was replayed. What is damaged in it is not reported.</summary>
    IFileSystem? BeforeReplay { get; }

    /// <summary>
    /// Whether replay replaced anything that belongs to a file: its metadata, its attributes, its map or its content. False when nothing was replayed.
    /// May say yes because of a neighbour in the same block. Throws what <see cref="IFileSystem.Open"/> and <see cref="IFileSystem.OpenContent"/> throw.
    /// </summary>
    bool IsTouchedByReplay(FileEntry entry);

    /// <summary>
    /// Whether a file differs from what has the same metadata address before replay: in metadata other than the access time, in attributes, or, unless it is a
    /// directory, because its map or content was replaced. Throws as <see cref="IsTouchedByReplay"/> does.
    /// </summary>
    /// <param name="entry">The file as it is.</param>
    /// <param name="before">The file with the same address, opened in <see cref="BeforeReplay"/>.</param>
    bool IsChangedByReplay(FileEntry entry, FileEntry before);
}
