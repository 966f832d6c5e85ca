using Forensics.Analyzer.Risk;
using Xunit;

namespace Forensics.Analyzer.Tests.Risk;

/// <summary>Names from evidence never become more than one word of <c>cmd.exe</c>.</summary>
public sealed class WindowsRemediationTests
{
    [Theory]
    [InlineData("/ProgramData/a b&c.exe", "del /f \"C:\\ProgramData\\a b&c.exe\"")]
    [InlineData("/Windows/System32/svchost.exe", "sfc /scanfile=\"C:\\Windows\\System32\\svchost.exe\"")]
    [InlineData("/Windows/Fonts/svchost.exe", "del /f \"C:\\Windows\\Fonts\\svchost.exe\"")]
    [InlineData("/ProgramData/readme.txt:run.vbs", "Remove-Item -LiteralPath 'C:\\ProgramData\\readme.txt' -Stream 'run.vbs'   # in PowerShell")]
    public void A_file_is_removed_by_a_quoted_path(string path, string last) => Assert.Equal(last, WindowsRemediation.RemoveFile(path)[^1]);

    [Theory]
    [InlineData("/ProgramData/%PATH%.exe")]
    [InlineData("/ProgramData/a\"b.exe")]
    [InlineData("/ProgramData/a!b.exe")]
    [InlineData("/ProgramData/x\\xe2\\x80\\xaegpj.exe")]
    [InlineData("/ProgramData/x\\x0ay.exe")]
    [InlineData("relative")]
    public void A_name_without_a_safe_form_is_not_typed(string path)
    {
        Assert.False(WindowsRemediation.TryQuote(path, out _));
        Assert.DoesNotContain("del ", Assert.Single(WindowsRemediation.RemoveFile(path)), StringComparison.Ordinal);
        Assert.Equal("the file", WindowsRemediation.Word(path));
    }

    [Fact]
    public void A_task_is_deleted_by_its_name_and_a_line_by_its_number()
    {
        Assert.Equal(["schtasks /delete /tn \"\\Up & date\" /f"], WindowsRemediation.DeleteTask("\\Up & date"));
        Assert.DoesNotContain("schtasks", Assert.Single(WindowsRemediation.DeleteTask("\\a\" & del x")), StringComparison.Ordinal);
        Assert.Equal(["Delete line 7 of \"C:\\Windows\\System32\\drivers\\etc\\hosts\""], WindowsRemediation.RemoveLine("/Windows/System32/drivers/etc/hosts", 7));
    }

    [Fact]
    public void A_subscription_is_deleted_in_its_three_parts()
    {
        IReadOnlyList<string> commands = WindowsRemediation.DeleteSubscription(@"root\subscription", "My Filter", "CommandLineEventConsumer", "My [x]");
        Assert.Equal(3, commands.Count);
        Assert.Equal("Get-WmiObject -Namespace 'root\\subscription' -Class __FilterToConsumerBinding | Where-Object { $_.Consumer -like '*CommandLineEventConsumer.Name=\"My ?x?\"' } | Remove-WmiObject", commands[0]);
        Assert.Contains("$_.Name -eq 'My [x]'", commands[1], StringComparison.Ordinal);
        Assert.Equal(2, WindowsRemediation.DeleteSubscription(null, null, "ActiveScriptEventConsumer", "c").Count);
    }

    [Theory]
    [InlineData("a' | calc #")]
    [InlineData("a\u2019; calc")]
    [InlineData("a & calc")]
    [InlineData("a\"b")]
    [InlineData("$(calc)")]
    [InlineData("a\nb")]
    public void A_name_of_a_subscription_that_means_something_is_not_typed(string name)
    {
        foreach (IReadOnlyList<string> commands in new[] { WindowsRemediation.DeleteSubscription(@"root\subscription", name, "C", "c"), WindowsRemediation.DeleteSubscription(@"root\subscription", "f", "C", name), WindowsRemediation.DeleteSubscription(@"root\subscription", "f", name, "c") })
        {
            Assert.DoesNotContain("Get-WmiObject", Assert.Single(commands), StringComparison.Ordinal);
        }
    }
}
