using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Forensics.Parsers.Images.Vmdk;
using Xunit;

namespace Forensics.Parsers.Tests.Images.Vmdk;

/// <summary>Headers, tables, markers and descriptors that lie: refused by name, or read as zeros with a diagnostic; the redundant tables are used where they help.</summary>
public sealed class VmdkHostileTests : IDisposable
{
    private const int Grain = 65536;

    private readonly TempFolder _folder = new();
    private readonly DiagnosticList _diagnostics = new();
    private readonly byte[] _raw = TestDisk.Mixed(3 << 20, seed: 41);

    public void Dispose() => _folder.Dispose();

    private IEnumerable<string> Codes => _diagnostics.Items.Select(diagnostic => diagnostic.Code).Distinct();

    [Theory]
    [InlineData(4, 4, 0UL, "version 0")]
    [InlineData(4, 4, 4UL, "version 4")]
    [InlineData(12, 8, 1UL << 63, "capacity")]
    [InlineData(12, 8, (1UL << 52) + 1, "capacity")]
    [InlineData(20, 8, 0UL, "grainSize")]
    [InlineData(20, 8, 3UL, "grainSize")]
    [InlineData(20, 8, 1UL << 40, "grainSize")]
    [InlineData(44, 4, 0UL, "numGTEsPerGT")]
    [InlineData(44, 4, 513UL, "numGTEsPerGT")]
    [InlineData(44, 4, 0xFFFFFFFFUL, "numGTEsPerGT")]
    [InlineData(56, 8, 1UL << 62, "gdOffset")]
    [InlineData(56, 8, 0UL, "gdOffset")]
    [InlineData(48, 8, 1UL << 62, "rgdOffset")]
    [InlineData(77, 2, 2UL, "compression algorithm 2")]
    public void Header_field_that_cannot_be_is_refused_by_name(int offset, int size, ulong value, string reason)
    {
        byte[] image = Make("monolithicSparse");
        Put(image, offset, size, value);
        var refusal = Assert.ThrowsAny<ForensicException>(() => Read(image));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((1UL << 32) - 1)]
    [InlineData(1UL << 52)]
    public void Huge_capacity_costs_nothing(ulong sectors)
    {
        byte[] image = Make("monolithicSparse");
        Put(image, 12, 8, sectors);
        var watch = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(HostileRun.Exercise(new MemorySource(image), _diagnostics));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 20);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
        Assert.Contains("vmdk.descriptor.extents", Codes);
    }

    [Fact]
    public void Grain_table_that_points_to_itself_or_to_the_directory_is_only_data()
    {
        byte[] image = Make("monolithicSparse");
        int table = TableOffset(image, redundant: false);
        Put(image, table, 4, (ulong)table / 512);
        Put(image, table + 4, 4, UInt64(image, 56));
        byte[] content = Read(image);
        Assert.Equal(image.AsSpan(table, 512).ToArray(), content.AsSpan(0, 512).ToArray());
        Assert.Equal(_raw.AsSpan(2 * Grain).ToArray(), content.AsSpan(2 * Grain).ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damaged_grain_directory_is_replaced_by_the_redundant_one(bool pastEnd)
    {
        byte[] image = Make("monolithicSparse");
        int directory = (int)UInt64(image, 56) * 512;
        Put(image, directory, 4, pastEnd ? 0x7FFFFFFFUL : 0);
        Assert.Equal(_raw, Read(image));
        Assert.Equal(["vmdk.redundant.used"], Codes);
        Assert.DoesNotContain(_diagnostics.Items, diagnostic => diagnostic.LosesContent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damaged_grain_table_is_replaced_by_the_redundant_one(bool wiped)
    {
        byte[] image = Make("monolithicSparse");
        int table = TableOffset(image, redundant: false);
        if (wiped)
        {
            image.AsSpan(table, 2048).Clear();
        }
        else
        {
            image.AsSpan(table, 64).Fill(0xFF);
        }
        Assert.Equal(_raw, Read(image));
        Assert.Equal(["vmdk.redundant.used"], Codes);
    }

    [Fact]
    public void Damage_in_both_tables_is_zeros_and_reported_once()
    {
        byte[] image = Make("monolithicSparse");
        foreach (bool redundant in new[] { false, true })
        {
            image.AsSpan(TableOffset(image, redundant), 40).Fill(0xFF);
        }
        byte[] content = Read(image);
        Assert.False(content.AsSpan(0, 10 * Grain).ContainsAnyExcept((byte)0));
        Assert.Equal(_raw.AsSpan(10 * Grain).ToArray(), content.AsSpan(10 * Grain).ToArray());
        Assert.Equal("vmdk.grain.past-end", Assert.Single(_diagnostics.Items).Code);
        Assert.True(_diagnostics.Items[0].LosesContent);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(100u)]
    [InlineData(200_000u)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(0xFFFFFFFFu)]
    public void Compressed_grain_of_wrong_size_is_zeros_with_a_diagnostic(uint size)
    {
        byte[] image = Make("streamOptimized");
        int first = FirstGrain(image);
        long grain = (long)UInt64(image, first) * 512 / Grain;
        Put(image, first + 8, 4, size);
        byte[] content = Read(image);
        if (size != 200_000)
        {
            Assert.Equal(["vmdk.grain.damaged"], Codes);
            Assert.True(_diagnostics.Items[0].LosesContent);
        }
        _raw.AsSpan((int)grain * Grain, Grain).CopyTo(content.AsSpan((int)grain * Grain));
        Assert.Equal(_raw, content);
    }

    [Fact]
    public void Marker_of_another_sector_is_reported()
    {
        byte[] image = Make("streamOptimized");
        int first = FirstGrain(image);
        Put(image, first, 8, 0xFFFFFFFF00);
        Assert.Equal(_raw, Read(image));
        Assert.Equal(["vmdk.grain.marker"], Codes);
    }

    [Fact]
    public void Flipped_bit_in_a_compressed_grain_is_a_loss()
    {
        byte[] image = Make("streamOptimized");
        image[FirstGrain(image) + 40] ^= 4;
        Assert.NotEqual(_raw, Read(image));
        Assert.Equal(["vmdk.grain.damaged"], Codes);
    }

    [Fact]
    public void Compressed_grain_that_expands_without_end_is_cut_at_the_grain()
    {
        byte[] image = Make("streamOptimized");
        int first = FirstGrain(image);
        long grain = (long)UInt64(image, first) * 512 / Grain;
        using var bomb = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(bomb, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(new byte[10 << 20]);
        }
        Put(image, first + 8, 4, (ulong)bomb.Length);
        bomb.ToArray().AsSpan(0, Math.Min((int)bomb.Length, 4000)).CopyTo(image.AsSpan(first + 12));
        Assert.False(Read(image).AsSpan((int)grain * Grain, Grain).ContainsAnyExcept((byte)0));
        Assert.NotEmpty(_diagnostics.Items);
    }

    [Fact]
    public void Descriptor_that_claims_two_gigabytes_is_read_up_to_its_end()
    {
        byte[] image = Make("monolithicSparse");
        Put(image, 36, 8, (2UL << 30) / 512);
        Assert.Equal(_raw, Read(image));
        Assert.Empty(_diagnostics.Items);
    }

    [Fact]
    public void Descriptor_file_is_read_up_to_its_bound()
    {
        var text = new StringBuilder("# Disk DescriptorFile\nversion=1\nRW 8 ZERO\n");
        while (text.Length < 3 << 20)
        {
            text.Append("RW 1 ZERO\n");
        }
        Assert.True(Read(Encoding.ASCII.GetBytes(text.ToString())).Length < 70_000 / 10 * 512);
        Assert.Equal("vmdk.descriptor.too-long", Assert.Single(_diagnostics.Items).Code);
    }

    [Theory]
    [InlineData("RW 0 FLAT \"a\" 0")]
    [InlineData("RW -1 FLAT \"a\" 0")]
    [InlineData("RW 99999999999999999999 FLAT \"a\" 0")]
    [InlineData("RW 9223372036854775807 ZERO")]
    [InlineData("RW 4503599627370496 ZERO\nRW 1 ZERO")]
    [InlineData("RW 2 FLAT \"a 0")]
    [InlineData("RW 2 FLAT \"a\" -1")]
    [InlineData("RW 2 FLAT \"a\" 18446744073709551615")]
    [InlineData("RW")]
    [InlineData("RW 2")]
    [InlineData("createType=\"monolithicFlat\"")]
    public void Extent_lines_that_cannot_be_understood_are_an_error(string lines) =>
        Assert.Throws<CorruptDataException>(() => Read(Encoding.ASCII.GetBytes("# Disk DescriptorFile\nversion=1\n" + lines + "\n")));

    [Fact]
    public void Unclean_shutdown_and_text_transfer_are_reported()
    {
        byte[] image = Make("monolithicSparse");
        image[72] = 1;
        image[75] = (byte)'\n';
        Assert.Equal(_raw, Read(image));
        Assert.Equal(["vmdk.header.newlines", "vmdk.unclean"], Codes);
    }

    [Fact]
    public void Footer_before_bytes_that_a_transfer_added_is_found()
    {
        byte[] image = Make("streamOptimized");
        Assert.Equal(_raw, Read([.. image, .. new byte[4096]]));
        Assert.Empty(_diagnostics.Items);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.7)]
    [InlineData(0.3)]
    public void Stream_that_lost_its_footer_is_read_by_its_markers(double part)
    {
        byte[] image = Make("streamOptimized");
        Put(image, 56, 8, ulong.MaxValue);
        byte[] content = Read(image[..(int)(image.Length * part)]);
        Assert.Contains(_diagnostics.Items, diagnostic => diagnostic is { Code: "vmdk.footer.missing", LosesContent: true });
        if (part == 1.0)
        {
            Assert.Equal(_raw, content);
        }
        int same = content.AsSpan().CommonPrefixLength(_raw);
        Assert.True(same > (int)(_raw.Length * part * 0.5) && !content.AsSpan(Math.Min(content.Length, same + Grain)).ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData("cowd", 24, 1u)]
    [InlineData("cowd", 20, 0u)]
    [InlineData("seSparse", 136, 0u)]
    public void Directory_that_is_too_small_or_nowhere_is_refused_or_a_loss(string kind, int offset, uint value)
    {
        byte[] raw = TestDisk.Mixed(40 << 20, seed: 3);
        byte[] image = kind == "cowd" ? EsxDiskWriter.Cowd(raw, 8, _ => true) : EsxDiskWriter.SeSparse(raw);
        Put(image, offset, 4, value);
        if (value == 0 && kind == "cowd")
        {
            Assert.Throws<CorruptDataException>(() => Read(image));
            return;
        }
        Read(image);
        Assert.Contains(_diagnostics.Items, diagnostic => diagnostic is { Code: "vmdk.directory.past-end", LosesContent: true });
    }

    [Fact]
    public void Names_in_another_encoding_find_their_file_and_escape_codes_are_shown()
    {
        byte[] raw = TestDisk.Mixed(1 << 20, 2);
        _folder.Write("Größe.raw", raw);
        Encoding latin = Encoding.Latin1;
        string text = "# Disk DescriptorFile\nversion=1\nencoding=\"windows-1252\"\nRW 2048 FLAT \"Größe.raw\" 0\nddb.comment = \"\u001b[31mred\"\n";
        using OpenedDisk disk = new OpenedDisk(_folder.Write("d.vmdk", latin.GetBytes(text)));
        disk.AssertEquals(raw);
        Assert.Empty(disk.Diagnostics);
        Assert.Equal(@"\x1b[31mred", disk.Fact("ddb.comment"));
        string unknown = _folder.Write("e.vmdk", Encoding.UTF8.GetBytes(text.Replace("windows-1252", "klingon", StringComparison.Ordinal)));
        using OpenedDisk other = new OpenedDisk(unknown);
        other.AssertEquals(raw);
        Assert.Equal(["vmdk.descriptor.encoding"], other.Codes);
    }

    [Fact]
    public void Sparse_extent_without_its_descriptor_says_that_it_may_be_a_part()
    {
        _folder.Write("disk.raw", _raw);
        TestTools.Run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=twoGbMaxExtentSparse", _folder.File("disk.raw"), _folder.File("disk.vmdk"));
        Assert.Equal(_raw, Read(File.ReadAllBytes(_folder.File("disk-s001.vmdk")))[.._raw.Length]);
        Assert.Equal("vmdk.descriptor.none", Assert.Single(_diagnostics.Items).Code);
    }

    [Theory]
    [InlineData("monolithicSparse")]
    [InlineData("streamOptimized")]
    public void Image_cut_at_sixty_four_points_is_refused_or_says_what_is_missing(string subformat) =>
        HostileRun.CutAtSixtyFourPoints(Make(subformat), _raw, (image, diagnostics) =>
        {
            IByteSource content = ImageProbe.Open(new MemorySource(image), [new VmdkFormat()], Context(diagnostics)).Content;
            return content.ReadArray(0, (int)content.Length);
        });

    [Theory]
    [InlineData("monolithicFlat", "disk-flat.vmdk")]
    [InlineData("twoGbMaxExtentSparse", "disk-s001.vmdk")]
    public void Extent_file_cut_at_sixty_four_points_is_refused_or_says_what_is_missing(string subformat, string extent)
    {
        Make(subformat);
        byte[] whole = File.ReadAllBytes(_folder.File(extent));
        HostileRun.CutAtSixtyFourPoints(whole, _raw, (bytes, diagnostics) =>
        {
            _folder.Write(extent, bytes);
            using OpenedDisk disk = new OpenedDisk(_folder.File("disk.vmdk"));
            byte[] content = disk.Read();
            disk.Diagnostics.ToList().ForEach(diagnostics.Report);
            return content;
        });
    }

    [Theory]
    [InlineData("monolithicSparse")]
    [InlineData("streamOptimized")]
    [InlineData("seSparse")]
    [InlineData("cowd")]
    public void Mutated_images_never_do_more_than_fail(string kind)
    {
        byte[] sound = kind switch
        {
            "seSparse" => EsxDiskWriter.SeSparse(_raw),
            "cowd" => EsxDiskWriter.Cowd(_raw, 8, i => i % 3 > 0),
            _ => Make(kind),
        };
        Range[] places = kind switch
        {
            "seSparse" => new Range[] { ..512, ..200, 512..1024, 1024..1536, 1536..40000 },
            "cowd" => new Range[] { ..2048, ..32, 2048..2560, 2560..6000 },
            "streamOptimized" => new Range[] { ..512, ..80, 512..1024, (sound.Length - 8192).., (sound.Length - 1536)..(sound.Length - 900), 65536..70000 },
            _ => new Range[] { ..512, ..80, 512..1024, 1024..65536 },
        };
        var random = new Random(kind.Length);
        int opened = 0;
        for (int i = 0; i < 50; i++)
        {
            byte[] image = [.. sound];
            Mutator.Mutate(random, image, places);
            opened += HostileRun.Exercise(new MemorySource(image), NullDiagnosticSink.Instance) ? 1 : 0;
        }
        Assert.True(opened > 5);
    }

    private static ParseContext Context(IDiagnosticSink diagnostics) => new(ScanLimits.Default, diagnostics, CancellationToken.None);

    private byte[] Read(byte[] image)
    {
        IByteSource content = ImageProbe.Open(new MemorySource(image), Catalog.Images, Context(_diagnostics)).Content;
        return content.ReadArray(0, (int)Math.Min(content.Length, 64 << 20));
    }

    private byte[] Make(string subformat)
    {
        string source = _folder.Write("disk.raw", _raw);
        string target = _folder.File("disk.vmdk");
        TestTools.Run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=" + subformat, source, target);
        return File.ReadAllBytes(target);
    }

    private static void Put(byte[] image, int offset, int size, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        bytes[..size].CopyTo(image.AsSpan(offset));
    }

    private static ulong UInt64(byte[] image, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(offset));

    private static int TableOffset(byte[] image, bool redundant)
    {
        int directory = (int)UInt64(image, redundant ? 48 : 56) * 512;
        return (int)BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(directory)) * 512;
    }

    /// <summary>Offset of the marker of the first grain that is stored.</summary>
    private static int FirstGrain(byte[] image)
    {
        byte[] footer = image[(image.Length - 1024)..];
        int directory = (int)UInt64(UInt64(image, 56) == ulong.MaxValue ? footer : image, 56) * 512;
        int table = (int)BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(directory)) * 512;
        for (int at = table; ; at += 4)
        {
            uint sector = BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(at));
            if (sector > 1)
            {
                return (int)sector * 512;
            }
        }
    }
}
