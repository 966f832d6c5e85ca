namespace Forensics.Analyzer.Evidence;

/// <summary>What a directory of Windows says about a program in it. Paths are those of the image (<c>/Windows/System32</c>), in any case.</summary>
public static class WindowsPlaces
{
    private static readonly string[] s_odd =
    [
        "/Users/Public/", "/PerfLogs/", "/$Recycle.Bin/", "/RECYCLER/", "/Intel/", "/System Volume Information/", "/Windows/Temp/", "/Windows/Fonts/", "/Windows/Debug/", "/Windows/Tasks/", "/Windows/Help/", "/Windows/INF/", "/Windows/Media/",
        "/Windows/Cursors/", "/Windows/Tracing/", "/Windows/addins/", "/Windows/Web/", "/Windows/security/", "/Windows/Registration/", "/Windows/System32/Tasks/", "/Windows/System32/config/", "/Windows/System32/drivers/etc/",
        "/Windows/System32/spool/drivers/color/", "/Windows/System32/LogFiles/", "/Windows/SysWOW64/Tasks/", "/inetpub/logs/", "/MSOCache/",
    ];

    // Programs do lie in these all the same.
    private static readonly string[] s_notOdd =
    [
        "/Windows/Help/Windows/", "/Windows/System32/config/systemprofile/AppData/Local/", "/Windows/Fonts/GlobalUserInterface", "/Windows/Temp/VMware", "/Users/Public/Desktop/", "/Windows/Web/Printers/",
    ];

    private static readonly string[] s_system =
    [
        "/Windows/System32/", "/Windows/SysWOW64/", "/Windows/Sysnative/", "/Windows/WinSxS/", "/Windows/servicing/", "/Windows/Microsoft.NET/", "/Windows/SystemApps/", "/Windows/ImmersiveControlPanel/", "/Windows/assembly/",
    ];

    private static readonly string[] s_installed = ["/Program Files/", "/Program Files (x86)/", "/ProgramData/Microsoft/Windows Defender/", "/ProgramData/Package Cache/", "/ProgramData/Microsoft/EdgeUpdate/", "/Windows/"];

    /// <summary>No program belongs there: temporary and shared folders, fonts, logs, the recycle bin, the root of ProgramData.</summary>
    public static bool IsOdd(string path)
    {
        if (StartsWithAny(path, s_notOdd))
        {
            return false;
        }
        return StartsWithAny(path, s_odd) || IsDirectlyIn(path, "/ProgramData/") || IsDirectlyIn(path, "/Users/") || IsTemporary(path);
    }

    /// <summary>A temporary folder of the system or a user.</summary>
    public static bool IsTemporary(string path) =>
        StartsWithAny(path, ["/Windows/Temp/", "/Temp/", "/Tmp/"]) || path.Contains("/AppData/Local/Temp/", StringComparison.OrdinalIgnoreCase) || path.Contains("/Local Settings/Temp/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Any user may write there without being asked: profiles, shared folders, ProgramData.</summary>
    public static bool IsUserWritable(string path) => StartsWithAny(path, ["/Users/", "/Documents and Settings/", "/ProgramData/", "/Windows/Temp/", "/Windows/Tasks/", "/Windows/Tracing/", "/Windows/System32/spool/drivers/color/", "/PerfLogs/", "/Temp/", "/Tmp/", "/$Recycle.Bin/"]);

    /// <summary>Where Windows keeps its own programs.</summary>
    public static bool IsSystem(string path) => StartsWithAny(path, s_system) && !IsOdd(path);

    /// <summary>Where installers put programs and only administrators may write.</summary>
    public static bool IsInstalled(string path) => StartsWithAny(path, s_installed) && !IsOdd(path);

    /// <summary>Last component.</summary>
    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static bool IsDirectlyIn(string path, string folder) => path.StartsWith(folder, StringComparison.OrdinalIgnoreCase) && path.IndexOf('/', folder.Length) < 0;

    internal static bool StartsWithAny(string path, IReadOnlyList<string> prefixes)
    {
        foreach (string prefix in prefixes)
        {
            if (path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }
}
