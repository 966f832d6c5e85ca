using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Artifacts.Linux.Logs;
using Forensics.Parsers.Tests.Formats.EventLog;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows.Logs;

/// <summary>Events of Windows logs, written as the providers' manifests name their data.</summary>
public sealed class WindowsEventLogParserTests
{
    private const string Security = "Microsoft-Windows-Security-Auditing";
    private static readonly DateTimeOffset s_time = new(2026, 3, 9, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(10u, LogEventKind.Login, "remote desktop")]
    [InlineData(3u, LogEventKind.Login, "network")]
    [InlineData(5u, LogEventKind.SessionOpened, "service")]
    public void A_login_names_account_kind_and_address(uint type, LogEventKind kind, string method)
    {
        LogEvent found = One(new WrittenEvent(Security, 4624, s_time, ("TargetUserSid", "S-1-5-21-1-2-3-1001"), ("TargetUserName", "eve"), ("TargetDomainName", "WS1"), ("TargetLogonId", 0x3E7UL), ("LogonType", type),
            ("AuthenticationPackageName", "NTLM"), ("WorkstationName", "-"), ("ProcessName", @"C:\Windows\System32\svchost.exe"), ("IpAddress", "::ffff:203.0.113.9"), ("IpPort", "50000")) { IsNested = true, RecordId = 77 });

        Assert.Equal((kind, "eve", "S-1-5-21-1-2-3-1001", method, "203.0.113.9"), (found.Event, found.User, found.UserSid, found.Method, found.RemoteAddress));
        Assert.Equal("domain WS1, NTLM, session 0x3e7", found.Detail);
        Assert.Equal((4624L, 77L, "Security", 4608L), (found.EventId, found.RecordId, found.Channel, found.Location.ByteOffset));
        Assert.Equal("2026-03-09T10:00:00.000000000Z", found.First!.Value.Instant.ToString());
        Assert.Equal((LogTimePrecision.HundredNanoseconds, LogTimeBasis.Stated), (found.First.Value.Precision, found.First.Value.Basis));
    }

    [Fact]
    public void Refused_logins_are_counted_with_their_reason()
    {
        LogEvent found = Assert.Single(Read(Enumerable.Range(0, 300).Select(i => new WrittenEvent(Security, 4625, s_time.AddSeconds(i), ("TargetUserName", "Administrator"), ("TargetDomainName", ""), ("Status", 0xC000006DUL),
            ("SubStatus", 0xC000006AUL), ("LogonType", 3u), ("IpAddress", "203.0.113.9"), ("IpPort", (50000 + i).ToString(System.Globalization.CultureInfo.InvariantCulture))))).Events);

        Assert.Equal((LogEventKind.LoginFailed, 300L, "Administrator", "203.0.113.9", "network", "wrong password"), (found.Event, found.Count, found.User, found.RemoteAddress, found.Method, found.Detail));
        Assert.Equal(299, found.Last!.Value.Instant.Seconds - found.First!.Value.Instant.Seconds);
    }

    [Fact]
    public void An_account_is_made_and_becomes_a_member()
    {
        List<LogEvent> found = Read(
        [
            new WrittenEvent(Security, 4720, s_time, ("TargetUserName", "support"), ("TargetSid", "S-1-5-21-1-2-3-1009"), ("SubjectUserSid", "S-1-5-21-1-2-3-500"), ("SubjectUserName", "Administrator"), ("SubjectDomainName", "WS1")),
            new WrittenEvent(Security, 4732, s_time, ("MemberName", "-"), ("MemberSid", "S-1-5-21-1-2-3-1009"), ("TargetUserName", "Administrators"), ("TargetSid", "S-1-5-32-544"), ("SubjectUserName", "Administrator"), ("SubjectDomainName", "WS1")),
            new WrittenEvent(Security, 4728, s_time, ("MemberName", "CN=Eve,CN=Users,DC=x"), ("MemberSid", "S-1-5-21-1-2-3-1010"), ("TargetUserName", "Domain Admins"), ("TargetSid", "S-1-5-21-1-2-3-512")),
            new WrittenEvent(Security, 4781, s_time, ("OldTargetUserName", "Guest"), ("NewTargetUserName", "support2"), ("TargetSid", "S-1-5-21-1-2-3-501"), ("SubjectUserName", "a")),
            new WrittenEvent(Security, 4726, s_time, ("TargetUserName", "old"), ("SubjectUserName", "a")),
            new WrittenEvent(Security, 4724, s_time, ("TargetUserName", "old"), ("SubjectUserName", "a")),
        ]).Events;

        Assert.Equal((LogEventKind.AccountCreated, "Administrator", "support", "S-1-5-21-1-2-3-1009"), (found[0].Event, found[0].User, found[0].Target, found[0].TargetSid));
        Assert.Equal((LogEventKind.GroupChanged, "S-1-5-21-1-2-3-1009", "Administrators", "S-1-5-32-544", @"added by WS1\Administrator"), (found[1].Event, found[1].User, found[1].Target, found[1].TargetSid, found[1].Detail));
        Assert.Equal(("Eve", "S-1-5-21-1-2-3-1010", "Domain Admins"), (found[2].User, found[2].UserSid, found[2].Target));
        Assert.Equal((LogEventKind.AccountChanged, "support2", "renamed from Guest"), (found[3].Event, found[3].Target, found[3].Detail));
        Assert.Equal([LogEventKind.AccountDeleted, LogEventKind.PasswordChanged], [found[4].Event, found[5].Event]);
    }

