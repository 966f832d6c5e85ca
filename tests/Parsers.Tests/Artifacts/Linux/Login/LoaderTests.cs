using System.Diagnostics;
using System.Text.RegularExpressions;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Login;

public sealed class LoaderTests
{
    [Fact]
    public void Directories_of_ld_so_conf()
    {
        ArtifactList list = ArtifactRun.Parse(new LdSoConfParser(), "/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n# /old\n/opt/a/lib /opt/b:/opt/c,/opt/d # x\nrelative\n/opt/e=libc6\n");
        Assert.Equal(["/opt/a/lib", "/opt/b", "/opt/c", "/opt/d", "/opt/e"], list.Of<LibraryDirectory>().Select(directory => directory.Directory));
        Assert.Contains("/opt/b/libc.so.6", list.Of<LibraryDirectory>()[1].NamedFiles);
        Assert.NotNull(ArtifactRun.Parse(new LdSoConfParser(), "/etc/ld.so.conf.d/x.off", "/opt/a\n").Of<LibraryDirectory>()[0].DormantBecause);
    }

    /// <summary>ldconfig of the machine that runs the test is the judge of that machine's own cache.</summary>
    [Fact]
    public void The_cache_says_what_ldconfig_prints_of_it()
    {
        const string Path = "/etc/ld.so.cache";
        string? ldconfig = new[] { "/usr/sbin/ldconfig", "/sbin/ldconfig" }.FirstOrDefault(File.Exists);
        if (!File.Exists(Path) || ldconfig is null)
        {
            return;
        }
        using Process process = Process.Start(new ProcessStartInfo(ldconfig, "-p") { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        string[] lines = [.. output.Split('\n').Where(line => line.Contains(" => ", StringComparison.Ordinal))];

        LibraryCache cache = Assert.Single(ArtifactRun.Parse(new LdSoCacheParser(), Path, File.ReadAllBytes(Path)).Of<LibraryCache>());

        Assert.Equal(lines.Length, cache.EntryCount);
        Assert.Equal(lines.Select(line => line.Split(" => ")[1]).Select(path => path[..path.LastIndexOf('/')]).Distinct().Order(StringComparer.Ordinal), cache.Directories.Order(StringComparer.Ordinal));
        string libc = lines.First(line => line.TrimStart().StartsWith("libc.so.6 ", StringComparison.Ordinal)).Split(" => ")[1];
        Assert.Contains(cache.Entries, entry => entry.Key == "libc.so.6" && entry.Value == libc);
    }

    [Fact]
    public void A_cache_of_lies_ends_with_its_bytes()
    {
        byte[] header = new byte[72];
        "glibc-ld.so.cache1.1"u8.CopyTo(header);
        header.AsSpan(20, 4).Fill(0xFF);
        header.AsSpan(48).Fill(0xFF);
        ArtifactList list = ArtifactRun.Parse(new LdSoCacheParser(), "/etc/ld.so.cache", header);
        Assert.Contains(list.Diagnostics, diagnostic => diagnostic.LosesContent);
        Assert.Equal(1, Assert.Single(list.Of<LibraryCache>()).EntryCount);
        Assert.Contains(ArtifactRun.Parse(new LdSoCacheParser(), "/etc/ld.so.cache", "ld.so-1.7.0\0\xFF\xFF\xFF\xFF"u8.ToArray()).Diagnostics, diagnostic => diagnostic.LosesContent);
        Assert.Contains(ArtifactRun.Parse(new LdSoCacheParser(), "/etc/ld.so.cache", "x").Diagnostics, diagnostic => Regex.IsMatch(diagnostic.Code, "form$"));
    }
}
