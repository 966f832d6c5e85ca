using System.Buffers.Binary;
using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>VHDX images that are damaged or lie.</summary>
public sealed class VhdxHostileTests
{
    private const int Size = 6 << 20;
    private const int FirstBlock = 4 << 20;

    private readonly DiagnosticList _diagnostics = new();
    private readonly byte[] _raw = TestDisk.Mixed(Size, 51);

    private string[] Codes => [.. _diagnostics.Items.Select(item => item.Code)];

    private bool LosesContent => _diagnostics.Items.Any(item => item.LosesContent);

    [Theory]
    [InlineData(VhdxBuilder.Header1, "vhdx.header.copy")]
    [InlineData(VhdxBuilder.Header1 + 4000, "vhdx.header.copy")]
    [InlineData(VhdxBuilder.Header2 + 9, "vhdx.header.copy")]
    [InlineData(VhdxBuilder.Region1 + 20, "vhdx.region-table.copy")]
    [InlineData(VhdxBuilder.Region1 + 60000, "vhdx.region-table.copy")]
    public void Damaged_copy_gives_way_to_the_other(int offset, string code)
    {
        byte[] image = Build();
        image[offset] ^= 1;
        Assert.True(_raw.AsSpan().SequenceEqual(Open(image).Content.ReadArray(0, Size)));
        Assert.Equal([code], Codes);
    }

    [Fact]
    public void Two_bad_copies_are_refused()
    {
        byte[] image = Build();
        image[VhdxBuilder.Header1] ^= 1;
        image[VhdxBuilder.Header2] ^= 1;
        Assert.Equal("vhdx.header", Assert.Throws<CorruptDataException>(() => Open(image)).Structure);
        image = Build();
        image[VhdxBuilder.Region1] ^= 1;
        image[VhdxBuilder.Region2] ^= 1;
        Assert.Equal("vhdx.region-table", Assert.Throws<CorruptDataException>(() => Open(image)).Structure);
    }

