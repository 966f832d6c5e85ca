using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows;

/// <summary>Scripts, preferences and values of group policies.</summary>
public sealed class GroupPolicyTests
{
    private const string Local = "/Windows/System32/GroupPolicy/Machine/";
    private const string Tasks = "/ProgramData/Microsoft/Group Policy/History/{31B2F340-016D-11D2-945F-00C04FB984F9}/Machine/Preferences/ScheduledTasks/ScheduledTasks.xml";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Scripts_are_read_in_both_encodings(bool isUtf16)
    {
        const string text = "\r\n[Startup]\r\n0CmdLine=C:\\ProgramData\\a b.cmd\r\n0Parameters=/q\r\n1CmdLine=second.bat\r\n1Parameters=\r\n[Shutdown]\r\n0Parameters=\r\n0CmdLine=end.vbs\r\n[Other]\r\n0CmdLine=no.bat\r\n";
        byte[] content = isUtf16 ? [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)] : Encoding.ASCII.GetBytes(text);

        PolicyScript[] scripts = [.. Parse(new PolicyScriptParser(), Local + "Scripts/scripts.ini", content).Artifacts.Cast<PolicyScript>()];

        Assert.Equal([("Startup", 0, "\"C:\\ProgramData\\a b.cmd\" /q"), ("Startup", 1, "second.bat"), ("Shutdown", 0, "end.vbs")], scripts.Select(script => (script.Phase, script.Number, script.CommandLine)));
        Assert.All(scripts, script => Assert.Equal((PolicyOrigin.Local, "SYSTEM", false), (script.Origin, script.User, script.IsPowerShell)));
        Assert.Equal("/Windows/System32/GroupPolicy/Machine/Scripts/Startup", scripts[1].Folder);
        Assert.Equal(3, scripts[0].Location.Line);
    }

    [Fact]
    public void Scripts_of_one_user_run_as_that_user()
    {
        var script = Assert.IsType<PolicyScript>(Assert.Single(Parse(new PolicyScriptParser(), "/Windows/System32/GroupPolicyUsers/S-1-5-21-1-2-3-1001/User/Scripts/psscripts.ini", "[Logon]\n0CmdLine=x.ps1\n0Parameters=-q\n"u8.ToArray()).Artifacts));
        Assert.Equal(("S-1-5-21-1-2-3-1001", true, "x.ps1 -q"), (script.User, script.IsPowerShell, script.CommandLine));
    }

    [Fact]
    public void Tasks_of_both_kinds_name_what_they_run()
    {
        const string text = """
            <?xml version="1.0" encoding="utf-8"?>
            <ScheduledTasks clsid="{CC63F200-7309-4ba0-B154-A71CD118DBCC}">
              <ImmediateTaskV2 clsid="{9756B581-76EC-4169-9AFC-0CA8D43ADB5F}" name="Update" image="0"><Properties action="C" name="Update" runAs="NT AUTHORITY\System" logonType="S4U">
                <Task version="1.3"><Settings><Enabled>true</Enabled></Settings><Actions Context="Author"><Exec><Command>powershell.exe</Command><Arguments>-enc AAAA</Arguments></Exec></Actions></Task></Properties></ImmediateTaskV2>
              <Task clsid="{2DEECB1C-261F-4e13-9B21-16FB83BC03BD}" name="Old" disabled="1"><Properties action="U" name="Old" appName="C:\x.exe" args="/a" startIn="C:\" runAs="corp\svc" cpassword="j1Uyj3Vx8TY9LtLZil2uAuZkFQA/4latT76ZwgdHdhw" enabled="1"/><Filters><FilterRunOnce id="{1}"/></Filters></Task>
              <TaskV2 clsid="{D8896631-B747-47a7-84A6-C155337F3BC8}" name="Off"><Properties action="U" name="Off"><Task><Settings><Enabled>false</Enabled></Settings><Actions><Exec><Command>y.exe</Command></Exec></Actions></Task></Properties></TaskV2>
            </ScheduledTasks>
            """;
        PolicyPreference[] items = [.. Parse(new PolicyPreferenceParser(), Tasks, Encoding.UTF8.GetBytes(text)).Artifacts.Cast<PolicyPreference>()];

        Assert.Equal(["ImmediateTaskV2", "Task", "TaskV2"], items.Select(item => item.Item));
        Assert.Equal(["powershell.exe -enc AAAA", "C:\\x.exe /a", "y.exe"], items.Select(item => Assert.Single(item.Commands).Text));
        Assert.Equal([@"NT AUTHORITY\System", @"corp\svc", "SYSTEM"], items.Select(item => item.Account));
        Assert.Equal([false, true, false], items.Select(item => item.HasPassword));
        Assert.Equal([null, "the item is switched off", "the task is switched off"], items.Select(item => item.DormantBecause));
        Assert.True(items[0].IsImmediate && items[1].IsFiltered && !items[0].IsFiltered);
        Assert.DoesNotContain(items[1].Properties, property => property.Contains("j1Uy", StringComparison.Ordinal));
        Assert.All(items, item => Assert.Equal(PolicyOrigin.Domain, item.Origin));
    }

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY a 'b'>]><ScheduledTasks/>")]
    [InlineData("<ScheduledTasks><Task clsid='{1}' name='a'>")]
    [InlineData("no xml")]
    public void Damaged_preferences_are_said_to_be(string text) =>
        Assert.Equal("windows.policy.preferences", Assert.Single(Parse(new PolicyPreferenceParser(), Tasks, Encoding.UTF8.GetBytes(text)).Diagnostics).Code);

    [Fact]
    public void Values_that_matter_are_read_out_of_a_policy_file()
    {
        byte[] content =
        [
            .. "PReg"u8, 1, 0, 0, 0,
            .. Value(@"Software\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run", "1", 1, Encoding.Unicode.GetBytes("C:\\x.exe\0")),
            .. Value(@"Software\Policies\Microsoft\Windows Defender", "DisableAntiSpyware", 4, [1, 0, 0, 0]),
            .. Value(@"Software\Policies\Google\Chrome", "HomepageLocation", 1, Encoding.Unicode.GetBytes("a;]\0")),
            .. Value(@"Software\Policies\Microsoft\Windows\PowerShell\ScriptBlockLogging", "**del.EnableScriptBlockLogging", 1, Encoding.Unicode.GetBytes(" \0")),
        ];
        ArtifactList found = Parse(new RegistryPolicyParser(), Local + "Registry.pol", content);
        PolicyValue[] values = [.. found.Artifacts.Cast<PolicyValue>()];
        Assert.Equal([PolicyTopic.Autostart, PolicyTopic.Defender, PolicyTopic.Security], values.Select(value => value.Topic));
        Assert.Equal(["C:\\x.exe", "1", " "], values.Select(value => value.Data));
        Assert.Equal("C:\\x.exe", Assert.Single(values[0].Commands).Text);
        Assert.Equal([false, false, true], values.Select(value => value.IsDeletion));
        Assert.StartsWith("HKLM\\Software", values[0].KeyPath, StringComparison.Ordinal);
        Assert.Empty(found.Diagnostics);
        Assert.Equal("HKCU", Assert.IsType<PolicyValue>(Parse(new RegistryPolicyParser(), "/Windows/System32/GroupPolicy/User/Registry.pol", content).Artifacts[0]).KeyPath[..4]);
    }

    [Fact]
    public void A_policy_file_that_ends_early_says_so_and_another_is_none()
    {
        byte[] content = [.. "PReg"u8, 1, 0, 0, 0, .. Value(@"Software\Policies\Microsoft\Windows Defender", "DisableAntiSpyware", 4, [1, 0, 0, 0])];
        for (int length = 9; length < content.Length; length++)
        {
            ArtifactList found = Parse(new RegistryPolicyParser(), Local + "Registry.pol", content[..length]);
            Assert.Equal("windows.policy.registry", Assert.Single(found.Diagnostics).Code);
            Assert.Empty(found.Artifacts);
        }
        Assert.Throws<CorruptDataException>(() => Parse(new RegistryPolicyParser(), Local + "Registry.pol", "PRex"u8.ToArray()));
    }

    [Fact]
    public void A_script_that_the_registry_names_lies_in_the_directory_of_its_policy()
    {
        var hive = new RegistryHiveWriter();
        WrittenKey policy = hive.Key(@"Microsoft\Windows\CurrentVersion\Group Policy\Scripts\Startup\0").Text("FileSysPath", @"C:\Windows\System32\GroupPolicy\Machine");
        policy.Key("0").Text("Script", "run.bat").Text("Parameters", "/q");
        policy.Key("1").Text("Script", "powershell.exe").Text("Parameters", "-f x");
        AutorunEntry[] entries = [.. Parse(new SoftwareHiveParser(), "/Windows/System32/config/SOFTWARE", hive.ToBytes()).Artifacts.OfType<AutorunEntry>()];
        Assert.Equal([@"C:\Windows\System32\GroupPolicy\Machine\Scripts\Startup\run.bat /q", "powershell.exe -f x"], entries.Select(entry => Assert.Single(entry.CommandTexts)));
    }

    /// <summary>One value as a policy file has it.</summary>
    internal static byte[] Value(string key, string name, uint type, byte[] data)
    {
        static byte[] U32(uint number)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
            return bytes;
        }
        static byte[] Text(string text) => Encoding.Unicode.GetBytes(text);
        return [.. Text("[" + key + "\0;" + name + "\0;"), .. U32(type), .. Text(";"), .. U32((uint)data.Length), .. Text(";"), .. data, .. Text("]")];
    }

    private static ArtifactList Parse(ArtifactParser parser, string path, byte[] content)
    {
        var found = new ArtifactList();
        parser.Parse(WindowsInput.Of(path, content), found);
        return found;
    }
}
