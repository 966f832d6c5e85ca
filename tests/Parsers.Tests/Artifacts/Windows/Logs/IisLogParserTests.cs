using System.Text;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Artifacts.Linux.Logs;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows;

/// <summary>Which requests of IIS are kept, and what is said of logs that are damaged.</summary>
public sealed class IisLogParserTests
{
    private const string Path = "/inetpub/logs/LogFiles/W3SVC1/u_ex240310.log";
    private const string Fields = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken";
    private const string Head = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2024-03-10 11:00:00\r\n#Fields: " + Fields + "\r\n";

    private static string Line(string method, string stem, string query = "-", int status = 200, string referer = "-", string agent = "Mozilla/5.0+(Windows+NT+10.0)") =>
        $"2024-03-10 11:00:01 10.0.0.5 {method} {stem} {query} 443 - 203.0.113.9 {agent} {referer} {status} 0 0 31\r\n";

    private static LogEventList Read(string text) => LogRun.Read(new IisLogParser(), text, Path);

    [Fact]
    public void Answered_pages_are_counted_by_path_in_universal_time()
    {
        var input = LogRun.Input(new MemorySource(Encoding.UTF8.GetBytes("\uFEFF" + Head + Line("POST", "/shop/a+b.aspx", "x=1") + Line("POST", "/shop/a+b.aspx", "x=2") + Line("GET", "/shop/a+b.aspx") + Line("GET", "/logo.png") + Line("POST", "/no.aspx", status: 404)
            + Line("GET", "/DEFAULT.ASP"))), Path) with { Zone = TimeZoneInfo.CreateCustomTimeZone("here", TimeSpan.FromHours(9), "here", "here") };
        LogEventList found = LogRun.Read(new IisLogParser(), input);

        Assert.Equal([("/shop/a b.aspx", "POST", "200", 2L), ("/shop/a b.aspx", "GET", "200", 1L), ("/DEFAULT.ASP", "GET", "200", 1L)], found.Events.Select(one => (one.Target!, one.Method!, one.Detail!, one.Count)));
        Assert.All(found.Events, one => Assert.Equal(LogEventKind.WebRequest, one.Event));
        Assert.Equal("2024-03-10T11:00:01", LogRun.TimeOf(found.Events[0]));
        Assert.Equal(LogTimeBasis.Stated, found.Events[0].First!.Value.Basis);
        Assert.Equal(5, found.Events[0].Location.Line);
        Assert.Empty(found.Diagnostics);
    }

    [Fact]
    public void The_columns_may_change_inside_a_file_and_the_day_may_stand_in_front()
    {
        LogEventList found = Read("#Date: 2024-03-09 00:00:00\n#Fields: time cs-uri-stem sc-status\n23:59:59 /a.php 200\n" + Head + Line("GET", "/b.php"));

        Assert.Equal([("/a.php", "2024-03-09T23:59:59"), ("/b.php", "2024-03-10T11:00:01")], found.Events.Select(one => (one.Target!, LogRun.TimeOf(one))));
        Assert.Empty(found.Diagnostics);
    }

