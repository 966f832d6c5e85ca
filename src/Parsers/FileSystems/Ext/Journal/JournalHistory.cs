using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>
/// Every copy of a file system block that the journal still holds, whether replay applies it or it was checkpointed long ago. The journal is looked through
/// once, when somebody first asks. Memory: about 40 bytes a copy, of which there are at most as many as the journal has blocks.
/// </summary>
/// <remarks>
/// A block of the journal belongs to the newest descriptor that claims it, so a copy of which a later transaction has taken the place is not given.
/// Limitations: without checksums (versions 2 and 3) a copy whose place was overwritten by blocks of a later transaction whose descriptor is gone as well
/// cannot be told; journals of more than 4 GiB are looked through up to there.
/// </remarks>
internal sealed class JournalHistory : IBlockHistory
{
    private const long MostBytes = 4L << 30;

    private readonly JournalLog _log;
    private readonly ExtLayout _layout;
    private readonly ExtDiagnostics _diagnostics;
    private readonly CancellationToken _cancellation;
    private readonly Lock _lock = new();
    private volatile Index? _index;

    /// <param name="log">The journal.</param>
    /// <param name="layout">The volume.</param>
    /// <param name="diagnostics">Where it is said that the journal was not looked through to its end.</param>
    /// <param name="cancellation">Ends the look through the journal.</param>
    public JournalHistory(JournalLog log, ExtLayout layout, ExtDiagnostics diagnostics, CancellationToken cancellation)
    {
        _log = log;
        _layout = layout;
        _diagnostics = diagnostics;
        _cancellation = cancellation;
    }

    /// <param name="Copies">Sorted by block, newest first.</param>
    /// <param name="Blocks">Distinct blocks, ascending.</param>
    private sealed record Index(BlockCopy[] Copies, long[] Blocks);

    /// <summary>A tag whose data may be at a journal block.</summary>
    private readonly record struct Claim(JournalTag Tag, uint Sequence, uint JournalBlock);

    /// <inheritdoc/>
    public IReadOnlyList<long> Blocks => Get().Blocks;

    /// <inheritdoc/>
    public IReadOnlyList<BlockCopy> CopiesOf(long block)
    {
        BlockCopy[] copies = Get().Copies;
        int first = FirstAtOrAfter(copies, block);
        int end = first;
        while (end < copies.Length && copies[end].Block == block)
        {
            end++;
        }
        return new ArraySegment<BlockCopy>(copies, first, end - first);
    }

    /// <inheritdoc/>
    public byte[] Read(BlockCopy copy)
    {
        var content = new byte[_log.BlockSize];
        _log.Source.ReadExactly(copy.JournalBlock * _log.BlockSize, content, "ext4.journal.copy");
        if (copy.IsEscaped)
        {
            JournalBlockHeader.RestoreMagic(content);
        }
        return content;
    }

    private Index Get()
    {
        if (_index is { } ready)
        {
            return ready;
        }
        lock (_lock)
        {
            return _index ??= Build();
        }
    }

    private Index Build()
    {
        uint end = (uint)Math.Min(_log.HistoryEnd, MostBytes / _log.BlockSize);
        if (end < _log.HistoryEnd)
        {
            _diagnostics.Report("ext4.journal.limit", "the journal is longer than is looked through for older copies of blocks", "at most " + Text(end) + " blocks", Text(_log.HistoryEnd));
        }
        var window = new JournalWindow(_log);
        var claims = new Dictionary<uint, Claim>();
        var commits = new Dictionary<uint, Timestamp?>();
        var ownBlocks = new HashSet<uint>();
        for (uint block = _log.First; block < end; block++)
        {
            if (block % 64 == 0)
            {
                _cancellation.ThrowIfCancellationRequested();
            }
            if (window.TryRead(block, out ReadOnlySpan<byte> content))
            {
                Examine(block, content, claims, commits, ownBlocks);
            }
        }
        return Collect(window, claims, commits, ownBlocks);
    }

