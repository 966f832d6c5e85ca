using System.Text.RegularExpressions;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Prefetch;
using Forensics.Parsers.Tests.Bytes.Compressed;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Prefetch files of all versions.</summary>
public sealed class PrefetchTests
{
    [Fact]
    public void One_of_Windows_XP_says_what_sccainfo_says()
    {
        string path = Path.Combine(SharedImages.Require(), "plaso/winprefetch/CMD.EXE-087B4001.pf");
        PrefetchFile file = PrefetchFile.Parse(File.ReadAllBytes(path));
        Assert.Equal((17u, "CMD.EXE", 0x087B4001u, 2u), (file.Version, file.Executable, file.Hash, file.RunCount));
        Assert.Equal("2013-03-10T10:11:49.281250000Z", Assert.Single(file.LastRuns).ToString());
        PrefetchedVolume volume = Assert.Single(file.Volumes);
        Assert.Equal((@"\DEVICE\HARDDISKVOLUME1", 0x24cb074bu, "2013-03-10T10:19:46.234375000Z"), (volume.DevicePath, volume.SerialNumber, volume.Created.ToString()));
        Assert.Equal(@"\DEVICE\HARDDISKVOLUME1\WINDOWS\SYSTEM32\CMD.EXE", file.ExecutablePath);
        Assert.False(file.IsDamaged);
        Assert.Equal(FilesOf(path), file.Files.Select(one => one.Path));
    }

    [Theory]
    [InlineData(17, false)]
    [InlineData(23, false)]
    [InlineData(26, false)]
    [InlineData(30, false)]
    [InlineData(30, true)]
    [InlineData(31, true)]
    public void Every_version_gives_its_fields(int version, bool isShort)
    {
        byte[] bytes = PrefetchWriter.Make(version, isShort);
        PrefetchFile file = PrefetchFile.Parse(bytes);
        Assert.Equal(((uint)version, "TOOL.EXE", 0xDEADBEEFu, 7u), (file.Version, file.Executable, file.Hash, file.RunCount));
        Assert.Equal(version >= 26 ? ["2026-05-01", "2026-04-01", "2026-03-01"] : ["2026-05-01"], file.LastRuns.Select(time => time.ToString()[..10]));
        Assert.Equal(PrefetchWriter.Device + @"\USERS\ALICE\DOWNLOADS\TOOL.EXE", file.ExecutablePath);
        Assert.Equal(version == 17 ? null : 101ul, file.Files[1].MftRecord);
        Assert.Equal([PrefetchWriter.Device + @"\WINDOWS", PrefetchWriter.Device + @"\USERS\ALICE\DOWNLOADS"], Assert.Single(file.Volumes).Directories);
        Assert.False(file.IsDamaged);
        Assert.Equivalent(file, PrefetchFile.Parse(MamFileTests.Pack(bytes, withChecksum: false)));
    }

    [Theory]
    [InlineData(17, false)]
    [InlineData(23, false)]
    [InlineData(26, false)]
    [InlineData(30, false)]
    [InlineData(30, true)]
    public void An_independent_tool_reads_what_was_written_alike(int version, bool isShort)
    {
        if (!File.Exists("/usr/bin/sccainfo"))
        {
            Assert.Skip("sccainfo is not installed");
        }
        string path = Path.GetTempFileName();
        string output = Path.GetTempFileName();
        File.WriteAllBytes(path, MamFileTests.Pack(PrefetchWriter.Make(version, isShort), withChecksum: false));
        if (version < 30)
        {
            File.WriteAllBytes(path, PrefetchWriter.Make(version, isShort));
        }
        SharedImages.Run("sccainfo", [path], output);
        string text = File.ReadAllText(output);
        File.Delete(path);
        File.Delete(output);
        foreach (string expected in (string[])["0xdeadbeef", "TOOL.EXE", "May 01, 2026", "0x1234abcd", PrefetchWriter.Device + @"\USERS\ALICE\DOWNLOADS\TOOL.EXE", "Jan 02, 2025"])
        {
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }
        Assert.Matches(@"Run count\s*: 7\b", text);
    }

    [Fact]
    public void What_is_none_is_refused()
    {
        Assert.Throws<UnknownFormatException>(() => PrefetchFile.Parse("not a prefetch file at all"u8));
        byte[] other = PrefetchWriter.Make(23);
        other[0] = 99;
        Assert.Throws<UnsupportedFeatureException>(() => PrefetchFile.Parse(other));
        Assert.True(PrefetchFile.Parse(PrefetchWriter.Make(23)[..400]).IsDamaged);
    }

    [Fact]
    public void Changed_files_are_read_or_refused_soon() => Mutations.Run(
        [PrefetchWriter.Make(17), PrefetchWriter.Make(23), PrefetchWriter.Make(26), PrefetchWriter.Make(30), MamFileTests.Pack(PrefetchWriter.Make(31), withChecksum: true)], 5000,
        bytes => Assert.NotNull(PrefetchFile.Parse(bytes).Executable));

    private static string[] FilesOf(string path)
    {
        if (!File.Exists("/usr/bin/sccainfo"))
        {
            Assert.Skip("sccainfo is not installed");
        }
        string output = Path.GetTempFileName();
        SharedImages.Run("sccainfo", [path], output);
        string[] files = [.. Regex.Matches(File.ReadAllText(output), @"Filename: \d+\s*: (.*)").Select(match => match.Groups[1].Value)];
        File.Delete(output);
        return files;
    }
}
