using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Programs;

public sealed class LoggingTests
{
    private static ArtifactList Rsyslog(string text, string path = "/etc/rsyslog.d/10-x.conf") => ArtifactRun.Parse(new SyslogConfigParser(), path, text);

    [Theory]
    [InlineData("module(load=\"omprog\")\n*.* action(type=\"omprog\"\n   name=\"x\" binary=\"/usr/bin/p --a \\\"b c\\\"\"\n)\n", "rsyslog omprog|*.*|/usr/bin/p --a \"b c\"|2")]
    [InlineData("user.* ^/usr/bin/p;RSYSLOG_FileFormat\n", "rsyslog ^program|user.*|/usr/bin/p|1")]
    [InlineData("$ActionOMProgBinary /usr/bin/p\n*.* :omprog:\n", "rsyslog omprog||/usr/bin/p|1")]
    [InlineData("if $msg contains \"x\" then {\n action(type=\"mmexternal\" binary=\"/p\")\n}\n", "rsyslog mmexternal|if $msg contains \"x\"|/p|2")]
    [InlineData("# action(type=\"omprog\" binary=\"/p\")\naction(type=\"omfile\" file=\"/var/log/x\")\n")]
    public void Rsyslog_programs(string text, params string[] expected) =>
        Assert.Equal(expected, Rsyslog(text).Of<HookCommand>().Select(hook => $"{hook.Trigger}|{hook.Subject}|{hook.Command}|{hook.Location.Line}"));

    [Theory]
    [InlineData(":msg, contains, \"Failed password\" stop\n", ":msg, contains, \"Failed password\"|False")]
    [InlineData(":msg, contains, \"a\" /var/log/a\n& stop\n", ":msg, contains, \"a\"|True")]
    [InlineData("auth,authpriv.* ~\n", "auth,authpriv.*|False")]
    [InlineData("if $programname == 'sshd' then stop\n", "if $programname == 'sshd'|False")]
    [InlineData("if $programname == 'sshd' then {\n stop\n}\n", "if $programname == 'sshd'|False")]
    [InlineData("if ($programname == 'sshd') then {\n action(type=\"omfile\" file=\"/x\")\n stop\n}\n", "if ($programname == 'sshd')|True")]
    [InlineData("authpriv.* /dev/null\n", "authpriv.*|False")]
    [InlineData("auth.* /var/log/auth.log # stop\n*.*;auth,authpriv.none -/var/log/syslog\n")]
    public void Rsyslog_discards(string text, params string[] expected) => Assert.Equal(expected, Rsyslog(text).Of<SyslogDiscard>().Select(rule => $"{rule.Filter}|{rule.IsAfterOtherActions}"));

    [Fact]
    public void Only_conf_files_are_read_and_odd_includes_are_named()
    {
        Assert.NotNull(Rsyslog("*.* ^/p\n", "/etc/rsyslog.d/10-x.off").Of<HookCommand>().Single().DormantBecause);
        Assert.Equal(["/var/tmp/r.conf", "/opt/r.conf"], Rsyslog("$IncludeConfig /var/tmp/r.conf\n$IncludeConfig /etc/rsyslog.d/*.conf\ninclude(file=\"/opt/r.conf\" mode=\"optional\")\n").Of<HookFile>().Select(file => file.Target));
    }

    [Fact]
    public void Syslog_ng_programs_are_no_filters() =>
        Assert.Equal(["destination d_x|/usr/bin/p -a"], ArtifactRun.Parse(new SyslogConfigParser(), "/etc/syslog-ng/conf.d/a.conf", "filter f_a { program(\"^/sshd\"); };\ndestination d_x {\n  program(\"/usr/bin/p -a\" flags(no-multi-line));\n};\n").Of<HookCommand>().Select(hook => $"{hook.Subject}|{hook.Command}"));

