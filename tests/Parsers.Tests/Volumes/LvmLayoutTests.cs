using System.Text;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Volumes;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary><c>Lvm2Assembler</c>: volume groups whose metadata LVM, thin_restore and cache_restore wrote; data were put in place by the tables of the manuals (images/make.py).</summary>
public sealed class LvmLayoutTests
{
    private const int Extent = 128;

    public static TheoryData<string, int> Plain() => new()
    {
        { "one", 3 }, { "lin", 6 }, { "str", 6 }, { "mir", 3 }, { "r1", 3 }, { "r0", 6 }, { "r0m", 4 }, { "r4", 4 },
        { "r5la", 6 }, { "r5ra", 6 }, { "r5ls", 6 }, { "r5rs", 6 }, { "r5n", 6 },
        { "r6zr", 6 }, { "r6nr", 6 }, { "r6nc", 6 }, { "r6la_6", 6 }, { "r6ra_6", 6 }, { "r6ls_6", 6 }, { "r6rs_6", 6 }, { "r6n_6", 6 },
        { "r10", 4 },
    };

    [Theory]
    [MemberData(nameof(Plain))]
    public void Volume_of_each_type_has_the_content_that_was_put_there(string name, int extents) =>
        VolumeImages.AssertContent(VolumeImages.Pattern(name, extents * Extent), Find(VolumeImages.Resolve(VolumeImages.LvmDisks()), name));

