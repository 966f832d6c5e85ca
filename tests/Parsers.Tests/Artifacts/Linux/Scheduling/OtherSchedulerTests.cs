using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

/// <summary>incron, fcron and the cron directory of a user.</summary>
public sealed class OtherSchedulerTests
{
    [Fact]
    public void An_incron_line_is_path_mask_and_command()
    {
        CronJob job = Assert.Single(ArtifactRun.Parse(new IncronParser(), "/etc/incron.d/www", "# watch\n/var/www/my\\ site\tIN_CREATE,IN_MODIFY  /usr/bin/x $@ $% $$HOME\n").Of<CronJob>());
        Assert.Equal(("/var/www/my site IN_CREATE,IN_MODIFY", "root", "/usr/bin/x /var/www/my site $% $HOME"), (job.Schedule, job.User, job.Command));
        Assert.Equal("incron", Assert.Single(job.Commands).Trigger);
        Assert.Equal(2, job.Location.Line);
        Assert.Equal("alice", Assert.Single(ArtifactRun.Parse(new IncronParser(), "/var/spool/incron/alice", "/tmp 256 /bin/true\n").Of<CronJob>()).User);
    }

    [Fact]
    public void What_is_no_incron_line_is_told()
    {
        Parsers.Artifacts.ArtifactList list = ArtifactRun.Parse(new IncronParser(), "/etc/incron.d/x", "relative IN_CREATE /bin/x\n/a\n/a nomask /bin/x\n");
        Assert.Empty(list.Artifacts);
        Assert.Equal(3, list.Diagnostics.Count);
    }

    [Theory]
    [InlineData("& 5 4 * * 1 /bin/a b", "& 5 4 * * 1", "systab", "/bin/a b")]
    [InlineData("@ 30 /bin/a", "@ 30", "systab", "/bin/a")]
    [InlineData("@first(5),runas(news) 1d2h /bin/a", "@first(5),runas(news) 1d2h", "news", "/bin/a")]
    [InlineData("%daily,mail(no) * 2-5 /bin/a", "%daily,mail(no) * 2-5", "systab", "/bin/a")]
    [InlineData("%hourly 15 nice /bin/a", "%hourly 15", "systab", "nice /bin/a")]
    [InlineData("*/5 * * jan-mar mon echo x", "*/5 * * jan-mar mon", "systab", "echo x")]
    public void Fcron_has_three_kinds_of_lines(string line, string schedule, string user, string command)
    {
        CronJob job = Assert.Single(ArtifactRun.Parse(new FcronParser(), "/var/spool/fcron/alice.orig", "!mail(no)\nMAILTO=\"\"\n# x\n" + line + "\n").Of<CronJob>());
        Assert.Equal((schedule, user == "systab" ? "alice" : user, command), (job.Schedule, job.User, job.Command));
        Assert.Equal(["MAILTO="], job.Environment);
        Assert.Equal("fcron", Assert.Single(job.Commands).Trigger);
    }

    [Fact]
    public void A_table_in_a_users_cron_directory_is_read_but_no_daemon_reads_it()
    {
        CronJob job = Assert.Single(ArtifactRun.Parse(new UserCronDirectoryParser(), "/root/.config/cron/tab", "*/5 * * * * /usr/bin/x y\n").Of<CronJob>());
        Assert.Equal((CronTable.Other, "/usr/bin/x y"), (job.Table, job.Command));
        Assert.NotNull(job.Acceptance.DebianRefusal);
        Assert.NotNull(job.Acceptance.CronieRefusal);
    }

    [Fact]
    public void A_program_in_a_users_cron_directory_is_one()
    {
        StartupScript script = StartupInput.Script(new UserCronDirectoryParser(), "/root/.config/cron/perfcc", "\u007fELF\u0002\u0001\u0001\0\0\0");
        Assert.True(script.IsBinary);
        Assert.Equal(StartupPlace.UserCronDirectory, script.Place);
    }

    [Fact]
    public void Hostile_tables_are_bounded()
    {
        ArtifactRun.SurvivesGarbage(new IncronParser(), "/etc/incron.d/x", "/a IN_CREATE /bin/x $@\n");
        ArtifactRun.SurvivesHostileSizes(new IncronParser(), "/etc/incron.d/x", "/a IN_ALL_EVENTS b\n");
        ArtifactRun.SurvivesGarbage(new FcronParser(), "/var/spool/fcron/x.orig", "@ 30 /bin/a\n", "%daily * 2 a\n");
        ArtifactRun.SurvivesHostileSizes(new FcronParser(), "/var/spool/fcron/x.orig", "@ 3 b\n");
        ArtifactRun.SurvivesGarbage(new UserCronDirectoryParser(), "/root/.config/cron/x", "* * * * * a\n");
    }
}
