using System.Collections.Frozen;

namespace Forensics.Analyzer.Evidence;

/// <summary>Names of programs of Windows: those that malware borrows, and those that run what somebody else wrote.</summary>
public static class WindowsNames
{
    private static readonly FrozenSet<string> s_system = new[]
    {
        "svchost.exe", "lsass.exe", "csrss.exe", "smss.exe", "wininit.exe", "winlogon.exe", "services.exe", "taskhostw.exe", "taskhost.exe", "taskeng.exe", "spoolsv.exe", "conhost.exe", "dllhost.exe", "rundll32.exe", "lsm.exe", "dwm.exe", "sihost.exe",
        "ctfmon.exe", "fontdrvhost.exe", "runtimebroker.exe", "searchindexer.exe", "wmiprvse.exe", "userinit.exe", "audiodg.exe", "explorer.exe", "logonui.exe", "wuauclt.exe", "trustedinstaller.exe", "tiworker.exe", "msdtc.exe", "regsvr32.exe",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_inWindows = new[] { "explorer.exe", "trustedinstaller.exe", "tiworker.exe" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_logonScreen = new[] { "sethc.exe", "utilman.exe", "osk.exe", "narrator.exe", "magnify.exe", "displayswitch.exe", "atbroker.exe" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_scripts = new[] { ".bat", ".cmd", ".ps1", ".psm1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".hta", ".sct" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_programs = new[]
    {
        ".exe", ".dll", ".sys", ".scr", ".com", ".cpl", ".ocx", ".pif", ".msi", ".msp", ".jar", ".drv", ".efi", ".ax", ".xll", ".wll", ".chm", ".lnk", ".url", ".aspx", ".ashx", ".asmx", ".asp", ".php", ".jsp", ".jspx",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The name of a program that Windows runs from its own directory only.</summary>
    public static bool IsSystemProgram(string name) => s_system.Contains(name);

    /// <summary>It lies where Windows keeps a program of that name, or keeps copies of it.</summary>
    public static bool IsInItsPlace(string path, string name) => WindowsPlaces.IsSystem(path)
        || (s_inWindows.Contains(name) && path.StartsWith("/Windows/", StringComparison.OrdinalIgnoreCase) && path.LastIndexOf('/') == 8)
        || WindowsPlaces.StartsWithAny(path, ["/Windows.old/", "/$WINDOWS.~BT/", "/$Windows.~WS/", "/Windows/SoftwareDistribution/", "/Windows/UUS/", "/Windows/LCU/", "/Windows/Installer/", "/Windows/servicing/", "/Windows/Containers/", "/ProgramData/Microsoft/Windows/Containers/", "/ProgramData/docker/windowsfilter/"]);

    /// <summary>A program that anybody at the logon screen can start (sticky keys, on-screen keyboard ...), where Windows keeps it.</summary>
    public static bool IsOfLogonScreen(string path) =>
        path.StartsWith("/Windows/System32/", StringComparison.OrdinalIgnoreCase) && path.LastIndexOf('/') == "/Windows/System32".Length && s_logonScreen.Contains(WindowsPlaces.Name(path));

    /// <summary>Programs that give whoever starts them the whole system, where Windows keeps them.</summary>
    public static IReadOnlyList<string> Shells { get; } =
    [
        "/Windows/System32/cmd.exe", "/Windows/System32/WindowsPowerShell/v1.0/powershell.exe", "/Windows/explorer.exe", "/Windows/System32/taskmgr.exe", "/Windows/System32/mmc.exe", "/Windows/SysWOW64/cmd.exe",
        "/Windows/SysWOW64/WindowsPowerShell/v1.0/powershell.exe",
    ];

    /// <summary>It is one of <see cref="Shells"/>.</summary>
    public static bool IsShell(string path) => Shells.Contains(path, StringComparer.OrdinalIgnoreCase);

    /// <summary>Few and fixed, so every profile looks into them: programs of the logon screen, and the shells that take their place.</summary>
    public static bool IsVital(string path) => IsOfLogonScreen(path) || IsShell(path);

    /// <summary>Suffix in any case, with its dot; empty when there is none.</summary>
    public static string Suffix(string name)
    {
        int dot = name.LastIndexOf('.');
        return dot <= name.LastIndexOf('/') ? "" : name[dot..];
    }

    /// <summary>A script by its suffix.</summary>
    public static bool IsScript(string name) => s_scripts.Contains(Suffix(name));

    /// <summary>A program, library, script or shortcut by its suffix.</summary>
    public static bool IsProgram(string name) => s_scripts.Contains(Suffix(name)) || s_programs.Contains(Suffix(name));
}
