using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Volumes;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

public sealed class MbrFormatTests
{
    private readonly DiagnosticList _diagnostics = new();

    [Fact]
    public void Primary_partitions_keep_their_slot_number()
    {
        DiskBuilder disk = new DiskBuilder(400).Entry(0, 0, 0x83, 10, 50, 0x80).Entry(0, 3, 0x82, 60, 20);
        disk.Sector(0)[440] = 0xD9;
        IVolumeSystem mbr = Open(disk);
        Assert.Equal(("mbr", 512, "0x000000d9"), (mbr.Kind, mbr.SectorSize, mbr.DiskIdentifier));
        Assert.Equal(["mbr1@5120", "mbr4@30720"], mbr.Volumes.Select(volume => volume.Identity));
        Assert.Equal(("0x83", "Linux", 50L * 512), (mbr.Volumes[0].TypeId, mbr.Volumes[0].TypeName, mbr.Volumes[0].Content.Length));
        Assert.Empty(_diagnostics.Items);
    }

    [Theory]
    [InlineData(0x05)]
    [InlineData(0x0F)]
    [InlineData(0x85)]
    public void Logical_partitions_are_numbered_from_5(byte type)
    {
        DiskBuilder disk = new DiskBuilder(400).Entry(0, 0, 0x83, 10, 50).Entry(0, 1, type, 100, 200)
            .Entry(100, 0, 0x83, 2, 10).Entry(100, 1, 0x05, 50, 20)
            .Entry(150, 0, 0x07, 2, 10).Entry(150, 1, 0x05, 100, 20)
            .Entry(200, 0, 0x8E, 2, 10);
        Assert.Equal(["mbr1@5120", "mbr5@52224", "mbr6@77824", "mbr7@103424"], Open(disk).Volumes.Select(volume => volume.Identity));
        Assert.Empty(_diagnostics.Items);
    }

    /// <summary>P02: chains that come back.</summary>
    [Fact]
    public void Record_that_points_to_itself_gives_its_partition_once()
    {
        DiskBuilder disk = new DiskBuilder(64).Entry(0, 0, 0x05, 1, 60).Entry(1, 0, 0x83, 1, 5).Entry(1, 1, 0x05, 0, 60);
        Assert.Equal("mbr5", Assert.Single(Open(disk).Volumes).Name);
        Assert.Equal(["mbr.ebr.loop"], Codes());
    }

    [Fact]
    public void Two_records_that_point_to_each_other_end()
    {
        DiskBuilder disk = new DiskBuilder(64).Entry(0, 0, 0x05, 10, 50)
            .Entry(10, 0, 0x83, 1, 5).Entry(10, 1, 0x05, 20, 10)
            .Entry(30, 0, 0x83, 1, 5).Entry(30, 1, 0x05, 0, 10);
        Assert.Equal(2, Open(disk).Volumes.Count);
        Assert.Equal(["mbr.ebr.loop"], Codes());
    }

    [Fact]
    public void Chain_of_ten_thousand_records_is_cut_at_256()
    {
        DiskBuilder disk = new DiskBuilder(11000).Entry(0, 0, 0x05, 1, 10999);
        for (uint i = 1; i <= 10000; i++)
        {
            disk.Entry(i, 0, 0x83, 500 + i, 1).Entry(i, 1, 0x05, i, 1);
        }
        Assert.Equal(256, Open(disk).Volumes.Count);
        Assert.Contains("mbr.ebr.limit", Codes());
    }

    [Fact]
    public void Two_extended_partitions_are_both_followed_and_a_shared_record_is_read_once()
    {
        DiskBuilder disk = new DiskBuilder(400).Entry(0, 0, 0x05, 100, 50).Entry(0, 1, 0x0F, 200, 50).Entry(0, 2, 0x85, 100, 50)
            .Entry(100, 0, 0x83, 1, 5).Entry(200, 0, 0x83, 1, 5);
        Assert.Equal(["mbr5@51712", "mbr6@102912"], Open(disk).Volumes.Select(volume => volume.Identity));
        Assert.Equal(["mbr.ebr.loop"], Codes());
    }

