using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Vba;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>A file that a program of Office opens or loads by itself when it starts: template, workbook, add-in, library, or the macros of Outlook.</summary>
/// <remarks><b>Limitations:</b> startup folders that the settings put elsewhere, and localised names of them, are not looked for.</remarks>
public sealed record OfficeStartupFile(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "office-startup-file";
    /// <summary>Profile directory it lies in; null for all users.</summary>
    public string? User { get; init; }
    /// <summary>It is a library (<c>.wll</c>, <c>.xll</c>, <c>.dll</c>), not a document.</summary>
    public bool IsLibrary { get; init; }
    /// <summary>It has macros.</summary>
    public bool HasMacros { get; init; }
    /// <summary>Names of its macros that run by themselves.</summary>
    public IReadOnlyList<string> AutoMacros { get; init; } = [];
    /// <summary>Words of its macros by which something is fetched, started or put into memory.</summary>
    public IReadOnlyList<string> Calls { get; init; } = [];
    /// <summary>Why it would not be opened by itself, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles => [Location.Path];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("user", User);
        fields.Flag("isLibrary", IsLibrary);
        fields.Flag("hasMacros", HasMacros);
        fields.List("autoMacros", AutoMacros);
        fields.List("calls", Calls);
        fields.Text("dormantBecause", DormantBecause);
    }
}

/// <summary>Notes what lies in the startup folders of Word and Excel, the normal template, and Outlook's macros; of macros, which run by themselves and what they call.</summary>
/// <remarks><b>Limitations:</b> see <see cref="VbaSource"/>; macros of Excel 4 are not read.</remarks>
public sealed class OfficeStartupFileParser : ArtifactParser
{
    private static readonly string[] s_libraries = [".wll", ".xll", ".dll"];
    private static readonly string[] s_documents = [".dot", ".dotm", ".doc", ".docm", ".xla", ".xlam", ".xls", ".xlsm", ".xlsb", ".xlt", ".xltm", ".ppam", ".otm"];

    private static readonly string[] s_auto =
    [
        "AutoExec", "AutoOpen", "AutoClose", "AutoExit", "AutoNew", "Auto_Open", "Auto_Close", "Auto_Add", "Document_Open", "Document_New", "Document_Close", "Workbook_Open", "Workbook_Activate", "Workbook_AddinInstall", "Workbook_BeforeClose",
        "Application_Startup", "Application_NewMail", "Application_NewMailEx", "Application_ItemSend", "Application_MAPILogonComplete", "Application_Reminder", "Application_Quit",
    ];

    private static readonly string[] s_calls =
    [
        "powershell", "mshta", "regsvr32", "rundll32", "certutil", "bitsadmin", "URLDownloadToFile", "VirtualAlloc", "CreateThread", "RtlMoveMemory", "Win32_Process", "WScript.Shell", "ShellExecute", "Shell(", "Shell ", "CreateProcess", "XMLHTTP", "WinHttpRequest",
        "ADODB.Stream", "cmd.exe", "cmd /c",
    ];

    /// <inheritdoc/>
    public override string Name => "windows/office-startup-file";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "~/AppData/Roaming/Microsoft/Word/STARTUP/**", "~/AppData/Roaming/Microsoft/Excel/XLSTART/**", "~/AppData/Roaming/Microsoft/AddIns/**", "~/AppData/Roaming/Microsoft/Templates/Normal.*",
        "~/AppData/Roaming/Microsoft/Outlook/VbaProject.OTM", "/Program Files{, (x86)}/Microsoft Office/**/{STARTUP,XLSTART}/**",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string name = input.Location.Name;
        int dot = name.LastIndexOf('.');
        string suffix = dot < 0 ? "" : name[dot..].ToLowerInvariant();
        bool isLibrary = Array.IndexOf(s_libraries, suffix) >= 0;
        if (input.Content.IsEmpty || name.StartsWith("~$", StringComparison.Ordinal) || (!isLibrary && Array.IndexOf(s_documents, suffix) < 0))
        {
            return;
        }
        string? text = null;
        if (!isLibrary)
        {
            try
            {
                text = VbaSource.Read(input.Content, sink);
            }
            catch (CorruptDataException exception)
            {
                sink.Report(new Diagnostic("windows.office.macros", "the macros of a document could not be read") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, Actual = exception.Message, LosesContent = true });
            }
        }
        string code = text ?? "";
        sink.Add(new OfficeStartupFile(input.Location)
        {
            User = WindowsProfiles.OwnerOf(input.Location.Path), IsLibrary = isLibrary, HasMacros = code.Length > 0,
            AutoMacros = [.. s_auto.Where(word => code.Contains("Sub " + word + "(", StringComparison.OrdinalIgnoreCase))],
            Calls = [.. s_calls.Where(word => HasWord(code, word))],
            DormantBecause = DormantBecause(input.Location.Path),
        });
    }

    // powershell is not Shell.
    private static bool HasWord(string code, string word)
    {
        for (int at = code.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = code.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (at == 0 || !char.IsAsciiLetterOrDigit(code[at - 1]))
            {
                return true;
            }
        }
        return false;
    }

    private static string? DormantBecause(string path)
    {
        if (path.Contains("/Microsoft/AddIns/", StringComparison.OrdinalIgnoreCase))
        {
            return "add-ins of this folder are opened only when the settings name them";
        }
        int at = Math.Max(path.LastIndexOf("/STARTUP/", StringComparison.OrdinalIgnoreCase), path.LastIndexOf("/XLSTART/", StringComparison.OrdinalIgnoreCase));
        return at >= 0 && path.IndexOf('/', at + 9) >= 0 ? "nothing is opened in folders below the startup folder" : null;
    }
}
