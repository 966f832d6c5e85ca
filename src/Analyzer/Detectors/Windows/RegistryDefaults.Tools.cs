using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <content>Programs that Explorer, the logon screen and the set-up of users offer, compatibility databases, and what is renamed at the next boot.</content>
internal static partial class RegistryDefaults
{
    private const string ExecutionOptions = @"\Image File Execution Options\";
    private const string ExitMonitors = @"\SilentProcessExit\";

    /// <summary>The program that an execution option is about; options by path stand one key deeper.</summary>
    public static string ProgramOf(AutorunEntry entry)
    {
        foreach (string parent in (string[])[ExecutionOptions, ExitMonitors])
        {
            int at = entry.KeyPath.IndexOf(parent, StringComparison.OrdinalIgnoreCase);
            if (at >= 0)
            {
                return entry.KeyPath[(at + parent.Length)..].Split('\\')[0];
            }
        }
        return entry.KeyPath[(entry.KeyPath.LastIndexOf('\\') + 1)..];
    }

    /// <summary>What is odd about files that are renamed or deleted at the next boot: installers replace their own files, and none of these.</summary>
    public static string? OddRename(AutorunEntry entry) =>
        entry.Data.Split('\n').FirstOrDefault(text => StartupFolders().IsMatch(text)) is { } target ? $"at the next boot a file comes into a Startup folder: {Clip.Evidence(target)}"
        : entry.Data.Split('\n').FirstOrDefault(text => Protection().IsMatch(text)) is { } protection ? $"at the next boot a program of Defender is moved or deleted, which its own updates never touch: {Clip.Evidence(protection)}" : null;

    private static (Severity Severity, string Why)? OddTool(AutorunEntry entry)
    {
        if (entry.Mechanism == AutorunKind.Compatibility)
        {
            return entry.ValueName.Equals("DatabasePath", StringComparison.OrdinalIgnoreCase) && WindowsLogEvents.ImagePath(entry.Data) is { } database && !database.StartsWith("/Windows/AppPatch/", StringComparison.OrdinalIgnoreCase)
                ? (Severity.Medium, "a database of compatibility fixes, which may put libraries into programs, lies where sdbinst puts none") : null;
        }
        string program = entry.CommandTexts.Count == 0 ? "" : WindowsCommandWords.Program(entry.CommandTexts[0]);
        bool isForeign = program.Contains('\\', StringComparison.Ordinal) && WindowsLogEvents.ImagePath(program) is { } path && !WindowsPlaces.IsInstalled(path);
        bool isScript = ScriptHosts().IsMatch(WindowsPlaces.Name(program.Replace('\\', '/')));
        return !isForeign && !isScript ? null : entry.Mechanism switch
        {
            AutorunKind.Accessibility => (Severity.High, "the logon screen offers it to anybody as an aid for the handicapped"),
            AutorunKind.ExplorerTool => (Severity.Medium, "Explorer runs it in place of a tool of Windows for drives"),
            _ => (Severity.Medium, "every user who logs on for the first time runs it; installers put programs there that only they may change"),
        };
    }

    [GeneratedRegex(@"\\start menu\\programs\\startup\\[^\\]+$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex StartupFolders();

    [GeneratedRegex(@"(?:\\program files\\windows defender\\(?:msmpeng|mpcmdrun)\.exe|\\drivers\\wd(?:filter|boot|nisdrv)\.sys)$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Protection();

    [GeneratedRegex(@"^(?:powershell|pwsh|mshta|wscript|cscript)(?:\.exe)?$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ScriptHosts();
}
