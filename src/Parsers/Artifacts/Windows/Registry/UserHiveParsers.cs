namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads autostart entries out of hives of users: NTUSER.DAT, its mandatory form NTUSER.MAN, those of service accounts and of the logon screen (DEFAULT).</summary>
/// <remarks><b>Limitations:</b> profiles that <c>ProfileList</c> puts elsewhere are found only where accounts' homes are.</remarks>
public sealed class UserHiveParser : RegistryHiveParser
{
    /// <inheritdoc/>
    public override string Name => "windows/user-hive";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/Users/*/NTUSER.{DAT,MAN}", "/Documents and Settings/*/NTUSER.{DAT,MAN}", "/{Windows,WINNT}/ServiceProfiles/*/NTUSER.DAT", "/{Windows,WINNT}/System32/config/DEFAULT",
    ];

    private protected override void Read(HiveFacts facts)
    {
        string root = @"HKU\" + (facts.User ?? "?");
        AutorunReader.Read(facts, facts.Hive.Root, AutorunPlaces.User, root);
        if (facts.Hive.Find("Software") is { } software)
        {
            OfficeSettingReader.ReadAll(facts, software, root + @"\Software");
        }
        if (facts.Hive.Find(@"Software\Wow6432Node") is { } narrow)
        {
            AutorunReader.Read(facts, narrow, AutorunPlaces.UserSoftware, root + @"\Software\Wow6432Node", isWow64: true);
        }
        StoredCertificate.ReadUser(facts, root);
        ProgramTraceReader.ReadUser(facts);
        DeletedRegistryReader.ReadUser(facts, root);
    }
}

/// <summary>Reads COM classes and file types of one user out of UsrClass.dat, which win over those of the machine.</summary>
/// <remarks><b>Limitations:</b> whether the machine has the same class is for those to say who see both hives.</remarks>
public sealed class UserClassesHiveParser : RegistryHiveParser
{
    /// <inheritdoc/>
    public override string Name => "windows/user-classes-hive";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/Users/*/AppData/Local/Microsoft/Windows/UsrClass.dat", "/Documents and Settings/*/Local Settings/Application Data/Microsoft/Windows/UsrClass.dat",
        "/{Windows,WINNT}/ServiceProfiles/*/AppData/Local/Microsoft/Windows/UsrClass.dat",
    ];

    private protected override void Read(HiveFacts facts)
    {
        AutorunReader.Read(facts, facts.Hive.Root, AutorunPlaces.UserClasses, @"HKU\" + (facts.User ?? "?") + "_Classes");
        ProgramTraceReader.ReadMuiCache(facts, facts.Hive.Find(@"Local Settings\Software\Microsoft\Windows\Shell\MuiCache"));
    }
}