    [Fact]
    public void Services_of_both_logs()
    {
        List<LogEvent> found = Read(
        [
            new WrittenEvent("Service Control Manager", 7045, s_time, ("ServiceName", "PSEXESVC"), ("ImagePath", @"%SystemRoot%\PSEXESVC.exe"), ("ServiceType", "user mode service"), ("StartType", "demand start"), ("AccountName", "LocalSystem")) { Channel = "System" },
            new WrittenEvent(Security, 4697, s_time, ("SubjectUserName", "a"), ("ServiceName", "x"), ("ServiceFileName", @"cmd.exe /c echo"), ("ServiceType", 0x10UL), ("ServiceStartType", 2u), ("ServiceAccount", "LocalSystem")),
            new WrittenEvent("Service Control Manager", 7036, s_time, ("param1", "Windows-Update"), ("param2", "ausgef\u00FChrt"), ("Binary", "")),
            new WrittenEvent("Service Control Manager", 7040, s_time, ("param1", "Windows Defender"), ("param2", "auto start"), ("param3", "disabled"), ("param4", "WinDefend")),
            new WrittenEvent("Service Control Manager", 7034, s_time, ("param1", "Spooler"), ("param2", 1u)),
        ]).Events;

        Assert.Equal((LogEventKind.ServiceInstalled, "PSEXESVC", @"%SystemRoot%\PSEXESVC.exe", "user mode service, demand start", "LocalSystem"), (found[0].Event, found[0].Unit, found[0].Command, found[0].Detail, found[0].Target));
        Assert.Equal((LogEventKind.ServiceInstalled, "x", "cmd.exe /c echo", "type 0x10, start 2", "a"), (found[1].Event, found[1].Unit, found[1].Command, found[1].Detail, found[1].User));
        Assert.Equal((LogEventKind.ServiceStopped, "Windows-Update"), (found[2].Event, found[2].Unit));
        Assert.Equal((LogEventKind.ServiceChanged, "WinDefend", "from auto start, to disabled"), (found[3].Event, found[3].Unit, found[3].Detail));
        Assert.Equal((LogEventKind.ServiceFailed, "Spooler"), (found[4].Event, found[4].Unit));
    }

    [Fact]
    public void The_system_log_of_another_project_tells_states_of_services_whatever_the_language()
    {
        SharedImages.Require();
        byte[] file = File.ReadAllBytes(SharedImages.Unpack("plaso/evtx/System.evtx.zst"));
        LogEventList found = LogRun.Read(new WindowsEventLogParser(), LogRun.Input(new MemorySource(file), "/Windows/System32/winevt/Logs/System.evtx"));
        // Counted in the XML of evtxexport.
        Assert.Equal((1832L, 1602L), (Count(found, LogEventKind.ServiceStarted), Count(found, LogEventKind.ServiceStopped)));
        Assert.Equal((25, 1, 1018), (found.Events.Count(one => one.EventId == 7045), found.Events.Count(one => one.EventId == 6008), found.Events.Count(one => one.EventId == 7040)));
        Assert.Empty(found.Diagnostics);
    }

