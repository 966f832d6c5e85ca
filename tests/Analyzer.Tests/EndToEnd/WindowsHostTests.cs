using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>A Windows system volume is recognised as one, and nothing of Linux is said about it.</summary>
public sealed class WindowsHostTests
{
    private static string Image => Repository.PathOf("samples", "miner-windows", "miner-windows.qcow2");

    [Fact]
    public void The_system_is_named_by_what_its_registry_says()
    {
        JsonObject host = Assert.Single(Deadbox.Scan(Image).Report["hosts"]!.AsArray())!.AsObject();
        Assert.Equal(("windows", "10.0.17763.1", "Windows Server 2019 Standard"), ((string?)host["osId"], (string?)host["osVersion"], (string?)host["osName"]));
        Assert.Equal(("WS01", "W. Europe Standard Time"), ((string?)host["hostName"], (string?)host["timeZone"]));
    }

    [Theory]
    [InlineData("triage")]
    [InlineData("standard")]
    [InlineData("full")]
    public void Rules_and_remedies_are_those_of_Windows(string profile)
    {
        JsonObject[] findings = [.. Deadbox.Scan(Image, "--profile", profile).Report["findings"]!.AsArray().Select(node => node!.AsObject())];
        Assert.NotEmpty(findings);
        Assert.DoesNotContain(findings, finding => ((string)finding["ruleId"]!).StartsWith("L-", StringComparison.Ordinal) && !((string)finding["ruleId"]!).StartsWith("L-MINERCFG.", StringComparison.Ordinal));
        Assert.DoesNotContain(findings.SelectMany(finding => finding["remediation"]?.AsArray() ?? []), step => ((string)step!).StartsWith("chattr", StringComparison.Ordinal) || ((string)step!).StartsWith("rm ", StringComparison.Ordinal));
    }

    /// <summary>What Windows, vendors and administrators register stays silent: only what the story names is above low.</summary>
    [Fact]
    public void Only_the_story_is_told()
    {
        string[] story = ["/Windows/System32/Tasks/Updater", "/Windows/System32/Tasks/SysHost", "/Windows/System32/Tasks/Notes", "/Windows/System32/Tasks/Sync", "/ProgramData/SysHost/", "/ProgramData/readme.txt", "/Windows/Fonts/svchost.exe", "/ProgramData/Microsoft/Windows/Start Menu/", "/Windows/System32/WindowsPowerShell/v1.0/profile.ps1", "/Windows/System32/drivers/etc/hosts", "/Windows/System32/config/", "/Users/alice/NTUSER.DAT", "/Windows/System32/wbem/Repository/OBJECTS.DATA"];
        string[] others = [.. Deadbox.Scan(Image, "--profile", "full").Report["findings"]!.AsArray().Where(finding => (string)finding!["severity"]! is not ("info" or "low"))
            .Select(finding => (string)finding!["path"]!).Where(path => !Array.Exists(story, place => path.StartsWith(place, StringComparison.Ordinal)))];
        Assert.Empty(others);
    }
}
