using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Says of every file that was looked into where it comes from: compares it with what the packages of its host say.</summary>
internal sealed class OriginPhase
{
    // Every system has one of these from a package. A database that owns none of them was cut, or is made up: what it does not name is unknown, not alien.
    private static readonly string[] s_basics = ["/usr/bin/ls", "/bin/ls", "/usr/bin/busybox", "/bin/busybox", "/usr/bin/coreutils", "/bin/coreutils"];

    private readonly HashSet<string> _partial = new(StringComparer.Ordinal);
    // prelink rewrites a whole system: where it ran there are hundreds, and a single file of this form is no more than a claim.
    private const int MinimumPrelinked = 20;

    private readonly TrustedFiles? _trusted;
    private readonly HashSet<string> _prelinkedHosts = new(StringComparer.Ordinal);
    private readonly HashSet<(string Volume, string Path)> _prelinked = [];
    private readonly Dictionary<string, string> _rootOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ProvenanceJudge> _judges = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Host, uint Id), string> _users = [];
    private readonly Dictionary<(string Host, uint Id), string> _groups = [];

    public OriginPhase(IEnumerable<HostInfo> hosts, IReadOnlyDictionary<string, PackageIndex> packages, IReadOnlyList<Artifact> artifacts, TrustedFiles? trusted = null)
    {
        _trusted = trusted;
        foreach (HostInfo host in hosts)
        {
            if (packages.TryGetValue(host.Volume, out PackageIndex? index) && index.Packages.Count > 0)
            {
                _judges.Add(host.Volume, new ProvenanceJudge(index));
                if (!s_basics.Any(index.IsOwned))
                {
                    _partial.Add(host.Volume);
                }
                foreach (string volume in host.Volumes.Prepend(host.Volume))
                {
                    _rootOf.TryAdd(volume, host.Volume);
                }
            }
        }
        foreach (Artifact artifact in artifacts)
        {
            if (artifact is UserAccount { IsPrevious: false, UserId: uint userId } user && _rootOf.TryGetValue(user.Location.Volume, out string? host))
            {
                _users.TryAdd((host, userId), user.Name);
            }
            else if (artifact is UserGroup { IsPrevious: false, GroupId: uint groupId } group && _rootOf.TryGetValue(group.Location.Volume, out host))
            {
                _groups.TryAdd((host, groupId), group.Name);
            }
            else if (artifact is PrelinkedFile && _rootOf.ContainsKey(artifact.Location.Volume))
            {
                _prelinked.Add((artifact.Location.Volume, artifact.Location.Path));
            }
        }
        _prelinkedHosts = [.. _prelinked.GroupBy(file => _rootOf[file.Volume]).Where(files => files.Count() >= MinimumPrelinked).Select(files => files.Key)];
    }

    /// <summary>The same artefacts in the same order, files with their origin.</summary>
    public IReadOnlyList<Artifact> Run(IReadOnlyList<Artifact> artifacts, int threads)
    {
        if (_judges.Count == 0 && _trusted is null)
        {
            return artifacts;
        }
        var judged = new Artifact[artifacts.Count];
        Threads.For(artifacts.Count, threads, i => judged[i] = artifacts[i] is FileFacts { Location.ShadowedBy: null } file && OriginOf(file) is { } origin ? file with { Origin = origin } : artifacts[i]);
        return judged;
    }

    private FileOrigin? OriginOf(FileFacts file)
    {
        FileOrigin? origin = PackagedOriginOf(file);
        if (_trusted?.Find(file) is not { } entry)
        {
            return origin;
        }
        return (origin ?? new FileOrigin(ProvenanceState.Unverified)) with { IsConfirmed = entry.IsSame, TrustedPackage = entry.Package };
    }

    private FileOrigin? PackagedOriginOf(FileFacts file)
    {
        if (!_rootOf.TryGetValue(file.Location.Volume, out string? host))
        {
            return null;
        }
        FileOrigin first = Judge(host, file, file.Location.Path);
        // One content under several names: the name that a package owns explains the others.
        foreach (string other in file.OtherPaths.Take(64))
        {
            if (!first.IsAlien)
            {
                break;
            }
            first = Judge(host, file, other);
        }
        return first.IsAlien && _partial.Contains(host) ? null : first;
    }

    private FileOrigin Judge(string host, FileFacts file, string path)
    {
        FileEntry entry = file.Entry;
        var observed = new ObservedFile
        {
            Kind = entry.Type switch
            {
                FileType.Regular => PackageFileKind.Regular,
                FileType.Directory => PackageFileKind.Directory,
                FileType.SymbolicLink => PackageFileKind.Link,
                _ => PackageFileKind.Special,
            },
            Size = entry.Size, Permissions = entry.Permissions, UserId = entry.UserId, GroupId = entry.GroupId,
            UserName = _users.GetValueOrDefault((host, entry.UserId)), GroupName = _groups.GetValueOrDefault((host, entry.GroupId)), LinkTarget = file.LinkTarget,
        };
        FileProvenance found = _judges[host].Judge(path, observed, algorithm => Digest(file.Hashes, algorithm));
        ProvenanceState state = found.State;
        if (state == ProvenanceState.VendorModified && (found.Differences & FileDifferences.Kind) == 0 && _prelinkedHosts.Contains(host) && _prelinked.Contains((file.Location.Volume, file.Location.Path)))
        {
            // rpm undoes the prelinking before it compares, which is not done here.
            state = ProvenanceState.Unverified;
        }
        return new FileOrigin(state)
        {
            Package = found.File is { } owned ? owned.Package.Name + " " + owned.Package.Version : null, Manager = found.File?.Package.Manager, Differences = found.Differences,
            GeneratedBy = found.Rule?.Name, NeedsExamination = found.Rule?.NeedsExamination == true,
        };
    }

    private static byte[]? Digest(FileHashes? hashes, DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Md5 when hashes?.Md5 is { } md5 => Convert.FromHexString(md5),
        DigestAlgorithm.Sha1 when hashes?.Sha1 is { } sha1 => Convert.FromHexString(sha1),
        DigestAlgorithm.Sha256 when hashes?.Sha256 is { } sha256 => Convert.FromHexString(sha256),
        _ => null,
    };
}
