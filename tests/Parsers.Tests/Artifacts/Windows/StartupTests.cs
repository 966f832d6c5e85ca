using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Tests.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows;

/// <summary>Startup folders, PowerShell profiles and the hosts file.</summary>
public sealed class StartupTests
{
    private const string Common = "/ProgramData/Microsoft/Windows/Start Menu/Programs/Startup/";
    private const string Own = "/Users/alice/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/";

    [Theory]
    [InlineData(Common + "run.vbs", StartupFolder.AllUsers, null, false, false)]
    [InlineData(Common + "Run.EXE", StartupFolder.AllUsers, null, false, false)]
    [InlineData(Own + "Send to OneNote.lnk", StartupFolder.User, "alice", true, false)]
    [InlineData(Own + "x.bat", StartupFolder.User, "alice", false, false)]
    [InlineData(Own + "x.ps1", StartupFolder.User, "alice", false, true)]
    [InlineData(Own + "more/x.bat", StartupFolder.User, "alice", false, true)]
    public void What_the_shell_runs_is_noted(string path, StartupFolder folder, string? user, bool isShortcut, bool isDormant)
    {
        StartupItem item = Assert.IsType<StartupItem>(Assert.Single(Parse(new StartupFolderParser(), path, "x").Artifacts));
        Assert.Equal((folder, user, isShortcut, isDormant), (item.Folder, item.User, item.IsShortcut, item.DormantBecause is not null));
        Assert.Equal(isShortcut ? [] : [path], item.NamedFiles);
    }

    [Theory]
    [InlineData(Common + "desktop.ini")]
    [InlineData(Common + "Desktop.INI")]
    [InlineData(Own + "notes.txt")]
    public void What_it_only_opens_is_not(string path) => Assert.Empty(Parse(new StartupFolderParser(), path, "x").Artifacts);

    [Fact]
    public void Profiles_of_the_machine_and_of_users_are_told_apart()
    {
        StartupItem machine = Assert.IsType<StartupItem>(Assert.Single(Parse(new PowerShellProfileParser(), "/Windows/System32/WindowsPowerShell/v1.0/profile.ps1", "x").Artifacts));
        Assert.Equal((StartupFolder.PowerShellMachine, null), (machine.Folder, machine.User));
        StartupItem own = Assert.IsType<StartupItem>(Assert.Single(Parse(new PowerShellProfileParser(), "/Users/alice/Documents/PowerShell/Microsoft.PowerShell_profile.ps1", "x").Artifacts));
        Assert.Equal((StartupFolder.PowerShellUser, "alice"), (own.Folder, own.User));
    }

    [Fact]
    public void The_hosts_file_has_the_form_of_that_of_Linux()
    {
        const string text = "# comment\r\n127.0.0.1 localhost # x\r\n\r\n203.0.113.5\txmr.pool.minergate.com a.example\r\n";
        foreach (byte[] content in (byte[][])[Encoding.UTF8.GetBytes(text), [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)]])
        {
            var found = new ArtifactList();
            new WindowsHostsFileParser().Parse(WindowsInput.Of("/Windows/System32/drivers/etc/hosts", content), found);
            HostsEntry[] entries = [.. found.Artifacts.Cast<HostsEntry>()];
            Assert.Equal(["127.0.0.1", "203.0.113.5"], entries.Select(entry => entry.Address));
            Assert.Equal(["xmr.pool.minergate.com", "a.example"], entries[1].Names);
            Assert.Equal(4, entries[1].Location.Line);
        }
    }

    public static TheoryData<string, string> Parsers => new()
    {
        { nameof(ScheduledTaskParser), "/Windows/System32/Tasks/x" }, { nameof(WindowsHostsFileParser), "/Windows/System32/drivers/etc/hosts" }, { nameof(StartupFolderParser), Common + "x.vbs" },
        { nameof(PowerShellProfileParser), "/Windows/System32/WindowsPowerShell/v1.0/profile.ps1" },
    };

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Noise_and_sizes_end(string name, string path)
    {
        ArtifactParser parser = Catalog.ArtifactParsers.Single(parser => parser.GetType().Name == name);
        ArtifactRun.SurvivesGarbage(parser, path, "<Task><Actions><Exec><Command>203.0.113.5 a.example</Command></Exec></Actions></Task>\n203.0.113.5 a.example\n");
        if (name is nameof(StartupFolderParser) or nameof(PowerShellProfileParser))
        {
            // They note that the file is there; what it says, the examiner of scripts reads.
            return;
        }
        ArtifactRun.SurvivesHostileSizes(parser, path, "<Task><Actions><Exec><Command>203.0.113.5 a.example</Command></Exec></Actions></Task>\n");
    }

    private static ArtifactList Parse(ArtifactParser parser, string path, string text)
    {
        var found = new ArtifactList();
        parser.Parse(WindowsInput.Of(path, Encoding.UTF8.GetBytes(text)), found);
        return found;
    }
}
