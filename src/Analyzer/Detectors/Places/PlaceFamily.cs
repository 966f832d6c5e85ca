using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Detectors;

/// <summary>Places of the catalogue that belong together: which artefacts state them, and how each is cleaned.</summary>
internal abstract class PlaceFamily
{
    /// <summary>The places of this family.</summary>
    public abstract IReadOnlyList<Place> Places { get; }

    /// <summary>The place of an artefact; null when it is none of this family.</summary>
    public abstract Place? PlaceOf(Artifact artifact);

    /// <summary>Cleans what <see cref="PlaceOf"/> knows; null when removing the line from its file is all there is to do.</summary>
    /// <param name="source">An artefact of this family.</param>
    /// <param name="line">Line of the command, when it stands in a table.</param>
    public virtual IReadOnlyList<string>? CleanUp(Artifact source, int? line) => null;
}
