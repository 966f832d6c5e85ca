using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Pipeline;

/// <summary>The one order of artefacts: place on the disk's volumes, path, stream, line, byte offset, kind; ties keep their parsing order.</summary>
public static class ArtifactOrder
{
    /// <summary>A sorted copy.</summary>
    public static IReadOnlyList<Artifact> Sort(IEnumerable<Artifact> artifacts) =>
    [
        .. artifacts.OrderBy(artifact => artifact.Location.VolumeOffset)
            .ThenBy(artifact => artifact.Location.Volume, StringComparer.Ordinal)
            .ThenBy(artifact => artifact.Location.Path, StringComparer.Ordinal)
            .ThenBy(artifact => artifact.Location.Stream, StringComparer.Ordinal)
            .ThenBy(artifact => artifact.Location.Line ?? 0)
            .ThenBy(artifact => artifact.Location.ByteOffset ?? 0)
            .ThenBy(artifact => artifact.Kind, StringComparer.Ordinal),
    ];
}
