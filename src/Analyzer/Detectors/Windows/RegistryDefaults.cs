using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>What Windows itself writes into the places of the registry that start something, and what well-known vendors do.</summary>
internal static partial class RegistryDefaults
{
    private static readonly HashSet<string> s_packages = new(StringComparer.OrdinalIgnoreCase)
    {
        "kerberos", "msv1_0", "schannel", "wdigest", "tspkg", "pku2u", "livessp", "cloudap", "negoexts", "negotiate", "credssp", "scecli", "rassfm", "lsasrv", "msapsspc", "digest", "msnsspc", "efslsaext", "kdcsvc", "kdcpw", "samsrv",
    };

    private static readonly string[] s_vendorPackages = ["AzureADPasswordProtection", "aswLsa", "ssoPkg", "nwpwd", "pGina", "setuid", "duo"];

    // Classes that Explorer, the sound system and scheduled tasks of Windows ask for all the time.
    private static readonly string[] s_classes =
    [
        "{BCDE0395-E52F-467C-8E3D-C4579291692E}", "{B5F8350B-0548-48B1-A6EE-88BD00B4A5E7}", "{42AEDC87-2188-41FD-B9A3-0C966FEABEC1}", "{FBEB8A05-BEEE-4442-804E-409D6C4515E9}", "{0A29FF9E-7F9C-4437-8B11-F424491E3931}",
        "{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}", "{0F87369F-A4E5-4CFC-BD3E-73E6154572DD}", "{2DEA658F-54C1-4227-AF9B-260AB5FC3543}", "{4DE225BF-CF59-4CFC-85F7-68B90F185355}", "{645FF040-5081-101B-9F08-00AA002F954E}",
        "{20D04FE0-3AEA-1069-A2D8-08002B30309D}", "{9BA05972-F6A8-11CF-A442-00A0C90A8F39}", "{C08AFD90-F2A1-11D1-8455-00A0C91F3880}",
    ];

    private static readonly string[] s_programTypes = ["exefile", "comfile", "batfile", "cmdfile", "piffile", "scrfile", "ms-settings", "mscfile", "Folder", "Directory", "Drive"];

    /// <summary>OneDrive and setup programs remove what is left of them at the next logon.</summary>
    public static bool IsTidyingUp(AutorunEntry entry) => entry.Mechanism == AutorunKind.RunOnce && entry.CommandTexts.All(text => TidyUp().IsMatch(text));

    /// <summary>It runs an interpreter of scripts.</summary>
    public static bool RunsScripts(string command) => Scripts().IsMatch(WindowsPlaces.Name(WindowsCommandWords.Program(command).Replace('\\', '/')));

    /// <summary>Winlogon's programs as shipped.</summary>
    public static bool IsOfWinlogon(AutorunEntry entry) => entry.ValueName.ToUpperInvariant() switch
    {
        "USERINIT" => entry.CommandTexts.All(text => IsProgram(text, "userinit.exe")),
        "SHELL" => entry.User is null && entry.CommandTexts.All(text => IsProgram(text, "explorer.exe")),
        "VMAPPLET" => entry.CommandTexts.All(text => IsProgram(text, "SystemPropertiesPerformance.exe") || IsProgram(text, "rundll32.exe") || IsProgram(text, "rundll32") || text.StartsWith("Control_RunDLL", StringComparison.OrdinalIgnoreCase)),
        "UIHOST" => entry.CommandTexts.All(text => IsProgram(text, "logonui.exe")),
        "APPSETUP" => entry.CommandTexts.All(text => IsProgram(text, "UsrLogon.cmd")),
        "DLLNAME" => entry.NamedFiles.All(WindowsPlaces.IsSystem),
        _ => entry.Data.Trim().Length == 0,
    };

    /// <summary>Debuggers that developers install.</summary>
    public static bool IsDebugger(AutorunEntry entry) => entry.Mechanism == AutorunKind.ImageFileDebugger
        && WindowsPlaces.Name(WindowsCommandWords.Program(entry.Data).Replace('\\', '/')).ToUpperInvariant() is var name
        && (name is "VSJITDEBUGGER.EXE" || (name is "PROCEXP.EXE" or "PROCEXP64.EXE" && entry.KeyPath.EndsWith(@"\taskmgr.exe", StringComparison.OrdinalIgnoreCase)) || entry.KeyPath.EndsWith("without a path", StringComparison.OrdinalIgnoreCase));