    [Fact]
    public void Headers_of_the_same_number_that_differ_are_said()
    {
        byte[] image = Build();
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(VhdxBuilder.Header1 + 8), 2);
        Open(VhdxBuilder.Seal(image));
        Assert.Equal(["vhdx.header.disagree"], Codes);
    }

    [Theory]
    [InlineData(VhdxBuilder.Items, 0u, "block-size")]
    [InlineData(VhdxBuilder.Items, 512u << 10, "block-size")]
    [InlineData(VhdxBuilder.Items, 3u << 20, "block-size")]
    [InlineData(VhdxBuilder.Items, 512u << 20, "block-size")]
    [InlineData(VhdxBuilder.Items, uint.MaxValue, "block-size")]
    [InlineData(VhdxBuilder.Items + 64, 511u, "virtual-disk-size")]
    [InlineData(VhdxBuilder.Items + 68, 0x4001u, "virtual-disk-size")]
    [InlineData(VhdxBuilder.Items + 68, 0x7FFF_FFFFu, "virtual-disk-size")]
    [InlineData(VhdxBuilder.Items + 68, uint.MaxValue, "virtual-disk-size")]
    [InlineData(VhdxBuilder.Items + 192, 0u, "logical-sector-size")]
    [InlineData(VhdxBuilder.Items + 192, 1u, "logical-sector-size")]
    [InlineData(VhdxBuilder.Items + 192, 0x8000_0000u, "logical-sector-size")]
    [InlineData(VhdxBuilder.MetadataOffset + 10, 0xFFFFu, "entry-count")]
    [InlineData(VhdxBuilder.MetadataOffset + 32 + 16, 0u, "file-parameters")]
    [InlineData(VhdxBuilder.MetadataOffset + 32 + 16, uint.MaxValue, "file-parameters")]
    [InlineData(VhdxBuilder.MetadataOffset + 32 + 20, 4u, "file-parameters")]
    [InlineData(VhdxBuilder.MetadataOffset + 64 + 20, uint.MaxValue, "virtual-disk-size")]
    [InlineData(VhdxBuilder.Items + 4, 2u, "parent-locator")]
    public void Metadata_that_cannot_be_is_refused_by_name(int offset, uint value, string item)
    {
        byte[] image = Build();
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(offset), value);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("vhdx.metadata." + item, Assert.Throws<CorruptDataException>(() => Open(image)).Structure);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void What_must_be_understood_and_is_not_is_refused_by_its_identifier()
    {
        Guid unknown = Guid.Parse("01234567-89ab-cdef-0123-456789abcdef");
        byte[] image = Build();
        unknown.TryWriteBytes(image.AsSpan(VhdxBuilder.MetadataOffset + 32 + 64));
        Assert.Equal("not supported: VHDX metadata item {01234567-89AB-CDEF-0123-456789ABCDEF} that must be understood", Assert.Throws<UnsupportedFeatureException>(() => Open(image)).Message);
        image = Build();
        foreach (int table in new[] { VhdxBuilder.Region1, VhdxBuilder.Region2 })
        {
            unknown.TryWriteBytes(image.AsSpan(table + 16));
        }
        Assert.Equal("not supported: VHDX region {01234567-89AB-CDEF-0123-456789ABCDEF} that must be understood",
            Assert.Throws<UnsupportedFeatureException>(() => Open(VhdxBuilder.Seal(image))).Message);
        image = Build();
        image[VhdxBuilder.Header2 + 66] = 2;
        Assert.Equal("not supported: VHDX version 2", Assert.Throws<UnsupportedFeatureException>(() => Open(VhdxBuilder.Seal(image))).Message);
    }

    [Fact]
    public void Item_that_is_not_known_and_not_required_is_ignored()
    {
        byte[] image = Build();
        Guid.NewGuid().TryWriteBytes(image.AsSpan(VhdxBuilder.MetadataOffset + 32 + 128));
        image[VhdxBuilder.MetadataOffset + 32 + 128 + 24] = 1;
        Assert.True(_raw.AsSpan().SequenceEqual(Open(image).Content.ReadArray(0, Size)));
        Assert.Empty(Codes);
    }

    [Theory]
    [InlineData(16, 0UL)]
    [InlineData(16, 4096UL)]
    [InlineData(16, 1UL << 62)]
    [InlineData(16, ulong.MaxValue)]
    public void Region_outside_the_file_is_refused(int field, ulong value)
    {
        byte[] image = Build();
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(VhdxBuilder.Region1 + 16 + field), value);
        Assert.Equal("vhdx.region-table.file-offset", Assert.Throws<CorruptDataException>(() => Open(VhdxBuilder.Seal(image))).Structure);
    }

    [Fact]
    public void Region_table_with_2_to_32_entries_is_refused()
    {
        byte[] image = Build();
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(VhdxBuilder.Region1 + 8), uint.MaxValue);
        Assert.Equal("vhdx.region-table.entry-count", Assert.Throws<CorruptDataException>(() => Open(VhdxBuilder.Seal(image))).Structure);
    }

    /// <summary>The largest disk in the smallest blocks, with a table as long as its field can say, in a small file.</summary>
    [Fact]
    public void Largest_disk_costs_neither_memory_nor_time()
    {
        byte[] image = Build();
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(VhdxBuilder.Items + 64), 64UL << 40);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(VhdxBuilder.Region1 + 16 + 24), uint.MaxValue);
        VhdxBuilder.Seal(image);
        var watch = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        var content = Assert.IsAssignableFrom<ISparseByteSource>(Open(image).Content);
        Assert.Equal(64L << 40, content.Length);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 << 20);
        for (long position = 0; content.NextData(position, out long start, out long length); position = start + length)
        {
        }
        Assert.Contains("vhdx.bat.cut", Codes);
        Assert.True(_diagnostics.Items.Count < 5000);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), watch.Elapsed.ToString());
    }

    [Theory]
    [InlineData(6UL, "vhdx.block.misplaced")]
    [InlineData(4UL, "vhdx.bat.state")]
    [InlineData(0xFFFF_FFFF_FFF0_0006UL, "vhdx.file.cut")]
    [InlineData(0x7FFF_FFFF_FFF0_0006UL, "vhdx.file.cut")]
    [InlineData((100UL << 20) | 6, "vhdx.file.cut")]
    [InlineData((100UL << 20) | 7, "vhdx.file.cut")]
    public void Block_that_is_nowhere_reads_as_zeros(ulong entry, string code)
    {
        byte[] image = Build();
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(VhdxBuilder.TableOffset + 8), entry);
        byte[] expected = [.. _raw];
        expected.AsSpan(1 << 20, 1 << 20).Clear();
        Assert.True(expected.AsSpan().SequenceEqual(Open(image).Content.ReadArray(0, Size)));
        Assert.Contains(code, Codes);
        Assert.True(LosesContent);
    }

    [Fact]
    public void Partly_present_block_without_a_parent_is_read_whole()
    {
        byte[] image = Build();
        image[VhdxBuilder.TableOffset] |= 1;
        Assert.True(_raw.AsSpan().SequenceEqual(Open(image).Content.ReadArray(0, Size)));
        Assert.Equal(["vhdx.bat.partial"], Codes);
    }

    [Fact]
    public void Image_cut_anywhere_is_refused_or_says_what_is_missing()
    {
        byte[] whole = Build();
        for (int i = 1; i < 64; i++)
        {
            byte[] cut = whole[..(int)((long)whole.Length * i / 64)];
            var diagnostics = new DiagnosticList();
            try
            {
                Assert.Equal(Size, VhdTestImage.OpenBytes(cut, diagnostics).Content.ReadArray(0, Size).Length);
                Assert.Contains(diagnostics.Items, item => item.LosesContent);
            }
            catch (CorruptDataException e)
            {
                Assert.True(cut.Length <= VhdxBuilder.TableOffset, e.Message);
            }
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(511)]
    [InlineData(65536)]
    public void Start_of_a_vhdx_alone_is_refused(int length) => Assert.ThrowsAny<ForensicException>(() => Open(Build()[..length]));

    [Fact]
    public void Raw_disk_that_begins_as_a_vhdx_is_said_to_be_ambiguous()
    {
        byte[] image = Build();
        image[510] = 0x55;
        image[511] = 0xAA;
        Open(image);
        Assert.Equal(["image.format.ambiguous"], Codes);
    }

    [Fact]
    public void Failing_medium_is_an_error_and_no_zeros()
    {
        byte[] image = Build();
        IByteSource content = ImageProbe.Open(new FailingSource(image, FirstBlock + (2 << 20), FirstBlock + (2 << 20) + 4096), Catalog.Images, ParseContext.Quiet).Content;
        Assert.Throws<ImageReadException>(() => content.ReadArray(0, Size));
        Assert.True(_raw.AsSpan(0, 1 << 20).SequenceEqual(content.ReadArray(0, 1 << 20)));
    }

    [Theory]
    [InlineData("not a list")]
    [InlineData("another type")]
    [InlineData("too many pairs")]
    public void Parent_locator_that_cannot_be_is_refused(string what)
    {
        byte[] image = new VhdxBuilder(Size).ChildOf(Guid.NewGuid(), "base.vhdx").Build();
        // The sixth item: the locator.
        int entry = VhdxBuilder.MetadataOffset + 32 + 5 * 32;
        int item = VhdxBuilder.MetadataOffset + BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(entry + 16));
        switch (what)
        {
            case "not a list":
                BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(entry + 20), 10);
                break;
            case "another type":
                image[item] ^= 1;
                break;
            default:
                BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(item + 18), 0xFFFF);
                break;
        }
        Assert.Contains("parent", Assert.ThrowsAny<ForensicException>(() => Open(image)).Message, StringComparison.Ordinal);
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
        for (int i = 0; i < 150; i++)
        {
            byte[] image = [.. whole];
            Mutator.Mutate(random, image, [VhdxBuilder.Header2..(VhdxBuilder.Header2 + 80), VhdxBuilder.Region1..(VhdxBuilder.Region1 + 80),
                VhdxBuilder.MetadataOffset..(VhdxBuilder.MetadataOffset + 200), VhdxBuilder.Items..(VhdxBuilder.Items + 256), VhdxBuilder.TableOffset..(VhdxBuilder.TableOffset + 48)]);
            if (i % 8 != 0)
            {
                VhdxBuilder.Seal(image);
            }
            VhdHostileTests.Probe(image, random, buffer);
        }
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    private byte[] Build() => new VhdxBuilder(Size).Write(0, _raw).Build();

    private DiskImage Open(byte[] image) => VhdTestImage.OpenBytes(image, _diagnostics);
}
