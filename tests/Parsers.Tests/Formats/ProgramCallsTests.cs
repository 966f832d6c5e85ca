using System.Diagnostics;
using Forensics.Parsers.Formats;
using Xunit;

namespace Forensics.Parsers.Tests.Formats;

public sealed class ProgramCallsTests
{
    private static string Flat(string text, ProgramLanguage language, string? path = null) => string.Join("; ", ProgramCalls.Read(text, language, path, out _).Select(call =>
        call.Name + "(" + string.Join(", ", call.Arguments.Select(argument => argument.Items is { } items ? "[" + string.Join('|', items) + "]" : argument.Text ?? "?")) + ")"));

    [Theory]
    [InlineData("os.system('a b')", "os.system(a b)")]
    [InlineData("os.system(\"a \\\"b\\\" \\x63\")", "os.system(a \"b\" c)")]
    [InlineData("subprocess.Popen(['a', \"b\", 'c'], shell=True)", "subprocess.Popen([a|b|c])")]
    [InlineData("subprocess.run([\n  '/opt/a',\n  x,\n])", "subprocess.run([/opt/a|?])")]
    [InlineData("P = '/opt'\nC = P + '/a'\nos.system(C)", "os.system(/opt/a)")]
    [InlineData("os.system('a' 'b')", "os.system(ab)")]
    [InlineData("os.system(f'/opt/{x}')", "os.system(?)")]
    [InlineData("os.system(r'a\\b')", "os.system(a\\b)")]
    [InlineData("os.system('''a\nb''')", "os.system(a\nb)")]
    [InlineData("x = input()\nos.system(x)", "input(); os.system(?)")]
    [InlineData("x = 'a'\nx = f()\nos.system(x)", "f(); os.system(?)")]
    [InlineData("# os.system('a')\nos.system('b') # c", "os.system(b)")]
    [InlineData("s = \"os.system('a')\"", "")]
    [InlineData("import os, helpers as h", "import(os); import(helpers)")]
    [InlineData("from helpers import run, go", "import(helpers)")]
    [InlineData("os.system(os.path.join(os.path.dirname(__file__), 'x'))", "os.system(/srv/x); os.path.join(/srv, x); os.path.dirname(/srv/m.py)")]
    public void Python(string text, string expected) => Assert.Equal(expected, Flat(text, ProgramLanguage.Python, "/srv/m.py"));

    [Theory]
    [InlineData("system \"a\", 'b';", "system(a, b)")]
    [InlineData("system(\"/opt/a -q\");", "system(/opt/a -q)")]
    [InlineData("my $p = '/opt/a'; exec \"$p -q\";", "exec(/opt/a -q)")]
    [InlineData("exec \"$unknown -q\";", "exec(?)")]
    [InlineData("my $x = `a b`; print qx{c {d}};", "`(a b); `(c {d})")]
    [InlineData("exec qw(/opt/a -q);", "exec([/opt/a|-q])")]
    [InlineData("=pod\nsystem('a');\n=cut\nsystem('b');", "system(b)")]
    [InlineData("$x =~ /it's/; system('b');", "system(b)")]
    [InlineData("require 'lib.pl'; use Foo::Bar;", "require(lib.pl); use(?)")]
    public void Perl(string text, string expected) => Assert.Equal(expected, Flat(text, ProgramLanguage.Perl));

    [Theory]
    [InlineData("<b>system('no')</b><?php $d = '/opt'; system($d . '/a'); ?> exec('no')", "system(/opt/a)")]
    [InlineData("<?php include __DIR__ . '/x.php';", "include(/srv/x.php)")]
    [InlineData("<?php // exec('a')\n# exec('b')\n/* exec('c') */ exec(\"d $y\"); `e f`;", "exec(?); `(e f)")]
    public void Php(string text, string expected) => Assert.Equal(expected, Flat(text, ProgramLanguage.Php, "/srv/i.php"));

    [Theory]
    [InlineData("const d = '/opt';\nrequire('child_process').exec(d + '/a');", "require(child_process); exec(/opt/a)")]
    [InlineData("spawn('/opt/a', ['x', y], { detached: true })", "spawn(/opt/a, [x|?], ?)")]
    [InlineData("exec(`a b`); exec(`a ${b}`);", "exec(a b); exec(?)")]
    [InlineData("import x from './y.js'; import './z';", "require(./y.js); require(./z)")]
    [InlineData("// exec('a')\nconst re = /['\"]/; exec('b')", "exec(b)")]
    public void JavaScript(string text, string expected) => Assert.Equal(expected, Flat(text, ProgramLanguage.JavaScript));

    [Theory]
    [InlineData("BEGIN { system(\"/opt/a\") }", ProgramLanguage.Awk, "system(/opt/a)")]
    [InlineData("{ print $1 | \"/opt/a\"; \"/opt/b\" | getline x }", ProgramLanguage.Awk, "`(/opt/a); `(/opt/b)")]
    [InlineData("spawn \"a\", 'b'\nx = %x(c d)", ProgramLanguage.Ruby, "spawn(a, b); `(c d)")]
    [InlineData("require_relative 'job'", ProgramLanguage.Ruby, "require_relative(job)")]
    [InlineData("-- os.execute('a')\nos.execute('/opt/' .. 'b')", ProgramLanguage.Lua, "os.execute(/opt/b)")]
    public void Others(string text, ProgramLanguage language, string expected) => Assert.Equal(expected, Flat(text, language));

    [Theory]
    [InlineData("python3.11", ProgramLanguage.Python)]
    [InlineData("/usr/bin/php8.2", ProgramLanguage.Php)]
    [InlineData("nodejs", ProgramLanguage.JavaScript)]
    [InlineData("mawk", ProgramLanguage.Awk)]
    [InlineData("bash", null)]
    [InlineData("pythonic", null)]
    public void Interpreters_are_known_by_their_names(string program, ProgramLanguage? language) => Assert.Equal(language, ProgramLanguages.Of(program));

    /// <summary>Each piece, a mebibyte of it, in every language: seconds, not minutes, and no exception.</summary>
    [Theory]
    [InlineData("f(")]
    [InlineData("f([")]
    [InlineData("x([\"a\",")]
    [InlineData("a=a+a\n")]
    [InlineData("a=\"$a$a\";")]
    [InlineData("'")]
    [InlineData("\"\"\"")]
    [InlineData("\\")]
    [InlineData("qx{")]
    [InlineData("<?")]
    [InlineData("/*")]
    [InlineData("`a${")]
    [InlineData("import a,")]
    [InlineData("\0\u00ff")]
    [InlineData("system 'a', ")]
    public void Megabytes_of_anything_end_quickly(string piece)
    {
        string text = "a='x'\n" + string.Concat(Enumerable.Repeat(piece, (1 << 20) / piece.Length));
        foreach (ProgramLanguage language in Enum.GetValues<ProgramLanguage>())
        {
            var watch = Stopwatch.StartNew();
            ProgramCalls.Read(text, language, "/x/y", out _);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{language} took {watch.Elapsed}");
        }
    }
}
