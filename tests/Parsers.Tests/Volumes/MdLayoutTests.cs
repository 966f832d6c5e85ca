using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Volumes;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary><c>MdAssembler</c>: arrays whose superblocks mdadm read and found right; data were put in place by the tables of md(4) (images/make.py).</summary>
public sealed class MdLayoutTests
{
    public static TheoryData<string, int, int> Arrays()
    {
        var data = new TheoryData<string, int, int>();
        foreach (string version in new[] { "090", "090be", "10", "11", "12" })
        {
            data.Add("m" + version, 256, 1);
            data.Add("n" + version, 512, 1);
        }
        data.Add("lin", 300, 0);
        data.Add("z0", 768 + 3 * 32 / 16 * 16, 0);
        data.Add("zalt", 1056, 0);
        data.Add("zorig", 1056, 0);
        data.Add("r4", 512, 1);
        foreach (string layout in new[] { "la", "ra", "ls", "rs", "0", "n" })
        {
            data.Add("r5" + layout, 768, 1);
        }
        foreach (string layout in new[] { "la", "ra", "ls", "rs", "0", "n", "zr", "nr", "nc", "la_6", "ra_6", "ls_6", "rs_6", "0_6" })
        {
            data.Add("r6" + layout, 768, 1);
        }
        foreach ((string name, int sectors) in new[] { ("near2", 512), ("near2odd", 384), ("near3", 336), ("far2", 512), ("far3", 240), ("off2", 512), ("off2odd", 384) })
        {
            data.Add(name, sectors, 1);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Arrays))]
    public void Array_has_the_content_that_was_put_there_with_all_members_and_without_any_one(string name, int sectors, int spare)
    {
        byte[][] members = VolumeImages.MdMembers(name);
        IReadOnlyList<Volume> all = VolumeImages.Resolve(members);
        Volume array = Assert.Single(all, volume => volume.MemberOf is null);
        int length = (int)array.Length / 512;
        Assert.True(length >= sectors, $"{length} sectors");
        VolumeImages.AssertContent(VolumeImages.Pattern(name, length), array);
        Assert.Equal(name.Contains("090", StringComparison.Ordinal) ? "md:md5" : "md:host:" + name, array.Name);
        Assert.All(all.Take(members.Length), member => Assert.Equal("RAID array " + array.Name, member.MemberOf));
        for (int missing = 0; missing < members.Length; missing++)
        {
            var diagnostics = new DiagnosticList();
            Volume less = Assert.Single(VolumeImages.Resolve(members.Where((_, i) => i != missing), diagnostics), volume => volume.MemberOf is null);
            if (spare == 0)
            {
                Assert.Equal($"member {missing} of {members.Length} is missing", less.UnreadableBecause);
                continue;
            }
            VolumeImages.AssertContent(VolumeImages.Pattern(name, length), less);
            Assert.Contains(diagnostics.Items, item => item.Code == "md.degraded");
        }
    }

    [Fact]
    public void Names_are_those_of_the_device_nodes()
    {
        Volume named = VolumeImages.Resolve(VolumeImages.MdMembers("r5ls"))[^1];
        Assert.Equal(["/dev/md/r5ls", "/dev/md/host:r5ls", "/dev/disk/by-id/md-uuid-" + named.Uuid], named.DeviceNames);
        Volume numbered = VolumeImages.Resolve(VolumeImages.MdMembers("m090"))[^1];
        Assert.Equal(["/dev/md5", "/dev/md/5", "/dev/disk/by-id/md-uuid-" + numbered.Uuid], numbered.DeviceNames);
        Assert.Equal("RAID 1", numbered.TypeName);
    }
}
