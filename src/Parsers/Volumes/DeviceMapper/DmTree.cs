namespace Forensics.Parsers.Volumes.DeviceMapper;

/// <summary>Look-ups in one level of a device-mapper B-tree. A node that cannot be used counts as empty, with a diagnostic. Bounded: a path has at most 16 nodes.</summary>
internal static class DmTree
{
    private const int MaxDepth = 16;

    /// <summary>
    /// The leaf that holds a key or would hold it; null when its range maps nothing. <paramref name="end"/> is the first key after the range for which the answer is the same:
    /// of this leaf, or of the gap.
    /// </summary>
    public static byte[]? Leaf(DmBlocks blocks, long root, ulong key, out ulong end)
    {
        end = ulong.MaxValue;
        long block = root;
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            byte[]? bytes = blocks.Node(block);
            if (bytes is null)
            {
                return null;
            }
            var node = new DmNode(bytes);
            if (!node.IsInternal)
            {
                return bytes;
            }
            int index = node.Find(key);
            if (index + 1 < node.Count)
            {
                end = Math.Min(end, node.Key(index + 1));
            }
            if (index < 0)
            {
                return null;
            }
            ulong child = node.Value64(index);
            block = child > long.MaxValue ? -1 : (long)child;
        }
        blocks.Damaged("btree.depth", block);
        return null;
    }

    /// <summary>The 64-bit value of a key; null when it has none.</summary>
    public static ulong? Value(DmBlocks blocks, long root, ulong key)
    {
        byte[]? bytes = Leaf(blocks, root, key, out _);
        if (bytes is null)
        {
            return null;
        }
        var leaf = new DmNode(bytes);
        int index = leaf.Find(key);
        return index >= 0 && leaf.Key(index) == key && leaf.ValueSize == 8 ? leaf.Value64(index) : null;
    }

    /// <summary>The values of an array in order, as (index, value), up to <paramref name="count"/>. Blocks that cannot be used are left out.</summary>
    public static IEnumerable<(long Index, ulong Value)> Array(DmBlocks blocks, long root, long count)
    {
        ulong key = 0;
        // The keys are numbers of array blocks, each with as many values as fit.
        const int PerBlock = (DmBlocks.BlockSize - 24) / 8;
        while ((long)key * PerBlock < count)
        {
            byte[]? bytes = Leaf(blocks, root, key, out ulong end);
            if (bytes is not null)
            {
                foreach ((long Index, ulong Value) item in OfLeaf(blocks, bytes, key, count, PerBlock))
                {
                    yield return item;
                }
            }
            if (end > (ulong)(long.MaxValue / PerBlock) || end <= key)
            {
                yield break;
            }
            key = end;
        }
    }

    private static IEnumerable<(long Index, ulong Value)> OfLeaf(DmBlocks blocks, byte[] leaf, ulong from, long count, int perBlock)
    {
        int entries = new DmNode(leaf).ValueSize == 8 ? new DmNode(leaf).Count : 0;
        ulong next = from;
        for (int i = 0; i < entries; i++)
        {
            ulong key = new DmNode(leaf).Key(i);
            ulong block = new DmNode(leaf).Value64(i);
            if (key < next || key > (ulong)(long.MaxValue / perBlock) - 1)
            {
                continue;
            }
            next = key + 1;
            byte[]? values = block > long.MaxValue ? null : blocks.ArrayBlock((long)block);
            int stored = values is null ? 0 : (int)new DmArrayBlock(values).NrEntries;
            for (int k = 0; k < stored && (long)key * perBlock + k < count; k++)
            {
                yield return ((long)key * perBlock + k, new DmArrayBlock(values).Value64(k));
            }
        }
    }
}
