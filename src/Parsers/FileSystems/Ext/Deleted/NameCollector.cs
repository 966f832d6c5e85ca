using System.Globalization;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext.Journal;

namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>
/// Collects the deleted names of a whole volume: one walk over its directories, then the directories that are themselves deleted, as far as their blocks survive
/// or the journal has copies of them. A directory whose own name is lost stands as <c>/$OrphanFiles/inode-N</c>. Memory in proportion to what was deleted.
/// For one thread.
/// </summary>
internal sealed class NameCollector(ExtVolume volume, IBlockHistory history, DirectoryNames directories, DirectoryAccess access, FileResolver resolver)
{
    private readonly Dictionary<(string Path, uint Inode), NameRemnant> _all = [];
    private readonly HashSet<ulong> _live = [];
    private readonly HashSet<FileIdentity> _expanded = [];
    private readonly Dictionary<uint, string> _paths = [];

    /// <summary>Every name that may be a deleted one, in no order.</summary>
    public IReadOnlyCollection<NameRemnant> Collect(uint rootInode)
    {
        WalkLive(rootInode);
        ExpandDeleted(_all.Values);
        ExpandCopies();
        return _all.Values;
    }

    /// <summary>The remnants of one directory that is in use, told apart from the names it has now.</summary>
    public Dictionary<(string Path, uint Inode), NameRemnant> CollectLive(ExtFileEntry directory, string path)
    {
        var names = new Dictionary<(string Path, uint Inode), NameRemnant>();
        directories.Collect(directory, path, isDeleted: false, names);
        if (names.Count == 0)
        {
            return names;
        }
        foreach (DirectoryEntry entry in access.Read(directory))
        {
            string live = PathText.Join(path, PathText.FromBytes(entry.Name.Span));
            if (entry.MetadataAddress <= uint.MaxValue && names.TryGetValue((live, (uint)entry.MetadataAddress), out NameRemnant? remnant))
            {
                remnant.IsLive = true;
            }
            // A name whose inode was wiped says nothing when the name is there again.
            names.Remove((live, 0));
        }
        RemoveWiped(names);
        foreach (((string Path, uint Inode) key, NameRemnant remnant) in names)
        {
            // What lives on is dropped here: a busy directory's copies show mostly names that are still there.
            if (remnant.IsLive && (remnant.Sightings.Count == 0 || resolver.Resolve(remnant).Count == 0))
            {
                names.Remove(key);
            }
        }
        return names;
    }

    /// <summary>Leaves out a name without an inode when the same name with one was found.</summary>
    private static void RemoveWiped(Dictionary<(string Path, uint Inode), NameRemnant> names)
    {
        if (!names.Keys.Any(key => key.Inode == 0))
        {
            return;
        }
        foreach (string path in names.Keys.Where(key => key.Inode != 0).Select(key => key.Path).ToArray())
        {
            names.Remove((path, 0));
        }
    }

    private void WalkLive(uint rootInode)
    {
        var pending = new Stack<(ExtFileEntry Directory, string Path, int Depth)>();
        if (resolver.Current(rootInode) is { Type: FileType.Directory } root)
        {
            pending.Push((root, "/", 0));
            _live.Add(rootInode);
        }
        while (pending.TryPop(out (ExtFileEntry Directory, string Path, int Depth) next))
        {
            volume.Context.Cancellation.ThrowIfCancellationRequested();
            try
            {
                foreach (DirectoryEntry entry in access.Read(next.Directory))
                {
                    AddSubdirectory(entry, next, pending);
                }
                foreach (((string Path, uint Inode) key, NameRemnant remnant) in CollectLive(next.Directory, next.Path))
                {
                    if (_all.Count >= volume.Context.Limits.DeletedFiles)
                    {
                        ReportLimit();
                        return;
                    }
                    _all.TryAdd(key, remnant);
                }
            }
            catch (ForensicException failure)
            {
                ReportUnreadable(next.Directory, failure);
            }
        }
    }

    private void AddSubdirectory(in DirectoryEntry entry, in (ExtFileEntry Directory, string Path, int Depth) parent, Stack<(ExtFileEntry, string, int)> pending)
    {
        if (entry.TypeHint is not (FileType.Directory or FileType.Unknown) || entry.MetadataAddress > volume.Layout.InodeCount || parent.Depth >= volume.Context.Limits.DirectoryDepth
            || resolver.Current((uint)entry.MetadataAddress) is not { Type: FileType.Directory } directory)
        {
            return;
        }
        string path = PathText.Join(parent.Path, PathText.FromBytes(entry.Name.Span));
        if (path.Length <= volume.Context.Limits.PathLength && _live.Add(entry.MetadataAddress))
        {
            pending.Push((directory, path, parent.Depth + 1));
        }
    }

