using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Volumes;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

public sealed class GptFormatTests
{
    private readonly DiagnosticList _diagnostics = new();

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void Partitions_are_read_with_both_sector_sizes(int sectorSize)
    {
        DiskBuilder disk = new DiskBuilder(400, sectorSize).Gpt((40, 99, "root"), (100, 100, "b\u202Eidi\n"));
        disk.Sector(40)[0] = 0x77;
        IVolumeSystem gpt = Open(disk);
        Assert.Equal("gpt", gpt.Kind);
        Assert.Equal(sectorSize, gpt.SectorSize);
        Assert.Equal("5cffba93-a1b9-49da-aab6-ba554ce10152", gpt.DiskIdentifier);
        Assert.Equal(2, gpt.Volumes.Count);
        Volume root = gpt.Volumes[0];
        Assert.Equal(("gpt1", 40L * sectorSize, 60L * sectorSize, "root"), (root.Name, root.Offset, root.Length, root.Label));
        Assert.Equal($"gpt1@{40 * sectorSize}", root.Identity);
        Assert.Equal((DiskBuilder.LinuxType, "Linux filesystem", "00000001-0002-0003-0405-060708090a0b"), (root.TypeId, root.TypeName, root.Uuid));
        Assert.Equal(60L * sectorSize, root.Content.Length);
        Assert.Equal(0x77, root.Content.ReadArray(0, 1)[0]);
        Assert.Equal("b\\xe2\\x80\\xaeidi\\x0a", gpt.Volumes[1].Label);
        Assert.Equal(sectorSize, gpt.Volumes[1].Length);
        Assert.Empty(_diagnostics.Items);
    }

    [Fact]
    public void Entry_number_is_the_name_also_when_entries_before_it_are_empty()
    {
        DiskBuilder disk = new DiskBuilder(400).Gpt();
        disk.GptEntry(127, 50, 60, "last").FixGpt();
        Assert.Equal("gpt128", Assert.Single(Open(disk).Volumes).Name);
    }

