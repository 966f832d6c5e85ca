using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Entries of the registry by which Windows starts or loads something, where they differ from what it ships: <see cref="RegistryDefaults"/> knows that.</summary>
/// <remarks><b>Limitations:</b> a user's class counts as shadowing when the machine's own is of Windows, not when it is some vendor's; what entries start is judged by <see cref="WindowsTargetDetector"/>.</remarks>
public sealed class RegistryEntryDetector : IDetector
{
    private static readonly RuleInfo s_name = new("W-RUN.unreadable-name", "Run entry with a name that no tool shows", "evasion", ["T1547.001", "T1564"]);
    private static readonly RuleInfo s_interpreter = new("W-RUN.interpreter", "Run entry that runs an interpreter", "persistence", ["T1547.001", "T1059"]);
    private static readonly RuleInfo s_winlogon = new("W-WINLOGON.non-default", "Program of Winlogon that Windows does not ship", "persistence", ["T1547.004"]);
    private static readonly RuleInfo s_ifeo = new("W-IFEO.debugger", "Program that is run instead of or beside another", "persistence", ["T1546.012"]);
    private static readonly RuleInfo s_logon = new("W-IFEO.logon-screen", "Program that is run instead of one of the logon screen", "persistence", ["T1546.008", "T1546.012"]);
    private static readonly RuleInfo s_appInit = new("W-APPINIT.library", "Library that all programs load", "persistence", ["T1546.010"]);
    private static readonly RuleInfo s_lsa = new("W-LSA.package", "Package of the security authority that Windows does not ship", "access", ["T1547.005", "T1556.002"]);
    private static readonly RuleInfo s_lsaSetting = new("W-LSA.weakened", "Setting that weakens the security authority", "access", ["T1556", "T1003.001"]);
    private static readonly RuleInfo s_session = new("W-SESSMGR.non-default", "Program of the session manager or the boot that Windows does not ship", "persistence", ["T1547.001"]);
    private static readonly RuleInfo s_print = new("W-PRINT.foreign", "Library or program of a system service that lies elsewhere", "persistence", ["T1547.010", "T1547.003"]);
    private static readonly RuleInfo s_com = new("W-COM.shadowed-class", "COM class of a user in place of one of Windows", "persistence", ["T1546.015"]);
    private static readonly RuleInfo s_scriptlet = new("W-COM.scriptlet", "COM class that is a script", "persistence", ["T1546.015"]);
    private static readonly RuleInfo s_server = new("W-COM.foreign-server", "Server of a COM class of the machine where no program belongs", "persistence", ["T1546.015"]);
    private static readonly RuleInfo s_assoc = new("W-ASSOC.non-default", "Entry that Windows does not ship", "persistence", ["T1546.001"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_name, s_interpreter, s_winlogon, s_ifeo, s_logon, s_appInit, s_lsa, s_lsaSetting, s_session, s_print, s_com, s_scriptlet, s_server, s_assoc];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<object, CommandLink> links = evidence.Links.Where(link => link.Source is AutorunEntry).ToLookup<CommandLink, object>(link => link.Source, ReferenceEqualityComparer.Instance);
        ILookup<string, MachineClasses> machine = evidence.OfType<MachineClasses>().ToLookup(classes => evidence.TreeOf(classes.Location.Volume), StringComparer.Ordinal);
        foreach (AutorunEntry entry in evidence.OfType<AutorunEntry>())
        {
            if (Judge(entry, links[entry], machine[evidence.TreeOf(entry.Location.Volume)].FirstOrDefault()) is not { } found)
            {
                continue;
            }
            yield return new Finding(found.Rule, entry.DormantBecause is null ? found.Severity : found.Severity.Lower(), entry.Location)
            {
                Message = $"{entry.KeyPath}, value {(entry.ValueName.Length == 0 ? "(default)" : entry.ValueName)}: {found.Why}." + (entry.DormantBecause is { } dormant ? $" It would not run at present: {dormant}; one level lower." : ""),
                Evidence = Clip.Evidence(entry.Data),
                Hashes = evidence.HashesOf(entry.Location),
                Related = [.. links[entry].SelectMany(EvidenceQueries.Related).Take(16)],
                Remediation = found.Severity <= Severity.Low ? [] : Place.CleanUp(entry, null),
            };
        }
    }

