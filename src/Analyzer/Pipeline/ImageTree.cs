using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Pipeline;

/// <summary>A file of a tree, with the volume it lies on.</summary>
/// <param name="Volume">Its volume.</param>
/// <param name="File">Its metadata.</param>
/// <param name="Path">Its path in the tree, links followed, display form.</param>
public sealed record TreeFile(OpenedVolume Volume, FileEntry File, string Path)
{
    /// <summary>The file system it lies on.</summary>
    public IFileSystem FileSystem => Volume.FileSystem!;
}

/// <summary>
/// The file tree of one system as its root directory shows it, other volumes mounted into it. Symbolic links and <c>..</c> are followed across mounts and inside the image only, at
/// most <see cref="ScanLimits.LinkHops"/> hops. Thread-safe once everything is mounted: directory look-ups are cached.
/// </summary>
/// <remarks>
/// Limitations: a directory of more than <see cref="ScanLimits.KeptNames"/> names is not listed, and paths through it are looked up a bounded number of times.
/// </remarks>
public sealed class ImageTree : IPathLookup
{
    private readonly ScanLimits _limits;
    private readonly TreeNames _names;
    private readonly List<OpenedVolume> _mounts = [];
    // As a kernel does: what is mounted hangs on a directory of one mount, not on a path.
    private readonly Dictionary<(int Mount, ulong Directory), int> _mountedOn = [];
    private readonly Dictionary<(int Mount, ulong Parent, string Name), int> _mountedOnMissing = [];

    /// <summary>The tree of a volume that was read.</summary>
    public ImageTree(OpenedVolume root, ScanLimits limits)
    {
        if (root.FileSystem is null)
        {
            throw new ArgumentException("the volume has no file system", nameof(root));
        }
        _limits = limits;
        _names = new TreeNames(limits);
        _mounts.Add(root);
    }

    /// <summary>The root volume.</summary>
    public OpenedVolume Volume => _mounts[0];

    /// <inheritdoc/>
    public bool IsWindows => Volume.FileSystem!.IgnoresCase;

    /// <inheritdoc/>
    public ResolvedPath? Resolve(string absolutePath) =>
        Find(absolutePath) is { } found ? new ResolvedPath(found.Volume.Volume.Identity, found.Path, found.File.MetadataAddress) : null;

    /// <summary>The file at a path; the last component is followed only when asked. Null when it does not exist, cannot be read, or the links do not end.</summary>
    public TreeFile? Find(string absolutePath, bool followLast = true) =>
        TryWalk(absolutePath, followLast, entersLast: true, out Place place, out string path) ? new TreeFile(_mounts[place.Mount], place.File, path) : null;

    /// <summary>
    /// A way to look up many names of one directory without walking to it again; null when the path is no directory. What it gives for a name is not followed when it is a link, and
    /// null when there is no such name or it cannot be read.
    /// </summary>
    internal Func<string, TreeFile?>? NamesIn(string directory)
    {
        if (!TryWalk(directory, followLast: true, entersLast: true, out Place place, out string path) || place.File.Type != FileType.Directory)
        {
            return null;
        }
        return name =>
        {
            try
            {
                return TryStep(place, name, out Place found, out string stored) ? new TreeFile(_mounts[found.Mount], found.File, PathText.Join(path, stored)) : null;
            }
            catch (ForensicException)
            {
                // As in Find: the walk reports the damage itself.
                return null;
            }
        };
    }

    /// <summary>
    /// Mounts a volume on a directory, over what was mounted there before. A last component that does not exist is made, as service managers do. Null, and nothing done, when the
    /// path leads nowhere; else the path with its links followed and the volume whose directory is covered. Not thread-safe.
    /// </summary>
    internal (string Path, OpenedVolume Covered)? Mount(string absolutePath, OpenedVolume volume)
    {
        if (TryWalk(absolutePath, followLast: true, entersLast: false, out Place place, out string path))
        {
            if (place.File.Type != FileType.Directory || path == "/")
            {
                return null;
            }
            _mountedOn[(place.Mount, place.File.MetadataAddress)] = _mounts.Count;
            _mounts.Add(volume);
            return (path, _mounts[place.Mount]);
        }
        string trimmed = absolutePath.TrimEnd('/');
        int slash = trimmed.LastIndexOf('/');
        string name = trimmed[(slash + 1)..];
        if (slash < 0 || name is "" or "." or ".." || !TryWalk(trimmed[..(slash + 1)], followLast: true, entersLast: true, out Place parent, out string parentPath)
            || parent.File.Type != FileType.Directory || Exists(parent, name))
        {
            return null;
        }
        _mountedOnMissing[(parent.Mount, parent.File.MetadataAddress, name)] = _mounts.Count;
        _mounts.Add(volume);
        return (PathText.Join(parentPath, name), _mounts[parent.Mount]);
    }

