using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Looks which programs that Windows noted where none belongs, or under the name of a miner, are not there any more.</summary>
internal static class GonePrograms
{
    private const int MaximumPrograms = 10_000;

    /// <summary>The gone ones, once each, in the order of their traces.</summary>
    public static IReadOnlyList<GoneProgram> Of(IReadOnlyList<HostProfile> hosts, IReadOnlyList<Artifact> artifacts)
    {
        var byVolume = new Dictionary<string, HostProfile>(StringComparer.Ordinal);
        foreach (HostProfile host in hosts.Where(host => host.Info.IsWindows))
        {
            foreach (string volume in host.Info.Volumes.Prepend(host.Info.Volume))
            {
                byVolume.TryAdd(volume, host);
            }
        }
        var gone = new List<GoneProgram>();
        var seen = new HashSet<(HostProfile, string)>();
        foreach (Artifact artifact in byVolume.Count == 0 ? [] : artifacts)
        {
            string? path = artifact is ProgramTrace trace ? trace.ImagePath : artifact is PrefetchedProgram program ? program.ImagePath : null;
            if (path is null || gone.Count >= MaximumPrograms || !IsOfInterest(path) || !byVolume.TryGetValue(artifact.Location.Volume, out HostProfile? host) || !seen.Add((host, path.ToUpperInvariant())))
            {
                continue;
            }
            if (host.Tree.Resolve(path) is null)
            {
                gone.Add(new GoneProgram(artifact.Location, path));
            }
        }
        return gone;
    }

    private static bool IsOfInterest(string path) => WindowsPlaces.Name(path) is var name && (MinerNames.IsMiner(name) || MinerNames.IsDriver(name) || (WindowsPlaces.IsOdd(path) && WindowsNames.IsProgram(name)));
}
