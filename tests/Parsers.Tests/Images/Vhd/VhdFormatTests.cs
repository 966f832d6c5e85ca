using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>VHDs read as QEMU and 7-Zip read them.</summary>
public sealed class VhdFormatTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("fixed", "on", 5 * 1024 * 1024 + 1536)]
    [InlineData("fixed", "off", 5 * 1024 * 1024 + 1536)]
    [InlineData("dynamic", "on", 5 * 1024 * 1024 + 1536)]
    [InlineData("dynamic", "off", 5 * 1024 * 1024 + 1536)]
    [InlineData("dynamic", "on", 1024)]
    public void Content_equals_what_qemu_reads(string subformat, string forceSize, int size)
    {
        byte[] raw = TestDisk.Mixed(size, 7);
        string path = Convert(raw, "subformat=" + subformat + ",force_size=" + forceSize);
        using VhdTestImage image = VhdTestImage.Open(path);
        // Without force_size QEMU makes the disk larger, up to a whole cylinder.
        byte[] expected = QemuRaw(path);
        Assert.True(forceSize == "off" || expected.Length == size);
        image.AssertIs(expected);
        Assert.Equal("vhd", image.Disk.Format);
        Assert.Equal(subformat, image.Fact("type"));
        Assert.Equal(expected.Length.ToString(CultureInfo.InvariantCulture), image.Fact("virtual size"));
        Assert.Empty(image.Codes);
    }

    [Fact]
    public void Holes_of_a_dynamic_disk_are_known()
    {
        string path = _folder.File("sparse.vhd");
        TestTools.Run("qemu-img", "create", "-q", "-f", "vpc", "-o", "subformat=dynamic,force_size=on", path, "200G");
        TestTools.Run("qemu-io", "-f", "vpc", "-c", "write -P 0x41 150G 4k", path);
        using VhdTestImage image = VhdTestImage.Open(path);
        var content = Assert.IsAssignableFrom<ISparseByteSource>(image.Content);
        Assert.True(content.NextData(0, out long start, out long length));
        Assert.Equal((150L << 30, 2L << 20), (start, length));
        Assert.False(content.NextData(start + length, out _, out _));
        Assert.Equal(0x41, content.ReadArray((150L << 30) + 4095, 1)[0]);
        Assert.Empty(image.Codes);
    }

    [Theory]
    [InlineData("dfvfs/ext2.vhd.zst", "870be7ae16c1fa8faab05c6eb9205dc9a7ae35c5f552c5cf8a267c0bc6a5cb99")]
    public void Shared_images_have_the_digest_of_the_oracle(string relative, string sha256)
    {
        using VhdTestImage image = VhdTestImage.Open(SharedImages.Decompress(relative));
        Assert.Equal("vhd", image.Disk.Format);
        Assert.Equal(sha256, System.Convert.ToHexStringLower(SHA256.HashData(image.Content.ReadArray(0, (int)image.Content.Length))));
        Assert.Empty(image.Codes);
    }

    /// <summary>QEMU refuses both: identifier and parent name were written into them by hand and the checksums left. libvhdi, which checks none, gives the digest.</summary>
    [Fact]
    public void Shared_pair_with_wrong_checksums_is_read_and_said()
    {
        const string Digest = "c6db12a7db548e193c29420c1b4533e4708b20c5033db5cc29ef075d48316d25";
        _folder.Write("image.vhd", File.ReadAllBytes(SharedImages.Decompress("dfvfs/image.vhd.zst")));
        string path = _folder.Write("image-differential.vhd", File.ReadAllBytes(SharedImages.Decompress("dfvfs/image-differential.vhd.zst")));
        using VhdTestImage image = VhdTestImage.Open(path);
        Assert.Equal(Digest, System.Convert.ToHexStringLower(SHA256.HashData(image.Content.ReadArray(0, (int)image.Content.Length))));
        Assert.Equal(["image-differential.vhd", "image.vhd"], image.Opened);
        Assert.Equal(["vhd.footer.checksum", "vhd.header.checksum", "vhd.footer.checksum"], image.Codes);
        Assert.False(image.LosesContent);
    }

    /// <summary>A partition that was copied out of a fixed VHD together with the footer: the footer is for a larger disk, so this is none.</summary>
    [Fact]
    public void Shared_image_with_the_footer_of_a_larger_disk_is_raw()
    {
        using VhdTestImage image = VhdTestImage.Open(SharedImages.Decompress("go-ntfs/tests/ads_with_same_ids/charlie.dd.bz2"));
        Assert.Equal("raw", image.Disk.Format);
        Assert.Equal(["vhd.footer"], image.Codes);
    }

    [Fact]
    public void Data_in_sectors_that_a_dynamic_disk_marks_as_unwritten_is_not_hidden()
    {
        byte[] image = new VhdBuilder(4 << 20).Write(2 << 20, Fill(512, 0x41)).Write((2 << 20) + 1024, Fill(512, 0x42)).Build();
        // The block is the last thing before the footer; its second sector gets data without a bit.
        Fill(512, 0x43).CopyTo(image, image.Length - 512 - (2 << 20) + 512);
        string path = _folder.Write("d.vhd", image);
        using VhdTestImage disk = VhdTestImage.Open(path);
        byte[] expected = QemuRaw(path);
        Assert.Equal(0x43, expected[(2 << 20) + 512]);
        disk.AssertIs(expected);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(512 << 10)]
    [InlineData(16 << 20)]
    public void Every_block_size_is_read_as_qemu_reads_it(int blockSize)
    {
        byte[] raw = TestDisk.Mixed(3 << 20, 11);
        string path = _folder.Write("d.vhd", new VhdBuilder(raw.Length, blockSize).Write(0, raw).Build());
        using VhdTestImage image = VhdTestImage.Open(path);
        image.AssertIs(raw);
        Assert.Equal(raw, QemuRaw(path));
        Assert.Empty(image.Codes);
    }

    /// <summary>The footer of Virtual PC before 2004 is one byte shorter.</summary>
    [Fact]
    public void Footer_of_511_bytes_is_found()
    {
        byte[] raw = TestDisk.Mixed(1 << 20, 3);
        byte[] image = [.. raw, .. VhdBuilder.FixedFooter(raw.Length)[..511]];
        using VhdTestImage disk = VhdTestImage.Open(_folder.Write("old.vhd", image));
        disk.AssertIs(raw);
        Assert.Equal("fixed", disk.Fact("type"));
    }

    [Fact]
    public void Bytes_between_a_fixed_disk_and_its_footer_belong_to_no_disk()
    {
        byte[] raw = TestDisk.Mixed(1 << 20, 3);
        using VhdTestImage disk = VhdTestImage.Open(_folder.Write("slack.vhd", [.. raw, .. new byte[4096], .. VhdBuilder.FixedFooter(raw.Length)]));
        disk.AssertIs(raw);
        Assert.Equal(["vhd.fixed.slack"], disk.Codes);
    }

    /// <summary>Hyper-V, Azure, VirtualBox and the specification go by the current size; the geometry, by which Virtual PC cut it, is shown beside it.</summary>
    [Theory]
    [InlineData("vpc ")]
    [InlineData("vbox")]
    [InlineData("win ")]
    [InlineData("tap\0")]
    public void Size_is_the_current_size_whoever_made_the_disk(string creator)
    {
        byte[] raw = TestDisk.Mixed((4 << 20) + 512, 5);
        byte[] image = new VhdBuilder(raw.Length) { Creator = creator }.Write(0, raw).Build();
        foreach (int footer in new[] { 0, image.Length - 512 })
        {
            BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(footer + 56), 120 << 16 | 4 << 8 | 17);
        }
        string path = _folder.Write("chs.vhd", VhdBuilder.Seal(image));
        using VhdTestImage disk = VhdTestImage.Open(path);
        disk.AssertIs(raw);
        Assert.Equal("120/4/17", disk.Fact("geometry"));
        string target = _folder.File("oracle.raw");
        TestTools.Run("qemu-img", "convert", "-O", "raw", "--image-opts", "driver=vpc,force_size_calc=current_size,file.driver=file,file.filename=" + path, target);
        Assert.Equal(raw, File.ReadAllBytes(target));
        Assert.Equal(raw, SevenZip.Read(path));
    }

    [Theory]
    [InlineData("fixed")]
    [InlineData("dynamic")]
    public void Vhd_is_read_behind_a_qcow2_overlay(string subformat)
    {
        byte[] raw = TestDisk.Mixed(2 << 20, 9);
        string path = Convert(raw, "force_size=on,subformat=" + subformat);
        string overlay = _folder.File("o.qcow2");
        TestTools.Run("qemu-img", "create", "-q", "-f", "qcow2", "-b", path, "-F", "vpc", overlay);
        using VhdTestImage image = VhdTestImage.Open(overlay);
        image.AssertIs(raw);
        Assert.Empty(image.Codes);
    }

    [Fact]
    public void Facts_name_maker_identifier_and_time()
    {
        var builder = new VhdBuilder(1 << 20) { UniqueId = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), TimeStamp = 86400 };
        using VhdTestImage disk = VhdTestImage.Open(_folder.Write("f.vhd", builder.Build()));
        Assert.Equal("00112233-4455-6677-8899-aabbccddeeff", disk.Fact("identifier"));
        Assert.Equal("2000-01-02T00:00:00Z", disk.Fact("created"));
        Assert.Equal("win", disk.Fact("creator application"));
        Assert.Equal("10.0", disk.Fact("creator version"));
        Assert.Equal("2097152", disk.Fact("block size"));
        Assert.Equal("no", disk.Fact("saved state"));
    }

    private static byte[] Fill(int length, byte value)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    private string Convert(byte[] raw, string options)
    {
        string source = _folder.Write("disk.raw", raw);
        string target = _folder.File("disk.vhd");
        TestTools.Run("qemu-img", "convert", "-f", "raw", "-O", "vpc", "-o", options, source, target);
        return target;
    }

    private byte[] QemuRaw(string path)
    {
        string target = _folder.File("oracle.raw");
        TestTools.Run("qemu-img", "convert", "-f", "vpc", "-O", "raw", path, target);
        return File.ReadAllBytes(target);
    }
}
