using Forensics.Analyzer.Risk;
using Forensics.Parsers.Tests.Formats.Windows;
using static Forensics.Analyzer.Tests.Detection.WindowsStockHives;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What programs of Office load or run by themselves.</summary>
internal static class WindowsOfficePlants
{
    private const string Startup = "/Users/alice/AppData/Roaming/Microsoft/Word/STARTUP/";
    private const string Excel = "/Users/alice/AppData/Roaming/Microsoft/Excel/XLSTART/";
    private const string Normal = "/Users/alice/AppData/Roaming/Microsoft/Templates/Normal.dotm";
    private const string Mail = "/Users/alice/AppData/Roaming/Microsoft/Outlook/VbaProject.OTM";
    private const string Office = @"Software\Microsoft\Office\16.0\";
    private const string Id = "{11111111-2222-3333-4444-555555555555}";
    private const string Cradle = "Sub AutoExec()\r\nCreateObject(\"WScript.Shell\").Run \"powershell -w hidden -c iex(x)\", 0\r\nEnd Sub\r\n";

    private static readonly PlantedPe s_miner = WindowsTaskPlants.Miner;
    private static readonly PlantedPe s_signed = new() { Seed = "office addin", IsSigned = true };

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new("W-OFFICE", "loud-test-key", PlantKind.Loud, tree => Hives(tree.Pe("/Users/alice/AppData/Roaming/Sync/sync.dll"), user: hive => hive.Key(@"Software\Microsoft\Office test\Special\Perf").Text("", @"C:\Users\alice\AppData\Roaming\Sync\sync.dll"))) { Rule = "test-library" },
            new("W-OFFICE", "loud-macro-in-startup", PlantKind.Loud, tree => tree.File(Startup + "tools.dotm", VbaWriter.Document(Cradle))) { Rule = "startup-macro" },
            new("W-OFFICE", "loud-home-page", PlantKind.Loud, tree => Hives(tree, user: hive => hive.Key(Office + @"Outlook\WebView\Inbox").Text("URL", "http://203.0.113.9/i.html"))) { Rule = "home-page" },
            new("W-OFFICE", "quiet-library-in-startup", PlantKind.Quiet, tree => tree.Pe(Startup + "spell.wll")) { Rule = "startup-library" },
            new("W-OFFICE", "quiet-miner-as-addin-of-excel", PlantKind.Quiet, tree => tree.Pe(Excel + "tools.xll", s_miner)) { AtLeast = Severity.Critical },
            new("W-OFFICE", "quiet-macro-of-outlook", PlantKind.Quiet, tree => tree.File(Mail, VbaWriter.Project("Private Sub Application_Startup()\r\nURLDownloadToFile 0, u, f, 0, 0\r\nEnd Sub\r\n"))) { Rule = "startup-macro", Entries = [Mail] },
            new("W-OFFICE", "dormant-macro-in-subfolder", PlantKind.Dormant, tree => tree.File(Startup + "old/tools.dotm", VbaWriter.Document(Cradle))) { TwinOf = "loud-macro-in-startup" },
            new("W-OFFICE", "quiet-addin-of-the-machine", PlantKind.Quiet, tree => Addin(tree.Pe("/ProgramData/Vendor/connect.dll"), @"C:\ProgramData\Vendor\connect.dll")) { Rule = "foreign-addin", AtLeast = Severity.Medium, Entries = [Software] },
            new("W-OFFICE", "dormant-addin-of-the-machine", PlantKind.Dormant, tree => Addin(tree.Pe("/ProgramData/Vendor/connect.dll"), @"C:\ProgramData\Vendor\connect.dll", behaviour: 0)) { TwinOf = "quiet-addin-of-the-machine" },
            new("W-OFFICE", "quiet-library-that-excel-opens", PlantKind.Quiet, tree => Hives(tree.Pe("/Users/alice/AppData/Local/Sync/f.xll"), user: hive => hive.Key(Office + @"Excel\Options").Text("OPEN", "/R \"C:\\Users\\alice\\AppData\\Local\\Sync\\f.xll\""))) { Rule = "foreign-addin", AtLeast = Severity.Medium, Entries = [User] },
            new("W-OFFICE", "quiet-trusted-downloads", PlantKind.Quiet, tree => Hives(tree, user: hive => hive.Key(Office + @"Word\Security\Trusted Locations\Location9").Text("Path", @"C:\Users\alice\Downloads\"))) { Rule = "macro-settings", AtLeast = Severity.Medium, Entries = [User] },
            new("W-OFFICE", "quiet-all-macros-run", PlantKind.Quiet, tree => Hives(tree, user: hive => hive.Key(Office + @"Excel\Security").Number("VBAWarnings", 1).Number("AccessVBOM", 1))) { Rule = "macro-settings", AtLeast = Severity.Medium, Entries = [User] },
            new("W-OFFICE", "benign-vendors", PlantKind.Benign, tree => Addin(tree.Pe("/Program Files/Vendor/connect.dll").Pe("/Users/alice/AppData/Roaming/Vendor/meet.dll", s_signed).Pe(Excel + "prices.xll", s_signed), @"C:\Program Files\Vendor\connect.dll", user: @"C:\Users\alice\AppData\Roaming\Vendor\meet.dll")),
            new("W-OFFICE", "benign-macros", PlantKind.Benign, tree => tree.File(Startup + "Zotero.dotm", VbaWriter.Document("Public Sub AutoExec()\r\nCall ZoteroRegister\r\nEnd Sub\r\n")).File(Normal, VbaWriter.Document("Sub Greeting()\r\nSelection.TypeText \"Dear\"\r\nEnd Sub\r\n")).File(Excel + "PERSONAL.XLSB", VbaWriter.Document("Sub Workbook_Open()\r\nApplication.Calculation = 1\r\nEnd Sub\r\n"))),
            new("W-OFFICE", "benign-settings", PlantKind.Benign, tree => Hives(tree, user: hive =>
            {
                hive.Key(Office + @"Word\Security").Number("VBAWarnings", 2);
                hive.Key(Office + @"Word\Security\Trusted Locations\Location0").Expandable("Path", @"%APPDATA%\Microsoft\Templates");
                hive.Key(Office + @"Word\Security\Trusted Locations\Location2").Expandable("Path", @"%APPDATA%\Microsoft\Word\Startup");
                hive.Key(Office + @"Outlook\WebView\Calendar").Text("URL", "http://intranet/calendar");
            })),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    private static PlantTree Addin(PlantTree tree, string library, uint behaviour = 3, string? user = null) => Hives(tree, software: hive =>
    {
        hive.Key(@"Microsoft\Office\Word\Addins\Vendor.Connect").Number("LoadBehavior", behaviour).Text("FriendlyName", "Vendor");
        hive.Key(@"Classes\Vendor.Connect\CLSID").Text("", Id);
        hive.Key(@"Classes\CLSID\" + Id + @"\InprocServer32").Text("", library);
    }, user: hive =>
    {
        if (user is not null)
        {
            hive.Key(@"Software\Microsoft\Office\Outlook\Addins\Vendor.Meet").Number("LoadBehavior", 3);
            hive.Key(@"Software\Classes\Vendor.Meet\CLSID").Text("", Id);
            hive.Key(@"Software\Classes\CLSID\" + Id + @"\InprocServer32").Text("", user);
        }
    });
}
