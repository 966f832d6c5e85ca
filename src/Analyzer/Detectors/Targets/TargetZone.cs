using Forensics.Analyzer.Evidence;

namespace Forensics.Analyzer.Detectors;

/// <summary>What may be expected to lie in a directory.</summary>
internal enum TargetZone
{
    /// <summary>Administrators, developers and vendors' installers put programs here; nobody keeps a list of them.</summary>
    Local,
    /// <summary>Only packages put programs here.</summary>
    Distribution,
    /// <summary>No program belongs here: spools, logs, configuration, headers, the root directory.</summary>
    Odd,
    /// <summary>Everybody may write here.</summary>
    Temporary,
}

/// <summary>Tells the zone of a path.</summary>
internal static class TargetZones
{
    private static readonly string[] s_distribution =
    [
        "/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/lib32/", "/usr/lib64/", "/usr/libx32/", "/usr/libexec/", "/usr/share/", "/usr/games/", "/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/",
    ];

    private static readonly string[] s_odd =
    [
        "/etc/", "/boot/", "/usr/include/", "/var/spool/", "/var/mail/", "/var/log/", "/var/crash/", "/var/run/", "/run/", "/dev/", "/lost+found/", "/proc/", "/sys/",
    ];

    // NixOS and Guix keep their system profile in /run; a chroot of postfix holds libraries.
    private static readonly string[] s_notOdd = ["/run/current-system/", "/run/wrappers/", "/run/booted-system/", "/var/spool/postfix/lib", "/var/spool/postfix/usr/lib"];

    /// <summary>The zone of an absolute path in display form.</summary>
    public static TargetZone Of(string path) =>
        PathTraits.IsTemporary(path) ? TargetZone.Temporary
        : path.LastIndexOf('/') == 0 || (PathTraits.StartsWithAny(path, s_odd) && !PathTraits.StartsWithAny(path, s_notOdd)) ? TargetZone.Odd
        : PathTraits.StartsWithAny(path, s_distribution) ? TargetZone.Distribution
        : TargetZone.Local;
}
