using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>What a volume is walked as: a part of a host's tree, or a tree of its own.</summary>
/// <param name="Tree">The tree.</param>
/// <param name="Place">Where in it the volume is seen.</param>
/// <param name="Claims">Which parsers want which of its paths.</param>
internal sealed record VolumeSetting(ImageTree Tree, VolumePlace Place, PathClaims Claims)
{
    /// <summary>The settings of all volumes that are read, by identity. A volume that no host mounts is walked as a root of its own, with the claims of any system.</summary>
    public static IReadOnlyDictionary<string, VolumeSetting> Of(IReadOnlyList<OpenedVolume> volumes, IReadOnlyList<HostProfile> hosts, ScanLimits limits)
    {
        var settings = new Dictionary<string, VolumeSetting>(StringComparer.Ordinal);
        foreach (HostProfile host in hosts)
        {
            PathClaims claims = host.Info.IsWindows ? PathClaims.OfWindows(host.Homes, WindowsWebSites.Claims(host.WebRoots)) : PathClaims.OfLinux(host.Homes, MoreFilesOfServer(host));
            foreach ((string volume, VolumePlace place) in host.Places)
            {
                settings.Add(volume, new VolumeSetting(host.Tree, place, claims));
            }
        }
        PathClaims? common = null;
        PathClaims? windows = null;
        foreach (OpenedVolume volume in volumes)
        {
            if (volume.FileSystem is not null && !settings.ContainsKey(volume.Volume.Identity))
            {
                PathClaims claims = volume.FileSystem.IgnoresCase ? windows ??= PathClaims.OfWindows([]) : common ??= PathClaims.OfLinux(["/root"]);
                settings.Add(volume.Volume.Identity, new VolumeSetting(new ImageTree(volume, limits), VolumePlace.Alone, claims));
            }
        }
        return settings;
    }

    /// <summary>Key files and configuration files where this host's sshd looks for them.</summary>
    private static IEnumerable<KeyValuePair<ArtifactParser, string>> MoreFilesOfServer(HostProfile host)
    {
        foreach (ArtifactParser parser in Parsers.Catalog.ArtifactParsers)
        {
            IReadOnlyList<string> globs = parser switch
            {
                AuthorizedKeysParser => SshServerConfig.AuthorizedKeysGlobs(host.SshOptions),
                SshServerConfigParser => SshServerConfig.IncludeGlobs(host.SshOptions),
                WebScriptParser => [.. host.WebRoots.SelectMany(WebScriptParser.ClaimsBelow)],
                _ => [],
            };
            foreach (string glob in globs)
            {
                yield return KeyValuePair.Create(parser, glob);
            }
        }
    }
}