    [Fact]
    public void Logrotate_scripts_belong_to_their_logs()
    {
        const string Text = """
            weekly
            include /etc/logrotate.d
            include /opt/rotate
            /var/log/a.log
            /var/log/b.log
            {
                su app app
                compresscmd /usr/bin/zstd
                postrotate
                    # tell it
                    [ -f /run/a.pid ] && kill -HUP $(cat /run/a.pid)
                    /usr/sbin/x
                endscript
            }
            "/var/log/c d.log" {
                firstaction
                    true
                endscript
            }
            """;
        ArtifactList list = ArtifactRun.Parse(new LogrotateParser(), "/etc/logrotate.conf", Text);
        Assert.Equal(
        [
            "logrotate compresscmd|/var/log/b.log|app|8|/usr/bin/zstd", "logrotate postrotate|/var/log/b.log|app|9|# tell it\n[ -f /run/a.pid ] && kill -HUP $(cat /run/a.pid)\n/usr/sbin/x",
            "logrotate firstaction|\"/var/log/c d.log\"|root|16|true",
        ], list.Of<HookCommand>().Select(hook => $"{hook.Trigger}|{hook.Subject}|{hook.User}|{hook.Location.Line}|{hook.Command}"));
        Assert.Equal(["/opt/rotate"], list.Of<HookFile>().Select(file => file.Target));
    }

    [Theory]
    [InlineData("x", 0b110_100_100, 0u, null)]
    [InlineData("x.dpkg-old", 0b110_100_100, 0u, "logrotate ignores files whose name ends in .dpkg-old")]
    [InlineData("x~", 0b110_100_100, 0u, "logrotate ignores files whose name ends in ~")]
    [InlineData("x", 0b110_110_100, 0u, "logrotate refuses files that others may write")]
    [InlineData("x", 0b110_100_100, 1000u, "logrotate refuses files that root does not own")]
    public void Logrotate_refuses(string name, int mode, uint owner, string? reason) =>
        Assert.Equal(reason, ((HookCommand)StartupInput.Run(new LogrotateParser(), "/etc/logrotate.d/" + name, "/a {\n postrotate\n x\n endscript\n}\n", mode, owner).Artifacts.Single()).DormantBecause);

    [Fact]
    public void A_script_without_end_is_said_and_kept()
    {
        ArtifactList list = ArtifactRun.Parse(new LogrotateParser(), "/etc/logrotate.d/a", "/a {\n prerotate\n x\n");
        Assert.Equal("logrotate refuses a script without endscript", list.Of<HookCommand>().Single().DormantBecause);
        Assert.Contains(list.Diagnostics, diagnostic => diagnostic.Code == "logrotate.endscript");
    }

    [Fact]
    public void Hostile_input_is_bounded()
    {
        ArtifactRun.SurvivesHostileSizes(new SyslogConfigParser(), "/etc/rsyslog.conf", "if (a then {\n*.* ~\n");
        ArtifactRun.SurvivesHostileSizes(new SyslogConfigParser(), "/etc/rsyslog.conf", "(\n");
        ArtifactRun.SurvivesHostileSizes(new SyslogConfigParser(), "/etc/syslog-ng/syslog-ng.conf", "program(\"/a\n");
        ArtifactRun.SurvivesHostileSizes(new LogrotateParser(), "/etc/logrotate.conf", "/a {\npostrotate\nx\nendscript\n");
        ArtifactRun.SurvivesGarbage(new SyslogConfigParser(), "/etc/rsyslog.conf", "if $a then { stop }\n", "*.* action(type=\"omprog\" binary=\"x\")\n", ":msg, contains, \"", "& stop\n");
        ArtifactRun.SurvivesGarbage(new SyslogConfigParser(), "/etc/syslog-ng/syslog-ng.conf", "program(\"/x\")\n");
        ArtifactRun.SurvivesGarbage(new LogrotateParser(), "/etc/logrotate.d/a", "/a {\npostrotate\nx\nendscript\n}\n");
    }
}
