using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Examiners;

/// <summary>Which regular files a profile looks into.</summary>
public static class ExaminationScope
{
    private static readonly string[] s_oddPlaces = ["/tmp/", "/var/tmp/", "/dev/", "/run/", "/var/run/", "/var/spool/", "/var/mail/", "/var/crash/", "/lost+found/", "/media/", "/proc/", "/sys/"];
    private static readonly string[] s_scriptSuffixes = [".sh", ".php", ".php5", ".phtml", ".phar", ".jsp", ".jspx", ".asp", ".aspx", ".ashx", ".cgi", ".pl"];

    /// <summary>A place where programs and data of attackers lie and packages install nothing: every file there is looked into.</summary>
    public static bool IsOddPlace(string path)
    {
        foreach (string place in s_oddPlaces)
        {
            if (path.StartsWith(place, StringComparison.Ordinal))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Triage looks at the first bytes of files here: no program belongs there.</summary>
    public static bool IsPeeked(string path, FileEntry entry) => IsOfWindows(entry) ? WindowsScope.IsPeeked(path) : IsOddPlace(path) || IsProgramOfDatabase(path, entry) || path.LastIndexOf('/') == 0 || path.StartsWith("/etc/", StringComparison.Ordinal) || path.StartsWith("/var/log/", StringComparison.Ordinal)
        || (path.StartsWith("/boot/", StringComparison.Ordinal) && !path.Contains("/vmlinuz", StringComparison.Ordinal)) || IsHiddenInSystem(path)
        || (PathTraits.Name(path) is var name && (MinerConfigurationReader.IsUsualName(name) || MasqueradeNames.IsBorrowed(name) || (IsWebRoot(path) && path.Contains("/uploads/", StringComparison.Ordinal) && !name.Contains('.'))));

    /// <summary>What may be a program among the data and plugins of a database server, by its x bit or name.</summary>
    private static bool IsProgramOfDatabase(string path, FileEntry entry) =>
        (PathTraits.IsDatabaseData(path) && ((entry.Permissions & 0b001_001_001) != 0 || path.Contains(".so", StringComparison.Ordinal)))
        || (path.EndsWith(".so", StringComparison.Ordinal) && PathTraits.IsDatabasePlugin(path));

    /// <summary>Below a directory that web servers publish.</summary>
    public static bool IsWebRoot(string path) => PathTraits.IsWebRoot(path);

    /// <summary>Some component of the directory begins with a dot, so that <c>ls</c> does not show it, in a place where no user keeps settings.</summary>
    public static bool IsHiddenInSystem(string path) =>
        path.Contains("/.", StringComparison.Ordinal)
        && !path.StartsWith("/home/", StringComparison.Ordinal) && !path.StartsWith("/root/", StringComparison.Ordinal) && !path.Contains("/.git/", StringComparison.Ordinal);

    /// <summary>Whether the profile wants a regular file for its metadata and path alone.</summary>
    public static bool WantsByName(ScanProfile profile, string path, FileEntry entry) => profile switch
    {
        ScanProfile.Full => true,
        ScanProfile.Standard when IsOfWindows(entry) => WindowsScope.Wants(path),
        ScanProfile.Standard => (entry.Permissions & 0b001_001_001) != 0 || IsOddPlace(path) || IsWebRoot(path) || IsHiddenInSystem(path) || HasScriptSuffix(path),
        _ => false,
    };

    /// <summary>Whether the profile wants a file for what its first bytes say.</summary>
    public static bool WantsByContent(ScanProfile profile, ContentKind kind) => profile switch
    {
        ScanProfile.Full => true,
        ScanProfile.Standard => kind is ContentKind.ElfExecutable or ContentKind.ElfSharedObject or ContentKind.ElfOther or ContentKind.Pe or ContentKind.Script,
        _ => false,
    };

    /// <summary>A place where no program belongs, by the rules of the file system that it lies on.</summary>
    public static bool IsOddPlace(string path, FileEntry entry) => IsOfWindows(entry) ? WindowsPlaces.IsOdd(path) : IsOddPlace(path);

    private static bool IsOfWindows(FileEntry entry) => entry.DosAttributes is not null;

    private static bool HasScriptSuffix(string path)
    {
        foreach (string suffix in s_scriptSuffixes)
        {
            if (path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }
}
