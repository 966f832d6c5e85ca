using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Packages;
using Xunit;

namespace Forensics.Parsers.Tests.Packages;

public sealed class ApkReaderTests
{
    [Theory]
    [InlineData("/lib/apk/db")]
    [InlineData("/usr/lib/apk/db")]
    public void Packages_files_owners_and_digests_are_read(string directory)
    {
        PackageIndex index = Alpine(directory).Read(out DiagnosticList diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(["busybox 1.36.1-r2 x86_64 busybox True", "openrc 0.52-r1 x86_64 openrc False"],
            index.Packages.Select(package => $"{package.Name} {package.Version} {package.Architecture} {package.Source} {package.IsExplicit}"));
        Assert.Equal(("Natanael Copa <ncopa@example.org>", new Timestamp(1686000000, 0)), (index.Packages[0].Vendor, index.Packages[0].BuiltAt));
        Assert.Equal(["post-install", "trigger"], index.Packages[0].Scripts.Select(script => script.Kind));
        Assert.StartsWith("#!/bin/busybox sh", index.Packages[0].Scripts[0].Text, StringComparison.Ordinal);
        Assert.True(index.TryFind("/bin/busybox", out PackageFile busybox));
        Assert.Equal((DigestAlgorithm.Sha1, 0x1ED, "0", "0"), (busybox.Algorithm, busybox.Permissions, busybox.User, busybox.Group));
        Assert.True(index.TryFind("/var/spool/cron", out PackageFile cron) && cron is { Permissions: 0x1E8, Group: "16", Kind: PackageFileKind.Directory });
    }

    [Fact]
    public void Content_links_and_configuration_are_judged()
    {
        PackageIndex index = Alpine("/lib/apk/db").Read();
        Assert.Equal(ProvenanceState.VendorIntact, index.Judge("/bin/busybox", "busybox"u8.ToArray(), 0x1ED).State);
        Assert.Equal(ProvenanceState.VendorModified, index.Judge("/bin/busybox", "trojan!"u8.ToArray(), 0x1ED).State);
        Assert.Equal(ProvenanceState.VendorIntact, index.JudgeLink("/bin/sh", "/bin/busybox").State);
        Assert.Equal((ProvenanceState.VendorModified, FileDifferences.LinkTarget), (index.JudgeLink("/bin/sh", "/tmp/sh").State, index.JudgeLink("/bin/sh", "/tmp/sh").Differences));
        Assert.Equal(ProvenanceState.ConfigModified, index.Judge("/etc/securetty", "other"u8.ToArray()).State);
        Assert.Equal(ProvenanceState.VendorModified, index.Judge("/etc/init.d/cron", "other"u8.ToArray(), 0x1ED).State);
        // Applets are links that busybox --install makes and nobody owns.
        Assert.Equal("busybox-link", index.JudgeLink("/bin/ls", "/bin/busybox").Rule!.Name);
        Assert.Equal(ProvenanceState.Alien, index.JudgeLink("/bin/ls", "/tmp/busybox").State);
        Assert.Equal(ProvenanceState.Alien, index.Judge("/usr/bin/miner", [1]).State);
    }

    [Fact]
    public void Cut_and_changed_databases_are_read_as_far_as_they_go()
    {
        byte[] whole = System.Text.Encoding.ASCII.GetBytes(Installed);
        byte[] scripts = Scripts();
        var random = new Random(7);
        for (int i = 0; i <= 64; i++)
        {
            Alpine("/lib/apk/db").Add("/lib/apk/db/installed", whole[..(whole.Length * i / 64)]).Add("/lib/apk/db/scripts.tar", scripts[..(scripts.Length * i / 64)]).Read();
            byte[] mutant = [.. scripts];
            Images.Mutator.Mutate(random, mutant, [0..512, 0..2048]);
            byte[] text = [.. whole];
            Images.Mutator.Mutate(random, text, [Range.All]);
            Alpine("/lib/apk/db").Add("/lib/apk/db/installed", text).Add("/lib/apk/db/scripts.tar", mutant).Read();
        }
        PackageIndex index = Alpine("/lib/apk/db").Add("/lib/apk/db/scripts.tar", scripts[..700]).Read(out DiagnosticList diagnostics);
        Assert.Equal(2, index.Packages.Count);
        Assert.Equal("apk.scripts.damaged", Assert.Single(diagnostics.Items).Code);
    }

    private static string Installed =>
        "C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=\nP:busybox\nV:1.36.1-r2\nA:x86_64\nS:500000\nI:962560\nT:Size optimized toolbox\nU:https://busybox.net/\nL:GPL-2.0-only\no:busybox\n"
        + "m:Natanael Copa <ncopa@example.org>\nt:1686000000\nc:1dbf7a793afae640ea643a055b6dd4f430ac116b\nD:so:libc.musl-x86_64.so.1\np:cmd:busybox=1.36.1-r2\nr:busybox-initscripts\n"
        + "F:bin\nR:busybox\na:0:0:755\nZ:" + Q1("busybox") + "\nR:sh\na:0:0:777\nZ:" + Q1("/bin/busybox") + "\nF:etc\nR:securetty\nZ:" + Q1("console\n") + "\nF:var\nF:var/spool/cron\nM:0:16:750:Q1abc\n\n"
        + "P:openrc\nV:0.52-r1\nA:x86_64\nF:etc/init.d\nR:cron\na:0:0:755\nZ:" + Q1("start") + "\n\n";

    private static HostMemory Alpine(string directory) => new HostMemory().Add(directory + "/installed", Installed).Add(directory + "/scripts.tar", Scripts())
        .Add("/etc/apk/world", "alpine-base\nbusybox>1@edge nginx~=1.2\n");

#pragma warning disable CA5350 // apk uses SHA-1
    private static string Q1(string content) => "Q1" + Convert.ToBase64String(SHA1.HashData(System.Text.Encoding.ASCII.GetBytes(content)));
#pragma warning restore CA5350

    private static byte[] Scripts()
    {
        var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Gnu, leaveOpen: true))
        {
            foreach (string name in (string[])["busybox-1.36.1-r2.Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=.post-install", "busybox-1.36.1-r2.Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=.trigger", new string('n', 120) + "-1.Q1x=.pre-upgrade"])
            {
                writer.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream("#!/bin/busybox sh\nexit 0\n"u8.ToArray()) });
            }
        }
        return archive.ToArray();
    }
}

