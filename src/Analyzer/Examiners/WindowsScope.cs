using Forensics.Analyzer.Evidence;

namespace Forensics.Analyzer.Examiners;

/// <summary>Which regular files of a Windows file system a profile looks into: there every file may be run, so name and place decide.</summary>
internal static class WindowsScope
{
    /// <summary>The standard profile wants programs, scripts and shortcuts by their suffix, and all of what lies where no program belongs.</summary>
    public static bool Wants(string path) => WindowsNames.IsProgram(path) || WindowsPlaces.IsOdd(path) || path.StartsWith("/inetpub/wwwroot/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Triage looks at the first bytes of what lies where no program belongs, and of borrowed names elsewhere.</summary>
    public static bool IsPeeked(string path)
    {
        string name = WindowsPlaces.Name(path);
        return WindowsPlaces.IsOdd(path) || (WindowsNames.IsSystemProgram(name) && !WindowsNames.IsInItsPlace(path, name)) || name.Equals("config.json", StringComparison.OrdinalIgnoreCase);
    }
}
