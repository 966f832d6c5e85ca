using System.IO.Compression;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Forensics.Parsers.Images.Qcow2;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Headers and tables that lie: refused by name, or read as zeros with a diagnostic; nothing is allocated or opened at their bidding.</summary>
public sealed class Qcow2HostileTests
{
    private readonly DiagnosticList _diagnostics = new();

    [Fact]
    public void Builder_image_is_sound()
    {
        byte[] disk = Read(new Qcow2Builder());
        Assert.Equal(1, disk[0]);
        Assert.Equal(8, disk[^1]);
        Assert.Empty(_diagnostics.Items);
    }

    [Theory]
    [InlineData(20, 8u, "cluster_bits")]
    [InlineData(20, 0u, "cluster_bits")]
    [InlineData(20, 22u, "cluster_bits")]
    [InlineData(20, 63u, "cluster_bits")]
    [InlineData(20, uint.MaxValue, "cluster_bits")]
    [InlineData(24, 0x7FFFFFFFu, "size")]
    [InlineData(24, uint.MaxValue, "size")]
    [InlineData(36, 0u, "l1_size")]
    [InlineData(36, uint.MaxValue, "l1_size")]
    [InlineData(40, 1u, "l1_table_offset")]
    [InlineData(60, uint.MaxValue, "nb_snapshots")]
    [InlineData(96, 7u, "refcount_order")]
    [InlineData(100, 0u, "header_length")]
    [InlineData(100, 103u, "header_length")]
    [InlineData(100, uint.MaxValue, "header_length")]
    public void Header_field_that_cannot_be_is_refused_by_name(int offset, uint value, string field)
    {
        // 64-bit fields are broken in their upper half, l1_table_offset in its lower.
        byte[] image = new Qcow2Builder().UInt32(field == "l1_table_offset" ? 44 : offset, value).Build();
        var error = Assert.Throws<CorruptDataException>(() => Open(image));
        Assert.Equal("qcow2.header." + field, error.Structure);
    }

    [Fact]
    public void Virtual_size_of_nearly_2_to_63_allocates_nothing()
    {
        byte[] image = new Qcow2Builder().UInt64(24, (1UL << 63) - 512).UInt32(36, uint.MaxValue).Build();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CorruptDataException>(() => Open(image));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Theory]
    [InlineData(1u, "not supported: qcow2 encryption (AES)")]
    [InlineData(2u, "not supported: qcow2 encryption (LUKS)")]
    public void Encrypted_image_is_refused_by_method(uint method, string message) =>
        Assert.Equal(message, Assert.Throws<UnsupportedFeatureException>(() => Open(new Qcow2Builder().UInt32(32, method).Build())).Message);

