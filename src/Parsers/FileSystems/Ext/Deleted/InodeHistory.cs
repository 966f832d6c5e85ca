using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext.Journal;

namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>
/// Older states of inodes, from the copies of their table blocks in the journal. Each table block is read once for all its inodes and kept while it is in
/// use: 256 blocks at most. Thread-safe.
/// </summary>
internal sealed class InodeHistory(ExtVolume volume, IBlockHistory history)
{
    private const int MostCachedBlocks = 256;

    private readonly LruCache<InodeState[][]> _blocks = new(MostCachedBlocks);
    private readonly int _perBlock = volume.Layout.BlockSize / volume.Layout.InodeSize;

    /// <summary>
    /// Every state of an inode that the journal holds, newest first, successive equal ones as one; states without a type or with a wrong checksum are left out.
    /// The newest is usually the current one.
    /// </summary>
    public IReadOnlyList<InodeState> StatesOf(uint inode)
    {
        if (!TryLocate(inode, out long block, out int slot))
        {
            return [];
        }
        return StatesIn(block, inode - (uint)slot)[slot];
    }

    /// <summary>The state an inode had at the end of a transaction; null when every copy is younger.</summary>
    public InodeState? StateAt(uint inode, uint sequence)
    {
        IReadOnlyList<InodeState> states = StatesOf(inode);
        int low = 0;
        int high = states.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Sequence.AtOrBefore(states[middle].First.Sequence, sequence))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        return low < states.Count ? states[low] : null;
    }

    /// <summary>The states of <see cref="StatesOf"/> that differ from the inode as it is now and from each other: what an analyst is shown, numbered from 0.</summary>
    public IReadOnlyList<InodeState> CopiesOf(uint inode)
    {
        IReadOnlyList<InodeState> states = StatesOf(inode);
        if (states.Count == 0)
        {
            return states;
        }
        var copies = new List<InodeState>(states.Count);
        var seen = new HashSet<UInt128>();
        ReadOnlySpan<byte> current = volume.CurrentInode(inode).Span;
        foreach (InodeState state in states)
        {
            if (!InodeState.IsSame(state.Raw, current) && seen.Add(state.Digest()))
            {
                copies.Add(state);
            }
        }
        return copies;
    }

    /// <summary>Which of <see cref="CopiesOf"/> a state is; null when it is the current one.</summary>
    public int? NumberOf(uint inode, InodeState state)
    {
        IReadOnlyList<InodeState> copies = CopiesOf(inode);
        for (int i = 0; i < copies.Count; i++)
        {
            if (InodeState.IsSame(copies[i].Raw, state.Raw))
            {
                return i;
            }
        }
        return null;
    }

    /// <summary>Inodes whose table block has copies in the journal, ascending.</summary>
    public IEnumerable<uint> Inodes()
    {
        ExtLayout layout = volume.Layout;
        long tableBlocks = layout.InodeTableBlocks;
        long[] tables = Tables(out long[] groups);
        foreach (long block in history.Blocks)
        {
            volume.Context.Cancellation.ThrowIfCancellationRequested();
            int index = Array.BinarySearch(tables, block);
            index = index < 0 ? ~index - 1 : index;
            if (index < 0 || block - tables[index] >= tableBlocks)
            {
                continue;
            }
            long firstInGroup = (block - tables[index]) * _perBlock;
            long first = groups[index] * layout.InodesPerGroup + firstInGroup + 1;
            for (int slot = 0; slot < _perBlock && firstInGroup + slot < layout.InodesPerGroup && first + slot <= layout.InodeCount; slot++)
            {
                yield return (uint)(first + slot);
            }
        }
    }

    /// <summary>The inode tables in the order they lie on the disk, and their groups.</summary>
    private long[] Tables(out long[] groups)
    {
        var tables = new List<long>();
        var numbers = new List<long>();
        long count = volume.GroupsInImage;
        for (long group = 0; group < count; group++)
        {
            volume.Context.Cancellation.ThrowIfCancellationRequested();
            if (volume.Groups.TryInodeTable(group, out long table))
            {
                tables.Add(table);
                numbers.Add(group);
            }
        }
        long[] sorted = [.. tables];
        groups = [.. numbers];
        Array.Sort(sorted, groups);
        return sorted;
    }

    private bool TryLocate(uint inode, out long block, out int slot)
    {
        ExtLayout layout = volume.Layout;
        block = slot = 0;
        if (inode == 0 || inode > layout.InodeCount || !volume.Groups.TryInodeTable((inode - 1) / layout.InodesPerGroup, out long table))
        {
            return false;
        }
        long index = (inode - 1) % layout.InodesPerGroup;
        block = table + index / _perBlock;
        slot = (int)(index % _perBlock);
        return true;
    }

    private InodeState[][] StatesIn(long block, uint firstInode) => _blocks.Find(block) ?? _blocks.Add(block, Load(block, firstInode));

    private InodeState[][] Load(long block, uint firstInode)
    {
        var states = new List<InodeState>?[_perBlock];
        foreach (BlockCopy copy in history.CopiesOf(block))
        {
            volume.Context.Cancellation.ThrowIfCancellationRequested();
            byte[] data;
            try
            {
                data = history.Read(copy);
            }
            catch (ForensicException failure)
            {
                volume.Diagnostics.Report("ext4.deleted.copy", "a copy of an inode table block in the journal cannot be read", "a readable block", failure.Message,
                    block * volume.Layout.BlockSize);
                continue;
            }
            for (int slot = 0; slot < _perBlock; slot++)
            {
                Add(ref states[slot], data.AsSpan(slot * volume.Layout.InodeSize, volume.Layout.InodeSize), (ulong)firstInode + (ulong)slot, copy);
            }
        }
        var result = new InodeState[_perBlock][];
        for (int slot = 0; slot < _perBlock; slot++)
        {
            result[slot] = states[slot] is { } found ? [.. found] : [];
        }
        return result;
    }

    private void Add(ref List<InodeState>? states, ReadOnlySpan<byte> raw, ulong inode, BlockCopy copy)
    {
        if (inode > volume.Layout.InodeCount || raw.IndexOfAnyExcept((byte)0) < 0)
        {
            return;
        }
        if (states is [.., InodeState previous] && InodeState.IsSame(previous.Raw, raw))
        {
            states[^1] = previous with { First = copy };
            return;
        }
        byte[] own = raw.ToArray();
        if (volume.Reader.Recover(own, inode, new RecoveredInode { OwnInode = own }) is { } entry)
        {
            (states ??= []).Add(new InodeState(own, entry, copy, copy));
        }
    }
}
