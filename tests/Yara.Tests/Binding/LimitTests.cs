using System.Diagnostics;

namespace Forensics.Yara.Tests.Binding;

public sealed class LimitTests
{
    [Theory]
    [InlineData("rule hostile { condition: for all i in (1..filesize) : (for all j in (1..filesize) : (uint8(i) + uint8(j) < 10000)) }")]
    [InlineData("rule hostile { strings: $a = /a[^z]{1,300}b/ condition: $a }")]
    public void A_time_limit_is_honoured_and_the_scanner_stays_usable(string rule)
    {
        using YaraCompilation compilation = Library.Compile(Library.Source(rule + " rule after { strings: $n = \"needle\" condition: $n }"));
        using YaraScanner scanner = compilation.Rules.CreateScanner(TimeSpan.FromSeconds(1));
        byte[] content = new byte[32 << 20];
        content.AsSpan().Fill((byte)'a');

        Stopwatch watch = Stopwatch.StartNew();
        YaraScanResult result = CompilationTests.OnWorker(() => scanner.Scan(content, default));

        Assert.Equal(YaraScanOutcome.TimedOut, result.Outcome);
        Assert.Contains("time limit", result.Detail, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.5, 10);
        YaraScanResult next = CompilationTests.OnWorker(() => scanner.Scan("a needle"u8, default));
        Assert.Equal(YaraScanOutcome.Completed, next.Outcome);
        Assert.Contains("after", next.Names());
    }

    [Fact]
    public void An_exploding_pattern_fails_with_its_cause_and_the_scanner_stays_usable()
    {
        using YaraCompilation compilation = Library.Compile(Library.Source("rule hostile { strings: $a = /a(a|aa){1,200}b/ condition: $a } rule after { strings: $n = \"needle\" condition: $n }"));
        using YaraScanner scanner = compilation.Rules.CreateScanner(Library.Timeout);
        byte[] content = new byte[1 << 20];
        content.AsSpan().Fill((byte)'a');

        YaraScanResult result = CompilationTests.OnWorker(() => scanner.Scan(content, default));

        Assert.Equal(YaraScanOutcome.Failed, result.Outcome);
        Assert.Contains("regular expression", result.Detail, StringComparison.Ordinal);
        Assert.Equal(["after"], scanner.Scan("a needle"u8, default).Names());
    }

    [Fact]
    public void A_million_matches_truncate_the_scan_but_other_rules_still_match()
    {
        using YaraCompilation compilation = Library.Compile(Library.Source("rule many { strings: $a = \"a\" condition: $a } rule one { strings: $n = \"needle\" condition: $n }"));
        using YaraScanner scanner = compilation.Rules.CreateScanner(Library.Timeout);
        byte[] content = new byte[3 << 20];
        content.AsSpan().Fill((byte)'a');
        "needle"u8.CopyTo(content.AsSpan(content.Length - 10));

        YaraScanResult result = scanner.Scan(content, default);

        Assert.Equal(YaraScanOutcome.TooManyMatches, result.Outcome);
        Assert.Contains("$a", result.Detail, StringComparison.Ordinal);
        Assert.Contains("one", result.Names());
        Assert.All(result.Matches, match => Assert.InRange(match.Strings.Count, 0, YaraRuleMatch.MaximumStrings));
        Assert.Equal(YaraScanOutcome.Completed, scanner.Scan("aaa"u8, default).Outcome);
    }

    [Fact]
    public void A_limit_of_zero_or_less_is_refused()
    {
        using YaraCompilation compilation = Library.Compile(Library.Source("rule x { condition: true }"));

        Assert.Throws<ArgumentOutOfRangeException>(() => compilation.Rules.CreateScanner(TimeSpan.Zero));
        using YaraScanner unlimited = compilation.Rules.CreateScanner(Timeout.InfiniteTimeSpan);
        Assert.Single(unlimited.Scan("x"u8, default).Matches);
    }
}
