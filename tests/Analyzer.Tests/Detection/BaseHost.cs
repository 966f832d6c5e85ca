using System.Text;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What a small stock server consists of; all of it belongs to the package <c>base</c> where the host has packages.</summary>
internal static class BaseHost
{
    public const string Package = "base";
    public const int CrontabGroup = 104;

    private static readonly string[] s_programs =
    [
        "bash", "dash", "ls", "ps", "cat", "top", "find", "ss", "lsof", "kill", "du", "chmod", "env", "nohup", "setsid", "nice", "timeout", "curl", "wget", "python3.11", "perl", "php8.2", "node", "ruby",
        "sudo", "su", "passwd", "ssh", "scp", "crontab", "at", "systemctl", "logger", "tar", "gzip", "sed", "grep", "id", "mount", "umount", "git", "rsync", "apt-get", "dpkg", "nginx", "docker",
    ];

    private static readonly string[] s_administration = ["cron", "sshd", "init-helper", "iptables", "ip6tables", "iptables-restore", "logrotate", "rsyslogd", "dhclient", "modprobe", "useradd", "nft", "agetty"];

    private static readonly (string Name, int Id, string Home, string Shell)[] s_users =
    [
        ("root", 0, "/root", "/bin/bash"), ("daemon", 1, "/usr/sbin", "/usr/sbin/nologin"), ("bin", 2, "/bin", "/usr/sbin/nologin"), ("mail", 8, "/var/mail", "/usr/sbin/nologin"),
        ("news", 9, "/var/spool/news", "/usr/sbin/nologin"), ("www-data", 33, "/var/www", "/usr/sbin/nologin"), ("nobody", 65534, "/nonexistent", "/usr/sbin/nologin"),
        ("sshd", 105, "/run/sshd", "/usr/sbin/nologin"), ("postgres", 110, "/var/lib/postgresql", "/bin/bash"), ("alice", 1000, "/home/alice", "/bin/bash"),
    ];

    /// <summary>Number of an account of the base.</summary>
    public static int UserId(string name) => s_users.First(user => user.Name == name).Id;

    public static void Fill(PlantTree tree)
    {
        Merge(tree);
        foreach (string name in s_programs)
        {
            tree.OwnedProgram(Package, "/usr/bin/" + name);
        }
        foreach (string name in s_administration)
        {
            tree.OwnedProgram(Package, "/usr/sbin/" + name);
        }
        tree.Link("/usr/bin/sh", "dash", Package).Link("/usr/bin/python3", "python3.11", Package).Link("/usr/bin/php", "php8.2", Package);
        tree.OwnedProgram(Package, "/usr/sbin/nologin").OwnedProgram(Package, "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", new PlantedElf { Seed = "ld.so", IsLibrary = true, Strings = ["/etc/ld.so.preload", "/etc/ld.so.cache"] })
            .OwnedProgram(Package, "/usr/lib/x86_64-linux-gnu/libc.so.6", new PlantedElf { Seed = "libc", IsLibrary = true, Exports = ["readdir", "fopen", "open", "stat"] })
            .OwnedProgram(Package, "/usr/lib/x86_64-linux-gnu/security/pam_unix.so", new PlantedElf { Seed = "pam_unix", IsLibrary = true, Exports = ["pam_sm_authenticate"] })
            .OwnedProgram(Package, "/usr/lib/x86_64-linux-gnu/security/pam_permit.so", new PlantedElf { Seed = "pam_permit", IsLibrary = true, Exports = ["pam_sm_authenticate"] })
            .OwnedProgram(Package, "/usr/lib/x86_64-linux-gnu/libnss_files.so.2", new PlantedElf { Seed = "nss", IsLibrary = true });
        Accounts(tree);
        tree.Owned(Package, "/usr/lib/os-release", OsRelease(tree.Host)).Link("/etc/os-release", "../usr/lib/os-release", Package)
            .File("/etc/hostname", "web01\n").File("/etc/machine-id", "0123456789abcdef0123456789abcdef\n").File("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 web01\n")
            .File("/etc/fstab", "LABEL=root / ext4 rw 0 1\n").Owned(Package, "/etc/crontab", "SHELL=/bin/sh\n17 * * * * root cd / && run-parts --report /etc/cron.hourly\n", config: true)
            .Owned(Package, "/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\nSubsystem sftp /usr/lib/openssh/sftp-server\n", config: true)
            .Owned(Package, "/etc/profile", "PATH=/usr/bin:/bin\nexport PATH\n", config: true).Owned(Package, "/etc/nsswitch.conf", "passwd: files systemd\nshadow: files\n", config: true)
            .Owned(Package, "/etc/sudoers", "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n", 0b100_100_000, config: true)
            .Owned(Package, "/etc/pam.d/sshd", "@include common-auth\naccount required pam_unix.so\n", config: true)
            .File("/etc/pam.d/common-auth", "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n")
            .Owned(Package, "/etc/bash.bashrc", "[ -z \"$PS1\" ] && return\n", config: true).File("/root/.bashrc", "export LS_OPTIONS='--color=auto'\nalias ls='ls $LS_OPTIONS'\n").File("/home/alice/.bashrc", "alias ll='ls -l'\n", user: 1000, group: 1000);
        if (tree.Host != PlantHost.Alpine)
        {
            tree.OwnedProgram(Package, "/usr/lib/systemd/systemd").Owned(Package, "/usr/lib/systemd/system/multi-user.target", "[Unit]\nDescription=Multi-User System\n")
                .Owned(Package, "/usr/lib/systemd/system/ssh.service", "[Unit]\nDescription=OpenBSD Secure Shell server\n[Service]\nExecStart=/usr/sbin/sshd -D\n[Install]\nWantedBy=multi-user.target\n")
                .Link("/etc/systemd/system/multi-user.target.wants/ssh.service", "/usr/lib/systemd/system/ssh.service")
                .Owned(Package, "/usr/lib/systemd/system/nginx.service", "[Unit]\nDescription=web server\n[Service]\nExecStart=/usr/sbin/nginx\n[Install]\nWantedBy=multi-user.target\n");
        }
        else
        {
            tree.OwnedProgram(Package, "/sbin/openrc").File("/etc/inittab", "::sysinit:/sbin/openrc sysinit\n::wait:/sbin/openrc default\ntty1::respawn:/sbin/getty 38400 tty1\n");
        }
        // Written when the host first ran, which is what tells its age.
        foreach (string path in (string[])["/etc/hostname", "/etc/machine-id", "/etc/hosts", "/etc/fstab", "/root/.bashrc", "/home/alice/.bashrc"])
        {
            tree.Change(path, file => file with { Created = PlantTree.Installed, Modified = PlantTree.Installed });
        }
        foreach (string folder in (string[])["/tmp", "/var/tmp", "/dev/shm"])
        {
            tree.Folder(folder, 0x3FF);
        }
        tree.Folder("/var/spool/cron/crontabs", 0b1_111_011_000, group: CrontabGroup).Folder("/root", 0b111_000_000).Folder("/home/alice", 0b111_101_101, 1000, 1000).Folder("/var/log").Folder("/proc").Folder("/run");
    }

