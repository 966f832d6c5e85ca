using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext.Journal;

namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>
/// How much of the content of a file without a name is still its own: its map is walked with the nodes of its time, and every block of it is looked up in
/// the block bitmaps as they are now. Thread-safe.
/// </summary>
/// <remarks>
/// Limitations: a block that was given to another file and taken back since looks untouched, and so does one that the device has discarded.
/// </remarks>
internal sealed class ContentJudge(ExtVolume volume, IBlockHistory history, GroupBitmaps bitmaps)
{
    private long _runsLeft;
    private long _workLeft;

    /// <summary>
    /// Begins a search: what may be walked and kept is bounded in sum over all files of it, by what a sound volume can have. Before the first call nothing is judged.
    /// </summary>
    public void Begin()
    {
        Interlocked.Exchange(ref _runsLeft, volume.Context.Limits.ContentRuns);
        Interlocked.Exchange(ref _workLeft, 4L * Math.Min(volume.Layout.BlockCount, volume.Source.Length / volume.Layout.BlockSize) + volume.Context.Limits.ContentRuns);
    }

    /// <summary>Whether an inode still says where its content lies. An empty file has none.</summary>
    public bool HasContent(ExtFileEntry entry)
    {
        if (entry.Size == 0 || entry.Type is not (FileType.Regular or FileType.Directory or FileType.SymbolicLink))
        {
            return false;
        }
        if (entry.HasRawFlag(ExtInodeFlags.InlineData) || entry.FastCommit?.Ranges is not null)
        {
            return true;
        }
        const int RecordsOffset = 12;
        ReadOnlySpan<byte> area = entry.BlockAreaBytes;
        return (entry.HasRawFlag(ExtInodeFlags.Extents) ? area[RecordsOffset..] : area).IndexOfAnyExcept((byte)0) >= 0
            && (!entry.HasRawFlag(ExtInodeFlags.Extents) || System.Buffers.Binary.BinaryPrimitives.ReadUInt16LittleEndian(area[2..]) != 0);
    }

    /// <summary>
    /// Judges one file.
    /// </summary>
    /// <param name="entry">The state to judge.</param>
    /// <param name="asOf">Transaction of the copy it was taken from; null for the inode as it is now.</param>
    /// <param name="own">What the bitmap says of blocks that are still the file's: free after deletion, in use while it is open.</param>
    /// <param name="runs">The map, when it cannot be walked again without the journal; else null.</param>
    public Certainty Judge(ExtFileEntry entry, uint? asOf, BitmapUse own, out ContentRun[]? runs)
    {
        runs = null;
        if (entry.Type is not (FileType.Regular or FileType.Directory or FileType.SymbolicLink))
        {
            return Certainty.Intact;
        }
        if (entry.Size == 0)
        {
            // Deletion sets the size to zero: only a state with a name, or one still open, says that the file was empty.
            return entry.LinkCount > 0 || own == BitmapUse.Used ? Certainty.Intact : Certainty.MetadataOnly;
        }
        if (entry.HasRawFlag(ExtInodeFlags.InlineData) || entry.IsFastLink(volume.Layout))
        {
            return Certainty.Intact;
        }
        if (Interlocked.Read(ref _workLeft) < 0)
        {
            volume.Diagnostics.Report("ext4.deleted.limit", "deleted files claim more blocks than the volume has; further ones are not judged", "maps of a sound volume", "more", losesContent: true);
            return HasContent(entry) ? Certainty.PossiblyOverwritten : Certainty.MetadataOnly;
        }
        try
        {
            return JudgeMap(entry, asOf, own, out runs);
        }
        catch (ForensicException failure) when (failure is LimitExceededException or CorruptDataException or ImageReadException)
        {
            volume.Diagnostics.Report("ext4.deleted.map", "the map of a deleted file cannot be walked: " + failure.Message, "a sound map", failure.Code, inode: entry.MetadataAddress);
            return Certainty.MetadataOnly;
        }
    }

