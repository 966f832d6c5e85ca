using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors;

/// <summary>Where the registry tells Windows to start or load something.</summary>
internal sealed class RegistryPlaceFamily : PlaceFamily
{
    private static readonly Place s_service = new("W-SERVICE", "service", "T1543.003");
    private static readonly Place s_run = new("W-RUN", "Run entry", "T1547.001");
    private static readonly Place s_winlogon = new("W-WINLOGON", "entry of Winlogon", "T1547.004");
    private static readonly Place s_ifeo = new("W-IFEO", "image file execution option", "T1546.012");
    private static readonly Place s_appInit = new("W-APPINIT", "library for all programs", "T1546.010");
    private static readonly Place s_lsa = new("W-LSA", "package of the security authority", "T1547.005");
    private static readonly Place s_session = new("W-SESSMGR", "entry of the session manager", "T1547.001");
    private static readonly Place s_print = new("W-PRINT", "library of a system service", "T1547.010");
    private static readonly Place s_com = new("W-COM", "COM class", "T1546.015");
    private static readonly Place s_other = new("W-ASSOC", "entry of the registry", "T1546");

    public override IReadOnlyList<Place> Places { get; } = [s_service, s_run, s_winlogon, s_ifeo, s_appInit, s_lsa, s_session, s_print, s_com, s_other];

    public override Place? PlaceOf(Artifact artifact) => artifact switch
    {
        WindowsService => s_service,
        AutorunEntry entry => PlaceOf(entry),
        _ => null,
    };

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source switch
    {
        // Without the library the service of Windows is still wanted.
        WindowsService { ServiceDll: not null } service => [$"When the service is one of Windows, set its ServiceDll back to that of another host of the same build; else:", .. WindowsRemediation.DeleteService(service.Name)],
        WindowsService service => WindowsRemediation.DeleteService(service.Name),
        AutorunEntry entry => WindowsRemediation.InHive(entry.KeyPath, entry.Location.Path, Reset(entry)),
        _ => null,
    };

    private static Place PlaceOf(AutorunEntry entry) => entry.Mechanism switch
    {
        AutorunKind.Run or AutorunKind.RunOnce or AutorunKind.RunOnceEx or AutorunKind.RunServices or AutorunKind.PolicyRun or AutorunKind.WindowsLoad => s_run,
        AutorunKind.RemoteDesktop when entry.KeyPath.Contains(@"\CurrentVersion\Run", StringComparison.OrdinalIgnoreCase) => s_run,
        AutorunKind.Winlogon or AutorunKind.WinlogonNotify => s_winlogon,
        AutorunKind.ImageFileDebugger or AutorunKind.ImageFileVerifier or AutorunKind.SilentProcessExit => s_ifeo,
        AutorunKind.AppInit or AutorunKind.AppCert => s_appInit,
        AutorunKind.LsaPackage or AutorunKind.LsaSetting => s_lsa,
        AutorunKind.SessionManager or AutorunKind.PendingRename or AutorunKind.KnownLibrary or AutorunKind.Boot => s_session,
        AutorunKind.PrintMonitor or AutorunKind.RemoteDesktop or AutorunKind.TimeProvider or AutorunKind.NetworkProvider => s_print,
        AutorunKind.UserClass or AutorunKind.MachineClass => s_com,
        _ => s_other,
    };

    // Some values must be there for the system to start; they are set to what Windows ships.
    private static IReadOnlyList<string> Reset(AutorunEntry entry) => (entry.Mechanism, entry.ValueName.ToUpperInvariant()) switch
    {
        (AutorunKind.Winlogon, "USERINIT") when entry.User is null => WindowsRemediation.SetValue(entry.KeyPath, entry.ValueName, @"C:\Windows\system32\userinit.exe,"),
        (AutorunKind.Winlogon, "SHELL") when entry.User is null => WindowsRemediation.SetValue(entry.KeyPath, entry.ValueName, "explorer.exe"),
        (AutorunKind.Boot, "ALTERNATESHELL") => WindowsRemediation.SetValue(entry.KeyPath, entry.ValueName, "cmd.exe"),
        (AutorunKind.AppInit, _) => WindowsRemediation.SetValue(entry.KeyPath, entry.ValueName, ""),
        (AutorunKind.LsaPackage or AutorunKind.SessionManager, _) or (AutorunKind.RemoteDesktop, "STARTUPPROGRAMS") or (AutorunKind.NetworkProvider, "DATABASEPATH") =>
            ["Edit the value back to what another host of the same build has; the key and value are named in the evidence"],
        (AutorunKind.LsaSetting, "LIMITBLANKPASSWORDUSE") => WindowsRemediation.SetNumber(entry.KeyPath, entry.ValueName, 1),
        (AutorunKind.Association, _) when entry.User is null => ["Set the command back to what another host of the same build has (\"%1\" %* for programs)"],
        _ => WindowsRemediation.DeleteValue(entry.KeyPath, entry.ValueName),
    };
}
