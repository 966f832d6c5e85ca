using System.Diagnostics;
using System.Text;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;
using Xunit;

namespace Forensics.Analyzer.Tests.Resolver;

/// <summary>Commands and scripts that were written to cost time or memory.</summary>
public sealed class HostileCommandTests
{
    private static readonly Artifact Source = new HostFact(new EvidenceLocation("i", "v", 0, "/x", 1)) { Name = "n", Value = "v" };

    private sealed class Everything : IPathLookup
    {
        public ResolvedPath? Resolve(string absolutePath) => new("v", absolutePath, 12);
    }

    public static TheoryData<string> Names => [.. Texts.Keys];

    private static readonly Dictionary<string, string> Texts = new()
    {
        ["one line of a mebibyte"] = "/opt/a " + new string('x', 1 << 20),
        ["a mebibyte of words"] = string.Concat(Enumerable.Repeat("/opt/a ", 150_000)),
        ["nested quotes"] = string.Concat(Enumerable.Repeat("sh -c '", 10_000)),
        ["nested double quotes"] = string.Concat(Enumerable.Repeat("sh -c \"", 10_000)),
        ["nested parentheses"] = new string('(', 10_000) + "/opt/a" + new string(')', 10_000),
        ["nested substitutions"] = string.Concat(Enumerable.Repeat("$(echo ", 10_000)),
        ["nested backticks"] = string.Concat(Enumerable.Repeat("`echo \\`", 10_000)),
        ["nested braces"] = string.Concat(Enumerable.Repeat("${x:-", 10_000)),
        ["doubling variables"] = "a=xxxxxxxxxxxxxxxx;" + string.Concat(Enumerable.Repeat("a=$a$a;", 5_000)) + "$a",
        ["doubling substitutions"] = "a=xxxxxxxxxxxxxxxx;" + string.Concat(Enumerable.Repeat("a=$(echo $a$a);", 3_000)) + "$a",
        ["doubling brace lists"] = string.Concat(Enumerable.Repeat("{a,b}", 5_000)),
        ["patterns that match everywhere"] = "a=" + new string('a', 4000) + ";" + string.Concat(Enumerable.Repeat("echo ${a##*a*a*a*b};", 500)),
        ["here-document without end"] = "sh <<EOF\n" + string.Concat(Enumerable.Repeat("/opt/a\n", 9_000)),
        ["many here-documents"] = string.Concat(Enumerable.Repeat("cat <<E\n", 8_000)),
        ["many pipes"] = string.Concat(Enumerable.Repeat("sh|", 20_000)) + "sh",
        ["many decoders"] = string.Concat(Enumerable.Repeat("echo QQ== | base64 -d | ", 4_000)) + "sh",
        ["many wrappers"] = string.Concat(Enumerable.Repeat("nohup env A=b ", 5_000)) + "/opt/a",
        ["variables"] = string.Concat(Enumerable.Range(0, 5_000).Select(i => "V" + i + "=/opt/" + i + ";")) + "$V4999",
        ["files written"] = string.Concat(Enumerable.Range(0, 2_000).Select(i => "echo x > /f" + i + ";/f" + i + ";")),
        ["a file that runs itself"] = "echo 'sh /f' > /f; sh /f",
        ["files that run each other"] = "echo 'sh /g' > /f; echo 'sh /f' > /g; sh /f",
        ["find without end"] = "find " + string.Concat(Enumerable.Repeat("-exec find ", 5_000)),
        ["code in code"] = string.Concat(Enumerable.Repeat("python3 -c \"import os;os.system('", 2_000)),
        ["tr of everything"] = "echo " + new string('a', 60_000) + " | tr '\\000-\\377' 'b' | tr 'b' 'c' | sh",
        ["printf that repeats"] = "printf '%s%s" + new string('x', 20_000) + "' " + string.Concat(Enumerable.Repeat("a ", 20_000)) + "| sh",
        ["controls"] = string.Concat(Enumerable.Repeat("\u0001\0\u0001$@ ", 10_000)),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_hostile_command_costs_bounded_time_and_output(string name)
    {
        var watch = Stopwatch.StartNew();
        CommandLink link = CommandResolver.Resolve(Source, new StartCommand(Texts[name]) { ThroughShell = true, Trigger = "cron", User = "root" }, new Everything());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{name} took {watch.Elapsed}");
        Assert.True(link.Files.Count <= 64 && link.Unwrapped.Count <= 64 && link.Unwrapped.Sum(text => (long)text.Length) <= 64L << 16);
    }

    [Theory]
    [InlineData("one line of a mebibyte")]
    [InlineData("nested quotes")]
    [InlineData("many wrappers")]
    public void What_is_left_out_is_told(string name) =>
        Assert.True(CommandResolver.Resolve(Source, new StartCommand(Texts[name]) { ThroughShell = true, Trigger = "cron", User = "root" }, new Everything()).IsCut);

    [Fact]
    public void A_script_with_twenty_thousand_variables_is_followed_in_seconds()
    {
        var script = new ScriptFacts(new EvidenceLocation("i", "v", 0, "/s", 1))
        {
            StartedBy = "/x",
            Commands = [.. Enumerable.Range(0, 20_000).Select(i => new StartCommand($"V{i}=/opt/d{i}") { ThroughShell = true, Trigger = "script" }), new StartCommand("$V7/run") { ThroughShell = true, Trigger = "script" }],
        };
        var watch = Stopwatch.StartNew();
        IReadOnlyList<CommandLink> links = CommandResolver.ResolveAll(script, new Everything());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), watch.Elapsed.ToString());
        Assert.True(links.Count <= 20_001);
    }

    [Fact]
    public void A_script_of_a_million_lines_is_cut_and_told()
    {
        byte[] content = Encoding.ASCII.GetBytes("#!/bin/sh\n" + string.Concat(Enumerable.Repeat("/opt/a x\n", 1_000_000)));
        var watch = Stopwatch.StartNew();
        ShellScriptLines lines = ShellScriptLines.Read(content, ScanLimits.Default);
        Assert.True(lines.IsCut);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), watch.Elapsed.ToString());
    }
}
