using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>Hands a text or bytes to a log parser as a file of an image.</summary>
internal static class LogRun
{
    /// <summary>2024-03-10 12:00:00 UTC.</summary>
    public static readonly Timestamp Modified = new(1710072000, 0);

    public static LogInput Input(IByteSource content, string path, Timestamp? modified = null) =>
        new(new EvidenceLocation("disk.raw", "gpt1@1048576", 1048576, path, 12), new FileEntry { Type = FileType.Regular, Size = content.Length, Modified = modified ?? Modified }, content);

    public static LogEventList Read(LogParser parser, LogInput input)
    {
        var found = new LogEventList();
        parser.Read(input, found);
        return found;
    }

    public static LogEventList Read(LogParser parser, string text, string path, Timestamp? modified = null) =>
        Read(parser, Input(new MemorySource(Encoding.UTF8.GetBytes(text)), path, modified));

    public static List<LogEvent> Syslog(string text, Timestamp? modified = null) => Read(new SyslogParser(), text, "/var/log/auth.log", modified).Events;

    /// <summary>The event of one message after a fixed head.</summary>
    public static LogEvent One(string tagAndMessage) => Xunit.Assert.Single(Syslog("Mar  9 10:00:00 web01 " + tagAndMessage + "\n"));

    public static string TimeOf(LogEvent found) => found.First!.Value.Instant.ToString()[..19];
}

/// <summary>Makes a source without its bytes: blocks of a pattern repeated up to any length.</summary>
internal sealed class RepeatedSource(byte[] pattern, long length) : IByteSource
{
    public long Length { get; } = length;

    public int ReadAt(long offset, Span<byte> destination)
    {
        int count = (int)Math.Min(destination.Length, Length - offset);
        if (count <= 0)
        {
            return 0;
        }
        for (int done = 0; done < count;)
        {
            int at = (int)((offset + done) % pattern.Length);
            int piece = Math.Min(count - done, pattern.Length - at);
            pattern.AsSpan(at, piece).CopyTo(destination[done..]);
            done += piece;
        }
        return count;
    }
}

/// <summary>Data at a few places of an otherwise empty, maybe enormous file. Reading a hole fails the test.</summary>
internal sealed class HoleySource(long length, params (long Offset, byte[] Data)[] pieces) : ISparseByteSource
{
    public long Length { get; } = length;

    public long HoleBytesRead { get; private set; }

    public int ReadAt(long offset, Span<byte> destination)
    {
        int count = (int)Math.Clamp(Length - offset, 0, destination.Length);
        destination[..count].Clear();
        long data = 0;
        foreach ((long at, byte[] bytes) in pieces)
        {
            long from = Math.Max(at, offset);
            long to = Math.Min(at + bytes.Length, offset + count);
            if (from < to)
            {
                bytes.AsSpan((int)(from - at), (int)(to - from)).CopyTo(destination[(int)(from - offset)..]);
                data += to - from;
            }
        }
        HoleBytesRead += count - data;
        return count;
    }

    public bool NextData(long offset, out long start, out long length)
    {
        foreach ((long at, byte[] bytes) in pieces)
        {
            if (offset < at + bytes.Length)
            {
                start = Math.Max(at, offset);
                length = at + bytes.Length - start;
                return true;
            }
        }
        start = length = 0;
        return false;
    }
}
