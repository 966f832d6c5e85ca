using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext.Journal;

namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>
/// Brings back what has no name: orphans, deleted names and deleted inodes. The names of the whole volume are collected once, when first asked for, and kept;
/// everything else is read when asked. Thread-safe.
/// </summary>
internal sealed class DeletedFileFinder
{
    private const uint RootInode = 2;

    private readonly ExtVolume _volume;
    private readonly IBlockHistory _history;
    private readonly DirectoryAccess _access;
    private readonly OrphanReader _orphanReader;
    private readonly IReadOnlyList<ulong> _unlinked;
    private readonly InodeHistory _inodes;
    private readonly GroupBitmaps _bitmaps;
    private readonly ContentJudge _judge;
    private readonly FileResolver _resolver;
    private readonly Lock _lock = new();
    private IReadOnlyCollection<NameRemnant>? _names;
    private Orphans? _orphans;
    private ILookup<uint, NameRemnant>? _orphanNames;

    private sealed record Orphans(uint[] Ordered, HashSet<uint> Set);

    /// <param name="volume">The volume.</param>
    /// <param name="history">Older copies of its blocks.</param>
    /// <param name="access">How directories are read.</param>
    /// <param name="orphans">Its lists of orphans.</param>
    /// <param name="unlinked">Inodes that fast commits unlinked while they were open: these are on no list yet.</param>
    public DeletedFileFinder(ExtVolume volume, IBlockHistory history, DirectoryAccess access, OrphanReader orphans, IReadOnlyList<ulong> unlinked)
    {
        _unlinked = unlinked;
        _volume = volume;
        _history = history;
        _access = access;
        _orphanReader = orphans;
        _inodes = new InodeHistory(volume, history);
        _bitmaps = new GroupBitmaps(volume.Source, volume.Layout, volume.Groups, volume.Diagnostics);
        _judge = new ContentJudge(volume, history, _bitmaps);
        _resolver = new FileResolver(volume, _inodes, _bitmaps, _judge, inode => GetOrphans().Set.Contains(inode));
    }

    /// <inheritdoc cref="IDeletedFiles.FindOrphans"/>
    public IEnumerable<DeletedFile> FindOrphans()
    {
        _judge.Begin();
        foreach (uint inode in GetOrphans().Ordered)
        {
            _volume.Context.Cancellation.ThrowIfCancellationRequested();
            if (_volume.Reader.Recover(_volume.CurrentInode(inode).Span, inode, new RecoveredInode { Allocation = Allocation.Orphan }) is { } entry)
            {
                NameRemnant? name = NameOf(entry);
                yield return new DeletedFile(entry, name?.Path, _judge.Judge(entry, null, BitmapUse.Used, out _)) { NameFrom = name?.Origin };
            }
        }
    }

