using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Detectors;

/// <summary>A script that something else starts: the last resort when the place that leads to it is not known.</summary>
internal sealed class ScriptPlaces : PlaceFamily
{
    private static readonly Place s_script = new("L-EXECLOC", "started script", "T1059");

    public override IReadOnlyList<Place> Places { get; } = [s_script];

    public override Place? PlaceOf(Artifact artifact) => artifact is ScriptFacts ? s_script : null;

    // What these two read lies on Windows.
    public override IReadOnlyList<string> CleanUp(Artifact source, int? line) =>
        source is ScriptFacts { RunsWith: "cmd" or "powershell" } ? WindowsRemediation.RemoveFile(source.Location.Path) : Remediation.RemoveFile(source.Location.Path);
}