    private void Examine(uint block, ReadOnlySpan<byte> content, Dictionary<uint, Claim> claims, Dictionary<uint, Timestamp?> commits, HashSet<uint> ownBlocks)
    {
        var header = new JournalBlockHeader(content);
        if (!header.HasMagic)
        {
            return;
        }
        switch (header.BlockType)
        {
            case JournalBlockType.Descriptor when _log.Checksums.TailMatches(content):
                ownBlocks.Add(block);
                Claims(block, content, header.Sequence, claims);
                break;
            case JournalBlockType.Commit when _log.Checksums.CommitMatches(content):
                ownBlocks.Add(block);
                Timestamp? time = new CommitBlock(content).CommitTime;
                // Two transactions of one number (the journal was once replayed and begun anew): which commit is whose cannot be told.
                commits[header.Sequence] = commits.TryGetValue(header.Sequence, out Timestamp? other) && other != time ? null : time;
                break;
            case JournalBlockType.Revoke when _log.Checksums.TailMatches(content):
                ownBlocks.Add(block);
                break;
        }
    }

    private void Claims(uint block, ReadOnlySpan<byte> content, uint sequence, Dictionary<uint, Claim> claims)
    {
        var tags = new DescriptorBlock(content, _log.Features);
        uint place = block;
        while (tags.Next(out JournalTag tag))
        {
            place = _log.SkipInHistory(place, 1);
            if (place == block)
            {
                // Round the whole ring: the rest of the tags is nonsense.
                return;
            }
            if (!claims.TryGetValue(place, out Claim present) || Age(present.Sequence) < Age(sequence))
            {
                claims[place] = new Claim(tag, sequence, place);
            }
        }
    }

    private Index Collect(JournalWindow window, Dictionary<uint, Claim> claims, Dictionary<uint, Timestamp?> commits, HashSet<uint> ownBlocks)
    {
        Claim[] ordered = [.. claims.Values];
        Array.Sort(ordered, static (a, b) => a.JournalBlock.CompareTo(b.JournalBlock));
        var copies = new List<BlockCopy>(ordered.Length);
        foreach (Claim claim in ordered)
        {
            JournalTag tag = claim.Tag;
            if (tag.Block < 0 || tag.Block >= _layout.BlockCount || ownBlocks.Contains(claim.JournalBlock)
                || !window.TryRead(claim.JournalBlock, out ReadOnlySpan<byte> content) || !_log.Checksums.DataMatches(content, claim.Sequence, tag.Checksum))
            {
                continue;
            }
            commits.TryGetValue(claim.Sequence, out Timestamp? time);
            copies.Add(new BlockCopy(tag.Block, claim.Sequence, time, claim.JournalBlock, tag.IsEscaped));
        }
        BlockCopy[] sorted = [.. copies];
        Array.Sort(sorted, Compare);
        var blocks = new List<long>();
        foreach (ref readonly BlockCopy copy in sorted.AsSpan())
        {
            if (blocks.Count == 0 || blocks[^1] != copy.Block)
            {
                blocks.Add(copy.Block);
            }
        }
        return new Index(sorted, [.. blocks]);
    }

    private int Compare(BlockCopy a, BlockCopy b) =>
        a.Block != b.Block ? a.Block.CompareTo(b.Block)
        : a.Sequence != b.Sequence ? Age(b.Sequence).CompareTo(Age(a.Sequence))
        : b.JournalBlock.CompareTo(a.JournalBlock);

    /// <summary>Transaction numbers wrap: they are compared by their distance from the one the superblock names.</summary>
    private int Age(uint sequence) => unchecked((int)(sequence - _log.Sequence));

    private static int FirstAtOrAfter(BlockCopy[] copies, long block)
    {
        int low = 0;
        int high = copies.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (copies[middle].Block < block)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
