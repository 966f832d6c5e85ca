using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>Records of logins: real files against utmpdump, other architectures against what is written in them, hostile ones.</summary>
public sealed class UtmpParserTests
{
    [Theory]
    [InlineData("plaso/utmp/utmp")]
    [InlineData("plaso/utmp/wtmp.1")]
    [InlineData("plaso/utmp/utmp_corrupted")]
    [InlineData("artemis/linux/logons/ubuntu18.04/wtmp")]
    public void Logins_are_those_of_utmpdump(string fixture)
    {
        string path = Path.Combine(SharedImages.Require(), fixture);
        // "[7] [02684] [/4  ] [moxilo  ] [pts/4       ] [:0                  ] [0.0.0.0        ] [2013-12-18T22:46:56,305504+00:00]"
        List<string> expected = [.. Regex.Matches(TestTools.Run("utmpdump", path), @"^\[7\] \[(\d+)\] \[[^\]]*\] \[([^\]]*)\] \[([^\]]*)\] \[([^\]]*)\] \[([^\]]*)\] \[([^,]*),(\d+)", RegexOptions.Multiline)
            .Select(m => $"{int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)} {m.Groups[2].Value.Trim()} {m.Groups[3].Value.Trim()} {m.Groups[6].Value} {m.Groups[7].Value}")];

        List<LogEvent> logins = [.. Read(path).Events.Where(e => e.Event == LogEventKind.Login)];

        Assert.NotEmpty(expected);
        Assert.Equal(expected, logins.Select(e => string.Create(CultureInfo.InvariantCulture,
            $"{e.ProcessId} {e.User} {e.Terminal} {e.First!.Value.Instant.ToString()[..19]} {e.First.Value.Instant.Nanoseconds / 1000:d6}")));
    }

    [Theory]
    [InlineData("utmp_x86_64", 19)]
    [InlineData("utmp_aarch64", 18)]
    [InlineData("utmp_s390", 32)]
    public void The_layout_is_found_for_every_architecture(string name, long process)
    {
        // plaso's own test of these files: a boot, "0.0.0.0" as its host, 4.3.2.1 as its address, in July 2026.
        LogEventList found = Read(Path.Combine(SharedImages.Require(), "plaso", "utmp", name));

        LogEvent boot = Assert.Single(found.Events, e => e.Event == LogEventKind.Boot);
        Assert.Equal((process, "0.0.0.0"), (boot.ProcessId, boot.Detail));
        Assert.StartsWith("2026-", LogRun.TimeOf(boot), StringComparison.Ordinal);
        Assert.Contains(found.Events, e => e.Event == LogEventKind.Shutdown);
        Assert.DoesNotContain(found.Diagnostics, d => d.LosesContent);
    }

    [Fact]
    public void Damaged_records_are_left_out_and_reported()
    {
        LogEventList found = Read(Path.Combine(SharedImages.Require(), "plaso", "utmp", "utmp_corrupted"));

        Assert.Equal(["alice", "bob"], found.Events.Where(e => e.Event == LogEventKind.Login).Select(e => e.User));
        Assert.Contains(found.Diagnostics, d => d.Code == "log.utmp.record" && d.Actual == "2");
        Assert.Contains(found.Diagnostics, d => d.Code == "log.utmp.size" && d.Actual == "50");
    }

    [Fact]
    public void A_session_ends_with_the_account_that_opened_it_and_refusals_are_counted()
    {
        byte[] wtmp = [.. Record(7, 10, "pts/0", "bob", "host.example", 1710000000), .. Record(8, 10, "pts/0", "", "", 1710000600)];
        byte[] btmp = [.. Enumerable.Range(0, 1000).SelectMany(i => Record(6, 10, "ssh:notty", "root", "203.0.113.9", 1710000000 + i))];

        List<LogEvent> sessions = Bytes(wtmp, "/var/log/wtmp").Events;
        LogEvent refused = Assert.Single(Bytes(btmp, "/var/log/btmp.1").Events);

        Assert.Equal((LogEventKind.SessionClosed, "bob"), (sessions[1].Event, sessions[1].User));
        Assert.Equal((LogEventKind.LoginFailed, "root", "203.0.113.9", 1000L), (refused.Event, refused.User, refused.RemoteAddress, refused.Count));
        Assert.Equal(999, refused.Last!.Value.Instant.Seconds - refused.First!.Value.Instant.Seconds);
    }

    [Fact]
    public void Records_overwritten_with_zeros_and_times_going_back_are_reported()
    {
        byte[] wtmp = [.. Record(7, 10, "pts/0", "bob", "", 1710000000), .. new byte[384 * 3], .. Record(7, 11, "pts/1", "eve", "", 1700000000), .. new byte[384]];

        LogEventList found = Bytes(wtmp, "/var/log/wtmp");

        LogEvent wiped = Assert.Single(found.Events, e => e.Event == LogEventKind.LogWiped);
        Assert.Equal((4L, (long?)384), (wiped.Count, wiped.Location.ByteOffset));
        Assert.Contains(found.Events, e => e.Event == LogEventKind.ClockChanged && e.Detail == "time goes back by 10000000 seconds");
    }

