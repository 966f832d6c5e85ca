using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Says of what was found in a container which container that is. Its files are not to be repaired one by one: the container goes, and comes back from an image that is trusted.
/// </summary>
internal static class ContainerFindings
{
    /// <summary>The finding with its container named; as it is when it is none of a container.</summary>
    public static Finding Explain(EvidenceIndex evidence, Finding finding)
    {
        if (evidence.HostOf(finding.Location.Volume)?.Container is not { } container)
        {
            return finding;
        }
        return finding with
        {
            Message = $"In the {container.Engine} container {container.Name}" + (container.Image is { Length: > 0 } image ? $" (image {image})" : "") + ": " + finding.Message,
            Remediation = finding.Remediation.Count == 0 ? [] : [.. Removal(container), "Start it again from an image that is trusted; the image itself is bad when " + (finding.Location.OuterPath ?? finding.Location.Path) + " lies in one of its layers"],
        };
    }

    private static IEnumerable<string> Removal(ContainerIdentity container)
    {
        string program = container.Engine == "containerd" ? "ctr -n k8s.io containers" : container.Engine;
        if (ShellQuote.TryText(container.Name, out string name) && !container.Name.StartsWith('-'))
        {
            yield return $"{program} rm {(container.Engine == "containerd" ? "" : "-f ")}{name}";
        }
    }
}
