using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads services, drivers, autostart entries, drive letters, the firewall and remote access out of the hive SYSTEM.</summary>
/// <remarks><b>Limitations:</b> only the control set in use is read, by <c>Select\Current</c>; the first one there is when that is missing.</remarks>
public sealed class SystemHiveParser : RegistryHiveParser
{
    /// <inheritdoc/>
    public override string Name => "windows/system-hive";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{Windows,WINNT}/System32/config/SYSTEM"];

    private protected override void Read(HiveFacts facts)
    {
        AutorunReader.Read(facts, facts.Hive.Root, AutorunPlaces.System, @"HKLM\SYSTEM");
        DriveLetter.ReadAll(facts);
        if (WindowsIdentity.OfSystem(facts.Hive, facts.File) is not { } identity || WindowsIdentity.ControlSetInUse(facts.Hive, out _) is not { } set)
        {
            return;
        }
        facts.Add(identity);
        WindowsService.ReadAll(facts, set);
        AutorunReader.Read(facts, set, AutorunPlaces.ControlSet, @"HKLM\SYSTEM\" + set.Name);
        RegistryKey? policy = set.Find(@"Services\SharedAccess\Parameters\FirewallPolicy");
        FirewallProfile.ReadAll(facts, policy, isPolicy: false);
        FirewallRule.ReadAll(facts, policy?.FindSubkey("FirewallRules"), isPolicy: false);
        PortProxy.ReadAll(facts, set);
        RemoteDesktopSetting.Read(facts, set);
        ProgramTraceReader.ReadMachine(facts, set);
        DeletedRegistryReader.ReadServices(facts);
    }
}

/// <summary>Reads autostart entries, the cache of scheduled tasks, Defender's settings and what Windows this is out of the hive SOFTWARE.</summary>
public sealed class SoftwareHiveParser : RegistryHiveParser
{
    /// <inheritdoc/>
    public override string Name => "windows/software-hive";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{Windows,WINNT}/System32/config/SOFTWARE"];

    private protected override void Read(HiveFacts facts)
    {
        if (WindowsIdentity.OfSoftware(facts.Hive, facts.File) is { } identity)
        {
            facts.Add(identity);
        }
        AutorunReader.Read(facts, facts.Hive.Root, AutorunPlaces.Software, @"HKLM\SOFTWARE");
        OfficeSettingReader.ReadAll(facts, facts.Hive.Root, @"HKLM\SOFTWARE");
        if (facts.Hive.Find("Wow6432Node") is { } narrow)
        {
            AutorunReader.Read(facts, narrow, AutorunPlaces.Software, @"HKLM\SOFTWARE\Wow6432Node", isWow64: true);
            OfficeSettingReader.ReadAll(facts, narrow, @"HKLM\SOFTWARE\Wow6432Node");
        }
        if (facts.Hive.Find(@"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache") is { } cache)
        {
            TaskCacheEntry.ReadAll(facts, cache);
        }
        MachineClasses.Read(facts);
        DefenderSetting.ReadAll(facts);
        RemoteDesktopSetting.ReadPolicy(facts);
        StoredCertificate.ReadMachine(facts);
        RegistryKey? policy = facts.Hive.Find(@"Policies\Microsoft\WindowsFirewall");
        FirewallProfile.ReadAll(facts, policy, isPolicy: true);
        FirewallRule.ReadAll(facts, policy?.FindSubkey("FirewallRules"), isPolicy: true);
        DeletedRegistryReader.ReadSoftware(facts);
    }
}