    [Fact]
    public void A_database_of_wtmpdb_is_named_not_read_as_records()
    {
        LogEventList found = Bytes([.. "SQLite format 3\0"u8, .. new byte[4096]], "/var/lib/wtmpdb/wtmp.db");

        Assert.Empty(found.Events);
        Assert.True(Assert.Single(found.Diagnostics).LosesContent);
    }

    [Fact]
    public void Random_bytes_and_every_length_raise_nothing()
    {
        var random = new Random(3);
        for (int length = 0; length < 2000; length += 61)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            Bytes(bytes, "/var/log/wtmp");
            Bytes(bytes, "/var/log/btmp");
        }
    }

    [Fact]
    public void The_last_logins_of_an_enormous_sparse_lastlog_cost_nothing()
    {
        var first = new byte[292];
        BinaryPrimitives.WriteInt32LittleEndian(first, 1710000000);
        "pts/0"u8.CopyTo(first.AsSpan(4));
        "192.0.2.1"u8.CopyTo(first.AsSpan(36));
        long far = 292L * 4_000_000_000;
        var source = new HoleySource(far + 292, (0, first), (292L * 1000, first), (far, first));

        LogEventList found = LogRun.Read(new AccountTableParser(), LogRun.Input(source, "/var/log/lastlog"));

        Assert.Equal([0L, 1000L, 4_000_000_000L], found.Events.Select(e => e.UserId!.Value));
        Assert.All(found.Events, e => Assert.Equal(("pts/0", "192.0.2.1"), (e.Terminal, e.RemoteAddress)));
        Assert.True(source.HoleBytesRead < 4 << 20);
    }

    [Fact]
    public void Lastlog_records_are_read_by_user_number()
    {
        using var folder = new TempFolder();
        var bytes = new byte[292 * 2];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 1710000000);
        "pts/3"u8.CopyTo(bytes.AsSpan(4));
        "192.0.2.9"u8.CopyTo(bytes.AsSpan(36));

        LogEvent found = Assert.Single(LogRun.Read(new AccountTableParser(), LogRun.Input(new MemorySource(bytes), "/var/log/lastlog")).Events);

        Assert.Equal((0L, "pts/3", "192.0.2.9", "2024-03-09T16:00:00"), (found.UserId!.Value, found.Terminal, found.RemoteAddress, LogRun.TimeOf(found)));
    }

    [Fact]
    public void Failures_of_faillog_tallylog_and_faillock_are_counted()
    {
        var faillog = new byte[64];
        BinaryPrimitives.WriteInt16LittleEndian(faillog.AsSpan(32), 5);
        "tty1"u8.CopyTo(faillog.AsSpan(36));
        BinaryPrimitives.WriteInt64LittleEndian(faillog.AsSpan(48), 1710000000);
        var tally = new byte[64];
        "192.0.2.1"u8.CopyTo(tally);
        BinaryPrimitives.WriteUInt16LittleEndian(tally.AsSpan(54), 3);
        BinaryPrimitives.WriteInt64LittleEndian(tally.AsSpan(56), 1710000000);

        LogEvent fromFaillog = Assert.Single(Account(faillog, "/var/log/faillog"));
        LogEvent fromTally = Assert.Single(Account(tally, "/var/log/tallylog"));
        LogEvent fromFaillock = Assert.Single(Account(tally, "/run/faillock/bob"));

        Assert.Equal((1L, 5L, "tty1"), (fromFaillog.UserId!.Value, fromFaillog.Count, fromFaillog.Terminal));
        Assert.Equal((0L, 3L, "192.0.2.1"), (fromTally.UserId!.Value, fromTally.Count, fromTally.RemoteAddress));
        Assert.Equal(("bob", "192.0.2.1"), (fromFaillock.User, fromFaillock.RemoteAddress));
    }

    private static List<LogEvent> Account(byte[] bytes, string path) => LogRun.Read(new AccountTableParser(), LogRun.Input(new MemorySource(bytes), path)).Events;

    private static LogEventList Read(string path) => Bytes(File.ReadAllBytes(path), "/var/log/" + Path.GetFileName(path), new Timestamp(1900000000, 0));

    private static LogEventList Bytes(byte[] bytes, string path, Timestamp? modified = null) => LogRun.Read(new UtmpParser(), LogRun.Input(new MemorySource(bytes), path, modified));

    private static byte[] Record(short type, int process, string line, string user, string host, int seconds)
    {
        var record = new byte[384];
        BinaryPrimitives.WriteInt16LittleEndian(record, type);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), process);
        System.Text.Encoding.ASCII.GetBytes(line, record.AsSpan(8));
        System.Text.Encoding.ASCII.GetBytes(user, record.AsSpan(44));
        System.Text.Encoding.ASCII.GetBytes(host, record.AsSpan(76));
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(340), seconds);
        return record;
    }
}