    [Theory]
    [InlineData(0, "gpt.header.missing")]
    [InlineData(13, "gpt.header.size")]
    [InlineData(16, "gpt.header.crc")]
    [InlineData(40, "gpt.header.crc")]
    [InlineData(88, "gpt.header.crc")]
    public void Damaged_primary_header_makes_the_backup_used(int offset, string code)
    {
        DiskBuilder disk = new DiskBuilder(400).Gpt((40, 99, "root"));
        disk.Sector(1)[offset] ^= 0xFF;
        Assert.Equal("gpt1", Assert.Single(Open(disk).Volumes).Name);
        Assert.Equal([code, "gpt.backup.used"], Codes());
        Assert.DoesNotContain(_diagnostics.Items, item => item.LosesContent);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void Damaged_primary_entries_make_the_backup_used(int sectorSize)
    {
        DiskBuilder disk = new DiskBuilder(400, sectorSize).Gpt((40, 99, "root"));
        disk.Sector(2)[0] ^= 0xFF;
        Assert.Equal(DiskBuilder.LinuxType, Assert.Single(Open(disk).Volumes).TypeId);
        Assert.Equal(["gpt.entries.crc", "gpt.backup.used"], Codes());
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void Wiped_start_of_the_disk_is_recovered_from_the_backup(int sectorSize)
    {
        DiskBuilder disk = new DiskBuilder(400, sectorSize).Gpt((40, 99, "root"));
        disk.Bytes.AsSpan(0, 40 * sectorSize).Clear();
        IVolumeSystem gpt = VolumeProbe.Open(disk.Source, Context);
        Assert.Equal("gpt", gpt.Kind);
        Assert.Equal(sectorSize, gpt.SectorSize);
        Assert.Equal("gpt1", Assert.Single(gpt.Volumes).Name);
    }

    [Fact]
    public void File_system_put_over_an_old_gpt_wins_over_its_backup()
    {
        DiskBuilder disk = new DiskBuilder(400).Gpt((40, 99, "root"));
        disk.Bytes.AsSpan(0, 40 * 512).Clear();
        disk.ExtMagic(0);
        Assert.Equal("disk", Assert.Single(VolumeProbe.Open(disk.Source, Context).Volumes).Name);
        Assert.Equal(["gpt.backup.ignored"], Codes());
    }

    [Fact]
    public void Gpt_without_protective_mbr_is_read()
    {
        DiskBuilder disk = new DiskBuilder(400).Gpt((40, 99, "root"));
        disk.Sector(0).Clear();
        Assert.Equal("gpt", VolumeProbe.Open(disk.Source, Context).Kind);
    }

    [Fact]
    public void Both_copies_damaged_still_give_the_partitions_with_a_loss()
    {
        DiskBuilder disk = new DiskBuilder(400).Gpt((40, 99, "root"));
        disk.Sector(1)[16] ^= 1;
        disk.Sector(disk.LastLba)[16] ^= 1;
        Assert.Single(Open(disk).Volumes);
        Assert.Equal(["gpt.header.crc", "gpt.backup.unusable"], Codes());
        Assert.True(_diagnostics.Items[1].LosesContent);
    }

    [Fact]
    public void Protective_mbr_without_any_gpt_is_reported()
    {
        DiskBuilder disk = new DiskBuilder(400).Entry(0, 0, 0xEE, 1, 399);
        IVolumeSystem volumes = VolumeProbe.Open(disk.Source, Context);
        Assert.Equal("mbr", volumes.Kind);
        Assert.Contains("gpt.unusable", Codes());
        Assert.Throws<CorruptDataException>(() => Open(disk));
    }

    /// <summary>P01: counts and sizes that overflow, with checksums made right.</summary>
    [Theory]
    [InlineData(80, 0xFFFFFFFFu, "gpt.entries.count")]
    [InlineData(80, 1025u, "gpt.entries.count")]
    [InlineData(84, 0u, "gpt.entry.size")]
    [InlineData(84, 1u, "gpt.entry.size")]
    [InlineData(84, 127u, "gpt.entry.size")]
    [InlineData(84, 0x80000000u, "gpt.entry.size")]
    [InlineData(84, 8192u, "gpt.entry.size")]
    [InlineData(72, 0u, "gpt.entries.lba")]
    [InlineData(72, 0xFFFFFFFFu, "gpt.entries.lba")]
    public void Hostile_count_size_and_position_make_the_backup_used(int field, uint value, string code)
    {
        DiskBuilder disk = new DiskBuilder(400).Gpt((40, 99, "root"));
        disk.HeaderField(1, field, value, 4).FixGpt();
        Assert.Single(Open(disk).Volumes);
        Assert.Equal([code, "gpt.backup.used"], Codes());
        disk.HeaderField(disk.LastLba, field, value, 4).FixGpt();
        Assert.True(VolumeProbe.Open(disk.Source, Context).Volumes.Count <= 128);
    }

    /// <summary>P03: ranges no disk can have.</summary>
    [Fact]
    public void Range_past_the_end_is_cut_and_reported_as_a_loss()
    {
        IVolumeSystem gpt = Open(new DiskBuilder(400).Gpt((40, 500, "cut"), (1000, 2000, "outside"), (0, ulong.MaxValue, "all"), (99, 98, "backwards"), (ulong.MaxValue - 1, ulong.MaxValue, "far")));
        Assert.Equal(["gpt1", "gpt2", "gpt3"], gpt.Volumes.Select(volume => volume.Name));
        Assert.Equal(461 * 512, gpt.Volumes[0].Length);
        Assert.Equal(360 * 512, gpt.Volumes[0].Content.Length);
        Assert.Equal(0, gpt.Volumes[1].Content.Length);
        Assert.Equal(400 * 512, gpt.Volumes[2].Content.Length);
        Assert.Equal(["gpt.past-end", "gpt.past-end", "gpt.past-end", "gpt.range", "gpt.range"], Codes().Where(code => code != "gpt.overlap"));
        Assert.All(_diagnostics.Items.Where(item => item.Code != "gpt.overlap"), item => Assert.True(item.LosesContent));
    }

    [Fact]
    public void Overlap_is_reported_and_the_same_range_is_taken_once()
    {
        IVolumeSystem gpt = Open(new DiskBuilder(400).Gpt((40, 99, "a"), (90, 120, "b"), (40, 99, "a again"), (130, 140, "c")));
        Assert.Equal(["gpt1", "gpt2", "gpt4"], gpt.Volumes.Select(volume => volume.Name));
        Assert.Equal(["gpt.duplicate", "gpt.overlap"], Codes());
    }

    [Fact]
    public void Real_mbr_beside_a_gpt_is_read_and_what_only_the_gpt_has_is_reported()
    {
        DiskBuilder disk = new DiskBuilder(400).Gpt((40, 99, "root"), (200, 300, "hidden"));
        disk.Entry(0, 0, 0x83, 40, 60);
        IVolumeSystem volumes = VolumeProbe.Open(disk.Source, Context);
        Assert.Equal("mbr", volumes.Kind);
        Diagnostic only = Assert.Single(_diagnostics.Items);
        Assert.Equal("mbr.gpt.disagree", only.Code);
        Assert.Equal(200 * 512, only.Offset);
        Assert.True(only.LosesContent);
    }

    [Fact]
    public void Hybrid_mbr_is_read_by_its_gpt()
    {
        DiskBuilder disk = new DiskBuilder(400).Gpt((40, 99, "root"));
        disk.Entry(0, 1, 0x83, 40, 60);
        Assert.Equal("gpt", VolumeProbe.Open(disk.Source, Context).Kind);
        Assert.Equal("gpt.mbr.hybrid", Assert.Single(_diagnostics.Items).Code);
        Assert.False(_diagnostics.Items[0].LosesContent);
    }

    [Fact]
    public void Disk_that_grew_finds_its_backup_where_the_primary_says()
    {
        DiskBuilder small = new DiskBuilder(400).Gpt((40, 99, "root"));
        small.Sector(2)[0] ^= 0xFF;
        byte[] grown = [.. small.Bytes, .. new byte[100 * 512]];
        Assert.Equal(DiskBuilder.LinuxType, Assert.Single(new GptFormat().Open(new MemorySource(grown), Context).Volumes).TypeId);
    }

    [Fact]
    public void Cut_disk_gives_a_table_or_a_typed_error_at_every_length()
    {
        byte[] whole = new DiskBuilder(400).Gpt((40, 99, "root"), (100, 300, "data")).Bytes;
        for (int i = 0; i <= 64; i++)
        {
            IVolumeSystem volumes = VolumeProbe.Open(new MemorySource(whole.AsMemory(0, whole.Length * i / 64)), Context);
            Assert.Equal(i == 0 ? "none" : "gpt", volumes.Kind);
            Assert.All(volumes.Volumes, volume => Assert.True(volume.Content.Length <= whole.Length));
        }
    }

    private ParseContext Context => new(ScanLimits.Default, _diagnostics, CancellationToken.None);

    private IVolumeSystem Open(DiskBuilder disk) => new GptFormat().Open(disk.Source, Context);

    private string[] Codes() => [.. _diagnostics.Items.Select(item => item.Code)];
}
