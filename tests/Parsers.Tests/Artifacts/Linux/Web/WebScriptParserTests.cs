using System.Diagnostics;
using System.Text;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Formats.Php;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

/// <summary>What web scripts do with what their visitors send.</summary>
public sealed class WebScriptParserTests
{
    [Theory]
    [InlineData("<?php eval($_POST['a']);", WebScriptAct.EvaluatesRequest)]
    [InlineData("<?=`$_GET[c]`?>", WebScriptAct.RunsRequest)]
    [InlineData("<?php $a = \"x {$_GET['q']}\"; SYSTEM($a);", WebScriptAct.RunsRequest)]
    [InlineData("<?php foreach ($_REQUEST as $k => $v) { passthru($v); }", WebScriptAct.RunsRequest)]
    [InlineData("<?php function r($c) { return shell_exec($c); } print r($_POST['c']);", WebScriptAct.RunsRequest)]
    [InlineData("<?php function r() { global $c; return popen($c, 'r'); } $c = $_POST['c']; r();", WebScriptAct.RunsRequest)]
    [InlineData("<?php extract($_GET); eval($code);", WebScriptAct.EvaluatesRequest)]
    [InlineData("<?php $_GET['f']($_GET['a']);", WebScriptAct.CallsByRequest)]
    [InlineData("<?php create_function('', $_POST['x']);", WebScriptAct.EvaluatesRequest)]
    [InlineData("<?php usort($_GET['a'], $_GET['f']);", WebScriptAct.CallsByRequest)]
    [InlineData("<?php include \"data:text/plain,\" . $_GET['x'];", WebScriptAct.IncludesRequest)]
    [InlineData("<?php eval(file_get_contents('php://input'));", WebScriptAct.EvaluatesRequest)]
    [InlineData("<?php $h = $_SERVER['HTTP_X_A']; proc_open($h, [], $p);", WebScriptAct.RunsRequest)]
    [InlineData("<?php // comment with ?>\n<?php /* eval($_GET[x]) */ assert($_COOKIE['z']);", WebScriptAct.EvaluatesRequest)]
    [InlineData("<?php $x = <<<EOT\nls {$_GET['d']}\nEOT;\nexec($x);", WebScriptAct.RunsRequest)]
    [InlineData("<script language=\"php\">eval($_POST[1]);</script>", WebScriptAct.EvaluatesRequest)]
    [InlineData("<?xml version=\"1.0\"?><?php eval($_POST[1]);", WebScriptAct.EvaluatesRequest)]
    public void A_request_reaches(string code, WebScriptAct act) => Assert.Contains(act, Signs(code).Select(sign => sign.Act));

    [Theory]
    [InlineData("<?php echo $_GET['a']; system('uptime');")]
    [InlineData("<?php if ($_GET['a'] == 'up') { system('uptime'); }")]
    [InlineData("<?php system('id ' . escapeshellarg($_GET['a']));")]
    [InlineData("<?php $n = (int) $_GET['n']; exec(\"kill $n\");")]
    [InlineData("<?php function a($c) { exec($c); } function b($c) { echo $c; } b($_GET['x']);")]
    [InlineData("<?php $map = ['a' => 'foo']; $map[$_GET['k']]();")]
    [InlineData("<?php /* system($_GET['c']) */ # eval($_POST)\n// assert($_GET)\necho 'system($_GET[c])';")]
    [InlineData("no code, system($_GET['c'])")]
    [InlineData("<?php class A { function exec($sql) { return $this->db->query($sql); } }")]
    public void A_request_does_not_reach_anything(string code) => Assert.Empty(Signs(code));

    [Fact]
    public void Code_in_four_layers_is_read_and_says_so()
    {
        string code = "system($_GET['c']);";
        for (int i = 0; i < 3; i++)
        {
            code = "eval(base64_decode('" + Convert.ToBase64String(Encoding.ASCII.GetBytes(code)) + "'));";
        }
        WebScriptSign sign = Assert.Single(Signs("<?php\n\n" + code), sign => sign.Act == WebScriptAct.RunsRequest);
        Assert.True(sign.IsEncoded);
        Assert.Equal(3, sign.Line);
    }

