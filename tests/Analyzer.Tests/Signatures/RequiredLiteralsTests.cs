using System.Text.RegularExpressions;
using Forensics.Analyzer.Signatures;
using Xunit;

namespace Forensics.Analyzer.Tests.Signatures;

public sealed class RequiredLiteralsTests
{
    [Theory]
    [InlineData(@"\bsetenforce\s+(?:0|permissive)\b", "setenforce & 0,permissive")]
    [InlineData(@"\b(?:curl|wget)\b[^|]*\|", "curl,wget & |")]
    [InlineData(@"/dev/(?:tcp|udp)/[^\s/]+", "/dev/ & tcp,udp & /")]
    [InlineData(@"stratum2?\+(?:tcp|udp)://", "stratum & :// & tcp,udp & +")]
    [InlineData(@"abc|def", "abc,def")]
    [InlineData(@"abc|d?", "")]
    [InlineData(@"(?:a|b)?xyz*", "xy")]
    [InlineData(@"[abc]+\d{3}", "")]
    [InlineData(@"(?:abc|de[f])ghi", "ghi & abc,de")]
    [InlineData(@"a(?:bc|)d", "a & d")]
    [InlineData(@"foo{0}bar", "fo & bar")]
    [InlineData(@"fo{2,3}bar", "bar & fo")]
    [InlineData(@"a+b", "a & b")]
    [InlineData(@"(?:(?:x1|y2)+z)|w3", "x1,y2,w3")]
    [InlineData(@"\x41bcd", "")]
    [InlineData(@"(?<name>abc)", "")]
    [InlineData(@"[a-z-[aeiou]]bcd", "")]
    [InlineData(@"(?:abc", "")]
    public void Words_that_every_match_holds(string expression, string expected)
    {
        string[] sets = [.. RequiredLiterals.Of(expression).Select(words => string.Join(',', words))];

        Assert.Equal(expected.Split(" & ", StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), sets.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_most_selective_words_come_first() =>
        Assert.Equal(["stratum"], RequiredLiterals.Of(@"stratum2?\+(?:tcp|udp)://")[0]);

    [Fact]
    public void No_shipped_expression_loses_a_match()
    {
        SignatureSet signatures = SignatureSet.LoadBuiltIn();
        string[] texts = [.. signatures.Rules.SelectMany(rule => rule.MustMatch.Concat(rule.MustNotMatch))];
        int prefiltered = 0;
        foreach (RulePattern pattern in signatures.Rules.SelectMany(rule => rule.Any.Concat(rule.All).Concat(rule.Not).Concat(rule.Boosts.SelectMany(boost => boost.Any))))
        {
            prefiltered += RequiredLiterals.Of(pattern.Expression).Count == 0 ? 0 : 1;
            var plain = new Regex(pattern.Expression, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Multiline);
            foreach (string text in texts)
            {
                Assert.True(plain.IsMatch(text) == pattern.TryMatch(text, out _), pattern.Expression + " on " + text);
            }
        }
        Assert.True(prefiltered > 60, "expressions with a required word: " + prefiltered);
    }
}
