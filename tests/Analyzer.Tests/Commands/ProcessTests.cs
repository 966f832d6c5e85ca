using System.Diagnostics;
using Xunit;

namespace Forensics.Analyzer.Tests.Commands;

/// <summary>What only the real process shows: streams, exit codes.</summary>
public sealed class ProcessTests
{
    [Fact]
    public void A_reader_that_goes_away_ends_the_program_quietly()
    {
        using Process process = Start("--help");
        process.StandardOutput.Dispose();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", error);
        Assert.Equal(141, process.ExitCode);
    }

    [Theory]
    [InlineData("--version >/dev/full", 75)]
    [InlineData("--version 2>/dev/full", 0)]
    [InlineData("--bogus 2>/dev/full", 2)]
    [InlineData("--bogus 2>&-", 2)]
    [InlineData("--version </dev/null 2>&1", 0)]
    [InlineData("scan /nonexistent/image", 3)]
    public void Broken_streams_do_not_break_the_exit_code(string line, int expected)
    {
        using Process process = Shell("\"$0\" " + line);
        Assert.DoesNotContain("   at ", process.StandardError.ReadToEnd(), StringComparison.Ordinal);
        process.WaitForExit();
        Assert.Equal(expected, process.ExitCode);
    }

    [Fact]
    public void Output_redirected_to_a_file_is_appended_to_in_order()
    {
        using Process process = Shell("f=$(mktemp); { echo one; \"$0\" --version; echo three; } >$f; cat $f; rm $f");
        Assert.Matches(@"\Aone\ndeadbox \S+\nthree\n\z", process.StandardOutput.ReadToEnd());
        process.WaitForExit();
    }

    private static string Executable => Path.Combine(AppContext.BaseDirectory, "deadbox");

    private static Process Start(params string[] arguments) => Start(Executable, arguments);

    private static Process Shell(string script) => Start("/bin/sh", ["-c", script, Executable]);

    private static Process Start(string file, string[] arguments) => Process.Start(new ProcessStartInfo(file, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")) },
    })!;
}