    [Fact]
    public void Tasks_have_their_command_where_the_log_has_the_task()
    {
        const string Xml = "<?xml version=\"1.0\"?><Task><Actions><Exec><Command>cmd.exe</Command><Arguments>/c a &amp; b</Arguments></Exec></Actions></Task>";
        List<LogEvent> found = Read(
        [
            new WrittenEvent(Security, 4698, s_time, ("SubjectUserName", "a"), ("TaskName", @"\Updater"), ("TaskContent", Xml)),
            new WrittenEvent("Microsoft-Windows-TaskScheduler", 106, s_time, ("TaskName", @"\Updater"), ("UserContext", @"WS1\a")),
            new WrittenEvent("Microsoft-Windows-TaskScheduler", 200, s_time, ("TaskName", @"\Updater"), ("ActionName", "cmd.exe")),
            new WrittenEvent("Microsoft-Windows-TaskScheduler", 141, s_time, ("TaskName", @"\Updater"), ("UserName", @"WS1\a")),
        ]).Events;
        Assert.Equal((LogEventKind.TaskCreated, @"\Updater", "cmd.exe /c a & b"), (found[0].Event, found[0].Target, found[0].Command));
        Assert.Equal([LogEventKind.TaskCreated, LogEventKind.TaskRun, LogEventKind.TaskDeleted], found.Skip(1).Select(one => one.Event));
    }

    [Fact]
    public void Cleared_logs_protection_and_the_remote_desktop()
    {
        const string Defender = "Microsoft-Windows-Windows Defender";
        List<LogEvent> found = Read(
        [
            new WrittenEvent("Microsoft-Windows-Eventlog", 1102, s_time, ("SubjectUserSid", "S-1-5-21-1-2-3-500"), ("SubjectUserName", "Administrator"), ("SubjectDomainName", "WS1")) { UserData = "LogFileCleared" },
            new WrittenEvent("Microsoft-Windows-Eventlog", 104, s_time, ("SubjectUserName", "Administrator"), ("Channel", "System"), ("BackupPath", "")) { UserData = "LogFileCleared" },
            new WrittenEvent(Defender, 5001, s_time, ("Product Name", "Microsoft Defender Antivirus")),
            new WrittenEvent(Defender, 5007, s_time, ("Old Value", ""), ("New Value", @"HKLM\SOFTWARE\Microsoft\Windows Defender\Exclusions\Paths\C:\ = 0x0")),
            new WrittenEvent(Defender, 1116, s_time, ("Threat Name", "Trojan:Win32/X"), ("Severity Name", "Severe"), ("Category Name", "Trojan"), ("Path", @"file:_C:\x.exe"), ("Process Name", "Unknown"), ("Action Name", "Not Applicable")),
            new WrittenEvent("Microsoft-Windows-TerminalServices-LocalSessionManager", 21, s_time, ("User", @"WS1\eve"), ("SessionID", 3u), ("Address", "203.0.113.9")) { UserData = "EventXML" },
            new WrittenEvent("Microsoft-Windows-TerminalServices-LocalSessionManager", 24, s_time, ("User", @"WS1\eve"), ("SessionID", 3u), ("Address", "203.0.113.9")) { UserData = "EventXML" },
            new WrittenEvent("Microsoft-Windows-TerminalServices-RemoteConnectionManager", 1149, s_time, ("Param1", "eve"), ("Param2", "WS1"), ("Param3", "203.0.113.9")) { UserData = "EventXML" },
            new WrittenEvent("Microsoft-Windows-RemoteDesktopServices-RdpCoreTS", 131, s_time, ("ConnType", "TCP"), ("ClientIP", "203.0.113.9:50123")),
        ]).Events;
        Assert.Equal((LogEventKind.LogCleared, "Administrator", "Security"), (found[0].Event, found[0].User, found[0].Target));
        Assert.Equal((LogEventKind.LogCleared, "System"), (found[1].Event, found[1].Target));
        Assert.Equal((LogEventKind.ProtectionChanged, "real-time protection switched off"), (found[2].Event, found[2].Method));
        Assert.Equal((@"HKLM\SOFTWARE\Microsoft\Windows Defender\Exclusions\Paths\C:\ = 0x0", "setting added"), (found[3].Target, found[3].Method));
        Assert.Equal((LogEventKind.MalwareFound, "Trojan:Win32/X", @"file:_C:\x.exe", "Severe, Trojan, Not Applicable"), (found[4].Event, found[4].Target, found[4].Unit, found[4].Detail));
        Assert.Equal((LogEventKind.Login, "eve", "203.0.113.9", "domain WS1, session 3"), (found[5].Event, found[5].User, found[5].RemoteAddress, found[5].Detail));
        Assert.Equal([LogEventKind.SessionClosed, LogEventKind.RemoteConnection, LogEventKind.RemoteConnection], found.Skip(6).Select(one => one.Event));
        Assert.Equal("203.0.113.9", found[8].RemoteAddress);
    }

