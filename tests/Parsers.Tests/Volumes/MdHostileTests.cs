using System.Buffers.Binary;
using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Images;
using Forensics.Parsers.Volumes;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary>Superblocks of MD that are old, contradictory or impossible.</summary>
public sealed class MdHostileTests
{
    private const int Super = 4096;
    private readonly DiagnosticList _diagnostics = new();

    [Fact]
    public void Stale_member_is_left_out_of_a_mirror_and_of_a_parity_array()
    {
        foreach (string name in new[] { "m12", "n12" })
        {
            byte[][] members = VolumeImages.MdMembers(name);
            Set(members[0], 200, 5UL);
            // What it has is old.
            VolumeImages.Pattern("old", 256).CopyTo(members[0], 128 * 512);
            Volume array = Array(members);
            VolumeImages.AssertContent(VolumeImages.Pattern(name, (int)array.Length / 512), array);
            Assert.Contains(_diagnostics.Items, item => item is { Code: "md.stale", LosesContent: false });
        }
    }

    [Fact]
    public void Member_that_the_newest_superblock_knows_as_faulty_is_left_out()
    {
        byte[][] members = VolumeImages.MdMembers("m12");
        BinaryPrimitives.WriteUInt16LittleEndian(members[1].AsSpan(Super + 256), 0xFFFE);
        Set(members[1], 200, 11UL);
        VolumeImages.Pattern("old", 256).CopyTo(members[0], 128 * 512);
        VolumeImages.AssertContent(VolumeImages.Pattern("m12", 256), Array(members));
        Assert.Contains(_diagnostics.Items, item => item.Code == "md.stale");
    }

