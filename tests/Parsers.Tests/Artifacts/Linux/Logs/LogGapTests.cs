using System.Globalization;
using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>Gaps, clocks, rotation and emptied logs.</summary>
public sealed class LogGapTests
{
    [Fact]
    public void A_silence_much_longer_than_usual_is_a_gap_and_usual_nights_are_none()
    {
        var text = new StringBuilder();
        var time = new DateTime(2024, 2, 1, 0, 0, 0, DateTimeKind.Utc);
        for (int i = 0; i < 24 * 30; i++)
        {
            time = time.AddHours(1);
            if (i is > 300 and < 340)
            {
                continue;
            }
            text.Append(time.ToString("MMM", CultureInfo.InvariantCulture)).Append(time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(3)).Append(time.ToString(" HH:mm:ss", CultureInfo.InvariantCulture))
                .Append(" h CRON[1]: (root) CMD (run-parts)\n");
        }

        LogEvent gap = Assert.Single(LogRun.Syslog(text.ToString()), e => e.Event == LogEventKind.LogGap);

        Assert.Equal("nothing for 144000 seconds", gap.Detail);
        Assert.Equal(302, gap.Location.Line);
        Assert.Equal(40, (gap.Last!.Value.Instant.Seconds - gap.First!.Value.Instant.Seconds) / 3600);
    }

    [Fact]
    public void A_log_with_a_line_a_day_has_no_gaps()
    {
        var text = new StringBuilder();
        for (int day = 1; day < 28; day++)
        {
            text.Append(CultureInfo.InvariantCulture, $"Feb {day,2} 06:25:01 h CRON[1]: (root) CMD (run-parts)\n");
        }

        Assert.DoesNotContain(LogRun.Syslog(text.ToString()), e => e.Event == LogEventKind.LogGap);
    }

    [Fact]
    public void Time_that_goes_back_is_reported_but_not_the_small_disorder_of_loggers()
    {
        List<LogEvent> found = LogRun.Syslog("2024-03-09T10:00:00Z h a: x\n2024-03-09T09:59:58Z h a: x\n2024-03-09T08:00:00Z h a: x\n2024-03-09T10:00:00Z h a: x\n");

        Assert.Equal("time goes back by 7198 seconds", Assert.Single(found, e => e.Event == LogEventKind.ClockChanged).Detail);
    }

    [Fact]
    public void After_an_upgrade_of_the_logger_the_first_full_date_tells_the_year_of_the_lines_before()
    {
        List<LogEvent> found = LogRun.Syslog("Dec 30 10:00:00 h useradd[1]: new user: name=a, UID=1, GID=1\n2023-01-02T10:00:00Z h useradd[1]: new user: name=b, UID=1, GID=1\n2024-03-09T10:00:00Z h a: x\n2024-03-09T10:00:01Z h a: x\n");

        Assert.Equal(["2022-12-30T10:00:00", "2023-01-02T10:00:00"], found.Where(e => e.Event == LogEventKind.AccountCreated).Select(LogRun.TimeOf));
        Assert.Equal("2023-01-02T10:00:00", LogRun.TimeOf(Assert.Single(found, e => e.Event == LogEventKind.LogGap)));
    }

    [Fact]
    public void Histories_and_package_logs_may_be_silent_and_shells_end_in_any_order()
    {
        string history = string.Concat(Enumerable.Range(0, 50).Select(i => string.Create(CultureInfo.InvariantCulture, $"#{1700000000 + i * 100_000 - i % 3 * 150_000}\nls {i}\n")));

        Assert.All(LogRun.Read(new ShellHistoryParser(), history, "/root/.bash_history").Events, e => Assert.Equal(LogEventKind.HistoryCommand, e.Event));
    }

    [Fact]
    public void A_file_changed_before_its_last_entry_was_altered()
    {
        List<LogEvent> found = LogRun.Syslog("2024-03-20T10:00:00Z h a: x\n");

        Assert.Equal("the file was last changed 238 hours before its last entry", Assert.Single(found, e => e.Event == LogEventKind.LogWiped).Detail);
    }

