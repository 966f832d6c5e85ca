using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext.Journal;

namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>How the search reads directories and maps: the ordinary reader's own ways.</summary>
/// <param name="Map">Runs of a directory in whole blocks.</param>
/// <param name="Read">Entries of a directory.</param>
/// <param name="InlineParts">The parts of a directory that lies in its inode, each a chain of entries.</param>
internal sealed record DirectoryAccess(
    Func<ExtFileEntry, ContentRun[]> Map, Func<ExtFileEntry, IEnumerable<DirectoryEntry>> Read, Func<ExtFileEntry, IReadOnlyList<ReadOnlyMemory<byte>>> InlineParts);

/// <summary>
/// Collects the names that one directory used to have: from the slack of its blocks, and from older copies of these blocks in the journal. A copy counts only
/// when it is a block of this very directory: by its checksum, without checksums by its chain of entries and its <c>.</c> entry.
/// Reads in sum no more bytes than the volume has, and collects no more names than the limit. For one thread.
/// </summary>
internal sealed class DirectoryNames(ExtVolume volume, IBlockHistory history, InodeHistory inodes, DirectoryAccess access)
{
    private readonly List<FoundName> _found = [];
    private readonly byte[] _block = new byte[volume.Layout.BlockSize];
    private long _blocksLeft = volume.Layout.BlockCount;
    private long _copiesLeft = volume.Layout.BlockCount + volume.Context.Limits.DeletedFiles;
    private int _namesLeft = volume.Context.Limits.DeletedFiles;

    /// <summary>Adds the remnants of a directory to <paramref name="names"/>, which is keyed by path and inode.</summary>
    /// <param name="directory">The directory; of a deleted one the state that is to be read.</param>
    /// <param name="path">Its path in display form.</param>
    /// <param name="isDeleted">The directory is gone: entries in use in its blocks are remnants too.</param>
    /// <param name="names">Takes them.</param>
    public void Collect(ExtFileEntry directory, string path, bool isDeleted, Dictionary<(string Path, uint Inode), NameRemnant> names)
    {
        var parser = new RemnantParser(volume, directory);
        // Names that fast commits took still stand in the blocks.
        var target = new Target(path, isDeleted, isDeleted || directory.FastCommit?.Names is not null, names);
        if (directory.HasRawFlag(ExtInodeFlags.InlineData))
        {
            AddInline(parser, directory, target);
        }
        else
        {
            AddBlocks(parser, directory, target);
        }
        FileIdentity identity = FileIdentity.Of(directory);
        foreach (InodeState state in inodes.StatesOf((uint)directory.MetadataAddress))
        {
            if (state.Identity == identity && state.Entry.HasRawFlag(ExtInodeFlags.InlineData))
            {
                foreach (ReadOnlyMemory<byte> part in access.InlineParts(state.Entry))
                {
                    Add(parser, part.Span, target, new Sighting(state.Last.Sequence, state.Last.CommitTime), withEntries: true);
                }
            }
        }
    }

    /// <summary>Adds the names in one copy of a directory's first block.</summary>
    public void CollectCopy(ExtFileEntry directory, string path, BlockCopy copy, byte[] content, Dictionary<(string Path, uint Inode), NameRemnant> names) =>
        Add(new RemnantParser(volume, directory), content, new Target(path, true, true, names), new Sighting(copy.Sequence, copy.CommitTime), withEntries: true);

    /// <summary>Whether a block, or a copy of one, belongs to a directory.</summary>
    public bool IsBlockOf(ExtFileEntry directory, ReadOnlySpan<byte> block, bool isFirst)
    {
        if (volume.Layout.HasMetadataChecksums)
        {
            return new DirectoryBlockParser(volume.Layout, volume.Diagnostics, directory).ChecksumMatches(block);
        }
        bool hasSelf = RemnantParser.IsFirstBlock(block, out uint self, out _);
        return isFirst ? hasSelf && self == directory.MetadataAddress : !hasSelf && new RemnantParser(volume, directory).IsWholeChain(block);
    }

    private readonly record struct Target(string Path, bool IsDeleted, bool WithEntries, Dictionary<(string Path, uint Inode), NameRemnant> Names);