    [Fact]
    public void Start_and_size_that_overflow_32_bits_do_not_wrap()
    {
        DiskBuilder disk = new DiskBuilder(400).Entry(0, 0, 0x83, uint.MaxValue, uint.MaxValue).Entry(0, 1, 0x05, 100, 200).Entry(100, 0, 0x83, uint.MaxValue, uint.MaxValue)
            .Entry(100, 1, 0x05, uint.MaxValue, 1);
        IVolumeSystem mbr = Open(disk);
        Assert.Equal([uint.MaxValue * 512L, (100L + uint.MaxValue) * 512], mbr.Volumes.Select(volume => volume.Offset));
        Assert.All(mbr.Volumes, volume => Assert.Equal(0, volume.Content.Length));
        Assert.Equal(["mbr.ebr.past-end", "mbr.overlap", "mbr.past-end", "mbr.past-end"], Codes().Order());
    }

    [Fact]
    public void Record_without_signature_ends_the_chain_with_a_loss()
    {
        Open(new DiskBuilder(400).Entry(0, 0, 0x05, 100, 200));
        Assert.Equal(["mbr.ebr.signature"], Codes());
        Assert.True(_diagnostics.Items[0].LosesContent);
    }

    [Fact]
    public void Sectors_of_4096_bytes_are_told_by_what_the_partitions_begin_with()
    {
        DiskBuilder disk = new DiskBuilder(400, 4096).Entry(0, 0, 0x83, 10, 50).Entry(0, 1, 0x05, 100, 200).Entry(100, 0, 0x83, 2, 10).ExtMagic(10).ExtMagic(102);
        IVolumeSystem mbr = Open(disk);
        Assert.Equal(4096, mbr.SectorSize);
        Assert.Equal(["mbr1@40960", "mbr5@417792"], mbr.Volumes.Select(volume => volume.Identity));
    }

    [Fact]
    public void Sectors_are_512_bytes_when_content_says_nothing() => Assert.Equal(512, Open(new DiskBuilder(400).Entry(0, 0, 0x83, 10, 50)).SectorSize);

    [Fact]
    public void Overlap_is_reported()
    {
        Open(new DiskBuilder(400).Entry(0, 0, 0x83, 10, 50).Entry(0, 1, 0x83, 20, 50));
        Assert.Equal(["mbr.overlap"], Codes());
    }

    [Fact]
    public void Boot_sector_of_a_file_system_is_no_table()
    {
        var disk = new DiskBuilder(64);
        "NTFS    "u8.CopyTo(disk.Sector(0)[3..]);
        "\x01 message of boot code that fills the table ... press any key"u8.CopyTo(disk.Sector(0)[440..]);
        disk.Sector(0)[510] = 0x55;
        disk.Sector(0)[511] = 0xAA;
        Assert.Equal("none", VolumeProbe.Open(disk.Source, Context).Kind);
    }

    [Fact]
    public void File_system_name_in_the_boot_code_does_not_hide_a_sound_table()
    {
        DiskBuilder disk = new DiskBuilder(400).Entry(0, 0, 0x83, 10, 50).Entry(0, 1, 0x83, 60, 50);
        "NTFS    "u8.CopyTo(disk.Sector(0)[3..]);
        Assert.Equal(2, VolumeProbe.Open(disk.Source, Context).Volumes.Count);
    }

    [Fact]
    public void Empty_table_and_short_disks_are_one_volume()
    {
        var disk = new DiskBuilder(64);
        disk.Sector(0)[510] = 0x55;
        disk.Sector(0)[511] = 0xAA;
        Assert.Equal("disk@0", Assert.Single(VolumeProbe.Open(disk.Source, Context).Volumes).Identity);
        foreach (int length in new[] { 0, 1, 511, 512, 513 })
        {
            Assert.Equal(length, Assert.Single(VolumeProbe.Open(new MemorySource(new byte[length]), Context).Volumes).Length);
        }
        Assert.Throws<CorruptDataException>(() => Open(disk));
    }

    private ParseContext Context => new(ScanLimits.Default, _diagnostics, CancellationToken.None);

    private IVolumeSystem Open(DiskBuilder disk) => new MbrFormat().Open(disk.Source, Context);

    private string[] Codes() => [.. _diagnostics.Items.Select(item => item.Code)];
}
