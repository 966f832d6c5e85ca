using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// What must be known about a system before the walk: who it is, where homes lie and where sshd looks for keys. Read through the same artefact parsers as
/// everything else, from a handful of fixed paths.
/// </summary>
/// <param name="Info">Identity.</param>
/// <param name="Homes">Home directories of its accounts, and <c>/root</c>, sorted.</param>
/// <param name="SshOptions">sshd's configuration, in file order.</param>
internal sealed record HostProfile(HostInfo Info, IReadOnlyList<string> Homes, IReadOnlyList<SshServerOption> SshOptions)
{
    /// <summary>Its files, all volumes mounted.</summary>
    public required ImageTree Tree { get; init; }

    /// <summary>Where it sees each volume that belongs to it, by identity.</summary>
    public required IReadOnlyDictionary<string, VolumePlace> Places { get; init; }

    /// <summary>Directories that its web servers publish besides the usual ones, display form.</summary>
    public IReadOnlyList<string> WebRoots { get; init; } = [];

    private const int MostWebRoots = 64;

    /// <summary>Whose each home directory is; of several accounts that share one, the first.</summary>
    public required IReadOnlyDictionary<string, string> OwnersOfHomes { get; init; }

    private static readonly string[] s_paths =
    [
        "/etc/os-release", "/usr/lib/os-release", "/etc/redhat-release", "/etc/alpine-release", "/etc/debian_version", "/etc/hostname", "/etc/machine-id",
        "/etc/localtime", "/etc/timezone", "/etc/passwd", "/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config",
    ];

    /// <summary>
    /// The systems of an image, in the order of their root volumes. A volume belongs to the system whose root it is, else to the first that mounts it: one that two systems mount is
    /// examined once.
    /// </summary>
    public static IReadOnlyList<HostProfile> ReadAll(OpenedImage image, ScanLimits limits, IDiagnosticSink diagnostics, CancellationToken cancellation)
    {
        PathClaims claims = PathClaims.OfLinux([]);
        List<HostProfile> hosts = [.. HostTree.All(image, limits, diagnostics, cancellation).Select(tree => Read(image, tree, claims, limits)).OfType<HostProfile>()];
        Dictionary<string, string> owners = hosts.ToDictionary(host => host.Info.Volume, host => host.Info.Volume, StringComparer.Ordinal);
        for (int i = 0; i < hosts.Count; i++)
        {
            HostProfile host = hosts[i];
            KeyValuePair<string, VolumePlace>[] own = [.. host.Places.Where(place => place.Key == host.Info.Volume || owners.TryAdd(place.Key, host.Info.Volume))];
            foreach (HostMount mount in host.Info.Mounts.Where(mount => mount.IsFollowed && owners[mount.Volume!] != host.Info.Volume))
            {
                diagnostics.Report(new Diagnostic("host.volume.shared", "two systems of the image mount this volume; it is examined once, as a part of the one on " + owners[mount.Volume!])
                {
                    Volume = mount.Volume, Actual = host.Info.Volume + " at " + mount.MountPoint,
                });
            }
            hosts[i] = host with
            {
                Places = own.ToDictionary(StringComparer.Ordinal),
                Info = host.Info with { Volumes = [.. own.OrderBy(place => place.Value.Path, StringComparer.Ordinal).Select(place => place.Key)] },
            };
        }
        return hosts;
    }

    /// <summary>The containers that have a system of their own in them, each on its own.</summary>
    public static IReadOnlyList<HostProfile> ReadContainers(OpenedImage image, IReadOnlyList<OpenedVolume> containers, ScanLimits limits)
    {
        PathClaims claims = PathClaims.OfLinux([]);
        var profiles = new List<HostProfile>();
        foreach (OpenedVolume container in containers)
        {
            var tree = new HostTree(new ImageTree(container, limits), []) { Places = new Dictionary<string, VolumePlace>(StringComparer.Ordinal) { [container.Volume.Identity] = VolumePlace.Alone } };
            if (Read(image, tree, claims, limits) is { } profile)
            {
                profiles.Add(profile with { Info = profile.Info with { Container = container.Container!.Identity, Volumes = [container.Volume.Identity] } });
            }
        }
        return profiles;
    }

