using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Volumes;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

public sealed class KnownSignaturesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ext", "mke2fs", "-q -F -t ext4")]
    [InlineData("swap", "mkswap", "-q")]
    [InlineData("swap", "mkswap", "-q --pagesize 65536")]
    public void Volume_made_by_its_own_tool_is_named(string expected, string tool, string options)
    {
        string path = _folder.Write("v.img", new byte[4 << 20]);
        // Quiet options differ between releases; what counts is the exit code.
        TestTools.Run(tool, [.. options.Split(' ').Where(option => !(tool == "mkswap" && option == "-q")), path]);
        using ImageFile file = ImageFile.Open(path);
        Assert.Equal(expected, KnownSignatures.Identify(file));
    }

    [Theory]
    [InlineData("xfs", 0, "58465342")]
    [InlineData("btrfs", 65600, "5f42485266535f4d")]
    [InlineData("LUKS 1 (encrypted)", 0, "4c554b53babe0001")]
    [InlineData("LUKS 2 (encrypted)", 0, "4c554b53babe0002")]
    [InlineData("BitLocker (encrypted)", 3, "2d4656452d46532d")]
    [InlineData("swap", 4086, "5357415053504143 4532")]
    [InlineData("Linux RAID member 1.1", 0, "fc4e2ba9")]
    [InlineData("Linux RAID member 1.2", 4096, "fc4e2ba9")]
    [InlineData("Linux RAID member 1.0", (2 << 20) - 8192, "fc4e2ba9")]
    [InlineData("Linux RAID member 0.90", (2 << 20) - 65536, "fc4e2ba9")]
    [InlineData("iso9660", 32769, "4344303031")]
    [InlineData("squashfs", 0, "68737173")]
    [InlineData("f2fs", 1024, "1020f5f2")]
    [InlineData("erofs", 1024, "e2e1f5e0")]
    [InlineData("zfs", (128 << 10) + 5 * 1024, "0cb1ba0000000000")]
    [InlineData("reiserfs", 65588, "5265497345723246 73")]
    [InlineData("jfs", 32768, "4a465331")]
    [InlineData("hfs+", 1024, "482b0004")]
    [InlineData("apfs", 32, "4e585342")]
    [InlineData("ufs", 66908, "19015419")]
    [InlineData("ufs", 9564, "54190100")]
    public void Magic_of_the_specification_is_named(string expected, int offset, string hex)
    {
        byte[] volume = new byte[2 << 20];
        Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)).CopyTo(volume, offset);
        Assert.Equal(expected, KnownSignatures.Identify(new MemorySource(volume)));
    }

    [Theory]
    [InlineData("ntfs", 3, "NTFS    ")]
    [InlineData("exfat", 3, "EXFAT   ")]
    [InlineData("fat12", 54, "FAT12   ")]
    [InlineData("fat16", 54, "FAT16   ")]
    [InlineData("fat32", 82, "FAT32   ")]
    public void Boot_sector_is_named_only_with_its_signature(string expected, int offset, string name)
    {
        byte[] volume = new byte[64 << 10];
        System.Text.Encoding.ASCII.GetBytes(name, 0, 8, volume, offset);
        Assert.Null(KnownSignatures.Identify(new MemorySource(volume)));
        BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan(510), 0xAA55);
        Assert.Equal(expected, KnownSignatures.Identify(new MemorySource(volume)));
    }

    [Fact]
    public void Lvm_label_is_found_in_any_of_the_first_four_sectors()
    {
        for (int sector = 0; sector < 4; sector++)
        {
            byte[] volume = new byte[1 << 20];
            "LABELONE"u8.CopyTo(volume.AsSpan(sector * 512));
            "LVM2 001"u8.CopyTo(volume.AsSpan(sector * 512 + 24));
            Assert.Equal("LVM2 physical volume", KnownSignatures.Identify(new MemorySource(volume)));
        }
    }

    [Fact]
    public void Zeros_are_empty_noise_is_unknown_and_no_bytes_are_nothing()
    {
        Assert.Equal("empty", KnownSignatures.Identify(new MemorySource(new byte[3 << 20])));
        Assert.Equal("empty", KnownSignatures.Identify(new MemorySource(new byte[10])));
        byte[] late = new byte[3 << 20];
        late[(1 << 20) - 1] = 1;
        Assert.Null(KnownSignatures.Identify(new MemorySource(late)));
        Assert.Null(KnownSignatures.Identify(MemorySource.Empty));
        byte[] noise = new byte[300_000];
        new Random(4).NextBytes(noise);
        for (int length = 0; length < noise.Length; length += 4999)
        {
            Assert.Null(KnownSignatures.Identify(new MemorySource(noise.AsMemory(0, length))));
        }
    }
}
