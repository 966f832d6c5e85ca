using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Forensics.Parsers.Formats;
using Xunit;

namespace Forensics.Parsers.Tests.Formats;

public sealed class ProgramFactsTests
{
    /// <summary>Against readelf, on the programs of this machine.</summary>
    [Theory]
    [InlineData("/bin/ls")]
    [InlineData("/bin/sh")]
    [InlineData("/usr/bin/env")]
    public void Needed_libraries_search_paths_and_loader_are_those_of_readelf(string program)
    {
        if (!File.Exists(program) || !Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "readelf"))))
        {
            Assert.Skip("readelf or the program is not there");
        }
        Compare(program);
        Compare(Process.GetCurrentProcess().MainModule!.FileName);
    }

    private static void Compare(string program)
    {
        using Process readelf = Process.Start(new ProcessStartInfo("readelf", ["-d", "-l", "-W", program]) { RedirectStandardOutput = true })!;
        string text = readelf.StandardOutput.ReadToEnd();
        readelf.WaitForExit();
        Assert.True(ElfFile.TryOpen(File.ReadAllBytes(program), out ElfFile elf));
        ElfDynamicFacts facts = ElfDynamicFacts.Read(elf);
        Assert.Equal(Regex.Matches(text, @"\(NEEDED\).*\[(.*)\]").Select(match => match.Groups[1].Value), facts.Needed);
        Assert.Equal(Regex.Matches(text, @"\((?:RUNPATH|RPATH)\).*\[(.*)\]").SelectMany(match => match.Groups[1].Value.Split(':', StringSplitOptions.RemoveEmptyEntries)), facts.SearchPaths);
        Assert.Equal(Regex.Match(text, @"interpreter: (.*)\]").Groups[1].Value, facts.Interpreter ?? "");
        Assert.Equal(Regex.Count(text, @"^  LOAD ", RegexOptions.Multiline), elf.LoadedSegments);
    }

    [Fact]
    public void Every_cut_and_every_flipped_header_byte_is_survived()
    {
        byte[] program = File.ReadAllBytes(Process.GetCurrentProcess().MainModule!.FileName)[..4096];
        for (int length = 0; length < 1024; length += 7)
        {
            Read(program[..length]);
        }
        foreach (byte value in (byte[])[0, 0x7F, 0x80, 0xFF])
        {
            for (int i = 16; i < 600; i++)
            {
                byte[] broken = [.. program];
                broken.AsSpan(i, Math.Min(8, broken.Length - i)).Fill(value);
                Read(broken);
            }
        }
    }

    private static void Read(byte[] bytes)
    {
        if (ElfFile.TryOpen(bytes, out ElfFile elf))
        {
            Assert.True(ElfDynamicFacts.Read(elf).Needed.Count <= 64);
            Assert.InRange(elf.LoadedSegments, 0, 1024);
        }
    }

    [Fact]
    public void Entropy_of_nothing_zeros_text_and_noise()
    {
        Assert.Equal(0, ByteEntropy.Sample([]));
        Assert.Equal(0, ByteEntropy.Sample(new byte[100_000]));
        Assert.Equal(1, ByteEntropy.Sample([.. Enumerable.Repeat<byte[]>([0, 1], 500).SelectMany(pair => pair)]), 6);
        Assert.InRange(ByteEntropy.Sample(RandomNumberGenerator.GetBytes(1 << 20)), 7.98, 8);
    }

    /// <summary>As "go version -m" shows it; the layout is that of debug/buildinfo since Go 1.18.</summary>
    [Fact]
    public void Go_says_its_version_and_the_module()
    {
        byte[] head = [.. "xx"u8, 0xFF, .. " Go buildinf:"u8, 8, 2, .. new byte[16], 8, .. "go1.22.3"u8, .. ".."u8, 0xE6, 0xD6, 0x18, 0xE6, .. "path\tgithub.com/example/tool\nmod\tgithub.com/example/tool\tv1\n"u8];
        GoBuildInfo info = GoBuildInfo.Find(head)!;
        Assert.Equal("go1.22.3", info.Version);
        Assert.Equal("github.com/example/tool", info.Module);
        Assert.Null(GoBuildInfo.Find(" Go buildinf:"u8));
        Assert.Null(GoBuildInfo.Find("nothing"u8));
        Assert.Equal("go", GoBuildInfo.Find(head.AsSpan(0, 20))!.Version);
    }

    [Fact]
    public void Settings_are_found_in_json_with_comments_and_in_lines()
    {
        List<LooseSetting> json = LooseSettings.Read("{ // x\n \"A\": {\"b\" : [\"c\", {\"url\":\"h:1\\/2\",}], \"n\": 12, }, \"cut\": \"en"u8, 100);
        Assert.Equal(["a=", "b=", "url=h:1/2", "n=12", "cut=en"], json.Select(setting => setting.Name + "=" + setting.Value));
        List<LooseSetting> lines = LooseSettings.Read("# user = no\nuser = alice\n  pass: x y \n[section]\nno value\nlast=1"u8, 100);
        Assert.Equal(["user=alice", "pass=x y", "last=1"], lines.Select(setting => setting.Name + "=" + setting.Value));
    }

    [Fact]
    public void Hostile_settings_are_read_in_linear_time_and_bounded()
    {
        foreach (string piece in (string[])["\"", "\"a\":", "\"a\"", "{[", "a=", "\\\"", "\n", " ", "\0\"\0:", "\"a\" \n"])
        {
            byte[] content = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(piece, 2_000_000 / piece.Length)));
            var clock = Stopwatch.StartNew();
            Assert.True(LooseSettings.Read(content, 1000).Count <= 1000);
            Assert.True(LooseSettings.Read(content, int.MaxValue).Count <= content.Length);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), piece);
        }
    }
}
