using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Names of directories, kept in memory up to <see cref="ScanLimits.KeptNames"/> in all. Thread-safe. Throws what reading a directory throws.</summary>
internal sealed class TreeNames(ScanLimits limits)
{
    // Directories of more names than are kept are read again for each look-up, so many names in all.
    private const long MaximumNamesReadAgain = 50_000_000;

    private readonly Dictionary<(IFileSystem FileSystem, ulong Directory), Dictionary<string, ulong>> _directories = [];
    private readonly HashSet<(IFileSystem FileSystem, ulong Directory)> _tooManyNames = [];
    private int _cachedNames;
    private long _namesReadAgain;

    /// <summary>The file of a name.</summary>
    public bool TryFind(IFileSystem fileSystem, FileEntry directory, string name, out ulong address)
    {
        if (Of(fileSystem, directory) is { } names)
        {
            return names.TryGetValue(name, out address);
        }
        address = 0;
        foreach (DirectoryEntry entry in fileSystem.ReadDirectory(directory))
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
    public Dictionary<string, ulong>? Of(IFileSystem fileSystem, FileEntry directory)
    {
        (IFileSystem, ulong) key = (fileSystem, directory.MetadataAddress);
        Dictionary<string, ulong>? names;
        lock (_directories)
        {
            if (_directories.TryGetValue(key, out names) || _tooManyNames.Contains(key))
            {
                return names;
            }
        }
        names = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (DirectoryEntry entry in fileSystem.ReadDirectory(directory))
        {
            names.TryAdd(PathText.FromBytes(entry.Name.Span), entry.MetadataAddress);
            if (names.Count > limits.KeptNames)
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
            _cachedNames += names.Count;
            _directories[key] = names;
        }
        return names;
    }
}
