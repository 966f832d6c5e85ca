using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Manifests;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Pipeline;

/// <summary>The trusted manifests of a scan, and which hosts of the image they speak of. Immutable; thread-safe.</summary>
internal sealed class TrustedFiles
{
    private readonly Dictionary<string, IReadOnlyList<TrustedManifest>> _byVolume = new(StringComparer.Ordinal);

    private TrustedFiles()
    {
    }

    /// <summary>What a manifest says of a file.</summary>
    /// <param name="IsSame">The content, or the target of a link, is what it names.</param>
    /// <param name="Package">Package that brought it when the manifest was made; null when unknown.</param>
    public readonly record struct Statement(bool IsSame, string? Package);

    /// <summary>
    /// Joins manifests with the hosts of an image: each speaks of the hosts of its own system and version, and where there is none of those, of all, with a warning. Null without manifests.
    /// </summary>
    public static TrustedFiles? Of(IReadOnlyList<TrustedManifest> manifests, IReadOnlyList<HostInfo> hosts, IScanProgress progress)
    {
        if (manifests.Count == 0)
        {
            return null;
        }
        var trusted = new TrustedFiles();
        var byHost = hosts.ToDictionary(host => host.Volume, _ => new List<TrustedManifest>(), StringComparer.Ordinal);
        foreach (TrustedManifest manifest in manifests)
        {
            HostInfo[] same = [.. hosts.Where(host => host.OsId == manifest.OsId && host.OsVersion == manifest.OsVersion)];
            if (same.Length == 0)
            {
                progress.Message(MessageLevel.Warning, hosts.Count == 0 ? "the image holds no system that the manifest " + manifest.Name + " could speak of"
                    : "the manifest " + manifest.Name + " was made from another system (" + string.Join(' ', new[] { manifest.OsId ?? "unknown", manifest.OsVersion }.OfType<string>()) + ") than the image holds; it is used all the same");
            }
            foreach (HostInfo host in same.Length == 0 ? hosts : same)
            {
                byHost[host.Volume].Add(manifest);
            }
        }
        foreach (HostInfo host in hosts)
        {
            foreach (string volume in host.Volumes.Prepend(host.Volume))
            {
                trusted._byVolume.TryAdd(volume, byHost[host.Volume]);
            }
        }
        return trusted;
    }

    /// <summary>Whether a regular file's content is what a manifest names for its path; null when none names it.</summary>
    public bool? Confirm(EvidenceLocation location, ContentDigests digests)
    {
        if (!digests.HasSha256 || location.ShadowedBy is not null || location.Allocation != Allocation.Allocated)
        {
            return null;
        }
        bool? same = null;
        foreach (TrustedManifest manifest in _byVolume.GetValueOrDefault(location.Volume, []))
        {
            if (manifest.Find(location.Path) is { } entry)
            {
                same = same == true || (entry.Target is null && digests.Sha256.SequenceEqual(entry.Sha256));
            }
        }
        return same;
    }

    /// <summary>What the manifests say of a file that was looked into; null when none names it or it was not hashed.</summary>
    public Statement? Find(FileFacts file)
    {
        byte[]? digest = file.Hashes?.Sha256 is { } hex ? Convert.FromHexString(hex) : null;
        if (file.Location.ShadowedBy is not null || file.Location.Allocation != Allocation.Allocated || (digest is null && file.LinkTarget is null))
        {
            return null;
        }
        Statement? statement = null;
        foreach (TrustedManifest manifest in _byVolume.GetValueOrDefault(file.Location.Volume, []))
        {
            if (manifest.Find(file.Location.Path) is { } entry && statement?.IsSame != true)
            {
                bool isSame = file.Entry.Type == FileType.SymbolicLink ? entry.Target is not null && entry.Target == file.LinkTarget : digest is not null && entry.Target is null && digest.AsSpan().SequenceEqual(entry.Sha256);
                statement = new Statement(isSame, entry.Package);
            }
        }
        return statement;
    }
}
