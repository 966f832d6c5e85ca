using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>What runs because somebody installs or updates packages or certificates.</summary>
internal sealed class PackageHookPlaces : PlaceFamily
{
    private static readonly Place s_apt = new("L-APT", "apt hook", "T1546.016");
    private static readonly Place s_manager = new("L-YUMDNF", "package manager hook", "T1546.016");
    private static readonly Place s_certificate = new("L-LETSENCRYPT", "certificate renewal hook", "T1546");

    public override IReadOnlyList<Place> Places { get; } = [s_apt, s_manager, s_certificate];

    public override Place? PlaceOf(Artifact artifact) => Hooks.PlaceOf(artifact) switch
    {
        StartupPlace.AptHook => s_apt,
        StartupPlace.PackageManagerHook => s_manager,
        StartupPlace.CertificateHook => s_certificate,
        _ => null,
    };

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => Hooks.CleanUp(source, line);
}
