using System.Globalization;
using System.Text;
using Forensics.Parsers;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Finds the volume that a system's own files mean by a device name or tag: <c>UUID=</c>, <c>LABEL=</c>, <c>PARTUUID=</c>, <c>PARTLABEL=</c>, <c>/dev/disk/by-*</c>, the
/// names of logical volumes and arrays, and kernel names such as <c>/dev/sda2</c> as far as they are not ambiguous.
/// </summary>
/// <remarks>
/// Limitations: which disk was <c>sda</c> is not in an image. With one disk the partition number decides; with several, the entry of the root file system tells which disk its letter
/// means, and another letter is followed only when one other disk alone has such a partition. <c>by-id</c> and <c>by-path</c> names count by their partition number alone.
/// </remarks>
internal sealed class DeviceNames
{
    private readonly Dictionary<string, List<OpenedVolume>> _byTag = new(StringComparer.Ordinal);
    private readonly List<(OpenedVolume Volume, int Disk, int Number)> _partitions = [];
    private readonly int _disks;

    public DeviceNames(OpenedImage image)
    {
        _disks = image.Disks.Count;
        Dictionary<string, OpenedVolume> byIdentity = image.Volumes.DistinctBy(volume => volume.Volume.Identity).ToDictionary(volume => volume.Volume.Identity, StringComparer.Ordinal);
        for (int disk = 0; disk < image.Disks.Count; disk++)
        {
            OpenedDisk opened = image.Disks[disk];
            foreach (Parsers.Volumes.Volume volume in opened.Table.Volumes)
            {
                if (byIdentity.TryGetValue(opened.Prefix + volume.Identity, out OpenedVolume? found))
                {
                    int number = NumberAtEnd(volume.Name);
                    _partitions.Add((found, disk, number));
                    if (opened.Table.Kind == "mbr" && opened.Table.DiskIdentifier is { } signature)
                    {
                        Add("PARTUUID=" + string.Create(CultureInfo.InvariantCulture, $"{signature[2..]}-{number:x2}"), found);
                    }
                }
            }
        }
        foreach (OpenedVolume volume in image.Volumes)
        {
            Add("UUID=" + volume.FileSystem?.Facts.Uuid?.ToLowerInvariant(), volume);
            Add("LABEL=" + volume.FileSystem?.Facts.Label, volume);
            Add("PARTUUID=" + volume.Volume.Uuid?.ToLowerInvariant(), volume);
            Add("PARTLABEL=" + volume.Volume.Label, volume);
            foreach (string device in volume.Volume.DeviceNames)
            {
                Add(device, volume);
            }
        }
    }

    /// <summary>The volumes that a source may mean, in image order; none when it is not in the image or a kernel name that is ambiguous, several when a tag is not unique.</summary>
    /// <param name="source">First field of a line of <c>fstab</c>.</param>
    /// <param name="root">The root volume of the system that says it.</param>
    /// <param name="rootSource">How that system calls its root; null when it does not say.</param>
    public IReadOnlyList<OpenedVolume> Find(string source, OpenedVolume root, string? rootSource)
    {
        if (Tag(source) is { } tag)
        {
            return _byTag.GetValueOrDefault(tag) ?? [];
        }
        if (_byTag.TryGetValue(source, out List<OpenedVolume>? named))
        {
            return named;
        }
        if (KernelName(source) is not (string disk, int number))
        {
            return [];
        }
        int rootDisk = _partitions.FindIndex(partition => partition.Volume.Volume.Identity == root.Volume.Identity) is >= 0 and int index ? _partitions[index].Disk : -1;
        bool? isRootDisk = rootSource is null || KernelName(rootSource) is not (string known, _) ? null : known == disk;
        OpenedVolume[] found =
        [
            .. _partitions.Where(partition => partition.Number == number && (_disks == 1 || isRootDisk is null || rootDisk < 0 || partition.Disk == rootDisk == isRootDisk))
                .Select(partition => partition.Volume),
        ];
        if (found.Length > 1)
        {
            // What is the root already is hardly mounted a second time.
            found = [.. found.Where(volume => volume.Volume.Identity != root.Volume.Identity)];
        }
        return found.Length == 1 ? found : [];
    }