    private static HostProfile? Read(OpenedImage image, HostTree host, PathClaims claims, ScanLimits limits)
    {
        ImageTree tree = host.Tree;
        if (tree.IsWindows)
        {
            return WindowsSystem.Read(host, limits);
        }
        var found = new ArtifactList();
        foreach (string path in s_paths)
        {
            ReadOne(image, tree, claims.ClaimantsOf(path), limits, path, found);
        }
        ArtifactParser[] serverConfiguration = [.. Parsers.Catalog.ArtifactParsers.Where(parser => parser is SshServerConfigParser)];
        foreach (string path in IncludedByServer(tree, found.Artifacts.OfType<SshServerOption>()))
        {
            ReadOne(image, tree, serverConfiguration, limits, path, found);
        }
        ArtifactParser[] webServers = [.. Parsers.Catalog.ArtifactParsers.Where(parser => parser is WebServerConfigParser)];
        foreach (string path in webServers.SelectMany(parser => parser.Claims).SelectMany(claim => FilesOf(tree, claim)))
        {
            ReadOne(image, tree, webServers, limits, path, found);
        }
        string? Fact(string name) => found.Artifacts.OfType<HostFact>().FirstOrDefault(fact => fact.Name == name)?.Value;
        UserAccount[] accounts = [.. found.Artifacts.OfType<UserAccount>()];
        if (accounts.Length == 0 && Fact("os.id") is null && Fact("os.release") is null)
        {
            return null;
        }
        var homes = new SortedSet<string>(StringComparer.Ordinal) { "/root" };
        foreach (UserAccount account in accounts)
        {
            string home = PathText.FromText(account.Home.TrimEnd('/'));
            // "/" and "/nonexistent"-like homes would turn "~/..." claims into claims on the whole tree.
            if (home.StartsWith('/') && home.Length > 1 && !home.Contains("/../", StringComparison.Ordinal) && homes.Count < 10_000)
            {
                homes.Add(home);
            }
        }
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (UserAccount account in accounts)
        {
            if (PathText.FromText(account.Home.TrimEnd('/')) is var home && homes.Contains(home))
            {
                owners.TryAdd(home, account.Name);
            }
        }
        owners.TryAdd("/root", "root");
        string volume = tree.Volume.Volume.Identity;
        var info = new HostInfo(volume, Fact("os.id"), Fact("os.idLike")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            OsName = Fact("os.prettyName") ?? Fact("os.release"),
            OsVersion = Fact("os.versionId"),
            HostName = Fact("hostName"),
            MachineId = Fact("machineId"),
            TimeZone = Fact("timeZone"),
            Mounts = host.Mounts,
            UsesSystemd = tree.Resolve("/usr/lib/systemd/systemd") is not null || tree.Resolve("/lib/systemd/systemd") is not null,
        };
        return new HostProfile(info, [.. homes], [.. found.Artifacts.OfType<SshServerOption>()])
        {
            Tree = tree, Places = host.Places, OwnersOfHomes = owners,
            WebRoots = [.. found.Artifacts.OfType<WebRoot>().Select(root => PathText.FromText(root.Directory)).Where(root => root.Count('/') > 1 || root is "/srv" or "/www" or "/data").Distinct(StringComparer.Ordinal).Take(MostWebRoots)],
        };
    }

    /// <summary>Files that sshd's <c>Include</c> lines name, one level deep.</summary>
    private static IReadOnlyList<string> IncludedByServer(ImageTree tree, IEnumerable<SshServerOption> options)
    {
        var files = new List<string>();
        foreach (string glob in SshServerConfig.IncludeGlobs(options))
        {
            files.AddRange(FilesOf(tree, glob));
        }
        return files;
    }

    /// <summary>Files that a glob names whose last component alone may hold wildcards.</summary>
    private static IEnumerable<string> FilesOf(ImageTree tree, string glob)
    {
        int slash = glob.LastIndexOf('/');
        string directory = slash == 0 ? "/" : glob[..slash];
        return tree.List(directory).Where(name => Glob.Matches(glob.AsSpan(slash + 1), name)).Select(name => PathText.Join(directory, name)).Take(1000);
    }

    private static void ReadOne(OpenedImage image, ImageTree tree, IReadOnlyList<ArtifactParser> parsers, ScanLimits limits, string path, ArtifactList sink)
    {
        if (parsers.Count == 0 || tree.Find(path, followLast: false) is not { } file)
        {
            return;
        }
        try
        {
            string? target = null;
            if (file.File.Type == FileType.SymbolicLink)
            {
                target = ImageTree.LinkTarget(file.FileSystem, file.File);
                if (parsers.All(parser => !parser.Accepts(FileType.SymbolicLink)))
                {
                    if (tree.Find(path) is not { } linked)
                    {
                        return;
                    }
                    file = linked;
                }
            }
            FileEntry entry = file.File;
            byte[] content = entry.Type == FileType.Regular ? file.FileSystem.OpenContent(entry).ReadArray(0, limits.ArtifactBytes) : [];
            var location = new EvidenceLocation(image.Name, file.Volume.Volume.Identity, file.Volume.Volume.Offset, path, entry.MetadataAddress);
            foreach (ArtifactParser parser in parsers.Where(parser => parser.Accepts(entry.Type)))
            {
                parser.Parse(new ArtifactInput(location, entry, content) { LinkTarget = target, Limits = limits }, sink);
            }
        }
        catch (ForensicException)
        {
            // Identity is best effort here; the walk meets the same file again and reports the damage.
            return;
        }
    }
}
