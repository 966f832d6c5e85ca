using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Images;
using Forensics.Parsers.Volumes;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary>Metadata of LVM that are wrong in each way that was thought of: bounded time, a typed reason, and the other volumes read.</summary>
public sealed class LvmHostileTests
{
    private static readonly byte[] s_data = VolumeImages.Pattern("good", 64);

    private readonly DiagnosticList _diagnostics = new();

    [Theory]
    [InlineData("9223372036854775808")]
    [InlineData("9223372036854775807")]
    [InlineData("2251799813685248")]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("\"many\"")]
    public void Extent_count_that_no_disk_has_makes_its_volume_unreadable_only(string count)
    {
        string bad = LvmBuilder.Volume("bad", LvmBuilder.Linear("pv0")).Replace("extent_count = 1", "extent_count = " + count, StringComparison.Ordinal);
        IReadOnlyList<Volume> volumes = Resolve(bad);
        if (count.Length == 19 && count[^1] == '8' && count[0] == '9')
        {
            // Past 64 bits it is no number at all, and the text as a whole is no metadata.
            Assert.Contains(_diagnostics.Items, item => item.Code == "lvm.text.damaged");
            Assert.Contains(_diagnostics.Items, item => item is { Code: "lvm.pv.orphan", LosesContent: true });
            return;
        }
        Assert.NotNull(Find(volumes, "bad").UnreadableBecause);
        Good(volumes);
    }

    [Theory]
    [InlineData("type = \"striped\"\nstripe_count = 1\nstripes = [\"bad\", 0]")]
    [InlineData("type = \"snapshot\"\norigin = \"bad\"\ncow_store = \"good\"")]
    [InlineData("type = \"thin\"\nthin_pool = \"bad\"\ndevice_id = 1")]
    [InlineData("type = \"cache\"\norigin = \"bad\"\ncache_pool = \"bad\"")]
    [InlineData("type = \"raid1\"\ndevice_count = 1\nraids = [\"bad\", \"bad\"]")]
    [InlineData("type = \"striped\"\nstripe_count = 1\nstripes = [\"bad2\", 0]")]
    public void Volume_that_is_built_on_itself_says_so(string segment)
    {
        IReadOnlyList<Volume> volumes = Resolve(LvmBuilder.Volume("bad", segment) + LvmBuilder.Volume("bad2", LvmBuilder.Linear("bad3")) + LvmBuilder.Volume("bad3", LvmBuilder.Linear("bad")));
        if (!segment.Contains("snapshot", StringComparison.Ordinal))
        {
            Assert.Contains("built on itself", Find(volumes, "bad").UnreadableBecause, StringComparison.Ordinal);
        }
        Assert.NotNull(Find(volumes, "bad2").UnreadableBecause);
        Assert.NotNull(Find(volumes, "bad3").UnreadableBecause);
        if (!segment.Contains("cow_store", StringComparison.Ordinal))
        {
            Good(volumes);
        }
    }

    [Fact]
    public void Thin_pool_on_its_own_thin_volume_and_snapshots_of_each_other_end()
    {
        IReadOnlyList<Volume> volumes = Resolve(
            LvmBuilder.Volume("pool", "type = \"thin-pool\"\nmetadata = \"thin\"\npool = \"thin\"") + LvmBuilder.Volume("thin", "type = \"thin\"\nthin_pool = \"pool\"\ndevice_id = 1")
            + LvmBuilder.Volume("a", LvmBuilder.Linear("pv0")) + LvmBuilder.Volume("b", LvmBuilder.Linear("pv0", 1))
            + LvmBuilder.Volume("snapshot0", "type = \"snapshot\"\norigin = \"snapshot1\"\ncow_store = \"a\"", 1, "\"READ\"")
            + LvmBuilder.Volume("snapshot1", "type = \"snapshot\"\norigin = \"snapshot0\"\ncow_store = \"b\"", 1, "\"READ\""));
        Assert.Contains("built on itself", Find(volumes, "thin").UnreadableBecause, StringComparison.Ordinal);
        Assert.Contains("built on itself", Find(volumes, "a").UnreadableBecause, StringComparison.Ordinal);
        Assert.Contains("built on itself", Find(volumes, "b").UnreadableBecause, StringComparison.Ordinal);
        Good(volumes);
    }

    [Fact]
    public void Chain_of_volumes_ends_at_its_limit()
    {
        var text = new StringBuilder();
        for (int i = 0; i < 500; i++)
        {
            text.Append(LvmBuilder.Volume("v" + i, i == 499 ? LvmBuilder.Linear("pv0") : LvmBuilder.Linear("v" + (i + 1))));
        }
        IReadOnlyList<Volume> volumes = Resolve(text.ToString(), 256 << 10);
        Assert.Contains("nested deeper", Find(volumes, "v0").UnreadableBecause, StringComparison.Ordinal);
        Assert.Null(Find(volumes, "v499").UnreadableBecause);
        Good(volumes);
    }

    [Theory]
    [InlineData("vdo", "vdo")]
    [InlineData("writecache", "writecache")]
    [InlineData("integrity", "integrity")]
    [InlineData("future\\x1b[31m+FLAG", "future")]
    [InlineData("raid7", "raid7")]
    public void Segment_type_that_is_not_read_is_named(string type, string named)
    {
        IReadOnlyList<Volume> volumes = Resolve(LvmBuilder.Volume("bad", $"type = \"{type.Replace("\\x1b", "\x1b", StringComparison.Ordinal)}\"\nstripe_size = 8\nraids = [\"good\", \"good\"]"));
        string reason = Find(volumes, "bad").UnreadableBecause!;
        Assert.Contains(named, reason, StringComparison.Ordinal);
        Assert.EndsWith("is not supported", reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\x1b', reason);
        Good(volumes);
    }

    [Theory]
    [InlineData("type = \"striped\"\nstripe_count = 1\nstripes = [\"pv0\", -1]")]
    [InlineData("type = \"striped\"\nstripe_count = 1\nstripes = [\"pv0\", 9223372036854775807]")]
    [InlineData("type = \"striped\"\nstripe_count = 1\nstripes = [\"pv0\", 100000]")]
    [InlineData("type = \"striped\"\nstripe_count = 1\nstripes = [\"nobody\", 0]")]
    [InlineData("type = \"striped\"\nstripe_count = 1\nstripes = [0, \"pv0\"]")]
    [InlineData("type = \"striped\"\nstripe_count = 2\nstripes = [\"pv0\", 0]")]
    [InlineData("type = \"striped\"\nstripe_count = 2\nstripes = [\"pv0\", 0, \"pv0\", 1]")]
    [InlineData("type = \"striped\"\nstripe_count = 2\nstripe_size = 4194304\nstripes = [\"pv0\", 0, \"pv0\", 1]")]
    [InlineData("type = \"striped\"\nstripes = []")]
    [InlineData("type = \"mirror\"\nmirrors = []")]
    [InlineData("type = \"raid5\"\nstripe_size = 8\nraids = [\"good\", \"good\"]")]
    [InlineData("type = \"raid6\"\nstripe_size = 8\nraids = [\"good\", \"good\", \"good\", \"good\"]")]
    [InlineData("type = \"raid10\"\nstripe_size = 8\ndata_copies = 200\nraids = [\"good\", \"good\", \"good\", \"good\"]")]
    [InlineData("type = \"raid1\"\nreshape_count = 2\nraids = [\"good\", \"good\"]")]
    [InlineData("type = \"thin\"\nthin_pool = \"good\"\ndevice_id = 1")]
    [InlineData("type = \"thin-pool\"\nmetadata = \"good\"\npool = \"good\"\n}\nsegment2 {\nstart_extent = 1\nextent_count = 1")]
    [InlineData("type = \"cache\"\norigin = \"good\"\ncache_pool = \"good\"")]
    [InlineData("type = \"cache\"\norigin = \"good\"\ncache_pool = \"good\"\nmetadata_start = 9223372036854775807\nmetadata_len = 1")]
    [InlineData("type = [\"striped\"]")]
    [InlineData("")]
    public void Segment_that_makes_no_sense_is_a_reason(string segment)
    {
        IReadOnlyList<Volume> volumes = Resolve(LvmBuilder.Volume("bad", segment, 2));
        if (!segment.Contains("thin-pool", StringComparison.Ordinal))
        {
            Volume bad = Find(volumes, "bad");
            Assert.NotNull(bad.UnreadableBecause);
            Assert.Equal(0, bad.Content.Length);
        }
        Good(volumes);
    }

    [Fact]
    public void Name_with_escape_codes_and_raw_bytes_is_shown_escaped()
    {
        IReadOnlyList<Volume> volumes = Resolve(LvmBuilder.Volume("e\x1b[31mvil\xff", LvmBuilder.Linear("pv0")).Replace("[31m", "(31m", StringComparison.Ordinal)
            + LvmBuilder.Volume(new string('n', 5000), LvmBuilder.Linear("pv0")));
        Assert.Contains(volumes, volume => volume.Name == "lvm:g/e\\x1b(31mvil\\xff" && volume.DeviceNames[0] == "/dev/g/e\\x1b(31mvil\\xff");
        Assert.Contains(volumes, volume => volume.Name == "lvm:g/" + new string('n', 127));
        Good(volumes);
    }

    [Fact]
    public void Physical_volume_without_uuid_is_missing_for_those_that_need_it()
    {
        byte[] text = LvmBuilder.Group("g", ["A", "B"], LvmBuilder.Volume("bad", LvmBuilder.Linear("pv1")) + LvmBuilder.Volume("good", LvmBuilder.Linear("pv0"), 8));
        text = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(text).Replace("id = \"" + LvmBuilder.Uuid("B") + "\"", "", StringComparison.Ordinal));
        IReadOnlyList<Volume> volumes = VolumeImages.Resolve([new LvmBuilder("A", text, s_data).Bytes], _diagnostics);
        Assert.Contains("is missing", Find(volumes, "bad").UnreadableBecause, StringComparison.Ordinal);
        Good(volumes);
    }

    [Theory]
    [InlineData("{", 1_000_000)]
    [InlineData("a{", 1_000_000)]
    [InlineData("}", 1_000_000)]
    [InlineData("a=[", 1_000_000)]
    [InlineData("a=1 ", 3_000_000)]
    [InlineData("a=\"", 1)]
    [InlineData("# comment", 1)]
    [InlineData("a{}", 4_000_000)]
    public void Text_without_shape_is_refused_in_bounded_time(string piece, int times)
    {
        byte[] text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(piece, times)));
        var watch = Stopwatch.StartNew();
        IReadOnlyList<Volume> volumes = VolumeImages.Resolve([new LvmBuilder("A", text, s_data, 32 << 20).Bytes], _diagnostics);
        Assert.Equal("LVM, no volume group", Assert.Single(volumes).MemberOf);
        Assert.Contains(_diagnostics.Items, item => item.Code == "lvm.text.damaged");
        Assert.Contains(_diagnostics.Items, item => item is { Code: "lvm.pv.orphan", LosesContent: true });
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(8), watch.Elapsed.ToString());
    }

    [Fact]
    public void Text_of_200_megabytes_is_never_read()
    {
        LvmBuilder disk = Builder("");
        BinaryPrimitives.WriteInt64LittleEndian(disk.Bytes.AsSpan(4096 + 32), 300 << 20);
        disk.SetLocation(512, 200 << 20, 0);
        var source = new Stretched(disk.Bytes, 1L << 30);
        VolumeAssembly.Resolve([new Volume("disk", 0, source.Length, source)], Catalog.VolumeAssemblers, VolumeImages.Context(_diagnostics));
        Assert.Contains(_diagnostics.Items, item => item.Code == "lvm.text.damaged");
        Assert.True(source.BytesRead < 100 << 20, source.BytesRead.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(64 << 10, 100)]
    [InlineData(1L << 62, 100)]
    [InlineData(-1, 100)]
    [InlineData(512, 0)]
    [InlineData(512, -1)]
    [InlineData(512, 64 << 10)]
    public void Place_of_the_text_outside_its_area_is_said(long offset, long size)
    {
        LvmBuilder disk = Builder("");
        disk.SetLocation(offset, size, 0);
        VolumeImages.Resolve([disk.Bytes], _diagnostics);
        if (offset != 0)
        {
            Assert.Contains(_diagnostics.Items, item => item.Code == "lvm.text.damaged");
        }
        Assert.All(_diagnostics.Items, item => Assert.DoesNotContain("Exception", item.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Text_that_wraps_in_the_ring_is_read()
    {
        byte[] text = LvmBuilder.Group("g", ["A"], LvmBuilder.Volume("good", LvmBuilder.Linear("pv0"), 8));
        for (int offset = (64 << 10) - 512; offset < 64 << 10; offset += 129)
        {
            Good(VolumeImages.Resolve([new LvmBuilder("A", text, s_data, textOffset: offset).Bytes], _diagnostics));
        }
        Assert.Empty(_diagnostics.Items);
    }

    [Fact]
    public void Damaged_copy_gives_way_to_another_disk_and_then_to_an_older_text()
    {
        byte[] old = LvmBuilder.Group("g", ["A", "B"], LvmBuilder.Volume("good", LvmBuilder.Linear("pv0"), 8), 4);
        byte[] current = LvmBuilder.Group("g", ["A", "B"], LvmBuilder.Volume("good", LvmBuilder.Linear("pv0"), 8) + LvmBuilder.Volume("added", LvmBuilder.Linear("pv1")), 5);
        LvmBuilder[] disks = [new("A", current, s_data, textOffset: 8192), new("B", current, s_data, textOffset: 8192)];
        foreach (LvmBuilder disk in disks)
        {
            old.CopyTo(disk.Bytes, 4096 + 512);
        }
        disks[0].Bytes[4096 + 8192 + 40] ^= 1;
        IReadOnlyList<Volume> volumes = VolumeImages.Resolve(disks.Select(disk => disk.Bytes), _diagnostics);
        Assert.Null(Find(volumes, "added").UnreadableBecause);
        Assert.Contains(_diagnostics.Items, item => item is { Code: "lvm.text.damaged", LosesContent: false });
        Assert.DoesNotContain(_diagnostics.Items, item => item.LosesContent);
        disks[1].Bytes[4096 + 8192 + 40] ^= 1;
        volumes = VolumeImages.Resolve(disks.Select(disk => disk.Bytes), _diagnostics);
        Good(volumes);
        Assert.DoesNotContain(volumes, volume => volume.Name == "lvm:g/added");
        Assert.Contains(_diagnostics.Items, item => item is { Code: "lvm.text.older", LosesContent: true });
    }

    [Fact]
    public void Wrong_checksums_of_label_and_area_are_said_and_read_over()
    {
        LvmBuilder disk = Builder("");
        disk.Bytes[512 + 16] ^= 1;
        disk.Bytes[4096] ^= 1;
        Good(VolumeImages.Resolve([disk.Bytes], _diagnostics));
        Assert.Equal(["lvm.label.checksum", "lvm.mda.checksum"], _diagnostics.Items.Select(item => item.Code));
    }

    [Fact]
    public void Disk_that_is_cut_short_reads_as_zeros_and_says_so()
    {
        LvmBuilder disk = Builder("");
        Volume good = Find(VolumeImages.Resolve([disk.Bytes[..^8192]], _diagnostics), "good");
        byte[] expected = (byte[])s_data.Clone();
        expected.AsSpan(^8192..).Clear();
        VolumeImages.AssertContent(expected, good);
        Assert.Contains(_diagnostics.Items, item => item is { Code: "lvm.pv.truncated", LosesContent: true });
    }

    [Fact]
    public void Copy_of_a_disk_and_another_group_of_the_same_name_get_names_of_their_own()
    {
        byte[] other = new LvmBuilder("Z", LvmBuilder.Group("g", ["Z"], LvmBuilder.Volume("good", LvmBuilder.Linear("pv0"), 8), id: LvmBuilder.Uuid("other"), extents: 8), s_data).Bytes;
        byte[] copy = (byte[])Builder("").Bytes.Clone();
        copy[^1] ^= 1;
        IReadOnlyList<Volume> volumes = VolumeImages.Resolve([Builder("").Bytes, copy, other], _diagnostics);
        Assert.Equal(["lvm:g#2/good", "lvm:g#3/good", "lvm:g/good"], volumes.Skip(3).Select(volume => volume.Name));
        Good(volumes);
        var last = new byte[1];
        Find(volumes, "good", "g#2").Content.ReadAt(s_data.Length - 1, last);
        Assert.NotEqual(s_data[^1], last[0]);
        Assert.Equal(["LVM volume group g", "LVM volume group g#2", "LVM volume group g#3"], volumes.Take(3).Select(volume => volume.MemberOf));
        Assert.Equal(2, _diagnostics.Items.Count(item => item.Code == "lvm.pv.duplicate"));
        Assert.Single(_diagnostics.Items, item => item.Code == "lvm.vg.duplicate-name");
    }

    [Fact]
    public void Exported_group_is_read_and_the_lvm1_label_is_named()
    {
        byte[] text = LvmBuilder.Group("g", ["A"], LvmBuilder.Volume("good", LvmBuilder.Linear("pv0"), 8), extra: ", \"EXPORTED\"", extents: 8);
        Good(VolumeImages.Resolve([new LvmBuilder("A", text, s_data).Bytes], _diagnostics));
        Assert.Equal("lvm.vg.exported", Assert.Single(_diagnostics.Items).Code);
        byte[] old = new byte[1 << 20];
        new byte[] { (byte)'H', (byte)'M', 2, 0, 0, 0, 0, 0, 0, 4, 0, 0 }.CopyTo(old, 0);
        Assert.Equal("LVM1 physical volume", KnownSignatures.Identify(new MemorySource(old)));
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Mutated_disks_give_volumes_or_reasons_in_bounded_time(int seed)
    {
        var random = new Random(seed);
        byte[][] original = VolumeImages.LvmDisks();
        int area = 4096;
        int start = (int)BinaryPrimitives.ReadInt64LittleEndian(original[0].AsSpan(area + 40));
        int size = (int)BinaryPrimitives.ReadInt64LittleEndian(original[0].AsSpan(area + 48));
        Range[] places = [512..640, (area + 4)..(area + 96), (area + start)..(area + start + size), (1 << 20)..(original[0].Length)];
        var watch = Stopwatch.StartNew();
        var buffer = new byte[70_000];
        for (int round = 0; round < 60; round++)
        {
            byte[][] disks = [.. original];
            foreach (byte[] disk in disks)
            {
                Mutator.Mutate(random, disk, places[..3]);
                BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(528), LvmBuilder.Crc(disk.AsSpan(532, 492)));
                if (random.Next(4) != 0)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(area + 56), LvmBuilder.Crc(disk.AsSpan(area + start, size)));
                }
                BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(area), LvmBuilder.Crc(disk.AsSpan(area + 4, 508)));
            }
            foreach (Volume volume in VolumeImages.Resolve(disks, _diagnostics))
            {
                Assert.True(volume.Length >= 0);
                volume.Content.ReadAt(0, buffer);
                volume.Content.ReadAt(Math.Max(0, volume.Length - 1000), buffer);
                if (volume.Content is ISparseByteSource sparse)
                {
                    sparse.NextData(0, out _, out _);
                }
            }
            for (int i = 0; i < original.Length; i++)
            {
                VolumeImages.Lvm[$"pv{i}.raw"].AsSpan(0, 1 << 20).CopyTo(original[i]);
            }
        }
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    private IReadOnlyList<Volume> Resolve(string more, int areaSize = 64 << 10) => VolumeImages.Resolve([Builder(more, areaSize).Bytes], _diagnostics);

    private static LvmBuilder Builder(string more, int areaSize = 64 << 10) =>
        new("A", LvmBuilder.Group("g", ["A"], LvmBuilder.Volume("good", LvmBuilder.Linear("pv0"), 8) + more, extents: 8, areaSize: areaSize), s_data, areaSize);

    private static void Good(IReadOnlyList<Volume> volumes) => VolumeImages.AssertContent(s_data, Find(volumes, "good"));

    private static Volume Find(IReadOnlyList<Volume> volumes, string name, string group = "g") => Assert.Single(volumes, volume => volume.Name == $"lvm:{group}/{name}");

    /// <summary>Bytes that seem to go on as zeros for very long.</summary>
    private sealed class Stretched(byte[] bytes, long length) : IByteSource
    {
        public long BytesRead { get; private set; }

        public long Length => length;

        public int ReadAt(long offset, Span<byte> destination)
        {
            int count = (int)Math.Min(destination.Length, Length - offset);
            destination[..count].Clear();
            if (offset < bytes.Length)
            {
                bytes.AsSpan((int)offset, (int)Math.Min(count, bytes.Length - offset)).CopyTo(destination);
            }
            BytesRead += count;
            return count;
        }
    }
}
