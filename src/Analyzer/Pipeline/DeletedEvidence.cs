using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Puts the evidence together: what has a name, and beside it, in indexes of their own, files unlinked while open and deleted ones. A deleted account, unit or
/// preload file must not count as one that is in force.
/// </summary>
internal static class DeletedEvidence
{
    /// <summary>The index of what has a name, with the others hanging on it.</summary>
    public static EvidenceIndex Join(IReadOnlyList<HostInfo> hosts, IReadOnlyList<Artifact> artifacts, IReadOnlyList<CommandLink> links, IReadOnlyList<DeletedSearch> searches,
        IReadOnlyDictionary<string, PackageIndex> packages, LogEvidence logs)
    {
        var live = new EvidenceIndex(hosts, artifacts, links) { Packages = packages, Logs = logs };
        Artifact[] found = [.. searches.SelectMany(search => search.Settled.Concat(search.Jobs.SelectMany(job => job.Results ?? [])))];
        if (found.Length == 0)
        {
            return live;
        }
        IReadOnlyList<Artifact> orphans = ArtifactOrder.Sort(found.Where(IsOfOrphan));
        HashSet<(string Volume, string Path, ulong Address, int? Copy)> repeated =
            [.. found.OfType<FileFacts>().Where(file => IsLiveToo(live, file)).Select(file => Key(file.Location))];
        IReadOnlyList<Artifact> deleted = ArtifactOrder.Sort(found.Where(artifact => !IsOfOrphan(artifact) && Counts(artifact) && !repeated.Contains(Key(artifact.Location))));
        return new EvidenceIndex(hosts, artifacts, links)
        {
            Packages = packages,
            Logs = logs,
            Orphans = orphans.Count == 0 ? null : new EvidenceIndex(hosts, orphans, []),
            Deleted = deleted.Count == 0 ? null : new EvidenceIndex(hosts, deleted, Links(deleted, searches)) { IsOfDeleted = true, Packages = packages },
        };
    }

    /// <summary>What an orphan is goes to the orphans; what it says, when it was a cron table or the like, to the deleted.</summary>
    private static bool IsOfOrphan(Artifact artifact) =>
        artifact.Location.Allocation == Allocation.Orphan && artifact is FileFacts or DeletedFileFacts or YaraMatch or HashMatch or ExecutableFacts;

    /// <summary>Settings that are no longer in force say nothing; what started something, opened an account, or is known to be bad does.</summary>
    private static bool Counts(Artifact artifact) =>
        artifact is not (SshServerOption or PasswordEntry or UserGroup or HostFact or SystemdLink { Effect: UnitLinkEffect.Masks } or UserAccount { IsPrevious: true });

    /// <summary>The same content still stands at the same path: an editor's or package manager's older copy.</summary>
    private static bool IsLiveToo(EvidenceIndex live, FileFacts file) =>
        file.Hashes?.Sha256 is string digest && live.File(file.Location.Volume, file.Location.Path)?.Hashes?.Sha256 == digest;

    private static (string, string, ulong, int?) Key(EvidenceLocation place) => (place.Volume, place.Path, place.MetadataAddress, place.JournalCopy);

    /// <summary>What deleted artefacts started, looked up in the tree as it is now. Nothing is examined for it.</summary>
    private static List<CommandLink> Links(IReadOnlyList<Artifact> deleted, IReadOnlyList<DeletedSearch> searches)
    {
        Dictionary<string, ImageTree> trees = searches.ToDictionary(search => search.Walk.Volume.Volume.Identity, search => search.Walk.Tree, StringComparer.Ordinal);
        return [.. deleted.SelectMany(artifact => CommandResolver.ResolveAll(artifact, trees[artifact.Location.Volume]))];
    }
}
