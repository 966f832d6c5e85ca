using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// The file tree of one system as its root directory shows it. Symbolic links are followed inside the image only, at most <see cref="ScanLimits.LinkHops"/> hops.
/// Thread-safe: directory look-ups are cached.
/// </summary>
/// <remarks>
/// Limitations: one volume; other volumes are not mounted into it yet. A directory of more than <see cref="ScanLimits.KeptNames"/> names is not listed, and paths through it are looked up a
/// bounded number of times.
/// </remarks>
public sealed class ImageTree : IPathLookup
{
    // Directories of more names than are kept are read again for each look-up, so many names in all.
    private const long MaximumNamesReadAgain = 50_000_000;

    private readonly OpenedVolume _root;
    private readonly ScanLimits _limits;
    private readonly Dictionary<ulong, Dictionary<string, ulong>> _directories = [];
    private readonly HashSet<ulong> _tooManyNames = [];
    private int _cachedNames;
    private long _namesReadAgain;

    /// <summary>The tree of a volume that was read.</summary>
    public ImageTree(OpenedVolume root, ScanLimits limits)
    {
        _root = root;
        _limits = limits;
        FileSystem = root.FileSystem ?? throw new ArgumentException("the volume has no file system", nameof(root));
    }

    /// <summary>The volume.</summary>
    public OpenedVolume Volume => _root;

    /// <summary>Its file system.</summary>
    public IFileSystem FileSystem { get; }

    /// <inheritdoc/>
    public ResolvedPath? Resolve(string absolutePath) => Resolve(absolutePath, followLast: true, out _);

    /// <summary>
    /// Resolves and opens; the last component is followed only when asked. Null when it does not exist, cannot be read, or the links do not end.
    /// </summary>
    public ResolvedPath? Resolve(string absolutePath, bool followLast, out FileEntry? entry)
    {
        entry = null;
        var parents = new List<(string Name, FileEntry File)>();
        var pending = new Stack<string>();
        Push(pending, absolutePath);
        int hops = 0;
        try
        {
            FileEntry current = FileSystem.Open(FileSystem.RootAddress);
            FileEntry root = current;
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
                        current = parents.Count > 0 ? parents[^1].File : root;
                    }
                    continue;
                }
                if (current.Type != FileType.Directory || parents.Count > _limits.DirectoryDepth || !TryFind(current, name, out ulong address))
                {
                    return null;
                }
                FileEntry next = FileSystem.Open(address);
                if (next.Type == FileType.SymbolicLink && (followLast || pending.Count > 0))
                {
                    if (++hops > _limits.LinkHops)
                    {
                        return null;
                    }
                    string target = LinkTarget(next);
                    if (target.StartsWith('/'))
                    {
                        parents.Clear();
                        current = root;
                    }
                    Push(pending, target);
                    continue;
                }
                parents.Add((name, next));
                current = next;
            }
            entry = current;
            string path = parents.Count == 0 ? "/" : "/" + string.Join('/', parents.Select(parent => parent.Name));
            return new ResolvedPath(_root.Volume.Identity, path, current.MetadataAddress);
        }
        catch (ForensicException)
        {
            // An unreadable component means the path leads nowhere; the walk reports the damage itself.
            return null;
        }
    }

    /// <summary>The names in a directory in display form, sorted; none when it does not exist or cannot be read.</summary>
    public IReadOnlyList<string> List(string absolutePath)
    {
        if (Resolve(absolutePath, followLast: true, out FileEntry? directory) is null || directory!.Type != FileType.Directory)
        {
            return [];
        }
        try
        {
            return Names(directory) is { } names ? [.. names.Keys.Order(StringComparer.Ordinal)] : [];
        }
        catch (ForensicException)
        {
            // As in Resolve: the walk reports the damage itself.
            return [];
        }
    }

    /// <summary>The target of a symbolic link in display form, slashes kept.</summary>
    public string LinkTarget(FileEntry link) => LinkTarget(FileSystem, link);

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

    private bool TryFind(FileEntry directory, string name, out ulong address)
    {
        if (Names(directory) is { } names)
        {
            return names.TryGetValue(name, out address);
        }
        address = 0;
        foreach (DirectoryEntry entry in FileSystem.ReadDirectory(directory))
        {
            if (Interlocked.Increment(ref _namesReadAgain) > MaximumNamesReadAgain)
            {
                return false;
            }
            if (PathText.FromBytes(entry.Name.Span) == name)
            {
                address = entry.MetadataAddress;
                return true;
            }
        }
        return false;
    }

    /// <summary>The names in a directory; null when there are more than are kept.</summary>
    private Dictionary<string, ulong>? Names(FileEntry directory)
    {
        Dictionary<string, ulong>? names;
        lock (_directories)
        {
            if (_directories.TryGetValue(directory.MetadataAddress, out names) || _tooManyNames.Contains(directory.MetadataAddress))
            {
                return names;
            }
        }
        names = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (DirectoryEntry entry in FileSystem.ReadDirectory(directory))
        {
            names.TryAdd(PathText.FromBytes(entry.Name.Span), entry.MetadataAddress);
            if (names.Count > _limits.KeptNames)
            {
                lock (_directories)
                {
                    _tooManyNames.Add(directory.MetadataAddress);
                }
                return null;
            }
        }
        lock (_directories)
        {
            if (_cachedNames > _limits.KeptNames)
            {
                _directories.Clear();
                _cachedNames = 0;
            }
            _cachedNames += names.Count;
            _directories[directory.MetadataAddress] = names;
        }
        return names;
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
