using System.Collections.Concurrent;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>A system found in the image.</summary>
/// <param name="Volume">Volume identity of its root file system.</param>
/// <param name="OsId"><c>debian</c>, <c>rhel</c>, <c>alpine</c>; null when unknown.</param>
/// <param name="OsLike">Words of <c>ID_LIKE</c>.</param>
public sealed record HostInfo(string Volume, string? OsId, IReadOnlyList<string> OsLike)
{
    /// <summary><c>PRETTY_NAME</c>.</summary>
    public string? OsName { get; init; }
    /// <summary><c>VERSION_ID</c>.</summary>
    public string? OsVersion { get; init; }
    /// <summary>Content of <c>/etc/hostname</c>.</summary>
    public string? HostName { get; init; }
    /// <summary>Content of <c>/etc/machine-id</c>.</summary>
    public string? MachineId { get; init; }
    /// <summary>From <c>/etc/localtime</c> or <c>/etc/timezone</c>.</summary>
    public string? TimeZone { get; init; }
    /// <summary>Volumes that belong to it.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];
    /// <summary>systemd is the service manager.</summary>
    public bool UsesSystemd { get; init; }
    /// <summary>Debian's cron rather than cronie.</summary>
    public bool IsDebianLike => OsId is "debian" or "ubuntu" || OsLike.Contains("debian") || OsLike.Contains("ubuntu");
}

/// <summary>Everything the scan learnt, indexed for detectors; immutable. Detectors see this and nothing below it.</summary>
public sealed class EvidenceIndex
{
    private readonly ConcurrentDictionary<Type, object> _byType = new();
    private readonly Dictionary<(string Volume, string Path), FileFacts> _byPath = [];
    private readonly Dictionary<(string Volume, ulong Address), FileFacts> _byAddress = [];

    /// <summary>Artefacts must be in their final, deterministic order.</summary>
    public EvidenceIndex(IReadOnlyList<HostInfo> hosts, IReadOnlyList<Artifact> artifacts, IReadOnlyList<CommandLink> links)
    {
        Hosts = hosts;
        Artifacts = artifacts;
        Links = links;
        foreach (Artifact artifact in artifacts)
        {
            if (artifact is FileFacts file)
            {
                _byPath[(file.Location.Volume, file.Location.Path)] = file;
                _byAddress.TryAdd((file.Location.Volume, file.Location.MetadataAddress), file);
                foreach (string other in file.OtherPaths)
                {
                    _byPath.TryAdd((file.Location.Volume, other), file);
                }
            }
        }
    }

    /// <summary>Systems found.</summary>
    public IReadOnlyList<HostInfo> Hosts { get; }

    /// <summary>All artefacts, <see cref="FileFacts"/> included.</summary>
    public IReadOnlyList<Artifact> Artifacts { get; }

    /// <summary>Who starts what.</summary>
    public IReadOnlyList<CommandLink> Links { get; }

    /// <summary>What is known of files that were unlinked while a process had them open; null when there are none. Not part of <see cref="Artifacts"/>.</summary>
    public EvidenceIndex? Orphans { get; init; }

    /// <summary>What deleted files say that would count if they were still there; null when there are none. Not part of <see cref="Artifacts"/>, and judged apart.</summary>
    public EvidenceIndex? Deleted { get; init; }

    /// <summary>These are the facts of deleted files: what is missing among them may still be there, or be gone without a trace.</summary>
    public bool IsOfDeleted { get; init; }

    /// <summary>All artefacts of one type, in order.</summary>
    public IReadOnlyList<T> OfType<T>() where T : Artifact =>
        (IReadOnlyList<T>)_byType.GetOrAdd(typeof(T), _ => Artifacts.OfType<T>().ToArray());

    /// <summary>The file at a path of a volume, when it was looked into.</summary>
    public FileFacts? File(string volume, string path) => _byPath.GetValueOrDefault((volume, path));

    /// <summary>The file with a metadata address, when it was looked into.</summary>
    public FileFacts? File(string volume, ulong metadataAddress) => _byAddress.GetValueOrDefault((volume, metadataAddress));

    /// <summary>The file a link leads to, when it was looked into.</summary>
    public FileFacts? File(ResolvedPath? path) => path is null ? null : File(path.Volume, path.Path) ?? File(path.Volume, path.MetadataAddress);

    /// <summary>The host a volume belongs to; null when none does.</summary>
    public HostInfo? HostOf(string volume) => Hosts.FirstOrDefault(host => host.Volume == volume || host.Volumes.Contains(volume));
}
