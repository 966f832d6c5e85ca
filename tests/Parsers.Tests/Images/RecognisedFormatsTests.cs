using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

public sealed class RecognisedFormatsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("vmdk", "monolithicSparse", "VMDK image")]
    [InlineData("vmdk", "streamOptimized", "VMDK image")]
    [InlineData("vmdk", "monolithicFlat", "VMDK descriptor")]
    [InlineData("vpc", "dynamic", "VHD image")]
    [InlineData("vhdx", null, "VHDX image")]
    public void Container_that_qemu_makes_is_refused_by_name(string format, string? subformat, string name)
    {
        string image = _folder.File("disk.img");
        string[] options = subformat is null ? [] : ["-o", "subformat=" + subformat];
        TestTools.Run("qemu-img", ["create", "-q", "-f", format, .. options, image, "8M"]);
        AssertRefused(File.ReadAllBytes(image), name);
    }

    [Theory]
    [InlineData("455646090d0aff00", "EWF image")]
    [InlineData("4556463 20d0a8100", "EWF version 2 image")]
    [InlineData("526172211a0700", "RAR archive")]
    [InlineData("526172211a070100", "RAR archive")]
    [InlineData("4d53434600000000", "cabinet archive")]
    [InlineData("303730373031", "cpio archive")]
    [InlineData("4c5a495001", "lzip file")]
    [InlineData("02214c18", "lz4 file in the legacy frame")]
    [InlineData("41464631300d0a00", "AFF image")]
    [InlineData("3aff26ed", "Android sparse image")]
    public void Magic_of_the_specification_is_refused_by_name(string hex, string name)
    {
        byte[] image = new byte[4096];
        Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)).CopyTo(image, 0);
        AssertRefused(image, name);
    }

    [Fact]
    public void Refusal_says_when_the_sector_also_bears_a_boot_signature()
    {
        byte[] image = new byte[4096];
        "KDMV"u8.CopyTo(image);
        image[510] = 0x55;
        image[511] = 0xAA;
        Assert.Contains("boot signature", AssertRefused(image, "VMDK image"), StringComparison.Ordinal);
    }

    [Fact]
    public void Fixed_vhd_is_read_as_raw_without_its_footer()
    {
        byte[] raw = TestDisk.Mixed(3 << 20, 9);
        string source = _folder.Write("disk.raw", raw);
        string image = _folder.File("disk.vhd");
        TestTools.Run("qemu-img", "convert", "-f", "raw", "-O", "vpc", "-o", "subformat=fixed,force_size=on", source, image);
        DiskImage disk = Open(File.ReadAllBytes(image));
        Assert.Equal("vhd (fixed)", disk.Format);
        Assert.Equal(raw, disk.Content.ReadArray(0, raw.Length + 10));
    }

    [Fact]
    public void Damaged_or_foreign_footer_is_data_of_a_raw_disk()
    {
        string image = _folder.File("disk.vhd");
        TestTools.Run("qemu-img", "create", "-q", "-f", "vpc", "-o", "subformat=fixed,force_size=on", image, "2M");
        byte[] good = File.ReadAllBytes(image);
        foreach (int offset in new[] { 48, 63, 64, 100 })
        {
            byte[] bad = [.. good];
            bad[bad.Length - 512 + offset] ^= 1;
            var diagnostics = new DiagnosticList();
            DiskImage disk = ImageProbe.Open(new MemorySource(bad), Catalog.Images, new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None));
            Assert.Equal("raw", disk.Format);
            Assert.Equal(bad.Length, disk.Content.Length);
            Assert.Equal("vhd.footer", Assert.Single(diagnostics.Items).Code);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    public void Tiny_file_is_raw(int length) => Assert.Equal("raw", Open(new byte[length]).Format);

    [Fact]
    public void Probe_order_ends_with_raw() => Assert.IsType<RawFormat>(Catalog.Images[^1]);

    private static DiskImage Open(byte[] image) => ImageProbe.Open(new MemorySource(image), Catalog.Images, ParseContext.Quiet);

    private static string AssertRefused(byte[] image, string name)
    {
        string message = Assert.Throws<UnsupportedFeatureException>(() => Open(image)).Message;
        Assert.StartsWith("not supported: " + name, message, StringComparison.Ordinal);
        return message;
    }
}