    private static (RuleInfo Rule, Severity Severity, string Why)? Judge(AutorunEntry entry, IEnumerable<CommandLink> links, MachineClasses? machine)
    {
        bool isInstalled = WindowsInterpreters.LeadsToInstalledOnly(links);
        bool isInterpreter = entry.CommandTexts.Any(WindowsInterpreters.Runs);
        // A program of an installer is some vendor's; an interpreter or a file elsewhere is not.
        Severity Graded(Severity foreign, Severity installed) => isInstalled && !isInterpreter ? installed : foreign;
        switch (entry.Mechanism)
        {
            case AutorunKind.Run or AutorunKind.RunOnce or AutorunKind.RunOnceEx or AutorunKind.RunServices or AutorunKind.PolicyRun or AutorunKind.WindowsLoad:
                return entry.ValueName.StartsWith('\0') ? (s_name, Severity.High, "its name begins with a NUL, so that regedit and others cannot show it")
                    : isInterpreter && !isInstalled && !RegistryDefaults.IsTidyingUp(entry) ? (s_interpreter, entry.CommandTexts.Any(RegistryDefaults.RunsScripts) ? Severity.Medium : Severity.Low, "it runs an interpreter, as installers hardly do") : null;
            case AutorunKind.Winlogon or AutorunKind.WinlogonNotify:
                return RegistryDefaults.IsOfWinlogon(entry) ? null
                    : (s_winlogon, Graded(Severity.High, entry.ValueName.Equals("Userinit", StringComparison.OrdinalIgnoreCase) ? Severity.Medium : Severity.Low), "whoever logs on starts this too; Windows ships userinit.exe and explorer.exe only");
            case AutorunKind.ImageFileDebugger or AutorunKind.SilentProcessExit or AutorunKind.ImageFileVerifier:
                string program = RegistryDefaults.ProgramOf(entry);
                return RegistryDefaults.IsDebugger(entry) ? null
                    : WindowsNames.IsOfLogonScreen("/Windows/System32/" + program) ? (s_logon, Severity.Critical, $"anybody at the logon screen, Remote Desktop's too, starts it as the system instead of {program}")
                    : (s_ifeo, Graded(Severity.High, Severity.Medium), $"it is run or loaded whenever {program} starts or ends");
            case AutorunKind.AppInit:
                return (s_appInit, isInstalled ? Severity.Low : Severity.High, "every program with a window loads it" + (isInstalled ? "; drivers of displays and old scanners do that" : ""));
            case AutorunKind.AppCert:
                return (s_appInit, isInstalled ? Severity.Medium : Severity.High, "every program that starts another loads it; hardly anybody does that");
            case AutorunKind.LsaPackage:
                return RegistryDefaults.UnknownPackage(entry) is { } package ? (s_lsa, RegistryDefaults.IsVendorPackage(package) && links.SelectMany(link => link.Files).Any(file => IsOf(file, package)) ? Severity.Low : Severity.High, $"the security authority loads {package}, which sees passwords in plain text") : null;
            case AutorunKind.LsaSetting:
                return RegistryDefaults.Weakness(entry) is { } weakness ? (s_lsaSetting, weakness.Severity, weakness.Why) : null;
            case AutorunKind.PendingRename:
                return RegistryDefaults.OddRename(entry) is { } rename ? (s_session, Severity.High, rename) : null;
            case AutorunKind.SessionManager or AutorunKind.Boot or AutorunKind.KnownLibrary:
                return RegistryDefaults.IsOfSession(entry) ? null : (s_session, Graded(Severity.High, Severity.Low), "it is started or loaded before anybody logs on; Windows ships another value");
            case AutorunKind.RemoteDesktop when RegistryDefaults.IsOfRemoteDesktop(entry):
                return null;
            case AutorunKind.RemoteDesktop:
                return (s_print, Graded(Severity.High, Severity.Low), "every session of Remote Desktop starts it");
            case AutorunKind.NetworkProvider when entry.ValueName.Equals("DataBasePath", StringComparison.OrdinalIgnoreCase):
                return RegistryDefaults.IsSystemFolder(entry.Data, "/Windows/System32/drivers/etc") ? null : (s_print, Severity.High, "the hosts file is read from another directory, so that the one everybody looks at says nothing");
            case AutorunKind.PrintMonitor or AutorunKind.TimeProvider or AutorunKind.NetworkProvider:
                return entry.NamedFiles.FirstOrDefault(path => !WindowsPlaces.IsInstalled(path)) is { } library ? (s_print, Severity.High, $"a service of the system loads {library}, where no installer puts its libraries") : null;
            case AutorunKind.UserClass:
                return RegistryDefaults.IsScriptlet(entry) ? (s_scriptlet, Severity.High, "whoever asks for the class runs a script, from wherever it is")
                    : RegistryDefaults.IsWellKnownClass(entry.KeyPath) ? (s_com, isInstalled ? Severity.Low : Severity.High, "Windows itself asks for this class; the user's own is loaded in its place")
                    : ClassIds.Of(entry.KeyPath) is { } id && machine?.ServerOf(id) is { } own && WindowsPlaces.IsSystem(own) ? (s_com, isInstalled ? Severity.Low : Severity.High, $"the machine's class of this number is {own} of Windows; the user's own is loaded in its place") : null;
            case AutorunKind.MachineClass:
                return RegistryDefaults.IsScriptlet(entry) ? (s_scriptlet, Severity.High, "whoever asks for the class runs a script, from wherever it is")
                    : entry.NamedFiles.Concat(entry.CommandTexts.Select(MachineClasses.PathOf).OfType<string>()).FirstOrDefault(WindowsPlaces.IsOdd) is { } odd ? (s_server, Severity.High, $"whoever asks for the class gets {odd}, where no installer puts a program")
                    : entry.CommandTexts.Any(RegistryDefaults.RunsScripts) && !isInstalled ? (s_server, Severity.Medium, "whoever asks for the class runs an interpreter") : null;
            default:
                return RegistryDefaults.OddAssociation(entry) is { } strange ? (s_assoc, Graded(strange.Severity, strange.Severity > Severity.Low ? Severity.Low : strange.Severity), strange.Why) : null;
        }
    }

    /// <summary>The package's library is there, in the system's own folder.</summary>
    private static bool IsOf(StartedFile file, string package) => file.Resolved is { } found && WindowsPlaces.IsSystem(found.Path)
        && (WindowsPlaces.Name(found.Path).Equals(package, StringComparison.OrdinalIgnoreCase) || WindowsPlaces.Name(found.Path).Equals(package + ".dll", StringComparison.OrdinalIgnoreCase));
}
