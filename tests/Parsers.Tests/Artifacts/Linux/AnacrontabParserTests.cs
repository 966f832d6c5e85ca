using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class AnacrontabParserTests
{
    private static IReadOnlyList<CronJob> Parse(string text) =>
        [.. StartupInput.Run(new AnacrontabParser(), "/etc/anacrontab", text, StartupInput.Public).Artifacts.Cast<CronJob>()];

    [Fact]
    public void Reads_the_table_of_Debian()
    {
        const string text = "# /etc/anacrontab: configuration file for anacron\n\n# See anacron(8) and anacrontab(5) for details.\n\nSHELL=/bin/sh\nHOME=/root\nLOGNAME=root\n\n# These replace cron's entries\n1\t5\tcron.daily\trun-parts --report /etc/cron.daily\n7\t10\tcron.weekly\trun-parts --report /etc/cron.weekly\n@monthly\t15\tcron.monthly\trun-parts --report /etc/cron.monthly\n";
        IReadOnlyList<CronJob> jobs = Parse(text);

        Assert.Equal(["1 5 | root | run-parts --report /etc/cron.daily", "7 10 | root | run-parts --report /etc/cron.weekly", "@monthly 15 | root | run-parts --report /etc/cron.monthly"], StartupInput.Flat(jobs));
        Assert.Equal(["cron.daily", "cron.weekly", "cron.monthly"], jobs.Select(job => job.Identifier));
        Assert.All(jobs, job => Assert.Equal((CronTable.Anacron, new CronAcceptance(null, null)), (job.Table, job.Acceptance)));
        Assert.All(jobs, job => Assert.Equal(["SHELL=/bin/sh", "HOME=/root", "LOGNAME=root"], job.Environment));
        Assert.Equal((10, (long?)text.IndexOf("1\t5", StringComparison.Ordinal)), (jobs[0].Location.Line, jobs[0].Location.ByteOffset));
        Assert.Equal("anacron", jobs[0].Commands[0].Trigger);
    }

    [Theory]
    [InlineData("1 5 sysupd nice /var/tmp/.sysupd", "1 5 | root | nice /var/tmp/.sysupd")]
    [InlineData("7 25 cron.weekly nice run-parts /etc/cron.weekly", "7 25 | root | nice run-parts /etc/cron.weekly")]
    [InlineData("1 5 x date +%F", "1 5 | root | date +%F")]
    public void Reads_jobs(string line, string expected) => Assert.Equal([expected], StartupInput.Flat(Parse(line + "\n")));

    [Fact]
    public void Joins_continued_lines_and_keeps_settings()
    {
        CronJob job = Assert.Single(Parse("RANDOM_DELAY=45\nSTART_HOURS_RANGE = 3-22\n1 5 x nice \\\n/bin/y\n"));
        Assert.Equal(["RANDOM_DELAY=45", "START_HOURS_RANGE=3-22"], job.Environment);
        Assert.Equal("nice  /bin/y", job.Command);
        Assert.Equal(3, job.Location.Line);
    }

    [Theory]
    [InlineData("1 5 a/b /bin/x", "slash")]
    [InlineData("@sometimes 5 a /bin/x", "unknown period")]
    public void What_anacron_drops_is_reported_with_the_reason(string line, string reason) =>
        Assert.Contains(reason, Assert.Single(Parse(line + "\n")).Acceptance.CronieRefusal, StringComparison.Ordinal);

    [Theory]
    [InlineData("1 5 x\n")]
    [InlineData("one 5 x /bin/y\n")]
    [InlineData("# 1 5 x /bin/y\n")]
    [InlineData("\\\n\\\n")]
    public void What_is_no_job_is_left_out(string text) => Assert.Empty(Parse(text));
}
