using System.Collections.Concurrent;
using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Pipeline;

/// <summary>A name that is there before replay and not after it, with the file it led to.</summary>
/// <param name="Path">Display form.</param>
/// <param name="File">Its metadata, opened in the view before replay.</param>
public sealed record RemovedEntry(string Path, FileEntry File)
{
    /// <summary>The same as a deleted file. Blocks of what was removed may have been given to others and written since.</summary>
    public DeletedFile ToDeletedFile() => new(File, Path, File.Type == FileType.Regular && File.Size > 0 ? Certainty.PossiblyOverwritten : Certainty.Intact)
    {
        NameFrom = "the directory before the journal is replayed",
    };
}

/// <summary>
/// Compares by path a volume after its journal was replayed with the volume as it lies on the disk. Only what replay touched is looked at twice: a directory it did not
/// touch has the same names in both. Every directory must be <see cref="Enter"/>ed before its entries are asked about; parents first, by one thread. Questions
/// may be asked by any thread. Memory in proportion to the directories that differ and the names that were removed.
/// </summary>
/// <remarks>
/// Limitations: content that was overwritten in place without a change of inode or map is the same in both views. In directories with more names than
/// <see cref="ScanLimits.KeptNames"/> a name is taken to lead to the same inode, and removed names are not found.
/// </remarks>
public sealed class JournalDifference
{
    private readonly IFileSystem _after;
    private readonly IJournaledFileSystem _journaled;
    private readonly ScanLimits _limits;
    private readonly string _root;
    private readonly ConcurrentDictionary<string, Counterpart> _differing = new(StringComparer.Ordinal);
    private readonly List<RemovedEntry> _removed = [];
    private readonly HashSet<ulong> _removedDirectories = [];
    private int _namesLeft;
    private long _longPathsLeft;

    private JournalDifference(IFileSystem after, IJournaledFileSystem journaled, IFileSystem before, ScanLimits limits, string root)
    {
        _after = after;
        _journaled = journaled;
        Before = before;
        _limits = limits;
        _root = root;
        _namesLeft = limits.KeptNames;
        _longPathsLeft = limits.LongPathCharacters;
    }

    /// <summary>The directory at the same path before replay.</summary>
    /// <param name="Exists">There was one.</param>
    /// <param name="Names">Its names; null when there are more than are kept.</param>
    private sealed record Counterpart(bool Exists, Dictionary<string, ulong>? Names);

    /// <summary>The volume as it lies on the disk.</summary>
    public IFileSystem Before { get; }

    /// <summary>What replay removed from the directories entered so far, in the order they were entered; what lay in a removed directory follows it.</summary>
    public IReadOnlyList<RemovedEntry> Removed => _removed;

    /// <summary>A comparison; null when nothing was replayed, so that a clean volume costs nothing.</summary>
    /// <param name="fileSystem">The volume after replay.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="root">What its root directory is called in the paths that are asked about.</param>
    public static JournalDifference? Of(IFileSystem? fileSystem, ScanLimits limits, string root = "/") =>
        fileSystem is IJournaledFileSystem { BeforeReplay: { } before } journaled ? new JournalDifference(fileSystem, journaled, before, limits, root) : null;

    /// <summary>Takes note of a directory of the volume after replay, before its entries.</summary>
    public void Enter(string path, FileEntry directory)
    {
        FileEntry? before = path == _root ? TryOpen(Before.RootAddress) : Counter(path, directory.MetadataAddress);
        if (before is { Type: FileType.Directory } && before.MetadataAddress == directory.MetadataAddress && !IsTouched(directory))
        {
            return;
        }
        Dictionary<string, ulong>? names = null;
        bool exists = before is { Type: FileType.Directory } && TryNames(Before, before, out names);
        _namesLeft -= names?.Count ?? 0;
        _differing[path] = new Counterpart(exists, names);
        if (names is { Count: > 0 } && TryNames(_after, directory, out Dictionary<string, ulong>? now) && now is not null)
        {
            foreach ((string name, ulong address) in names)
            {
                if (!now.ContainsKey(name))
                {
                    Remove(PathText.Join(path, name), address);
                }
            }
        }
    }

