using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ntfs;
using Forensics.Parsers.FileSystems.Ntfs.Deleted;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs;

/// <summary>The small structures of NTFS, each by what its specification says.</summary>
public sealed class NtfsUnitTests
{
    [Theory]
    [InlineData("0061", "61")]
    [InlineData("00e9", "c3a9")]
    [InlineData("4e2d", "e4b8ad")]
    [InlineData("d83d de00", "f09f9880")]
    [InlineData("d800", "eda080")]
    [InlineData("dc00", "edb080")]
    [InlineData("dc00 d800", "edb080eda080")]
    [InlineData("d800 0061", "eda08061")]
    public void Names_become_WTF_8(string units, string hex)
    {
        byte[] utf16 = [.. units.Split(' ').SelectMany(unit => Convert.FromHexString(unit).Reverse())];
        Assert.Equal(hex, Convert.ToHexStringLower(Wtf8.FromUtf16(utf16)));
    }

    [Theory]
    [InlineData(0UL, "1601-01-01T00:00:00.000000000Z")]
    [InlineData(116444736000000000UL, "1970-01-01T00:00:00.000000000Z")]
    [InlineData(132514838400000001UL, "2020-12-03T15:44:00.000000100Z")]
    public void File_times_count_100_nanoseconds_since_1601(ulong ticks, string text) => Assert.Equal(text, NtfsTimes.FromFileTime(ticks).ToString());

