using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>What runs because the network changes or somebody connects.</summary>
internal sealed class NetworkPlaces : PlaceFamily
{
    private static readonly Place s_dispatcher = new("L-NM", "NetworkManager dispatcher script", "T1546");
    private static readonly Place s_interface = new("L-IFUP", "network interface hook", "T1546");
    private static readonly Place s_connection = new("L-INETD", "server started by a connection", "T1546");

    public override IReadOnlyList<Place> Places { get; } = [s_dispatcher, s_interface, s_connection];

    public override Place? PlaceOf(Artifact artifact) => Hooks.PlaceOf(artifact) switch
    {
        StartupPlace.NetworkDispatcher => s_dispatcher,
        StartupPlace.InterfaceHook => s_interface,
        StartupPlace.ConnectionHook => s_connection,
        _ => artifact is InetdService ? s_connection : null,
    };

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source switch
    {
        // A service of xinetd is several lines.
        InetdService { Daemon: "xinetd" } => [.. Remediation.RemoveLine(source.Location.Path, null), "systemctl restart xinetd"],
        InetdService => [.. Remediation.RemoveLine(source.Location.Path, line), "systemctl restart inetd"],
        _ => Hooks.CleanUp(source, line),
    };
}
