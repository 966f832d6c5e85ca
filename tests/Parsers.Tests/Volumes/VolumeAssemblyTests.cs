using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.FileSystems.Ext;
using Forensics.Parsers.Tests.Images;
using Forensics.Parsers.Volumes;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary>Volumes on volumes: what is found, in which order, and where it ends.</summary>
public sealed class VolumeAssemblyTests : IDisposable
{
    private readonly DiagnosticList _diagnostics = new();
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_to_put_together_leaves_the_volumes_as_they_are()
    {
        DiskBuilder disk = new DiskBuilder(400).Gpt((40, 99, "root"), (200, 300, "data"));
        IReadOnlyList<Volume> volumes = VolumeProbe.Open(disk.Source, ParseContext.Quiet).Volumes;
        Assert.Equal(volumes, VolumeAssembly.Resolve(volumes, Catalog.VolumeAssemblers, VolumeImages.Context(_diagnostics)));
        Assert.Empty(_diagnostics.Items);
    }

    [Fact]
    public void Group_over_partitions_of_two_disks_is_one()
    {
        byte[] text = LvmBuilder.Group("g", ["A", "B"], LvmBuilder.Volume("lv", "type = \"striped\"\nstripe_count = 2\nstripe_size = 8\nstripes = [\"pv0\", 0, \"pv1\", 0]", 4), extents: 2);
        byte[] first = InPartition(new LvmBuilder("A", text, VolumeImages.Pattern("a", 16)).Bytes);
        byte[] second = InPartition(new LvmBuilder("B", text, VolumeImages.Pattern("b", 16)).Bytes);
        Volume[] volumes = [.. new[] { first, second }.SelectMany(disk => VolumeProbe.Open(new MemorySource(disk), ParseContext.Quiet).Volumes)];
        IReadOnlyList<Volume> all = VolumeAssembly.Resolve(volumes, Catalog.VolumeAssemblers, VolumeImages.Context(_diagnostics));
        Assert.Equal(["mbr1", "mbr1", "lvm:g/lv"], all.Select(volume => volume.Name));
        byte[] a = VolumeImages.Pattern("a", 16);
        byte[] b = VolumeImages.Pattern("b", 16);
        VolumeImages.AssertContent([.. a[..4096], .. b[..4096], .. a[4096..], .. b[4096..]], all[2]);
        Assert.Empty(_diagnostics.Items);
    }

    [Fact]
    public void Partition_table_on_a_logical_volume_gives_partitions_and_a_file_system_does_not()
    {
        byte[] guest = InPartition(VolumeImages.Pattern("guest", 32));
        IReadOnlyList<Volume> all = VolumeImages.Resolve([LvmBuilder.Simple("g", "A", guest)], _diagnostics);
        Assert.Equal(["disk", "lvm:g/lv", "lvm:g/lv:mbr1"], all.Select(volume => volume.Name));
        Assert.Equal([-1L, -1L], all.Skip(1).Select(volume => volume.Offset));
        Assert.Equal("partitioned volume lvm:g/lv", all[1].MemberOf);
        VolumeImages.AssertContent(VolumeImages.Pattern("guest", 32), all[2]);
        // The same first sector, but a file system behind it.
        guest[1080] = 0x53;
        guest[1081] = 0xEF;
        all = VolumeImages.Resolve([LvmBuilder.Simple("g", "A", guest)], _diagnostics);
        Assert.Equal(["disk", "lvm:g/lv"], all.Select(volume => volume.Name));
        Assert.Null(all[1].MemberOf);
    }

    [Fact]
    public void Group_on_an_array_and_array_on_a_group_are_found()
    {
        byte[] inner = LvmBuilder.Simple("g", "A", VolumeImages.Pattern("data", 64));
        byte[][] members = VolumeImages.MdMembers("m12");
        foreach (byte[] member in members)
        {
            inner.CopyTo(member, 128 * 512);
        }
        IReadOnlyList<Volume> all = VolumeImages.Resolve(members, _diagnostics);
        Assert.Equal(["disk", "disk", "md:host:m12", "lvm:g/lv"], all.Select(volume => volume.Name));
        Assert.Equal("LVM volume group g", all[2].MemberOf);
        VolumeImages.AssertContent(VolumeImages.Pattern("data", 64), all[3]);
        // Each member on a volume of a group of its own.
        all = VolumeImages.Resolve(members.Select((member, i) => LvmBuilder.Simple("outer" + i, "O" + i, member)), _diagnostics);
        Assert.Equal(["disk", "disk", "md:host:m12", "lvm:g/lv", "lvm:outer0/lv", "lvm:outer1/lv"], all.Select(volume => volume.Name));
        Assert.Equal("RAID array md:host:m12", all[4].MemberOf);
        Assert.Equal("LVM volume group g", all[2].MemberOf);
        VolumeImages.AssertContent(VolumeImages.Pattern("data", 64), all[3]);
        Assert.Empty(_diagnostics.Items);
    }