    private void AddInline(RemnantParser parser, ExtFileEntry directory, in Target target)
    {
        foreach (ReadOnlyMemory<byte> part in access.InlineParts(directory))
        {
            Add(parser, part.Span, target, null, withEntries: target.WithEntries);
        }
    }

    private void AddBlocks(RemnantParser parser, ExtFileEntry directory, in Target target)
    {
        int blockSize = volume.Layout.BlockSize;
        foreach (ContentRun run in directory.KnownRuns ?? access.Map(directory))
        {
            for (long at = 0; at + blockSize <= run.Length; at += blockSize)
            {
                volume.Context.Cancellation.ThrowIfCancellationRequested();
                if (--_blocksLeft < 0)
                {
                    ReportLimit(directory, "blocks of directories", volume.Layout.BlockCount);
                    return;
                }
                bool isFirst = run.Logical == 0 && at == 0;
                bool isRead = TryRead(run.Physical + at);
                if (isRead && (!target.IsDeleted || IsBlockOf(directory, _block, isFirst)))
                {
                    Add(parser, _block, target, null, withEntries: target.WithEntries);
                }
                AddCopies(parser, directory, (run.Physical + at) / blockSize, isFirst, isRead, target);
            }
        }
    }

    private void AddCopies(RemnantParser parser, ExtFileEntry directory, long block, bool isFirst, bool hasCurrent, in Target target)
    {
        foreach (BlockCopy copy in history.CopiesOf(block))
        {
            // A copy belongs to one directory; hostile ones may all claim the same block.
            if (--_copiesLeft < 0)
            {
                ReportLimit(directory, "copies of directory blocks", volume.Layout.BlockCount + volume.Context.Limits.DeletedFiles);
                return;
            }
            byte[]? content = ReadCopy(history, volume, copy);
            // A copy like the block as it is now has nothing to add, except when the directory is gone: then it dates what the block shows.
            if (content is not null && (target.IsDeleted || !hasCurrent || !content.AsSpan().SequenceEqual(_block)) && IsBlockOf(directory, content, isFirst))
            {
                Add(parser, content, target, new Sighting(copy.Sequence, copy.CommitTime), withEntries: true);
            }
        }
    }

    /// <summary>The content of a copy; null, and a diagnostic, when it cannot be read.</summary>
    public static byte[]? ReadCopy(IBlockHistory history, ExtVolume volume, BlockCopy copy)
    {
        try
        {
            return history.Read(copy);
        }
        catch (ForensicException failure)
        {
            volume.Diagnostics.Report("ext4.deleted.copy", "a copy of a block in the journal cannot be read", "a readable block", failure.Message, copy.Block * volume.Layout.BlockSize);
            return null;
        }
    }

    private void Add(RemnantParser parser, ReadOnlySpan<byte> content, in Target target, Sighting? sighting, bool withEntries)
    {
        _found.Clear();
        parser.Parse(content, _found);
        foreach (FoundName name in _found)
        {
            if (!name.IsRemnant && !withEntries)
            {
                continue;
            }
            if (_namesLeft <= 0)
            {
                ReportLimit(null, "names", volume.Context.Limits.DeletedFiles);
                return;
            }
            _namesLeft--;
            string path = PathText.Join(target.Path, PathText.FromBytes(content.Slice(name.NameOffset, name.NameLength)));
            if (path.Length > volume.Context.Limits.PathLength)
            {
                continue;
            }
            if (!target.Names.TryGetValue((path, name.Inode), out NameRemnant? remnant))
            {
                target.Names.Add((path, name.Inode), remnant = new NameRemnant(path, name.Inode, name.Type, target.IsDeleted));
            }
            if (sighting is { } seen && !name.IsRemnant)
            {
                remnant.Add(seen);
            }
            else
            {
                remnant.IsUndated = true;
            }
        }
    }

    private bool TryRead(long offset)
    {
        try
        {
            return volume.Source.ReadUpTo(offset, _block) == _block.Length;
        }
        catch (ImageReadException)
        {
            // The ordinary reader reports the block; here it only has nothing to show.
            return false;
        }
    }

    private void ReportLimit(ExtFileEntry? directory, string what, long most) =>
        volume.Diagnostics.Report("ext4.deleted.limit", $"more {what} than are searched for deleted files", "at most " + most.ToString(System.Globalization.CultureInfo.InvariantCulture), "more",
            inode: directory?.MetadataAddress ?? 0, losesContent: true);
}