    /// <inheritdoc cref="IDeletedFiles.FindDeleted"/>
    public IEnumerable<DeletedFile> FindDeleted()
    {
        _judge.Begin();
        var files = new List<DeletedFile>();
        var named = new HashSet<FileIdentity>();
        foreach (NameRemnant name in GetNames())
        {
            _volume.Context.Cancellation.ThrowIfCancellationRequested();
            Add(name, files, named);
        }
        foreach (RecoveredFile file in Nameless(named))
        {
            if (files.Count >= _volume.Context.Limits.DeletedFiles)
            {
                _volume.Diagnostics.Report("ext4.deleted.limit", "there are more deleted files than are listed", "at most " + files.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), "more",
                    losesContent: true);
                break;
            }
            files.Add(new DeletedFile(file.Entry, null, file.Certainty) { JournalCopy = file.JournalCopy });
        }
        files.Sort(Compare);
        return files;
    }

    /// <inheritdoc cref="IDeletedFiles.FindDeletedIn"/>
    public IEnumerable<DeletedFile> FindDeletedIn(ExtFileEntry directory, string path)
    {
        _judge.Begin();
        var files = new List<DeletedFile>();
        var named = new HashSet<FileIdentity>();
        foreach (NameRemnant name in Collector().CollectLive(directory, path).Values)
        {
            Add(name, files, named);
        }
        files.Sort(Compare);
        return files;
    }

    /// <inheritdoc cref="IDeletedFiles.JournalCopies"/>
    public IReadOnlyList<FileEntry> JournalCopies(uint inode)
    {
        _judge.Begin();
        IReadOnlyList<InodeState> states = _inodes.CopiesOf(inode);
        var entries = new List<FileEntry>(states.Count);
        if (states.Count == 0)
        {
            return entries;
        }
        ExtFileEntry? current = _resolver.Current(inode);
        foreach (InodeState state in states)
        {
            bool lives = _resolver.IsInUse(inode, current) && FileIdentity.Of(current!) == state.Identity;
            Allocation allocation = !lives ? Allocation.Deleted : GetOrphans().Set.Contains(inode) ? Allocation.Orphan : Allocation.Allocated;
            var origin = new RecoveredInode(allocation, null, state.Raw, null);
            _judge.Judge(state.Entry, state.Last.Sequence, BitmapUse.Free, out Bytes.ContentRun[]? runs);
            entries.Add(_volume.Reader.Recover(state.Raw, inode, origin with { KnownRuns = runs }) ?? state.Entry);
        }
        return entries;
    }

    /// <inheritdoc cref="IDeletedFiles.CertaintyOf"/>
    public Certainty CertaintyOf(ExtFileEntry entry)
    {
        _judge.Begin();
        uint inode = (uint)entry.MetadataAddress;
        if (entry.OwnInode is null)
        {
            bool isOrphan = GetOrphans().Set.Contains(inode);
            return entry.Allocation == Allocation.Allocated && !isOrphan ? Certainty.Intact
                : _judge.Judge(entry, null, isOrphan ? BitmapUse.Used : BitmapUse.Free, out _);
        }
        foreach (InodeState state in _inodes.StatesOf(inode))
        {
            if (InodeState.IsSame(state.Raw, entry.OwnInode))
            {
                return _judge.Judge(entry, state.Last.Sequence, BitmapUse.Free, out _);
            }
        }
        return _judge.Judge(entry, null, BitmapUse.Free, out _);
    }

    private void Add(NameRemnant name, List<DeletedFile> files, HashSet<FileIdentity> named)
    {
        foreach (RecoveredFile file in _resolver.Resolve(name))
        {
            if (file.Identity is { } identity)
            {
                named.Add(identity);
            }
            files.Add(new DeletedFile(file.Entry, name.Path, file.Certainty) { JournalCopy = file.JournalCopy, NameFrom = name.Origin });
        }
    }

    /// <summary>Deleted files that no name leads to: from the journal, then from the inode tables as they are.</summary>
    private IEnumerable<RecoveredFile> Nameless(HashSet<FileIdentity> named)
    {
        foreach (uint inode in _inodes.Inodes())
        {
            if (!_volume.IsOrdinaryInode(inode))
            {
                continue;
            }
            foreach (RecoveredFile file in _resolver.FormerFiles(inode))
            {
                if (named.Add(file.Identity!.Value))
                {
                    yield return file;
                }
            }
        }
        foreach (uint inode in new InodeTableScan(_volume, _judge).Find())
        {
            if (!GetOrphans().Set.Contains(inode) && _resolver.Current(inode) is { } current && named.Add(FileIdentity.Of(current))
                && _resolver.Recover(FileIdentity.Of(current), current) is { } file)
            {
                yield return file;
            }
        }
    }

    /// <summary>The name an orphan had last: the newest copy of a directory that shows it, else a remnant in slack.</summary>
    private NameRemnant? NameOf(ExtFileEntry orphan)
    {
        FileIdentity identity = FileIdentity.Of(orphan);
        NameRemnant? best = null;
        foreach (NameRemnant name in OrphanNames()[identity.Inode])
        {
            if (!name.Fits(orphan.Type) || (name.Newest is { } newest && _resolver.IdentityAt(name, newest, orphan) != identity))
            {
                continue;
            }
            bool isBetter = best is null
                || (name.Newest is { } its && (best.Newest is not { } other || !Sequence.AtOrBefore(its.Sequence, other.Sequence)))
                || (name.Newest == best.Newest && string.CompareOrdinal(name.Path, best.Path) < 0);
            best = isBetter ? name : best;
        }
        return best;
    }

    private ILookup<uint, NameRemnant> OrphanNames()
    {
        lock (_lock)
        {
            HashSet<uint> orphans = GetOrphans().Set;
            return _orphanNames ??= GetNames().Where(name => orphans.Contains(name.Inode)).ToLookup(name => name.Inode);
        }
    }

    private IReadOnlyCollection<NameRemnant> GetNames()
    {
        lock (_lock)
        {
            return _names ??= Collector().Collect(RootInode);
        }
    }

    private Orphans GetOrphans()
    {
        lock (_lock)
        {
            if (_orphans is null)
            {
                uint[] numbers = [.. _orphanReader.Numbers().Concat(_unlinked.Select(inode => (uint)inode)).Distinct().Where(IsOrphan)];
                _orphans = new Orphans(numbers, [.. numbers]);
            }
            return _orphans;
        }
    }

    /// <summary>An inode of the list that still has names is a truncation under way; one that is free is a lie.</summary>
    private bool IsOrphan(uint inode)
    {
        if (_volume.Reader.Recover(_volume.CurrentInode(inode).Span, inode, default) is not { } entry)
        {
            _volume.Diagnostics.Report("ext4.orphan.unusable", "an orphan is no usable inode", "an inode in use", "another", inode: inode, losesContent: true);
            return false;
        }
        if (entry.LinkCount == 0 && entry.FastCommit is null && _bitmaps.Inode(inode) == BitmapUse.Free)
        {
            _volume.Diagnostics.Report("ext4.orphan.free", "an orphan is a free inode", "an inode in use", "a free one", inode: inode);
            return false;
        }
        return entry.LinkCount == 0 && !entry.HasRawFlag(ExtInodeFlags.AttributeInode);
    }

    private NameCollector Collector() => new(_volume, _history, new DirectoryNames(_volume, _history, _inodes, _access), _access, _resolver);

    private static int Compare(DeletedFile one, DeletedFile other)
    {
        int order = (one.Path is null).CompareTo(other.Path is null);
        order = order != 0 ? order : string.CompareOrdinal(one.Path, other.Path);
        order = order != 0 ? order : one.File.MetadataAddress.CompareTo(other.File.MetadataAddress);
        return order != 0 ? order : (one.JournalCopy ?? -1).CompareTo(other.JournalCopy ?? -1);
    }
}
