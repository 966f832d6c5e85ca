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
public sealed record HostProfile(HostInfo Info, IReadOnlyList<string> Homes, IReadOnlyList<SshServerOption> SshOptions)
{
    private static readonly string[] s_paths =
    [
        "/etc/os-release", "/usr/lib/os-release", "/etc/redhat-release", "/etc/alpine-release", "/etc/debian_version", "/etc/hostname", "/etc/machine-id",
        "/etc/localtime", "/etc/timezone", "/etc/passwd", "/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config",
    ];

    /// <summary>The systems of an image, in volume order: every volume that has accounts or says which system it is.</summary>
    public static IReadOnlyList<HostProfile> ReadAll(OpenedImage image, ScanLimits limits, CancellationToken cancellation)
    {
        var claims = new PathClaims(Parsers.Catalog.ArtifactParsers, []);
        var hosts = new List<HostProfile>();
        foreach (OpenedVolume volume in image.Volumes)
        {
            cancellation.ThrowIfCancellationRequested();
            if (volume.FileSystem is not null && Read(image, new ImageTree(volume, limits), claims, limits) is { } host)
            {
                hosts.Add(host);
            }
        }
        return hosts;
    }

    /// <summary>The identities only.</summary>
    public static IReadOnlyList<HostInfo> Read(OpenedImage image, CancellationToken cancellation) =>
        [.. ReadAll(image, ScanLimits.Default, cancellation).Select(host => host.Info)];

    private static HostProfile? Read(OpenedImage image, ImageTree tree, PathClaims claims, ScanLimits limits)
    {
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
        string volume = tree.Volume.Volume.Identity;
        var info = new HostInfo(volume, Fact("os.id"), Fact("os.idLike")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            OsName = Fact("os.prettyName") ?? Fact("os.release"),
            OsVersion = Fact("os.versionId"),
            HostName = Fact("hostName"),
            MachineId = Fact("machineId"),
            TimeZone = Fact("timeZone"),
            Volumes = [volume],
            UsesSystemd = tree.Resolve("/usr/lib/systemd/systemd") is not null || tree.Resolve("/lib/systemd/systemd") is not null,
        };
        return new HostProfile(info, [.. homes], [.. found.Artifacts.OfType<SshServerOption>()]);
    }

    /// <summary>Files that sshd's <c>Include</c> lines name, one level deep.</summary>
    private static IReadOnlyList<string> IncludedByServer(ImageTree tree, IEnumerable<SshServerOption> options)
    {
        var files = new List<string>();
        foreach (string glob in SshServerConfig.IncludeGlobs(options))
        {
            int slash = glob.LastIndexOf('/');
            string directory = slash == 0 ? "/" : glob[..slash];
            files.AddRange(tree.List(directory).Where(name => Glob.Matches(glob.AsSpan(slash + 1), name)).Select(name => PathText.Join(directory, name)).Take(1000));
        }
        return files;
    }

    private static void ReadOne(OpenedImage image, ImageTree tree, IReadOnlyList<ArtifactParser> parsers, ScanLimits limits, string path, ArtifactList sink)
    {
        if (parsers.Count == 0 || tree.Resolve(path, followLast: false, out FileEntry? entry) is not { } place || entry is null)
        {
            return;
        }
        string? target = null;
        if (entry.Type == FileType.SymbolicLink)
        {
            target = tree.LinkTarget(entry);
            if (parsers.All(parser => !parser.Accepts(FileType.SymbolicLink)) && tree.Resolve(path, followLast: true, out entry) is null)
            {
                return;
            }
        }
        try
        {
            byte[] content = entry!.Type == FileType.Regular ? tree.FileSystem.OpenContent(entry).ReadArray(0, limits.ArtifactBytes) : [];
            var location = new EvidenceLocation(image.Name, place.Volume, tree.Volume.Volume.Offset, path, place.MetadataAddress);
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