    [Fact]
    public void Physical_volume_that_turns_up_late_completes_its_group_without_a_word()
    {
        byte[] text = LvmBuilder.Group("g", ["A", "B"], LvmBuilder.Volume("lv", "type = \"striped\"\nstripe_count = 2\nstripe_size = 8\nstripes = [\"pv0\", 0, \"pv1\", 0]", 4), extents: 2);
        byte[] direct = new LvmBuilder("A", text, VolumeImages.Pattern("a", 16)).Bytes;
        byte[] late = LvmBuilder.Simple("outer", "O", new LvmBuilder("B", text, VolumeImages.Pattern("b", 16)).Bytes);
        IReadOnlyList<Volume> all = VolumeImages.Resolve([direct, late], _diagnostics);
        Assert.Equal(["disk", "disk", "lvm:g/lv", "lvm:outer/lv"], all.Select(volume => volume.Name));
        Assert.Null(all[2].UnreadableBecause);
        Assert.Equal("LVM volume group g", all[3].MemberOf);
        Assert.Empty(_diagnostics.Items);
    }

    [Fact]
    public void Fifty_groups_one_inside_another_end_at_eight()
    {
        byte[] disk = VolumeImages.Pattern("core", 16);
        for (int i = 49; i >= 0; i--)
        {
            disk = LvmBuilder.Simple("g" + i, "U" + i, i % 2 == 0 ? disk : InPartition(disk));
        }
        IReadOnlyList<Volume> all = VolumeImages.Resolve([disk], _diagnostics);
        Assert.InRange(all.Count, 8, 20);
        Assert.Contains(all, volume => volume.Name.StartsWith("lvm:g7/", StringComparison.Ordinal));
        Assert.DoesNotContain(all, volume => volume.Name.StartsWith("lvm:g8/", StringComparison.Ordinal));
        Assert.Single(_diagnostics.Items, item => item is { Code: "volume.depth", LosesContent: true });
    }

    [Fact]
    public void Fifty_tables_one_inside_another_end_at_eight()
    {
        byte[] disk = VolumeImages.Pattern("core", 16);
        for (int i = 0; i < 50; i++)
        {
            disk = InPartition(disk);
        }
        IReadOnlyList<Volume> all = VolumeImages.Resolve([LvmBuilder.Simple("g", "A", disk)], _diagnostics);
        Assert.Equal(10, all.Count);
        Assert.Equal("lvm:g/lv" + string.Concat(Enumerable.Repeat(":mbr1", 8)), all[^1].Name);
        Assert.Single(_diagnostics.Items, item => item is { Code: "volume.depth", LosesContent: true });
    }

