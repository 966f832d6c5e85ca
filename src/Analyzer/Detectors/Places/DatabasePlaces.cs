using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>Settings of database servers that load or run something.</summary>
internal sealed class DatabasePlaces : PlaceFamily
{
    private static readonly Place s_database = new("L-DB", "database server", "T1505.001");

    public override IReadOnlyList<Place> Places { get; } = [s_database];

    public override Place? PlaceOf(Artifact artifact) => artifact is DatabaseSetting ? s_database : null;

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source is DatabaseSetting setting ? CleanSetting(setting) : null;

    /// <summary>Takes a setting out and has the server read what is left.</summary>
    public static IReadOnlyList<string> CleanSetting(DatabaseSetting setting) => [.. Remediation.RemoveLine(setting.Location.Path, setting.Location.Line), "systemctl restart " + setting.Server];
}
