using System.Text;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>Every log parser with what it should not be given.</summary>
[Collection(nameof(Alone))]
public sealed class HostileLogTests
{
    /// <summary>Pieces of all formats, to be cut, mixed and damaged.</summary>
    private static readonly string[] s_pieces =
    [
        "Mar  9 10:00:00 web01 sshd[1]: Failed password for invalid user x from 203.0.113.9 port 4 ssh2\n", "2024-03-09T10:00:00.5+02:00 h sudo: a : TTY=p ; PWD=/ ; USER=root ; COMMAND=x\n",
        "type=EXECVE msg=audit(1710000000.1:9): argc=2 a0=\"x\" a1=4142 a1[0]=41\n", "type=USER_LOGIN msg=audit(1710000000.1:9): pid=1 msg='op=login acct=\"r\" res=failed'\u001DUID=\"x\"\n",
        "2024-03-09 10:00:00 install a:b <none> 1\n", "Start-Date: 2024-03-09  10:00:00\nInstall: a (1), b (2\n", "[2024-03-09 10:00] [ALPM] installed x (1)\n", "2024-03-09 10:00:00|install|a|b|c|d@e|f|\n",
        "#1710000000\nls\n", ": 1710000000:0;ls \\\nx\n", "- cmd: x\n  when: 1\n", ":cmd\n|2,0,1,,\"\n", "> /x\n", "m a b c d\n", "Cloud-init v. 1 running 'init' at Sat, 09 Mar 2024 10:00:00 +0000.\n",
        "203.0.113.9 - - [10/Oct/2023:13:55:36 -0700] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\\\n", "\0\0\0", "\r\n", "\r\n\r\n", "Mar  9 10:00:00 h sshd[1]: message repeated 2 times: [ ]\n", "Mar  9 10:00:00 h kernel: [ 1.0] audit: type=1130 audit(1.1:1): pid=1 msg='unit=x res=success'\n", "Mar  9 10:00:00 h useradd[1]: new user: name=a, UID=9, GID=9, home=/x\n", "<38>1 2024-03-09T10:00:00Z h sshd - - [a b=\"c] ",
        "\u00FF\u00FE",
    ];

    private static readonly string[] s_paths =
    [
        "/var/log/auth.log", "/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog", "/var/log/faillog", "/var/log/tallylog", "/run/faillock/x", "/var/log/audit/audit.log", "/var/log/dpkg.log",
        "/var/log/apt/history.log", "/var/log/apt/term.log", "/root/.bash_history", "/root/.viminfo", "/root/.lesshst", "/root/.wget-hsts", "/root/.mysql_history", "/var/log/cloud-init.log",
        "/var/lib/cloud/instances/i/user-data.txt",
    ];

    [Fact]
    public void Mixed_cut_and_damaged_pieces_end_in_events_or_a_refusal_for_every_parser()
    {
        var random = new Random(11);
        for (int round = 0; round < 300; round++)
        {
            var text = new List<byte>();
            for (int k = random.Next(40); k > 0; k--)
            {
                byte[] piece = Encoding.Latin1.GetBytes(s_pieces[random.Next(s_pieces.Length)]);
                text.AddRange(random.Next(3) == 0 ? piece[..random.Next(piece.Length)] : piece);
            }
            byte[] bytes = [.. text];
            for (int k = random.Next(10); k > 0 && bytes.Length > 0; k--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            foreach (LogParser parser in Parsers.Catalog.LogParsers)
            {
                Read(parser, bytes, s_paths[random.Next(s_paths.Length)]);
            }
            using var web = new WebAccessReader(LogRun.Input(new MemorySource(bytes), "/var/log/nginx/access.log"), new LogEventList());
            while (web.Read(out WebAccessLine line))
            {
                Assert.InRange(line.Status, 0, 999);
            }
            web.Finish();
        }
    }

    [Fact]
    public void A_log_of_any_size_takes_the_same_memory()
    {
        byte[] pattern = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 1000).Select(i =>
            i % 50 == 0 ? $"Mar  9 10:00:00 web01 sshd[{i}]: Failed password for root from 203.0.113.{i % 7} port {i} ssh2\n" : $"Mar  9 10:00:00 web01 app[{i}]: request handled in {i} ms\n")));
        var source = new RepeatedSource(pattern, pattern.Length * 4000L);
        long before = GC.GetAllocatedBytesForCurrentThread();

        LogEventList found = LogRun.Read(new SyslogParser(), LogRun.Input(source, "/var/log/auth.log"));

        Assert.True(source.Length > 200 << 20);
        Assert.Equal(20 * 4000, found.Events.Sum(e => e.Count));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
    }

    [Fact]
    public void A_read_error_of_the_image_is_not_taken_for_the_end()
    {
        Assert.Throws<ImageReadException>(() => LogRun.Read(new SyslogParser(), LogRun.Input(new FailingSource(), "/var/log/auth.log")));
        Assert.Throws<ImageReadException>(() => LogRun.Read(new UtmpParser(), LogRun.Input(new FailingSource(), "/var/log/wtmp")));
    }

    [Fact]
    public void Cancelling_ends_the_reading()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        LogInput input = LogRun.Input(new MemorySource(new byte[1 << 20]), "/var/log/auth.log") with { Cancellation = source.Token };

        Assert.Throws<OperationCanceledException>(() => LogRun.Read(new SyslogParser(), input));
    }

    private static void Read(LogParser parser, byte[] bytes, string path)
    {
        try
        {
            LogEventList found = LogRun.Read(parser, LogRun.Input(new MemorySource(bytes), path) with { Unpacker = LogUnpacking.Open });
            Assert.All(found.Events, e => Assert.True(e.Count > 0));
        }
        catch (CorruptDataException e)
        {
            // Only the journal, databases and event logs have a header that can be refused.
            Assert.Matches(@"^(journal|sqlite|evtx)\.", e.Code);
        }
        catch (UnknownFormatException)
        {
            Assert.IsType<LoginDatabaseParser>(parser);
        }
    }

    private sealed class FailingSource : IByteSource
    {
        public long Length => 1 << 20;

        public int ReadAt(long offset, Span<byte> destination)
        {
            if (offset >= 4096)
            {
                throw new ImageReadException(offset, "input/output error");
            }
            int count = (int)Math.Min(destination.Length, 4096 - offset);
            destination[..count].Fill((byte)'a');
            return count;
        }
    }
}
