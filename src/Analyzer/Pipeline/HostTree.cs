using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>One system of the image as its root volume and its table of mounts describe it.</summary>
/// <param name="Tree">Its files, all volumes mounted.</param>
/// <param name="Mounts">Every entry of its table, in the order in which it takes effect.</param>
internal sealed record HostTree(ImageTree Tree, IReadOnlyList<HostMount> Mounts)
{
    // What only a root directory has.
    private static readonly string[] s_marks = ["/etc/passwd", "/etc/os-release", "/usr/lib/os-release", "/etc/redhat-release", "/etc/alpine-release", "/etc/debian_version"];

    /// <summary>The volumes that it mounts, by identity, where it sees them; of a volume that is mounted twice, the first place.</summary>
    public IReadOnlyDictionary<string, VolumePlace> Places { get; init; } = new Dictionary<string, VolumePlace>();

    /// <summary>The systems of an image, in the order of their root volumes.</summary>
    public static IReadOnlyList<HostTree> All(OpenedImage image, ScanLimits limits, IDiagnosticSink diagnostics, CancellationToken cancellation)
    {
        var devices = new DeviceNames(image);
        var hosts = new List<HostTree>();
        foreach (OpenedVolume volume in image.Volumes.Where(volume => volume.FileSystem is not null))
        {
            cancellation.ThrowIfCancellationRequested();
            var tree = new ImageTree(volume, limits);
            if (tree.IsWindows)
            {
                // Which volumes have which letters stands in the registry: the system's own is all that is known to be part of it.
                if (WindowsSystem.IsOn(tree))
                {
                    hosts.Add(new HostTree(tree, []) { Places = new Dictionary<string, VolumePlace>(StringComparer.Ordinal) { [volume.Volume.Identity] = VolumePlace.Alone } });
                }
                continue;
            }
            if (s_marks.Any(mark => tree.Find(mark, followLast: false) is not null))
            {
                hosts.Add(new Builder(tree, devices).Build(MountTable.Read(tree, limits, diagnostics)));
            }
        }
        return hosts;
    }

    private sealed class Builder(ImageTree tree, DeviceNames devices)
    {
        // PATH_MAX: a kernel takes no longer one, and following one costs time for each component.
        private const int LongestMountPoint = 4096;

        private readonly List<HostMount> _mounts = [];
        private readonly Dictionary<string, (int Index, OpenedVolume Volume, OpenedVolume Covered, bool IsNoAuto)> _active = new(StringComparer.Ordinal);

        public HostTree Build(IReadOnlyList<FstabEntry> entries)
        {
            string? rootSource = entries.LastOrDefault(entry => entry is { MountPoint: "/", Medium: MountMedium.Device })?.Source;
            foreach (FstabEntry entry in entries)
            {
                Take(entry, rootSource);
            }
            return new HostTree(tree, _mounts) { Places = Places() };
        }

