using Forensics.Analyzer.Evidence;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Names of programs, as far as they decide what it means that one of them has rights of root.</summary>
internal static class PrivilegedPrograms
{
    // Whatever of these runs as root for everybody makes everybody root: shells, interpreters, editors, copiers and the like (https://gtfobins.github.io).
    private static readonly HashSet<string> s_escapes = new(StringComparer.Ordinal)
    {
        "sh", "bash", "dash", "zsh", "ksh", "ksh93", "mksh", "csh", "tcsh", "fish", "ash", "rbash", "busybox", "toybox", "env", "nohup", "setsid", "nice", "ionice", "taskset", "timeout", "stdbuf", "time", "xargs", "watch", "script", "expect",
        "python", "perl", "ruby", "lua", "luajit", "node", "nodejs", "php", "tclsh", "wish", "gawk", "mawk", "awk", "nawk", "java", "jrunscript", "jjs", "julia", "R", "Rscript", "erl", "gdb", "strace", "ltrace",
        "find", "vim", "vi", "vim.basic", "vim.tiny", "vim.nox", "nvim", "view", "rvim", "nano", "pico", "emacs", "ed", "sed", "less", "more", "man", "cat", "tac", "head", "tail", "cut", "od", "xxd", "hexdump", "base64", "dd", "cp", "mv", "install",
        "tee", "chmod", "chown", "chattr", "ln", "tar", "bsdtar", "zip", "unzip", "gzip", "rsync", "scp", "curl", "wget", "nmap", "socat", "nc", "ncat", "netcat", "nc.traditional", "nc.openbsd", "openssl", "tcpdump", "git", "make", "gcc", "docker", "systemctl",
        "debugfs", "mknod", "insmod", "modprobe", "chroot", "unshare", "nsenter", "capsh", "ldconfig", "date", "sort", "diff", "file", "grep", "wizlmsh",
    };

    private static readonly HashSet<string> s_setId = new(StringComparer.Ordinal)
    {
        "sudo", "sudoedit", "sudoreplay", "su", "doas", "mount", "umount", "passwd", "chsh", "chfn", "gpasswd", "newgrp", "sg", "pkexec", "fusermount", "fusermount3", "ssh-keysign", "ssh-agent", "dbus-daemon-launch-helper",
        "polkit-agent-helper-1", "unix_chkpwd", "unix2_chkpwd", "unix_update", "pam_timestamp_check", "pam-cgfs", "crontab", "at", "atd", "batch", "ping", "ping4", "ping6", "Xorg", "Xorg.wrap", "X", "snap-confine", "utempter", "chrome-sandbox", "chage", "expiry",
        "wall", "write", "write.ul", "bsd-write", "mlocate", "plocate", "locate", "slocate", "userhelper", "usernetctl", "netreport", "staprun", "ksu", "newuidmap", "newgidmap", "screen", "mail-lock", "mail-touchlock", "mail-unlock", "dotlockfile",
        "procmail", "lockfile", "exim4", "exim", "postdrop", "postqueue", "sendmail", "sendmail.sendmail", "sendmail.postfix", "sendmail.mta", "maildrop", "opensmtpd", "smtpctl", "vmware-user-suid-wrapper", "VBoxHeadless", "VBoxSDL", "VirtualBox", "VirtualBoxVM",
        "VBoxNetAdpCtl", "VBoxNetDHCP", "VBoxNetNAT", "VBoxVolInfo", "bbsuid", "mount.nfs", "mount.nfs4", "umount.nfs", "mount.cifs", "umount.cifs", "mount.ecryptfs_private", "umount.ecryptfs_private", "mount.davfs", "mount.crypt", "pppd", "pt_chown", "traceroute",
        "traceroute6", "traceroute6.iputils", "mtr", "mtr-packet", "arping", "clockdiff", "check_icmp", "check_dhcp", "check_ide_smart", "check_ping", "suexec", "fping", "fping6", "lockdev", "cgclassify", "cgexec", "abrt-action-install-debuginfo-to-abrt-cache",
        "grub2-set-bootflag", "qemu-bridge-helper", "spice-client-glib-usb-acl-helper", "lxc-user-nic", "nvidia-modprobe", "camel-lock-helper-1.2", "cockpit-session", "vlock", "vlock-main", "bwrap", "firejail", "firejail-default", "dumpcap", "ntfs-3g", "slock", "physlock",
        "opiesu", "opieinfo", "rsh", "rlogin", "rcp", "isolate", "starter-suid", "starter", "kcheckpass", "kismet_capture", "keybase-redirector", "chkpwd", "ecryptfs", "gnome-pty-helper", "gnome-keyring-daemon", "libvtemu", "fbterm", "kppp", "sperl", "ssh-keycat",
        "zabbix_fping", "sandbox", "chrome_sandbox", "pwdutils", "permissions", "pcscd", "trace-cmd", "ssh-askpass", "wodim", "cdrecord", "netselect", "uml_net", "uuidd", "dma", "dma-mbox-create", "nethack", "xlock", "xscreensaver", "hostname", "innbind", "rnews", "lpr",
    };

    private static readonly HashSet<string> s_capable = new(StringComparer.Ordinal)
    {
        "ping", "ping4", "ping6", "arping", "clockdiff", "tracepath", "traceroute", "traceroute6", "fping", "fping6", "mtr-packet", "mtr", "dumpcap", "newuidmap", "newgidmap", "gst-ptp-helper", "suexec", "systemd-detect-virt", "snap-confine", "krb5_child", "ldap_child", "selinux_child", "proxy_child", "sssd_pam",
        "sssd_nss", "sssd_be", "apps.plugin", "perf.plugin", "slabinfo.plugin", "freeipmi.plugin", "debugfs.plugin", "systemd-journal.plugin", "local-listeners", "network-viewer.plugin", "ebpf.plugin", "go.d.plugin", "ndsudo", "cgroup-network", "kwin_wayland", "gnome-keyring-daemon",
        "start_kdeinit", "bwrap", "dbus-daemon-launch-helper", "qemu-bridge-helper", "gamescope", "sunshine", "intel_gpu_top", "unix_chkpwd", "system-probe", "nethogs", "rlogin", "rsh", "rcp", "w", "filecap", "pscap", "cockpit-session", "usernetctl", "lxcfs", "vault", "openbao", "caddy", "staprun", "slirp4netns",
    };

    /// <summary>Hands its rights on to whoever runs it: a shell, an interpreter, an editor ...; version numbers do not matter.</summary>
    public static bool IsEscape(string path)
    {
        string name = PathTraits.Name(path);
        return s_escapes.Contains(name) || s_escapes.Contains(name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '-'));
    }

    /// <summary>Setuid or setgid on every ordinary system.</summary>
    public static bool IsOrdinarySetId(string path) => s_setId.Contains(PathTraits.Name(path));

    /// <summary>Has capabilities on ordinary systems.</summary>
    public static bool IsOrdinaryCapable(string path) => s_capable.Contains(PathTraits.Name(path));
}
