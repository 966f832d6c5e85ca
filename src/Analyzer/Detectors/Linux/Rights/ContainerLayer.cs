using System.Text.RegularExpressions;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// A file inside the stored file system of a container, snap, flatpak or chroot: what packages of the host say about its path means nothing, and its own path counts from the root of that file system.
/// </summary>
internal static partial class ContainerLayer
{
    /// <summary>The path as the container sees it; null when the file is the host's own.</summary>
    public static string? Inner(string path)
    {
        Match match = Root().Match(path);
        return match.Success ? path[(match.Length - 1)..] : null;
    }

    [GeneratedRegex(@"^(?:/var/lib/docker/(?:overlay2?/[^/]+/(?:diff|merged|root)|aufs/(?:diff|mnt)/[^/]+|btrfs/subvolumes/[^/]+|vfs/dir/[^/]+|devicemapper/mnt/[^/]+/rootfs|rootfs/overlayfs/[^/]+)"
        + @"|/(?:var/lib|run|home/[^/]+/\.local/share|root/\.local/share)/(?:rancher/k3s/agent/)?(?:k0s/)?containerd/(?:[^/]+/)?io\.containerd\.snapshotter\.v1\.[^/]+/snapshots/[^/]+/fs"
        + @"|/var/lib/rancher/[^/]+/agent/containerd/io\.containerd\.snapshotter\.v1\.[^/]+/snapshots/[^/]+/fs"
        + @"|/(?:var/lib/containers|home/[^/]+/\.local/share/containers|root/\.local/share/containers)/storage/(?:overlay/[^/]+/(?:diff|merged)|vfs/dir/[^/]+|btrfs/subvolumes/[^/]+)"
        + @"|/(?:var/lib/snapd/)?snap/[^/]+/[^/]+|/var/lib/flatpak/(?:runtime|app)/[^/]+/[^/]+/[^/]+/[^/]+/files|/var/lib/machines/[^/]+"
        + @"|/var/lib/(?:lxc|lxd/containers|lxd/storage-pools/[^/]+/containers|incus/storage-pools/[^/]+/containers)/[^/]+/rootfs|/var/snap/lxd/common/lxd/storage-pools/[^/]+/(?:containers|images)/[^/]+/rootfs"
        + @"|/(?:srv|var)/chroots?/[^/]+|/var/lib/schroot/(?:chroots|unpack)/[^/]+|/var/cache/pbuilder/(?:build/)?[^/]+|/var/lib/mock/[^/]+/root|/ostree/repo/[^/]+|/sysroot/ostree/deploy/[^/]+/deploy/[^/]+)/",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Root();
}
