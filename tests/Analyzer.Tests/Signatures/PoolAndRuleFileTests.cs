using Forensics.Analyzer.Signatures;
using Forensics.Analyzer.Tests.Rules;
using Xunit;

namespace Forensics.Analyzer.Tests.Signatures;

public sealed class PoolAndRuleFileTests
{
    private static readonly PoolList Pools = new(["supportxmr.com", "miner.com", "a.b.co.uk"]);

    [Theory]
    [InlineData("pool.supportxmr.com:443", "supportxmr.com", true)]
    [InlineData("see http://SUPPORTXMR.COM/x", "supportxmr.com", false)]
    [InlineData("user@x.a.b.co.uk.", "a.b.co.uk", false)]
    [InlineData("\"url\":\"supportxmr.com:3333\"", "supportxmr.com", true)]
    public void A_host_or_its_sub_domain_is_found(string text, string pool, bool port)
    {
        Assert.True(Pools.TryFind(text, out PoolHit hit));
        Assert.Equal((pool, port), (hit.Pool, hit.HasPort));
    }

    [Theory]
    [InlineData("https://adminer.com/")]
    [InlineData("supportxmr.com.evil.example")]
    [InlineData("notsupportxmr.com")]
    [InlineData("b.co.uk")]
    [InlineData("com . . ..")]
    public void Other_hosts_are_not(string text) => Assert.False(Pools.TryFind(text, out _));

    [Fact]
    public void The_check_is_linear_on_hostile_text()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.False(Pools.TryFind(string.Concat(Enumerable.Repeat("a.", 500_000)), out _));
        Assert.False(Pools.TryFind(new string('.', 1_000_000), out _));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), clock.Elapsed.ToString());
    }

    [Fact]
    public void The_shipped_list_is_sorted_out()
    {
        Assert.True(ShippedRules.All.Pools.Count > 50);
        Assert.True(ShippedRules.All.Pools.Contains("gulf.moneroocean.stream"));
        Assert.False(ShippedRules.All.Pools.Contains("github.com"));
    }

    private const string Good = """
        rules:
          - id: x
            heuristic: H-X
            title: T
            category: malware
            techniques: [T1496]
            applies: [command]
            weights: [50]
            any: ['foo']
            message: m
            mustMatch: ['foo']
            mustNotMatch: ['bar']
        """;

    [Fact]
    public void A_complete_rule_loads() => Assert.Equal("x", Assert.Single(RuleFile.Parse(Good, "f.yaml")).Id);

    [Theory]
    [InlineData("mustNotMatch: ['bar']", "", "mustMatch and mustNotMatch")]
    [InlineData("mustMatch: ['foo']", "mustMatch: []", "mustMatch and mustNotMatch")]
    [InlineData("any: ['foo']", "any: ['(foo']", "bad expression")]
    [InlineData("any: ['foo']", "any: ['(?=foo)']", "bad expression")]
    [InlineData("any: ['foo']", "colour: red", "line")]
    [InlineData("category: malware", "category: colour", "category")]
    [InlineData("applies: [command]", "applies: [thing]", "cannot apply")]
    [InlineData("weights: [50]", "weights: [0]", "weights")]
    [InlineData("id: x", "id: X y", "the id")]
    [InlineData("rules:", "rules: []\nmore:", "line")]
    public void A_wrong_rule_is_refused_with_its_reason(string part, string replacement, string reason)
    {
        SignatureException error = Assert.Throws<SignatureException>(() => RuleFile.Parse(Good.Replace(part, replacement, StringComparison.Ordinal), "f.yaml"));
        Assert.StartsWith("f.yaml", error.Message);
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void Text_that_is_no_rule_file_is_refused()
    {
        Assert.Throws<SignatureException>(() => RuleFile.Parse("", "f.yaml"));
        Assert.Throws<SignatureException>(() => RuleFile.Parse("rules: [", "f.yaml"));
        Assert.Throws<SignatureException>(() => RuleFile.Parse("just text", "f.yaml"));
    }

    [Theory]
    [InlineData("pkill -f xmrig; curl x | sh", "; curl x | sh")]
    [InlineData("rm -rf $(cat /x)", "rm -rf $(cat /x)")]
    [InlineData("echo 'rm; x'; rm y", "echo 'rm; x';")]
    [InlineData("sudo pkill x&&/opt/y", "&&/opt/y")]
    public void Commands_that_only_refer_are_blanked(string text, string expected)
    {
        string blanked = ReferenceText.Blank(text);
        Assert.Equal(text.Length, blanked.Length);
        Assert.Equal(expected, blanked.Trim());
    }
}