    [Theory]
    [InlineData(@"..\dir\file", true, "../dir/file")]
    [InlineData(@"\dir\file", true, "/dir/file")]
    [InlineData(@"\??\C:\Users\x", false, "/Users/x")]
    [InlineData(@"\??\C:", false, "/")]
    [InlineData(@"C:\Users", false, "/Users")]
    [InlineData(@"D:\", false, "/")]
    [InlineData(@"\\?\C:\Users", false, "/Users")]
    [InlineData(@"\??\\tmp\x", false, "/tmp/x")]
    [InlineData(@"\??\Volume{01234567-89ab-cdef-0123-456789abcdef}\", false, @"\??\Volume{01234567-89ab-cdef-0123-456789abcdef}\")]
    [InlineData(@"\??\UNC\server\share", false, @"\??\UNC\server\share")]
    [InlineData(@"\\?\GLOBALROOT\Device\Harddisk0", false, @"\\?\GLOBALROOT\Device\Harddisk0")]
    [InlineData(@"\\server\share", false, @"\\server\share")]
    public void Link_targets_become_paths_in_the_image_or_lead_nowhere(string target, bool isRelative, string expected)
    {
        byte[] name = Encoding.Unicode.GetBytes(target);
        byte[] link = [0x0C, 0, 0, 0xA0, .. Little(12 + name.Length), 0, 0, .. Little(0), .. Little(name.Length), .. Little(0), .. Little(0), (byte)(isRelative ? 1 : 0), 0, 0, 0, .. name];
        Assert.Equal(expected, Encoding.UTF8.GetString(ReparsePoint.Target(link)!));
        if (!isRelative)
        {
            byte[] junction = [0x03, 0, 0, 0xA0, .. Little(8 + name.Length), 0, 0, .. Little(0), .. Little(name.Length), .. Little(0), .. Little(0), .. name];
            Assert.Equal(expected, Encoding.UTF8.GetString(ReparsePoint.Target(junction)!));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0c0000a0")]
    [InlineData("0c0000a00000000000000000")]
    [InlineData("0c0000a0ffff0000ffffffffffffffff00000000")]
    [InlineData("030000a0080000000000ffff0000ffff")]
    [InlineData("1d0000a0040000000200000000")]
    public void Lengths_that_lie_yield_no_target(string hex) => Assert.Null(ReparsePoint.Target(Convert.FromHexString(hex)));

    [Fact]
    public void A_link_of_Linux_on_Windows_is_UTF_8_behind_a_version() =>
        Assert.Equal("/etc/x"u8.ToArray(), ReparsePoint.Target([0x1D, 0, 0, 0xA0, 10, 0, 0, 0, 2, 0, 0, 0, .. "/etc/x"u8]));

    [Theory]
    [InlineData(0x80000013u, true, "deduplicated")]
    [InlineData(0x80000013u, false, "deduplicated")]
    [InlineData(0x9000001Au, true, "offline in the cloud")]
    [InlineData(0x9000701Au, true, "offline in the cloud")]
    [InlineData(0x9000701Au, false, null)]
    [InlineData(0xC0000004u, true, "moved to remote storage")]
    [InlineData(0xC0000004u, false, null)]
    [InlineData(0x80000017u, true, null)]
    [InlineData(0x8000001Bu, true, null)]
    public void Content_that_is_elsewhere_is_said_to_be(uint tag, bool isAway, string? reason) => Assert.Equal(reason, ReparsePoint.ContentMissingBecause(tag, isAway));

    [Theory]
    [InlineData("010100000000000512000000", "S-1-5-18")]
    [InlineData("01020000000000052000000020020000", "S-1-5-32-544")]
    [InlineData("0105000000000005150000000102030405060708090a0b0cf4010000", "S-1-5-21-67305985-134678021-202050057-500")]
    [InlineData("010112345678 9abc01000000", "S-1-0x123456789ABC-1")]
    [InlineData("0110000000000005", null)]
    [InlineData("0102000000000005", null)]
    [InlineData("02010000000000051200 0000", null)]
    public void Security_identifiers_have_their_string_form(string hex, string? text) =>
        Assert.Equal(text, SecurityIdentifier.Text(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))));

    [Fact]
    public void Owner_and_group_are_found_by_their_offsets()
    {
        byte[] descriptor = new byte[20 + 12 + 16];
        descriptor[0] = 1;
        descriptor[4] = 20;
        descriptor[8] = 32;
        Convert.FromHexString("010100000000000512000000").CopyTo(descriptor, 20);
        Convert.FromHexString("01020000000000052000000020020000").CopyTo(descriptor, 32);
        Assert.Equal(new FileOwner("S-1-5-18", "S-1-5-32-544"), SecurityDescriptor.Read(descriptor));
        descriptor[7] = 0xFF;
        Assert.Equal(new FileOwner(null, "S-1-5-32-544"), SecurityDescriptor.Read(descriptor));
        Assert.Equal(default, SecurityDescriptor.Read([]));
    }

    [Fact]
    public void Distances_between_runs_are_signed()
    {
        var runs = new List<DataRun>();
        MappingPairs.Decode([0x21, 0x10, 0x00, 0x10, 0x01, 0x08, 0x11, 0x04, 0xF0, 0x12, 0x00, 0x01, 0x80, 0x00], 0, 1 << 20, 10, runs);
        Assert.Equal([new DataRun(0, 16, 0x1000), new DataRun(16, 8, -1), new DataRun(24, 4, 0xFF0), new DataRun(28, 256, 0xF70)], runs);
    }

    [Theory]
    [InlineData("00ff00", 0, 8, true)]
    [InlineData("00ff00", 0, 9, false)]
    [InlineData("00ff00", 7, 1, true)]
    [InlineData("00ff00", 15, 1, false)]
    [InlineData("00ff00", 16, 8, true)]
    [InlineData("00ff00", 16, 9, false)]
    [InlineData("00ff00", 3, 20, false)]
    [InlineData("000000", 1, 22, true)]
    [InlineData("000080", 1, 22, true)]
    [InlineData("000080", 1, 23, false)]
    public void Clusters_are_free_when_no_bit_of_theirs_is_set(string hex, long first, long count, bool isFree) =>
        Assert.Equal(isFree, new ClusterBitmap(new MemorySource(Convert.FromHexString(hex)), 24).IsFree(first, count));

    [Fact]
    public void Bits_behind_the_last_cluster_do_not_count()
    {
        Assert.Equal(9, new ClusterBitmap(new MemorySource(new byte[] { 0xFF, 0xF1 }), 12).CountUsed());
        Assert.Null(new ClusterBitmap(null, 12).CountUsed());
        Assert.False(new ClusterBitmap(null, 12).IsFree(0, 1));
    }

    private static byte[] Little(int value) => [(byte)value, (byte)(value >> 8)];
}
