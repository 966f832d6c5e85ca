using System.Globalization;
using System.Security.Cryptography;
using Forensics.Parsers.Images.Ewf;
using Xunit;

namespace Forensics.Parsers.Tests.Images.Ewf;

/// <summary>Images that ewfacquire writes read as the raw bytes they were made from, with the digests and case data that ewfinfo shows.</summary>
public sealed class EwfFormatTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, int, int> Variants()
    {
        var data = new TheoryData<string, string, int, int>();
        foreach (string format in new[] { "ewf", "smart", "ftk", "encase1", "encase2", "encase3", "encase4", "encase5", "encase6", "encase7", "linen5", "linen6", "linen7", "ewfx" })
        {
            data.Add(format, "fast", 64, 0);
        }
        foreach (string compression in new[] { "none", "empty-block", "best" })
        {
            data.Add("encase6", compression, 64, 0);
            data.Add("smart", compression, 64, 1 << 20);
        }
        foreach (int sectors in new[] { 16, 128, 4096, 32768 })
        {
            data.Add("encase6", "fast", sectors, 0);
        }
        data.Add("encase6", "none", 16, 1 << 20);
        data.Add("encase7", "fast", 64, 1 << 20);
        data.Add("encase5", "empty-block", 64, 1 << 20);
        data.Add("ftk", "none", 64, 1 << 20);
        data.Add("linen7", "best", 64, 1 << 20);
        data.Add("ewfx", "none", 64, 1 << 20);
        return data;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Content_equals_the_raw_disk_for_every_format_and_compression(string format, string compression, int sectors, int segmentSize)
    {
        byte[] raw = TestDisk.Mixed((4 << 20) + 1536, seed: 17);
        string image = Acquire(raw, format, compression, sectors, segmentSize);
        using OpenedDisk disk = new OpenedDisk(image);
        Assert.Equal("ewf", disk.Disk.Format);
        Assert.Empty(disk.Diagnostics);
        disk.AssertEquals(raw);
        Assert.Empty(disk.Diagnostics);
        Assert.Equal(Directory.GetFiles(_folder.Root, "disk.*").Length - 1, disk.Opened.Length);
        Assert.Equal(disk.Opened.Length.ToString(CultureInfo.InvariantCulture), disk.Fact("segments"));
        if (segmentSize > 0 && compression == "none")
        {
            Assert.True(disk.Opened.Length > 3);
        }
        Assert.Contains(new Parsers.Images.StoredDigest("md5", Convert.ToHexStringLower(MD5.HashData(raw))), disk.Disk.StoredDigests);
        Assert.All(disk.Disk.StoredDigests.Where(digest => digest.Algorithm == "sha1"), digest => Assert.Equal(Convert.ToHexStringLower(SHA1.HashData(raw)), digest.Hex));
        Assert.Equal("C-4711", disk.Fact("case number"));
        Assert.Equal("J. Doe", disk.Fact("examiner name"));
    }

    [Fact]
    public void Shared_images_have_the_digest_of_the_oracle()
    {
        foreach ((string path, string md5) in new[] { ("dfvfs/ext2.E01", "196066add11fb71c4c49cf1bb50d6d24"), ("go-ewf/test.ntfs.dd.E01", "8b4382280340597b7930b4b34742afba") })
        {
            using OpenedDisk disk = new OpenedDisk(Path.Combine(SharedImages.Require(), path));
            Assert.Equal(md5, Convert.ToHexStringLower(MD5.HashData(disk.Read())));
            Assert.Empty(disk.Diagnostics);
            Assert.Equal(nameof(EwfFormat), new EwfFormat().GetType().Name);
        }
    }

    [Fact]
    public void Shared_image_in_two_segments_has_the_digest_of_the_oracle()
    {
        File.Copy(SharedImages.Decompress("dfvfs/ext2.split.E01.zst"), _folder.File("ext2.E01"));
        File.Copy(SharedImages.Decompress("dfvfs/ext2.split.E02.zst"), _folder.File("ext2.E02"));
        using OpenedDisk disk = new OpenedDisk(_folder.File("ext2.E01"));
        Assert.Equal("196066add11fb71c4c49cf1bb50d6d24", Convert.ToHexStringLower(MD5.HashData(disk.Read())));
        Assert.Empty(disk.Diagnostics);
    }

    [Theory]
    [InlineData(1, "a.E01")]
    [InlineData(99, "a.E99")]
    [InlineData(100, "a.EAA")]
    [InlineData(101, "a.EAB")]
    [InlineData(125, "a.EAZ")]
    [InlineData(126, "a.EBA")]
    [InlineData(775, "a.EZZ")]
    [InlineData(776, "a.FAA")]
    [InlineData(14971, "a.ZZZ")]
    [InlineData(14972, null)]
    public void Names_of_segments_follow_the_rule(int number, string? name)
    {
        Assert.Equal(name, EwfSegmentNames.Name("a.E01", number));
        Assert.Equal(name?.ToLowerInvariant(), EwfSegmentNames.Name("a.e01", number));
    }

    [Fact]
    public void Names_are_derived_only_from_the_name_of_a_first_segment()
    {
        Assert.Equal("x.y.saa", EwfSegmentNames.Name("x.y.s01", 100));
        Assert.Null(EwfSegmentNames.Name("image.dd", 2));
        Assert.Null(EwfSegmentNames.Name("image.E02", 2));
        Assert.Null(EwfSegmentNames.Name("E01", 2));
        Assert.Null(EwfSegmentNames.Name("", 2));
    }

    [Fact]
    public void Case_data_are_what_ewfinfo_shows_and_never_markup_or_escape_codes()
    {
        string image = Acquire(TestDisk.Mixed(100_000, 1), "encase6", "fast", 64, 0, "Müller \u001b[31m<b>\u202e");
        using OpenedDisk disk = new OpenedDisk(image);
        Assert.Equal(@"Müller \x1b[31m<b>\xe2\x80\xae", disk.Fact("examiner name"));
        string shown = TestTools.Run("ewfinfo", "-d", "iso8601", image);
        Assert.Contains("Software version used:\t" + disk.Fact("acquisition software version"), shown, StringComparison.Ordinal);
        Assert.Contains("Operating system used:\t" + disk.Fact("acquisition operating system"), shown, StringComparison.Ordinal);
        Assert.Contains("Error granularity:\t" + disk.Fact("error granularity").Split(' ')[0], shown, StringComparison.Ordinal);
        Assert.Contains("MD5:\t\t\t" + disk.Disk.StoredDigests[0].Hex, shown, StringComparison.Ordinal);
        Assert.EndsWith("Z", disk.Fact("acquisition date"), StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_a_hundred_segments_are_one_disk_to_ewfexport_too()
    {
        const int Segments = 130;
        byte[] raw = TestDisk.Mixed(Segments * EwfBuilder.ChunkSize, seed: 12);
        for (int i = 1; i <= Segments; i++)
        {
            byte[] chunk = raw[((i - 1) * EwfBuilder.ChunkSize)..(i * EwfBuilder.ChunkSize)];
            var builder = new EwfBuilder(i);
            if (i == 1)
            {
                builder.Section("header", EwfBuilder.Compress("1\nmain\nc\tn\ta\te\tt\tav\tov\tm\tu\tp\tr\n1\t1\t1\t1\t1\t1\t1\t2026 1 2 3 4 5\t2026 1 2 3 4 5\t0\tf\n\n"u8));
            }
            builder.Volume(raw.Length, i == 1 ? "volume" : "data").Chunks(chunk).Section(i == Segments ? "done" : "next", []);
            _folder.Write(EwfSegmentNames.Name("disk.E01", i)!, builder.Build());
        }
        TestTools.Run("ewfexport", "-u", "-q", "-f", "raw", "-t", _folder.File("export"), _folder.File("disk.E01"));
        Assert.Equal(raw, File.ReadAllBytes(_folder.File("export.raw")));
        using OpenedDisk disk = new OpenedDisk(_folder.File("disk.E01"));
        Assert.Equal(Segments, disk.Opened.Length);
        Assert.Equal("disk.EAA", disk.Opened[99]);
        disk.AssertEquals(raw);
        Assert.Empty(disk.Diagnostics);
        Assert.Equal("2026-01-02 03:04:05 local time", disk.Fact("acquisition date"));
    }

    private string Acquire(byte[] raw, string format, string compression, int sectors, int segmentSize, string examiner = "J. Doe")
    {
        string source = _folder.Write("disk.raw", raw);
        string target = _folder.File("disk");
        string[] options = ["-u", "-q", "-f", format, "-c", "deflate:" + compression, "-b", sectors.ToString(CultureInfo.InvariantCulture), "-C", "C-4711", "-e", examiner, "-d", "sha1"];
        if (segmentSize > 0)
        {
            options = [.. options, "-S", segmentSize.ToString(CultureInfo.InvariantCulture)];
        }
        TestTools.Run("ewfacquire", [.. options, "-t", target, source]);
        return Directory.GetFiles(_folder.Root, "disk.?01").Single();
    }
}
