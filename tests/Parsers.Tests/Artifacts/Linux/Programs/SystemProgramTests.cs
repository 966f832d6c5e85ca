using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

/// <summary>The loader and the programs of OpenSSH say which files they name.</summary>
public sealed class SystemProgramTests
{
    [Theory]
    [InlineData("/usr/lib/ld-linux-x86-64.so.2")]
    [InlineData("/lib/ld-2.31.so")]
    [InlineData("/lib64/ld64.so.1")]
    public void The_loader_names_the_preload_file_or_not(string path)
    {
        SystemProgram right = Assert.Single(Parse(path, "\x7F" + "ELF\0\0/etc/ld.so.cache\0/etc/ld.so.preload\0"));
        Assert.True(right is { IsLoader: true, NamesPreloadFile: true });
        Assert.Equal(["/etc/ld.so.cache", "/etc/ld.so.preload"], right.Paths);

        Assert.False(Assert.Single(Parse(path, "\x7F" + "ELF\0\0/etc/ld.so.preloaX\0/etc/ld.so.preload")).NamesPreloadFile);
    }

    [Fact]
    public void A_server_names_its_files_once_each()
    {
        SystemProgram server = Assert.Single(Parse("/usr/sbin/sshd", "\x7F" + "ELF\0/var/log/x\0a/b\0/var/log/x\0/\0/ab\0/not\u0001printable\0/etc/ssh/y\0"));

        Assert.False(server.IsLoader);
        Assert.Equal(["/var/log/x", "/etc/ssh/y"], server.Paths);
    }

    [Fact]
    public void Others_and_scripts_say_nothing()
    {
        Assert.Empty(Parse("/usr/bin/ls", "\x7F" + "ELF\0/a/b/c\0"));
        Assert.Empty(Parse("/usr/sbin/sshd", "#!/bin/sh\n"));
        Assert.Empty(Parse("/usr/sbin/sshd", "\x7F"));
    }

    [Fact]
    public void A_cut_program_is_reported_and_not_judged()
    {
        var found = new ArtifactList();
        new SystemProgramParser().Parse(Input("/lib/ld-2.31.so", "\x7F" + "ELF\0") with { IsTruncated = true }, found);

        Assert.Empty(found.Artifacts);
        Assert.True(Assert.Single(found.Diagnostics).LosesContent);
    }

    [Theory]
    [InlineData("ls.original", "ls")]
    [InlineData("top_", "top")]
    [InlineData(".ps.bak", "ps")]
    [InlineData(".sshd", "sshd")]
    [InlineData("ls", null)]
    [InlineData("_", null)]
    public void Names_of_backups_lead_to_their_originals(string name, string? original) => Assert.Equal(original, SystemProgramNames.OriginalOf(name));

    private static IReadOnlyList<SystemProgram> Parse(string path, string content)
    {
        var found = new ArtifactList();
        new SystemProgramParser().Parse(Input(path, content), found);
        Assert.Empty(found.Diagnostics);
        return [.. found.Artifacts.Cast<SystemProgram>()];
    }

    private static ArtifactInput Input(string path, string content) =>
        new(new EvidenceLocation("disk.raw", "gpt1@1048576", 1048576, path, 12), new FileEntry { Type = FileType.Regular }, Encoding.Latin1.GetBytes(content));
}
