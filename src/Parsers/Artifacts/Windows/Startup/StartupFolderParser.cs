namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Notes the files of Startup folders, which the shell opens when somebody logs on. <see href="https://learn.microsoft.com/windows/win32/shell/csidl"/> (CSIDL_STARTUP).</summary>
/// <remarks><b>Limitations:</b> other folders that the registry may name are not looked for.</remarks>
public sealed class StartupFolderParser : ArtifactParser
{
    // What the shell starts with a program of Windows itself; other suffixes open a document.
    private static readonly string[] s_run =
    [
        ".exe", ".com", ".scr", ".pif", ".bat", ".cmd", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".hta", ".ps1", ".cpl", ".msi", ".msc", ".jar", ".py", ".pyw", ".ahk", ".lnk", ".url", ".application", ".appref-ms", ".dll", ".chm", ".reg", ".inf", ".sct",
    ];

    private static readonly string[] s_opensEditor = [".ps1", ".dll", ".inf", ".sct", ".reg"];

    /// <inheritdoc/>
    public override string Name => "windows/startup-folder";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/ProgramData/Microsoft/Windows/Start Menu/Programs/Startup/**", "~/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/**",
        "/Documents and Settings/All Users/Start Menu/Programs/Startup/**", "~/Start Menu/Programs/Startup/**",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string name = input.Location.Name;
        int dot = name.LastIndexOf('.');
        string suffix = dot < 0 ? "" : name[dot..].ToLowerInvariant();
        if (input.Content.IsEmpty || name.Equals("desktop.ini", StringComparison.OrdinalIgnoreCase) || Array.IndexOf(s_run, suffix) < 0)
        {
            return;
        }
        string? user = WindowsProfiles.OwnerOf(input.Location.Path);
        sink.Add(new StartupItem(input.Location)
        {
            Folder = user is null ? StartupFolder.AllUsers : StartupFolder.User,
            User = user,
            IsShortcut = suffix is ".lnk" or ".url" or ".appref-ms",
            DormantBecause = InSubfolder(input.Location.Path) ? "the shell does not look into folders below its Startup folder"
                : Array.IndexOf(s_opensEditor, suffix) >= 0 ? "the shell opens or asks about files of this kind instead of running them" : null,
        });
    }

    private static bool InSubfolder(string path)
    {
        int at = path.LastIndexOf("/Startup/", StringComparison.OrdinalIgnoreCase);
        int first = path.IndexOf("/Startup/", StringComparison.OrdinalIgnoreCase);
        return first != at || path.IndexOf('/', at + 9) >= 0;
    }
}
