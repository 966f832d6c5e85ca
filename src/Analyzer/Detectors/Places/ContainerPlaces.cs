using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>Containers and the engines that start them.</summary>
internal sealed class ContainerPlaces : PlaceFamily
{
    private static readonly Place s_container = new("L-CONTAINER", "container", "T1610");

    public override IReadOnlyList<Place> Places { get; } = [s_container];

    public override Place? PlaceOf(Artifact artifact) => artifact is ContainerProcess ? s_container : null;

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source is ContainerProcess process ? RemoveContainer(process) : null;

    /// <summary>Removes a container in the way of its engine.</summary>
    public static IReadOnlyList<string> RemoveContainer(ContainerProcess process)
    {
        string place = process.Location.Path;
        if (process.Engine == "kubernetes" || place.EndsWith(".container", StringComparison.Ordinal))
        {
            return [.. Remediation.RemoveFile(place), process.Engine == "kubernetes" ? "systemctl restart kubelet   # or k3s, rke2" : "systemctl daemon-reload"];
        }
        string name = process.Name is { Length: > 0 } given ? given : process.ContainerId;
        if (!ShellQuote.TryText(name, out string word) || name.StartsWith('-'))
        {
            return ["Remove the container " + (ShellQuote.TryText(process.ContainerId, out string id) ? id : "by its identifier")];
        }
        IReadOnlyList<string> image = process.Image is { Length: > 0 } made && ShellQuote.TryText(made, out string imageWord) && !made.StartsWith('-') ? [$"{process.Engine} rmi {imageWord}   # when nothing else uses it"] : [];
        return process.Engine is "docker" or "podman" ? [$"{process.Engine} rm -f {word}", .. image] : [$"ctr -n k8s.io containers rm {word}"];
    }
}
