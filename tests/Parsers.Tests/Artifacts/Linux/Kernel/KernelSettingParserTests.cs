using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Kernel;

public sealed class KernelSettingParserTests
{
    [Theory]
    [InlineData("kernel.core_pattern=|/usr/share/apport/apport -p%p", "kernel.core_pattern", "/usr/share/apport/apport -p%p")]
    [InlineData("- kernel/core_pattern = | /usr/bin/.c %P", "kernel.core_pattern", "/usr/bin/.c %P")]
    [InlineData("kernel.core_pattern=core.%p", "kernel.core_pattern", null)]
    [InlineData("kernel.modprobe=/tmp/m", "kernel.modprobe", "/tmp/m")]
    [InlineData("kernel.modprobe=", "kernel.modprobe", null)]
    [InlineData("net/ipv4/conf/eth0.100/rp_filter=1", "net.ipv4.conf.eth0/100.rp_filter", null)]
    public void Settings_and_what_the_kernel_starts_for_them(string line, string name, string? command)
    {
        SysctlSetting setting = Assert.Single(ArtifactRun.Parse(new SysctlParser(), "/etc/sysctl.d/x.conf", "; c\n# c\n" + line + "\n").Of<SysctlSetting>());
        Assert.Equal(name, setting.Name);
        Assert.Equal(command, setting.Commands.SingleOrDefault()?.Text);
        Assert.Equal(3, setting.Location.Line);
    }

    [Fact]
    public void Binary_formats_with_any_separator()
    {
        List<BinfmtRegistration> found = ArtifactRun.Parse(new BinfmtParser(), "/etc/binfmt.d/x.conf",
            "# comment\n:qemu-arm:M::\\x7fELF\\x01:\\xff\\xff\\xff\\xff\\xff:/usr/bin/qemu-arm-static:OCF\n,js,E,,js,,/usr/bin/node,\n:broken:M\n:old:M:3:PK::/usr/bin/u\n").Of<BinfmtRegistration>();
        Assert.Equal(["qemu-arm 7f454c4601 ffffffffff /usr/bin/qemu-arm-static OCF", "js js  /usr/bin/node ", "old 504b  /usr/bin/u "], found.Select(format => $"{format.Name} {format.Magic} {format.Mask} {format.Interpreter} {format.Flags}"));
        Assert.Equal([false, true, false], found.Select(format => format.IsByExtension));
        Assert.Equal(3, found[2].Offset);
        Assert.Equal("/usr/bin/node", Assert.Single(found[1].Commands).Text);
    }

    [Fact]
    public void Modules_to_load_at_boot()
    {
        List<ModuleLoad> found = ArtifactRun.Parse(new ModuleLoadParser(), "/etc/modules", "# c\n; c\nloop max_loop=64\nbr-netfilter\n").Of<ModuleLoad>();
        Assert.Equal(["loop|max_loop=64", "br_netfilter|"], found.Select(load => load.Module + "|" + load.Parameters));
        Assert.All(found, load => Assert.Null(load.DormantBecause));
        Assert.NotNull(Assert.Single(ArtifactRun.Parse(new ModuleLoadParser(), "/etc/modules-load.d/x.conf~", "loop\n").Of<ModuleLoad>()).DormantBecause);
    }

    [Fact]
    public void Directives_of_modprobe()
    {
        List<ModprobeDirective> found = ArtifactRun.Parse(new ModprobeParser(), "/etc/modprobe.d/x.conf",
            "install usb-storage /bin/true\ninstall a /bin/b; \\\n  /sbin/modprobe -i a\noptions a x=1\nblacklist pcspkr\nsoftdep ext4 pre: crc32c\nuse_blacklist\nremove a /bin/c\n").Of<ModprobeDirective>();
        Assert.Equal(["install usb_storage", "install a", "options a", "blacklist pcspkr", "softdep ext4", "remove a"], found.Select(directive => directive.Directive + " " + directive.Module));
        Assert.Equal(["/bin/true", "/bin/b; /sbin/modprobe -i a", "/bin/c"], found.SelectMany(directive => directive.Commands).Select(command => string.Join(' ', command.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.All(found.SelectMany(directive => directive.Commands), command => Assert.True(command.ThroughShell));
        Assert.Equal(2, found[1].Location.Line);
    }

    [Fact]
    public void The_index_of_modules_knows_them_without_compression()
    {
        ModuleIndex index = Assert.Single(ArtifactRun.Parse(new ModuleIndexParser(), "/usr/lib/modules/6.1.0/modules.dep", "kernel/fs/a.ko.xz: kernel/lib/b.ko.xz\nkernel/lib/b.ko.xz:\nextra/c.ko:\n").Of<ModuleIndex>());
        Assert.Equal("6.1.0", index.Release);
        Assert.False(index.IsBuiltIn);
        Assert.Equal(["extra/c.ko", "kernel/fs/a.ko", "kernel/lib/b.ko"], index.Modules.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("sshfs", "u@h:/x", "/sbin/mount.sshfs")]
    [InlineData("fuse.gvfs", "x", "gvfs")]
    [InlineData("fuse", "/opt/m#src", "/opt/m")]
    [InlineData("ext4", "/dev/sda1", null)]
    [InlineData("gluster2", "a", "/sbin/mount.gluster2")]
    [InlineData("a/../../tmp/x", "a", null)]
    public void A_file_system_may_be_mounted_by_a_program(string type, string source, string? program) =>
        Assert.Equal(program, Assert.Single(ArtifactRun.Parse(new FstabParser(), "/etc/fstab", $"{source} /mnt {type} defaults 0 0\n").Of<FstabEntry>()).Commands.SingleOrDefault()?.Text);

    public static TheoryData<ArtifactParser, string, string> All => new()
    {
        { new SysctlParser(), "/etc/sysctl.conf", "kernel.core_pattern=|/bin/x\n" },
        { new BinfmtParser(), "/etc/binfmt.d/x.conf", ":a:M::b::/c:F\n" },
        { new ModuleLoadParser(), "/etc/modules", "loop\n" },
        { new ModprobeParser(), "/etc/modprobe.d/x.conf", "install a /bin/b\n" },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Hostile_input_costs_little(ArtifactParser parser, string path, string line)
    {
        ArtifactRun.SurvivesGarbage(parser, path, line);
        ArtifactRun.SurvivesHostileSizes(parser, path, line);
    }

    [Fact]
    public void A_hostile_index_is_bounded()
    {
        ArtifactRun.SurvivesGarbage(new ModuleIndexParser(), "/lib/modules/1/modules.dep", "kernel/a.ko: b.ko\n");
        string text = string.Concat(Enumerable.Range(0, 200_000).Select(i => $"kernel/m{i}.ko:\n"));
        Assert.True(Assert.Single(ArtifactRun.Parse(new ModuleIndexParser(), "/lib/modules/1/modules.dep", text).Of<ModuleIndex>()).Modules.Count <= 50_000);
    }
}
