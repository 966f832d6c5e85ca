using System.Buffers.Binary;
using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>E07: more entries than fit into memory. Runs alone, since it measures the memory of the process.</summary>
[Collection(nameof(Alone))]
public sealed class LargeDirectoryTests
{
    [Fact]
    public void E07_ten_million_entries_stream_through_flat_memory()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -O ^metadata_csum,^resize_inode -N 64", 8, withTree: false);
        image.Debugfs(["mkdir huge"], write: true);
        byte[] data = image.Bytes();
        const int Blocks = 120_000;
        const int FirstBlock = 9000;
        const int PerBlock = 1024 / 12;
        // One file system of 129 MiB: the made one, then directory blocks full of entries that name inode 11.
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(1024 + 4), FirstBlock + Blocks);
        int inode = ExtPlaces.Inode(image, data, "/huge");
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(inode + 4), Blocks * 1024);
        WriteExtents(data.AsSpan(inode + 0x28, 60), FirstBlock, Blocks);
        var source = new RepeatedBlockSource(data, FirstBlock * 1024L, Blocks, DirectoryBlock(PerBlock));
        IFileSystem fileSystem = ExtWalk.Open(source);
        FileEntry huge = fileSystem.Open(fileSystem.ReadDirectory(fileSystem.Open(2)).Single(entry => entry.Name.Span.SequenceEqual("huge"u8)).MetadataAddress);
        var clock = Stopwatch.StartNew();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long count = 0;
        long most = 0;
        foreach (DirectoryEntry entry in fileSystem.ReadDirectory(huge))
        {
            Assert.Equal(11UL, entry.MetadataAddress);
            if (++count % 2_500_000 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }
        Assert.Equal((long)Blocks * PerBlock, count);
        Assert.True(count > 10_000_000);
        Assert.InRange(most, long.MinValue, 4 << 20);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    /// <summary>As few extents of at most 32,768 blocks as it takes.</summary>
    private static void WriteExtents(Span<byte> area, int firstBlock, int blocks)
    {
        area.Clear();
        int count = (blocks + 32767) / 32768;
        BinaryPrimitives.WriteUInt16LittleEndian(area, 0xF30A);
        BinaryPrimitives.WriteUInt16LittleEndian(area[2..], (ushort)count);
        BinaryPrimitives.WriteUInt16LittleEndian(area[4..], 4);
        for (int i = 0; i < count; i++)
        {
            Span<byte> record = area[(12 + i * 12)..];
            BinaryPrimitives.WriteInt32LittleEndian(record, i * 32768);
            BinaryPrimitives.WriteUInt16LittleEndian(record[4..], (ushort)Math.Min(32768, blocks - i * 32768));
            BinaryPrimitives.WriteInt32LittleEndian(record[8..], firstBlock + i * 32768);
        }
    }

    private static byte[] DirectoryBlock(int entries)
    {
        var block = new byte[1024];
        for (int i = 0; i < entries; i++)
        {
            Span<byte> record = block.AsSpan(i * 12);
            BinaryPrimitives.WriteUInt32LittleEndian(record, 11);
            BinaryPrimitives.WriteUInt16LittleEndian(record[4..], (ushort)(i == entries - 1 ? 1024 - i * 12 : 12));
            record[6] = 3;
            record[7] = 2;
            record[8] = record[9] = record[10] = (byte)('a' + i % 26);
        }
        return block;
    }

    /// <summary>An image followed, at an offset, by the same block many times: a volume of any size that costs nothing.</summary>
    private sealed class RepeatedBlockSource(byte[] head, long offset, int count, byte[] block) : IByteSource
    {
        public long Length { get; } = offset + (long)count * block.Length;

        public int ReadAt(long at, Span<byte> destination)
        {
            int done = 0;
            for (; done < destination.Length && at + done < Length; done++)
            {
                long position = at + done;
                if (position >= offset)
                {
                    int inBlock = (int)((position - offset) % block.Length);
                    int part = (int)Math.Min(Math.Min(block.Length - inBlock, destination.Length - done), Length - position);
                    block.AsSpan(inBlock, part).CopyTo(destination[done..]);
                    done += part - 1;
                }
                else
                {
                    destination[done] = position < head.Length ? head[position] : (byte)0;
                }
            }
            return done;
        }
    }
}
