using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>What the kernel, its boot loader and its first user-land start: before and beside the service manager.</summary>
internal sealed class KernelPlaces : PlaceFamily
{
    private static readonly Place s_initramfs = new("L-INITRAMFS", "early-boot image script", "T1542");
    private static readonly Place s_grub = new("L-GRUB", "boot loader entry", "T1542");
    private static readonly Place s_module = new("L-KMOD", "kernel module rule", "T1547.006");
    private static readonly Place s_udev = new("L-UDEV", "udev rule", "T1546.017");
    private static readonly Place s_binfmt = new("L-BINFMT", "binary format", "T1546");
    private static readonly Place s_sysctl = new("L-SYSCTL", "kernel setting", "T1546");
    private static readonly Place s_fstab = new("L-FSTAB", "mount entry", "T1564");

    public override IReadOnlyList<Place> Places { get; } = [s_initramfs, s_grub, s_module, s_udev, s_binfmt, s_sysctl, s_fstab];

    public override Place? PlaceOf(Artifact artifact) => artifact switch
    {
        StartupScript { Place: StartupPlace.InitramfsScript } or InitramfsImage => s_initramfs,
        StartupScript { Place: StartupPlace.GrubScript } or BootEntry => s_grub,
        StartupScript { Place: StartupPlace.ModuleScript } or ModprobeDirective or ModuleLoad or KernelModule => s_module,
        UdevRule => s_udev,
        BinfmtRegistration => s_binfmt,
        SysctlSetting => s_sysctl,
        FstabEntry => s_fstab,
        _ => null,
    };

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line)
    {
        string path = source.Location.Path;
        return source switch
        {
            InitramfsImage => [RebuildImages],
            StartupScript { Place: StartupPlace.InitramfsScript } => [.. Remediation.RemoveFile(path), RebuildImages],
            BootEntry { Configuration: BootConfiguration.UnifiedImage } => ["Make the unified kernel image anew (kernel-install add) after the command line in /etc/kernel/cmdline was corrected"],
            BootEntry or StartupScript { Place: StartupPlace.GrubScript } => [.. Remediation.RemoveLine(path, line), RebuildMenu],
            StartupScript => Remediation.RemoveFile(path),
            KernelModule => [.. Remediation.RemoveFile(path), "depmod -a"],
            ModprobeDirective or ModuleLoad => [.. Remediation.RemoveLine(path, line), Remediation.RemoveWhenHostile(path), "depmod -a"],
            UdevRule => [.. Remediation.RemoveLine(path, line), Remediation.RemoveWhenHostile(path), "udevadm control --reload"],
            BinfmtRegistration => [.. Remediation.RemoveFile(path), "systemctl restart systemd-binfmt"],
            SysctlSetting => [.. Remediation.RemoveLine(path, line), "sysctl --system"],
            _ => null,
        };
    }

    private const string RebuildImages = "update-initramfs -u -k all   # or: dracut --regenerate-all --force, mkinitcpio -P, mkinitfs";
    private const string RebuildMenu = "update-grub   # or: grub2-mkconfig -o /boot/grub2/grub.cfg, grubby, kernel-install";
}
