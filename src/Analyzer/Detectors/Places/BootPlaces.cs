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
    private static readonly Place s_openRc = new("L-OPENRC", "OpenRC service", "T1037");
    private static readonly Place s_upstart = new("L-UPSTART", "Upstart job", "T1543");
    private static readonly Place s_power = new("L-SLEEP", "hook of sleep, shutdown or power", "T1037");
    private static readonly Place s_motd = new("L-MOTD", "script of the message of the day", "T1546");

    public override IReadOnlyList<Place> Places { get; } = [s_initScript, s_rcLocal, s_inittab, s_openRc, s_upstart, s_power, s_motd];

    public override Place? PlaceOf(Artifact artifact) => artifact switch
    {
        StartupScript { Place: StartupPlace.RcLocal } => s_rcLocal,
        StartupScript { Place: StartupPlace.InitScript } script => IsOpenRc(script) ? s_openRc : s_initScript,
        StartupScript { Place: StartupPlace.ServiceConfiguration } => s_openRc,
        StartupScript { Place: StartupPlace.PowerHook } or AcpiEvent => s_power,
        StartupScript { Place: StartupPlace.Motd } => s_motd,
        RunlevelLink => artifact.Location.Path.StartsWith("/etc/runlevels/", StringComparison.Ordinal) ? s_openRc : s_initScript,
        UpstartJob => s_upstart,
        InittabEntry => s_inittab,
        _ => null,
    };

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source switch
    {
        StartupScript { Place: StartupPlace.InitScript } script when IsOpenRc(script) => [.. Remediation.RemoveOpenRcService(source.Location.Name), .. Remediation.RemoveFile(source.Location.Path)],
        StartupScript { Place: StartupPlace.InitScript } => [.. Remediation.RemoveInitScript(source.Location.Name), .. Remediation.RemoveFile(source.Location.Path)],
        StartupScript { Place: StartupPlace.PowerHook or StartupPlace.Motd } or UpstartJob => Remediation.RemoveFile(source.Location.Path),
        RunlevelLink => Remediation.RemoveFile(source.Location.Path),
        _ => null,
    };

    private static bool IsOpenRc(StartupScript script) => script.Interpreter is { } interpreter && (interpreter.EndsWith("openrc-run", StringComparison.Ordinal) || interpreter.EndsWith("runscript", StringComparison.Ordinal));
}
