using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>
/// Walks an extent tree with an explicit stack. Every block is visited once, depth and entry counts are bounded, and whatever does not
/// fit is reported and left out; the rest of the tree is still read.
/// </summary>
internal sealed class ExtentTree(IByteSource volume, ExtLayout layout, ExtDiagnostics diagnostics, CancellationToken cancellation)
{
    private const string Structure = "ext4.extent";
    private const ushort Magic = 0xF30A;
    private const int HeaderSize = 12;
    private const int RecordSize = 12;
    private const int MostDepth = 5;
    private const int LongestWritten = 32768;

    private struct Level
    {
        public byte[] Data;
        public int Entries;
        public int Next;
        public int Depth;
    }

    /// <summary>Hands every initialised run to <paramref name="builder"/>.</summary>
    public void Map(ExtFileEntry entry, RunBuilder builder)
    {
        ReadOnlySpan<byte> root = entry.BlockAreaBytes;
        int depth = CheckHeader(root, builder, 0, entry.MetadataAddress, expectedDepth: -1, out int entries);
        if (depth == 0)
        {
            for (int i = 0; i < entries; i++)
            {
                AddLeaf(root.Slice(HeaderSize + i * RecordSize, RecordSize), builder);
            }
            return;
        }
        if (depth > 0)
        {
            MapTree(entry, root.ToArray(), depth, entries, builder);
        }
    }

    private void MapTree(ExtFileEntry entry, byte[] root, int rootDepth, int rootEntries, RunBuilder builder)
    {
        var levels = new Level[rootDepth + 1];
        var visited = new HashSet<long>();
        uint seed = layout.HasMetadataChecksums ? layout.InodeSeed((uint)entry.MetadataAddress, entry.Generation) : 0;
        levels[0] = new Level { Data = root, Entries = rootEntries, Depth = rootDepth };
        int top = 0;
        var rented = new byte[]?[rootDepth + 1];
        try
        {
            while (top >= 0)
            {
                ref Level level = ref levels[top];
                if (level.Next >= level.Entries)
                {
                    top--;
                    continue;
                }
                ReadOnlySpan<byte> record = level.Data.AsSpan(HeaderSize + level.Next++ * RecordSize, RecordSize);
                if (level.Depth == 0)
                {
                    AddLeaf(record, builder);
                    continue;
                }
                cancellation.ThrowIfCancellationRequested();
                long logical = BinaryPrimitives.ReadUInt32LittleEndian(record);
                long block = BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) | (long)BinaryPrimitives.ReadUInt16LittleEndian(record[8..]) << 32;
                if (logical >= builder.LogicalBlocks)
                {
                    continue;
                }
                byte[] data = rented[top + 1] ??= ArrayPool<byte>.Shared.Rent(layout.BlockSize);
                int depth = level.Depth - 1;
                if (Enter(block, visited, data, builder, entry.MetadataAddress, depth, seed, out int entries))
                {
                    levels[++top] = new Level { Data = data, Entries = entries, Depth = depth };
                }
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

    private bool Enter(long block, HashSet<long> visited, byte[] data, RunBuilder builder, ulong inode, int depth, uint seed, out int entries)
    {
        entries = 0;
        if (!layout.ContainsBlocks(block, 1))
        {
            builder.Drop(Structure + ".range", "an extent block lies outside the volume", "a block below " + Text(layout.BlockCount), Text(block), block);
            return false;
        }
        if (!visited.Add(block))
        {
            builder.Drop(Structure + ".loop", "an extent block is used twice in one tree", "each block once", Text(block), block);
            return false;
        }
        Span<byte> content = data.AsSpan(0, layout.BlockSize);
        if (!TryRead(block, content, builder) || CheckHeader(content, builder, block, inode, depth, out entries) < 0)
        {
            return false;
        }
        if (entries == 0)
        {
            builder.NoteEmptyNode();
        }
        if (layout.HasMetadataChecksums)
        {
            int tail = HeaderSize + BinaryPrimitives.ReadUInt16LittleEndian(content[4..]) * RecordSize;
            if (tail + 4 <= content.Length)
            {
                uint stored = BinaryPrimitives.ReadUInt32LittleEndian(content[tail..]);
                uint computed = Checksums.Crc32C(seed, content[..tail]);
                if (stored != computed)
                {
                    diagnostics.Report(Structure + ".checksum", "an extent block has a wrong checksum", Hex(computed), Hex(stored), block * layout.BlockSize, inode);
                }
            }
        }
        return true;
    }

    private bool TryRead(long block, Span<byte> content, RunBuilder builder)
    {
        try
        {
            if (volume.ReadUpTo(block * layout.BlockSize, content) == content.Length)
            {
                return true;
            }
            builder.Drop(Structure + ".truncated", "an extent block lies past the end of the image", "a block inside the image", Text(block), block);
        }
        catch (ImageReadException failure)
        {
            builder.Drop(Structure + ".unreadable", failure.Message, "a readable block", Text(block), block);
        }
        return false;
    }

    /// <summary>The depth a node declares, -1 when the node is unusable.</summary>
    private int CheckHeader(ReadOnlySpan<byte> node, RunBuilder builder, long block, ulong inode, int expectedDepth, out int entries)
    {
        entries = BinaryPrimitives.ReadUInt16LittleEndian(node[2..]);
        int most = BinaryPrimitives.ReadUInt16LittleEndian(node[4..]);
        int depth = BinaryPrimitives.ReadUInt16LittleEndian(node[6..]);
        ushort magic = BinaryPrimitives.ReadUInt16LittleEndian(node);
        int capacity = (node.Length - HeaderSize) / RecordSize;
        if (magic != Magic)
        {
            builder.Drop(Structure + ".magic", "an extent node has a wrong magic", Hex(Magic), Hex(magic), block);
            return -1;
        }
        if (depth > MostDepth || (expectedDepth >= 0 && depth != expectedDepth))
        {
            builder.Drop(Structure + ".depth", "an extent node has an impossible depth", expectedDepth >= 0 ? Text(expectedDepth) : "0 to 5", Text(depth), block);
            return -1;
        }
        if (entries > most || most > capacity)
        {
            diagnostics.Report(Structure + ".entries", "an extent node claims more entries than it can hold", "at most " + Text(Math.Min(most, capacity)), Text(entries),
                block == 0 ? -1 : block * layout.BlockSize, inode, losesContent: true);
            entries = Math.Min(entries, Math.Min(most, capacity));
        }
        return depth;
    }

    private static void AddLeaf(ReadOnlySpan<byte> record, RunBuilder builder)
    {
        long logical = BinaryPrimitives.ReadUInt32LittleEndian(record);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        long physical = BinaryPrimitives.ReadUInt32LittleEndian(record[8..]) | (long)BinaryPrimitives.ReadUInt16LittleEndian(record[6..]) << 32;
        if (length == 0)
        {
            builder.Drop(Structure + ".length", "an extent is empty", "1 to 32768 blocks", "0", physical);
        }
        else if (length > LongestWritten)
        {
            builder.Skip(logical, length - LongestWritten, Structure);
        }
        else
        {
            builder.Add(logical, length, physical, Structure);
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("X", CultureInfo.InvariantCulture);
}