    [Fact]
    public void Tables_that_contain_themselves_over_and_over_are_bounded()
    {
        // Entries that all begin at the table itself: without a bound there would be 100 to the power of 8 volumes.
        var disk = new DiskBuilder(2048).Gpt([.. Enumerable.Range(0, 100).Select(i => (0UL, (ulong)(1000 + i), "p"))]);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        IReadOnlyList<Volume> all = VolumeImages.Resolve([LvmBuilder.Simple("g", "A", disk.Bytes)], _diagnostics);
        Assert.InRange(all.Count, 100, 2100);
        Assert.InRange(_diagnostics.Items.Count, 1, 20_000);
        Assert.Contains(_diagnostics.Items, item => item is { Code: "volume.count", LosesContent: true });
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), watch.Elapsed.ToString());
    }

    [Fact]
    public void One_physical_volume_named_by_a_thousand_partitions_is_bounded()
    {
        string volumes = string.Concat(Enumerable.Range(0, 1000).Select(i => LvmBuilder.Volume("v" + i, LvmBuilder.Linear("pv0"))));
        byte[] text = LvmBuilder.Group("g", ["A"], volumes, areaSize: 1 << 20);
        byte[] bytes = new LvmBuilder("A", text, new byte[32768], 1 << 20).Bytes;
        Volume[] members = [.. Enumerable.Range(0, 1000).Select(i => new Volume("gpt" + i, 0, bytes.Length - i, new Slice(new MemorySource(bytes), 0, bytes.Length - i)))];
        var watch = System.Diagnostics.Stopwatch.StartNew();
        IReadOnlyList<Volume> all = VolumeAssembly.Resolve(members, Catalog.VolumeAssemblers, VolumeImages.Context(_diagnostics));
        Assert.InRange(all.Count, 2000, 20_000);
        Assert.Contains(_diagnostics.Items, item => item is { Code: "volume.count", LosesContent: true });
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), watch.Elapsed.ToString());
    }

    [Theory]
    [InlineData("luks1", "LUKS 1 (encrypted), aes-xts-plain64, 512 bits, UUID ")]
    [InlineData("luks2", "LUKS 2 (encrypted), aes-xts-plain64, label a label, UUID ")]
    public void Luks_header_made_by_cryptsetup_is_described(string type, string expected)
    {
        string path = _folder.Write("luks.img", new byte[32 << 20]);
        string key = _folder.Write("key", "secret"u8.ToArray());
        string[] extra = type == "luks1" ? [] : ["--label", "a label", "--pbkdf", "pbkdf2"];
        TestTools.Run("cryptsetup", ["luksFormat", "-q", "--type", type, "--iter-time", "10", "--key-size", "512", "--cipher", "aes-xts-plain64", .. extra, path, key]);
        string uuid = TestTools.Run("cryptsetup", "luksUUID", path).Trim();
        byte[] bytes = File.ReadAllBytes(path);
        Volume volume = Assert.Single(VolumeImages.Resolve([bytes], _diagnostics));
        Assert.Equal(expected + uuid, volume.UnreadableBecause);
        bytes.AsSpan(0, 4096).Clear();
        string? wiped = Assert.Single(VolumeImages.Resolve([bytes], _diagnostics)).UnreadableBecause;
        Assert.Equal(type == "luks1" ? null : $"LUKS 2 (encrypted), aes-xts-plain64, label a label, UUID {uuid}, known from its second header", wiped);
    }

    [Fact]
    public void Bitlocker_is_named_on_fixed_and_on_removable_drives()
    {
        byte[] fixedDrive = new byte[1 << 20];
        "-FVE-FS-"u8.CopyTo(fixedDrive.AsSpan(3));
        byte[] removable = new byte[1 << 20];
        "MSWIN4.1"u8.CopyTo(removable.AsSpan(3));
        Assert.Null(EncryptedVolume.Describe(new MemorySource(removable)));
        new Guid("4967d63b-2e29-4ad8-8399-f6a339e3d001").TryWriteBytes(removable.AsSpan(424));
        Assert.Equal(["BitLocker (encrypted)", "BitLocker To Go (encrypted)"], VolumeImages.Resolve([fixedDrive, removable]).Select(volume => volume.UnreadableBecause));
        Assert.Equal("BitLocker To Go (encrypted)", KnownSignatures.Identify(new MemorySource(removable)));
    }

    [Fact]
    public void Garbage_after_the_magic_of_an_encrypted_volume_is_still_encrypted()
    {
        var random = new Random(7);
        for (int length = 6; length < 70_000; length = length * 2 + 1)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            new byte[] { 0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE }.CopyTo(bytes, 0);
            Assert.StartsWith("LUKS", EncryptedVolume.Describe(new MemorySource(bytes)), StringComparison.Ordinal);
            Assert.All(EncryptedVolume.Describe(new MemorySource(bytes))!, character => Assert.InRange(character, ' ', '~'));
        }
    }

    [Fact]
    public void Volumes_of_a_real_disk_are_those_that_lvm_listed()
    {
        string oracle = Path.Combine(SharedImages.Require(), "oracles", "DiscUtils/Lvm/Data/lvm2.vhdx.gz@1048576.lvm.txt");
        using var disk = new FileByteSource(SharedImages.Unpack("DiscUtils/Lvm/Data/lvm2.vhdx.gz"));
        IReadOnlyList<Volume> all = VolumeAssembly.Resolve(VolumeProbe.Open(disk, ParseContext.Quiet).Volumes, Catalog.VolumeAssemblers, VolumeImages.Context(_diagnostics));
        var physical = Assert.Single(all, volume => volume.MemberOf == "LVM volume group test");
        var buffer = new byte[1 << 20];
        var direct = new byte[1 << 20];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string[] cells in File.ReadAllLines(oracle).Select(line => line.Trim().Split('\t')).Where(cells => cells.Length == 9))
        {
            Volume volume = Assert.Single(all, volume => volume.Name == $"lvm:{cells[0]}/{cells[1]}");
            names.Add(volume.Name);
            Assert.Equal(long.Parse(cells[8], System.Globalization.CultureInfo.InvariantCulture), volume.Length);
            long start = long.Parse(cells[4], System.Globalization.CultureInfo.InvariantCulture);
            long length = long.Parse(cells[5], System.Globalization.CultureInfo.InvariantCulture);
            long extent = long.Parse(cells[6].Split(':')[1].Split('-')[0], System.Globalization.CultureInfo.InvariantCulture);
            for (long at = 0; at < length; at += 16 << 20)
            {
                Assert.Equal(direct.Length, physical.Content.ReadUpTo(1048576 + extent * 4194304 + at, direct));
                Assert.Equal(buffer.Length, volume.Content.ReadUpTo(start + at, buffer));
                Assert.True(buffer.AsSpan().SequenceEqual(direct));
            }
        }
        Assert.Equal(names.Count, all.Count(volume => volume.Name.StartsWith("lvm:", StringComparison.Ordinal)));
    }

    private static byte[] InPartition(byte[] content)
    {
        int sectors = (content.Length + 511) / 512;
        var disk = new DiskBuilder(sectors + 8).Entry(0, 0, 0x83, 8, (uint)sectors);
        content.CopyTo(disk.Bytes, 8 * 512);
        return disk.Bytes;
    }
}
