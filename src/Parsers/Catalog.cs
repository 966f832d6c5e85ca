using Forensics.Parsers.Artifacts;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.Images;

namespace Forensics.Parsers;

/// <summary>The ordered lists of formats and artefact parsers: the only registry. Order is probe order.</summary>
public static class Catalog
{
    /// <summary>Image containers; raw, which takes everything, is last.</summary>
    public static IReadOnlyList<IFormat<DiskImage>> Images { get; } = [];

    /// <summary>File systems.</summary>
    public static IReadOnlyList<IFormat<IFileSystem>> FileSystems { get; } = [];

    /// <summary>Artefact parsers, sorted by name.</summary>
    public static IReadOnlyList<ArtifactParser> ArtifactParsers { get; } = [];
}