    [Fact]
    public void Script_blocks_are_put_together_whatever_the_order_of_their_parts()
    {
        WrittenEvent Part(string id, int number, int total, string text, int level) =>
            new("Microsoft-Windows-PowerShell", 4104, s_time.AddSeconds(number), ("MessageNumber", number), ("MessageTotal", total), ("ScriptBlockText", text), ("ScriptBlockId", id), ("Path", @"C:\a.ps1")) { Level = level, Channel = "Microsoft-Windows-PowerShell/Operational" };
        LogEventList found = Read([Part("b1", 2, 3, "two ", 5), Part("b2", 1, 1, "Get-Date", 5), Part("b1", 1, 3, "one ", 5), Part("b3", 2, 2, "the rest", 3), Part("b1", 3, 3, "three", 5)]);
        Assert.Equal([("Get-Date", null), ("one two three", null), ("the rest", "1 of 2 parts")], found.Events.Select(one => (one.Command, one.Detail)));
        Assert.Equal([LogEventKind.ScriptRun, LogEventKind.ScriptRun, LogEventKind.ScriptWarned], found.Events.Select(one => one.Event));
        Assert.Equal(@"C:\a.ps1", found.Events[0].Process);
    }

    [Fact]
    public void Unfinished_script_blocks_without_end_take_bounded_memory()
    {
        string text = new('x', 500);
        WrittenEvent[] parts = [.. Enumerable.Range(0, 2000).Select(i => new WrittenEvent("Microsoft-Windows-PowerShell", 4104, s_time, ("MessageNumber", 1), ("MessageTotal", 4000), ("ScriptBlockText", text),
            ("ScriptBlockId", i.ToString(System.Globalization.CultureInfo.InvariantCulture))) { Level = 5 })];
        LogEventList found = Read(parts);
        // All the same text: counted, none lost.
        Assert.Equal(2000, found.Events.Sum(one => one.Count));
    }

