using Forensics.Analyzer.Signatures;
using Xunit;

namespace Forensics.Analyzer.Tests.Rules;

public sealed class DataRuleCasesTests
{
    public static TheoryData<string> RuleIds => [.. ShippedRules.All.Rules.Select(rule => rule.Id)];

    [Theory]
    [MemberData(nameof(RuleIds))]
    public void Every_rule_matches_what_it_must_and_nothing_it_must_not(string id)
    {
        DataRule rule = ShippedRules.All.Rules.Single(rule => rule.Id == id);
        foreach (string text in rule.MustMatch)
        {
            Assert.True(rule.Match(text, ShippedRules.All.Pools) is not null, $"{id} must match: {text}");
        }
        foreach (string text in rule.MustNotMatch)
        {
            Assert.True(rule.Match(text, ShippedRules.All.Pools) is null, $"{id} must not match: {text}");
        }
    }

    [Fact]
    public void Every_shipped_file_passes_the_strict_check_that_user_files_get()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(SignatureSet.BuiltInFolder, "rules"), "*.yaml"))
        {
            Assert.NotEmpty(RuleFile.Load(file));
        }
    }

    [Fact]
    public void The_heuristics_of_the_catalogue_are_all_there()
    {
        string[] wanted =
        [
            "H-PIPE-SH", "H-DL-EXEC", "H-B64-SH", "H-DEVTCP", "H-NC-E", "H-INTERP-SOCK", "H-TMPEXEC", "H-HIDDENEXEC", "H-HIDE-OUT", "H-STRATUM", "H-MINERARGS",
            "H-WALLET", "H-POOL", "H-POOLPORT", "H-RIVAL", "H-CHATTR", "H-DEFOFF", "H-LOGWIPE", "H-KEYADD", "H-USERADD", "H-REDIS", "H-GSOCKET",
        ];
        Assert.Empty(wanted.Except(ShippedRules.All.Rules.Select(rule => rule.Heuristic)));
    }

    [Fact]
    public void A_pattern_costs_linear_time_on_hostile_text()
    {
        string hostile = string.Concat(Enumerable.Repeat("curl a|wget b;cd /tmp;", 3000));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        foreach (DataRule rule in ShippedRules.All.Rules)
        {
            rule.Match(hostile, ShippedRules.All.Pools);
        }
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"took {clock.Elapsed}");
    }
}
