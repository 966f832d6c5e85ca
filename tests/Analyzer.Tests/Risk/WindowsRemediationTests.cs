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
}
