using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors;

/// <summary>Where policies and applications of Windows are told to start or load something.</summary>
internal sealed class WindowsApplicationPlaces : PlaceFamily
{
    private static readonly Place s_policy = new("W-GPO", "group policy", "T1484.001");
    private static readonly Place s_web = new("W-IIS", "extension of the web server", "T1505.004");
    private static readonly Place s_office = new("W-OFFICE", "extension of Office", "T1137");
    private static readonly Place s_exchange = new("W-EXCHANGE", "transport agent of Exchange", "T1505.002");

    public override IReadOnlyList<Place> Places { get; } = [s_policy, s_web, s_exchange, s_office];

    public override Place? PlaceOf(Artifact artifact) => artifact switch
    {
        PolicyScript or PolicyPreference or PolicyValue => s_policy,
        AutorunEntry entry when IsOfPolicy(entry) => s_policy,
        WebServerExtension { Extension: WebExtensionKind.TransportAgent } => s_exchange,
        WebServerExtension => s_web,
        OfficeSetting or OfficeStartupFile or AutorunEntry { Mechanism: AutorunKind.OfficeAddin } => s_office,
        _ => null,
    };

    /// <summary>The registry's copy of a script of group policy.</summary>
    public static bool IsOfPolicy(AutorunEntry entry) => entry.Mechanism == AutorunKind.LogonScript && entry.ValueName.Equals("Script", StringComparison.OrdinalIgnoreCase);

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source switch
    {
        PolicyScript script => OfPolicy(script.Origin, script.Location.Path, WindowsRemediation.RemoveLine(script.Location.Path, line ?? script.Location.Line)),
        PolicyPreference preference => OfPolicy(preference.Origin, preference.Location.Path, ["Delete the item in the preferences of the policy"]),
        PolicyValue value => OfPolicy(value.Origin, value.Location.Path, ["Take the setting out of the policy (gpedit.msc)", .. value.KeyPath.StartsWith("HKLM", StringComparison.Ordinal) && !value.IsDeletion ? WindowsRemediation.DeleteValue(value.KeyPath, value.ValueName) : []]),
        WebServerExtension { Extension: WebExtensionKind.TransportAgent, Name: { } name } => WindowsRemediation.RemoveTransportAgent(name),
        WebServerExtension { Extension: WebExtensionKind.NativeModule, Name: { } name } => WindowsRemediation.RemoveWebModule(name),
        WebServerExtension extension => [.. WindowsRemediation.RemoveLine(extension.Location.Path, line ?? extension.Location.Line), "iisreset"],
        OfficeStartupFile file => WindowsRemediation.RemoveFile(file.Location.Path),
        OfficeSetting { Topic: OfficeTopic.ComAddin } setting => WindowsRemediation.InHive(setting.KeyPath, setting.Location.Path, WindowsRemediation.SetNumber(setting.KeyPath, "LoadBehavior", 0)),
        OfficeSetting setting => WindowsRemediation.InHive(setting.KeyPath, setting.Location.Path, WindowsRemediation.DeleteValue(setting.KeyPath, setting.Name)),
        AutorunEntry entry => WindowsRemediation.InHive(entry.KeyPath, entry.Location.Path, WindowsRemediation.DeleteValue(entry.KeyPath, entry.ValueName)),
        _ => null,
    };

    // What a domain gives out comes back until it is taken out of the domain.
    private static IReadOnlyList<string> OfPolicy(PolicyOrigin origin, string path, IReadOnlyList<string> local) => origin switch
    {
        PolicyOrigin.Local => [.. local, "gpupdate /force"],
        PolicyOrigin.Domain => ["Find the policy of the domain that brings it (Group Policy Management, by the identifier in " + WindowsRemediation.Word(path) + ") and take the entry out there", "gpupdate /force"],
        _ => ["Take the entry out of the policy (Group Policy Management), and find out who changed it: every machine that the policy is linked to runs it", .. local],
    };
}
