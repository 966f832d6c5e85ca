namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Names of programs and libraries that nearly every Linux system has and its administration rests on, by what they are for.</summary>
/// <remarks>Limitations: base names only; what a distribution makes a link or a script of is not told apart here.</remarks>
public static class SystemProgramNames
{
    /// <summary>Where they lie on a running system, whatever the distribution.</summary>
    public static IReadOnlyList<string> Directories { get; } = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];

    /// <summary>What shows processes, connections, files and accounts, or lets people in: compiled programs on every distribution.</summary>
    public static IReadOnlyList<string> Viewers { get; } =
    [
        "ps", "top", "htop", "pgrep", "pstree", "pidof", "vmstat", "w", "who", "last", "lastlog", "uptime", "free", "ls", "dir", "stat", "find", "lsof", "netstat", "ss", "ip", "ifconfig", "lsmod",
        "tcpdump", "kill", "killall", "pkill", "fuser", "file", "strings", "md5sum", "sha1sum", "sha256sum", "du", "df", "cat", "more", "grep", "login", "su", "sudo", "passwd", "agetty", "chsh", "chfn",
        "useradd", "usermod", "userdel", "crontab", "cron", "crond", "atd", "anacron", "lsattr", "chattr", "auditd", "auditctl", "rsyslogd", "nologin", "unix_chkpwd", "pkexec", "newgrp", "gpasswd",
    ];

    /// <summary>What fetches files.</summary>
    public static IReadOnlyList<string> Downloaders { get; } = ["curl", "wget"];

    /// <summary>Other programs of the base system, compiled on every distribution.</summary>
    public static IReadOnlyList<string> Others { get; } =
    [
        "bash", "dash", "env", "cp", "mv", "rm", "mkdir", "ln", "chmod", "chown", "id", "whoami", "uname", "date", "sleep", "nohup", "setsid", "touch", "mount", "umount", "modprobe", "insmod", "rmmod", "kmod",
        "depmod", "sysctl", "iptables", "nft", "dpkg", "rpm", "apk", "apt-get", "dpkg-query", "gpg", "gpgv", "openssl", "tar", "gzip", "sed", "head", "tail", "sort", "wc", "tee", "dd", "logger", "logrotate",
        "start-stop-daemon", "busybox", "systemd", "hostname", "nc", "ncat",
    ];

    /// <summary>Programs of OpenSSH, with what newer versions start for each connection.</summary>
    public static IReadOnlyList<string> OpenSsh { get; } = ["sshd", "ssh", "scp", "sftp", "ssh-add", "ssh-agent", "ssh-keygen", "sshd-session", "sshd-auth", "sftp-server", "ssh-keysign"];

    /// <summary>What malware renames the tools for fetching to.</summary>
    public static IReadOnlyList<string> RenamedDownloaders { get; } =
        ["wd1", "cd1", "wdl", "cdl", "wgettnt", "curltnt", "wgbtx", "clbtx", "good", "cur", "url", "get", "tntrecht", "wget1", "curl1", "wdd", "cdd", "wgetak", "curlak", "xget", "lwp"];

    /// <summary>Endings under which the original of a replaced program is kept beside it.</summary>
    public static IReadOnlyList<string> BackupEndings { get; } = [".original", ".orig", ".bak", ".old", ".real", ".save", "_", "-orig", ".1"];

    /// <summary>The name without the ending of a backup, or without a leading dot; null when it has neither.</summary>
    public static string? OriginalOf(string name)
    {
        foreach (string ending in BackupEndings)
        {
            if (name.Length > ending.Length && name.EndsWith(ending, StringComparison.Ordinal))
            {
                return name[..^ending.Length].TrimStart('.');
            }
        }
        return name.Length > 1 && name[0] == '.' ? name[1..] : null;
    }

    /// <summary>The dynamic loader of glibc, by the names it has on all architectures (<c>ld-linux-x86-64.so.2</c>, <c>ld-2.31.so</c>, <c>ld64.so.1</c>).</summary>
    public static bool IsGlibcLoader(string name) =>
        name.StartsWith("ld-linux", StringComparison.Ordinal) || (name.StartsWith("ld-2.", StringComparison.Ordinal) && name.EndsWith(".so", StringComparison.Ordinal)) || name is "ld64.so.1" or "ld64.so.2" or "ld.so.1";
}
