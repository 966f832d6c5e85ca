using Forensics.Parsers.Bytes;
using Forensics.Parsers.Images.Vmdk;
using Xunit;

namespace Forensics.Parsers.Tests.Images.Vmdk;

/// <summary>Disks that QEMU writes read as the raw bytes they were made from.</summary>
public sealed class VmdkFormatTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("subformat=monolithicSparse")]
    [InlineData("subformat=monolithicSparse,zeroed_grain=on")]
    [InlineData("subformat=monolithicSparse,compat6=on")]
    [InlineData("subformat=monolithicSparse,adapter_type=lsilogic")]
    [InlineData("subformat=monolithicSparse,hwversion=7")]
    [InlineData("subformat=monolithicFlat")]
    [InlineData("subformat=twoGbMaxExtentSparse")]
    [InlineData("subformat=twoGbMaxExtentFlat")]
    [InlineData("subformat=streamOptimized")]
    public void Content_equals_the_raw_disk_for_every_subformat(string options)
    {
        byte[] raw = TestDisk.Mixed(9 * 1024 * 1024 + 1536, seed: 11);
        using OpenedDisk disk = new OpenedDisk(Convert(raw, options));
        Assert.Equal("vmdk", disk.Disk.Format);
        disk.AssertEquals(raw);
        Assert.Empty(disk.Diagnostics);
        Assert.Equal(options.Split('=', ',')[1], disk.Fact("create type"));
    }

    [Theory]
    [InlineData("monolithicSparse")]
    [InlineData("streamOptimized")]
    public void Disk_whose_size_is_no_multiple_of_the_grain_is_read_to_its_last_sector(string subformat)
    {
        byte[] raw = TestDisk.Mixed((65536 * 3) + 512, seed: 3);
        raw[^1] = 0x77;
        using OpenedDisk disk = new OpenedDisk(Convert(raw, "subformat=" + subformat));
        disk.AssertEquals(raw);
        Assert.Empty(disk.Diagnostics);
    }

    [Theory]
    [InlineData("twoGbMaxExtentSparse", 3)]
    [InlineData("twoGbMaxExtentFlat", 3)]
    public void Extents_of_two_gigabytes_follow_each_other(string subformat, int extents)
    {
        string image = _folder.File("big.vmdk");
        TestTools.Run("qemu-img", "create", "-q", "-f", "vmdk", "-o", "subformat=" + subformat, image, "5G");
        TestTools.Run("qemu-io", "-c", "write -P 0x41 2147450880 64k", "-c", "write -P 0x42 4294966784 1k", "-c", "write -P 0x43 5368708608 512", image);
        using OpenedDisk disk = new OpenedDisk(image);
        Assert.Equal(5L << 30, disk.Disk.Content.Length);
        Assert.Equal(extents, disk.Opened.Length - 1);
        AssertFilled(disk.Disk.Content, 2147450880, 65536, 0x41);
        AssertFilled(disk.Disk.Content, 4294966784, 1024, 0x42);
        AssertFilled(disk.Disk.Content, 5368708608, 512, 0x43);
        AssertFilled(disk.Disk.Content, 2147450880L + 65536, 4096, 0);
        Assert.Empty(disk.Diagnostics);
    }

    [Fact]
    public void Holes_are_passed_over_without_looking_at_every_grain()
    {
        string image = _folder.File("holes.vmdk");
        TestTools.Run("qemu-img", "create", "-q", "-f", "vmdk", image, "1T");
        TestTools.Run("qemu-io", "-c", "write -P 0x41 900G 64k", "-c", "write -P 0x42 1023G 128k", image);
        using OpenedDisk disk = new OpenedDisk(image);
        var sparse = Assert.IsAssignableFrom<ISparseByteSource>(disk.Disk.Content);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.True(sparse.NextData(0, out long start, out long length));
        Assert.Equal((900L << 30, 65536L), (start, length));
        Assert.True(sparse.NextData(start + length, out start, out length));
        Assert.Equal((1023L << 30, 131072L), (start, length));
        Assert.False(sparse.NextData(start + length, out _, out _));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), watch.Elapsed.ToString());
    }

    [Theory]
    [InlineData("zeroed_grain=on")]
    [InlineData("zeroed_grain=off")]
    public void Delta_shows_its_own_grains_and_else_those_of_its_parents(string options)
    {
        byte[] raw = TestDisk.Mixed(6 << 20, seed: 21);
        string source = _folder.Write("base.raw", raw);
        TestTools.Run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", source, _folder.File("base.vmdk"));
        TestTools.Run("qemu-img", "create", "-q", "-f", "vmdk", "-F", "vmdk", "-o", options, "-b", _folder.File("base.vmdk"), _folder.File("middle.vmdk"));
        TestTools.Run("qemu-io", "-c", "write -P 0x51 100k 10k", "-c", "write -z 1M 512k", "-c", "write -P 0x52 3M 1M", _folder.File("middle.vmdk"));
        TestTools.Run("qemu-img", "create", "-q", "-f", "vmdk", "-F", "vmdk", "-o", options, "-b", _folder.File("middle.vmdk"), _folder.File("top.vmdk"));
        TestTools.Run("qemu-io", "-c", "write -P 0x61 3300k 20k", "-c", "write -P 0x62 0 512", _folder.File("top.vmdk"));
        TestTools.Run("qemu-img", "convert", "-O", "raw", _folder.File("top.vmdk"), _folder.File("top.raw"));
        byte[] expected = File.ReadAllBytes(_folder.File("top.raw"));
        using OpenedDisk disk = new OpenedDisk(_folder.File("top.vmdk"));
        disk.AssertEquals(expected);
        Assert.Empty(disk.Diagnostics);
        Assert.Equal("middle.vmdk <- base.vmdk", disk.Fact("parents"));
    }

    [Fact]
    public void Parent_that_was_changed_since_is_reported()
    {
        TestTools.Run("qemu-img", "create", "-q", "-f", "vmdk", _folder.File("base.vmdk"), "4M");
        TestTools.Run("qemu-img", "create", "-q", "-f", "vmdk", "-F", "vmdk", "-b", _folder.File("base.vmdk"), _folder.File("top.vmdk"));
        TestTools.Run("qemu-io", "-c", "write -P 0x51 100k 10k", _folder.File("base.vmdk"));
        using OpenedDisk disk = new OpenedDisk(_folder.File("top.vmdk"));
        Assert.Equal(["vmdk.parent.cid"], disk.Codes);
        Assert.True(disk.Diagnostics[0].LosesContent);
    }

    [Fact]
    public void Shared_image_has_the_digest_of_the_oracle()
    {
        using OpenedDisk disk = new OpenedDisk(SharedImages.Decompress("dfvfs/ext2.vmdk.zst"));
        Assert.Equal("196066add11fb71c4c49cf1bb50d6d24", System.Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(disk.Read())));
        Assert.Equal("VmdkFormat", new VmdkFormat().GetType().Name);
    }

    private static void AssertFilled(IByteSource content, long offset, int length, byte value) =>
        Assert.False(content.ReadArray(offset, length).AsSpan().ContainsAnyExcept(value));

    private string Convert(byte[] raw, string options)
    {
        string source = _folder.Write("disk.raw", raw);
        string target = _folder.File("disk.vmdk");
        TestTools.Run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", options, source, target);
        return target;
    }
}
