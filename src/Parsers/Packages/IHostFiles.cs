using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Packages;

/// <summary>
/// The files of one host's tree as package databases need them: by absolute path in the form of <see cref="PathText"/>. Symbolic links in the directories of a path are
/// followed inside the tree; a final link is followed by <see cref="Open"/> and not by the others. Only <see cref="Open"/> and reading what it gives throws. Thread-safe.
/// </summary>
public interface IHostFiles
{
    /// <summary>Content of a regular file; null when there is none. Throws a <c>ForensicException</c> when it cannot be read.</summary>
    IByteSource? Open(string path);

    /// <summary>Names in a directory, in any order, without <c>.</c> and <c>..</c>; nothing when it is not a directory.</summary>
    IEnumerable<string> List(string directory);

    /// <summary>Target of a symbolic link as stored; null when the path is something else.</summary>
    string? ReadLink(string path);

    /// <summary>Time of the last modification; null when unknown or when there is no such file.</summary>
    Timestamp? Modified(string path);
}