        private void Take(FstabEntry entry, string? rootSource)
        {
            var mount = new HostMount(PathText.FromText(entry.MountPoint), PathText.FromText(entry.Source), PathText.FromText(entry.FileSystemType)) { From = entry.Location.Path };
            if (entry.Medium is not (MountMedium.Device or MountMedium.Swap))
            {
                _mounts.Add(mount with { Note = NotFollowed(entry.Medium) });
                return;
            }
            IReadOnlyList<OpenedVolume> found = devices.Find(entry.Source, tree.Volume, rootSource);
            if (entry.Medium == MountMedium.Swap)
            {
                _mounts.Add(mount with { Volume = found.Count == 1 ? found[0].Volume.Identity : null, Note = "swap" });
                return;
            }
            bool isRoot = entry.MountPoint.StartsWith('/') && entry.MountPoint.Length <= LongestMountPoint && tree.Find(mount.MountPoint)?.Path == "/";
            if (isRoot)
            {
                bool isItself = found.Any(volume => volume.Volume.Identity == tree.Volume.Volume.Identity);
                _mounts.Add(mount with
                {
                    MountPoint = "/", Volume = tree.Volume.Volume.Identity, IsFollowed = true,
                    Note = isItself || found.Count == 0 ? null : "names another volume, " + found[0].Volume.Identity + ", than the one that this table lies on",
                });
                return;
            }
            OpenedVolume? volume = found.FirstOrDefault(candidate => candidate.FileSystem is not null) ?? found.FirstOrDefault();
            if (WhyNot(entry, volume) is { } reason)
            {
                _mounts.Add(mount with { Volume = volume?.Volume.Identity, Note = reason });
                return;
            }
            if (tree.Mount(mount.MountPoint, volume!) is not { } place)
            {
                _mounts.Add(mount with { Volume = volume!.Volume.Identity, Note = "not followed: the mount point is no directory of the image" });
                return;
            }
            if (_active.TryGetValue(place.Path, out var before))
            {
                _mounts[before.Index] = _mounts[before.Index] with { IsFollowed = false, Note = "not followed: a later entry mounts another volume there" };
            }
            _active[place.Path] = (_mounts.Count, volume!, before.Covered ?? place.Covered, entry.IsNoAuto);
            string[] notes =
            [
                .. entry.IsNoAuto ? new[] { "mounted only when asked for" } : [],
                .. found.Count > 1 ? new[] { string.Create(CultureInfo.InvariantCulture, $"{found.Count} volumes have this name; the first that can be read is taken") } : [],
            ];
            _mounts.Add(mount with { MountPoint = place.Path, Volume = volume!.Volume.Identity, IsFollowed = true, Note = notes.Length == 0 ? null : string.Join("; ", notes) });
        }

        private string? WhyNot(FstabEntry entry, OpenedVolume? volume)
        {
            if (!entry.MountPoint.StartsWith('/'))
            {
                return "not followed: the mount point is no absolute path";
            }
            if (entry.MountPoint.Length > LongestMountPoint)
            {
                return "not followed: the mount point is longer than a path can be";
            }
            if (volume is null)
            {
                return "no such volume in the image";
            }
            if (volume.FileSystem is not { } fileSystem)
            {
                return "the volume is not read: " + volume.NotReadBecause;
            }
            if (volume.Volume.Identity == tree.Volume.Volume.Identity)
            {
                return "not followed: the root volume again";
            }
            return IsOfType(entry.FileSystemType, fileSystem.Kind) ? null : "not followed: a mount would fail, the volume is " + fileSystem.Kind;
        }

        /// <summary>One driver mounts ext2, ext3 and ext4.</summary>
        private static bool IsOfType(string wanted, string kind) =>
            wanted.Split(',').Any(type => type == "auto" || type == kind || (type.StartsWith("ext", StringComparison.Ordinal) && kind.StartsWith("ext", StringComparison.Ordinal)));

        private static string NotFollowed(MountMedium medium) => medium switch
        {
            MountMedium.Bind => "bind mount, not followed",
            MountMedium.Overlay => "overlay, not followed",
            MountMedium.Network => "file server, not in the image",
            MountMedium.ImageFile => "file that holds a file system, not followed",
            _ => "kernel file system without files on a disk",
        };

        private Dictionary<string, VolumePlace> Places()
        {
            var places = new Dictionary<string, VolumePlace>(StringComparer.Ordinal) { [tree.Volume.Volume.Identity] = VolumePlace.Alone };
            foreach ((string path, var mount) in _active.OrderBy(pair => pair.Value.Index))
            {
                places.TryAdd(mount.Volume.Volume.Identity, new VolumePlace(path));
            }
            foreach ((string path, var mount) in _active.Where(pair => !pair.Value.IsNoAuto).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                // A volume that is mounted twice is walked at its first place; what is mounted into its second one covers the same files under another name.
                if (places.TryGetValue(mount.Covered.Volume.Identity, out VolumePlace? covered) && (covered.Path == "/" || path.StartsWith(covered.Path + "/", StringComparison.Ordinal)))
                {
                    places[mount.Covered.Volume.Identity] = covered with { MountPoints = [.. covered.MountPoints, path] };
                }
            }
            return places;
        }
    }
}