public sealed class PacmanReaderTests
{
    private const string Folder = "/var/lib/pacman/local/tool-1.0-1/";

    [Fact]
    public void Package_files_modes_owners_and_digests_are_read()
    {
        PackageIndex index = Arch(Tree).Read(out DiagnosticList diagnostics);
        Assert.Empty(diagnostics.Items);
        Package package = Assert.Single(index.Packages);
        Assert.Equal(("tool", "1:1.0-1", "x86_64", "Some Body <s@example.org>", "tools", false), (package.Name, package.Version, package.Architecture, package.Vendor, package.Source, package.IsExplicit));
        Assert.Equal((new Timestamp(1700000100, 0), new Timestamp(1700000000, 0)), (package.InstalledAt, package.BuiltAt));
        Assert.Equal(Folder + "install", Assert.Single(package.Scripts).Path);
        Assert.Equal(["pgp"], package.Signatures);
        Assert.True(index.TryFind("/usr/bin/tool", out PackageFile tool));
        Assert.Equal((DigestAlgorithm.Sha256, 0x9ED, "0", "5", 6L), (tool.Algorithm, tool.Permissions, tool.User, tool.Group, tool.Size));
        Assert.True(index.TryFind("/usr/share/with space", out PackageFile spaced) && spaced.Algorithm == DigestAlgorithm.Md5 && spaced.Permissions == 0x1A4);
        Assert.Equal(PackageFileKind.Directory, index.FindAll("/usr/bin").Single().Kind);
        Assert.Equal("tool", index.FindAll("/usr/bin/link").Single().LinkTarget);
        Assert.False(index.IsOwned("/.PKGINFO"));
    }

