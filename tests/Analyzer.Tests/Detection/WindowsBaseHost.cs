using System.Text;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What a small stock Windows server consists of, with tasks as Windows registers them: hidden ones, ones of the system, ones that call classes.</summary>
internal static partial class WindowsBaseHost
{
    /// <summary>SDDL that the service writes for its own.</summary>
    private const string Sddl = "D:P(A;;FA;;;BA)(A;;FA;;;SY)(A;;FR;;;LS)";

    private static readonly string[] s_system32 =
    [
        "ntoskrnl.exe", "cmd.exe", "svchost.exe", "lsass.exe", "rundll32.exe", "regsvr32.exe", "mshta.exe", "wscript.exe", "cscript.exe", "msiexec.exe", "schtasks.exe", "certutil.exe", "sc.exe", "net.exe", "conhost.exe", "taskhostw.exe", "defrag.exe",
        "cleanmgr.exe", "usoclient.exe", "MpSigStub.exe", "dfdts.dll", "invagent.dll", "scrobj.dll", "shell32.dll", "wbem/WMIC.exe", "WindowsPowerShell/v1.0/powershell.exe", "spoolsv.exe", "sethc.exe",
    ];

    public static void Fill(PlantTree tree)
    {
        foreach (string name in s_system32)
        {
            tree.Pe("/Windows/System32/" + name, new PlantedPe { Seed = name });
        }
        tree.Pe("/Windows/System32/kernel32.dll", new PlantedPe { Seed = "kernel32", Version = (10, 0, 17763, 1) }).Pe("/Windows/explorer.exe", new PlantedPe { Seed = "explorer" })
            .Pe("/Windows/SysWOW64/svchost.exe", new PlantedPe { Seed = "svchost32" }).Pe("/Program Files/Windows Defender/MpCmdRun.exe", new PlantedPe { Seed = "mpcmdrun", IsSigned = true })
            .Pe("/Program Files (x86)/Microsoft/EdgeUpdate/MicrosoftEdgeUpdate.exe", new PlantedPe { Seed = "edgeupdate", IsSigned = true }).Pe("/Users/alice/AppData/Local/Microsoft/OneDrive/OneDriveStandaloneUpdater.exe", new PlantedPe { Seed = "onedrive", IsSigned = true })
            .File("/Windows/System32/config/SYSTEM", "regf").File("/Windows/System32/config/SOFTWARE", "regf").File("/Users/alice/NTUSER.DAT", "regf").File("/Users/Public/desktop.ini", "[.ShellClassInfo]\r\n")
            .File("/ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/desktop.ini", "[.ShellClassInfo]\r\n").File("/Users/alice/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/Send to OneNote.lnk", "L\0\0\0")
            .File("/Windows/System32/drivers/etc/hosts", "# Copyright (c) 1993-2009 Microsoft Corp.\r\n#\r\n#      102.54.94.97     rhino.acme.com          # source server\r\n# localhost name resolution is handled within DNS itself.\r\n#\t127.0.0.1       localhost\r\n");
        Task(tree, @"Microsoft\Windows\Defrag\ScheduledDefrag", Exec(@"%windir%\system32\defrag.exe", "-c -h -o -$"), principal: "S-1-5-18");
        Task(tree, @"Microsoft\Windows\DiskCleanup\SilentCleanup", Exec(@"%windir%\system32\cleanmgr.exe", "/autoclean /d %systemdrive%"), group: "S-1-5-32-545");
        Task(tree, @"Microsoft\Windows\DiskDiagnostic\Microsoft-Windows-DiskDiagnosticDataCollector", Exec(@"%windir%\system32\rundll32.exe", "dfdts.dll,DfdGetDefaultPolicyAndSMART"), principal: "S-1-5-18", hidden: true);
        Task(tree, @"Microsoft\Windows\Application Experience\ProgramDataUpdater", Exec(@"%windir%\system32\rundll32.exe", "invagent.dll,RunUpdate -noappraiser"), principal: "S-1-5-18");
        Task(tree, @"Microsoft\Windows\Windows Defender\Windows Defender Scheduled Scan", Exec(@"C:\Program Files\Windows Defender\MpCmdRun.exe", "Scan -ScheduleJob -ScanTrigger 55"), principal: "S-1-5-18", hidden: true);
        Task(tree, @"Microsoft\Windows\UpdateOrchestrator\Schedule Scan", Exec(@"%systemroot%\system32\usoclient.exe", "StartScan"), principal: "S-1-5-18");
        Task(tree, @"Microsoft\Windows\AppID\PolicyConverter", "<ComHandler><ClassId>{A6BA00FE-40E8-477C-B713-C64A14F18ADB}</ClassId></ComHandler>", principal: "S-1-5-19", hidden: true, enabled: false);
        Task(tree, @"MicrosoftEdgeUpdateTaskMachineUA", Exec(@"C:\Program Files (x86)\Microsoft\EdgeUpdate\MicrosoftEdgeUpdate.exe", "/ua /installsource scheduler"), principal: "S-1-5-18", triggers: Every("PT1H"));
        Task(tree, @"OneDrive Standalone Update Task-S-1-5-21-1-2-3-1001", Exec(@"%localappdata%\Microsoft\OneDrive\OneDriveStandaloneUpdater.exe", ""), author: "Microsoft Corporation", principal: "alice");
    }

    /// <summary>An action that starts a program.</summary>
    public static string Exec(string command, string arguments) =>
        $"<Exec><Command>{Escaped(command)}</Command>" + (arguments.Length == 0 ? "" : $"<Arguments>{Escaped(arguments)}</Arguments>") + "</Exec>";

    /// <summary>A trigger that is repeated.</summary>
    public static string Every(string interval) => $"<TimeTrigger><Repetition><Interval>{interval}</Interval></Repetition><StartBoundary>2026-06-01T00:00:00</StartBoundary></TimeTrigger>";

    /// <summary>Registers a task as the service stores it: XML in UTF-16 with a mark.</summary>
    public static PlantTree Task(PlantTree tree, string name, string actions, string? author = "$(@%SystemRoot%\\system32\\x.dll,-1)", string? principal = null, string? group = null, bool hidden = false, bool enabled = true, string? triggers = null)
    {
        string who = principal is not null ? $"<UserId>{Escaped(principal)}</UserId>" : $"<GroupId>{group ?? "S-1-5-32-544"}</GroupId>";
        string text = $"""
            <?xml version="1.0" encoding="UTF-16"?>
            <Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
              <RegistrationInfo>{(author is null ? "" : $"<Author>{Escaped(author)}</Author>")}<URI>\{Escaped(name)}</URI><SecurityDescriptor>{Sddl}</SecurityDescriptor></RegistrationInfo>
              <Triggers>{triggers ?? "<CalendarTrigger><StartBoundary>2026-01-01T03:00:00</StartBoundary><ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay></CalendarTrigger>"}</Triggers>
              <Principals><Principal id="Author">{who}<RunLevel>HighestAvailable</RunLevel></Principal></Principals>
              <Settings><Enabled>{(enabled ? "true" : "false")}</Enabled><Hidden>{(hidden ? "true" : "false")}</Hidden></Settings>
              <Actions Context="Author">{actions}</Actions>
            </Task>
            """.Replace("\n", "\r\n", StringComparison.Ordinal);
        return tree.File("/Windows/System32/Tasks/" + name.Replace('\\', '/'), [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)]);
    }

    private static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
