using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Formats.Vba;
using Forensics.Parsers.Tests.Formats.Registry;
using Forensics.Parsers.Tests.Formats.Windows;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows;

/// <summary>Add-ins, settings and startup files of Office.</summary>
public sealed class OfficeTests
{
    private const string Startup = "/Users/alice/AppData/Roaming/Microsoft/Word/STARTUP/";

    [Theory]
    // [MS-OVBA] 3.2: without compression, and with the greatest.
    [InlineData("0119B000616263646566676800696A6B6C6D6E6F70007172737475762E", "abcdefghijklmnopqrstuv.")]
    [InlineData("0103B002614500", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_container_is_unpacked(string container, string text) => Assert.Equal(text, VbaSource.Unpack(Convert.FromHexString(container)));

    [Fact]
    public void A_container_that_ends_early_or_points_before_its_begin_gives_what_there_is()
    {
        byte[] whole = VbaWriter.Pack("Sub AutoExec()\r\nEnd Sub\r\n");
        Assert.Equal("Sub AutoExec()\r\nEnd Sub\r\n", VbaSource.Unpack(whole));
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.StartsWith(VbaSource.Unpack(whole.AsSpan(0, length)), "Sub AutoExec()\r\nEnd Sub\r\n", StringComparison.Ordinal);
        }
        Assert.Equal("a", VbaSource.Unpack([1, 0x03, 0xB0, 0x02, (byte)'a', 0xFF, 0xFF]));
    }

    [Fact]
    public void Macros_that_run_by_themselves_are_named_with_what_they_call()
    {
        OfficeStartupFile file = File(Startup + "a.dotm", VbaWriter.Document("Sub AutoExec()\r\n  CreateObject(\"WScript.Shell\").Run \"powershell -w hidden\"\r\nEnd Sub\r\nSub Other()\r\nEnd Sub\r\n"));
        Assert.True(file.HasMacros);
        Assert.Equal(["AutoExec"], file.AutoMacros);
        Assert.Equal(["powershell", "WScript.Shell"], file.Calls);
        Assert.Equal(("alice", null), (file.User, file.DormantBecause));

        OfficeStartupFile mail = File("/Users/alice/AppData/Roaming/Microsoft/Outlook/VbaProject.OTM", VbaWriter.Project("Private Sub Application_Startup()\r\nEnd Sub\r\n"));
        Assert.Equal(["Application_Startup"], mail.AutoMacros);
    }

    [Theory]
    [InlineData(Startup + "plain.dotm", false)]
    [InlineData(Startup + "old/plain.dotm", true)]
    [InlineData("/Users/alice/AppData/Roaming/Microsoft/AddIns/x.xlam", true)]
    [InlineData("/Users/alice/AppData/Roaming/Microsoft/Excel/XLSTART/x.xlam", false)]
    public void Where_it_lies_decides_whether_it_is_opened(string path, bool isDormant)
    {
        OfficeStartupFile file = File(path, VbaWriter.Document(null));
        Assert.Equal((false, isDormant), (file.HasMacros, file.DormantBecause is not null));
    }

    [Fact]
    public void A_package_that_is_damaged_is_said_to_be()
    {
        var list = new ArtifactList();
        new OfficeStartupFileParser().Parse(WindowsInput.Of(Startup + "a.dotm", "PK\u0003\u0004 broken"u8.ToArray()), list);
        Assert.Equal("windows.office.macros", Assert.Single(list.Diagnostics).Code);
        Assert.IsType<OfficeStartupFile>(Assert.Single(list.Artifacts));
    }

    [Fact]
    public void Settings_name_the_files_that_are_loaded()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"Microsoft\Office\Word\Addins\Vendor.Connect").Number("LoadBehavior", 3);
        hive.Key(@"Classes\Vendor.Connect\CLSID").Text("", "{11111111-2222-3333-4444-555555555555}");
        hive.Key(@"Classes\CLSID\{11111111-2222-3333-4444-555555555555}\InprocServer32").Text("", @"C:\ProgramData\v.dll");
        hive.Key(@"Microsoft\Office\Excel\Addins\Vsto").Number("LoadBehavior", 0).Text("Manifest", "file:///C:/Program%20Files/Vendor/v.vsto|vstolocal");
        OfficeSetting[] machine = [.. Parse(new SoftwareHiveParser(), "/Windows/System32/config/SOFTWARE", hive).OrderBy(setting => setting.Name, StringComparer.Ordinal)];
        Assert.Equal(["/ProgramData/v.dll", "/Program Files/Vendor/v.vsto"], machine.Select(setting => Assert.Single(setting.NamedFiles)));
        Assert.Equal([null, "LoadBehavior does not ask for it"], machine.Select(setting => setting.DormantBecause));

        hive = new RegistryHiveWriter();
        hive.Key(@"Software\Microsoft\Office\16.0\Excel\Options").Text("OPEN", "/R \"C:\\Users\\alice\\x y.xll\"").Text("OPEN1", "tool.xlam").Text("Options5", "1");
        hive.Key(@"Software\Microsoft\Office\16.0\Outlook\WebView\Inbox").Text("URL", "http://203.0.113.9/");
        hive.Key(@"Software\Policies\Microsoft\Office\16.0\Excel\Security").Number("VBAWarnings", 2);
        hive.Key(@"Software\Microsoft\Office\16.0\Word\Security\Trusted Locations\Location1").Text("Path", @"C:\x\");
        OfficeSetting[] own = Parse(new UserHiveParser(), "/Users/alice/NTUSER.DAT", hive);
        Assert.Equal([OfficeTopic.ExcelOpen, OfficeTopic.ExcelOpen, OfficeTopic.HomePage, OfficeTopic.TrustedLocation, OfficeTopic.MacroSecurity], own.Select(setting => setting.Topic));
        Assert.Equal(["/Users/alice/x y.xll", "/Users/alice/AppData/Roaming/Microsoft/AddIns/tool.xlam"], own.Take(2).Select(setting => Assert.Single(setting.NamedFiles)));
        Assert.Equal(@"HKU\alice\Software\Microsoft\Office\16.0\Outlook\WebView\Inbox", own[2].KeyPath);
        Assert.Equal([false, true], own.Skip(3).Select(setting => setting.IsPolicy));
    }

    private static OfficeStartupFile File(string path, byte[] content)
    {
        var list = new ArtifactList();
        new OfficeStartupFileParser().Parse(WindowsInput.Of(path, content), list);
        Assert.Empty(list.Diagnostics);
        return Assert.IsType<OfficeStartupFile>(Assert.Single(list.Artifacts));
    }

    private static OfficeSetting[] Parse(ArtifactParser parser, string path, RegistryHiveWriter hive)
    {
        var list = new ArtifactList();
        parser.Parse(WindowsInput.Of(path, hive.ToBytes()), list);
        return [.. list.Artifacts.OfType<OfficeSetting>()];
    }
}
