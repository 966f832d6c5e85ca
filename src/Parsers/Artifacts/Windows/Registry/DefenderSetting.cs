using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>A setting of Microsoft Defender that takes something out of its sight or switches a part of it off or on.</summary>
/// <remarks><b>Limitations:</b> settings of Defender for Endpoint and what tamper protection overrides at run time are not in the registry.</remarks>
public sealed record DefenderSetting(EvidenceLocation Location) : Artifact(Location)
{
    private static readonly string[] s_exclusions = ["Paths", "Processes", "Extensions", "IpAddresses", "TemporaryPaths"];
    private static readonly string[] s_parts = ["", "Real-Time Protection", "Features", "Spynet", "Scan", "MpEngine", "Reporting", "UX Configuration", "Signature Updates", "Threats", @"Windows Defender Exploit Guard\Controlled Folder Access", @"Windows Defender Exploit Guard\ASR", @"Windows Defender Exploit Guard\Network Protection"];
    private static readonly string[] s_lists = [@"Threats\ThreatSeverityDefaultAction", @"Threats\ThreatIdDefaultAction", @"Windows Defender Exploit Guard\ASR\Rules", @"Windows Defender Exploit Guard\ASR\ASROnlyExclusions"];

    /// <inheritdoc/>
    public override string Kind => "defender-setting";
    /// <summary>It takes a path, process, extension or address out of scanning.</summary>
    public bool IsExclusion { get; init; }
    /// <summary>Part: <c>Paths</c>, <c>Processes</c>, <c>Extensions</c>, <c>IpAddresses</c>, <c>TemporaryPaths</c> for exclusions, else the key below Windows Defender (empty for that itself).</summary>
    public required string Area { get; init; }
    /// <summary>What is excluded, or the name of the setting.</summary>
    public required string Name { get; init; }
    /// <summary>Value of the setting as text.</summary>
    public string? Value { get; init; }
    /// <summary>It was set by policy.</summary>
    public bool IsPolicy { get; init; }
    /// <summary>Key, from <c>HKLM</c> on.</summary>
    public required string KeyPath { get; init; }
    /// <summary>Last write of the key.</summary>
    public Timestamp? LastWritten { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Flag("isExclusion", IsExclusion);
        fields.Text("area", Area);
        fields.Text("name", Name);
        fields.Text("value", Value);
        fields.Flag("isPolicy", IsPolicy);
        fields.Text("keyPath", KeyPath);
        fields.Time("lastWritten", LastWritten);
    }

    /// <summary>Reads both keys of Defender below SOFTWARE.</summary>
    internal static void ReadAll(HiveFacts facts)
    {
        foreach ((string path, bool isPolicy) in new[] { (@"Microsoft\Windows Defender", false), (@"Policies\Microsoft\Windows Defender", true), (@"Policies\Microsoft\Microsoft Antimalware", true), (@"Microsoft\Microsoft Antimalware", false) })
        {
            if (facts.Hive.Find(path) is not { } defender)
            {
                continue;
            }
            string root = @"HKLM\SOFTWARE\" + path;
            foreach (string area in s_exclusions)
            {
                ReadValues(facts, defender, @"Exclusions\" + area, root, area, isExclusion: true, isPolicy);
            }
            foreach (string part in s_parts)
            {
                ReadValues(facts, defender, part, root, part, isExclusion: false, isPolicy);
            }
            foreach (string part in s_lists)
            {
                ReadValues(facts, defender, part, root, part, isExclusion: false, isPolicy);
            }
        }
    }

    private static void ReadValues(HiveFacts facts, RegistryKey defender, string part, string root, string area, bool isExclusion, bool isPolicy)
    {
        RegistryKey? key = part.Length == 0 ? defender : defender.Find(part);
        foreach (RegistryValue value in key?.Values() ?? [])
        {
            // Times and identifiers of Defender's own book-keeping are no settings.
            if (value.Name.Length == 0 || (!isExclusion && value.Type is RegistryValueType.Binary or RegistryValueType.QuadWord))
            {
                continue;
            }
            facts.Add(new DefenderSetting(facts.At(value)) { IsExclusion = isExclusion, Area = area, Name = value.Name, Value = RegistryText.Of(value), IsPolicy = isPolicy, KeyPath = part.Length == 0 ? root : root + "\\" + part, LastWritten = key!.LastWritten });
        }
    }
}
