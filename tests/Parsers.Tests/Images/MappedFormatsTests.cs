using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Forensics.Parsers.Images.Parallels;
using Forensics.Parsers.Images.Qcow;
using Forensics.Parsers.Images.Qed;
using Forensics.Parsers.Images.Vdi;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>qcow, QED, VDI and Parallels: images that QEMU writes read as the raw bytes they were made from, and damage is bounded.</summary>
public sealed class MappedFormatsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("qcow", null, 0)]
    [InlineData("qcow", "-c", 0)]
    [InlineData("qed", null, 0)]
    [InlineData("qed", "-ocluster_size=4096,table_size=2", 0)]
    [InlineData("qed", "-ocluster_size=4096,table_size=16", 0)]
    [InlineData("qed", "-ocluster_size=2097152,table_size=2", 0)]
    [InlineData("vdi", null, 0)]
    [InlineData("vdi", null, 512)]
    [InlineData("vdi", "-ostatic=on", 0)]
    [InlineData("parallels", null, 0)]
    [InlineData("parallels", "-ocluster_size=65536", 0)]
    public void Content_equals_the_raw_disk(string format, string? option, int tail)
    {
        byte[] raw = TestDisk.Mixed((6 << 20) + tail, seed: 17);
        using var disk = new OpenedDisk(Make(format, raw, option));
        Assert.Equal(format, disk.Disk.Format);
        disk.AssertEquals(raw);
        Assert.Equal(raw.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), disk.Fact("virtual size"));
        Assert.Empty(disk.Codes);
    }

    [Theory]
    [InlineData("qcow")]
    [InlineData("qed")]
    [InlineData("vdi")]
    [InlineData("parallels")]
    public void Image_written_out_of_order_reads_as_qemu_reads_it(string format)
    {
        string image = _folder.File("disk.img");
        Qemu.Img("create", "-q", "-f", format, image, "24M");
        Qemu.Write(image, "write -P 0x41 20M 3M", "write -P 0x42 5000k 1k", "write -P 0x43 0 2M", "write -P 0x44 11M 100k", "write -z 21M 1M", "write -P 0x45 23M 1M");
        using var disk = new OpenedDisk(image);
        disk.AssertEquals(Qemu.Raw(image));
        Assert.Empty(disk.Codes);
    }

    [Theory]
    [InlineData("qed", "raw")]
    [InlineData("qcow", "raw")]
    [InlineData("qed", "qcow2")]
    public void Overlay_reads_as_qemu_reads_it(string format, string behind)
    {
        byte[] raw = TestDisk.Mixed(3 << 20, 2);
        _folder.Write("base.raw", raw);
        Qemu.Img("convert", "-f", "raw", "-O", behind, _folder.File("base.raw"), _folder.File("base.img"));
        string top = _folder.File("top.img");
        Qemu.Img("create", "-q", "-f", format, "-F", behind, "-b", "base.img", top, "4M");
        Qemu.Write(top, "write -P 0x41 100k 70k", "write -P 0x42 2000k 1k", "write -P 0x43 3900k 4k");
        using var disk = new OpenedDisk(top);
        disk.AssertEquals(Qemu.Raw(top));
        Assert.Equal(["top.img", "base.img"], disk.Opened);
        // Of the two only QED can say that what is behind it is raw.
        Assert.Equal(format == "qed" && behind == "raw" ? [] : [format + ".backing.probed"], disk.Codes);
    }

    [Theory]
    [InlineData("qcow")]
    [InlineData("qed")]
    public void Backing_file_outside_the_folder_is_refused_and_never_opened(string format)
    {
        _folder.Write("canary.raw", new byte[1 << 20]);
        Directory.CreateDirectory(_folder.File("in"));
        string top = _folder.File("in/top.img");
        Qemu.Img("create", "-q", "-f", format, "-F", "raw", "-b", _folder.File("canary.raw"), top, "1M");
        (UnsupportedFeatureException error, string[] opened) = OpenedDisk.Refused<UnsupportedFeatureException>(top);
        Assert.StartsWith("not supported: " + format + " backing file '" + _folder.File("canary.raw") + "'", error.Message, StringComparison.Ordinal);
        Assert.Equal(["top.img"], opened);
    }

    [Theory]
    [InlineData("qcow2", null)]
    [InlineData("qcow2", "-c")]
    [InlineData("qcow", null)]
    [InlineData("qcow", "-c")]
    [InlineData("qed", null)]
    [InlineData("vdi", null)]
    [InlineData("parallels", null)]
    public void Image_cut_at_64_points_is_refused_or_says_what_is_missing(string format, string? option)
    {
        byte[] raw = new byte[1 << 20];
        new Random(1).NextBytes(raw);
        if (option == "-c")
        {
            // Compressible, or QEMU stores it plainly.
            for (int i = 0; i < raw.Length; i++)
            {
                raw[i] &= 3;
            }
        }
        byte[] image = File.ReadAllBytes(Make(format, raw, option));
        for (int i = 1; i < 64; i++)
        {
            byte[] cut = image[..(int)((long)image.Length * i / 64)];
            var diagnostics = new DiagnosticList();
            byte[] content;
            try
            {
                DiskImage disk = Open(cut, diagnostics);
                Assert.Equal(format, disk.Format);
                content = disk.Content.ReadArray(0, (int)disk.Content.Length);
            }
            catch (CorruptDataException e)
            {
                Assert.Contains("header", e.Structure, StringComparison.Ordinal);
                continue;
            }
            Assert.Equal(raw.Length, content.Length);
            bool isWhole = content.AsSpan().SequenceEqual(raw);
            for (int k = 0; !isWhole && k < content.Length; k++)
            {
                Assert.True(content[k] == raw[k] || content[k] == 0, "invented bytes");
            }
            Assert.True(isWhole || diagnostics.Items.Any(item => item.LosesContent), $"silent loss at {i}/64");
            Assert.All(diagnostics.Items, item => Assert.StartsWith(format + ".", item.Code, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("qcow", 24, 8, 0x7FFFFFFFFFFFFE00UL, "size")]
    [InlineData("qcow", 32, 1, 8UL, "cluster_bits")]
    [InlineData("qcow", 32, 1, 17UL, "cluster_bits")]
    [InlineData("qcow", 33, 1, 5UL, "l2_bits")]
    [InlineData("qcow", 33, 1, 255UL, "l2_bits")]
    [InlineData("qed", 4, -4, 0UL, "cluster_size")]
    [InlineData("qed", 4, -4, 0x80000000UL, "cluster_size")]
    [InlineData("qed", 4, -4, 65535UL, "cluster_size")]
    [InlineData("qed", 8, -4, 0UL, "table_size")]
    [InlineData("qed", 8, -4, 32UL, "table_size")]
    [InlineData("qed", 40, -8, 0UL, "l1_table_offset")]
    [InlineData("qed", 40, -8, 65537UL, "l1_table_offset")]
    [InlineData("qed", 48, -8, 0x7FFFFFFFFFFFFE00UL, "image_size")]
    [InlineData("qed", 48, -8, ulong.MaxValue, "image_size")]
    [InlineData("vdi", 0x48, -4, 0UL, "header_size")]
    [InlineData("vdi", 0x4C, -4, 9UL, "image_type")]
    [InlineData("vdi", 0x154, -4, 0UL, "offset_bmap")]
    [InlineData("vdi", 0x154, -4, 513UL, "offset_bmap")]
    [InlineData("vdi", 0x158, -4, 1UL, "offset_data")]
    [InlineData("vdi", 0x170, -8, 0x7FFFFFFFFFFFFE00UL, "disk_size")]
    [InlineData("vdi", 0x178, -4, 0UL, "block_size")]
    [InlineData("vdi", 0x178, -4, 0x80000000UL, "block_size")]
    [InlineData("vdi", 0x17C, -4, 0xFFFFFFFFUL, "block_extra")]
    [InlineData("vdi", 0x180, -4, 0UL, "disk_size")]
    [InlineData("parallels", 28, -4, 0UL, "tracks")]
    [InlineData("parallels", 28, -4, 0xFFFFFFFFUL, "tracks")]
    [InlineData("parallels", 32, -4, 0UL, "nb_sectors")]
    [InlineData("parallels", 36, -8, ulong.MaxValue, "nb_sectors")]
    public void Header_field_that_cannot_be_is_refused_by_name_and_allocates_nothing(string format, int offset, int size, ulong value, string field)
    {
        byte[] image = File.ReadAllBytes(Make(format, new byte[1 << 20], null));
        Patch(image, offset, size, value);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<CorruptDataException>(() => Open(image, new DiagnosticList()));
        Assert.Equal(format + ".header." + field, error.Structure);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Theory]
    [InlineData("qcow", 36, 4, 1UL, "qcow encryption (AES)")]
    [InlineData("qed", 16, -8, 1UL << 40, "QED feature bit 40")]
    [InlineData("vdi", 0x44, -4, 1UL, "VDI header version 0.1")]
    [InlineData("vdi", 0x4C, -4, 4UL, "VDI differencing image of the parent {00000000-0000-0000-0000-000000000000} (merge it first with VBoxManage clonemedium)")]
    [InlineData("vdi", 0x4C, -4, 3UL, "VDI undo image of the parent {00000000-0000-0000-0000-000000000000} (merge it first with VBoxManage clonemedium)")]
    [InlineData("vdi", 0x1B8, -8, 5UL, "VDI differencing image of the parent {00000005-0000-0000-0000-000000000000} (merge it first with VBoxManage clonemedium)")]
    [InlineData("parallels", 16, -4, 3UL, "Parallels image version 3")]
    public void What_is_not_read_is_refused_by_name(string format, int offset, int size, ulong value, string feature)
    {
        byte[] image = File.ReadAllBytes(Make(format, new byte[1 << 20], null));
        Patch(image, offset, size, value);
        Assert.Equal("not supported: " + feature, Assert.Throws<UnsupportedFeatureException>(() => Open(image, new DiagnosticList())).Message);
    }

    [Theory]
    [InlineData("qed", 16, 2UL, "qed.dirty")]
    [InlineData("parallels", 44, 0x746F6E59UL, "parallels.dirty")]
    public void Image_that_was_not_closed_is_read_and_reported(string format, int offset, ulong value, string code)
    {
        byte[] raw = TestDisk.Mixed(1 << 20, 4);
        byte[] image = File.ReadAllBytes(Make(format, raw, null));
        Patch(image, offset, format == "qed" ? -8 : -4, value);
        var diagnostics = new DiagnosticList();
        Assert.Equal(raw, Open(image, diagnostics).Content.ReadArray(0, raw.Length));
        Assert.Equal(code, Assert.Single(diagnostics.Items).Code);
    }

    [Fact]
    public void Vdi_blocks_that_were_discarded_are_zeros_and_what_precedes_the_data_of_a_block_is_passed_over()
    {
        byte[] raw = TestDisk.Mixed(3 << 20, 21);
        byte[] made = File.ReadAllBytes(Make("vdi", raw, "-ostatic=on"));
        int map = (int)BinaryPrimitives.ReadUInt32LittleEndian(made.AsSpan(0x154));
        int data = (int)BinaryPrimitives.ReadUInt32LittleEndian(made.AsSpan(0x158));
        // The same blocks with 512 bytes of something before each, stored backwards, the middle one discarded.
        byte[] image = new byte[data + 3 * (512 + (1 << 20))];
        made.AsSpan(0, data).CopyTo(image);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x17C), 512);
        for (int i = 0; i < 3; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(map + i * 4), i == 1 ? 0xFFFFFFFE : (uint)(2 - i));
            Span<byte> block = image.AsSpan(data + (2 - i) * (512 + (1 << 20)));
            block[..512].Fill(0xEE);
            raw.AsSpan(i << 20, 1 << 20).CopyTo(block[512..]);
        }
        raw.AsSpan(1 << 20, 1 << 20).Clear();
        var diagnostics = new DiagnosticList();
        IByteSource content = Open(image, diagnostics).Content;
        Assert.Equal(raw, content.ReadArray(0, raw.Length));
        ReadChecks.AssertDataRanges(raw, Assert.IsAssignableFrom<ISparseByteSource>(content));
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void Parallels_images_of_the_first_generation_count_sectors()
    {
        byte[] raw = TestDisk.Mixed(3 << 20, 22);
        byte[] image = File.ReadAllBytes(Make("parallels", raw, null));
        uint tracks = BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(28));
        "WithoutFreeSpace"u8.CopyTo(image);
        for (int at = 64; at < 64 + 3 * 4; at += 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(at)) * tracks);
        }
        Patch(image, 40, -4, 0xDEADBEEF);   // only the later generation has 64 bits for the size
        string path = _folder.Write("old.hds", image);
        using var disk = new OpenedDisk(path);
        disk.AssertEquals(raw);
        Assert.Equal(Qemu.Raw(path, "-f", "parallels"), disk.Read());
        Assert.Equal("original", disk.Fact("variant"));
    }

    [Theory]
    [InlineData("qcow", "-c")]
    [InlineData("qed", null)]
    [InlineData("vdi", null)]
    [InlineData("parallels", null)]
    public void Mutated_headers_and_tables_give_only_typed_errors_in_bounded_time(string format, string? option)
    {
        var random = new Random(5);
        byte[] good = File.ReadAllBytes(Make(format, TestDisk.Mixed(2 << 20, 8), option));
        byte[] buffer = new byte[64 << 10];
        Range[] places = format switch
        {
            "qcow" => [0..48, 48..64, 512..1024, 4096..4200, 8192..8400],
            "qed" => [0..64, 65536..65552, 131072..131200, 262144..262272, 327680..327808],
            "vdi" => [0x40..0x50, 0x150..0x1C8, 512..528],
            _ => [16..64, 64..80],
        };
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < 400; i++)
        {
            byte[] image = [.. good];
            Mutator.Mutate(random, image, [.. places.Where(place => place.End.Value <= image.Length)]);
            try
            {
                IByteSource content = Open(image, new DiagnosticList()).Content;
                for (int k = 0; k < 6; k++)
                {
                    long offset = (long)(random.NextDouble() * content.Length);
                    Assert.True(content.ReadAt(offset, buffer) > 0 || offset == content.Length);
                }
                if (content is ISparseByteSource sparse)
                {
                    sparse.NextData(0, out _, out _);
                    sparse.NextData(content.Length / 2, out _, out _);
                }
            }
            catch (ForensicException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), watch.Elapsed.ToString());
    }

    [Fact]
    public void Formats_are_told_by_their_first_bytes_alone()
    {
        Assert.True(new QcowFormat().Matches([0x51, 0x46, 0x49, 0xFB, 0, 0, 0, 1]));
        Assert.False(new QcowFormat().Matches([0x51, 0x46, 0x49, 0xFB, 0, 0, 0, 2]));
        Assert.True(new QedFormat().Matches("QED\0"u8));
        Assert.False(new VdiFormat().Matches("<<< Oracle VM VirtualBox Disk Image >>>\n"u8));
        Assert.True(new ParallelsFormat().Matches("WithoutFreeSpace"u8));
        foreach (IFormat<DiskImage> format in Catalog.Images.Where(format => format is not RawFormat))
        {
            Assert.False(format.Matches([]));
            Assert.False(format.Matches(new byte[4096]));
        }
    }

    private static DiskImage Open(byte[] image, DiagnosticList diagnostics) =>
        ImageProbe.Open(new MemorySource(image), Catalog.Images, new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None));

    /// <summary>Writes a number of 1, 4 or 8 bytes; little endian when the size is negative.</summary>
    private static void Patch(byte[] image, int offset, int size, ulong value)
    {
        for (int i = 0; i < Math.Abs(size); i++)
        {
            image[size < 0 ? offset + i : offset + size - 1 - i] = (byte)(value >> (8 * i));
        }
    }

    private string Make(string format, byte[] raw, string? option)
    {
        string source = _folder.Write("disk.raw", raw);
        string target = _folder.File("disk." + format);
        string[] more = option is null ? [] : [option];
        string[] arguments = ["convert", "-f", "raw", "-O", format, .. more, source, target];
        if (format == "qcow" && option == "-c")
        {
            // QEMU 7.2 writes the image whole and then fails over an empty write at its end, without a word: what it reads is the oracle.
            TestTools.TryRun("qemu-img", arguments);
            Assert.Equal(raw, Qemu.Raw(target));
        }
        else
        {
            Qemu.Img(arguments);
        }
        return target;
    }
}
