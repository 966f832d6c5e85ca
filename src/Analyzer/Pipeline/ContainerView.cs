using Forensics.Analyzer.Evidence;
using Forensics.Parsers;

namespace Forensics.Analyzer.Pipeline;

/// <summary>What makes a volume the view of a container: its layers are directories of a host, which the host's own walk looks into as files.</summary>
/// <param name="Identity">The container.</param>
/// <param name="HostTree">Tree of the host that it runs on.</param>
/// <param name="Layers">Its layers in that tree, the upper-most first, display form.</param>
public sealed record ContainerView(ContainerIdentity Identity, ImageTree HostTree, IReadOnlyList<string> Layers)
{
    /// <summary>Where the host sees a file of the container; null when it is in no layer any more.</summary>
    /// <param name="path">Path inside the container, display form.</param>
    /// <param name="metadataAddress">Inode, which tells the layer.</param>
    public string? OuterPathOf(string path, ulong metadataAddress)
    {
        foreach (string layer in Layers)
        {
            if (HostTree.Find(layer + path, followLast: false)?.File.MetadataAddress == metadataAddress)
            {
                return layer + path;
            }
        }
        return null;
    }
}
