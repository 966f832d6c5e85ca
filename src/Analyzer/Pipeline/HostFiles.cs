using System.Collections.Concurrent;
using Forensics.Parsers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Pipeline;

/// <summary>The files of one host as package databases need them. Databases ask for thousands of files of few directories, so the way to a directory is walked once. Thread-safe.</summary>
internal sealed class HostFiles(ImageTree tree) : IHostFiles
{
    private const int MaximumDirectories = 4096;

    private readonly ConcurrentDictionary<string, Func<string, TreeFile?>?> _directories = new(StringComparer.Ordinal);
    // A list is asked for its time and then for its content.
    private volatile Tuple<string, TreeFile>? _last;

    public IByteSource? Open(string path) => (FindRegular(path) ?? tree.Find(path)) is { File.Type: FileType.Regular } found ? found.FileSystem.OpenContent(found.File) : null;

    public IEnumerable<string> List(string directory) => tree.List(directory);

    public string? ReadLink(string path)
    {
        try
        {
            return tree.Find(path, followLast: false) is { File.Type: FileType.SymbolicLink } found ? ImageTree.LinkTarget(found.FileSystem, found.File) : null;
        }
        catch (Parsers.Diagnostics.ForensicException)
        {
            // The walk reports the damage of a link that cannot be read; for a database it is not there.
            return null;
        }
    }

    public Timestamp? Modified(string path) => (FindRegular(path) ?? tree.Find(path, followLast: false))?.File.Modified;

    /// <summary>The file at a path when its last component is a regular file; null for everything else, which goes the long way.</summary>
    private TreeFile? FindRegular(string path)
    {
        if (_last is { } last && last.Item1 == path)
        {
            return last.Item2;
        }
        int slash = path.LastIndexOf('/');
        string name = path[(slash + 1)..];
        if (slash <= 0 || name is "" or "." or "..")
        {
            return null;
        }
        string directory = path[..slash];
        if (!_directories.TryGetValue(directory, out Func<string, TreeFile?>? names))
        {
            names = tree.NamesIn(directory);
            if (_directories.Count < MaximumDirectories)
            {
                _directories.TryAdd(directory, names);
            }
        }
        TreeFile? found = names?.Invoke(name) is { File.Type: FileType.Regular } file ? file : null;
        if (found is not null)
        {
            _last = Tuple.Create(path, found);
        }
        return found;
    }
}
