using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>The block map of ext2 and ext3: 12 direct numbers, then single, double and triple indirection. Explicit stack, each block once.</summary>
internal sealed class IndirectBlocks(IByteSource volume, ExtLayout layout, CancellationToken cancellation)
{
    private const string Structure = "ext4.indirect";
    private const int DirectCount = 12;
    private const int MostLevels = 3;

    private struct Level
    {
        public byte[] Data;
        public int Next;
        /// <summary>Blocks of the file that one number at this level stands for.</summary>
        public long Span;
    }

    /// <summary>Hands every stored block to <paramref name="builder"/>; number 0 is a hole.</summary>
    public void Map(ExtFileEntry entry, RunBuilder builder)
    {
        ReadOnlySpan<byte> area = entry.BlockAreaBytes;
        long logical = 0;
        for (; logical < DirectCount && logical < builder.LogicalBlocks; logical++)
        {
            AddBlock(logical, BinaryPrimitives.ReadUInt32LittleEndian(area[((int)logical * 4)..]), builder);
        }
        if (logical >= builder.LogicalBlocks)
        {
            return;
        }
        int perBlock = layout.BlockSize / 4;
        var visited = new HashSet<long>();
        var levels = new Level[MostLevels];
        var rented = new byte[]?[MostLevels];
        try
        {
            long span = 1;
            for (int height = 1; height <= MostLevels && logical < builder.LogicalBlocks; height++)
            {
                span *= perBlock;
                uint root = BinaryPrimitives.ReadUInt32LittleEndian(area[((DirectCount + height - 1) * 4)..]);
                if (root != 0)
                {
                    MapTree(root, span, logical, levels, rented, visited, builder);
                }
                logical += span;
            }
        }
        finally
        {
            foreach (byte[]? buffer in rented)
            {
                if (buffer is not null)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
    }

    private void MapTree(uint root, long rootSpan, long logical, Level[] levels, byte[]?[] rented, HashSet<long> visited, RunBuilder builder)
    {
        int perBlock = layout.BlockSize / 4;
        if (!Enter(root, 0, rented, visited, builder))
        {
            return;
        }
        levels[0] = new Level { Data = rented[0]!, Span = rootSpan / perBlock };
        int top = 0;
        while (top >= 0 && logical < builder.LogicalBlocks)
        {
            ref Level level = ref levels[top];
            if (level.Next >= perBlock)
            {
                top--;
                continue;
            }
            uint block = BinaryPrimitives.ReadUInt32LittleEndian(level.Data.AsSpan(level.Next++ * 4));
            if (level.Span == 1)
            {
                AddBlock(logical++, block, builder);
            }
            else if (block != 0 && Enter(block, top + 1, rented, visited, builder))
            {
                levels[top + 1] = new Level { Data = rented[top + 1]!, Span = level.Span / perBlock };
                top++;
            }
            else
            {
                logical += level.Span;
            }
        }
    }

    private bool Enter(uint block, int depth, byte[]?[] rented, HashSet<long> visited, RunBuilder builder)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!layout.ContainsBlocks(block, 1))
        {
            builder.Drop(Structure + ".range", "an indirect block lies outside the volume", "a block below " + Text(layout.BlockCount), Text(block), block);
            return false;
        }
        if (!visited.Add(block))
        {
            builder.Drop(Structure + ".loop", "an indirect block is used twice in one file", "each block once", Text(block), block);
            return false;
        }
        Span<byte> content = (rented[depth] ??= ArrayPool<byte>.Shared.Rent(layout.BlockSize)).AsSpan(0, layout.BlockSize);
        try
        {
            if (volume.ReadUpTo((long)block * layout.BlockSize, content) == content.Length)
            {
                return true;
            }
            builder.Drop(Structure + ".truncated", "an indirect block lies past the end of the image", "a block inside the image", Text(block), block);
        }
        catch (ImageReadException failure)
        {
            builder.Drop(Structure + ".unreadable", failure.Message, "a readable block", Text(block), block);
        }
        return false;
    }

    private static void AddBlock(long logical, uint block, RunBuilder builder)
    {
        if (block != 0)
        {
            builder.Add(logical, 1, block, Structure);
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
