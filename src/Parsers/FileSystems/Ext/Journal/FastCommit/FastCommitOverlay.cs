namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary>
/// What the fast commits of a volume changed, laid over the volume as the replayed transactions leave it. Immutable and thread-safe; a volume without
/// fast commits has none.
/// </summary>
/// <remarks>
/// Limitations: a directory keeps the size and the times it had before, because fast commits do not record them (the kernel's replay puts
/// in its own clock); bitmaps and the counters of free blocks are not changed.
/// </remarks>
internal sealed class FastCommitOverlay
{
    private readonly Dictionary<uint, FastCommitEdit> _edits;

    public FastCommitOverlay(Dictionary<uint, FastCommitEdit> edits)
    {
        _edits = edits;
        Inodes = [.. edits.Keys.Select(i => (ulong)i).Order()];
        Unlinked = [.. Inodes.Where(i => edits[(uint)i].IsUnlinked)];
    }

    /// <summary>All inodes with changes, in ascending order.</summary>
    public IReadOnlyList<ulong> Inodes { get; }

    /// <summary>Inodes that were unlinked while a process had them open and so are on no list of orphans on the disk yet, in ascending order.</summary>
    public IReadOnlyList<ulong> Unlinked { get; }

    /// <summary>The changes to an inode; null when there are none.</summary>
    public FastCommitEdit? Find(ulong inode) => inode <= uint.MaxValue && _edits.TryGetValue((uint)inode, out FastCommitEdit? edit) ? edit : null;

    /// <summary>The type of an inode as last recorded, <see cref="FileType.Unknown"/> when it was not.</summary>
    public FileType TypeOf(uint inode) => _edits.TryGetValue(inode, out FastCommitEdit? edit) ? edit.Type : FileType.Unknown;
}
