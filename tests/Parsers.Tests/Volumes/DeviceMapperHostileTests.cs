using System.Buffers.Binary;
using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Images;
using Forensics.Parsers.Volumes;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary>Damaged metadata of thin pools, caches and snapshots, each with right checksums where that is what lets it in.</summary>
public sealed class DeviceMapperHostileTests
{
    private const uint NodeSalt = 121107;
    private readonly DiagnosticList _diagnostics = new();
    private readonly byte[][] _disks = VolumeImages.LvmDisks();

    [Fact]
    public void Thin_tree_that_leads_back_to_itself_ends()
    {
        (byte[] disk, int pool) = Pool();
        int root = (int)BinaryPrimitives.ReadInt64LittleEndian(disk.AsSpan(pool + 320));
        Span<byte> node = disk.AsSpan(pool + root * 4096, 4096);
        // An internal node whose only child is itself.
        BinaryPrimitives.WriteUInt32LittleEndian(node[4..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(node[16..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(node[32..], 0);
        int values = 32 + (int)BinaryPrimitives.ReadUInt32LittleEndian(node[20..]) * 8;
        BinaryPrimitives.WriteInt64LittleEndian(node[values..], root);
        Fix(node, NodeSalt);
        Assert.Contains("device", Find("thin1").UnreadableBecause, StringComparison.Ordinal);
        Assert.Contains(_diagnostics.Items, item => item is { Code: "dm.btree.depth", LosesContent: true });
    }

    [Theory]
    [InlineData("checksum")]
    [InlineData("header")]
    [InlineData("past-end")]
    public void Damaged_node_reads_as_not_mapped_and_is_said_once(string kind)
    {
        (byte[] disk, int pool) = Pool();
        int root = (int)BinaryPrimitives.ReadInt64LittleEndian(disk.AsSpan(pool + 320));
        Span<byte> top = disk.AsSpan(pool + root * 4096, 4096);
        int values = 32 + (int)BinaryPrimitives.ReadUInt32LittleEndian(top[20..]) * 8;
        int leaf = (int)BinaryPrimitives.ReadInt64LittleEndian(top[values..]);
        Span<byte> node = disk.AsSpan(pool + leaf * 4096, 4096);
        switch (kind)
        {
            case "checksum":
                node[100] ^= 1;
                break;
            case "header":
                BinaryPrimitives.WriteUInt32LittleEndian(node[16..], 1_000_000);
                Fix(node, NodeSalt);
                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(top[values..], 1L << 50);
                Fix(top, NodeSalt);
                break;
        }
        Volume thin = Find("thin1");
        VolumeImages.AssertContent(new byte[12 * 65536], thin);
        Diagnostic said = Assert.Single(_diagnostics.Items, item => item.Code.StartsWith("dm.", StringComparison.Ordinal));
        Assert.Equal("dm.btree." + kind, said.Code);
        Assert.True(said.LosesContent);
    }

    [Fact]
    public void Block_past_the_end_of_the_pool_is_zeros()
    {
        (byte[] disk, int pool) = Pool();
        int root = (int)BinaryPrimitives.ReadInt64LittleEndian(disk.AsSpan(pool + 320));
        Span<byte> top = disk.AsSpan(pool + root * 4096, 4096);
        int leaf = (int)BinaryPrimitives.ReadInt64LittleEndian(top[(32 + (int)BinaryPrimitives.ReadUInt32LittleEndian(top[20..]) * 8)..]);
        Span<byte> node = disk.AsSpan(pool + leaf * 4096, 4096);
        int values = 32 + (int)BinaryPrimitives.ReadUInt32LittleEndian(node[20..]) * 8;
        BinaryPrimitives.WriteUInt64LittleEndian(node[values..], ulong.MaxValue);
        Fix(node, NodeSalt);
        byte[] expected = new byte[12 * 65536];
        VolumeImages.Pattern("thin1", 128).CopyTo(expected, 65536);
        VolumeImages.Pattern("thin2", 128).CopyTo(expected, 2 * 65536);
        VolumeImages.Pattern("thin9", 128).CopyTo(expected, 9 * 65536);
        Volume thin = Find("thin1");
        var actual = new byte[expected.Length];
        Assert.Equal(actual.Length, thin.Content.ReadUpTo(0, actual));
        Assert.Equal(expected, actual);
        Assert.Single(_diagnostics.Items, item => item is { Code: "thin.block.past-end", LosesContent: true });
    }

    [Theory]
    [InlineData(32, 0, "superblock")]
    [InlineData(40, 3, "version 3")]
    [InlineData(336, 0, "block size")]
    [InlineData(336, 129, "block size")]
    [InlineData(360, 1, "incompatible")]
    public void Thin_superblock_that_cannot_be_is_the_reason(int offset, uint value, string reason)
    {
        (byte[] disk, int pool) = Pool();
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(pool + offset), value);
        Fix(disk.AsSpan(pool, 4096), 160774);
        Assert.Contains(reason, Find("thin1").UnreadableBecause, StringComparison.Ordinal);
        Assert.Null(Find("lin").UnreadableBecause);
    }

    [Fact]
    public void Pool_that_needs_a_check_is_read_and_said()
    {
        (byte[] disk, int pool) = Pool();
        disk[pool + 4] |= 1;
        Fix(disk.AsSpan(pool, 4096), 160774);
        Assert.Null(Find("thin1").UnreadableBecause);
        Assert.Contains(_diagnostics.Items, item => item.Code == "thin.needs-check");
    }

    [Theory]
    [InlineData(0, 0, "snapshot header")]
    [InlineData(4, 0, "overflowed")]
    [InlineData(8, 2, "version 2")]
    [InlineData(12, 0, "power of two")]
    [InlineData(12, 7, "power of two")]
    [InlineData(12, 0x80000000, "power of two")]
    public void Snapshot_header_that_cannot_be_is_the_reason(int offset, uint value, string reason)
    {
        (byte[] disk, int store) = Store();
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(store + offset), value);
        Assert.Contains(reason, Find("snap").UnreadableBecause, StringComparison.Ordinal);
        Assert.Null(Find("one").UnreadableBecause);
    }

    [Theory]
    [InlineData(1UL << 60, 2UL)]
    [InlineData(0UL, 1UL << 62)]
    [InlineData(1UL, 2UL)]
    public void Exception_of_a_snapshot_outside_or_twice_is_left_out(ulong from, ulong to)
    {
        (byte[] disk, int store) = Store();
        // The first of three exceptions; the second one is for chunk 1.
        BinaryPrimitives.WriteUInt64LittleEndian(disk.AsSpan(store + 4096), from);
        BinaryPrimitives.WriteUInt64LittleEndian(disk.AsSpan(store + 4104), to);
        Volume snap = Find("snap");
        var last = new byte[4096];
        snap.Content.ReadAt(40 * 4096, last);
        Assert.Equal(VolumeImages.Pattern("before40", 8), last);
        Assert.Contains(_diagnostics.Items, item => item is { Code: "snapshot.exception", LosesContent: true });
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void Mutated_metadata_give_bytes_or_reasons_in_bounded_time(int seed)
    {
        var random = new Random(seed);
        var watch = Stopwatch.StartNew();
        var buffer = new byte[100_000];
        byte[][] disks = VolumeImages.LvmDisks();
        List<(byte[] Disk, int Offset, byte[] Bytes)> undo = [];
        (ulong Magic, uint Salt)[] kinds = [(27022010, 160774), (1623043, 9031977)];
        for (int round = 0; round < 40; round++)
        {
            foreach (byte[] disk in disks)
            {
                foreach ((ulong magic, uint salt) in kinds)
                {
                    for (int at = Superblock(disk, magic, 0); at >= 0; at = Superblock(disk, magic, at + 4096))
                    {
                        int block = random.Next(0, 24);
                        Span<byte> damaged = disk.AsSpan(at + block * 4096, 4096);
                        byte[] copy = damaged.ToArray();
                        undo.Add((disk, at + block * 4096, damaged.ToArray()));
                        Mutator.Mutate(random, copy, [4..64, 64..4096]);
                        copy.CopyTo(damaged);
                        Fix(damaged, block == 0 ? salt : damaged[12] == 0 && BinaryPrimitives.ReadInt64LittleEndian(damaged[16..]) == block ? 595846735 : NodeSalt);
                    }
                }
            }
            foreach (Volume volume in VolumeImages.Resolve(disks, _diagnostics).Where(volume => volume.TypeName is "thin volume" or "cache"))
            {
                for (long position = 0; position < volume.Content.Length; position += buffer.Length)
                {
                    volume.Content.ReadAt(position, buffer);
                }
                long next = 0;
                for (int steps = 0; steps < 1000 && volume.Content is ISparseByteSource sparse && sparse.NextData(next, out long start, out long length); steps++)
                {
                    Assert.True(start >= next && length > 0);
                    next = start + length;
                }
            }
            undo.Reverse();
            foreach ((byte[] disk, int offset, byte[] bytes) in undo)
            {
                bytes.CopyTo(disk, offset);
            }
            undo.Clear();
        }
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    private Volume Find(string name) => Assert.Single(VolumeImages.Resolve(_disks, _diagnostics), volume => volume.Name == "lvm:vg-0/" + name);

    private (byte[] Disk, int Offset) Pool()
    {
        byte[] disk = _disks[0];
        int at = Superblock(disk, 27022010, 0);
        Assert.True(at > 0);
        return (disk, at);
    }

    private (byte[] Disk, int Offset) Store()
    {
        byte[] disk = _disks[3];
        int at = disk.AsSpan(1 << 20).IndexOf("SnAp\x01\0\0\0"u8) + (1 << 20);
        Assert.True(at > 1 << 20);
        return (disk, at);
    }

    private static int Superblock(byte[] disk, ulong magic, int from)
    {
        for (int at = Math.Max(from, 1 << 20); at + 4096 <= disk.Length; at += 4096)
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(disk.AsSpan(at + 32)) == magic)
            {
                return at;
            }
        }
        return -1;
    }

    /// <summary>Makes the checksum of a block right: CRC-32C bit by bit.</summary>
    internal static void Fix(Span<byte> block, uint salt)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in block[4..])
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }
        BinaryPrimitives.WriteUInt32LittleEndian(block, crc ^ salt);
    }
}
