using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Tests.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows.Registry;

/// <summary>What the hive SOFTWARE says: autostart entries, the cache of tasks, Defender, the version.</summary>
public sealed class SoftwareHiveTests
{
    private const string CurrentVersion = @"Microsoft\Windows\CurrentVersion\";
    private const string Nt = @"Microsoft\Windows NT\CurrentVersion\";
    private const string Cache = Nt + @"Schedule\TaskCache\";

    [Fact]
    public void Run_keys_of_both_widths_and_hidden_names_are_entries()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(CurrentVersion + "Run").Text("SecurityHealth", "sh.exe").Text("\0hidden", "powershell -w hidden");
        hive.Key(@"Wow6432Node\" + CurrentVersion + "RunOnce").Text("x", "once.exe");

        List<AutorunEntry> entries = Entries(hive);

        Assert.Equal(["SecurityHealth", "\0hidden"], entries.Where(entry => entry.Mechanism == AutorunKind.Run).Select(entry => entry.ValueName));
        AutorunEntry once = Assert.Single(entries, entry => entry.Mechanism == AutorunKind.RunOnce);
        Assert.True(once.IsWow64);
        Assert.Equal(@"HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion\RunOnce", once.KeyPath);
        StartCommand command = Assert.Single(once.Commands);
        Assert.Equal(("once.exe", "registry RunOnce", null), (command.Text, command.Trigger, command.User));
    }

    [Fact]
    public void Winlogon_debuggers_and_injected_libraries_are_entries()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(Nt + "Winlogon").Text("Userinit", @"C:\Windows\system32\userinit.exe,C:\ProgramData\w.exe,").Text("Shell", "explorer.exe");
        hive.Key(Nt + @"Winlogon\SpecialAccounts\UserList").Number("backdoor", 0);
        hive.Key(Nt + @"Image File Execution Options\sethc.exe").Text("Debugger", "cmd.exe").Number("GlobalFlag", 0x200);
        hive.Key(Nt + @"Image File Execution Options\plain.exe").Number("MitigationOptions", 1);
        hive.Key(Nt + @"SilentProcessExit\notepad.exe").Text("MonitorProcess", "evil.exe");
        hive.Key(Nt + "Windows").Text("AppInit_DLLs", @"C:\a.dll C:\b.dll").Number("LoadAppInit_DLLs", 0);
        hive.Key(@"Microsoft\NetSh").Text("x", "evilhelper.dll");
        hive.Key(@"Classes\exefile\shell\open\command").Text("", "\"%1\" %*");
        hive.Key(@"Microsoft\Active Setup\Installed Components\{1}").Text("StubPath", "stub.exe");

        List<AutorunEntry> entries = Entries(hive);

