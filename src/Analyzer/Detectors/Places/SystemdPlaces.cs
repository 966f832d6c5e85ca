using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>systemd units and the links that enable them.</summary>
internal sealed class SystemdPlaces : PlaceFamily
{
    private static readonly Place s_unit = new("L-UNIT", "systemd service", "T1543.002");
    private static readonly Place s_dropIn = new("L-UNIT-DROPIN", "systemd drop-in", "T1543.002");
    private static readonly Place s_user = new("L-UNIT-USER", "systemd user unit", "T1543.002");
    private static readonly Place s_timer = new("L-TIMER", "systemd timer", "T1053.006");
    private static readonly Place s_other = new("L-UNIT-OTHER", "systemd unit", "T1543.002");
    private static readonly Place s_generator = new("L-GENERATOR", "systemd generator", "T1543.002");
    private static readonly Place s_tmpfiles = new("L-TMPFILES", "tmpfiles.d line", "T1543");

    public override IReadOnlyList<Place> Places { get; } = [s_unit, s_dropIn, s_user, s_timer, s_other, s_generator, s_tmpfiles];

    public override Place? PlaceOf(Artifact artifact) => artifact switch
    {
        SystemdUnit { IsDropIn: true } => s_dropIn,
        SystemdUnit { IsUserUnit: true } => s_user,
        SystemdUnit { UnitType: "service" } => s_unit,
        SystemdUnit { UnitType: "timer" } => s_timer,
        SystemdUnit => s_other,
        SystemdLink { IsUserUnit: true } => s_user,
        SystemdLink => s_unit,
        StartupScript { Place: StartupPlace.Generator } => s_generator,
        TmpfilesEntry => s_tmpfiles,
        _ => null,
    };

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source switch
    {
        SystemdUnit { IsDropIn: true } => [.. Remediation.RemoveFile(source.Location.Path), "systemctl daemon-reload"],
        TmpfilesEntry entry => [.. Remediation.RemoveLine(source.Location.Path, line ?? source.Location.Line), .. entry.Path.StartsWith("/run/", StringComparison.Ordinal) ? [] : Remediation.Unlock(entry.Path)],
        SystemdUnit unit => [.. Remediation.DisableUnit(unit.Name, unit.IsUserUnit), .. Remediation.RemoveFile(unit.Location.Path), "systemctl daemon-reload"],
        _ => Remediation.RemoveFile(source.Location.Path),
    };
}
