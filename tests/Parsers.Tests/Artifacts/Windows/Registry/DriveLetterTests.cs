using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows.Registry;

/// <summary>What drive letters stand for.</summary>
public sealed class DriveLetterTests
{
    private const string Path = "/Windows/System32/config/SYSTEM";
    private static readonly Guid s_partition = Guid.Parse("09931f21-7faf-44a9-81d8-1e73c14b9eaf");

    [Fact]
    public void A_letter_stands_for_a_partition_or_a_device()
    {
        var hive = new RegistryHiveWriter();
        hive.Key("MountedDevices")
            .Binary(@"\DosDevices\C:", [0x78, 0x56, 0x34, 0x12, 0, 0, 0x10, 0, 0, 0, 0, 0])
            .Binary(@"\dosdevices\D:", [.. "DMIO:ID:"u8, .. s_partition.ToByteArray()])
            .Binary(@"\DosDevices\E:", Encoding.Unicode.GetBytes(@"\??\SCSI#CdRom&Ven_X"))
            .Binary(@"\DosDevices\F:", [1, 2, 3])
            .Binary(@"\DosDevices\G:", [0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0, 0, 0, 0, 0x80])
            .Binary(@"\DosDevices\H:", [])
            .Binary(@"\??\Volume{5c3108bb-31c0-11e8-9b10-806e6f6e6963}", [0x78, 0x56, 0x34, 0x12, 0, 0, 0x10, 0, 0, 0, 0, 0])
            .Text(@"\DosDevices\", "x");

        Dictionary<string, DriveLetter> found = HiveInput.Parse(new SystemHiveParser(), Path, hive).Artifacts.OfType<DriveLetter>().ToDictionary(letter => letter.Letter);

        Assert.Equal(["C:", "D:", "E:", "F:", "G:", "H:"], found.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("12345678", 1048576L, null, null), (found["C:"].DiskSignature, found["C:"].PartitionOffset, found["C:"].Partition, found["C:"].Device));
        Assert.Equal((null, s_partition, null), (found["D:"].DiskSignature, found["D:"].Partition, found["D:"].Device));
        Assert.Equal(@"\??\SCSI#CdRom&Ven_X", found["E:"].Device);
        Assert.Equal(["010203", "785634120000000000000080", ""], new[] { "F:", "G:", "H:" }.Select(letter => found[letter].Device));
        Assert.Equal("2026-11-20T10:00:00.000000000Z", found["C:"].LastWritten.ToString());
        Assert.NotNull(found["C:"].Location.ByteOffset);
    }

    /// <summary>As hivexregedit shows the key.</summary>
    [Fact]
    public void Letters_of_a_real_machine()
    {
        ArtifactList found = HiveInput.Parse(new SystemHiveParser(), Path, new FileByteSource(SharedImages.Unpack("hives/SYSTEM_B.xz")));

        Dictionary<string, DriveLetter> letters = found.Artifacts.OfType<DriveLetter>().ToDictionary(letter => letter.Letter);
        Assert.Equal(["C:", "D:", "E:"], letters.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(s_partition, letters["C:"].Partition);
        Assert.Equal("_??_USBSTOR#Disk&Ven_SanDisk&Prod_Extreme&Rev_0001#AA010603160707470215&0#{53f56307-b6bf-11d0-94f2-00a0c91efb8b}", letters["D:"].Device);
        Assert.Equal(@"\??\SCSI#CdRom&Ven_PLDS&Prod_DVD-ROM_DU-8D5LH#4&241bacd1&0&010000#{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}", letters["E:"].Device);
    }
}
