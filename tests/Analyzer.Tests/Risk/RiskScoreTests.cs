using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Xunit;

namespace Forensics.Analyzer.Tests.Risk;

public sealed class RiskScoreTests
{
    private static Finding Of(Severity severity, string category = "persistence", string path = "/a", params string[] related) =>
        new(new RuleInfo("L-X.y", "t", category, []), severity, new EvidenceLocation("i", "v", 0, path, 1)) { Message = "m", Related = [.. related.Select(other => new RelatedFile(other, "starts"))] };

    private static string Verdict(params Finding[] findings) => RiskScore.Of(findings).Verdict;

    [Fact]
    public void One_critical_is_compromised() => Assert.Equal("compromised", Verdict(Of(Severity.Critical)));

    [Fact]
    public void Two_independent_highs_of_different_groups_are_compromised()
    {
        Assert.Equal("compromised", Verdict(Of(Severity.High), Of(Severity.High, "access", "/b")));
        Assert.Equal("suspicious", Verdict(Of(Severity.High), Of(Severity.High, "persistence", "/b")));
        Assert.Equal("suspicious", Verdict(Of(Severity.High), Of(Severity.High, "access", "/a")));
        Assert.Equal("suspicious", Verdict(Of(Severity.High, "persistence", "/a", "/b"), Of(Severity.High, "malware", "/b")));
    }

    [Fact]
    public void High_or_medium_is_suspicious_and_less_is_clean()
    {
        Assert.Equal("suspicious", Verdict(Of(Severity.High)));
        Assert.Equal("suspicious", Verdict(Of(Severity.Medium)));
        Assert.Equal("clean", Verdict(Of(Severity.Low), Of(Severity.Info)));
        Assert.Equal(new RiskSummary(0, "clean"), RiskScore.Of([]));
    }

    [Fact]
    public void Scores_stay_in_the_band_of_their_verdict_whatever_the_order()
    {
        Finding[] many = [.. Enumerable.Range(0, 500).Select(i => Of((Severity)(i % 5), "c" + i % 3, "/" + i))];
        Assert.InRange(RiskScore.Of(many).Score, 70, 100);
        Assert.Equal(RiskScore.Of(many), RiskScore.Of([.. many.Reverse()]));
        Assert.InRange(RiskScore.Of([.. many.Where(finding => finding.Severity is Severity.Medium or Severity.Low)]).Score, 20, 69);
        Assert.InRange(RiskScore.Of([.. many.Where(finding => finding.Severity < Severity.Medium)]).Score, 0, 19);
    }
}
