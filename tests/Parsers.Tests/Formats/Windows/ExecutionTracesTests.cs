using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.ExecutionTraces;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Values of the registry that note which programs were there or ran.</summary>
public sealed class ExecutionTracesTests
{
    private const string Program = @"\??\C:\Users\alice\evil.exe";

    [Fact]
    public void The_cache_of_Windows_XP()
    {
        byte[] value = new ByteWriter().U32(0xDEADBEEF).U32(1).To(400).Utf16(Program, 528).U64(ByteWriter.Ticks(2004, 1, 2)).U64(1234).U64(ByteWriter.Ticks(2004, 1, 3)).ToArray();
        AppCompatCacheEntry entry = Assert.Single(AppCompatCache.Parse(value));
        Assert.Equal((Program, 1234L, "2004-01-02", "2004-01-03"), (entry.Path, entry.FileSize, entry.Modified.ToString()![..10], entry.Updated.ToString()![..10]));
    }

    [Theory]
    [InlineData(0xBADC0FFE, false)]
    [InlineData(0xBADC0FFE, true)]
    [InlineData(0xBADC0FEE, false)]
    [InlineData(0xBADC0FEE, true)]
    public void The_caches_of_2003_Vista_and_7(uint signature, bool is64)
    {
        int header = signature == 0xBADC0FFE ? 8 : 128;
        int size = signature == 0xBADC0FFE ? (is64 ? 32 : 24) : is64 ? 48 : 32;
        ByteWriter value = new ByteWriter().U32(signature).U32(1).To(header).U16(Program.Length * 2).U16(Program.Length * 2 + 2);
        _ = is64 ? value.U32(0).U64((ulong)(header + size)) : value.U32((uint)(header + size));
        value.U64(ByteWriter.Ticks(2012, 3, 4)).U32(2).U32(0).To(header + size).Utf16(Program + "\0");
        AppCompatCacheEntry entry = Assert.Single(AppCompatCache.Parse(value.ToArray()));
        Assert.Equal((Program, "2012-03-04", header == 128 ? true : null, (long?)null), (entry.Path, entry.Modified.ToString()![..10], entry.WasRun, entry.FileSize));
    }

    [Theory]
    [InlineData(128, "00ts", false)]
    [InlineData(128, "10ts", true)]
    [InlineData(0x30, "10ts", false)]
    [InlineData(0x34, "10ts", false)]
    public void The_caches_of_8_and_10(int header, string signature, bool hasPackage)
    {
        var body = new ByteWriter().U16(Program.Length * 2).Utf16(Program);
        if (header == 128)
        {
            _ = hasPackage ? body.U16(4).Utf16("pk") : body;
            body.U32(2).U32(0);
        }
        body.U64(ByteWriter.Ticks(2020, 5, 6)).U32(4).U32(1);
        byte[] one = body.ToArray();
        ByteWriter value = new ByteWriter().U32((uint)header).To(header);
        for (int i = 0; i < 2; i++)
        {
            value.Raw(System.Text.Encoding.ASCII.GetBytes(signature)).U32(7).U32((uint)one.Length).Raw(one);
        }
        IReadOnlyList<AppCompatCacheEntry> entries = AppCompatCache.Parse(value.ToArray());
        Assert.Equal([0, 1], entries.Select(entry => entry.Position));
        Assert.All(entries, entry => Assert.Equal((Program, "2020-05-06", true), (entry.Path, entry.Modified.ToString()![..10], entry.WasRun)));
    }

    [Fact]
    public void What_is_no_cache_is_refused_and_changed_ones_end()
    {
        Assert.Throws<UnknownFormatException>(() => AppCompatCache.Parse([1, 2]));
        Assert.Throws<UnknownFormatException>(() => AppCompatCache.Parse(new byte[200]));
        byte[] seven = new ByteWriter().U32(0xBADC0FEE).U32(1).To(128).U16(8).U16(10).U32(0).U64(176).U64(5).U32(2).Zeros(20).Utf16("C:\\a").ToArray();
        byte[] ten = new ByteWriter().U32(0x34).To(0x34).Raw("10ts"u8).U32(0).U32(26).U16(8).Utf16("C:\\a").U64(5).U32(4).U32(1).ToArray();
        Mutations.Run([seven, ten], 5000, bytes => Assert.InRange(AppCompatCache.Parse(bytes).Count, 0, 100));
    }

    [Fact]
    public void Explorer_counts_under_turned_names()
    {
        byte[] now = new ByteWriter().U32(0).U32(12).U32(3).U32(65_000).To(60).U64(ByteWriter.Ticks(2026, 2, 3)).U32(0).ToArray();
        UserAssistEntry entry = Assert.IsType<UserAssistEntry>(UserAssist.TryParse(@"P:\Hfref\nyvpr\rivy.rkr", now));
        Assert.Equal((@"C:\Users\alice\evil.exe", 12u, 3u, 65_000u, "2026-02-03"), (entry.Name, entry.RunCount, entry.FocusCount, entry.FocusMilliseconds, entry.LastRun.ToString()![..10]));
        byte[] xp = new ByteWriter().U32(1).U32(8).U64(ByteWriter.Ticks(2004, 2, 3)).ToArray();
        Assert.Equal(3u, UserAssist.TryParse("HRZR_EHACNGU:P:\\n.rkr", xp)?.RunCount);
        Assert.Equal(@"UEME_RUNPATH:C:\a.exe", UserAssist.TryParse("HRZR_EHACNGU:P:\\n.rkr", xp)?.Name);
        Assert.Null(UserAssist.TryParse("HRZR_PGYFRFFVBA", now));
        Assert.Null(UserAssist.TryParse("N", [1, 2, 3]));
    }

    [Fact]
    public void The_activity_moderator_notes_the_last_run()
    {
        byte[] data = new ByteWriter().U64(ByteWriter.Ticks(2026, 2, 3)).Zeros(16).ToArray();
        Assert.Equal("2026-02-03", BackgroundActivity.TryParse(@"\Device\HarddiskVolume3\a.exe", data)?.LastRun.ToString()[..10]);
        Assert.Null(BackgroundActivity.TryParse("Version", [1, 0, 0, 0]));
    }

    [Fact]
    public void The_inventory_knows_hash_and_names()
    {
        AmcacheFile file = Assert.IsType<AmcacheFile>(AmcacheFile.From(new Dictionary<string, string>
        {
            ["LowerCaseLongPath"] = @"c:\users\alice\evil.exe", ["FileId"] = "0000DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", ["Size"] = "0x1000", ["Name"] = "evil.exe", ["IsOsComponent"] = "0", ["Publisher"] = "",
        }));
        Assert.Equal(("da39a3ee5e6b4b0d3255bfef95601890afd80709", 4096L, false, (string?)null), (file.Sha1, file.Size, file.IsOsComponent, file.Publisher));
        Assert.Null(AmcacheFile.From([]));
        Assert.Null(AmcacheFile.From([new("LowerCaseLongPath", "a"), new("FileId", "1234")])?.Sha1);
    }
}
