using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Split;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Images cut into segments, by split(1) and as FTK and EnCase name them.</summary>
public sealed class SplitImageTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly byte[] _raw = TestDisk.Mixed((3 << 20) + 1234, 71);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("disk.raw.", "aa")]
    [InlineData("disk-", "aa")]
    [InlineData("x", "aa")]
    [InlineData("disk.raw.", "aaa", "-a", "3")]
    [InlineData("disk.raw.", "00", "-d")]
    [InlineData("disk.", "000", "-d", "-a", "3")]
    [InlineData("disk.", "001", "--numeric-suffixes=1", "-a", "3")]
    [InlineData("disk.", "00001", "--numeric-suffixes=1", "-a", "5")]
    public void Segments_that_split_writes_are_joined(string prefix, string first, params string[] options)
    {
        Split(_raw, prefix, 300_000, options);
        using VhdTestImage image = VhdTestImage.Open(_folder.File(prefix + first));
        image.AssertIs(_raw);
        Assert.Equal("split/raw", image.Disk.Format);
        Assert.Equal("11", image.Fact("segments"));
        Assert.Equal(11, image.Opened.Length);
        Assert.Empty(image.Codes);
    }

    /// <summary>split(1) goes on after yz with zaaa and after 89 with 9000.</summary>
    [Theory]
    [InlineData("t.", "aa", 700)]
    [InlineData("t.", "00", 1100, "-d")]
    public void Suffixes_that_become_longer_are_followed(string prefix, string first, int segments, params string[] options)
    {
        byte[] raw = TestDisk.Mixed(segments * 512, 4);
        Split(raw, prefix, 512, options);
        using VhdTestImage image = VhdTestImage.Open(_folder.File(prefix + first));
        image.AssertIs(raw);
        Assert.Equal(segments.ToString(CultureInfo.InvariantCulture), image.Fact("segments"));
    }

    [Fact]
    public void Numbers_that_run_out_of_digits_are_followed()
    {
        for (int i = 1; i <= 120; i++)
        {
            _folder.Write("d." + i.ToString("00", CultureInfo.InvariantCulture), [.. BitConverter.GetBytes(i), .. new byte[508]]);
        }
        using VhdTestImage image = VhdTestImage.Open(_folder.File("d.01"));
        Assert.Equal("120", image.Fact("segments"));
        Assert.Equal(120, image.Content.ReadArray(119 * 512, 1)[0]);
    }

    [Fact]
    public void Shared_segments_have_the_digest_of_the_whole()
    {
        foreach (string part in new[] { "000", "001" })
        {
            _folder.Write("ext2." + part, File.ReadAllBytes(SharedImages.Decompress("dfvfs/ext2.splitraw." + part + ".zst")));
        }
        using VhdTestImage image = VhdTestImage.Open(_folder.File("ext2.000"));
        Assert.Equal("196066add11fb71c4c49cf1bb50d6d24",
            System.Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(image.Content.ReadArray(0, (int)image.Content.Length))));
    }

    [Theory]
    [InlineData("qcow2")]
    [InlineData("vhdx")]
    public void What_the_segments_hold_together_is_probed(string format)
    {
        string whole = _folder.File("whole");
        TestTools.Run("qemu-img", "convert", "-f", "raw", "-O", format, _folder.Write("raw", _raw), whole);
        Split(File.ReadAllBytes(whole), "c.", 700_000, "--numeric-suffixes=1", "-a", "3");
        using VhdTestImage image = VhdTestImage.Open(_folder.File("c.001"));
        Assert.Equal("split/" + format, image.Disk.Format);
        Assert.Equal(_raw, image.Content.ReadArray(0, _raw.Length));
    }

    [Theory]
    [InlineData("disk.001")]
    [InlineData("disk.000")]
    [InlineData("disk.aa")]
    [InlineData("disk.002")]
    [InlineData("xaa")]
    [InlineData("2024.20")]
    public void File_with_such_a_name_alone_is_one_image(string name)
    {
        using VhdTestImage image = VhdTestImage.Open(_folder.Write(name, _raw));
        image.AssertIs(_raw);
        Assert.Equal("raw", image.Disk.Format);
        Assert.Empty(image.Codes);
    }

    [Fact]
    public void Missing_segment_is_named()
    {
        Split(_raw, "disk.", 300_000, "-d", "-a", "3");
        File.Delete(_folder.File("disk.004"));
        string message = VhdTestImage.Refused<UnsupportedFeatureException>(_folder.File("disk.000")).Message;
        Assert.Equal("not supported: split image of which segment 'disk.004' is missing, as 'disk.005' is there", message);
    }

    [Fact]
    public void Missing_second_segment_is_named_too()
    {
        Split(_raw, "disk.", 300_000);
        File.Delete(_folder.File("disk.ab"));
        File.Delete(_folder.File("disk.ac"));
        Assert.Contains("'disk.ab' is missing, as 'disk.ad' is there", VhdTestImage.Refused<UnsupportedFeatureException>(_folder.File("disk.aa")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Later_segment_is_refused_with_the_name_of_the_first()
    {
        byte[] raw = new byte[3 << 20];
        raw.AsSpan().Fill(0x61);
        Split(raw, "disk.", 300_000, "--numeric-suffixes=1", "-a", "3");
        Assert.Equal("not supported: 'disk.003' alone, a later segment of a split image (name its first segment, 'disk.001')",
            VhdTestImage.Refused<UnsupportedFeatureException>(_folder.File("disk.003")).Message);
        Split(raw, "n.", 300_000, "-d", "-a", "3");
        Assert.Contains("'n.000'", VhdTestImage.Refused<UnsupportedFeatureException>(_folder.File("n.001")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_disk_with_a_later_number_is_read_and_said()
    {
        byte[] disk = [.. _raw];
        disk[510] = 0x55;
        disk[511] = 0xAA;
        _folder.Write("vm.01", disk);
        using VhdTestImage image = VhdTestImage.Open(_folder.Write("vm.02", disk));
        image.AssertIs(disk);
        Assert.Equal(["split.later"], image.Codes);
    }

    [Fact]
    public void Whole_beside_its_parts_is_read_alone()
    {
        Split(_raw, "disk.", 300_000);
        using VhdTestImage image = VhdTestImage.Open(_folder.Write("disk.dd", _raw));
        image.AssertIs(_raw);
        Assert.Equal("raw", image.Disk.Format);
        Assert.Empty(image.Codes);
    }

    [Fact]
    public void Segment_of_another_length_is_said()
    {
        Split(_raw, "disk.", 300_000);
        File.WriteAllBytes(_folder.File("disk.ac"), new byte[1000]);
        using VhdTestImage image = VhdTestImage.Open(_folder.File("disk.aa"));
        Assert.Equal(["split.length"], image.Codes);
        Assert.True(image.LosesContent);
    }

    [Theory]
    [InlineData("disk.1")]
    [InlineData("disk.000000")]
    [InlineData("disk")]
    [InlineData("data")]
    [InlineData(".001x")]
    [InlineData("001")]
    [InlineData(".001")]
    [InlineData("aa")]
    [InlineData("disk.raw")]
    [InlineData("")]
    public void Name_without_such_a_suffix_is_none_or_no_first(string name) => Assert.False(SegmentNames.Parse(name)?.IsFirst ?? false);

    [Fact]
    public void Joined_parts_read_as_one_also_when_some_are_empty()
    {
        var joined = SegmentedSource.Join([MemorySource.Empty, new MemorySource("abc"u8.ToArray()), MemorySource.Empty, MemorySource.Empty, new MemorySource("defg"u8.ToArray()), MemorySource.Empty]);
        Assert.Equal(7, joined.Length);
        for (int i = 0; i <= 7; i++)
        {
            Assert.Equal("abcdefg"[i..], System.Text.Encoding.ASCII.GetString(joined.ReadArray(i, 10)));
        }
    }

    private void Split(byte[] raw, string prefix, int length, params string[] options) =>
        TestTools.Run("split", ["-b", length.ToString(CultureInfo.InvariantCulture), .. options, _folder.Write("source", raw), _folder.File(prefix)]);
}
