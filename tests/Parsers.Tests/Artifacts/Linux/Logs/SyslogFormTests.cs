using System.Text;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Bytes;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>Shapes of lines, times and years; sizes and noise.</summary>
public sealed class SyslogFormTests
{
    private const string Login = "Accepted password for bob from 192.0.2.1 port 22 ssh2";

    [Theory]
    [InlineData("Mar  9 10:00:00 web01 sshd[1]: ", "2024-03-09T10:00:00", LogTimeBasis.YearInferred | LogTimeBasis.ZoneAssumed)]
    [InlineData("Mar 09 10:00:00.123 web01 sshd[1]: ", "2024-03-09T10:00:00", LogTimeBasis.YearInferred | LogTimeBasis.ZoneAssumed)]
    [InlineData("2024-03-09T10:00:00.123456+02:00 web01 sshd[1]: ", "2024-03-09T08:00:00", LogTimeBasis.Stated)]
    [InlineData("2024-03-09T10:00:00Z web01 sshd[1]: ", "2024-03-09T10:00:00", LogTimeBasis.Stated)]
    [InlineData("2024-03-09T10:00:00-0330 web01 sshd[1]: ", "2024-03-09T13:30:00", LogTimeBasis.Stated)]
    [InlineData("<38>1 2024-03-09T10:00:00.5Z web01 sshd 1 - [x@1 k=\"a \\\"]b\"][y] ", "2024-03-09T10:00:00", LogTimeBasis.Stated)]
    [InlineData("<38>1 2024-03-09T10:00:00Z web01 sshd - - - \uFEFF", "2024-03-09T10:00:00", LogTimeBasis.Stated)]
    [InlineData("<86>Mar  9 10:00:00 web01 sshd[1]: ", "2024-03-09T10:00:00", LogTimeBasis.YearInferred | LogTimeBasis.ZoneAssumed)]
    [InlineData("Mar  9 10:00:00 web01 auth.info sshd[1]: ", "2024-03-09T10:00:00", LogTimeBasis.YearInferred | LogTimeBasis.ZoneAssumed)]
    [InlineData("Mar  9 10:00:00 sshd: ", "2024-03-09T10:00:00", LogTimeBasis.YearInferred | LogTimeBasis.ZoneAssumed)]
    [InlineData("Mar  9 10:00:00 web01 /usr/sbin/sshd[1]: ", "2024-03-09T10:00:00", LogTimeBasis.YearInferred | LogTimeBasis.ZoneAssumed)]
    public void Every_common_shape_of_a_line_is_read(string head, string time, LogTimeBasis basis)
    {
        LogEvent found = Assert.Single(LogRun.Syslog(head + Login + "\r\n"));

        Assert.Equal("bob", found.User);
        Assert.Equal(time, LogRun.TimeOf(found));
        Assert.Equal(basis, found.First!.Value.Basis);
    }

    [Fact]
    public void The_year_turns_where_the_months_go_back_and_the_last_line_lies_before_the_change_of_the_file()
    {
        List<LogEvent> found = LogRun.Syslog(string.Join('\n',
            "Nov 30 10:00:00 h useradd[1]: new user: name=a, UID=1, GID=1",
            "Dec 31 23:59:59 h useradd[1]: new user: name=b, UID=1, GID=1",
            "Jan  1 00:00:01 h useradd[1]: new user: name=c, UID=1, GID=1",
            "Dec 31 23:59:58 h useradd[1]: new user: name=late, UID=1, GID=1",
            "Feb 29 12:00:00 h useradd[1]: new user: name=d, UID=1, GID=1"));

        Assert.Equal(
            ["2023-11-30T10:00:00", "2023-12-31T23:59:59", "2024-01-01T00:00:01", "2023-12-31T23:59:58", "2024-02-29T12:00:00"],
            found.Where(e => e.Event == LogEventKind.AccountCreated).Select(LogRun.TimeOf));
    }

    [Fact]
    public void A_29th_of_February_finds_its_leap_year_although_the_file_was_copied_later()
    {
        // The file was changed in March 2026, which is no leap year.
        List<LogEvent> found = LogRun.Syslog("Feb 29 12:00:00 h useradd[1]: new user: name=d, UID=1, GID=1\n", new Timestamp(1772700000, 0));

        Assert.Equal("2024-02-29T12:00:00", LogRun.TimeOf(Assert.Single(found)));
    }