    /// <summary>The names in a directory in display form, sorted; none when it does not exist or cannot be read.</summary>
    public IReadOnlyList<string> List(string absolutePath)
    {
        if (Find(absolutePath) is not { } directory || directory.File.Type != FileType.Directory)
        {
            return [];
        }
        try
        {
            return _names.Of(directory.FileSystem, directory.File) is { } names ? [.. names.Keys.Order(StringComparer.Ordinal)] : [];
        }
        catch (ForensicException)
        {
            // As in Find: the walk reports the damage itself.
            return [];
        }
    }

    /// <summary>The target of a symbolic link in display form, slashes kept.</summary>
    public static string LinkTarget(IFileSystem fileSystem, FileEntry link)
    {
        ReadOnlySpan<byte> target = fileSystem.ReadLinkTarget(link).Span;
        if (target.IndexOf((byte)'/') < 0)
        {
            return PathText.FromBytes(target);
        }
        var text = new System.Text.StringBuilder(target.Length);
        int start = 0;
        for (int i = 0; i <= target.Length; i++)
        {
            if (i == target.Length || target[i] == '/')
            {
                text.Append(PathText.FromBytes(target[start..i]));
                if (i < target.Length)
                {
                    text.Append('/');
                }
                start = i + 1;
            }
        }
        return text.ToString();
    }

    /// <summary>A file, and through which mount it was reached.</summary>
    private readonly record struct Place(int Mount, FileEntry File);

    private bool TryWalk(string absolutePath, bool followLast, bool entersLast, out Place place, out string path)
    {
        place = default;
        path = "";
        var parents = new List<(string Name, Place Place)>();
        var pending = new Stack<string>();
        Push(pending, absolutePath);
        int hops = 0;
        try
        {
            Place root = RootOf(0);
            Place current = root;
            while (pending.TryPop(out string? name))
            {
                if (name == ".")
                {
                    continue;
                }
                if (name == "..")
                {
                    if (parents.Count > 0)
                    {
                        parents.RemoveAt(parents.Count - 1);
                        current = parents.Count > 0 ? parents[^1].Place : root;
                    }
                    continue;
                }
                if (current.File.Type != FileType.Directory || parents.Count > _limits.DirectoryDepth || !TryStep(current, name, out Place next, out string stored))
                {
                    return false;
                }
                if (next.File.Type == FileType.SymbolicLink && (followLast || pending.Count > 0))
                {
                    if (++hops > _limits.LinkHops)
                    {
                        return false;
                    }
                    string target = LinkTarget(_mounts[next.Mount].FileSystem!, next.File);
                    if (target.StartsWith('/'))
                    {
                        parents.Clear();
                        current = root;
                    }
                    Push(pending, target);
                    continue;
                }
                if ((entersLast || pending.Count > 0) && next.File.Type == FileType.Directory && _mountedOn.TryGetValue((next.Mount, next.File.MetadataAddress), out int mount))
                {
                    next = RootOf(mount);
                }
                parents.Add((stored, next));
                current = next;
            }
            place = current;
            path = parents.Count == 0 ? "/" : "/" + string.Join('/', parents.Select(parent => parent.Name));
            return true;
        }
        catch (ForensicException)
        {
            // An unreadable component means the path leads nowhere; the walk reports the damage itself.
            return false;
        }
    }

    private bool TryStep(Place directory, string name, out Place next, out string stored)
    {
        IFileSystem fileSystem = _mounts[directory.Mount].FileSystem!;
        if (_names.TryFind(fileSystem, directory.File, name, out ulong address, out stored))
        {
            next = new Place(directory.Mount, fileSystem.Open(address));
            return true;
        }
        bool isMade = _mountedOnMissing.TryGetValue((directory.Mount, directory.File.MetadataAddress, name), out int mount);
        next = isMade ? RootOf(mount) : default;
        return isMade;
    }

    private bool Exists(Place directory, string name)
    {
        try
        {
            return _names.TryFind(_mounts[directory.Mount].FileSystem!, directory.File, name, out _, out _);
        }
        catch (ForensicException)
        {
            // What cannot be listed may hold the name.
            return true;
        }
    }

    private Place RootOf(int mount)
    {
        IFileSystem fileSystem = _mounts[mount].FileSystem!;
        return new Place(mount, fileSystem.Open(fileSystem.RootAddress));
    }

    private static void Push(Stack<string> pending, string path)
    {
        string[] components = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int i = components.Length - 1; i >= 0; i--)
        {
            pending.Push(components[i]);
        }
    }
}
