namespace Forensics.Parsers.FileSystems;

/// <summary>A file system whose files, and directories, can have named contents besides their own. Thread-safe.</summary>
public interface IAlternateStreams
{
    /// <summary>The named data streams of a file or directory in storage order; none for most. Damage is reported as diagnostics. Read one by <see cref="IFileSystem.OpenContent"/>.</summary>
    IReadOnlyList<AlternateStream> ListStreams(FileEntry file);
}

/// <summary>A named content of a file.</summary>
/// <param name="Name">Display form, unique within the file.</param>
/// <param name="Size">Length in bytes.</param>
public sealed record AlternateStream(string Name, long Size)
{
    /// <summary>False for a stream whose length and places say all: reading what marks the bad clusters of NTFS would only give the zeros of a whole volume.</summary>
    public bool HasContent { get; init; } = true;
}
