using System.Text;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Tests.Formats.Registry;
using Forensics.Parsers.Tests.Formats.Windows;
using static Forensics.Analyzer.Tests.Detection.WindowsStockHives;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What is meant to protect Windows, switched off or told to look away: Defender and the firewall.</summary>
internal static class WindowsProtectionPlants
{
    private const string Guard = @"Microsoft\Windows Defender\";
    private const string Books = "/ProgramData/Microsoft/Windows Defender/";
    private const string Threat = "Trojan:Win64/CoinMiner.X";
    private const string Policy = @"Policies\Microsoft\Windows Defender";
    private const string Wall = Set + @"Services\SharedAccess\Parameters\FirewallPolicy\";
    private const string Proxy = Set + @"Services\PortProxy\v4tov4\tcp";
    private const string Tool = "/Users/Public/Libraries/sync.exe";

    private static readonly PlantedPe s_signed = new() { Seed = "vendor", IsSigned = true };

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new("W-DEFENDER", "loud-whole-disk", PlantKind.Loud, tree => Hives(tree, software: hive => Excluded(hive, "Paths", @"C:\"))) { Rule = "exclusion" },
            new("W-DEFENDER", "loud-switched-off", PlantKind.Loud, tree => Hives(tree, software: Off)) { Rule = "disabled" },
            new("W-DEFENDER", "loud-threats-allowed", PlantKind.Loud, tree => Hives(tree, software: hive => Unprotected(hive).Key(Policy + @"\Threats\ThreatSeverityDefaultAction").Text("5", "6").Text("4", "6"))) { Rule = "threats-allowed" },
            new("W-DEFENDER", "quiet-shared-folder", PlantKind.Quiet, tree => Hives(tree, software: hive => Excluded(hive, "Paths", @"C:\Users\Public"))) { Rule = "exclusion", Entries = [Software] },
            new("W-DEFENDER", "quiet-temporary-folder", PlantKind.Quiet, tree => Hives(tree, software: hive => Excluded(hive, "Paths", @"C:\Users\alice\AppData\Local\Temp\"))) { Rule = "exclusion", Entries = [Software] },
            new("W-DEFENDER", "quiet-programs", PlantKind.Quiet, tree => Hives(tree, software: hive => Excluded(hive, "Extensions", ".exe"))) { Rule = "exclusion", Entries = [Software] },
            new("W-DEFENDER", "quiet-interpreter", PlantKind.Quiet, tree => Hives(tree, software: hive => Excluded(hive, "Processes", "powershell.exe"))) { Rule = "exclusion", Entries = [Software] },
            new("W-DEFENDER", "quiet-folder-of-a-miner", PlantKind.Quiet, tree => Hives(tree.Pe("/ProgramData/Vendor/host.exe", WindowsTaskPlants.Miner), hive => Service(hive, "VendorHost", @"C:\ProgramData\Vendor\host.exe -s"), hive => Excluded(hive, "Paths", @"C:\ProgramData\Vendor"))) { Rule = "exclusion", Entries = [Software] },
            new("W-DEFENDER", "quiet-one-switch", PlantKind.Quiet, tree => Hives(tree, software: hive => Unprotected(hive).Key(Policy + @"\Real-Time Protection").Number("DisableRealtimeMonitoring", 1))) { Rule = "disabled", AtLeast = Severity.Medium, Entries = [Software] },
            new("W-DEFENDER", "quiet-service-disabled", PlantKind.Quiet, tree => Hives(tree, hive => ReplaceNumber(hive.Key(Set + @"Services\WinDefend"), "Start", 4))) { Rule = "service-disabled", AtLeast = Severity.Medium, Entries = [SystemFile] },
            new("W-DEFENDER", "quiet-found-and-still-there", PlantKind.Quiet, tree => tree.Pe("/ProgramData/Vendor/host.exe").File(Books + "Scans/History/Service/DetectionHistory/0A/6F1E", DefenderWriter.History(Threat, DefenderWriter.Noon, @"C:\Windows\explorer.exe", @"WS01\alice", ("file", @"C:\ProgramData\vendor\host.exe")))) { Rule = "detected" },
            new("W-DEFENDER", "quiet-quarantined", PlantKind.Quiet, tree => tree.File(Books + "Quarantine/Entries/{8003A7D1-0000-0000-0000-000000000001}", DefenderWriter.Quarantine(Threat, DefenderWriter.Noon, ("file", @"C:\ProgramData\x.exe")))) { Rule = "detected", AtLeast = Severity.Medium },
            new("W-DEFENDER", "quiet-found-by-the-engine", PlantKind.Quiet, tree => tree.File(Books + "Support/MPLog-20260601-000000.log", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("2026-06-01T12:00:00.000Z DETECTION_ADD " + Threat + " file:C:\\ProgramData\\x.exe\r\n")])) { Rule = "detected", AtLeast = Severity.Medium },
            new("W-DEFENDER", "benign-found-as-it-arrived", PlantKind.Benign, tree => tree.File(Books + "Scans/History/Service/DetectionHistory/0A/6F1E", DefenderWriter.History(Threat, DefenderWriter.Noon, "chrome.exe", @"WS01\alice", ("file", @"C:\Users\alice\Downloads\setup.exe"), ("webfile", @"C:\Users\alice\Downloads\setup.exe|http://203.0.113.9/setup.exe|pid:1")))
                .File(Books + "Quarantine/Entries/{8003A7D1-0000-0000-0000-000000000002}", DefenderWriter.Quarantine("PUADlManager:Win32/OfferCore", DefenderWriter.Noon, ("file", @"C:\Users\alice\Desktop\codec.exe")))
                .File(Books + "Quarantine/Entries/{8003A7D1-0000-0000-0000-000000000003}", DefenderWriter.Quarantine("Virus:DOS/EICAR_Test_File", DefenderWriter.Noon, ("file", @"C:\test\eicar.com")))
                .File(Books + "Support/MPLog-20260601-000000.log", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("2026-06-01T12:00:00.000Z DETECTION_ADD HackTool:Win32/AutoKMS file:C:\\Windows\\KMS\\k.exe\r\n")])),
            new("W-DEFENDER", "dormant-ignored-exclusion", PlantKind.Dormant, tree => Hives(tree, software: hive => Excluded(hive, "Paths", @"C:\Users\Public").Key(Policy).Number("DisableLocalAdminMerge", 1))) { TwinOf = "quiet-shared-folder" },
            new("W-DEFENDER", "dormant-protected-switch", PlantKind.Dormant, tree => Hives(tree, software: hive => hive.Key(Policy + @"\Real-Time Protection").Number("DisableRealtimeMonitoring", 1))) { TwinOf = "quiet-one-switch" },
            new("W-DEFENDER", "benign-databases", PlantKind.Benign, tree => Hives(tree, software: hive =>
            {
                Excluded(hive, "Paths", @"C:\Program Files\Microsoft SQL Server\MSSQL15.MSSQLSERVER\MSSQL\DATA", @"D:\SQL\Data", @"%windir%\SoftwareDistribution\Datastore\Logs\edb*.jrs", @"%windir%\Security\Database\*.edb", @"%allusersprofile%\NTUser.pol", @"C:\Windows\NTDS\ntds.dit", @"C:\ProgramData\Docker", @"C:\Windows\Temp\BootImages");
                Excluded(hive, "Extensions", ".mdf", "ldf", "vhdx");
                Excluded(hive, "Processes", @"C:\Program Files\Microsoft SQL Server\MSSQL15.MSSQLSERVER\MSSQL\Binn\sqlservr.exe", "vmms.exe", "dockerd.exe");
                Excluded(hive, "IpAddresses", "10.0.0.5");
            })),
            new("W-DEFENDER", "benign-exchange", PlantKind.Benign, tree => Hives(tree, hive => Service(hive, "MSExchangeIS", @"""C:\Program Files\Microsoft\Exchange Server\V15\bin\Microsoft.Exchange.Store.Service.exe"""), hive =>
            {
                Excluded(hive, "Processes", @"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe", @"%SystemRoot%\System32\inetsrv\w3wp.exe", "EdgeTransport.exe");
                Excluded(hive, "Paths", @"C:\Program Files\Microsoft\Exchange Server\V15\Mailbox", @"%SystemRoot%\System32\inetsrv", @"C:\inetpub\temp\IIS Temporary Compressed Files", @"%SystemRoot%\Temp\OICE_0123", @"%SystemDrive%\inetpub\logs");
            })),
            new("W-DEFENDER", "benign-developer", PlantKind.Benign, tree => Hives(tree, software: hive =>
            {
                Excluded(hive, "Paths", @"C:\src", @"C:\Users\alice\source\repos", @"C:\Users\alice\.nuget", @"C:\Users\alice\AppData\Local\JetBrains\Rider2024.1", @"C:\Program Files\Microsoft Visual Studio\2022");
                Excluded(hive, "Processes", "devenv.exe", "dotnet.exe", "node.exe", "msbuild.exe", @"C:\Program Files\Microsoft Visual Studio\2022\Community\MSBuild\Current\Bin\MSBuild.exe");
            })),
            new("W-DEFENDER", "benign-other-scanner", PlantKind.Benign, tree => Hives(tree.Pe("/Program Files/ESET/ESET Security/ekrn.exe", s_signed), hive =>
            {
                Service(hive, "ekrn", "\"C:\\Program Files\\ESET\\ESET Security\\ekrn.exe\"");
                ReplaceNumber(hive.Key(Set + @"Services\WinDefend"), "Start", 4);
            }, Off)),
            new("W-DEFENDER", "benign-passive", PlantKind.Benign, tree => Hives(tree, software: hive => ReplaceNumber(hive.Key(Guard.TrimEnd('\\')), "PassiveMode", 1).Key("Real-Time Protection").Number("DisableRealtimeMonitoring", 1))),
            new("W-DEFENDER", "benign-private", PlantKind.Benign, tree => Hives(tree, software: hive =>
            {
                Unprotected(hive).Key(Policy + @"\Spynet").Number("SpynetReporting", 0).Number("SubmitSamplesConsent", 2);
                hive.Key(Policy + @"\Threats\ThreatSeverityDefaultAction").Text("5", "2").Text("1", "6");
                hive.Key(Policy + @"\Real-Time Protection").Number("DisableScriptScanning", 0);
            })),

            new("W-FIREWALL", "loud-mark-of-lemon-duck", PlantKind.Loud, tree => Rule(tree, "{A}", "Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=65529|Name=SDNSd|")) { Rule = "known-rule" },
            new("W-FIREWALL", "loud-forwarded-to-a-name-server", PlantKind.Loud, tree => Hives(tree, hive => hive.Key(Proxy).Text("*/65529", "1.1.1.1/53"))) { Rule = "port-proxy" },
            new("W-FIREWALL", "quiet-program-in-a-shared-folder", PlantKind.Quiet, tree => Rule(tree.Pe(Tool), "{A}", @"Action=Allow|Active=TRUE|Dir=In|App=C:\users\public\libraries\sync.exe|Name=Sync|")) { Rule = "allowed-program", Entries = [SystemFile] },
            new("W-FIREWALL", "quiet-program-in-a-temporary-folder", PlantKind.Quiet, tree => Rule(tree.Pe("/Users/alice/AppData/Local/Temp/u.exe"), "{A}", @"Action=Allow|Active=TRUE|Dir=In|App=C:\Users\alice\AppData\Local\Temp\u.exe|Name=Update|")) { Rule = "allowed-program", Entries = [SystemFile] },
            new("W-FIREWALL", "quiet-scanner-blocked", PlantKind.Quiet, tree => Rule(tree, "{A}", @"Action=Block|Active=TRUE|Dir=Out|App=%ProgramFiles%\Windows Defender\MsMpEng.exe|Name=Core|")) { Rule = "blocks-protection", Entries = [SystemFile] },
            new("W-FIREWALL", "quiet-forwarded-to-the-internet", PlantKind.Quiet, tree => Hives(tree, hive => hive.Key(Proxy).Text("0.0.0.0/8443", "203.0.113.9/443"))) { Rule = "port-proxy", Entries = [SystemFile] },
            new("W-FIREWALL", "quiet-forwarded-within", PlantKind.Quiet, tree => Hives(tree, hive => hive.Key(Proxy).Text("0.0.0.0/4455", "192.168.1.20/445"))) { Rule = "port-proxy", AtLeast = Severity.Medium, Entries = [SystemFile] },
            new("W-FIREWALL", "quiet-service-disabled", PlantKind.Quiet, tree => Hives(tree, hive => Service(hive, "mpssvc", @"%SystemRoot%\system32\svchost.exe -k LocalServiceNoNetworkFirewall -p", start: 4, type: 0x20))) { Rule = "off", AtLeast = Severity.Medium, Entries = [SystemFile] },
            new("W-FIREWALL", "dormant-rule", PlantKind.Dormant, tree => Rule(tree.Pe(Tool), "{A}", @"Action=Allow|Active=FALSE|Dir=In|App=C:\users\public\libraries\sync.exe|Name=Sync|")) { TwinOf = "quiet-program-in-a-shared-folder" },
            new("W-FIREWALL", "dormant-forwarding", PlantKind.Dormant, tree => Hives(tree, hive =>
            {
                hive.Key(Proxy).Text("0.0.0.0/8443", "203.0.113.9/443");
                Service(hive, "iphlpsvc", @"%SystemRoot%\System32\svchost.exe -k NetSvcs -p", start: 4, type: 0x20);
            })) { TwinOf = "quiet-forwarded-to-the-internet" },
            new("W-FIREWALL", "benign-off", PlantKind.Benign, tree => Hives(tree, hive =>
            {
                foreach (string profile in (string[])["StandardProfile", "DomainProfile", "PublicProfile"])
                {
                    ReplaceNumber(hive.Key(Wall + profile), "EnableFirewall", 0);
                }
            })),
            new("W-FIREWALL", "benign-virtual-machines", PlantKind.Benign, tree => Hives(tree, hive => hive.Key(Proxy).Text("0.0.0.0/3000", "172.29.112.5/3000").Text("*/2375", "127.0.0.1/2375").Text("169.254.170.2/80", "127.0.0.1/51679").Text("127.0.0.1/8080", "10.0.0.7/80"))),
            new("W-FIREWALL", "benign-rules", PlantKind.Benign, tree => Hives(tree.Pe("/Users/alice/AppData/Local/Microsoft/Teams/current/Teams.exe", s_signed).Pe("/ProgramData/Agent.exe", s_signed), hive => hive.Key(Wall + "FirewallRules")
                .Text("{B}", @"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|App=C:\users\alice\appdata\local\microsoft\teams\current\teams.exe|Name=teams.exe|")
                .Text("{C}", @"v2.30|Action=Allow|Active=TRUE|Dir=In|App=C:\Users\alice\AppData\Local\Temp\7zS4F2\HPDiagnosticCoreUI.exe|Name=HP|")
                .Text("{D}", @"v2.30|Action=Block|Active=TRUE|Dir=In|App=C:\users\alice\downloads\game.exe|Name=game|")
                .Text("{E}", @"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=65529|App=%SystemRoot%\System32\svchost.exe|Name=x|")
                .Text("{F}", @"v2.30|Action=Allow|Active=TRUE|Dir=In|App=C:\ProgramData\Agent.exe|Name=Agent|"))),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    private static PlantTree Rule(PlantTree tree, string id, string rule) => Hives(tree, hive => hive.Key(Wall + "FirewallRules").Text(id, "v2.30|" + rule));

    private static RegistryHiveWriter Excluded(RegistryHiveWriter hive, string area, params string[] values)
    {
        foreach (string value in values)
        {
            hive.Key(Guard + @"Exclusions\" + area).Number(value, 0);
        }
        return hive;
    }

    private static RegistryHiveWriter Unprotected(RegistryHiveWriter hive)
    {
        ReplaceNumber(hive.Key(Guard + "Features"), "TamperProtection", 0);
        return hive;
    }

    private static void Off(RegistryHiveWriter hive)
    {
        Unprotected(hive).Key(Policy).Number("DisableAntiSpyware", 1).Key("Real-Time Protection").Number("DisableRealtimeMonitoring", 1).Number("DisableBehaviorMonitoring", 1);
    }
}