    /// <summary>The first package that Windows does not ship.</summary>
    public static string? UnknownPackage(AutorunEntry entry) =>
        entry.Libraries.FirstOrDefault(name => !s_packages.Contains(name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name));

    /// <summary>A product that filters passwords or logs on in its own way.</summary>
    public static bool IsVendorPackage(string package) => Array.Exists(s_vendorPackages, vendor => package.StartsWith(vendor, StringComparison.OrdinalIgnoreCase));

    /// <summary>What a setting of the security authority gives up.</summary>
    public static (Severity Severity, string Why)? Weakness(AutorunEntry entry) => (entry.ValueName.ToUpperInvariant(), entry.Data) switch
    {
        ("DSRMADMINLOGONBEHAVIOR", "2") => (Severity.High, "the account for directory restore may log on at any time, with a password that nobody changes"),
        ("USELOGONCREDENTIAL", "1") => (Severity.Medium, "passwords of those who log on are kept in memory in plain text"),
        ("LIMITBLANKPASSWORDUSE", "0") => (Severity.Medium, "accounts without a password may log on over the network"),
        _ => null,
    };

    /// <summary>Entries of the session manager, known libraries and programs of the boot as shipped.</summary>
    public static bool IsOfSession(AutorunEntry entry) => entry.Mechanism switch
    {
        AutorunKind.KnownLibrary => entry.NamedFiles.All(WindowsPlaces.IsSystem) || IsSystemFolder(entry.Data, "/Windows/System32") || IsSystemFolder(entry.Data, "/Windows/SysWOW64"),
        AutorunKind.Boot => entry.ValueName.ToUpperInvariant() switch
        {
            "ALTERNATESHELL" => IsProgram(entry.Data, "cmd.exe"),
            "CMDLINE" => SetUp().IsMatch(entry.Data),
            _ => IsProgram(entry.Data, "bootvrfy.exe"),
        },
        _ when entry.KeyPath.EndsWith(@"\SubSystems", StringComparison.OrdinalIgnoreCase) => entry.CommandTexts.All(text => IsProgram(text, "csrss.exe") || IsProgram(text, "psxss.exe") || IsProgram(text, "os2ss.exe")),
        _ => entry.CommandTexts.All(text => AutoCheck().IsMatch(text)),
    };

    /// <summary>The clipboard of Remote Desktop.</summary>
    public static bool IsOfRemoteDesktop(AutorunEntry entry) => entry.KeyPath.Contains(@"\CurrentVersion\Run", StringComparison.OrdinalIgnoreCase) || entry.CommandTexts.All(text => IsProgram(text, "rdpclip.exe") || IsProgram(text, "rdpclip"));

    /// <summary>A script in place of a library.</summary>
    public static bool IsScriptlet(AutorunEntry entry) => entry.KeyPath.EndsWith(@"\ScriptletURL", StringComparison.OrdinalIgnoreCase) || entry.NamedFiles.Any(path => WindowsPlaces.Name(path).Equals("scrobj.dll", StringComparison.OrdinalIgnoreCase));

    /// <summary>A class that Windows itself asks for.</summary>
    public static bool IsWellKnownClass(string key) => Array.Exists(s_classes, id => key.Contains(id, StringComparison.OrdinalIgnoreCase));

