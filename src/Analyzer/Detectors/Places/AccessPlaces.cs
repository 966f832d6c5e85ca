using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>What runs because somebody logs in.</summary>
internal sealed class AccessPlaces : PlaceFamily
{
    private static readonly Place s_keys = new("L-SSH-KEYS", "SSH forced command", "T1098.004");

    public override IReadOnlyList<Place> Places { get; } = [s_keys];

    public override Place? PlaceOf(Artifact artifact) => artifact is AuthorizedKey ? s_keys : null;
}
