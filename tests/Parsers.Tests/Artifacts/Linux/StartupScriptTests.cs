using System.Diagnostics;
using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;
using static Forensics.Parsers.Tests.Artifacts.Linux.StartupInput;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class StartupScriptTests
{
    private static readonly RcLocalParser RcLocal = new();
    private static readonly CronPartsParser CronParts = new();
    private static readonly InitScriptParser InitScript = new();

    private static string[] Texts(StartupScript script) => [.. script.Commands.Select(command => command.Text)];

    [Fact]
    public void The_default_rc_local_of_Debian_does_nothing_but_exit()
    {
        StartupScript script = Script(RcLocal, "/etc/rc.local", "#!/bin/sh -e\n#\n# rc.local\n#\n# By default this script does nothing.\n\nexit 0\n");

        Assert.Equal((StartupPlace.RcLocal, "/bin/sh", true, false, null, 1), (script.Place, script.Interpreter, script.IsExecutable, script.IsBinary, script.DormantBecause, script.ActiveLines));
        Assert.Equal(["exit 0"], Texts(script));
        Assert.Null(script.Commands[0].DormantBecause);
    }

    [Fact]
    public void The_default_rc_local_of_the_RHEL_family_is_not_executable()
    {
        StartupScript script = Script(RcLocal, "/etc/rc.d/rc.local", "#!/bin/bash\n# THIS FILE IS ADDED FOR COMPATIBILITY PURPOSES\n\ntouch /var/lock/subsys/local\n", Public);

        Assert.Equal("the file is not executable", script.DormantBecause);
        StartCommand command = Assert.Single(script.Commands);
        Assert.Equal(("touch /var/lock/subsys/local", "the file is not executable", 4, true, "root", "rc.local"), (command.Text, command.DormantBecause, command.Line, command.ThroughShell, command.User, command.Trigger));
    }

    [Theory]
    [InlineData("nohup /var/tmp/.s/pty3 >/dev/null 2>&1 &")]
    [InlineData("echo never > /sys/kernel/mm/transparent_hugepage/enabled")]
    public void Every_line_before_exit_is_live_and_every_line_behind_it_is_not(string line)
    {
        string text = "#!/bin/sh\n" + line + "\nexit 0\n" + line + "\n";
        StartupScript script = Script(RcLocal, "/etc/rc.local", text);

        Assert.Equal([null, null, "after exit 0"], script.Commands.Select(command => command.DormantBecause));
        Assert.Equal([2, 3, 4], script.Commands.Select(command => command.Line!.Value));
        Assert.Equal(text.LastIndexOf(line, StringComparison.Ordinal), script.Commands[2].ByteOffset);
        Assert.Null(script.DormantBecause);
    }

    [Theory]
    [InlineData("if [ -f /x ]; then\nexit 0\nfi\n/bin/y\n")]
    [InlineData("[ -f /x ] || exit 0\n/bin/y\n")]
    [InlineData("f() {\n  exit 0\n}\n/bin/y\n")]
    [InlineData("case $1 in\nstart) exit 0 ;;\nesac\n/bin/y\n")]
    [InlineData("(exit 0)\n/bin/y\n")]
    [InlineData("{ a || exit 1; }\n/bin/y\n")]
    [InlineData("while :; do exit; done\n/bin/y\n")]
    [InlineData("exec >/dev/null 2>&1\n/bin/y\n")]
    [InlineData("echo exit 0\n/bin/y\n")]
    [InlineData("cat <<E\nexit 0\nE\n/bin/y\n")]
    [InlineData("echo '\nexit 0\n'\n/bin/y\n")]
    [InlineData("# exit 0\n/bin/y\n")]
    [InlineData("exit 0 | cat\n/bin/y\n")]
    public void An_exit_that_may_not_be_reached_kills_nothing(string text) =>
        Assert.All(Script(RcLocal, "/etc/rc.local", "#!/bin/sh\n" + text).Commands, command => Assert.Null(command.DormantBecause));

    [Theory]
    [InlineData("exec /sbin/agent --run\n/bin/y\n", "after exec /sbin/agent --run")]
    [InlineData("true; exit\n/bin/y\n", "after exit")]
    [InlineData("if a; then b; fi\nexit 3\n/bin/y\n", "after exit 3")]
    public void A_certain_exit_or_exec_kills_the_rest(string text, string reason) =>
        Assert.Equal(reason, Script(RcLocal, "/etc/rc.local", "#!/bin/sh\n" + text).Commands[^1].DormantBecause);

    [Fact]
    public void Without_a_shebang_systemd_cannot_run_rc_local()
    {
        Assert.Equal("no shebang line: systemd cannot execute it", Script(RcLocal, "/etc/rc.local", "/bin/y\n").DormantBecause);
        Assert.Null(Script(RcLocal, "/etc/local.d/a.start", "/bin/y\n").DormantBecause);
        Assert.Null(Script(RcLocal, "/etc/init.d/boot.local", "/bin/y\n", Public).DormantBecause);
    }

    [Fact]
    public void Joins_continuations_quotes_and_here_documents()
    {
        StartupScript script = Script(RcLocal, "/etc/rc.local", "#!/bin/sh\na \\\n  b\npython3 -c '\nimport socket # x\n'\ncat > /etc/cron.d/x <<'EOF'\n* * * * * root y\nEOF\nlast\n: <<'NOTE'\nold stuff\nNOTE\nend\n");

        Assert.Equal(["a   b", "python3 -c '\nimport socket # x\n'", "cat > /etc/cron.d/x <<'EOF'\n* * * * * root y\nEOF", "last", ": <<'NOTE'", "end"], Texts(script));
        Assert.Equal([2, 4, 7, 10, 11, 14], script.Commands.Select(command => command.Line!.Value));
    }

    [Theory]
    [InlineData("bash <<EOF")]
    [InlineData("sudo sh -s <<EOF")]
    [InlineData("cat <<EOF | sh")]
    [InlineData("su - app <<EOF")]
    public void A_here_document_for_a_shell_is_commands(string opening)
    {
        StartupScript script = Script(RcLocal, "/etc/rc.local", "#!/bin/sh\n" + opening + "\ncurl http://203.0.113.9/x\nEOF\nlast\n");
        Assert.Equal([opening, "curl http://203.0.113.9/x", "last"], Texts(script));
    }

    [Fact]
    public void An_apostrophe_left_open_does_not_swallow_the_script()
    {
        string text = "#!/bin/sh\necho it's\n" + string.Concat(Enumerable.Repeat("a\n", 300)) + "/tmp/.x\n";
        Assert.Equal("/tmp/.x", Script(RcLocal, "/etc/rc.local", text).Commands[^1].Text);
    }

    [Theory]
    [InlineData("cp /lib/libudev.so /lib/libudev.so.6; /lib/libudev.so.6")]
    [InlineData("certbot -q renew --deploy-hook 'systemctl reload nginx'")]
    public void Reads_scripts_for_run_parts(string line)
    {
        StartupScript script = Script(CronParts, "/etc/cron.daily/x", "#!/bin/sh\n" + line + "\n");
        Assert.Equal((StartupPlace.CronParts, line, "cron.daily", null, null), (script.Place, script.Commands[0].Text, script.Commands[0].Trigger, script.DormantBecause, script.DebianRefusal));
    }

    [Theory]
    [InlineData("/etc/cron.hourly/gcc.sh", null, "dot")]
    [InlineData("/etc/cron.hourly/0anacron", null, null)]
    [InlineData("/etc/cron.hourly/x~", "ends in ~", "tilde")]
    [InlineData("/etc/cron.hourly/x.rpmsave", "ends in .rpmsave", "dot")]
    [InlineData("/etc/periodic/daily/x.sh", "dot", null)]
    [InlineData("/etc/periodic/daily/x", null, null)]
    public void The_name_rule_of_run_parts_depends_on_the_distribution(string path, string? everywhere, string? debian)
    {
        StartupScript script = Script(CronParts, path, "#!/bin/sh\na\n");
        AssertPart(everywhere, script.DormantBecause);
        AssertPart(debian, script.DebianRefusal);
        Assert.Equal(script.DormantBecause, script.Commands[0].DormantBecause);
    }

    [Fact]
    public void A_script_without_shebang_runs_from_run_parts_of_the_RHEL_family_only()
    {
        StartupScript script = Script(CronParts, "/etc/cron.daily/x", "a\n");
        Assert.Null(script.DormantBecause);
        Assert.Contains("shebang", script.DebianRefusal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_placeholder_of_Debian_is_nothing() =>
        Assert.Empty(Run(CronParts, "/etc/cron.daily/.placeholder", "", Public).Artifacts);

    [Fact]
    public void A_binary_is_its_own_command()
    {
        byte[] content = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0];
        var script = (StartupScript)Run(CronParts, "/etc/cron.hourly/kdump", content, Executable).Artifacts.Single();
        Assert.True(script.IsBinary);
        StartCommand command = Assert.Single(script.Commands);
        Assert.Equal(("/etc/cron.hourly/kdump", false), (command.Text, command.ThroughShell));
    }

    [Theory]
    [InlineData("#!/usr/bin/python3\nimport os\n\n# c\nos.system('x')\n", "/usr/bin/python3", "/usr/bin/python3 /etc/cron.daily/x")]
    [InlineData("#! /usr/bin/env -S perl -w\nprint 1;\nprint 2;\n", "/usr/bin/env perl", "/usr/bin/env perl /etc/cron.daily/x")]
    public void A_script_of_another_language_is_its_own_command(string text, string interpreter, string command)
    {
        StartupScript script = Script(CronParts, "/etc/cron.daily/x", text);
        Assert.Equal((interpreter, 2), (script.Interpreter, script.ActiveLines));
        Assert.Equal([command], Texts(script));
    }

    [Fact]
    public void Reads_an_init_script_after_the_skeleton_of_Debian()
    {
        const string text = """
            #!/bin/sh
            ### BEGIN INIT INFO
            # Provides:          skeleton
            # Required-Start:    $remote_fs $syslog
            # Default-Start:     2 3 4 5
            # Short-Description: Example initscript
            ### END INIT INFO
            PATH=/sbin:/usr/sbin:/bin:/usr/bin
            NAME=daemonexecutablename
            DAEMON=/usr/sbin/$NAME
            [ -x "$DAEMON" ] || exit 0
            do_start()
            {
            	start-stop-daemon --start --quiet --exec $DAEMON --test > /dev/null \
            		|| return 1
            }
            case "$1" in
              start)
            	do_start
            	;;
              *)
            	echo "Usage: $0 {start|stop}" >&2
            	exit 3
            	;;
            esac

            :

            """;
        StartupScript script = Script(InitScript, "/etc/init.d/skeleton", text);

        Assert.Equal((StartupPlace.InitScript, "skeleton", "/bin/sh", null), (script.Place, script.Provides, script.Interpreter, script.DormantBecause));
        Assert.Contains("start-stop-daemon --start --quiet --exec $DAEMON --test > /dev/null \t\t|| return 1", Texts(script));
        Assert.All(script.Commands, command => Assert.Null(command.DormantBecause));
        Assert.Equal(["PATH=/sbin:/usr/sbin:/bin:/usr/bin", "NAME=daemonexecutablename", "DAEMON=/usr/sbin/daemonexecutablename"], script.Commands[0].Environment);
    }

    [Fact]
    public void An_OpenRC_service_starts_what_its_variables_name()
    {
        StartupScript script = Script(InitScript, "/etc/init.d/crond", "#!/sbin/openrc-run\n\nname=\"busybox crond\"\ncommand=\"/usr/sbin/crond\"\ncommand_args=\"-c /etc/crontabs -f\"\ncommand_background=true\npidfile=\"/run/$RC_SVCNAME.pid\"\n");
        StartCommand command = script.Commands[^1];
        Assert.Equal(("/usr/sbin/crond -c /etc/crontabs -f", "openrc command", 4), (command.Text, command.Trigger, command.Line));
    }

    [Fact]
    public void Local_scripts_of_SUSE_are_left_to_their_own_parser()
    {
        Assert.Empty(Run(InitScript, "/etc/init.d/boot.local", "a\n", Executable).Artifacts);
        Assert.Single(Run(RcLocal, "/etc/init.d/boot.local", "a\n", Executable).Artifacts);
        Assert.Empty(Run(InitScript, "/etc/init.d/.depend.start", "TARGETS = a\n", Public).Artifacts);
    }

    [Theory]
    [InlineData("/etc/rc3.d/S20ssh", "../init.d/ssh", "3", true, "ssh", "/etc/init.d/ssh")]
    [InlineData("/etc/rc.d/rc5.d/S90abcdefghij", "../../init.d/abcdefghij", "5", true, "abcdefghij", "/etc/init.d/abcdefghij")]
    [InlineData("/etc/rc0.d/K01ssh", "../init.d/ssh", "0", false, "ssh", "/etc/init.d/ssh")]
    [InlineData("/etc/rcS.d/S01x", "/opt/./a/../b", "S", true, "x", "/opt/b")]
    [InlineData("/etc/runlevels/default/sshd", "/etc/init.d/sshd", "default", true, "sshd", "/etc/init.d/sshd")]
    [InlineData("/etc/rc3.d/S20x", "../../../../../x", "3", true, "x", "/x")]
    public void Reads_runlevel_links(string path, string target, string runlevel, bool starts, string service, string resolved)
    {
        var link = (RunlevelLink)Run(new RunlevelLinkParser(), path, "", Executable, target: target).Artifacts.Single();
        Assert.Equal((runlevel, starts, service, resolved), (link.Runlevel, link.Starts, link.Service, link.Target));
        Assert.Equal(starts ? [resolved] : [], link.NamedFiles);
    }

    [Fact]
    public void A_plain_file_in_a_runlevel_is_started_and_a_README_is_not()
    {
        var link = (RunlevelLink)Run(new RunlevelLinkParser(), "/etc/rc2.d/S99x", "#!/bin/sh\n", Executable).Artifacts.Single();
        Assert.Equal("/etc/rc2.d/S99x", link.Target);
        Assert.Empty(Run(new RunlevelLinkParser(), "/etc/rc2.d/README", "text\n", Public).Artifacts);
    }

    [Theory]
    [InlineData("0:2345:respawn:/var/run/pty3", "0", "2345", "respawn", "/var/run/pty3")]
    [InlineData("tty1::respawn:/sbin/getty 38400 tty1", "tty1", "", "respawn", "/sbin/getty 38400 tty1")]
    [InlineData("::sysinit:/sbin/openrc sysinit", "", "", "sysinit", "/sbin/openrc sysinit")]
    [InlineData("co:2345:respawn:+/sbin/agetty a:b", "co", "2345", "respawn", "/sbin/agetty a:b")]
    [InlineData("id:3:initdefault:", "id", "3", "initdefault", "")]
    public void Reads_both_forms_of_inittab(string line, string id, string runlevels, string action, string process)
    {
        var entry = (InittabEntry)Run(new InittabParser(), "/etc/inittab", "# c\n\n" + line + "\n", Public).Artifacts.Single();
        Assert.Equal((id, runlevels, action, process, 3, 5L), (entry.Identifier, entry.Runlevels, entry.Action, entry.Process, entry.Location.Line, entry.Location.ByteOffset));
        Assert.Equal(process.Length == 0 ? 0 : 1, entry.Commands.Count);
    }

    [Fact]
    public void Reads_the_inittab_of_Alpine()
    {
        const string text = "# /etc/inittab\n\n::sysinit:/sbin/openrc sysinit\n::sysinit:/sbin/openrc boot\n::wait:/sbin/openrc default\n\n# Set up a couple of getty's\ntty1::respawn:/sbin/getty 38400 tty1\ntty2::respawn:/sbin/getty 38400 tty2\n\n# Put a getty on the serial port\n#ttyS0::respawn:/sbin/getty -L 115200 ttyS0 vt100\n\n# Stuff to do for the 3-finger salute\n::ctrlaltdel:/sbin/reboot\n\n# Stuff to do before rebooting\n::shutdown:/sbin/openrc shutdown\n";
        var list = Run(new InittabParser(), "/etc/inittab", text, Public);
        Assert.Equal(["sysinit", "sysinit", "wait", "respawn", "respawn", "ctrlaltdel", "shutdown"], list.Artifacts.Cast<InittabEntry>().Select(entry => entry.Action));
        Assert.Empty(list.Diagnostics);
    }

    [Fact]
    public void An_inittab_line_that_is_off_starts_nothing_and_a_wrong_one_is_named()
    {
        var list = Run(new InittabParser(), "/etc/inittab", "a:2:off:/bin/x\nnonsense\nb:2:explode:/bin/y\n", Public);
        Assert.NotNull(((InittabEntry)list.Artifacts.Single()).Commands[0].DormantBecause);
        Assert.Equal("inittab.line.bad", list.Diagnostics.Single().Code);
    }

    [Theory]
    [InlineData("a\n")]
    [InlineData("\n")]
    [InlineData("a \\\n")]
    [InlineData("'\n")]
    [InlineData("cat <<E\n")]
    [InlineData("sh <<E\n")]
    [InlineData("x")]
    [InlineData("if a; then\n")]
    [InlineData("$(")]
    public void Megabytes_of_script_end_quickly(string piece)
    {
        byte[] content = Encoding.ASCII.GetBytes("#!/bin/sh\n" + string.Concat(Enumerable.Repeat(piece, 4 * 1024 * 1024 / piece.Length)));
        var watch = Stopwatch.StartNew();
        StartupScript script = (StartupScript)Run(InitScript, "/etc/init.d/x", content, Executable).Artifacts.Single();
        Assert.True(script.Commands.Count <= 100_000);
        Assert.True(watch.ElapsedMilliseconds < 10_000, watch.ElapsedMilliseconds + " ms");
    }

    private static void AssertPart(string? part, string? clause)
    {
        if (part is null)
        {
            Assert.Null(clause);
        }
        else
        {
            Assert.Contains(part, clause, StringComparison.Ordinal);
        }
    }
}
