namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>A deleted file as far as it was brought back.</summary>
/// <param name="Entry">Metadata, ready to have its content opened.</param>
/// <param name="Identity">Which file it was; null when only its name is left.</param>
/// <param name="Certainty">How much of it can be trusted.</param>
/// <param name="JournalCopy">Number of the older state it was taken from; null when it is the inode as it is now, or none.</param>
internal sealed record RecoveredFile(ExtFileEntry Entry, FileIdentity? Identity, Certainty Certainty, int? JournalCopy);

/// <summary>
/// Decides which deleted files a name, or an inode, stands for. An inode number is given out again, so a name is tied to the file the inode was at the time the
/// name was seen. A file that still has a name is renamed or has lost one of several names: it is not deleted. Thread-safe.
/// </summary>
/// <remarks>
/// Limitations: a name in slack has no date; when its inode is in use by a file of the same type, it is taken for a rename. Without birth times (inodes of 128
/// bytes) the generation alone tells files of one inode apart.
/// </remarks>
internal sealed class FileResolver(ExtVolume volume, InodeHistory inodes, GroupBitmaps bitmaps, ContentJudge judge, Func<uint, bool> isOrphan)
{
    /// <summary>The inode as it is now; null when it is empty or unusable.</summary>
    public ExtFileEntry? Current(uint inode) => volume.Reader.Recover(volume.CurrentInode(inode).Span, inode, default);

    /// <summary>All that is known of an inode: as it is now, then its older states, newest first.</summary>
    public IEnumerable<ExtFileEntry> StatesOf(uint inode)
    {
        if (Current(inode) is { } current)
        {
            yield return current;
        }
        foreach (InodeState state in inodes.StatesOf(inode))
        {
            yield return state.Entry;
        }
    }

    /// <summary>Whether an inode belongs to a file that is not deleted: it has a name, or is an orphan.</summary>
    public bool IsInUse(uint inode, ExtFileEntry? current) =>
        current is not null && (isOrphan(inode) || (current.LinkCount > 0 && (current.FastCommit is not null || bitmaps.Inode(inode) != BitmapUse.Free)));

    /// <summary>The deleted files a name led to; none when the file lives on.</summary>
    public IReadOnlyList<RecoveredFile> Resolve(NameRemnant name)
    {
        if (name.Inode == 0)
        {
            return name.IsLive ? [] : [NameOnly(name)];
        }
        ExtFileEntry? current = Current(name.Inode);
        FileIdentity? living = IsInUse(name.Inode, current) ? FileIdentity.Of(current!) : null;
        var identities = new List<FileIdentity>();
        bool isDated = name.Sightings.Count > 0;
        foreach (Sighting sighting in name.Sightings)
        {
            if (IdentityAt(name, sighting, current) is { } identity && !identities.Contains(identity))
            {
                identities.Add(identity);
            }
        }
        if (!isDated && UndatedIdentity(name, current, living) is { } undated)
        {
            identities.Add(undated);
        }
        var files = new List<RecoveredFile>();
        foreach (FileIdentity identity in identities)
        {
            if (identity != living)
            {
                files.Add(Recover(identity, current) ?? NameOnly(name));
            }
        }
        // Nothing is known of the inode at that time, or it is another file's now: the name alone is left.
        return identities.Count == 0 && !name.IsLive ? [NameOnly(name)] : files;
    }

    /// <summary>Every file that an inode was and is not any more, of which a state is left that has a name or content; newest first.</summary>
    public IEnumerable<RecoveredFile> FormerFiles(uint inode)
    {
        IReadOnlyList<InodeState> states = inodes.StatesOf(inode);
        if (states.Count == 0)
        {
            yield break;
        }
        ExtFileEntry? current = Current(inode);
        FileIdentity? living = IsInUse(inode, current) ? FileIdentity.Of(current!) : null;
        var seen = new HashSet<FileIdentity>();
        foreach (InodeState state in states)
        {
            if (state.Identity != living && !state.Entry.HasRawFlag(ExtInodeFlags.AttributeInode) && (state.Entry.LinkCount > 0 || judge.HasContent(state.Entry))
                && seen.Add(state.Identity) && Recover(state.Identity, current) is { } file)
            {
                yield return file;
            }
        }
    }

