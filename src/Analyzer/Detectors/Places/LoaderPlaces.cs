using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>What the dynamic loader puts into every program.</summary>
internal sealed class LoaderPlaces : PlaceFamily
{
    private static readonly Place s_preload = new("L-LDPRELOAD", "ld.so.preload", "T1574.006");

    public override IReadOnlyList<Place> Places { get; } = [s_preload];

    public override Place? PlaceOf(Artifact artifact) => artifact is PreloadedLibrary ? s_preload : null;

    public override IReadOnlyList<string> CleanUp(Artifact source, int? line) => Remediation.EmptyPreload(source.Location.Path);
}