    [Fact]
    public void A_date_in_the_name_counts_where_the_time_of_the_file_is_far_away()
    {
        LogEventList found = LogRun.Read(new SyslogParser(), "Mar  9 10:00:00 h sshd[1]: " + Login + "\n", "/var/log/secure-20200315");

        Assert.Equal("2020-03-09T10:00:00", LogRun.TimeOf(Assert.Single(found.Events)));
    }

    [Fact]
    public void Without_any_year_there_is_no_time_rather_than_a_wrong_one()
    {
        var input = LogRun.Input(new MemorySource(Encoding.UTF8.GetBytes("Mar  9 10:00:00 h sshd[1]: " + Login)), "/var/log/auth.log") with { Entry = new FileEntry { Type = FileType.Regular } };

        Assert.Null(Assert.Single(LogRun.Read(new SyslogParser(), input).Events).First);
    }

    [Fact]
    public void The_zone_of_the_host_is_used_and_marked()
    {
        TimeZoneInfo zone = TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(5.5), "x", "x");
        var input = LogRun.Input(new MemorySource(Encoding.UTF8.GetBytes("Mar  9 10:00:00 h sshd[1]: " + Login)), "/var/log/auth.log") with { Zone = zone };

        LogEvent found = Assert.Single(LogRun.Read(new SyslogParser(), input).Events);