    /// <summary>The best state of a file that is gone: the inode as it is now if that still maps content, else the newest copy that does, else the newest with a name.</summary>
    public RecoveredFile? Recover(FileIdentity identity, ExtFileEntry? current)
    {
        bool isCurrent = current is not null && FileIdentity.Of(current) == identity;
        Timestamp? deleted = isCurrent ? current!.Deleted : null;
        InodeState? best = null;
        if (!isCurrent || !judge.HasContent(current!))
        {
            foreach (InodeState state in inodes.StatesOf(identity.Inode))
            {
                if (state.Identity != identity)
                {
                    continue;
                }
                deleted ??= state.Entry.Deleted;
                if (judge.HasContent(state.Entry))
                {
                    best = state;
                    break;
                }
                if (best is null || (best.Entry.LinkCount == 0 && state.Entry.LinkCount > 0))
                {
                    best = state;
                }
            }
        }
        // An older state that is as empty as the inode itself adds nothing.
        if (best is not null && isCurrent && best.Entry.LinkCount == 0 && !judge.HasContent(best.Entry))
        {
            best = null;
        }
        if (best is null && !isCurrent)
        {
            return null;
        }
        ExtFileEntry? entry = best is null
            ? volume.Reader.Recover(volume.CurrentInode(identity.Inode).Span, identity.Inode, new RecoveredInode(Allocation.Deleted, deleted, null, null))
            : volume.Reader.Recover(best.Raw, identity.Inode, new RecoveredInode(Allocation.Deleted, deleted, best.Raw, null));
        if (entry is null)
        {
            return null;
        }
        return Judged(entry, best, identity, deleted);
    }

    /// <summary>The identity an inode had when a name was seen; null when that is not known or cannot be the named file.</summary>
    public FileIdentity? IdentityAt(NameRemnant name, Sighting sighting, ExtFileEntry? current)
    {
        if (inodes.StateAt(name.Inode, sighting.Sequence) is { } state)
        {
            return name.Fits(state.Entry.Type) ? state.Identity : null;
        }
        IReadOnlyList<InodeState> states = inodes.StatesOf(name.Inode);
        // All that is known is younger: it is the same file unless it was born later.
        ExtFileEntry? next = states.Count > 0 ? states[^1].Entry : current;
        bool isBornLater = next?.Created is { } born && sighting.CommitTime is { } seen && born.CompareTo(seen) > 0;
        return next is not null && name.Fits(next.Type) && !isBornLater ? FileIdentity.Of(next) : null;
    }

    private FileIdentity? UndatedIdentity(NameRemnant name, ExtFileEntry? current, FileIdentity? living)
    {
        if (current is not null && name.Fits(current.Type))
        {
            return FileIdentity.Of(current);
        }
        foreach (InodeState state in inodes.StatesOf(name.Inode))
        {
            if (state.Identity != living && name.Fits(state.Entry.Type))
            {
                return state.Identity;
            }
        }
        return null;
    }

    private RecoveredFile Judged(ExtFileEntry entry, InodeState? state, FileIdentity identity, Timestamp? deleted)
    {
        Certainty certainty = judge.Judge(entry, state?.Last.Sequence, BitmapUse.Free, out Bytes.ContentRun[]? runs);
        if (runs is not null && volume.Reader.Recover(state!.Raw, identity.Inode, new RecoveredInode(Allocation.Deleted, deleted, state.Raw, runs)) is { } mapped)
        {
            entry = mapped;
        }
        return new RecoveredFile(entry, identity, certainty, state is null ? null : inodes.NumberOf(identity.Inode, state));
    }

    private static RecoveredFile NameOnly(NameRemnant name) => new(
        new ExtFileEntry(new byte[InodeView.BlockAreaSize]) { MetadataAddress = name.Inode, Type = name.Type, Allocation = Allocation.Deleted }, null, Certainty.MetadataOnly, null);
}