    /// <summary>What is odd about the other entries.</summary>
    public static (Severity Severity, string Why)? OddAssociation(AutorunEntry entry)
    {
        switch (entry.Mechanism)
        {
            case AutorunKind.Association:
                string[] parts = entry.KeyPath.Split('\\');
                bool isProgramType = parts.Length > 3 && Array.Exists(s_programTypes, type => type.Equals(parts[^4], StringComparison.OrdinalIgnoreCase));
                bool isDefault = entry.Data.Trim() is "\"%1\" %*" or "\"%1\" /S" or "%1 %*" || parts[^4].Equals("piffile", StringComparison.OrdinalIgnoreCase);
                return entry.User is not null && isProgramType && !isDefault ? (Severity.High, "programs that run with all rights ask this user's key first, so that the command gets these rights")
                    : entry.User is null && isProgramType && parts[^4].EndsWith("file", StringComparison.OrdinalIgnoreCase) && parts[^4] is not "mscfile" && entry.ValueName.Length == 0 && !isDefault ? (Severity.High, "whatever program is started, this is run in its place") : null;
            case AutorunKind.ScreenSaver:
                return WindowsLogEvents.ImagePath(entry.Data) is { } saver && !(WindowsPlaces.IsInstalled(saver) && saver.EndsWith(".scr", StringComparison.OrdinalIgnoreCase)) ? (Severity.Medium, "the screen saver is none of Windows'") : null;
            case AutorunKind.CommandProcessor:
                return entry.Data.Contains("conda_hook", StringComparison.OrdinalIgnoreCase) ? null : (Severity.Medium, "every cmd.exe runs it first");
            case AutorunKind.CrashDebugger:
                return Debuggers().IsMatch(entry.Data) ? null : (Severity.High, "it is started with the rights of any program that crashes");
            case AutorunKind.NetshHelper:
                return entry.NamedFiles.Any(path => !WindowsPlaces.IsInstalled(path)) ? (Severity.High, "netsh loads a library from where no installer puts one") : null;
            case AutorunKind.Accessibility or AutorunKind.ExplorerTool or AutorunKind.ActiveSetup or AutorunKind.Compatibility:
                return OddTool(entry);
            case AutorunKind.Environment:
                return entry.NamedFiles.Any(path => WindowsPlaces.IsUserWritable(path)) ? (Severity.High, "every program of .NET loads a library from where users may write") : null;
            case AutorunKind.LogonScript when entry.ValueName.Equals("UserInitMprLogonScript", StringComparison.OrdinalIgnoreCase):
                return entry.Data.StartsWith(@"\\", StringComparison.Ordinal) ? (Severity.Low, "it is run when the user logs on; administrators of domains do that") : (Severity.Medium, "it is run when the user logs on; no tool of Windows sets it");
            case AutorunKind.StartupFolder:
                return entry.Data.Contains("Start", StringComparison.OrdinalIgnoreCase) || entry.Data.StartsWith(@"\\", StringComparison.Ordinal) || entry.Data.Contains("Programs", StringComparison.OrdinalIgnoreCase) ? null : (Severity.Medium, "the Startup folder lies elsewhere, where nobody looks");
            default:
                return null;
        }
    }

    /// <summary>A text names a folder of the system.</summary>
    public static bool IsSystemFolder(string text, string folder) => WindowsLogEvents.ImagePath(text.TrimEnd('\\') + @"\x") is { } path && path.Equals(folder + "/x", StringComparison.OrdinalIgnoreCase);

    /// <summary>The command runs a program of Windows by its bare name or from where Windows keeps it.</summary>
    private static bool IsProgram(string command, string name)
    {
        string program = WindowsCommandWords.Program(command);
        string path = program.Contains('\\', StringComparison.Ordinal) ? WindowsLogEvents.ImagePath(program) ?? "" : "/Windows/System32/" + program;
        return path.Equals("/Windows/System32/" + name, StringComparison.OrdinalIgnoreCase) || path.Equals("/Windows/" + name, StringComparison.OrdinalIgnoreCase);
    }

    [GeneratedRegex(@"^""?(?:c:\\windows\\system32\\)?cmd(?:\.exe)?""?\s+/q\s+/c\s+(?:del|rmdir|rd)\s[^&|]*$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TidyUp();

    [GeneratedRegex(@"^(?:powershell|pwsh|mshta|wscript|cscript|regsvr32|rundll32)(?:\.exe)?$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Scripts();

    [GeneratedRegex(@"^(?:\s*|oobe\\windeploy\.exe|setup(?:\.exe)? -newsetup.*)$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SetUp();

    [GeneratedRegex(@"^autocheck\s+(?:autochk|autofmt)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AutoCheck();

    [GeneratedRegex(@"\b(?:vsjitdebugger|drwtsn32|werfault|ntsd|windbg)(?:\.exe)?\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Debuggers();
}
