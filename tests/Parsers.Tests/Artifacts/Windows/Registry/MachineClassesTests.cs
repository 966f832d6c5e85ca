using System.Diagnostics;
using System.Globalization;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Tests.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows.Registry;

/// <summary>COM classes of the machine, what wrappers of services start, and settings that keep entries from acting.</summary>
public sealed class MachineClassesTests(ITestOutputHelper output)
{
    private const string Nt = @"Microsoft\Windows NT\CurrentVersion\";

    [Fact]
    public void Twenty_thousand_ordinary_classes_are_one_fact()
    {
        var hive = new RegistryHiveWriter();
        for (int i = 0; i < 20_000; i++)
        {
            hive.Key(string.Create(CultureInfo.InvariantCulture, $@"Classes\CLSID\{{{i:X8}-2222-3333-4444-555555555555}}\InprocServer32")).Expandable("", @"%SystemRoot%\system32\shell32.dll");
        }
        byte[] bytes = hive.ToBytes();

        long start = Stopwatch.GetTimestamp();
        ArtifactList found = HiveInput.Parse(new SoftwareHiveParser(), "/Windows/System32/config/SOFTWARE", bytes);
        output.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms for {bytes.Length >> 20} MiB");

        MachineClasses classes = Assert.IsType<MachineClasses>(Assert.Single(found.Artifacts));
        Assert.Equal(20_000, classes.Servers.Count);
        Assert.Equal("/Windows/system32/shell32.dll", classes.ServerOf(Guid.Parse("00000007-2222-3333-4444-555555555555")));
    }

    [Theory]
    [InlineData("InprocServer32", @"C:\Users\Public\x.dll", null, true)]
    [InlineData("InprocServer32", "mscoree.dll", "file:///C:/ProgramData/x.dll", true)]
    [InlineData("LocalServer32", "powershell.exe -File x.ps1", null, true)]
    [InlineData("ScriptletURL", "http://203.0.113.9/x.sct", null, true)]
    [InlineData("InprocServer32", "mscoree.dll", "file:///C:/Program Files/Vendor/x.dll", false)]
    [InlineData("InprocServer32", "ole32.dll", null, false)]
    [InlineData("LocalServer32", "\"%ProgramFiles%\\Office\\winword.exe\" /automation", null, false)]
    public void A_server_elsewhere_is_an_entry_of_its_own(string server, string text, string? codeBase, bool isEntry)
    {
        var hive = new RegistryHiveWriter();
        WrittenKey key = hive.Key(@"Classes\Wow6432Node\CLSID\{11111111-2222-3333-4444-555555555555}\" + server).Text("", text);
        if (codeBase is not null)
        {
            key.Text("CodeBase", codeBase);
        }

        AutorunEntry[] entries = [.. HiveInput.Parse(new SoftwareHiveParser(), "/Windows/System32/config/SOFTWARE", hive).Artifacts.OfType<AutorunEntry>()];

        Assert.Equal(isEntry ? 1 : 0, entries.Length);
        Assert.All(entries, entry => Assert.Equal((AutorunKind.MachineClass, true), (entry.Mechanism, entry.IsWow64)));
    }

    [Fact]
    public void What_a_wrapper_starts_is_a_command_in_its_directory()
    {
        var hive = new RegistryHiveWriter();
        hive.Key("Select").Number("Current", 1);
        WrittenKey service = hive.Key(@"ControlSet001\Services\web").Expandable("ImagePath", @"C:\tools\nssm.exe").Number("Type", 16).Number("Start", 2);
        service.Key("Parameters").Expandable("Application", @"C:\Program Files\App\app.exe").Expandable("AppParameters", "-p 80").Expandable("AppDirectory", @"C:\Data").Texts("AppEnvironmentExtra", "A=1", "B=2");
        hive.Key(@"ControlSet001\Services\other").Expandable("ImagePath", @"C:\other.exe").Number("Type", 16).Key("Parameters").Text("Application", "a name");

        WindowsService[] services = [.. HiveInput.Parse(new SystemHiveParser(), "/Windows/System32/config/SYSTEM", hive).Artifacts.OfType<WindowsService>()];

        StartCommand wrapped = services.Single(found => found.Name == "web").Commands[1];
        Assert.Equal(("\"C:\\Program Files\\App\\app.exe\" -p 80", @"C:\Data"), (wrapped.Text, wrapped.WorkingDirectory));
        Assert.Equal(["A=1", "B=2"], wrapped.Environment);
        Assert.Null(services.Single(found => found.Name == "other").Wrapped);
    }

    [Theory]
    [InlineData(1, "0x200", true)]
    [InlineData(1, "0x100", false)]
    [InlineData(1, null, false)]
    [InlineData(2, "0x00000200", false)]
    public void A_monitor_of_exits_takes_both_settings(int mode, string? flags, bool acts)
    {
        var hive = new RegistryHiveWriter();
        hive.Key(Nt + @"SilentProcessExit\notepad.exe").Text("MonitorProcess", "x.exe").Number("ReportingMode", (uint)mode);
        if (flags is not null)
        {
            hive.Key(Nt + @"Image File Execution Options\notepad.exe").Text("GlobalFlag", flags);
        }

        AutorunEntry entry = Assert.Single(HiveInput.Parse(new SoftwareHiveParser(), "/Windows/System32/config/SOFTWARE", hive).Artifacts.OfType<AutorunEntry>());

        Assert.Equal(acts, entry.DormantBecause is null);
    }
}
