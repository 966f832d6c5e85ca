using System.Text.RegularExpressions;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Names that programs take to look like something else in a process list.</summary>
internal static class MasqueradeNames
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly Regex KernelThread = new(
        @"^\[[a-z][^\]]*\]$|^(?:kworker(?:[/:].*|d|ds)?|kswapd[0-9]+|kthreadd|kthreadd[ik]|kthreadad|kdevtmpfs|kdevtmpfsi|kauditd[0-9]+|kaudited|khugepaged|khugepageds|ksoftirqd.*|kblockd|kintegrityd|kcompactd[0-9]*|scsi_eh_?[0-9]*|ext4-rsv.*|jbd2[_/].*|watchdogd)$",
        Options);

    private static readonly HashSet<string> NearNames = new(StringComparer.Ordinal)
    {
        "systemd-deamon", "systemd-demon", "sytemd", "systmed", "systemd-loginn", "sysdr", "bprofr", "crondr", "initdr", "mcrond", "bcrond", "minitd", "binitd", "msysde", "entpdate", "lntpdate",
        "dbused", "kerberods", "networkservice", "phpguard", "phpupdate", "rsyslogds", "linuxsys", "httpdz", "apaches", "perfcc", "wizlmsh", "kkbush", "sysguard", "sysupdata",
        "ssh-deamon", "sshd-deamon", "crond-deamon", "dbus-deamon", "cron-deamon",
    };

    // Miner scripts use these, but so do honest programs: outside system directories only.
    private static readonly HashSet<string> DoubtfulNames = new(StringComparer.Ordinal) { "sysupdate", "networkmanager", "watchdog", "migration", "kauditd", "systemd", "sshd", "crond", "rsyslogd", "auditd", "dbus-daemon", "init", "httpd" };

    /// <summary>The name of a kernel thread, which has no file.</summary>
    public static bool IsKernelThread(string name) => KernelThread.IsMatch(name);

    /// <summary>A misspelt or invented system name that known malware uses.</summary>
    public static bool IsNearName(string name) => NearNames.Contains(name);

    /// <summary>A system name that is suspicious only outside system directories.</summary>
    public static bool IsSystemName(string name) => DoubtfulNames.Contains(name);
}