    [Fact]
    public void Content_and_configuration_are_judged()
    {
        PackageIndex index = Arch(Tree).Read();
        Assert.Equal(ProvenanceState.VendorIntact, index.Judge("/usr/bin/tool", "hello\n"u8.ToArray(), 0x9ED).State);
        Assert.Equal((ProvenanceState.VendorModified, FileDifferences.Digest), (index.Judge("/usr/bin/tool", "hellO\n"u8.ToArray(), 0x9ED).State, index.Judge("/usr/bin/tool", "hellO\n"u8.ToArray(), 0x9ED).Differences & FileDifferences.Digest));
        Assert.Equal(ProvenanceState.ConfigModified, index.Judge("/etc/tool.conf", "changed"u8.ToArray()).State);
        Assert.Equal(ProvenanceState.VendorIntact, index.JudgeLink("/usr/bin/link", "tool").State);
        Assert.Equal(ProvenanceState.VendorModified, index.JudgeLink("/usr/bin/link", "/tmp/x").State);
    }

    [Fact]
    public void Cut_damaged_and_exploding_trees_are_bounded()
    {
        byte[] packed = Gzip(Tree);
        for (int i = 1; i < 64; i++)
        {
            PackageIndex index = Arch(Tree).Add(Folder + "mtree", packed[..(packed.Length * i / 64)]).Read(out DiagnosticList diagnostics);
            Assert.True(index.IsOwned("/usr/bin/tool"));
            if (packed.Length * i / 64 > 0)
            {
                Assert.Contains(diagnostics.Items, item => item.Code == "packages.gzip.damaged");
            }
        }
        var bomb = new byte[100 << 20];
        Arch(Tree).Add(Folder + "mtree", Gzip(System.Text.Encoding.Latin1.GetString(bomb))).Read(out DiagnosticList bombs);
        Assert.Contains(bombs.Items, item => item.Code == "packages.gzip.damaged");
        Assert.Contains(Arch(Tree).Add(Folder + "desc", "%VERSION%\n1\n").Read(out DiagnosticList nameless).Packages.Count.ToString(), "0");
        Assert.Equal("pacman.desc.damaged", Assert.Single(nameless.Items).Code);
    }

    private const string Tree = "#mtree\n/set type=file uid=0 gid=0 mode=644\n./.PKGINFO time=1696727741.0 size=830 sha256digest=3aa17bec02b34c157e7c739c62e0e37a9d19f1459d404d7c6f2c14c6008127cd\n"
        + "/set mode=755\n./usr time=1.0 type=dir\n./usr/bin time=1.0 type=dir\n./usr/bin/link time=1.0 mode=777 type=link link=tool\n"
        + "./usr/bin/tool time=1731613789.0 mode=4755 gid=5 size=6 md5digest=b1946ac92492d2347c6235b4d2611184 sha256digest=5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\n"
        + "/set mode=644\n./usr/share/with\\040space time=1.5 size=6 md5digest=b1946ac92492d2347c6235b4d2611184\n./not/listed size=1\n";

    private static HostMemory Arch(string tree) => new HostMemory()
        .Add("/var/lib/pacman/local/ALPM_DB_VERSION", "9\n")
        .Add(Folder + "desc", "%NAME%\ntool\n\n%VERSION%\n1:1.0-1\n\n%BASE%\ntools\n\n%ARCH%\nx86_64\n\n%BUILDDATE%\n1700000000\n\n%INSTALLDATE%\n1700000100\n\n%PACKAGER%\nSome Body <s@example.org>\n\n%REASON%\n1\n\n%VALIDATION%\npgp\n\n")
        .Add(Folder + "files", "%FILES%\netc/\netc/tool.conf\nusr/\nusr/bin/\nusr/bin/link\nusr/bin/tool\nusr/share/with space\n\n%BACKUP%\netc/tool.conf\tb1946ac92492d2347c6235b4d2611184\n\n")
        .Add(Folder + "install", "post_install() { :; }\n").Add(Folder + "mtree", Gzip(tree));

    private static byte[] Gzip(string text)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
        {
            gzip.Write(System.Text.Encoding.Latin1.GetBytes(text));
        }
        return target.ToArray();
    }
}