    [Theory]
    [InlineData("POST", "/autodiscover/autodiscover.json", "@evil.example/powershell/?X-Rps-CAT=VgEAVA&Email=autodiscover/autodiscover.json%3F@evil.example", "ProxyShell")]
    [InlineData("GET", "/autodiscover/autodiscover.json", "@evil.example/mapi/nspi/?&Email=autodiscover/autodiscover.json%3f@evil.example", "ProxyShell")]
    [InlineData("POST", "/autodiscover/admin@localhost/powershell/autodiscover.json", "x=a", "ProxyShell")]
    [InlineData("POST", "/ecp/y.js", "-", "ProxyLogon")]
    [InlineData("POST", "/owa/auth/x.js", "-", "ProxyLogon")]
    [InlineData("GET", "/cgi-bin/x.php", "-d+allow_url_include=1", "PHP-CGI")]
    [InlineData("GET", "/aspnet_client/supp0rt.aspx", "exec_code=Response.Write(1);cmd=cmd.exe+/c+whoami", "command in the query")]
    public void Requests_in_the_shape_of_an_exploit_are_kept_answered_or_not(string method, string stem, string query, string name)
    {
        LogEvent found = Assert.Single(Read(Head + Line(method, stem, query, 404)).Events);

        Assert.Equal(("404, " + name, stem), (found.Detail, found.Target));
        Assert.Contains(query, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_that_signs_out_does_not_send_anybody_to_the_tool_pane()
    {
        Assert.Equal("200, ToolShell", Assert.Single(Read(Head + Line("POST", "/_layouts/15/ToolPane.aspx", "DisplayMode=Edit&a=/ToolPane.aspx", referer: "/_layouts/SignOut.aspx")).Events).Detail);
        Assert.Equal("200", Assert.Single(Read(Head + Line("POST", "/_layouts/15/ToolPane.aspx", "DisplayMode=Edit", referer: "https://portal.example/Pages/a.aspx")).Events).Detail);
    }

    [Fact]
    public void A_cookie_that_leads_the_proxy_elsewhere_is_seen_where_cookies_are_logged()
    {
        const string head = "#Fields: date time cs-method cs-uri-stem sc-status cs(Cookie)\n";
        Assert.Equal("200, ProxyLogon", Assert.Single(Read(head + "2024-03-10 11:00:01 GET /ecp/default.flt 200 X-BEResource=a]@srv:444/ecp/proxyLogon.ecp?#~1941962753\n").Events).Detail);
        Assert.Empty(Read(head + "2024-03-10 11:00:01 GET /ecp/default.flt 200 X-BackEndCookie=S-1-5-21~x\n").Events);
    }

    [Theory]
    [InlineData("GET", "/autodiscover/autodiscover.json", "Email=john@contoso.example&Protocol=Autodiscoverv1&RedirectCount=1")]
    [InlineData("GET", "/autodiscover/autodiscover.json/v1.0/john@contoso.example", "Protocol=ActiveSync")]
    [InlineData("GET", "/ecp/15.1.2507.6/scripts/js/Common.js", "-")]
    [InlineData("GET", "/ecp/y.js", "-")]
    [InlineData("POST", "/PowerShell", "serializationLevel=Full;ExchClientVer=15.1.2507.6;clientApplication=ManagementShell")]
    [InlineData("GET", "/owa/", "cmd=contents")]
    [InlineData("POST", "/Microsoft-Server-ActiveSync/default.eas", "Cmd=Ping&User=CONTOSO%5Cjohn&DeviceId=APPL&DeviceType=iPhone")]
    [InlineData("GET", "/search", "q=powershell+tutorial")]
    public void Usual_requests_are_not_kept(string method, string stem, string query) => Assert.Empty(Read(Head + Line(method, stem, query)).Events);

    [Fact]
    public void Lines_without_a_header_or_with_other_columns_are_counted_and_said()
    {
        LogEventList nameless = Read(Line("POST", "/a.aspx") + Line("POST", "/b.aspx"));
        Assert.Empty(nameless.Events);
        Assert.Equal(("log.iis.header", "2"), Of(Assert.Single(nameless.Diagnostics)));

        LogEventList damaged = Read(Head + "2024-03-10 11:00:01 10.0.0.5 PO\r\n" + Line("POST", "/a.aspx").TrimEnd() + Line("POST", "/b.aspx") + Line("POST", "/c.aspx"));
        Assert.Equal("/c.aspx", Assert.Single(damaged.Events).Target);
        Assert.Equal(("log.iis.line", "2"), Of(Assert.Single(damaged.Diagnostics)));

        LogEventList withoutStatus = Read("#Fields: date time cs-uri-stem\n2024-03-10 11:00:01 /a.aspx\n#Fields: " + string.Join(' ', Enumerable.Repeat("x", 1000)) + "\nx\n");
        Assert.Equal(("log.iis.header", "2"), Of(Assert.Single(withoutStatus.Diagnostics)));
    }

    [Fact]
    public void A_gigantic_line_is_cut_and_the_next_ones_are_read()
    {
        LogEventList found = Read(Head + Line("POST", "/" + new string('a', 3 << 20) + ".aspx") + Line("POST", "/c.aspx"));

        Assert.Equal("/c.aspx", Assert.Single(found.Events).Target);
        Assert.Equal(["log.iis.line", "log.iis.line-cut"], found.Diagnostics.Select(one => one.Code).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Damaged_bytes_end_in_events_or_diagnostics()
    {
        byte[] sound = Encoding.UTF8.GetBytes(Head + Line("POST", "/autodiscover/autodiscover.json", "@a/b") + Line("POST", "/ü.aspx"));
        var random = new Random(7);
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = [.. sound.AsSpan(0, random.Next(sound.Length))];
            for (int k = random.Next(8); k > 0 && bytes.Length > 0; k--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            LogRun.Read(new IisLogParser(), LogRun.Input(new MemorySource(bytes), Path));
        }
    }

    private static (string, string?) Of(Diagnostic diagnostic) => (diagnostic.Code, diagnostic.Actual);
}
