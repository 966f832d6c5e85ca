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
    [InlineData("4556463 20d0a8100", "EWF version 2 image")]
    [InlineData("526172211a0700", "RAR archive")]
    [InlineData("526172211a070100", "RAR archive")]
    [InlineData("4d53434600000000", "cabinet archive")]
    [InlineData("303730373031", "cpio archive")]
    [InlineData("4c5a495001", "lzip file")]
    [InlineData("02214c18", "lz4 file in the legacy frame")]
    [InlineData("4c5646090d0aff00", "EWF logical evidence")]
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
        "AFF10\r\n\0"u8.CopyTo(image);
        image[510] = 0x55;
        image[511] = 0xAA;
        Assert.Contains("boot signature", AssertRefused(image, "AFF image"), StringComparison.Ordinal);
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