    private static void Merge(PlantTree tree)
    {
        if (tree.Host == PlantHost.Alpine)
        {
            tree.Folder("/bin").Folder("/sbin").Folder("/lib").Link("/bin/sh", "/usr/bin/dash", Package).Link("/bin/bash", "/usr/bin/bash", Package);
            return;
        }
        foreach (string name in (string[])["bin", "sbin", "lib", "lib64"])
        {
            tree.Link("/" + name, "usr/" + name).Folder("/usr/" + name);
        }
    }

    private static void Accounts(PlantTree tree)
    {
        var passwd = new StringBuilder();
        var shadow = new StringBuilder();
        var group = new StringBuilder("root:x:0:\nadm:x:4:\nsudo:x:27:alice\ncrontab:x:104:\nshadow:x:42:\n");
        foreach ((string name, int id, string home, string shell) in s_users)
        {
            passwd.Append(name).Append(":x:").Append(id).Append(':').Append(id).Append("::").Append(home).Append(':').Append(shell).Append('\n');
            shadow.Append(name).Append(id is 1000 ? ":$y$j9T$Q0lMnZ8bX1uN3vR5sT7wY.$3vJ8kL2mN4pQ6rS8tU0vW2xY4zA6bC8dE0fG2hI4jK6:20000:0:99999:7:::\n" : ":*:20000:0:99999:7:::\n");
            group.Append(id > 0 ? $"{name}:x:{id}:\n" : "");
        }
        tree.File("/etc/passwd", passwd.ToString()).File("/etc/passwd-", passwd.ToString()).File("/etc/group", group.ToString()).File("/etc/group-", group.ToString())
            .File("/etc/shadow", shadow.ToString(), 0b110_100_000, group: 42).File("/etc/shadow-", shadow.ToString(), 0b110_100_000, group: 42);
        foreach (string path in (string[])["/etc/passwd", "/etc/passwd-", "/etc/group", "/etc/group-", "/etc/shadow", "/etc/shadow-", "/root/.bashrc"])
        {
            if (tree.Files.Any(file => file.Path == path))
            {
                tree.Change(path, file => file with { Created = PlantTree.Installed, Modified = PlantTree.Installed });
            }
        }
    }

    private static string OsRelease(PlantHost host) => host switch
    {
        PlantHost.Debian => "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n",
        PlantHost.RedHat => "PRETTY_NAME=\"AlmaLinux 9.4\"\nID=almalinux\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.4\"\n",
        _ => "PRETTY_NAME=\"Alpine Linux v3.20\"\nID=alpine\nVERSION_ID=3.20.1\n",
    };
}