    [Theory]
    [InlineData("/etc/shadow", "'/etc/shadow'")]
    [InlineData("../../x", "'../../x'")]
    [InlineData("json:{\"driver\":\"file\"}", "'json:{\"driver\":\"file\"}'")]
    [InlineData("nbd://h/\u001b[2J", "'nbd://h/\\x1b[2J'")]
    [InlineData("a\0b", "'a\\x00b'")]
    [InlineData("\\\\h\\s", "'\\x5c\\x5ch\\x5cs'")]
    public void Backing_file_is_named_escaped_and_never_opened(string name, string shown)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        byte[] image = new Qcow2Builder().UInt64(8, 512).UInt32(16, (uint)bytes.Length).Bytes(512, bytes).Build();
        Assert.Equal("not supported: qcow2 backing file " + shown + " (an image inside another file is opened alone)", Assert.Throws<UnsupportedFeatureException>(() => Open(image)).Message);
    }

    [Fact]
    public void Backing_file_name_outside_the_image_is_refused()
    {
        Assert.Throws<CorruptDataException>(() => Open(new Qcow2Builder().UInt64(8, ulong.MaxValue).UInt32(16, 10).Build()));
        Assert.Throws<CorruptDataException>(() => Open(new Qcow2Builder().UInt64(8, 512).UInt32(16, 1024).Build()));
    }

    [Fact]
    public void External_data_file_is_named_and_never_opened()
    {
        byte[] image = new Qcow2Builder().UInt64(72, 4).Extension(0x44415441, "/etc/shadow"u8).Build();
        Assert.Equal("not supported: qcow2 external data file '/etc/shadow' (an image inside another file is opened alone)", Assert.Throws<UnsupportedFeatureException>(() => Open(image)).Message);
    }

    [Fact]
    public void Unknown_incompatible_bit_is_named_from_the_feature_table()
    {
        byte[] entry = new byte[48];
        entry[1] = 33;
        "time travel"u8.CopyTo(entry.AsSpan(2));
        byte[] image = new Qcow2Builder().UInt64(72, 1UL << 33).Extension(0x6803F857, entry).Build();
        Assert.Equal("not supported: qcow2 incompatible feature bit 33 (time travel)", Assert.Throws<UnsupportedFeatureException>(() => Open(image)).Message);
        Assert.Equal("not supported: qcow2 incompatible feature bit 5",
            Assert.Throws<UnsupportedFeatureException>(() => Open(new Qcow2Builder().UInt64(72, 1 << 5).Build())).Message);
    }

    [Fact]
    public void Unknown_version_and_compression_are_refused()
    {
        Assert.Equal("not supported: qcow2 version 9", Assert.Throws<UnsupportedFeatureException>(() => Open(new Qcow2Builder().UInt32(4, 9).Build())).Message);
        Assert.Throws<UnsupportedFeatureException>(() => Open(new Qcow2Builder().UInt64(72, 8).Bytes(104, [2]).Build()));
        Assert.Throws<CorruptDataException>(() => Open(new Qcow2Builder().UInt64(72, 8).Build()));
    }

    [Fact]
    public void Dirty_and_corrupt_bits_are_reported_and_read()
    {
        Assert.Equal(1, Read(new Qcow2Builder().UInt64(72, 3))[0]);
        Assert.Equal(["qcow2.dirty", "qcow2.corrupt"], Codes());
    }

    [Fact]
    public void L1_table_past_the_end_reads_as_zeros()
    {
        Assert.False(Read(new Qcow2Builder().UInt64(40, 1UL << 40)).AsSpan().ContainsAnyExcept((byte)0));
        Diagnostic only = Assert.Single(_diagnostics.Items);
        Assert.Equal("qcow2.l1.past-end", only.Code);
        Assert.True(only.LosesContent);
    }

    [Theory]
    [InlineData(Qcow2Builder.L1, 0x2200UL, "qcow2.l2.misaligned")]
    [InlineData(Qcow2Builder.L1, 0x0000_0100_0000_0000UL, "qcow2.l2.past-end")]
    [InlineData(Qcow2Builder.L1, 0x00FF_FFFF_FFFF_F000UL, "qcow2.l2.past-end")]
    [InlineData(Qcow2Builder.L2, 0x3200UL, "qcow2.cluster.misaligned")]
    [InlineData(Qcow2Builder.L2, 0x00FF_FFFF_FFFF_F000UL, "qcow2.cluster.past-end")]
    [InlineData(Qcow2Builder.L2, 0x7FFF_FFFF_FFFF_FFFFUL, "qcow2.cluster.past-end")]
    [InlineData(Qcow2Builder.L2, 0x4000_0000_0000_3000UL, "qcow2.compressed.damaged")]
    public void Table_entry_that_leads_nowhere_reads_as_zeros(int where, ulong entry, string code)
    {
        byte[] disk = Read(new Qcow2Builder().UInt64(where, entry));
        Assert.False(disk.AsSpan(0, Qcow2Builder.Cluster).ContainsAnyExcept((byte)0));
        Assert.Equal(where == Qcow2Builder.L1 ? 0 : 8, disk[^1]);
        Assert.Equal([code], Codes());
        Assert.All(_diagnostics.Items, item => Assert.True(item.LosesContent));
    }

    [Fact]
    public void L1_entry_that_points_to_itself_and_clusters_shared_by_all_are_bounded()
    {
        Read(new Qcow2Builder().UInt64(Qcow2Builder.L1, Qcow2Builder.L1));
        var builder = new Qcow2Builder();
        for (int i = 0; i < 8; i++)
        {
            builder.UInt64(Qcow2Builder.L2 + i * 8, 3 * Qcow2Builder.Cluster);
        }
        Assert.False(Read(builder).AsSpan().ContainsAnyExcept((byte)1));
    }

    [Fact]
    public void Search_for_data_on_a_huge_disk_of_empty_tables_is_bounded()
    {
        // 2^57 bytes in clusters of 2 MiB: 2^18 L1 entries, all to one L2 table of zeros; 2^36 entries in all.
        const int Large = 2 << 20;
        var image = new byte[3 * Large];
        new Qcow2Builder().UInt32(20, 21).UInt64(24, 1UL << 57).UInt32(36, 1 << 18).UInt64(40, Large).Build().AsSpan(0, 512).CopyTo(image);
        for (int i = 0; i < 1 << 18; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(image.AsSpan(Large + i * 8), 2 * Large);
        }
        var content = Assert.IsAssignableFrom<ISparseByteSource>(Open(image).Content);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.True(content.NextData(0, out long start, out long length));
        Assert.True(start > 1L << 40 && length > 0);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Reserved_bits_are_reported_and_ignored()
    {
        Assert.Equal(1, Read(new Qcow2Builder().UInt64(Qcow2Builder.L2, 0x3000UL | 1UL << 60 | 1UL << 63))[0]);
        Assert.Equal(["qcow2.l2.reserved"], Codes());
    }

    [Fact]
    public void Deflate_stream_longer_than_a_cluster_stops_at_the_cluster()
    {
        byte[] disk = Read(WithCompressed(Deflate(new byte[64 << 20], 0x58)));
        Assert.False(disk.AsSpan(0, Qcow2Builder.Cluster).ContainsAnyExcept((byte)0x58));
        Assert.Equal(["qcow2.compressed.too-long"], Codes());
    }

    [Fact]
    public void Compressed_data_that_end_early_are_kept_and_filled_with_zeros()
    {
        byte[] disk = Read(WithCompressed(Deflate(new byte[1000], 0x58)));
        Assert.False(disk.AsSpan(0, 1000).ContainsAnyExcept((byte)0x58));
        Assert.False(disk.AsSpan(1000, Qcow2Builder.Cluster - 1000).ContainsAnyExcept((byte)0));
        Assert.Equal(["qcow2.compressed.damaged"], Codes());
    }

    [Theory]
    [InlineData("28b52ffde0ffffffffff000000")]
    [InlineData("28b52ffd00f8010000")]
    [InlineData("28b52ffd20ff")]
    [InlineData("00")]
    [InlineData("28b52ffdc0d0000000000000000001030058")]
    public void Zstd_frame_that_lies_about_its_size_is_bounded(string frame)
    {
        Qcow2Builder builder = WithCompressed(Convert.FromHexString(frame)).UInt64(72, 8).Bytes(104, [1]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Read(builder);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
        Assert.Equal(["qcow2.compressed.damaged"], Codes());
    }

    [Fact]
    public void Several_zstd_frames_and_a_frame_of_more_than_a_cluster_are_read()
    {
        byte[] half = new byte[2048];
        half.AsSpan().Fill(0x51);
        Assert.False(Read(WithCompressed([.. Zstd(half), .. Zstd(half)]).UInt64(72, 8).Bytes(104, [1])).AsSpan(0, 4096).ContainsAnyExcept((byte)0x51));
        byte[] whole = new byte[10000];
        whole.AsSpan().Fill(0x52);
        Assert.False(Read(WithCompressed(Zstd(whole)).UInt64(72, 8).Bytes(104, [1])).AsSpan(0, 4096).ContainsAnyExcept((byte)0x52));
        Assert.Empty(_diagnostics.Items);
    }

    [Fact]
    public void Cut_image_opens_and_reads_as_zeros_where_it_is_cut()
    {
        byte[] whole = new Qcow2Builder(200).Build();
        for (int i = 0; i <= 64; i++)
        {
            byte[] cut = whole[..(whole.Length * i / 64)];
            try
            {
                IByteSource content = Open(cut).Content;
                Assert.Equal(content.Length, content.ReadArray(0, (int)content.Length).Length);
            }
            catch (ForensicException e)
            {
                Assert.True(cut.Length < 112, e.Message);
            }
        }
    }

    [Fact]
    public void Boot_signature_in_the_header_is_reported_as_ambiguous()
    {
        ImageProbe.Open(new MemorySource(new Qcow2Builder().Bytes(510, [0x55, 0xAA]).Build()), Catalog.Images, Context);
        Assert.Equal(["image.format.ambiguous"], Codes());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_headers_and_tables_give_only_typed_errors_in_bounded_time(int seed)
    {
        var random = new Random(seed);
        byte[] plain = new Qcow2Builder(64).Build();
        byte[] packed = WithCompressed(Deflate(new byte[4096], 0x31)).Build();
        byte[] zstd = WithCompressed(Zstd(new byte[4096])).UInt64(72, 8).Bytes(104, [1]).Build();
        byte[] buffer = new byte[64 << 10];
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < 1000; i++)
        {
            byte[] image = [.. (i % 3) switch { 0 => plain, 1 => packed, _ => zstd }];
            Mutator.Mutate(random, image, [0..112, 0..112, Qcow2Builder.L1..(Qcow2Builder.L1 + 16), Qcow2Builder.L2..(Qcow2Builder.L2 + 128), 12288..12400]);
            try
            {
                IByteSource content = ImageProbe.Open(new MemorySource(image), Catalog.Images, Context).Content;
                for (int k = 0; k < 8; k++)
                {
                    long offset = (long)(random.NextDouble() * content.Length);
                    Assert.True(content.ReadAt(offset, buffer) > 0 || offset == content.Length);
                }
                if (content is ISparseByteSource sparse && content.Length < 1 << 30)
                {
                    sparse.NextData(0, out _, out _);
                }
            }
            catch (ForensicException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    private ParseContext Context => new(ScanLimits.Default, _diagnostics, CancellationToken.None);

    private DiskImage Open(byte[] image) => new Qcow2Format().Open(new MemorySource(image), Context);

    private byte[] Read(Qcow2Builder builder)
    {
        IByteSource content = Open(builder.Build()).Content;
        return content.ReadArray(0, (int)content.Length);
    }

    private string[] Codes() => [.. _diagnostics.Items.Select(item => item.Code)];

    /// <summary>The first cluster of the disk compressed, stored where the first data cluster was. With 4 KiB clusters x is 58: bits 58 to 61 count further sectors.</summary>
    private static Qcow2Builder WithCompressed(byte[] data)
    {
        var builder = new Qcow2Builder();
        data = data[..Math.Min(data.Length, Qcow2Builder.Cluster)];
        builder.Bytes(3 * Qcow2Builder.Cluster, new byte[Qcow2Builder.Cluster]).Bytes(3 * Qcow2Builder.Cluster, data);
        return builder.UInt64(Qcow2Builder.L2, 1UL << 62 | 7UL << 58 | 3 * Qcow2Builder.Cluster);
    }

    private static byte[] Deflate(byte[] content, byte fill)
    {
        content.AsSpan().Fill(fill);
        var target = new MemoryStream();
        using (var stream = new DeflateStream(target, CompressionLevel.SmallestSize))
        {
            stream.Write(content);
        }
        return target.ToArray();
    }

    /// <summary>One zstd frame.</summary>
    private static byte[] Zstd(byte[] content)
    {
        using var compressor = new SharpCompress.Compressors.ZStandard.Compressor(3);
        return compressor.Wrap(content).ToArray();
    }
}