    [Theory]
    [InlineData("'a' . 'b' . chr(99)", "abc")]
    [InlineData("str_rot13(\"flfgrz\")", "system")]
    [InlineData("strrev('metsys')", "system")]
    [InlineData("hex2bin('6964')", "id")]
    [InlineData("\"\\x69\\144\"", "id")]
    [InlineData("('a' . ('b'))", "ab")]
    [InlineData("urldecode('%69%64')", "id")]
    public void Constants_are_worked_out(string expression, string value)
    {
        IReadOnlyList<PhpToken> tokens = PhpTokenizer.Read(expression, isInside: true);
        Assert.Equal(value, new PhpConstants(_ => null).Evaluate(tokens, 0, tokens.Count));
    }

    [Theory]
    [InlineData("a.jsp", "<% new ProcessBuilder(request.getParameter(\"c\")).start(); %>", WebScriptAct.RunsRequest)]
    [InlineData("a.aspx", "<%@ Page Language=\"Jscript\"%><%eval(Request.Item[\"x\"],\"unsafe\");%>", WebScriptAct.EvaluatesRequest)]
    [InlineData("a.cgi", "#!/usr/bin/perl\nuse CGI;\nmy $q = new CGI;\nprint `$q->{c}`; system($q->param('c'));\n", WebScriptAct.RunsRequest)]
    [InlineData(".htaccess", "<FilesMatch \"\\.jpg$\">\nSetHandler application/x-httpd-php\n</FilesMatch>\n", WebScriptAct.MakesFilesExecutable)]
    public void Other_languages(string name, string text, WebScriptAct act) => Assert.Contains(act, Signs(text, name).Select(sign => sign.Act));

    [Theory]
    [InlineData("a.jsp", "<%= request.getParameter(\"name\") %>")]
    [InlineData(".htaccess", "AddType application/x-httpd-php .php\nSetHandler application/x-httpd-php\n")]
    public void Other_languages_without_harm(string name, string text) => Assert.Empty(Signs(text, name));

    [Fact]
    public void Roots_that_a_server_publishes()
    {
        string[] roots = [.. ArtifactRun.Parse(new WebServerConfigParser(), "/etc/nginx/nginx.conf",
            "server { root /srv/shop/public; }\n# root /no;\nDocumentRoot \"/data/site/\"\nroot $document;\n  alias /srv/a*;\n<Context docBase=\"/opt/app/web\"/>\n").Of<WebRoot>().Select(root => root.Directory)];
        Assert.Equal(["/srv/shop/public", "/data/site", "/opt/app/web"], roots);
    }

    [Fact]
    public void Hostile_scripts_end_in_time()
    {
        var clock = Stopwatch.StartNew();
        const int Count = 200_000;
        foreach (string unit in (string[])["<?", "<?php eval(", "$a[", "(", "eval(base64_decode(", "'", "\"$", "<<<A\n", "/*", "function f(", "{", "$a=$_GET;", "`", "<script language=\"php\"", "$a.=", "?><?php ", "call_user_func($_GET,"])
        {
            string text = "<?php " + string.Concat(Enumerable.Repeat(unit, Count / unit.Length));
            Signs(text);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"'{unit}' took until {clock.Elapsed}");
        }
        ArtifactRun.SurvivesGarbage(new WebScriptParser(), "/var/www/a.php", "<?php eval($_POST['x']); ?>", "<?php $a='b'.'c'; $a($_GET); ?>");
        ArtifactRun.SurvivesGarbage(new WebServerConfigParser(), "/etc/nginx/nginx.conf", "root /x/y;\n");
    }

    private static IReadOnlyList<WebScriptSign> Signs(string code, string name = "a.php") => Assert.Single(ArtifactRun.Parse(new WebScriptParser(), "/var/www/" + name, Encoding.Latin1.GetBytes(code)).Of<WebScript>()).Signs;
}
