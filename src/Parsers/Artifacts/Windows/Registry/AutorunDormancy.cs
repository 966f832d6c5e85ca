using System.Globalization;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Settings beside an entry that keep Windows from acting on it.</summary>
/// <remarks>
/// <b>Limitations:</b> a <c>GlobalFlag</c> of the whole system stands in another hive and is not asked; neither is the state of Secure Boot, with which <c>AppInit_DLLs</c> are never loaded.
/// Sources: <see href="https://learn.microsoft.com/windows-hardware/drivers/debugger/enable-silent-process-exit-monitoring"/>, <see href="https://learn.microsoft.com/windows/win32/dlls/secure-boot-and-appinit-dlls"/>.
/// </remarks>
internal static class AutorunDormancy
{
    private const long ApplicationVerifier = 0x100; // FLG_APPLICATION_VERIFIER
    private const long MonitorSilentExit = 0x200; // FLG_MONITOR_SILENT_PROCESS_EXIT
    private const long LaunchMonitor = 0x1; // LAUNCH_MONITORPROCESS
    private const string Options = @"Microsoft\Windows NT\CurrentVersion\Image File Execution Options\";

    /// <summary>Why an entry has no effect, as a clause; null when it has.</summary>
    /// <param name="place">What kind of entry it is.</param>
    /// <param name="root">Root that the place's path begins at.</param>
    /// <param name="key">Key of the entry.</param>
    public static string? Of(AutorunPlace place, RegistryKey root, RegistryKey key) => place.Kind switch
    {
        AutorunKind.AppInit when RegistryText.Number(key, "LoadAppInit_DLLs") is null or 0 => "LoadAppInit_DLLs does not ask for it",
        AutorunKind.ImageFileVerifier when (Flags(key, "GlobalFlag") & ApplicationVerifier) == 0 => "GlobalFlag does not ask for the verifier",
        AutorunKind.ImageFileDebugger or AutorunKind.ImageFileVerifier when IsFilter(place) => OfFilter(root, key),
        AutorunKind.SilentProcessExit when (Flags(key, "ReportingMode") & LaunchMonitor) == 0 => "ReportingMode does not ask for a program to be started",
        AutorunKind.SilentProcessExit when (Flags(root.Find(Options + key.Name), "GlobalFlag") & MonitorSilentExit) == 0 => "GlobalFlag of the program's execution options does not ask for its end to be watched",
        AutorunKind.ScreenSaver when RegistryText.Text(key, "ScreenSaveActive") == "0" => "the screen saver is switched off",
        AutorunKind.ActiveSetup when RegistryText.Number(key, "IsInstalled") == 0 => "the component is not installed",
        _ => null,
    };

    private static bool IsFilter(AutorunPlace place) => place.Key.EndsWith(@"\*\*", StringComparison.Ordinal);

    // Options of one path only: the program's key says that there are such.
    private static string? OfFilter(RegistryKey root, RegistryKey key)
    {
        string[] parts = key.Path.Split('\\');
        return parts.Length < 2 || (Flags(root.Find(Options + parts[^2]), "UseFilter") & 1) == 0 ? "UseFilter does not ask for options by path"
            : string.IsNullOrEmpty(RegistryText.Text(key, "FilterFullPath")) ? "no path is stated for it" : null;
    }

    // gflags writes numbers, older tools text such as 0x00000200.
    private static long Flags(RegistryKey? key, string name) =>
        RegistryText.Text(key, name) is { } text && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long flags)
            ? flags : RegistryText.Number(key, name) ?? 0;
}
