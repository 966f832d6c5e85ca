using System.Globalization;

namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary>
/// Second pass over the fast-commit area: collects what the records change, in their order. Specification: the <c>ext4_fc_replay_*</c> functions of
/// fs/ext4/fast_commit.c. A record that cannot be is reported and left out.
/// </summary>
internal sealed class FastCommitReplay(ExtLayout layout, ExtDiagnostics diagnostics)
{
    private const uint RootInode = 2;
    private const long MostLogicalBlocks = 1L << 32;

    private readonly Dictionary<uint, Pending> _pending = [];

    /// <summary>The changes to one inode so far.</summary>
    private sealed class Pending
    {
        public byte[]? RawInode;
        public int? Links;
        public int LinkDelta;
        public List<RangeEdit>? Ranges;
        public NameEdits? Names;

        public FastCommitEdit Settle() => new()
        {
            RawInode = RawInode,
            Links = Links,
            LinkDelta = LinkDelta,
            Ranges = Ranges is null ? null : RangeEdits.Settle(Ranges),
            Names = Names,
        };
    }

    /// <summary>Applies the first <paramref name="tags"/> records of the area.</summary>
    public FastCommitOverlay Run(FastCommitArea area, int tags, CancellationToken cancellation)
    {
        var cursor = new FastCommitCursor(area, layout.InodeSize);
        for (int i = 0; i < tags && cursor.Next(out FastCommitTag tag) == FastCommitStep.Tag; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Apply(tag);
        }
        return new FastCommitOverlay(_pending.ToDictionary(p => p.Key, p => p.Value.Settle()));
    }

    private void Apply(FastCommitTag tag)
    {
        switch (tag.Type)
        {
            case FastCommitTagType.AddRange:
                AddRange(new AddRangeRecord(tag.Value));
                break;
            case FastCommitTagType.DelRange:
                var gone = new DelRangeRecord(tag.Value);
                AddEdit(gone.Ino, gone.Lblk, gone.Len, 0);
                break;
            case FastCommitTagType.Creat or FastCommitTagType.Link or FastCommitTagType.Unlink:
                ApplyName(tag.Type, new NameRecord(tag.Value));
                break;
            case FastCommitTagType.Inode:
                ApplyInode(new InodeRecord(tag.Value));
                break;
        }
    }

    private void AddRange(AddRangeRecord range)
    {
        if (!layout.ContainsBlocks(range.Start, range.Length))
        {
            Report("range", "a fast commit adds blocks outside the volume to a file", $"blocks inside 1 to {Text(layout.BlockCount - 1)}", $"{Text(range.Length)} from {Text(range.Start)}", range.Ino);
            return;
        }
        AddEdit(range.Ino, range.Block, range.Length, range.IsUnwritten ? 0 : range.Start);
    }

    private void AddEdit(uint inode, long logical, long count, long physical)
    {
        if (Open(inode) is { } pending && count > 0)
        {
            (pending.Ranges ??= []).Add(new RangeEdit(logical, Math.Min(count, MostLogicalBlocks - logical), physical));
        }
    }

    private void ApplyInode(InodeRecord record)
    {
        if (Open(record.Ino) is not { } pending)
        {
            return;
        }
        byte[] raw = record.RawInode.ToArray();
        var inode = new InodeView(raw);
        if (pending.RawInode is { } earlier && new InodeView(earlier).Generation != inode.Generation)
        {
            // The number was given to another file in between.
            pending.Ranges = null;
        }
        if (InodeReader.TypeOf(inode.Mode) == FileType.Directory)
        {
            // Directories are recorded only when they are made: what was there before is another one's.
            pending.Names = null;
        }
        pending.RawInode = raw;
        pending.Links = null;
        pending.LinkDelta = 0;
    }

    private void ApplyName(FastCommitTagType type, NameRecord record)
    {
        if (record.Dname is [(byte)'.'] or [(byte)'.', (byte)'.'])
        {
            Report("name", "a fast commit changes a directory's name for itself or for its parent", "another name", "one of them", record.ParentIno);
            return;
        }
        if (record.Dname.IndexOfAny((byte)0, (byte)'/') >= 0)
        {
            Report("name", "a name in a fast commit holds a slash or a zero byte", "neither", "one of them", record.ParentIno);
        }
        if (Open(record.ParentIno) is not { } directory || Open(record.Ino) is not { } target)
        {
            return;
        }
        (directory.Names ??= new NameEdits()).Add(record.Dname, new NameEdit(record.Ino, type != FastCommitTagType.Unlink));
        switch (type)
        {
            case FastCommitTagType.Creat:
                target.Links = 1;
                target.LinkDelta = 0;
                break;
            case FastCommitTagType.Link:
                target.LinkDelta++;
                break;
            default:
                target.LinkDelta--;
                break;
        }
    }

    /// <summary>The changes to an inode that fast commits may change; null when the number is not of one.</summary>
    private Pending? Open(uint inode)
    {
        if (inode > layout.InodeCount || (inode < layout.FirstInode && inode != RootInode))
        {
            Report("inode", "a fast commit changes an inode that cannot be changed", $"{Text(layout.FirstInode)} to {Text(layout.InodeCount)}, or the root", Text(inode), inode);
            return null;
        }
        if (!_pending.TryGetValue(inode, out Pending? pending))
        {
            _pending.Add(inode, pending = new Pending());
        }
        return pending;
    }

    private void Report(string code, string message, string expected, string actual, uint inode) =>
        diagnostics.Report("ext4.fast_commit." + code, message, expected, actual, inode: inode, losesContent: true);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
