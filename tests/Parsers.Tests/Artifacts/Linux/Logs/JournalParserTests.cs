using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Formats.SystemdJournal;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>Events out of the journal.</summary>
public sealed class JournalParserTests
{
    [Fact]
    public void Messages_mean_the_same_as_in_a_syslog_file()
    {
        byte[] journal = JournalSamples.Make(isCompressed: true, isCompact: true);

        LogEventList found = LogRun.Read(new JournalParser(), LogRun.Input(new MemorySource(journal), "/var/log/journal/x/system.journal"));

        Assert.Equal(JournalSamples.Entries / 5, found.Events.Where(e => e.Event == LogEventKind.LoginFailed).Sum(e => e.Count));
        Assert.Equal(JournalSamples.Entries / 5, found.Events.Where(e => e.Event == LogEventKind.CronRun).Sum(e => e.Count));
        Assert.Equal(JournalSamples.Entries / 5, found.Events.Where(e => e.Event == LogEventKind.ServiceStarted).Sum(e => e.Count));
        LogEvent login = found.Events.First(e => e.Event == LogEventKind.LoginFailed);
        Assert.Equal(("203.0.113.0", "/usr/sbin/sshd", 1000L, LogTimeBasis.Stated), (login.RemoteAddress, login.Process, login.ProcessId, login.First!.Value.Basis));
        Assert.Equal(["0123456789abcdef0123456789abcde0", "0123456789abcdef0123456789abcde1"], found.Events.Where(e => e.Event == LogEventKind.Boot).Select(e => e.Target));
        Assert.Contains(found.Events, e => e.Event == LogEventKind.ServiceStarted && e.Unit == "foo4.service");
        Assert.Empty(found.Diagnostics);
    }

    [Fact]
    public void An_empty_file_is_no_journal_and_no_error()
    {
        LogEventList found = LogRun.Read(new JournalParser(), LogRun.Input(MemorySource.Empty, "/var/log/journal/x/system.journal"));

        Assert.Empty(found.Events);
        Assert.Empty(found.Diagnostics);
    }
}
