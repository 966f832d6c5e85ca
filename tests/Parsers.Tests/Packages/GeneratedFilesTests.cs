using System.Text;
using Forensics.Parsers.Packages;
using Xunit;

namespace Forensics.Parsers.Tests.Packages;

public sealed class GeneratedFilesTests
{
    private static readonly PackageIndex s_index = new HostMemory().Add("/var/lib/dpkg/status", "Package: t\nStatus: install ok installed\n")
        .Add("/var/lib/dpkg/info/t.list", "/usr/lib/python3\n/usr/lib/python3/mod.py\n/usr/lib/python3/a.b.py\n/lib/systemd/system/ssh.service\n/etc/init.d/ssh\n/usr/share/ca-certificates/x.crt\n").Read();

    [Theory]
    [InlineData("/etc/ld.so.cache", "loader-cache")]
    [InlineData("/usr/lib/python3/__pycache__/mod.cpython-311.pyc", "python-bytecode")]
    [InlineData("/usr/lib/python3/__pycache__/mod.cpython-311.opt-1.pyc", "python-bytecode")]
    [InlineData("/usr/lib/python3/__pycache__/a.b.cpython-313.pyc", "python-bytecode")]
    [InlineData("/usr/lib/python3/mod.pyc", "python-bytecode")]
    [InlineData("/usr/lib/python3/mod.pyo", "python-bytecode")]
    [InlineData("/usr/lib/python3/__pycache__/evil.cpython-311.pyc", null)]
    [InlineData("/usr/lib/python3/__pycache__/mod.pyc", null)]
    [InlineData("/usr/lib/python3/evil.pyc", null)]
    [InlineData("/opt/x/__pycache__/mod.cpython-311.pyc", null)]
    [InlineData("/etc/dconf/db/local", "dconf")]
    [InlineData("/usr/share/mime/mime.cache", "mime-database")]
    [InlineData("/usr/share/mime/text/x-foo.xml", "mime-database")]
    [InlineData("/usr/share/mime/packages/deep/x.xml", null)]
    [InlineData("/boot/initrd.img-6.1.0-13-amd64", "initramfs")]
    [InlineData("/boot/initramfs-5.14.0.el9.x86_64.img", "initramfs")]
    [InlineData("/boot/.hidden", null)]
    [InlineData("/lib/modules/6.1.0/modules.dep.bin", "module-index")]
    [InlineData("/lib/modules/6.1.0/kernel/drivers/evil.ko", null)]
    [InlineData("/etc/ssl/certs/930ac5d2.0", "certificates")]
    [InlineData("/etc/ssl/certs/930ac5d2.x", null)]
    [InlineData("/etc/passwd", "account-database")]
    [InlineData("/etc/passwd.old", null)]
    [InlineData("/usr/lib/x86_64-linux-gnu/gio/modules/giomodule.cache", "desktop-cache")]
    [InlineData("/usr/local/bin/x", null)]
    [InlineData("/etc/cron.d/x", null)]
    [InlineData("/etc/ld.so.preload", null)]
    public void Unowned_data_is_explained_by_its_place(string path, string? rule) =>
        Assert.Equal(rule, GeneratedFiles.Match(path, new ObservedFile { Kind = PackageFileKind.Regular, Permissions = 0x1A4 }, s_index)?.Name);

