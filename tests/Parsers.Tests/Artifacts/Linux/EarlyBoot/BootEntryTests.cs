using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.EarlyBoot;

public sealed class BootEntryTests
{
    [Fact]
    public void The_menu_that_grub_mkconfig_writes()
    {
        const string text = """
            set linux_gfx_mode=auto
            set kernelopts="root=UUID=1 ro"
            menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple-1' {
            	search --no-floppy --fs-uuid --set=root 1
            	linux	/boot/vmlinuz-6.1.0-18-amd64 ${kernelopts}  quiet "systemd.run=/bin/a b" init=/x $unknown
            	initrd	/boot/intel-ucode.img /boot/initrd.img-6.1.0-18-amd64
            }
            submenu "Advanced options" {
            	menuentry "Other" { linuxefi /vmlinuz root=LABEL=x
            	linux16 /vmlinuz2 root=LABEL=y
            """;
        List<BootEntry> found = ArtifactRun.Parse(new GrubConfigParser(), "/boot/grub/grub.cfg", text).Of<BootEntry>();
        Assert.Equal(2, found.Count);
        BootEntry entry = found[0];
        Assert.Equal("Debian GNU/Linux", entry.Title);
        Assert.Equal("/boot/vmlinuz-6.1.0-18-amd64", entry.Kernel);
        Assert.Equal(["root=UUID=1", "ro", "quiet", "systemd.run=/bin/a b", "init=/x", "$unknown"], entry.Options);
        Assert.Equal(["/boot/intel-ucode.img", "/boot/initrd.img-6.1.0-18-amd64"], entry.InitialRamDisks);
        Assert.Equal(["/x", "/bin/a b"], entry.Commands.Select(command => command.Text));
        Assert.Equal(5, entry.Location.Line);
        Assert.Equal(("Other", "/vmlinuz2"), (found[1].Title, found[1].Kernel));
    }

    [Fact]
    public void The_environment_of_grub() =>
        Assert.Equal(["root=/dev/x", "selinux=0"], Assert.Single(ArtifactRun.Parse(new GrubConfigParser(), "/boot/grub2/grubenv", "# GRUB Environment Block\nsaved_entry=a\nkernelopts=root=/dev/x selinux=0 \n####").Of<BootEntry>()).Options);

    [Fact]
    public void Loader_entries_and_those_of_extlinux()
    {
        BootEntry loader = Assert.Single(ArtifactRun.Parse(new LoaderEntryParser(), "/boot/loader/entries/a.conf", "title A\nlinux /vmlinuz\ninitrd /a.img\ninitrd /b.img\noptions root=x\noptions init=/y\n").Of<BootEntry>());
        Assert.Equal(["root=x", "init=/y"], loader.Options);
        Assert.Equal(["/a.img", "/b.img"], loader.InitialRamDisks);
        Assert.Equal(6, loader.Location.Line);
        Assert.Null(loader.DormantBecause);
        Assert.NotNull(Assert.Single(ArtifactRun.Parse(new LoaderEntryParser(), "/boot/loader/entries/a.conf.bak", "linux /vmlinuz\n").Of<BootEntry>()).DormantBecause);

        List<BootEntry> syslinux = ArtifactRun.Parse(new LoaderEntryParser(), "/boot/extlinux.conf", "DEFAULT menu.c32\nPROMPT 0\nLABEL lts\n  KERNEL vmlinuz-lts\n  APPEND root=x quiet\nLABEL virt\n  LINUX vmlinuz-virt\n  append root=y init=/z\n").Of<BootEntry>();
        Assert.Equal(["lts vmlinuz-lts root=x quiet", "virt vmlinuz-virt root=y init=/z"], syslinux.Select(entry => $"{entry.Title} {entry.Kernel} {string.Join(' ', entry.Options)}"));

        Assert.Equal(["root=x", "rdinit=/y"], Assert.Single(ArtifactRun.Parse(new LoaderEntryParser(), "/etc/kernel/cmdline", "# c\nroot=x rdinit=/y\n").Of<BootEntry>()).Options);
    }

    [Fact]
    public void Defaults_of_grub_are_options_and_a_script()
    {
        ArtifactList found = ArtifactRun.Parse(new GrubDefaultsParser(), "/etc/default/grub", "GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet init=/x\"\nexport GRUB_CMDLINE_LINUX='a \"b c\"'\n#GRUB_CMDLINE_LINUX=z\n/opt/run-me\n");
        Assert.Equal(["quiet|init=/x", "a|b c"], found.Of<BootEntry>().Select(entry => string.Join('|', entry.Options)));
        Assert.Contains(Assert.Single(found.Of<StartupScript>()).Commands, command => command.Text == "/opt/run-me" && command.DormantBecause is null);
        Assert.Equal("the file is not executable", Assert.Single(ArtifactRun.Parse(new GrubDefaultsParser(), "/etc/grub.d/50_x", "#!/bin/sh\n/opt/x\n").Of<StartupScript>()).DormantBecause);
        Assert.Empty(ArtifactRun.Parse(new GrubDefaultsParser(), "/etc/grub.d/README", "All executable files\n").Artifacts);
    }

    [Theory]
    [InlineData("/etc/initramfs-tools/hooks/x", "the file is not executable")]
    [InlineData("/etc/initramfs-tools/scripts/local-top/x", "the file is not executable")]
    [InlineData("/usr/lib/dracut/modules.d/99x/module-setup.sh", null)]
    [InlineData("/etc/dracut.conf.d/x.conf", null)]
    [InlineData("/etc/dracut.conf.d/x.conf.old", "its name does not end in .conf")]
    [InlineData("/etc/mkinitcpio.conf", null)]
    public void Scripts_of_the_early_boot(string path, string? dormant)
    {
        StartupScript script = Assert.Single(ArtifactRun.Parse(new InitramfsScriptParser(), path, "#!/bin/sh\n/opt/x\n").Of<StartupScript>());
        Assert.Equal(StartupPlace.InitramfsScript, script.Place);
        Assert.Equal(dormant, script.DormantBecause);
    }

    public static TheoryData<ArtifactParser, string, string> All => new()
    {
        { new GrubConfigParser(), "/boot/grub/grub.cfg", "linux /a $b ${c}\nset b=$b$b$b\n" },
        { new LoaderEntryParser(), "/boot/loader/entries/a.conf", "options a=b\n" },
        { new LoaderEntryParser(), "/boot/extlinux.conf", "LABEL a\nAPPEND a=b\n" },
        { new GrubDefaultsParser(), "/etc/default/grub", "GRUB_CMDLINE_LINUX=\"a\"\n" },
        { new InitramfsScriptParser(), "/etc/initramfs-tools/hooks/x", "copy_exec /bin/a\n" },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Hostile_input_costs_little(ArtifactParser parser, string path, string line)
    {
        ArtifactRun.SurvivesGarbage(parser, path, line);
        byte[] content = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(line, 200_000)));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        ArtifactList found = ArtifactRun.Parse(parser, path, content);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"took {clock.Elapsed}");
        Assert.True(found.Artifacts.Count <= Diagnostics.ScanLimits.Default.ArtifactsPerFile + 1);
    }
}