    [Theory]
    [InlineData("auth.log", "auth.log")]
    [InlineData("auth.log.1", "auth.log")]
    [InlineData("auth.log.12.gz", "auth.log")]
    [InlineData("secure-20240101", "secure")]
    [InlineData("secure-20240101.xz", "secure")]
    [InlineData("messages-20240101-1704067200.gz", "messages")]
    [InlineData("wtmp.old", "wtmp")]
    [InlineData("app-2.log", "app-2.log")]
    public void Names_of_rotated_parts_are_understood(string name, string expected)
    {
        Assert.Equal(expected, LogRotation.BaseOf(name));
        Assert.Equal(name != expected, LogRotation.IsRotated(name));
    }

    [Fact]
    public void Parts_are_ordered_from_the_newest_to_the_oldest()
    {
        string[] names = ["auth.log.10.gz", "auth.log.2.gz", "auth.log", "auth.log.1", "auth.log-20230101", "auth.log-20240101.gz"];
        Array.Sort(names, LogRotation.Compare);

        Assert.Equal(["auth.log", "auth.log.1", "auth.log.2.gz", "auth.log.10.gz", "auth.log-20240101.gz", "auth.log-20230101"], names);
    }

    [Fact]
    public void An_emptied_log_and_missing_parts_show_beside_their_siblings()
    {
        LogPart[] emptied = [Part("wtmp", 0, 20), Part("wtmp.1", 5000, 1)];
        LogPart[] rotated = [Part("wtmp", 0, 1), Part("wtmp.1", 5000, 1)];
        LogPart[] missing = [Part("auth.log", 10, 20), Part("auth.log.1", 10, 15), Part("auth.log.4.gz", 10, 1)];
        LogPart[] altered = [Part("auth.log", 10, 20), Part("auth.log.1", 10, 1), Part("auth.log.2.gz", 10, 18)];

        Assert.StartsWith("empty although last changed 19 days after", Assert.Single(LogWipes.Compare(emptied)).Detail, StringComparison.Ordinal);
        Assert.Empty(LogWipes.Compare(rotated));
        Assert.Equal("parts 2 to 3 of the rotation are missing", Assert.Single(LogWipes.Compare(missing)).Detail);
        Assert.Equal("changed after the newer part auth.log.1", Assert.Single(LogWipes.Compare(altered)).Detail);
    }

    [Fact]
    public void Every_kind_of_event_shows_its_fields_under_names_of_their_own()
    {
        var names = new Names();
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        foreach (LogEventKind kind in Enum.GetValues<LogEventKind>())
        {
            Assert.True(kinds.Add(new LogEvent(new EvidenceLocation("i", "v", 0, "/x", 1), kind).Kind));
        }
        new LogEvent(new EvidenceLocation("i", "v", 0, "/x", 1), LogEventKind.LoginFailed).Visit(names);

        Assert.Contains("log-login-failed", kinds);
        Assert.Equal(names.Seen.Count, names.Seen.Distinct().Count());
        Assert.Equal(Parsers.Catalog.LogParsers.Count, Parsers.Catalog.LogParsers.Select(p => p.Name).Distinct().Count());
    }

    private static LogPart Part(string name, long size, int day) =>
        new(new EvidenceLocation("disk.raw", "gpt1@1048576", 1048576, "/var/log/" + name, 12), size, new Timestamp(1709251200 + day * 86400L, 0));

    private sealed class Names : IFieldVisitor
    {
        public List<string> Seen { get; } = [];
        public void Text(string name, string? value) => Seen.Add(name);
        public void Number(string name, long? value) => Seen.Add(name);
        public void Flag(string name, bool? value) => Seen.Add(name);
        public void Time(string name, Timestamp? value) => Seen.Add(name);
        public void List(string name, IReadOnlyList<string> values) => Seen.Add(name);
    }
}
