using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>What programs of Office load or run by themselves: add-ins, libraries and macros in startup folders, home pages of Outlook, and settings that let macros run unasked.</summary>
/// <remarks><b>Limitations:</b> add-ins that nobody signed and that lie where installers put programs are not told from others; rules of mailboxes are on the server.</remarks>
public sealed partial class OfficeDetector : IDetector
{
    private static readonly RuleInfo s_perf = new("W-OFFICE.test-library", "Library that every program of Office loads", "persistence", ["T1137.002"]);
    private static readonly RuleInfo s_addin = new("W-OFFICE.foreign-addin", "Add-in of Office that lies where users may write and is not signed", "persistence", ["T1137.006"]);
    private static readonly RuleInfo s_library = new("W-OFFICE.startup-library", "Library in a startup folder of Office", "persistence", ["T1137.006"]);
    private static readonly RuleInfo s_macro = new("W-OFFICE.startup-macro", "Macro that runs by itself whenever a program of Office starts", "persistence", ["T1137.001", "T1059.005"]);
    private static readonly RuleInfo s_page = new("W-OFFICE.home-page", "Page in place of a folder of Outlook", "persistence", ["T1137.004"]);
    private static readonly RuleInfo s_trust = new("W-OFFICE.macro-settings", "Setting by which macros run unasked", "evasion", ["T1112", "T1137"]);

    private static readonly string[] s_strong = ["powershell", "mshta", "regsvr32", "rundll32", "certutil", "bitsadmin", "URLDownloadToFile", "VirtualAlloc", "CreateThread", "Win32_Process"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_perf, s_addin, s_library, s_macro, s_page, s_trust];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        Dictionary<(string, string), bool> signed = evidence.OfType<WindowsProgramFacts>().GroupBy(program => (program.Location.Volume, program.Location.Path.ToUpperInvariant())).ToDictionary(group => group.Key, group => group.Any(program => program.IsSigned));
        bool? IsSigned(Artifact source, string path) => signed.TryGetValue((source.Location.Volume, path.ToUpperInvariant()), out bool isSigned) ? isSigned : null;
        foreach (AutorunEntry entry in evidence.OfType<AutorunEntry>().Where(entry => entry.Mechanism == AutorunKind.OfficeAddin))
        {
            yield return Of(s_perf, Severity.High, entry, entry.Data, entry.DormantBecause, $"{entry.KeyPath}: every program of Office loads it; Office does not bring this key, and nothing but tests of its maker used it.", evidence);
        }
        OfficeSetting[] settings = [.. evidence.OfType<OfficeSetting>()];
        HashSet<string> open = [.. settings.Where(setting => setting is { Topic: OfficeTopic.MacroSecurity, Name: "AccessVBOM", Data: "1" }).Select(setting => setting.KeyPath)];
        foreach (OfficeSetting setting in settings)
        {
            if (Judge(setting, open, path => IsSigned(setting, path)) is { } found)
            {
                yield return Of(found.Rule, found.Severity, setting, setting.Data ?? setting.Name, setting.DormantBecause, $"{setting.KeyPath}, {setting.Name}: {found.Why}.", evidence);
            }
        }
        foreach (OfficeStartupFile file in evidence.OfType<OfficeStartupFile>())
        {
            if (Judge(file, IsSigned(file, file.Location.Path)) is { } found)
            {
                yield return Of(found.Rule, found.Severity, file, string.Join(' ', [file.Location.Path, .. file.AutoMacros, .. file.Calls]), file.DormantBecause, found.Why + ".", evidence);
            }
        }
    }

    private static (RuleInfo Rule, Severity Severity, string Why)? Judge(OfficeSetting setting, HashSet<string> open, Func<string, bool?> signed)
    {
        string data = setting.Data ?? "";
        switch (setting.Topic)
        {
            case OfficeTopic.ComAddin or OfficeTopic.ExcelOpen:
                string? file = setting.NamedFiles.FirstOrDefault(path => WindowsPlaces.IsUserWritable(path) && !path.Contains("/AppData/Local/Apps/2.0/", StringComparison.OrdinalIgnoreCase));
                return file is not null && signed(file) == false ? (s_addin, WindowsPlaces.IsOdd(file) ? Severity.High : Severity.Medium, $"it loads {file}, which nobody signed and where users may write") : null;
            case OfficeTopic.HomePage:
                return OwnPage().IsMatch(data) ? null : (s_page, setting.IsPolicy ? Severity.Low : Severity.High, "Outlook shows this page, scripts and all, in place of a folder; updates of 2017 and later ignore it unless the setting that brings it back is there");
            case OfficeTopic.MacroSecurity:
                return setting is { Name: "VBAWarnings", Data: "1", IsPolicy: false } && open.Contains(setting.KeyPath) ? (s_trust, Severity.Medium, "all macros run unasked, and macros may write others into documents") : null;
            default:
                return !setting.IsPolicy && Everywhere().IsMatch(data) ? (s_trust, Severity.Medium, $"macros of all documents in {data} run unasked, and that is where downloads and mail put them") : null;
        }
    }

    private static (RuleInfo Rule, Severity Severity, string Why)? Judge(OfficeStartupFile file, bool? isSigned)
    {
        if (file.IsLibrary)
        {
            return isSigned == false && !WindowsPlaces.IsInstalled(file.Location.Path) ? (s_library, Severity.High, "A program of Office loads this library whenever it starts; nobody signed it, and it lies in the profile of a user") : null;
        }
        if (file.AutoMacros.Count == 0)
        {
            return null;
        }
        bool isStrong = file.Calls.Any(call => Array.IndexOf(s_strong, call) >= 0);
        Severity severity = isStrong ? Severity.High : file.Calls.Count >= 2 ? Severity.Medium : Severity.Low;
        return (s_macro, severity, "Its macros " + string.Join(", ", file.AutoMacros.Take(4)) + " run by themselves" + (file.Calls.Count == 0 ? ", as those of many add-ins do" : ", and there is in them: " + string.Join(", ", file.Calls.Select(call => call.TrimEnd(' ', '(')).Take(6))));
    }

    private static Finding Of(RuleInfo rule, Severity severity, Artifact source, string text, string? dormant, string message, EvidenceIndex evidence) => new(rule, dormant is null ? severity : severity.Lower(), source.Location)
    {
        Message = message + (dormant is null ? "" : $" It would not run at present: {dormant}; one level lower."),
        Evidence = Clip.Evidence(text),
        Hashes = evidence.HashesOf(source.Location),
        Remediation = severity <= Severity.Low ? [] : Place.CleanUp(source, null),
    };

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    // Outlook's own pages, and names without a dot, which are hosts of the network one is in.
    [GeneratedRegex(@"^(?:res:|outlook:|about:|https?://[\w-]+(?:[:/]|$))", Options)]
    private static partial Regex OwnPage();

    [GeneratedRegex(@"^(?:[a-z]:\\?|[a-z]:\\(?:users(?:\\public)?|windows\\temp|temp|programdata)\\?|%(?:temp|tmp|public|userprofile)%\\?|.*\\(?:downloads|appdata\\local\\temp|content\.outlook)(?:\\.*)?)$", Options)]
    private static partial Regex Everywhere();
}
