using System.Collections.Concurrent;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Packages;

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
    /// <summary>Volumes whose files are examined as its own: the root volume and what it mounts, in the order of their mount points.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];
    /// <summary>What its files say is mounted where, in the order in which it takes effect.</summary>
    public IReadOnlyList<HostMount> Mounts { get; init; } = [];
    /// <summary>The container that this is; null for a host of its own.</summary>
    public ContainerIdentity? Container { get; init; }
    /// <summary>Package managers with a database, and how many packages each says are installed, by name; empty when there is none, so that nothing tells where files come from; null when they were not read.</summary>
    public IReadOnlyList<KeyValuePair<string, long>>? PackageManagers { get; init; }
    /// <summary>systemd is the service manager.</summary>
    public bool UsesSystemd { get; init; }
    /// <summary>It is Windows.</summary>
    public bool IsWindows => OsId == WindowsId;
    /// <summary><see cref="OsId"/> of every Windows.</summary>
    public const string WindowsId = "windows";
    /// <summary>Debian's cron rather than cronie.</summary>
    public bool IsDebianLike => OsId is "debian" or "ubuntu" || OsLike.Contains("debian") || OsLike.Contains("ubuntu");
}

/// <summary>Everything the scan learnt, indexed for detectors; immutable. Detectors see this and nothing below it.</summary>
public sealed class EvidenceIndex
{
    private readonly ConcurrentDictionary<Type, object> _byType = new();
    private readonly Dictionary<(string Host, string Path), FileFacts> _byPath = [];
    private readonly Dictionary<(string Volume, ulong Address), FileFacts> _byAddress = [];
    private readonly Lazy<Dictionary<(string, string, ulong, int?), FileFacts>> _byState;
    private readonly Lazy<Dictionary<(string, ulong, string?), StreamFacts>> _streams;
    private readonly Dictionary<string, HostInfo> _hostOf = new(StringComparer.Ordinal);

    /// <summary>Artefacts must be in their final, deterministic order.</summary>
    public EvidenceIndex(IReadOnlyList<HostInfo> hosts, IReadOnlyList<Artifact> artifacts, IReadOnlyList<CommandLink> links)
    {
        Hosts = hosts;
        Artifacts = artifacts;
        _byState = new(() => OfType<FileFacts>().DistinctBy(file => State(file.Location)).ToDictionary(file => State(file.Location)));
        _streams = new(() => OfType<StreamFacts>().DistinctBy(Name).ToDictionary(Name));
        foreach (HostInfo host in hosts)
        {
            foreach (string volume in host.Volumes.Prepend(host.Volume))
            {
                _hostOf.TryAdd(volume, host);
            }
        }
        Links = TaskTwins.Fold(links, artifacts, TreeOf);
        foreach (Artifact artifact in artifacts)
        {
            if (artifact is not FileFacts file)
            {
                continue;
            }
            _byAddress.TryAdd((file.Location.Volume, file.Location.MetadataAddress), file);
            if (file.Location.ShadowedBy is not null)
            {
                // At its path a running system sees another file.
                continue;
            }
            string owner = TreeOf(file.Location.Volume);
            _byPath[(owner, file.Location.Path)] = file;
            foreach (string other in file.OtherPaths)
            {
                _byPath.TryAdd((owner, other), file);
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

    /// <summary>What the package databases of each host say, by its root volume.</summary>
    public IReadOnlyDictionary<string, PackageIndex> Packages { get; init; } = new Dictionary<string, PackageIndex>();

    /// <summary>What the logs of each host say.</summary>
    public LogEvidence Logs { get; init; } = LogEvidence.Empty;

    /// <summary>The packages of the host that a volume belongs to; <see cref="PackageIndex.Empty"/> when it has none.</summary>
    public PackageIndex PackagesOf(string volume) => Packages.GetValueOrDefault(TreeOf(volume)) ?? PackageIndex.Empty;

    /// <summary>These are the facts of deleted files: what is missing among them may still be there, or be gone without a trace.</summary>
    public bool IsOfDeleted { get; init; }

    /// <summary>All artefacts of one type, in order.</summary>
    public IReadOnlyList<T> OfType<T>() where T : Artifact =>
        (IReadOnlyList<T>)_byType.GetOrAdd(typeof(T), _ => Artifacts.OfType<T>().ToArray());

    /// <summary>The file at a path of the tree that a volume belongs to, when it was looked into.</summary>
    public FileFacts? File(string volume, string path) => _byPath.GetValueOrDefault((TreeOf(volume), path));

    /// <summary>The file with a metadata address, when it was looked into.</summary>
    public FileFacts? File(string volume, ulong metadataAddress) => _byAddress.GetValueOrDefault((volume, metadataAddress));

    /// <summary>The file a link leads to, when it was looked into.</summary>
    public FileFacts? File(ResolvedPath? path) => path is null ? null : FileOn(path.Volume, path.Path) ?? File(path.Volume, path.MetadataAddress);

    /// <summary>The very file that a location names, when it was looked into: of several deleted files at one path, the one in the same state.</summary>
    public FileFacts? File(EvidenceLocation place) =>
        place.Stream is not null ? null
        : place.Allocation != Allocation.Allocated ? _byState.Value.GetValueOrDefault(State(place))
        : place.ShadowedBy is null && FileOn(place.Volume, place.Path) is { } named && IsTheFile(named, place) ? named : File(place.Volume, place.MetadataAddress);

    // What was parsed through a link has the link's path and the number of the file behind it.
    private static bool IsTheFile(FileFacts file, EvidenceLocation place) => file.Location.MetadataAddress == place.MetadataAddress || file.Entry.Type != FileType.SymbolicLink;

    private static (string, ulong, string?) Name(StreamFacts stream) => (stream.Location.Volume, stream.Location.MetadataAddress, stream.Location.Stream);

    private FileFacts? FileOn(string volume, string path) => File(volume, path) is { } file && file.Location.Volume == volume ? file : null;

    private static (string, string, ulong, int?) State(EvidenceLocation place) => (place.Volume, place.Path, place.MetadataAddress, place.JournalCopy);

    /// <summary>The stream that a location names, when it was looked into.</summary>
    public StreamFacts? Stream(EvidenceLocation place) => _streams.Value.GetValueOrDefault((place.Volume, place.MetadataAddress, place.Stream));

    /// <summary>The host a volume belongs to; null when none does.</summary>
    public HostInfo? HostOf(string volume) => _hostOf.GetValueOrDefault(volume);

    /// <summary>What tells one tree of files from another: the root volume of the host a volume belongs to; the volume itself when none does.</summary>
    public string TreeOf(string volume) => HostOf(volume)?.Volume ?? volume;
}
