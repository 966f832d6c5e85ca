using System.Text;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>Rotated logs as the tools of the host compress them; cut ones, bombs.</summary>
public sealed class PackedLogTests
{
    [Theory]
    [InlineData("gzip", "gz")]
    [InlineData("xz", "xz")]
    [InlineData("zstd", "zst")]
    [InlineData("bzip2", "bz2")]
    public void A_rotated_log_gives_the_events_of_its_text(string tool, string suffix)
    {
        byte[] packed = Pack(tool, Text(5_000));

        LogEventList found = Read(packed, "auth.log.2." + suffix);

        LogEvent failed = Assert.Single(found.Events, e => e.Event == LogEventKind.LoginFailed);
        Assert.Equal((5_000L, "203.0.113.9"), (failed.Count, failed.RemoteAddress));
        Assert.Equal("2024-03-09T10:00:00", LogRun.TimeOf(failed));
        Assert.Equal(("bob", 5_001), Assert.Single(found.Events, e => e.Event == LogEventKind.Login) is { } login ? (login.User, login.Location.Line) : default);
        Assert.Empty(found.Diagnostics);
    }

    [Theory]
    [InlineData("gzip", "gz")]
    [InlineData("xz", "xz")]
    [InlineData("zstd", "zst")]
    [InlineData("bzip2", "bz2")]
    public void What_came_before_the_cut_is_kept_and_the_cut_is_reported(string tool, string suffix)
    {
        byte[] packed = Pack(tool, Text(tool == "bzip2" ? 30_000 : 20_000));

        LogEventList found = Read(packed[..(packed.Length * 3 / 4)], "auth.log.2." + suffix);

        Assert.Contains(found.Diagnostics, d => d.Code == "log.syslog.unpack" && d.LosesContent);
        Assert.DoesNotContain(found.Events, e => e.Event == LogEventKind.Login);
        if (tool is not ("xz" or "bzip2"))
        {
            Assert.InRange(found.Events.Sum(e => e.Count), 1, 19_999);
        }
    }

    [Fact]
    public void A_bomb_ends_at_the_ratio()
    {
        using var folder = new TempFolder();
        // 256 MiB of one letter.
        SharedImages.Run("sh", ["-c", "head -c 268435456 /dev/zero | tr '\\0' a | gzip -1"], folder.File("bomb.gz"));
        byte[] bomb = File.ReadAllBytes(folder.File("bomb.gz"));

        LogEventList found = Read(bomb, "auth.log.1.gz");

        Assert.Contains(found.Diagnostics, d => d.Code == "log.syslog.unpack" && d.LosesContent && d.Message.Contains("log.ratio", StringComparison.Ordinal));
    }

    [Fact]
    public void The_absolute_limit_counts_too()
    {
        LogInput input = Input(Pack("gzip", Text(5_000)), "auth.log.1.gz") with { LogLimits = new LogLimits { UnpackedBytes = 300_000 } };

        LogEventList found = LogRun.Read(new SyslogParser(), input);

        Assert.Contains(found.Diagnostics, d => d.Message.Contains("log.unpacked-bytes", StringComparison.Ordinal));
        Assert.NotEmpty(found.Events);
    }

    [Fact]
    public void Without_an_unpacker_it_is_said_that_nothing_was_read()
    {
        LogEventList found = LogRun.Read(new SyslogParser(), Input(Pack("gzip", Text(10)), "auth.log.1.gz") with { Unpacker = null });

        Assert.Empty(found.Events);
        Assert.Equal("log.packed", Assert.Single(found.Diagnostics, d => d.LosesContent).Code);
    }

    [Fact]
    public void Records_of_logins_are_read_packed_too()
    {
        byte[] wtmp = File.ReadAllBytes(Path.Combine(SharedImages.Require(), "artemis/linux/logons/ubuntu18.04/wtmp"));
        LogEventList plain = LogRun.Read(new UtmpParser(), Input(wtmp, "wtmp"));
        LogEventList packed = LogRun.Read(new UtmpParser(), Input(Pack("gzip", wtmp), "wtmp.1.gz"));

        Assert.NotEmpty(plain.Events);
        Assert.Equal(plain.Events.Select(e => e.First), packed.Events.Select(e => e.First));
    }

    private static LogEventList Read(byte[] packed, string name) => LogRun.Read(new SyslogParser(), Input(packed, name));

    private static LogInput Input(byte[] packed, string name) => LogRun.Input(new MemorySource(packed), "/var/log/" + name) with { Unpacker = LogUnpacking.Open };

    private static byte[] Text(int failures)
    {
        var text = new StringBuilder();
        var random = new Random(4);
        for (int i = 0; i < failures; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"Mar  9 10:00:00 web01 sshd[{random.Next(99999)}]: Failed password for root from 203.0.113.9 port {random.Next(65536)} ssh2\n");
        }
        text.Append("Mar  9 10:00:01 web01 sshd[1]: Accepted password for bob from 192.0.2.1 port 22 ssh2\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static byte[] Pack(string tool, byte[] plain)
    {
        using var folder = new TempFolder();
        SharedImages.Run(tool, ["-c", folder.Write("plain", plain)], folder.File("packed"));
        return File.ReadAllBytes(folder.File("packed"));
    }
}
