using System.Buffers.Binary;
using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>VHDs that are damaged or lie.</summary>
public sealed class VhdHostileTests
{
    private const int Size = 6 << 20;
    private const int Header = VhdBuilder.HeaderOffset;

    private readonly DiagnosticList _diagnostics = new();
    private readonly byte[] _raw = TestDisk.Mixed(Size, 41);

    private string[] Codes => [.. _diagnostics.Items.Select(item => item.Code)];

    private bool LosesContent => _diagnostics.Items.Any(item => item.LosesContent);

    [Theory]
    [InlineData(24)]
    [InlineData(48)]
    [InlineData(64)]
    [InlineData(500)]
    public void Damaged_copy_at_the_start_gives_way_to_the_footer(int offset)
    {
        byte[] image = Build();
        image[offset] ^= 1;
        AssertRead(image);
        Assert.Equal(["vhd.footer.copy"], Codes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Copy_at_the_start_that_is_no_longer_known_as_one_gives_way_to_the_footer(int offset)
    {
        byte[] image = Build();
        image[offset] ^= 1;
        AssertRead(image);
        Assert.Equal(["vhd.footer.copy"], Codes);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(48)]
    [InlineData(60)]
    [InlineData(64)]
    public void Damaged_footer_gives_way_to_the_copy(int offset)
    {
        byte[] image = Build();
        image[image.Length - 512 + offset] ^= 1;
        AssertRead(image);
        Assert.Equal(["vhd.footer.damaged"], Codes);
    }

    [Fact]
    public void Missing_footer_gives_way_to_the_copy()
    {
        AssertRead(Build()[..^512]);
        Assert.Equal(["vhd.footer.missing"], Codes);
    }

    [Fact]
    public void Sound_footers_that_disagree_are_said_and_that_at_the_end_is_used()
    {
        byte[] image = Build();
        BinaryPrimitives.WriteUInt64BigEndian(image.AsSpan(48), 1 << 20);
        VhdBuilder.Sum(image.AsSpan(0, 512), 64);
        AssertRead(image);
        Assert.Equal(["vhd.footer.disagree"], Codes);
    }

    [Fact]
    public void Footers_that_are_both_damaged_and_differ_lose_content()
    {
        byte[] image = Build();
        image[100] ^= 1;
        image[^1] ^= 1;
        AssertRead(image);
        Assert.Equal(["vhd.footer.checksum"], Codes);
        Assert.True(LosesContent);
    }

    [Fact]
    public void Wrong_checksum_of_the_dynamic_header_is_said()
    {
        byte[] image = Build();
        image[Header + 1000] ^= 1;
        AssertRead(image);
        Assert.Equal(["vhd.header.checksum"], Codes);
    }

    [Theory]
    [InlineData(Header + 32, 0u, "vhd.header.block-size")]
    [InlineData(Header + 32, 511u, "vhd.header.block-size")]
    [InlineData(Header + 32, 3u << 20, "vhd.header.block-size")]
    [InlineData(Header + 32, 0x8000_0000u, "vhd.header.block-size")]
    [InlineData(Header + 32, uint.MaxValue, "vhd.header.block-size")]
    [InlineData(Header + 16, 0x7FFF_FFFFu, "vhd.header.table-offset")]
    [InlineData(Header + 16, uint.MaxValue, "vhd.header.table-offset")]
    [InlineData(48, 0x7FFF_FFFFu, "vhd.footer.current-size")]
    [InlineData(48, uint.MaxValue, "vhd.footer.current-size")]
    [InlineData(16, uint.MaxValue, "vhd.header")]
    [InlineData(60, 2u, "vhd.footer.disk-type")]
    [InlineData(60, 6u, "vhd.footer.disk-type")]
    public void Header_field_that_cannot_be_is_refused_by_name(int offset, uint value, string structure)
    {
        byte[] image = Build();
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(offset), value);
        if (offset < Header)
        {
            BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(image.Length - 512 + offset), value);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(structure, Assert.Throws<CorruptDataException>(() => Open(VhdBuilder.Seal(image))).Structure);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Unknown_header_version_is_refused()
    {
        byte[] image = Build();
        image[Header + 25] = 2;
        Assert.Equal("not supported: VHD dynamic disk header version 2", Assert.Throws<UnsupportedFeatureException>(() => Open(VhdBuilder.Seal(image))).Message);
    }

    [Fact]
    public void Huge_table_costs_neither_memory_nor_time()
    {
        byte[] image = Build();
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(Header + 28), uint.MaxValue);
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(Header + 32), 512);
        foreach (int footer in new[] { 0, image.Length - 512 })
        {
            BinaryPrimitives.WriteUInt64BigEndian(image.AsSpan(footer + 48), 64UL << 40);
        }
        var watch = Stopwatch.StartNew();
        var content = Assert.IsAssignableFrom<ISparseByteSource>(Open(VhdBuilder.Seal(image)).Content);
        Assert.Equal(64L << 40, content.Length);
        for (long position = 0; content.NextData(position, out long start, out long length); position = start + length)
        {
        }
        Assert.Contains("vhd.bat.cut", Codes);
        Assert.True(LosesContent);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), watch.Elapsed.ToString());
    }

    [Fact]
    public void Table_with_too_few_entries_ends_in_zeros()
    {
        byte[] image = Build();
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(Header + 28), 1);
        byte[] content = Open(VhdBuilder.Seal(image)).Content.ReadArray(0, Size);
        Assert.Equal(_raw[..(2 << 20)], content[..(2 << 20)]);
        Assert.Equal(new byte[4 << 20], content[(2 << 20)..]);
        Assert.Contains("vhd.bat.past-end", Codes);
    }

    [Theory]
    [InlineData(0u, "vhd.block.misplaced")]
    [InlineData(0x7FFF_FFFFu, "vhd.file.cut")]
    [InlineData(0xFFFF_FFFEu, "vhd.file.cut")]
    public void Block_that_is_nowhere_reads_as_zeros(uint sector, string code)
    {
        byte[] image = Build();
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(VhdBuilder.TableOffset + 4), sector);
        byte[] expected = [.. _raw];
        expected.AsSpan(2 << 20, 2 << 20).Clear();
        Assert.Equal(expected, Open(image).Content.ReadArray(0, Size));
        Assert.Contains(code, Codes);
        Assert.True(LosesContent);
    }

    [Fact]
    public void Blocks_that_share_a_place_are_read_from_it()
    {
        byte[] image = Build();
        image.AsSpan(VhdBuilder.TableOffset, 4).CopyTo(image.AsSpan(VhdBuilder.TableOffset + 4));
        Assert.Equal(_raw[..(2 << 20)], Open(image).Content.ReadArray(2 << 20, 2 << 20));
    }

    [Fact]
    public void Image_cut_anywhere_is_refused_or_says_what_is_missing()
    {
        byte[] whole = Build();
        for (int i = 0; i < 64; i++)
        {
            byte[] cut = whole[..(whole.Length * i / 64)];
            var diagnostics = new DiagnosticList();
            try
            {
                DiskImage disk = VhdTestImage.OpenBytes(cut, diagnostics);
                if (cut.Length == 0)
                {
                    continue;
                }
                Assert.Equal(_raw.Length, disk.Content.ReadArray(0, Size).Length);
                Assert.Contains(diagnostics.Items, item => item.LosesContent);
            }
            catch (CorruptDataException e)
            {
                Assert.True(cut.Length < Header + 1024, e.Message);
            }
        }
    }

    [Fact]
    public void Cut_fixed_disk_is_what_is_left_of_it_as_raw()
    {
        byte[] whole = [.. _raw, .. VhdBuilder.FixedFooter(Size)];
        for (int i = 1; i < 64; i++)
        {
            byte[] cut = whole[..(whole.Length * i / 64)];
            DiskImage disk = VhdTestImage.OpenBytes(cut);
            Assert.Equal("raw", disk.Format);
            Assert.Equal(cut.Length, disk.Content.Length);
        }
    }

    [Theory]
    [InlineData(48)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(100)]
    public void Damaged_or_foreign_footer_is_data_of_a_raw_disk(int offset)
    {
        byte[] image = [.. _raw, .. VhdBuilder.FixedFooter(Size)];
        image[Size + offset] ^= 1;
        DiskImage disk = Open(image);
        Assert.Equal("raw", disk.Format);
        Assert.Equal(image.Length, disk.Content.Length);
        Assert.Equal(["vhd.footer"], Codes);
    }

    /// <summary>The guest can write all of its raw disk, so also a footer that leads to a table of its own making; a boot sector tells the raw disk.</summary>
    [Fact]
    public void Raw_disk_that_ends_as_a_dynamic_vhd_stays_raw()
    {
        byte[] image = Build();
        image.AsSpan(0, 512).Clear();
        image[510] = 0x55;
        image[511] = 0xAA;
        Assert.Equal("raw", Open(image).Format);
        Assert.Equal(["vhd.footer"], Codes);
    }

    [Fact]
    public void Raw_disk_that_begins_as_a_vhd_is_said_to_be_ambiguous()
    {
        byte[] image = Build();
        image[510] = 0x55;
        image[511] = 0xAA;
        Open(image);
        Assert.Equal(["image.format.ambiguous", "vhd.footer.copy"], Codes);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(600)]
    public void Start_of_a_vhd_alone_is_refused(int length) => Assert.ThrowsAny<ForensicException>(() => Open(Build()[..length]));

    [Fact]
    public void Failing_medium_is_an_error_and_no_zeros()
    {
        byte[] image = Build();
        IByteSource content = ImageProbe.Open(new FailingSource(image, 3 << 20, (3 << 20) + 4096), Catalog.Images, ParseContext.Quiet).Content;
        Assert.Throws<ImageReadException>(() => content.ReadArray(0, Size));
        Assert.Equal(_raw[..(1 << 20)], content.ReadArray(0, 1 << 20));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mutated_headers_and_tables_give_only_typed_errors_in_bounded_time(int seed)
    {
        var random = new Random(seed);
        byte[] whole = Build();
        byte[] buffer = new byte[64 << 10];
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < 300; i++)
        {
            byte[] image = [.. whole];
            Mutator.Mutate(random, image, [0..88, Header..(Header + 64), VhdBuilder.TableOffset..(VhdBuilder.TableOffset + 12), (image.Length - 512)..(image.Length - 424)]);
            if (random.Next(2) == 0)
            {
                VhdBuilder.Seal(image);
            }
            Probe(image, random, buffer);
        }
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    internal static void Probe(byte[] image, Random random, byte[] buffer)
    {
        try
        {
            IByteSource content = VhdTestImage.OpenBytes(image).Content;
            for (int k = 0; k < 8 && content.Length > 0; k++)
            {
                long offset = (long)(random.NextDouble() * (content.Length - 1));
                Assert.True(content.ReadAt(offset, buffer) > 0);
            }
            if (content is ISparseByteSource sparse)
            {
                sparse.NextData(0, out _, out _);
            }
        }
        catch (ForensicException e)
        {
            Assert.NotEmpty(e.Message);
        }
    }

    private byte[] Build() => new VhdBuilder(Size).Write(0, _raw).Build();

    private DiskImage Open(byte[] image) => VhdTestImage.OpenBytes(image, _diagnostics);

    private void AssertRead(byte[] image)
    {
        DiskImage disk = Open(image);
        Assert.Equal("vhd", disk.Format);
        Assert.True(_raw.AsSpan().SequenceEqual(disk.Content.ReadArray(0, Size)));
    }
}

/// <summary>A medium with a bad range.</summary>
internal sealed class FailingSource(byte[] content, long badStart, long badEnd) : IByteSource
{
    public long Length => content.Length;

    public int ReadAt(long offset, Span<byte> destination)
    {
        int count = (int)Math.Max(0, Math.Min(destination.Length, content.Length - offset));
        if (count > 0 && offset < badEnd && offset + count > badStart)
        {
            throw new ImageReadException(Math.Max(offset, badStart), "the image file cannot be read at offset " + Math.Max(offset, badStart));
        }
        content.AsSpan((int)Math.Min(offset, content.Length), count).CopyTo(destination);
        return count;
    }
}
