using System.Text;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Tests.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows.Registry;

/// <summary>Binary values of the scheduler's cache, with bytes laid out by hand after the description of the field (https://cyber.wtf/2022/06/01/windows-registry-analysis-todays-episode-tasks/).</summary>
public sealed class TaskCacheTests
{
    private const string Cache = @"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\";

    [Fact]
    public void The_first_version_has_neither_context_nor_flags()
    {
        var actions = TaskCacheActions.Decode([1, 0, 0x66, 0x66, .. Text(""), .. Text("cmd.exe"), .. Text("/c notepad.exe"), .. Text(@"c:\windows\")]);

        Assert.True(actions is { Context: null, DamagedBecause: null });
        Assert.Equal(("cmd.exe", "/c notepad.exe", @"c:\windows\"), actions.Actions is [var only] ? (only.Command, only.Arguments, only.WorkingDirectory) : default);
    }

    [Fact]
    public void The_second_version_has_a_context_and_no_flags()
    {
        var actions = TaskCacheActions.Decode([2, 0, .. Text("Author"), 0x66, 0x66, .. Text("a"), .. Text("a.exe"), .. Text(""), .. Text(""), 0x66, 0x66, .. Text("b"), .. Text("b.exe"), .. Text("x"), .. Text("")]);

        Assert.True(actions is { Context: "Author", DamagedBecause: null });
        Assert.Equal(["a.exe", "b.exe x"], actions.Actions.Select(action => action.CommandLine));
    }

    [Fact]
    public void All_kinds_of_the_third_version_stand_one_behind_the_other()
    {
        byte[] exec = [0x66, 0x66, .. Text("exec"), .. Text("execution.exe"), .. Text(""), .. Text(""), 1, 0];
        byte[] handler = [0x77, 0x77, .. Text("handler"), 0xB9, 0xD1, 0xBC, 0x61, 0x0C, 0x34, 0xEC, 0x40, 0x9D, 0x41, 0xD7, 0xF1, 0xC0, 0x63, 0x2F, 0x05, .. Text("MissingCredentials")];
        byte[] mail = [0x88, 0x88, .. Text("mail"), .. "bcdefghi".SelectMany(letter => Text(letter.ToString())), 3, 0, 0, 0, .. Text("j"), .. Text("k"), .. Text("l"), 2, 0, 0, 0, .. Text("m"), .. Text("n"), .. Text("o"), .. Text("p")];
        byte[] message = [0x99, 0x99, .. Text("box"), .. Text("title"), .. Text("words")];

        var actions = TaskCacheActions.Decode([3, 0, .. Text("Users"), .. exec, .. handler, .. mail, .. message, .. exec]);

        Assert.True(actions is { Context: "Users", DamagedBecause: null });
        Assert.Equal(["exec", "com-handler", "send-mail", "show-message", "exec"], actions.Actions.Select(action => action.Type));
        Assert.Equal("{61bcd1b9-340c-40ec-9d41-d7f1c0632f05}", actions.Actions[1].ClassId);
        Assert.Equal("MissingCredentials", actions.Actions[1].Arguments);
        Assert.Equal("b to c: h", actions.Actions[2].Arguments);
        Assert.Equal("title words", actions.Actions[3].Arguments);
    }

    [Theory]
    [InlineData(0x42412138u, true, false)]
    [InlineData(0x42012138u, false, false)]
    [InlineData(0x42C12138u, true, true)]
    public void The_head_of_the_triggers_says_whether_it_counts_and_as_whom(uint flags, bool isEnabled, bool isHidden)
    {
        byte[] system = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
        byte[] data = [.. Head(0x17, flags), .. Aligned(Encoding.Unicode.GetBytes("Author")), .. Aligned(Encoding.Unicode.GetBytes("Display")), .. new byte[16], 5, 0, 0, 0, 0x48, 0x48, 0x48, 0x48, .. Aligned(system), .. Aligned([]), .. new byte[64]];

        Assert.Equal(new TaskCacheSettings(isEnabled, isHidden, "S-1-5-18"), TaskCacheSettings.Decode(data));
        for (int length = 0; length < data.Length; length++)
        {
            TaskCacheSettings.Decode(data.AsSpan(0, length)); // never throws
        }
    }

    [Fact]
    public void Older_heads_have_no_names_and_an_account_may_be_a_name_or_none()
    {
        byte[] named = [.. Head(0x15, 0x400000), 0, 0x48, 0x48, 0x48, 0x48, 0x48, 0x48, 0x48, 1, 0, 0, 0, 0, 0, 0, 0, .. Aligned(Encoding.Unicode.GetBytes(@"WS01\bob"))];

        Assert.Equal(@"WS01\bob", TaskCacheSettings.Decode(named).Account);
        Assert.Null(TaskCacheSettings.Decode([.. Head(0x15, 0x400000), 1, 0, 0, 0, 0, 0, 0, 0, .. new byte[32]]).Account);
        Assert.Equal(new TaskCacheSettings(null, null, null), TaskCacheSettings.Decode([0x17, 0, 0]));
    }

    [Fact]
    public void Lists_and_settings_belong_to_the_entry()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(Cache + @"Tree\A").Text("Id", "{A}").Number("Index", 3).Binary("SD", [1, 2]);
        hive.Key(Cache + @"Tasks\{A}").Binary("Actions", [3, 0, .. Text("Author"), 0x66, 0x66, .. Text(""), .. Text("a.exe"), .. Text(""), .. Text(""), 0, 0]).Binary("Triggers", [.. Head(0x15, 0), 1, .. new byte[31]]);
        hive.Key(Cache + @"Plain\{A}");
        hive.Key(Cache + @"Logon\{A}");
        hive.Key(Cache + @"Boot\{LOST}");

        var entries = HiveInput.Parse(new SoftwareHiveParser(), "/Windows/System32/config/SOFTWARE", hive).Artifacts.OfType<TaskCacheEntry>().ToList();

        TaskCacheEntry entry = Assert.Single(entries, entry => entry.Id == "{A}");
        Assert.Equal(["Logon", "Plain"], entry.ListedIn);
        Assert.True(entry is { IsEnabled: false, IsHidden: false, SecurityDescriptor: "0102", DormantBecause: "the task is disabled" });
        Assert.Equal("the task is disabled", Assert.Single(entry.Commands).DormantBecause);
        TaskCacheEntry lost = Assert.Single(entries, entry => entry.Id == "{LOST}");
        Assert.True(lost is { IsInTree: false, IsInTasks: false });
        Assert.Equal(["Boot"], lost.ListedIn);
    }

    // Version, earliest begin and latest end of sixteen bytes each, flags, checksum; eight bytes each.
    private static byte[] Head(byte version, uint flags) => [version, .. new byte[7 + 32], .. BitConverter.GetBytes(flags), 0x48, 0x48, 0x48, 0x48, 0xDA, 0x93, 0xF7, 0x14, 0x48, 0x48, 0x48, 0x48];

    private static byte[] Aligned(byte[] data) => [.. BitConverter.GetBytes((long)data.Length), .. data, .. new byte[-data.Length & 7]];

    private static byte[] Text(string text) => [.. BitConverter.GetBytes(text.Length * 2), .. Encoding.Unicode.GetBytes(text)];
}