    /// <summary>Reads the deleted directories that names lead to, and those below them.</summary>
    private void ExpandDeleted(IEnumerable<NameRemnant> names)
    {
        var pending = new Queue<NameRemnant>(names.Where(IsPerhapsDirectory));
        while (pending.TryDequeue(out NameRemnant? name))
        {
            volume.Context.Cancellation.ThrowIfCancellationRequested();
            foreach (RecoveredFile file in resolver.Resolve(name))
            {
                if (file.Identity is { Type: FileType.Directory } identity && _expanded.Add(identity))
                {
                    _paths.TryAdd(name.Inode, name.Path);
                    Expand(file.Entry, name.Path, pending);
                }
            }
        }
    }

    private void Expand(ExtFileEntry directory, string path, Queue<NameRemnant> pending)
    {
        var names = new Dictionary<(string Path, uint Inode), NameRemnant>();
        try
        {
            directories.Collect(directory, path, isDeleted: true, names);
        }
        catch (ForensicException failure)
        {
            ReportUnreadable(directory, failure);
        }
        foreach (((string Path, uint Inode) key, NameRemnant remnant) in names)
        {
            if (_all.Count >= volume.Context.Limits.DeletedFiles)
            {
                ReportLimit();
                return;
            }
            if (_all.TryAdd(key, remnant) && IsPerhapsDirectory(remnant))
            {
                pending.Enqueue(remnant);
            }
        }
    }

    /// <summary>First blocks of directories in the journal tell of directories of which nothing else is left.</summary>
    private void ExpandCopies()
    {
        foreach (NameRemnant name in _all.Values.Where(name => name.Type == FileType.Directory))
        {
            _paths.TryAdd(name.Inode, name.Path);
        }
        var pending = new Queue<NameRemnant>();
        foreach (long block in history.Blocks)
        {
            volume.Context.Cancellation.ThrowIfCancellationRequested();
            foreach (BlockCopy copy in history.CopiesOf(block))
            {
                if (DirectoryNames.ReadCopy(history, volume, copy) is not { } content || !RemnantParser.IsFirstBlock(content, out uint self, out _)
                    || !volume.IsOrdinaryInode(self) || _live.Contains(self) || OwnerOf(self, content) is not { } directory)
                {
                    continue;
                }
                if (!_paths.TryGetValue(self, out string? path))
                {
                    _paths.Add(self, path = DeletedFile.LostPath(self));
                }
                var names = new Dictionary<(string Path, uint Inode), NameRemnant>();
                directories.CollectCopy(directory, path, copy, content, names);
                Merge(names, pending);
            }
        }
        ExpandDeleted(pending);
    }

    private void Merge(Dictionary<(string Path, uint Inode), NameRemnant> names, Queue<NameRemnant> pending)
    {
        foreach (((string Path, uint Inode) key, NameRemnant remnant) in names)
        {
            if (_all.TryGetValue(key, out NameRemnant? known))
            {
                known.IsUndated |= remnant.IsUndated;
                foreach (Sighting sighting in remnant.Sightings)
                {
                    known.Add(sighting);
                }
                continue;
            }
            if (_all.Count >= volume.Context.Limits.DeletedFiles)
            {
                ReportLimit();
                return;
            }
            _all.Add(key, remnant);
            if (IsPerhapsDirectory(remnant))
            {
                pending.Enqueue(remnant);
            }
        }
    }

    /// <summary>The state of the inode that a copy of a first block belongs to; null when no state is known that it fits.</summary>
    private ExtFileEntry? OwnerOf(uint inode, byte[] block)
    {
        foreach (ExtFileEntry state in resolver.StatesOf(inode))
        {
            if (state.Type == FileType.Directory && directories.IsBlockOf(state, block, isFirst: true))
            {
                return state;
            }
        }
        return null;
    }

    private static bool IsPerhapsDirectory(NameRemnant name) => name.Inode != 0 && name.Type is FileType.Directory or FileType.Unknown;

    private void ReportLimit() => volume.Diagnostics.Report("ext4.deleted.limit", "more names than are searched for deleted files",
        "at most " + volume.Context.Limits.DeletedFiles.ToString(CultureInfo.InvariantCulture), "more", losesContent: true);

    private void ReportUnreadable(ExtFileEntry directory, ForensicException failure) =>
        volume.Diagnostics.Report("ext4.deleted.directory", "a directory cannot be searched for deleted names: " + failure.Message, "a readable directory", failure.Code, inode: directory.MetadataAddress);
}
