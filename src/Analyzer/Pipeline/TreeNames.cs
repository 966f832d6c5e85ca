using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Names of directories, kept in memory up to <see cref="ScanLimits.KeptNames"/> in all. Thread-safe. Throws what reading a directory throws.</summary>
internal sealed class TreeNames(ScanLimits limits)
{
    // Directories of more names than are kept are read again for each look-up, so many names in all.
    private const long MaximumNamesReadAgain = 50_000_000;

    private readonly Dictionary<(IFileSystem FileSystem, ulong Directory), DirectoryNames> _directories = [];
    private readonly HashSet<(IFileSystem FileSystem, ulong Directory)> _tooManyNames = [];
    private int _cachedNames;
    private long _namesReadAgain;

    /// <summary>The file of a name, and the name as it is stored. Where the file system ignores case, the very name comes first, then the first that differs in case only.</summary>
    public bool TryFind(IFileSystem fileSystem, FileEntry directory, string name, out ulong address, out string stored)
    {
        stored = name;
        if (Kept(fileSystem, directory) is { } names)
        {
            return names.Exact.TryGetValue(name, out address) || (names.AnyCase?.TryGetValue(name, out stored!) == true && names.Exact.TryGetValue(stored, out address));
        }
        address = 0;
        bool isFound = false;
        foreach (DirectoryEntry entry in fileSystem.ReadDirectory(directory))
        {
            if (Interlocked.Increment(ref _namesReadAgain) > MaximumNamesReadAgain)
            {
                return isFound;
            }
            string other = PathText.FromBytes(entry.Name.Span);
            if (other == name)
            {
                (address, stored) = (entry.MetadataAddress, other);
                return true;
            }
            if (!isFound && fileSystem.IgnoresCase && other.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                (isFound, address, stored) = (true, entry.MetadataAddress, other);
            }
        }
        return isFound;
    }

    /// <summary>The names in a directory; null when there are more than are kept.</summary>
    public Dictionary<string, ulong>? Of(IFileSystem fileSystem, FileEntry directory) => Kept(fileSystem, directory)?.Exact;

    private DirectoryNames? Kept(IFileSystem fileSystem, FileEntry directory)
    {
        (IFileSystem, ulong) key = (fileSystem, directory.MetadataAddress);
        DirectoryNames? names;
        lock (_directories)
        {
            if (_directories.TryGetValue(key, out names) || _tooManyNames.Contains(key))
            {
                return names;
            }
        }
        names = new DirectoryNames(new Dictionary<string, ulong>(StringComparer.Ordinal), fileSystem.IgnoresCase ? new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) : null);
        foreach (DirectoryEntry entry in fileSystem.ReadDirectory(directory))
        {
            string name = PathText.FromBytes(entry.Name.Span);
            names.Exact.TryAdd(name, entry.MetadataAddress);
            names.AnyCase?.TryAdd(name, name);
            if (names.Exact.Count > limits.KeptNames)
            {
                lock (_directories)
                {
                    _tooManyNames.Add(key);
                }
                return null;
            }
        }
        lock (_directories)
        {
            if (_cachedNames > limits.KeptNames)
            {
                _directories.Clear();
                _cachedNames = 0;
            }
            _cachedNames += names.Exact.Count;
            _directories[key] = names;
        }
        return names;
    }

    /// <summary>The names of one directory.</summary>
    /// <param name="Exact">File by name as stored.</param>
    /// <param name="AnyCase">Name as stored by name in any case; null where case tells names apart.</param>
    private sealed record DirectoryNames(Dictionary<string, ulong> Exact, Dictionary<string, string>? AnyCase);
}
