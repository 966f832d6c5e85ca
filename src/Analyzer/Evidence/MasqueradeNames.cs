using System.Text.RegularExpressions;

namespace Forensics.Analyzer.Evidence;

/// <summary>Names that programs take to look like something else in a process list.</summary>
internal static class MasqueradeNames
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly Regex KernelThread = new(
        @"^\[[a-z][^\]]*\]$|^(?:kworker(?:[/:].*|d|ds)?|kswapd[0-9]+|kthreadd|kthreadd[ik]|kthreadad|kdevtmpfs|kdevtmpfsi|kauditd[0-9]+|kaudited|khugepaged|khugepageds|ksoftirqd.*|kblockd|kintegrityd|kcompactd[0-9]*|scsi_eh_?[0-9]*|ext4-rsv.*|jbd2[_/].*|watchdogd|rcu_(?:sched|bh|preempt|gp|par_gp)|cpuhp.*|kcryptd.*|kthrotld|kdmflush.*|oom_reaper|kworkers?|kmpathd|kpsmoused|ktpacpid|netns|writeback|zswap[-_]?shrink|irq/.*)$",
        Options);

    private static readonly HashSet<string> NearNames = new(StringComparer.Ordinal)
    {
        "systemd-deamon", "systemd-demon", "sytemd", "systmed", "systemd-loginn", "sysdr", "bprofr", "crondr", "initdr", "mcrond", "bcrond", "minitd", "binitd", "msysde", "entpdate", "lntpdate",
        "dbused", "kerberods", "networkservice", "phpguard", "phpupdate", "rsyslogds", "linuxsys", "httpdz", "apaches", "perfcc", "wizlmsh", "kkbush", "sysguard", "sysupdata",
        "kinsing", "kdevtmpfsl", "kthrotlds", "sysupdates", "networkservics", "watchbog", "watchdogs", "ksoftirqds", "kauditd0", "migrationd", "pamdicks", "systemd-udeved", "systemd-journal", "systemd-worker", "sshds", "cronds", "httpsd", "javas", "ssh-deamon", "sshd-deamon", "crond-deamon", "dbus-deamon", "cron-deamon",
    };

    // Miner scripts use these, but so do honest programs: outside system directories only.
    private static readonly HashSet<string> DoubtfulNames = new(StringComparer.Ordinal) { "sysupdate", "networkmanager", "watchdog", "migration", "kauditd", "systemd", "sshd", "crond", "rsyslogd", "auditd", "dbus-daemon", "init", "httpd", "ntpdate", "apache2", "mysqld", "udevd", "agetty", "netstat", "ksoftirqd" };

    /// <summary>The name of a kernel thread, which has no file.</summary>
    public static bool IsKernelThread(string name) => KernelThread.IsMatch(name);

    /// <summary>A misspelt or invented system name that known malware uses.</summary>
    public static bool IsNearName(string name) => NearNames.Contains(name);

    /// <summary>Whether a program of this name is to be looked at wherever it lies.</summary>
    public static bool IsBorrowed(string name) => IsNearName(name) || IsKernelThread(name) || OneLetterFrom(name) is not null;

    private static readonly string[] Daemons =
    [
        "systemd-logind", "systemd-udevd", "systemd-journald", "systemd-networkd", "systemd-resolved", "systemd-timesyncd", "systemd-machined", "dbus-daemon", "rsyslogd", "auditd", "polkitd", "NetworkManager", "ModemManager", "chronyd", "dockerd", "containerd", "apache2", "httpd",
        "mysqld", "redis-server", "sshd-session", "accounts-daemon", "irqbalance", "udisksd", "dhclient", "dnsmasq", "gpg-agent", "snapd", "crond", "logrotate",
    ];

    // Real programs, which happen to be named like that.
    private static readonly string[] Clients = ["docker", "mysql", "mysqlc", "containers", "rsyslog", "dnsmasq", "chrony", "polkit"];

    /// <summary>The daemon that a name misses by one letter; null when there is none.</summary>
    public static string? OneLetterFrom(string name)
    {
        if (name.Length is < 5 or > 24 || Clients.Contains(name))
        {
            return null;
        }
        foreach (string daemon in Daemons)
        {
            if (Math.Abs(daemon.Length - name.Length) <= 1 && name != daemon && IsOneLetterAway(name, daemon))
            {
                return daemon;
            }
        }
        return null;
    }

    private static bool IsOneLetterAway(string left, string right)
    {
        int same = left.AsSpan().CommonPrefixLength(right);
        ReadOnlySpan<char> restLeft = left.AsSpan(same);
        ReadOnlySpan<char> restRight = right.AsSpan(same);
        if (restLeft.Length == restRight.Length)
        {
            // A letter replaced, or two exchanged.
            return restLeft[1..].SequenceEqual(restRight[1..])
                || (restLeft.Length >= 2 && restLeft[0] == restRight[1] && restLeft[1] == restRight[0] && restLeft[2..].SequenceEqual(restRight[2..]));
        }
        // A version number is no imitation.
        return restLeft.Length > restRight.Length ? !char.IsAsciiDigit(restLeft[0]) && restLeft[1..].SequenceEqual(restRight) : restRight[1..].SequenceEqual(restLeft);
    }

    /// <summary>A system name that is suspicious only outside system directories.</summary>
    public static bool IsSystemName(string name) => DoubtfulNames.Contains(name);
}