        Assert.Equal("2024-03-09T04:30:00", LogRun.TimeOf(found));
        Assert.True(found.First!.Value.Basis.HasFlag(LogTimeBasis.ZoneAssumed));
    }

    [Fact]
    public void Lines_are_located_behind_noise_of_zeros_and_lines_too_long()
    {
        var text = new List<byte>();
        text.AddRange(new byte[5000]);
        text.AddRange("Mar  9 10:00:00 h sshd[1]: "u8);
        text.AddRange(Enumerable.Repeat((byte)'a', 3_000_000));
        text.Add((byte)'\n');
        text.AddRange(new byte[100]);
        int offset = text.Count;
        text.AddRange(Encoding.UTF8.GetBytes("Mar  9 10:00:00 h sshd[1]: " + Login));

        LogEventList found = LogRun.Read(new SyslogParser(), LogRun.Input(new MemorySource(text.ToArray()), "/var/log/auth.log"));

        LogEvent login = Assert.Single(found.Events);
        Assert.Equal((2, (long?)offset), (login.Location.Line, login.Location.ByteOffset));
        Assert.Contains(found.Diagnostics, d => d.Code == "log.syslog.line-cut" && d.LosesContent && d.Actual == "1");
        Assert.Contains(found.Diagnostics, d => d.Code == "log.syslog.zeros" && d.Actual == "5100");
    }

    [Fact]
    public void Holes_of_an_enormous_sparse_log_are_not_read()
    {
        byte[] line = Encoding.UTF8.GetBytes("Mar  9 10:00:00 h sshd[1]: " + Login + "\n");
        var source = new HoleySource(1L << 44, (0, line), (1L << 43, line));

        LogEventList found = LogRun.Read(new SyslogParser(), LogRun.Input(source, "/var/log/auth.log"));

        Assert.Equal([0L, 1L << 43], found.Events.Select(e => e.Location.ByteOffset!.Value));
        Assert.True(source.HoleBytesRead < 4 << 20, source.HoleBytesRead.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_flood_of_names_takes_bounded_room_loses_no_count_and_hides_nothing_else()
    {
        var text = new StringBuilder();
        for (int i = 0; i < 60_000; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"Mar  9 10:00:00 h sshd[1]: Failed password for invalid user u{i} from 203.0.113.{i % 4} port 1 ssh2\n");
        }
        text.Append("Mar  9 10:00:01 h sshd[1]: ").Append(Login).Append('\n');

        LogEventList found = LogRun.Read(new SyslogParser(), text.ToString(), "/var/log/auth.log");

        List<LogEvent> failed = [.. found.Events.Where(e => e.Event == LogEventKind.LoginFailed)];
        Assert.Equal(60_000, failed.Sum(e => e.Count));
        Assert.InRange(failed.Count, 1, 9000);
        Assert.Equal(4, failed.Count(e => e.IsSummary));
        Assert.Contains(found.Diagnostics, d => d.Code == "log.summarised");
        Assert.Equal("bob", Assert.Single(found.Events, e => e.Event == LogEventKind.Login).User);
    }

    [Fact]
    public void Random_bytes_behind_every_head_raise_nothing()
    {
        var random = new Random(7);
        string[] heads = ["sshd[1]: ", "sudo: ", "su: ", "CRON[1]: ", "kernel: ", "systemd[1]: ", "useradd[1]: ", "pam_unix(", "login: ", "dropbear: ", "doas: ", "pkexec: ", "gpasswd: ", "rsyslogd: ", "anacron: "];
        string[] words = ["Accepted ", "Failed ", " for ", " from ", " port ", "'", "(", ")", ": ", "TTY=", "COMMAND=", "USER=", "pam_unix(x:y): ", "session opened for user ", " by ", "audit: type=1130 audit(", "[", "]", "Started ", " - ", "new user: name=", ", UID=", "\0", "\uFFFD", "message repeated 99999999999999999999 times: ["];
        var text = new StringBuilder();
        for (int i = 0; i < 40_000; i++)
        {
            text.Append("Mar  9 10:00:00 h ").Append(heads[random.Next(heads.Length)]);
            for (int k = random.Next(8); k > 0; k--)
            {
                text.Append(words[random.Next(words.Length)]).Append((char)random.Next(32, 127));
            }
            text.Append('\n');
        }

        LogEventList found = LogRun.Read(new SyslogParser(), text.ToString(), "/var/log/auth.log");

        Assert.NotEmpty(found.Events);
    }

    [Fact]
    public void Lines_made_to_be_slow_are_not()
    {
        // What patterns and searches choke on: long runs of what they look for, in messages of every program.
        string[] slow = [" from ", " port ", "(", "TTY=", "' ", " by ", "=", ": ", "[", "message repeated 1 times: [", "pam_unix(", "\"", " - "];
        string[] heads = ["sshd[1]: Failed password for ", "sudo: a : ", "CRON[1]: (", "kernel: [", "systemd[1]: Started ", "useradd[1]: new user: name=", "pkexec: ", "<38>1 ", "login: FAILED LOGIN"];
        var text = new StringBuilder();
        foreach (string head in heads)
        {
            foreach (string piece in slow)
            {
                text.Append("Mar  9 10:00:00 h ").Append(head).Insert(text.Length, piece, 60_000 / piece.Length).Append('\n');
            }
        }
        long before = Environment.TickCount64;

        LogRun.Syslog(text.ToString());
        LogRun.Read(new AuditLogParser(), "type=EXECVE msg=audit(1710000000.1:9): " + string.Concat(Enumerable.Repeat("a0=", 20_000)) + "\ntype=USER_LOGIN msg=audit(1710000000.1:9): " + string.Concat(Enumerable.Repeat("acct acct", 7_000)) + "\n", "/var/log/audit/audit.log");

        // Some seven megabytes: a tenth of a second alone, far below this on any machine.
        Assert.True(Environment.TickCount64 - before < 20_000);
    }

    [Fact]
    public void Fixtures_of_plaso_are_read_in_every_shape()
    {
        string folder = Path.Combine(SharedImages.Require(), "plaso", "syslog");

        List<LogEvent> ssh = LogRun.Syslog(File.ReadAllText(Path.Combine(folder, "syslog_ssh.log")));
        Assert.Equal(5, ssh.Count(e => e.Event == LogEventKind.Login));
        Assert.Equal("SHA256:5xyQ+PG1Z3CIiShclJ2iNya5TOdKDgE/HrOXr21IdOo", ssh.Last(e => e.Event == LogEventKind.Login).KeyFingerprint);

        List<LogEvent> cron = LogRun.Syslog(File.ReadAllText(Path.Combine(folder, "syslog_cron.log")));
        Assert.Equal(9, cron.Where(e => e.Event == LogEventKind.CronRun).Sum(e => e.Count));
        Assert.Contains(cron, e => e.Command == "sleep $(( 1 * 60 )); touch /tmp/afile.txt");

        foreach (string name in (string[])["syslog_rsyslog_SysklogdFileFormat", "syslog_rsyslog_SyslogProtocol23Format"])
        {
            List<LogEvent> events = LogRun.Syslog(File.ReadAllText(Path.Combine(folder, name)));
            Assert.Contains(events, e => e.Event == LogEventKind.ServiceStarted && e.Detail == "Regular background program processing daemon");
        }
    }
}