    [Theory]
    [InlineData("/etc/systemd/system/multi-user.target.wants/ssh.service", "/lib/systemd/system/ssh.service", "service-link")]
    [InlineData("/etc/systemd/system/multi-user.target.wants/evil.service", "/etc/systemd/system/evil.service", null)]
    [InlineData("/etc/rc2.d/S01ssh", "../init.d/ssh", "service-link")]
    [InlineData("/etc/rc2.d/S01evil", "../init.d/evil", null)]
    [InlineData("/etc/rc2.d/ssh", "../init.d/ssh", null)]
    [InlineData("/etc/ssl/certs/x.pem", "/usr/share/ca-certificates/x.crt", "certificate-link")]
    [InlineData("/etc/ssl/certs/x.pem", "/tmp/x.crt", null)]
    [InlineData("/vmlinuz", "boot/vmlinuz-6.1", "kernel-link")]
    [InlineData("/usr/bin/ls", "/usr/lib/python3/mod.py", null)]
    [InlineData("/etc/ld.so.cache", "/tmp/cache", null)]
    public void Unowned_link_is_explained_by_its_target(string path, string target, string? rule) =>
        Assert.Equal(rule, GeneratedFiles.Match(path, new ObservedFile { Kind = PackageFileKind.Link, LinkTarget = target, Permissions = 0x1FF }, s_index)?.Name);

    [Fact]
    public void Data_that_may_be_executed_is_not_explained_and_rules_say_what_to_examine()
    {
        Assert.Null(GeneratedFiles.Match("/etc/ld.so.cache", new ObservedFile { Kind = PackageFileKind.Regular, Permissions = 0x1ED }, s_index));
        Assert.Null(GeneratedFiles.Match("/etc/ld.so.cache", null, s_index));
        Assert.All((string[])["initramfs", "boot-loader", "python-bytecode", "account-database", "maintainer-configuration"], name => Assert.True(GeneratedFiles.Rules.Single(rule => rule.Name == name).NeedsExamination));
        Assert.Equal(GeneratedFiles.Rules.Count, GeneratedFiles.Rules.Select(rule => rule.Name).Distinct().Count());
        Assert.All(GeneratedFiles.Rules, rule => Assert.All(rule.Patterns, pattern => Assert.True(pattern.StartsWith('/') && pattern.Length < 128)));
    }

    [Theory]
    [InlineData("/a/*/c", "/a/b/c", true)]
    [InlineData("/a/*/c", "/a/b/b/c", false)]
    [InlineData("/a/**", "/a/b/b/c", true)]
    [InlineData("/a/**", "/a", false)]
    [InlineData("/a/**/c", "/a/x/y/c", true)]
    [InlineData("/**.so.*", "/usr/lib/x.so.1", true)]
    [InlineData("/a/?#", "/a/x1", true)]
    [InlineData("/a/?#", "/a/xx", false)]
    [InlineData("/a/*", "/a/", true)]
    [InlineData("/a", "/a", true)]
    [InlineData("/a", "/ab", false)]
    [InlineData("/a*b*", "/axxbxx", true)]
    public void Patterns_fit_whole_paths(string pattern, string path, bool fits) => Assert.Equal(fits, new PathPattern(pattern).Matches(path));

    [Fact]
    public void Pattern_of_many_stars_takes_time_in_proportion_to_the_path()
    {
        var pattern = new PathPattern("/" + string.Concat(Enumerable.Repeat("**a", 40)) + "b");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.False(pattern.Matches("/" + new string('a', 16000)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Table_of_paths_numbers_and_finds_them()
    {
        var table = new PathTable();
        for (int i = 0; i < 50_000; i++)
        {
            Assert.Equal(i, table.Add(Encoding.ASCII.GetBytes("/path/" + i)));
        }
        Assert.Equal(1234, table.Add("/path/1234"u8));
        table.Trim();
        Assert.Equal(49_999, table.Find("/path/49999"u8));
        Assert.Equal(-1, table.Find("/path/50000"u8));
        Assert.Equal(50_000, table.Add([]));
        Assert.Equal((50_000, 50_001), (table.Find([]), table.Count));
        Assert.True(table[7].SequenceEqual("/path/7"u8));
    }

    [Theory]
    [InlineData("/usr/lib", "../x/./y", "/x/y")]
    [InlineData("/a/b", "/c", "/c")]
    [InlineData("/a", "../../etc", null)]
    [InlineData("/a/b", "..", "/")]
    public void Link_targets_resolve_inside_the_tree(string link, string target, string? expected)
    {
        Assert.Equal(expected, PackagePaths.Resolve(link, target));
    }
}