    /// <summary>What replay did to the file at a path whose directory was entered.</summary>
    public JournalState StateOf(string path, FileEntry file)
    {
        if (path == _root)
        {
            return TryOpen(Before.RootAddress) is { } root ? Compare(file, root) : JournalState.Added;
        }
        if (!_differing.ContainsKey(DirectoryOf(path, out _)) && !IsTouched(file))
        {
            return JournalState.Unchanged;
        }
        return Counter(path, file.MetadataAddress) is { } before ? Compare(file, before) : JournalState.Added;
    }

    /// <summary>The file at a path before replay; null when there was none that could be used. For a path whose directory was entered.</summary>
    /// <param name="path">Display form.</param>
    /// <param name="address">Metadata address of what is at this path after replay.</param>
    public FileEntry? Counter(string path, ulong address)
    {
        if (_differing.TryGetValue(DirectoryOf(path, out string name), out Counterpart? directory)
            && (!directory.Exists || (directory.Names is { } names && !names.TryGetValue(name, out address))))
        {
            return null;
        }
        // A name may lead to an inode that was not written yet.
        return TryOpen(address) is { LinkCount: > 0, Allocation: Allocation.Allocated } file ? file : null;
    }

    private JournalState Compare(FileEntry file, FileEntry before)
    {
        if (file.MetadataAddress != before.MetadataAddress)
        {
            return JournalState.Changed;
        }
        try
        {
            return _journaled.IsChangedByReplay(file, before) ? JournalState.Changed : JournalState.Unchanged;
        }
        catch (ForensicException)
        {
            // A map that cannot be walked: whoever reads the content reports that. That it was touched is known.
            return JournalState.Changed;
        }
    }

    private bool IsTouched(FileEntry file)
    {
        try
        {
            return _journaled.IsTouchedByReplay(file);
        }
        catch (ForensicException)
        {
            // As in Compare; a closer look costs little.
            return true;
        }
    }

    private void Remove(string path, ulong address)
    {
        var pending = new Stack<(string Path, ulong Address, int Depth)>([(path, address, 0)]);
        while (pending.TryPop(out (string Path, ulong Address, int Depth) next))
        {
            bool isLong = next.Path.Length >= _limits.LongPath;
            if (_removed.Count >= _limits.DeletedFiles || (isLong && next.Path.Length > _longPathsLeft) || TryOpen(next.Address) is not { LinkCount: > 0 } file)
            {
                continue;
            }
            _longPathsLeft -= isLong ? next.Path.Length : 0;
            _removed.Add(new RemovedEntry(next.Path, file));
            if (file.Type != FileType.Directory || next.Depth >= _limits.DirectoryDepth || next.Path.Length > _limits.PathLength || !_removedDirectories.Add(next.Address))
            {
                continue;
            }
            TryNames(Before, file, out Dictionary<string, ulong>? names);
            foreach ((string name, ulong child) in (names ?? []).OrderByDescending(pair => pair.Key, StringComparer.Ordinal))
            {
                pending.Push((PathText.Join(next.Path, name), child, next.Depth + 1));
            }
        }
    }

    private FileEntry? TryOpen(ulong address)
    {
        try
        {
            return Before.Open(address);
        }
        catch (ForensicException)
        {
            // Before replay much is half-written; what cannot be used is not there.
            return null;
        }
    }

    /// <summary>False when the directory cannot be read; no names when there are more than are kept.</summary>
    private bool TryNames(IFileSystem fileSystem, FileEntry directory, out Dictionary<string, ulong>? names)
    {
        names = new Dictionary<string, ulong>(StringComparer.Ordinal);
        try
        {
            foreach (DirectoryEntry entry in fileSystem.ReadDirectory(directory))
            {
                if (names.Count >= _namesLeft)
                {
                    names = null;
                    return true;
                }
                names.TryAdd(PathText.FromBytes(entry.Name.Span), entry.MetadataAddress);
            }
            return true;
        }
        catch (ForensicException)
        {
            // As in TryOpen; of the directory after replay the walk reports it.
            names = null;
            return false;
        }
    }

    private static string DirectoryOf(string path, out string name)
    {
        int slash = path.LastIndexOf('/');
        name = path[(slash + 1)..];
        return slash <= 0 ? "/" : path[..slash];
    }
}