    [Fact]
    public void Volumes_are_those_that_lvs_lists()
    {
        var diagnostics = new DiagnosticList();
        IReadOnlyList<Volume> all = VolumeImages.Resolve(VolumeImages.LvmDisks(), diagnostics);
        Assert.Equal(5, all.Count(volume => volume.MemberOf == "LVM volume group vg-0"));
        // Of a snapshot lvs gives the size of its store; what is seen through it is as long as the origin.
        string[] expected = [.. Encoding.ASCII.GetString(VolumeImages.Lvm["lvs.txt"]).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '[' && !line.EndsWith("-pool", StringComparison.Ordinal))
            .Select(line => line.Split('\t')).Select(cells => cells[0] == "snap" ? $"snap {cells[1]} {3 * 65536}B" : string.Join(' ', cells[..3])).Distinct().Order(StringComparer.Ordinal)];
        Volume[] made = [.. all.Skip(5)];
        Assert.Equal(expected, made.Select(volume => $"{volume.Name["lvm:vg-0/".Length..]} {volume.Uuid} {volume.Length}B").Order(StringComparer.Ordinal));
        Assert.Equal(made.Select(volume => volume.Name).Order(StringComparer.Ordinal), made.Select(volume => volume.Name));
        Assert.All(made, volume => Assert.Equal(-1, volume.Offset));
        Volume one = Find(made, "one");
        Assert.Equal(["/dev/vg-0/one", "/dev/mapper/vg--0-one"], one.DeviceNames);
        Assert.Equal("linear", one.TypeName);
        Assert.DoesNotContain(diagnostics.Items, item => item.LosesContent);
    }

    [Fact]
    public void Thin_volumes_have_their_blocks_and_zeros_or_the_external_origin_elsewhere()
    {
        IReadOnlyList<Volume> all = VolumeImages.Resolve(VolumeImages.LvmDisks());
        byte[] thin = Blocks(12, null, (0, "thin0"), (1, "thin1"), (2, "thin2"), (9, "thin9"));
        byte[] snapshot = Blocks(12, null, (0, "thin0"), (1, "snap1"), (2, "thin2"), (11, "snap11"));
        byte[] external = Blocks(10, VolumeImages.Pattern("lin", 6 * Extent), (1, "ext1"), (2, "ext2"));
        VolumeImages.AssertContent(thin, Find(all, "thin1"));
        VolumeImages.AssertContent(snapshot, Find(all, "thinsnap"));
        VolumeImages.AssertContent(external, Find(all, "thinext"));
        Assert.Equal("thin volume", Find(all, "thin1").TypeName);
        Assert.DoesNotContain(all, volume => volume.Name.EndsWith("/pool", StringComparison.Ordinal));
    }

    [Fact]
    public void Cache_gives_its_dirty_blocks_and_after_a_crash_all_that_it_has()
    {
        IReadOnlyList<Volume> all = VolumeImages.Resolve(VolumeImages.LvmDisks());
        byte[] slow = VolumeImages.Pattern("slow", 6 * Extent);
        byte[] clean = (byte[])slow.Clone();
        VolumeImages.Pattern("fast0", 128).CopyTo(clean, 4 * 65536);
        byte[] crashed = (byte[])clean.Clone();
        VolumeImages.Pattern("fast2", 128).CopyTo(crashed, 1 * 65536);
        VolumeImages.AssertContent(clean, Find(all, "cached"));
        VolumeImages.AssertContent(clean, Find(all, "cachedvol"));
        // The flag of a clean end is taken away, so that nothing is known about what is dirty.
        byte[][] disks = VolumeImages.LvmDisks();
        Assert.Equal(2, Superblocks(disks, 1623043, block =>
        {
            block[4] &= 0xFE;
            DeviceMapperHostileTests.Fix(block, 9031977);
        }));
        all = VolumeImages.Resolve(disks);
        VolumeImages.AssertContent(crashed, Find(all, "cached"));
        VolumeImages.AssertContent(crashed, Find(all, "cachedvol"));
    }

    [Fact]
    public void Snapshot_and_origin_are_both_there()
    {
        IReadOnlyList<Volume> all = VolumeImages.Resolve(VolumeImages.LvmDisks());
        byte[] before = VolumeImages.Pattern("one", 3 * Extent);
        foreach (int chunk in new[] { 0, 1, 40 })
        {
            VolumeImages.Pattern("before" + chunk, 8).CopyTo(before, chunk * 4096);
        }
        VolumeImages.AssertContent(before, Find(all, "snap"));
        Assert.Equal("snapshot", Find(all, "snap").TypeName);
        Assert.DoesNotContain(all, volume => volume.Name.EndsWith("/snapshot0", StringComparison.Ordinal));
    }

    [Fact]
    public void Zero_segment_is_zeros_and_error_segment_has_its_reason()
    {
        IReadOnlyList<Volume> all = VolumeImages.Resolve(VolumeImages.LvmDisks());
        VolumeImages.AssertContent(new byte[2 * 65536], Find(all, "zero"));
        Assert.Contains("error", Find(all, "err").UnreadableBecause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "r1 r4 r5la r5ra r5ls r5rs r5n r6zr r6nr r6nc r6la_6 r6ra_6 r6ls_6 r6rs_6 r6n_6 r10 mir", "one lin str r0 r0m thinext thin1 snap")]
    [InlineData(1, "one r1 r4 r5la r5ra r5ls r5rs r5n r6zr r6nr r6nc r6la_6 r6ra_6 r6ls_6 r6rs_6 r6n_6 r10 mir cached cachedvol snap", "lin str r0 r0m thin1 thinsnap thinext")]
    [InlineData(2, "one lin r1 r4 r5la r5ra r5ls r5rs r5n r6zr r6nr r6nc r6la_6 r6ra_6 r6ls_6 r6rs_6 r6n_6 r10 mir", "str r0 thin1 cached")]
    [InlineData(3, "one lin str r1 r4 r5la r5ra r5ls r5rs r5n r6zr r6nr r6nc r6la_6 r6ra_6 r6ls_6 r6rs_6 r6n_6 r10 mir r0 thin1", "snap cached cachedvol")]
    [InlineData(4, "one lin str r1 r4 r5la r5n r6zr r6nr r6nc r6la_6 r6ra_6 r6ls_6 r6rs_6 r6n_6 r10 mir r0 thin1 snap", "cached cachedvol")]
    public void Without_a_disk_redundant_volumes_are_whole_and_the_others_name_what_is_missing(int missing, string whole, string broken)
    {
        var diagnostics = new DiagnosticList();
        IReadOnlyList<Volume> complete = VolumeImages.Resolve(VolumeImages.LvmDisks());
        string uuid = Encoding.ASCII.GetString(VolumeImages.Lvm[$"pv{missing}.raw"], 512 + 32, 32);
        uuid = $"{uuid[..6]}-{uuid[6..10]}-{uuid[10..14]}-{uuid[14..18]}-{uuid[18..22]}-{uuid[22..26]}-{uuid[26..]}";
        IReadOnlyList<Volume> all = VolumeImages.Resolve(VolumeImages.LvmDisks().Where((_, i) => i != missing), diagnostics);
        foreach (string name in whole.Split(' '))
        {
            var expected = new byte[Find(complete, name).Length];
            Find(complete, name).Content.ReadAt(0, expected);
            VolumeImages.AssertContent(expected, Find(all, name));
        }
        foreach (string name in broken.Split(' '))
        {
            Assert.Equal("physical volume " + uuid + " is missing", Find(all, name).UnreadableBecause);
        }
        Assert.Contains(diagnostics.Items, item => item.Code == "lvm.pv.missing" && item.Message.Contains(uuid, StringComparison.Ordinal) && item.LosesContent);
    }

    [Fact]
    public void Missing_disk_on_which_nothing_depends_is_no_loss()
    {
        var diagnostics = new DiagnosticList();
        byte[] text = LvmBuilder.Group("g", ["A", "B"], LvmBuilder.Volume("lv", LvmBuilder.Linear("pv0"), 8));
        VolumeImages.Resolve([new LvmBuilder("A", text, new byte[8 * 4096]).Bytes], diagnostics);
        Assert.False(Assert.Single(diagnostics.Items, item => item.Code == "lvm.pv.missing").LosesContent);
    }

    [Theory]
    [InlineData("events", false)]
    [InlineData("failed", false)]
    [InlineData("rebuilding", false)]
    [InlineData("both", true)]
    public void Image_of_a_mirror_that_its_superblock_calls_old_is_not_read_while_there_is_another(string how, bool loses)
    {
        byte[][] disks = VolumeImages.LvmDisks();
        Super(disks[0], "r1_rmeta_0", how is "events" or "both" ? 5UL : 9, 0, how == "rebuilding" ? 100 : ulong.MaxValue);
        Super(disks[1], "r1_rmeta_1", 9, how == "failed" ? 1UL : 0, how == "both" ? 100 : ulong.MaxValue);
        VolumeImages.Pattern("old", 3 * Extent).CopyTo(disks[0], Place(disks[0], "r1_rimage_0"));
        var diagnostics = new DiagnosticList();
        Volume mirror = Find(VolumeImages.Resolve(disks, diagnostics), "r1");
        VolumeImages.AssertContent(VolumeImages.Pattern(loses ? "old" : "r1", 3 * Extent), mirror);
        Assert.Equal(loses, Assert.Single(diagnostics.Items, item => item.Code == "lvm.raid.stale").LosesContent);
    }

    /// <summary>Where a hidden volume of one segment begins on its disk, as LVM's text says.</summary>
    private static int Place(byte[] disk, string name)
    {
        string text = Encoding.Latin1.GetString(disk, 4096, 1 << 20);
        text = text[text.LastIndexOf("\n" + name + " {", StringComparison.Ordinal)..];
        text = text[(text.IndexOf("\"pv", StringComparison.Ordinal) + 6)..];
        return (2048 + int.Parse(text[..text.IndexOf('\n', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture) * Extent) * 512;
    }

    /// <summary>A superblock of dm-raid, as its documentation lays it out.</summary>
    private static void Super(byte[] disk, string name, ulong events, ulong failed, ulong recovered)
    {
        Span<byte> super = disk.AsSpan(Place(disk, name), 512);
        "DmRd"u8.CopyTo(super);
        super[8] = 2;
        BitConverter.TryWriteBytes(super[16..], events);
        BitConverter.TryWriteBytes(super[24..], failed);
        BitConverter.TryWriteBytes(super[32..], recovered);
    }

    private static Volume Find(IEnumerable<Volume> volumes, string name) => Assert.Single(volumes, volume => volume.Name == "lvm:vg-0/" + name);

    private static byte[] Blocks(int count, byte[]? below, params (int Block, string Label)[] blocks)
    {
        var bytes = new byte[count * 65536];
        below?.CopyTo(bytes, 0);
        foreach ((int block, string label) in blocks)
        {
            VolumeImages.Pattern(label, 128).CopyTo(bytes, block * 65536);
        }
        return bytes;
    }

    private delegate void Change(Span<byte> block);

    private static int Superblocks(byte[][] disks, ulong magic, Change change)
    {
        int count = 0;
        foreach (byte[] disk in disks)
        {
            for (int offset = 1 << 20; offset + 4096 <= disk.Length; offset += 4096)
            {
                if (BitConverter.ToUInt64(disk, offset + 32) == magic)
                {
                    change(disk.AsSpan(offset, 4096));
                    count++;
                }
            }
        }
        return count;
    }
}