    [Fact]
    public void Programs_scripts_transfers_and_what_Sysmon_sees()
    {
        const string Sysmon = "Microsoft-Windows-Sysmon";
        List<LogEvent> found = Read(
        [
            new WrittenEvent(Security, 4688, s_time, ("SubjectUserName", "a"), ("NewProcessId", 0x1F0UL), ("NewProcessName", @"C:\x.exe"), ("CommandLine", "x -y"), ("ParentProcessName", @"C:\p.exe")),
            new WrittenEvent("PowerShell", 400, s_time, ("", "Available"), ("", "None"), ("", "\tHostName=ConsoleHost\r\n\tHostApplication=powershell -enc AAAA\r\n\tEngineVersion=5.1")) { Channel = "Windows PowerShell" },
            new WrittenEvent("Microsoft-Windows-Bits-Client", 59, s_time, ("name", "job"), ("url", "http://203.0.113.9/a")),
            new WrittenEvent("Microsoft-Windows-WMI-Activity", 5861, s_time, ("Namespace", "//./root/subscription"), ("ESS", "f"), ("CONSUMER", "CommandLineEventConsumer=\"x\""), ("PossibleCause", "Binding")) { UserData = "Operation_ESStoConsumerBinding" },
            new WrittenEvent(Sysmon, 3, s_time, ("Image", @"C:\x.exe"), ("DestinationIp", "203.0.113.9"), ("DestinationPort", 3333), ("Protocol", "tcp")),
            new WrittenEvent(Sysmon, 13, s_time, ("EventType", "SetValue"), ("Image", @"C:\x.exe"), ("TargetObject", @"HKLM\Run\x"), ("Details", "y")),
            new WrittenEvent("MsiInstaller", 11707, s_time, ("", "Product: 7-Zip -- Installation completed successfully.")),
            new WrittenEvent("Microsoft-Windows-Windows Firewall With Advanced Security", 2004, s_time, ("RuleName", "rdp"), ("ApplicationPath", ""), ("Direction", 1), ("Protocol", 6), ("LocalPorts", "3389"), ("Action", 3), ("ModifyingApplication", @"C:\Windows\System32\netsh.exe")),
            new WrittenEvent(Security, 4771, s_time, ("TargetUserName", "a"), ("IpAddress", "::ffff:10.0.0.1"), ("Status", 0x18UL)),
            new WrittenEvent(Security, 4719, s_time, ("SubjectUserName", "a"), ("AuditPolicyChanges", "%%8448, %%8450")),
        ]).Events;
        Assert.Equal((LogEventKind.Execution, @"C:\x.exe", 0x1F0L, "x -y", @"started by C:\p.exe"), (found[0].Event, found[0].Process, found[0].ProcessId, found[0].Command, found[0].Detail));
        Assert.Equal((LogEventKind.ScriptHost, "powershell -enc AAAA", "engine started"), (found[1].Event, found[1].Command, found[1].Detail));
        Assert.Equal((LogEventKind.TransferJob, "job", "http://203.0.113.9/a"), (found[2].Event, found[2].Target, found[2].Command));
        Assert.Equal((LogEventKind.WmiSubscription, "CommandLineEventConsumer=\"x\"", "permanent subscription"), (found[3].Event, found[3].Target, found[3].Method));
        Assert.Equal((LogEventKind.NetworkConnection, "203.0.113.9", 3333L), (found[4].Event, found[4].RemoteAddress, found[4].RemotePort));
        Assert.Equal((LogEventKind.RegistryChanged, @"HKLM\Run\x", "y"), (found[5].Event, found[5].Target, found[5].Detail));
        Assert.Equal((LogEventKind.PackageInstalled, "7-Zip"), (found[6].Event, found[6].Target));
        Assert.Equal((LogEventKind.FirewallChanged, "rdp", "rule added", "in, allow, protocol 6, local ports 3389"), (found[7].Event, found[7].Target, found[7].Method, found[7].Detail));
        Assert.Equal((LogEventKind.LoginFailed, "10.0.0.1", "kerberos"), (found[8].Event, found[8].RemoteAddress, found[8].Method));
        Assert.Equal((LogEventKind.AuditPolicyChanged, "success removed, failure removed"), (found[9].Event, found[9].Detail));
    }

    [Fact]
    public void A_gap_in_the_numbers_is_an_event_and_other_providers_with_the_same_number_are_none()
    {
        WrittenEvent Boot(ulong number, string provider = "EventLog") => new(provider, 6005, s_time.AddSeconds(number)) { Channel = "System", RecordId = number };
        LogEventList found = Read([Boot(1), Boot(2, "Other"), Boot(9)]);
        Assert.Equal([LogEventKind.Boot, LogEventKind.Boot, LogEventKind.LogGap], found.Events.Select(one => one.Event));
        Assert.Equal(("the records 3 to 8 are missing", 9L), (found.Events[2].Detail, found.Events[2].RecordId));
    }

    [Fact]
    public void The_catalogue_knows_the_events_and_where_Windows_keeps_them()
    {
        Assert.InRange(WindowsEvents.Count, 90, 200);
        Assert.True(WindowsEvents.Contains("microsoft-windows-security-auditing", 4624));
        Assert.False(WindowsEvents.Contains("Microsoft-Windows-Security-Auditing", 7045));
        Assert.True(WindowsEventLogParser.IsCatalogued("security.evtx"));
        Assert.True(WindowsEventLogParser.IsCatalogued("Microsoft-Windows-Windows Defender%4Operational.evtx"));
        Assert.True(WindowsEventLogParser.IsCatalogued("Archive-Security-2026-01-01-00-00-00-000.evtx"));
        Assert.False(WindowsEventLogParser.IsCatalogued("Microsoft-Windows-Store%4Operational.evtx"));
    }

    private static long Count(LogEventList found, LogEventKind kind) => found.Events.Where(one => one.Event == kind).Sum(one => one.Count);

    private static LogEventList Read(IEnumerable<WrittenEvent> events) =>
        LogRun.Read(new WindowsEventLogParser(), LogRun.Input(new MemorySource(EvtxWriter.Write(events)), "/Windows/System32/winevt/Logs/Security.evtx"));

    private static LogEvent One(WrittenEvent one) => Assert.Single(Read([one]).Events);
}
