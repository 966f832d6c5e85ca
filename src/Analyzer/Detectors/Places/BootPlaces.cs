using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>What boots without systemd, and the scripts kept from that time.</summary>
internal sealed class BootPlaces : PlaceFamily
{
    private static readonly Place s_initScript = new("L-INITD", "init script", "T1037");
    private static readonly Place s_rcLocal = new("L-RCLOCAL", "rc.local script", "T1037.004");
    private static readonly Place s_inittab = new("L-INITTAB", "inittab", "T1037");

    public override IReadOnlyList<Place> Places { get; } = [s_initScript, s_rcLocal, s_inittab];

    public override Place? PlaceOf(Artifact artifact) => artifact switch
    {
        StartupScript { Place: StartupPlace.RcLocal } => s_rcLocal,
        StartupScript { Place: StartupPlace.InitScript } or RunlevelLink => s_initScript,
        InittabEntry => s_inittab,
        _ => null,
    };

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source switch
    {
        StartupScript { Place: StartupPlace.InitScript } => [.. Remediation.RemoveInitScript(source.Location.Name), .. Remediation.RemoveFile(source.Location.Path)],
        RunlevelLink => Remediation.RemoveFile(source.Location.Path),
        _ => null,
    };
}