    private Certainty JudgeMap(ExtFileEntry entry, uint? asOf, BitmapUse own, out ContentRun[]? runs)
    {
        ExtLayout layout = volume.Layout;
        var noted = new DiagnosticList();
        var quiet = new ExtDiagnostics(noted);
        var nodes = new MapNodeSource(volume.Source, layout.BlockSize, history, asOf);
        var builder = new RunBuilder(layout, quiet, entry.MetadataAddress, entry.Size, volume.Source.Length, volume.Context.Limits.ContentRuns);
        bool extents = entry.HasRawFlag(ExtInodeFlags.Extents);
        if (extents)
        {
            new ExtentTree(nodes, layout, quiet, volume.Context.Cancellation).Map(entry, builder);
        }
        else
        {
            new IndirectBlocks(nodes, layout, volume.Context.Cancellation).Map(entry, builder);
        }
        ContentRun[] found = builder.ToArray();
        Interlocked.Add(ref _workLeft, -(nodes.Count + found.Length));
        bool isMapped = builder.NextBlock > 0;
        if (entry.FastCommit is { } edit)
        {
            // Fast commits do not record bitmaps: blocks they gave look free, blocks they took back look used, and neither was given out again since.
            own = BitmapUse.Free | BitmapUse.Used;
            if (edit.Ranges is { } ranges)
            {
                var edited = new RunBuilder(layout, quiet, entry.MetadataAddress, entry.Size, volume.Source.Length, volume.Context.Limits.ContentRuns);
                ranges.Apply(found, layout.BlockSize, edited);
                found = edited.ToArray();
                isMapped |= edited.NextBlock > 0;
            }
        }
        runs = Keep(nodes.UsedHistory, found);
        long claimed = ClaimedBlocks(entry);
        if (found.Length == 0 && !isMapped)
        {
            return claimed <= 0 && !builder.Dropped ? Certainty.Intact : Certainty.MetadataOnly;
        }
        // A block map has no unwritten blocks, so what it leads to must be what the inode claims to own.
        bool whole = noted.Items.Count == 0 && !builder.HasEmptyNode && (runs is not null || !nodes.UsedHistory)
            && (extents || Blocks(found) + nodes.Count >= claimed);
        return whole && IsOwn(found, nodes, own) ? Certainty.Intact : Certainty.PossiblyOverwritten;
    }

    private bool IsOwn(ContentRun[] runs, MapNodeSource nodes, BitmapUse own)
    {
        int blockSize = volume.Layout.BlockSize;
        // A sound file does not map more blocks than there are; a hostile one may map the same again and again.
        long left = volume.Layout.BlockCount;
        foreach (ContentRun run in runs)
        {
            volume.Context.Cancellation.ThrowIfCancellationRequested();
            long count = BlocksOf(run.Length);
            left -= count;
            if (left < 0 || (bitmaps.Blocks(run.Physical / blockSize, count, ~own) & ~own) != 0)
            {
                return false;
            }
        }
        foreach (long block in nodes.FromVolume)
        {
            if ((bitmaps.Blocks(block, 1, ~own) & ~own) != 0)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Maps that must be kept in memory are bounded in sum over all files.</summary>
    private ContentRun[]? Keep(bool needed, ContentRun[] runs) => needed && Interlocked.Add(ref _runsLeft, -runs.Length) >= 0 ? runs : null;

    private long ClaimedBlocks(ExtFileEntry entry)
    {
        const int SectorSize = 512;
        ExtLayout layout = volume.Layout;
        bool inBlocks = layout.Features.HasReadOnly(ExtFeatures.HugeFile) && entry.HasRawFlag(ExtInodeFlags.HugeFile);
        // 48 bits of sectors or blocks: no overflow.
        long blocks = inBlocks ? (long)entry.Blocks : (long)entry.Blocks / (layout.BlockSize / SectorSize);
        return blocks - (entry.AttributeBlock == 0 ? 0 : layout.ClusterSize / layout.BlockSize);
    }

    private long Blocks(ContentRun[] runs)
    {
        long count = 0;
        foreach (ContentRun run in runs)
        {
            count += BlocksOf(run.Length);
        }
        return count;
    }

    private long BlocksOf(long bytes) => (bytes + volume.Layout.BlockSize - 1) / volume.Layout.BlockSize;
}
