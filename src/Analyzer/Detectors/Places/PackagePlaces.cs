using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>What package managers run: maintainer scripts, hooks of dpkg, macros of rpm.</summary>
internal sealed class PackagePlaces : PlaceFamily
{
    private static readonly Place s_dpkg = new("L-DPKG", "package script", "T1546.016");
    private static readonly Place s_rpm = new("L-RPM", "rpm package", "T1546.016");

    public override IReadOnlyList<Place> Places { get; } = [s_dpkg, s_rpm];

    public override Place? PlaceOf(Artifact artifact) => artifact switch
    {
        StartupScript { Place: StartupPlace.PackageScript, PackageManager: "rpm" } or RpmMacro => s_rpm,
        StartupScript { Place: StartupPlace.PackageScript } or DpkgHook => s_dpkg,
        _ => null,
    };

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source switch
    {
        StartupScript { Package: { } package } script => Reinstallation.RemovePackage(script.PackageManager, package, script.PackageManager is "dpkg" or "pacman" ? script.Location.Path : null),
        _ => null,
    };
}
