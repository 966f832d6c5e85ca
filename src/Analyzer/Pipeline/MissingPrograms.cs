using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Looks which vital programs an installed package owns and the tree does not have.</summary>
internal static class MissingPrograms
{
    private static readonly string[] s_paths =
        [.. new[] { VitalKind.Viewer, VitalKind.Downloader, VitalKind.OpenSsh, VitalKind.Program }.SelectMany(VitalFiles.PathsOf)];

    /// <summary>The missing ones of a host, in order of path.</summary>
    public static IReadOnlyList<MissingFile> Of(string image, HostProfile host, PackageIndex packages)
    {
        if (packages.Packages.Count == 0)
        {
            return [];
        }
        var missing = new SortedDictionary<string, MissingFile>(StringComparer.Ordinal);
        var names = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (string path in s_paths)
        {
            // Of a directory with two names only the real one: on merged systems /bin is a link.
            if (packages.Aliases.Apply(path) != path || !packages.TryFind(path, out PackageFile file) || file.MayBeAbsent || file.Path != path || packages.FindAll(path).Any(other => other.MayBeAbsent))
            {
                continue;
            }
            int slash = path.LastIndexOf('/');
            string directory = path[..slash];
            if (!names.TryGetValue(directory, out HashSet<string>? there))
            {
                names.Add(directory, there = [.. host.Tree.List(directory)]);
            }
            // A directory that cannot be listed says nothing about what is in it.
            if (there.Count > 0 && !there.Contains(path[(slash + 1)..]))
            {
                OpenedVolume volume = host.Tree.Find(directory)?.Volume ?? host.Tree.Volume;
                missing[path] = new MissingFile(new EvidenceLocation(image, volume.Volume.Identity, volume.Volume.Offset, path, 0), file.Package.Name + " " + file.Package.Version) { Manager = file.Package.Manager };
            }
        }
        return [.. missing.Values];
    }
}
