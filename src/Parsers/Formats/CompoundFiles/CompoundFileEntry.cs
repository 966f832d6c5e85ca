namespace Forensics.Parsers.Formats.CompoundFiles;

/// <summary>A storage or stream of a compound file.</summary>
/// <param name="Path">Names from the root on, separated by <c>/</c>; a slash within a name stays as it is.</param>
/// <param name="Name">Its own name.</param>
/// <param name="IsStream">A stream; else a storage.</param>
/// <param name="Size">Length of a stream in bytes.</param>
public sealed record CompoundFileEntry(string Path, string Name, bool IsStream, long Size)
{
    /// <summary>Class of a storage.</summary>
    public Guid ClassId { get; init; }
    /// <summary>When it was created.</summary>
    public Timestamp? Created { get; init; }
    /// <summary>When it was changed.</summary>
    public Timestamp? Modified { get; init; }
    /// <summary>First sector.</summary>
    internal uint Start { get; init; }
}
