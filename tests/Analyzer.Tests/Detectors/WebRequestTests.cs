using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Detectors.Windows;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

/// <summary>Requests of web servers' logs beside the pages that they called.</summary>
public sealed class WebRequestTests
{
    private const string Volume = "gpt1@1048576";
    private const string Log = "/inetpub/logs/LogFiles/W3SVC1/u_ex260601.log";

    [Fact]
    public void A_web_shell_says_how_often_it_was_asked_for()
    {
        EvidenceIndex evidence = Evidence([Script("/inetpub/wwwroot/Up/a.aspx", WebScriptAct.EvaluatesRequest)], Request("POST", "/up/A.ASPX", "200", 3), Request("GET", "/up/a.aspx", "200, command in the query", 1), Request("GET", "/other/a.aspx", "200", 9), Request("GET", "/up/a.aspx", "404", 5));

        Finding finding = Assert.Single(new WebShellDetector().Examine(evidence));

        Assert.Contains("answered 4 times", finding.Message, StringComparison.Ordinal);
        Assert.Contains("first on 2026-06-01 10:00:00, last on 2026-06-01 11:00:00", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_web_shell_that_nobody_asked_for_says_nothing_of_it() =>
        Assert.DoesNotContain("answered", Assert.Single(new WebShellDetector().Examine(Evidence([Script("/inetpub/wwwroot/a.aspx", WebScriptAct.EvaluatesRequest)], Request("GET", "/b.aspx", "200", 1)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("/aspnet_client/x.aspx", "POST", Severity.High)]
    [InlineData("/ASPNET_CLIENT/system_web/x.aspx", "GET", Severity.Medium)]
    [InlineData("/owa/auth/errorEE.aspx", "POST", Severity.High)]
    [InlineData("/ecp/auth/RedirSuiteServerProxy.aspx", "GET", Severity.Medium)]
    public void A_page_that_the_server_does_not_bring_is_found_without_its_file(string target, string method, Severity severity) =>
        Assert.Equal(severity, Assert.Single(new WebRequestDetector().Examine(Evidence([], Request(method, target, "200", 1)))).Severity);

    [Theory]
    [InlineData("/owa/auth/LOGON.ASPX")]
    [InlineData("/ecp/auth/TimeoutLogout.aspx")]
    [InlineData("/aspnet_client/system_web/4_0_30319/CrystalReportWebFormViewer4/a.aspx")]
    [InlineData("/shop/list.aspx")]
    public void Pages_of_the_server_are_left_alone(string target) => Assert.Empty(new WebRequestDetector().Examine(Evidence([], Request("POST", target, "200", 1))));

    [Fact]
    public void A_page_without_any_sign_is_one_level_lower_and_named()
    {
        Finding finding = Assert.Single(new WebRequestDetector().Examine(Evidence([Script("/inetpub/wwwroot/aspnet_client/own.aspx")], Request("POST", "/aspnet_client/own.aspx", "200", 1))));

        Assert.Equal((Severity.Medium, "/inetpub/wwwroot/aspnet_client/own.aspx"), (finding.Severity, Assert.Single(finding.Related).Path));
    }

    [Fact]
    public void Requests_of_other_systems_are_not_judged_here_and_those_of_windows_not_there()
    {
        LogEvent request = Request("POST", "/x.php", "200, Log4Shell", 1);

        Assert.Equal("L-WEBLOG.exploit-answered", Assert.Single(new LogActivityDetector().Examine(Evidence([], "debian", request))).Rule.Id);
        Assert.Empty(new WebRequestDetector().Examine(Evidence([], "debian", request)));
        Assert.Equal("W-WEBLOG.exploit-answered", Assert.Single(new WebRequestDetector().Examine(Evidence([], request))).Rule.Id);
        Assert.Empty(new LogActivityDetector().Examine(Evidence([], request)));
    }

    private static EvidenceIndex Evidence(IReadOnlyList<Artifact> artifacts, params LogEvent[] requests) => Evidence(artifacts, HostInfo.WindowsId, requests);

    private static EvidenceIndex Evidence(IReadOnlyList<Artifact> artifacts, string system, params LogEvent[] requests) =>
        new([new HostInfo(Volume, system, [])], artifacts, []) { Logs = new LogEvidence([new HostLogs(Volume, [], requests, [])]) };

    private static WebScript Script(string path, params WebScriptAct[] acts) => new(Place(path)) { Language = "asp", Signs = [.. acts.Select(act => new WebScriptSign(act, "x", 1))] };

    private static LogEvent Request(string method, string target, string detail, long count) => new(Place(Log), LogEventKind.WebRequest)
    {
        Method = method, Target = target, Detail = detail, Count = count, First = At(10), Last = At(11),
    };

    private static LogTime At(int hour) => new(new Timestamp(new DateTimeOffset(2026, 6, 1, hour, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds(), 0), LogTimePrecision.Second, LogTimeBasis.Stated);

    private static EvidenceLocation Place(string path) => new("disk.raw", Volume, 1048576, path, 12);
}
