using System.Text.RegularExpressions;
using Forensics.Analyzer.Signatures;
using Xunit;

namespace Forensics.Analyzer.Tests.Signatures;

public sealed class RequiredLiteralsTests
{
    [Theory]
    [InlineData(@"\bsetenforce\s+(?:0|permissive)\b", "setenforce")]
    [InlineData(@"\b(?:curl|wget)\b[^|]*\|", "curl wget")]
    [InlineData(@"/dev/(?:tcp|udp)/[^\s/]+", "/dev/")]
    [InlineData(@"stratum2?\+(?:tcp|udp)://", "stratum")]
    [InlineData(@"abc|def", null)]
    [InlineData(@"(?:a|b)?xyz*", "xy")]
    [InlineData(@"[abc]+\d{3}", null)]
    [InlineData(@"(?:abc|de[f])ghi", "ghi")]
    [InlineData(@"a(?:bc|)d", null)]
    [InlineData(@"foo{0}bar", "bar")]
    [InlineData(@"\x41bcd", null)]
    public void Words_that_every_match_holds(string expression, string? expected) =>
        Assert.Equal(expected, RequiredLiterals.Of(expression) is { } words ? string.Join(' ', words) : null);

    [Fact]
    public void No_shipped_expression_loses_a_match()
    {
        SignatureSet signatures = SignatureSet.LoadBuiltIn();
        string[] texts = [.. signatures.Rules.SelectMany(rule => rule.MustMatch.Concat(rule.MustNotMatch))];
        int prefiltered = 0;
        foreach (RulePattern pattern in signatures.Rules.SelectMany(rule => rule.Any.Concat(rule.All).Concat(rule.Not).Concat(rule.Boosts.SelectMany(boost => boost.Any))))
        {
            prefiltered += RequiredLiterals.Of(pattern.Expression) is null ? 0 : 1;
            var plain = new Regex(pattern.Expression, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Multiline);
            foreach (string text in texts)
            {
                Assert.True(plain.IsMatch(text) == pattern.TryMatch(text, out _), pattern.Expression + " on " + text);
            }
        }
        Assert.True(prefiltered > 60, "expressions with a required word: " + prefiltered);
    }
}