    private void Add(string name, OpenedVolume volume)
    {
        if (name.EndsWith('='))
        {
            return;
        }
        if (!_byTag.TryGetValue(name, out List<OpenedVolume>? volumes))
        {
            _byTag.Add(name, volumes = []);
        }
        volumes.Add(volume);
    }

    /// <summary>The tag in the form of the index; null for what is none.</summary>
    private static string? Tag(string source)
    {
        foreach ((string tag, string folder, bool isIdentifier) in new[]
        {
            ("UUID=", "/dev/disk/by-uuid/", true), ("LABEL=", "/dev/disk/by-label/", false), ("PARTUUID=", "/dev/disk/by-partuuid/", true), ("PARTLABEL=", "/dev/disk/by-partlabel/", false),
        })
        {
            bool isFolder = source.StartsWith(folder, StringComparison.Ordinal);
            if (isFolder || source.StartsWith(tag, StringComparison.Ordinal))
            {
                string value = isFolder ? WithoutUdevEscapes(source[folder.Length..]) : source[tag.Length..];
                return tag + (isIdentifier ? value.ToLowerInvariant() : PathText.FromText(value));
            }
        }
        return null;
    }

    /// <summary>udev writes <c>\xNN</c> for bytes that a link name should not have.</summary>
    private static string WithoutUdevEscapes(string name)
    {
        int slash = name.IndexOf(@"\x", StringComparison.Ordinal);
        if (slash < 0)
        {
            return name;
        }
        var bytes = new List<byte>(name.Length);
        for (int i = 0; i < name.Length; i++)
        {
            if (name[i] == '\\' && i + 3 < name.Length && name[i + 1] == 'x' && byte.TryParse(name.AsSpan(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                bytes.Add(value);
                i += 3;
            }
            else if (char.IsHighSurrogate(name[i]) && i + 1 < name.Length)
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(name, i, 2));
                i++;
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(name, i, 1));
            }
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>The disk and partition number of a kernel name, 0 for the whole disk; null for other names.</summary>
    private static (string Disk, int Number)? KernelName(string source)
    {
        if (!source.StartsWith("/dev/", StringComparison.Ordinal))
        {
            return null;
        }
        string name = source["/dev/".Length..];
        if (name.StartsWith("disk/by-id/", StringComparison.Ordinal) || name.StartsWith("disk/by-path/", StringComparison.Ordinal))
        {
            int part = name.LastIndexOf("-part", StringComparison.Ordinal);
            return part > 0 && TryNumber(name.AsSpan(part + 5), out int partition) ? (name[..part], partition) : null;
        }
        foreach (string letters in new[] { "xvd", "sd", "hd", "vd" })
        {
            if (name.StartsWith(letters, StringComparison.Ordinal))
            {
                int digits = name.AsSpan().IndexOfAnyInRange('0', '9');
                string disk = digits < 0 ? name : name[..digits];
                return disk.Length <= letters.Length || disk.AsSpan(letters.Length).IndexOfAnyExceptInRange('a', 'z') >= 0 ? null
                    : digits < 0 ? (disk, 0) : TryNumber(name.AsSpan(digits), out int number) ? (disk, number) : null;
            }
        }
        foreach (string prefix in new[] { "nvme", "mmcblk", "nbd" })
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                int part = name.IndexOf('p', prefix.Length);
                return part < 0 ? (name, 0) : TryNumber(name.AsSpan(part + 1), out int number) ? (name[..part], number) : null;
            }
        }
        return null;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is > 0 and < 100_000;

    private static int NumberAtEnd(string name)
    {
        int start = name.Length;
        while (start > 0 && char.IsAsciiDigit(name[start - 1]))
        {
            start--;
        }
        return int.TryParse(name.AsSpan(start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }
}