        Assert.Equal([@"C:\Windows\system32\userinit.exe", @"C:\ProgramData\w.exe"], Assert.Single(entries, entry => entry.ValueName == "Userinit").CommandTexts);
        Assert.Equal("cmd.exe", Assert.Single(entries, entry => entry.Mechanism == AutorunKind.ImageFileDebugger).Data);
        Assert.EndsWith("sethc.exe", Assert.Single(entries, entry => entry.Mechanism == AutorunKind.ImageFileDebugger).KeyPath);
        Assert.Equal("evil.exe", Assert.Single(entries, entry => entry.Mechanism == AutorunKind.SilentProcessExit).Data);
        AutorunEntry injected = Assert.Single(entries, entry => entry.Mechanism == AutorunKind.AppInit);
        Assert.Equal(["/a.dll", "/b.dll"], injected.NamedFiles);
        Assert.NotNull(injected.DormantBecause);
        Assert.Equal(["/Windows/System32/evilhelper.dll"], Assert.Single(entries, entry => entry.Mechanism == AutorunKind.NetshHelper).NamedFiles);
        Assert.Equal("backdoor", Assert.Single(entries, entry => entry.Mechanism == AutorunKind.HiddenAccount).ValueName);
        Assert.Equal("\"%1\" %*", Assert.Single(entries, entry => entry.Mechanism == AutorunKind.Association).Data);
        Assert.Equal("stub.exe", Assert.Single(entries, entry => entry.Mechanism == AutorunKind.ActiveSetup).Data);
    }

    [Fact]
    public void Tasks_of_the_cache_are_put_together_and_what_is_missing_is_said()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(Cache + @"Tree\Microsoft\Windows\Fine").Text("Id", "{A}").Binary("SD", [1, 0]).Number("Index", 3);
        hive.Key(Cache + @"Tasks\{A}").Text("Path", @"\Microsoft\Windows\Fine").Binary("Actions", Actions(Exec("%windir%\\fine.exe", "/x"))).Binary("DynamicInfo", [3, 0, 0, 0, .. BitConverter.GetBytes(WrittenKey.DefaultTime), .. new byte[8]]);
        hive.Key(Cache + @"Tree\Hidden").Text("Id", "{B}").Number("Index", 0);
        hive.Key(Cache + @"Tasks\{B}").Binary("Actions", Actions(Exec("C:\\Program Files\\a b.exe", ""), Handler()));
        hive.Key(Cache + @"Tree\Orphan").Text("Id", "{C}").Binary("SD", [1]);
        hive.Key(Cache + @"Tasks\{D}").Text("Path", @"\NoTree").Binary("Actions", [3, 0, 9]);

        var tasks = Read(hive).OfType<TaskCacheEntry>().ToDictionary(task => task.Path);

        TaskCacheEntry fine = tasks[@"\Microsoft\Windows\Fine"];
        Assert.True(fine is { IsInTree: true, IsInTasks: true, HasSecurityDescriptor: true, Index: 3, Context: "LocalSystem", Account: null, IsEnabled: null, LastRun: null, ActionsDamagedBecause: null });
        Assert.Equal("%windir%\\fine.exe /x", Assert.Single(fine.Commands).Text);
        Assert.Equal("2026-11-20T10:00:00.000000000Z", fine.Registered.ToString());
        TaskCacheEntry hidden = tasks[@"\Hidden"];
        Assert.True(hidden is { HasSecurityDescriptor: false, Index: 0 });
        Assert.Equal(["\"C:\\Program Files\\a b.exe\"", "com-handler {00010203-0405-0607-0809-0a0b0c0d0e0f} data"], hidden.Actions.Select(action => action.ToString()));
        Assert.True(tasks[@"\Orphan"] is { IsInTree: true, IsInTasks: false });
        Assert.True(tasks[@"\NoTree"] is { IsInTree: false, IsInTasks: true, ActionsDamagedBecause: not null });
    }

    [Fact]
    public void Actions_that_are_cut_or_unknown_are_decoded_to_there()
    {
        byte[] whole = Actions(Exec("a.exe", "x"), Exec("b.exe", "y"));
        for (int length = 0; length < whole.Length; length++)
        {
            TaskCacheActions.Decode(whole.AsSpan(0, length));
        }

        Assert.Equal("a.exe", Assert.Single(TaskCacheActions.Decode(whole.AsSpan(0, whole.Length - 3)).Actions).Command);
        Assert.NotNull(TaskCacheActions.Decode([9, 9]).DamagedBecause);
    }

    [Fact]
    public void Exclusions_and_switches_of_Defender_are_read()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"Microsoft\Windows Defender\Exclusions\Paths").Number(@"C:\Users\Public", 0);
        hive.Key(@"Policies\Microsoft\Windows Defender\Exclusions\Extensions").Text(".exe", "0");
        hive.Key(@"Policies\Microsoft\Windows Defender").Number("DisableAntiSpyware", 1);
        hive.Key(@"Microsoft\Windows Defender\Real-Time Protection").Number("DisableRealtimeMonitoring", 1).Binary("bookkeeping", [1]);

        List<DefenderSetting> settings = [.. Read(hive).OfType<DefenderSetting>()];

        Assert.Equal(
            [("Paths", @"C:\Users\Public", true, false), ("Real-Time Protection", "DisableRealtimeMonitoring", false, false), ("Extensions", ".exe", true, true), ("", "DisableAntiSpyware", false, true)],
            settings.Select(setting => (setting.Area, setting.Name, setting.IsExclusion, setting.IsPolicy)));
        Assert.Equal("1", settings[^1].Value);
    }

    [Fact]
    public void The_version_is_read()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(Nt.TrimEnd('\\')).Text("ProductName", "Windows Server 2022 Standard").Text("CurrentBuildNumber", "20348").Number("UBR", 2113).Number("InstallDate", 1700000000).Text("DisplayVersion", "21H2");

        WindowsIdentity identity = Assert.Single(Read(hive).OfType<WindowsIdentity>());

        Assert.Equal(("Windows Server 2022 Standard", "20348.2113", "21H2", new Timestamp(1700000000, 0)), (identity.ProductName, identity.Build, identity.DisplayVersion, identity.Installed));
    }

    private static byte[] Actions(params byte[][] actions) => [3, 0, .. Text("LocalSystem"), .. actions.SelectMany(action => action)];

    private static byte[] Exec(string command, string arguments) => [0x66, 0x66, .. Text(""), .. Text(command), .. Text(arguments), .. Text(""), 0, 0];

    private static byte[] Handler() => [0x77, 0x77, .. Text(""), 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15, .. Text("data")];

    private static byte[] Text(string text) => [.. BitConverter.GetBytes(text.Length * 2), .. Encoding.Unicode.GetBytes(text)];

    private static List<Artifact> Read(RegistryHiveWriter hive) => HiveInput.Parse(new SoftwareHiveParser(), "/Windows/System32/config/SOFTWARE", hive).Artifacts;

    private static List<AutorunEntry> Entries(RegistryHiveWriter hive) => [.. Read(hive).OfType<AutorunEntry>()];
}