    [Fact]
    public void Half_rebuilt_member_and_spare_are_left_out()
    {
        byte[][] members = VolumeImages.MdMembers("n12");
        Set(members[1], 8, 2u);
        VolumeImages.Pattern("old", 256).CopyTo(members[1], 128 * 512);
        byte[] spare = (byte[])members[0].Clone();
        Set(spare, 160, 7u);
        VolumeImages.AssertContent(VolumeImages.Pattern("n12", 512), Array([spare, .. members]));
        Assert.Contains(_diagnostics.Items, item => item.Code == "md.stale" && item.Message.Contains("not rebuilt", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(8, 4u, "reshaped is not supported")]
    [InlineData(8, 0x10000u, "feature 0x10000 is not supported")]
    [InlineData(72, 0xFFFFFFFCu, "level -4")]
    [InlineData(72, 7u, "level 7")]
    [InlineData(76, 99u, "layout 99")]
    [InlineData(76, 0xFFFFFFFFu, "layout")]
    [InlineData(88, 0u, "md.chunk_size")]
    [InlineData(88, 0xFFFFFFFFu, "md.chunk_size")]
    [InlineData(92, 0u, "md.raid_disks")]
    [InlineData(92, 0x7FFFFFFFu, "md.raid_disks")]
    [InlineData(92, 900u, "is missing")]
    public void Field_that_cannot_be_is_the_reason(int offset, uint value, string reason)
    {
        byte[][] members = VolumeImages.MdMembers("n12");
        foreach (byte[] member in members)
        {
            Set(member, offset, value);
        }
        Volume array = Array(members);
        Assert.Contains(reason, array.UnreadableBecause, StringComparison.Ordinal);
        Assert.Equal(0, array.Content.Length);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(128)]
    [InlineData(136)]
    public void Size_past_the_end_of_the_members_is_said(int offset)
    {
        byte[][] members = VolumeImages.MdMembers("n12");
        foreach (byte[] member in members)
        {
            Set(member, offset, ulong.MaxValue / 3);
        }
        Volume array = Array(members);
        var buffer = new byte[4096];
        array.Content.ReadAt(Math.Max(0, array.Content.Length - 4096), buffer);
        Assert.True(offset == 136 || _diagnostics.Items.Any(item => item is { Code: "md.truncated", LosesContent: true }) || array.UnreadableBecause is not null);
    }

    [Fact]
    public void Wrong_checksum_journal_and_second_copy_of_a_member_are_said()
    {
        byte[][] members = VolumeImages.MdMembers("n12");
        members[2][Super + 216] ^= 1;
        Set(members[0], 8, 512u);
        VolumeImages.AssertContent(VolumeImages.Pattern("n12", 512), Array([.. members, members[1]]));
        Assert.Contains(_diagnostics.Items, item => item.Code == "md.checksum");
        Assert.Contains(_diagnostics.Items, item => item.Code == "md.duplicate");
        Assert.Contains(_diagnostics.Items, item => item is { Code: "md.journal", LosesContent: true });
    }

    [Fact]
    public void Zones_of_unknown_layout_are_said()
    {
        byte[][] members = VolumeImages.MdMembers("zalt");
        foreach (byte[] member in members)
        {
            Set(member, 8, 0u);
            Set(member, 76, 0u);
        }
        Volume array = Array(members);
        VolumeImages.AssertContent(VolumeImages.Pattern("zalt", (int)array.Length / 512), array);
        Assert.Contains(_diagnostics.Items, item => item is { Code: "md.raid0.layout", LosesContent: true });
    }

    [Theory]
    [InlineData("m10")]
    [InlineData("m090")]
    [InlineData("n10")]
    public void Table_on_a_whole_disk_member_is_that_of_the_array(string name)
    {
        byte[][] members = VolumeImages.MdMembers(name);
        byte[] table = new DiskBuilder(1).Entry(0, 0, 0x83, 10, 50).Bytes;
        foreach (byte[] member in members)
        {
            table.CopyTo(member, 0);
        }
        Volume[] disks = [.. members.SelectMany(member => VolumeProbe.Open(new MemorySource(member), ParseContext.Quiet).Volumes)];
        Assert.All(disks, disk => Assert.Equal("disk", disk.Name));
        IReadOnlyList<Volume> all = VolumeAssembly.Resolve(disks, Catalog.VolumeAssemblers, VolumeImages.Context(null));
        if (name[0] == 'm')
        {
            Assert.Equal([all[disks.Length].Name, all[disks.Length].Name + ":mbr1"], all.Skip(disks.Length).Select(volume => volume.Name));
            Assert.Equal("partitioned volume " + all[disks.Length].Name, all[disks.Length].MemberOf);
        }
    }

    [Fact]
    public void Members_of_firmware_raid_are_named()
    {
        byte[] intel = new byte[1 << 20];
        "Intel Raid ISM Cfg Sig. 1.3.00"u8.CopyTo(intel.AsSpan(intel.Length - 1024));
        byte[] standard = new byte[1 << 20];
        new byte[] { 0xDE, 0x11, 0xDE, 0x11 }.CopyTo(standard, standard.Length - 512);
        foreach (byte[] disk in new[] { intel, standard })
        {
            VolumeProbe.Open(new MemorySource(disk), VolumeImages.Context(_diagnostics));
        }
        Assert.Equal("Intel RAID member (IMSM)", KnownSignatures.Identify(new MemorySource(intel)));
        Assert.Equal("DDF RAID member", KnownSignatures.Identify(new MemorySource(standard)));
        Assert.Equal(2, _diagnostics.Items.Count(item => item is { Code: "volume.firmware-raid", LosesContent: true }));
    }

    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    public void Mutated_superblocks_give_arrays_or_reasons_in_bounded_time(int seed)
    {
        var random = new Random(seed);
        string[] names = ["m12", "n12", "z0", "zalt", "lin", "r6nc", "near2odd", "far3", "off2odd"];
        var watch = Stopwatch.StartNew();
        var buffer = new byte[50_000];
        for (int round = 0; round < 500; round++)
        {
            byte[][] members = VolumeImages.MdMembers(names[round % names.Length]);
            foreach (byte[] member in members)
            {
                if (random.Next(2) == 0)
                {
                    Mutator.Mutate(random, member, [Super..(Super + 16), (Super + 64)..(Super + 136), (Super + 136)..(Super + 272)]);
                    Fix(member);
                }
            }
            foreach (Volume volume in VolumeImages.Resolve(members, _diagnostics))
            {
                Assert.True(volume.Length >= 0);
                volume.Content.ReadAt(0, buffer);
                volume.Content.ReadAt(Math.Max(0, volume.Content.Length - 10_000), buffer);
            }
        }
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    private Volume Array(IReadOnlyList<byte[]> members) => Assert.Single(VolumeImages.Resolve(members, _diagnostics).Skip(members.Count));

    private static void Set(byte[] member, int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(member.AsSpan(Super + offset), value);
        Fix(member);
    }

    private static void Set(byte[] member, int offset, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(member.AsSpan(Super + offset), value);
        Fix(member);
    }

    /// <summary>The checksum of a superblock 1.2 with eight roles: the sum of its words, folded.</summary>
    private static void Fix(byte[] member)
    {
        Span<byte> super = member.AsSpan(Super, 256 + 16);
        super.Slice(216, 4).Clear();
        ulong sum = 0;
        for (int i = 0; i < super.Length; i += 4)
        {
            sum += BinaryPrimitives.ReadUInt32LittleEndian(super[i..]);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(super[216..], unchecked((uint)sum + (uint)(sum >> 32)));
    }
}
