using System.Text;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// One line of a syslog file taken apart: <c>[&lt;priority&gt;]time [host] tag[pid]: message</c>. Specifications: RFC 3164, RFC 5424, and the file formats of rsyslog,
/// syslog-ng, sysklogd and BusyBox.
/// </summary>
internal readonly ref struct SyslogLine
{
    private const int LongestTag = 128;

    private SyslogLine(CivilTime time, ReadOnlySpan<byte> host, ReadOnlySpan<byte> process, ReadOnlySpan<byte> processId, ReadOnlySpan<byte> message)
    {
        Time = time;
        Host = host;
        Process = process;
        ProcessId = processId;
        Message = message;
    }

    public CivilTime Time { get; }
    public ReadOnlySpan<byte> Host { get; }
    /// <summary>Name without directories.</summary>
    public ReadOnlySpan<byte> Process { get; }
    public ReadOnlySpan<byte> ProcessId { get; }
    public ReadOnlySpan<byte> Message { get; }

    /// <summary>False for what does not begin with a time: a further line of a message, or noise.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out SyslogLine line)
    {
        line = default;
        if (text.Length < 16)
        {
            return false;
        }
        if (text[0] == '<')
        {
            int close = text[..Math.Min(text.Length, 6)].IndexOf((byte)'>');
            if (close < 2)
            {
                return false;
            }
            text = text[(close + 1)..];
            if (text.StartsWith("1 "u8))
            {
                return TryRfc5424(text[2..], out line);
            }
        }
        int length;
        CivilTime time;
        if (text[0] is >= (byte)'A' and <= (byte)'Z')
        {
            if (!CivilTimeText.TryTraditional(text, out time, out length))
            {
                return false;
            }
        }
        else if (!CivilTimeText.TryIso(text, out time, out length))
        {
            return false;
        }
        text = text[length..].TrimStart((byte)' ');
        if (text.StartsWith(": "u8))
        {
            text = text[2..];
        }
        line = Body(time, text);
        return true;
    }

    private static SyslogLine Body(CivilTime time, ReadOnlySpan<byte> text)
    {
        int blank = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> host = default;
        // "kernel:" in the place of the host: the host was left out.
        if (blank > 0 && text[blank - 1] != ':')
        {
            host = text[..blank];
            text = text[(blank + 1)..].TrimStart((byte)' ');
            if (IsFacility(text))
            {
                text = text[(text.IndexOf((byte)' ') + 1)..].TrimStart((byte)' ');
            }
        }
        ReadOnlySpan<byte> head = text[..Math.Min(text.Length, LongestTag)];
        int end = head.IndexOfAny((byte)':', (byte)' ', (byte)'[');
        // "gdm-password]:" and "su(pam_unix)[1]:" end where the colon is.
        if (end <= 0)
        {
            return new SyslogLine(time, host, default, default, text);
        }
        ReadOnlySpan<byte> process = head[..end];
        ReadOnlySpan<byte> processId = default;
        ReadOnlySpan<byte> message = text[end..];
        if (message[0] == '[' && message[..Math.Min(message.Length, 32)].IndexOf((byte)']') is > 0 and int close)
        {
            processId = message[1..close];
            message = message[(close + 1)..];
        }
        if (message.StartsWith(":"u8))
        {
            message = message[1..];
        }
        return new SyslogLine(time, host, BaseName(process), processId, message.TrimStart((byte)' '));
    }

    private static bool TryRfc5424(ReadOnlySpan<byte> text, out SyslogLine line)
    {
        line = default;
        if (!CivilTimeText.TryIso(text, out CivilTime time, out int length))
        {
            return false;
        }
        var scan = new ByteScan(text[length..].TrimStart((byte)' '));
        ReadOnlySpan<byte> host = scan.Word();
        ReadOnlySpan<byte> process = scan.Word();
        ReadOnlySpan<byte> processId = scan.Word();
        scan.Word();
        ReadOnlySpan<byte> message = SkipStructuredData(scan.Rest).TrimStart((byte)' ');
        if (message.StartsWith("\uFEFF"u8))
        {
            message = message[3..];
        }
        line = new SyslogLine(time, host, BaseName(process), processId.SequenceEqual("-"u8) ? default : processId, message);
        return true;
    }

    /// <summary>Passes over <c>-</c> or <c>[id name="value \" \]"]...</c>.</summary>
    private static ReadOnlySpan<byte> SkipStructuredData(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("-"u8))
        {
            return text[1..];
        }
        bool isQuoted = false;
        bool isInside = false;
        for (int i = 0; i < text.Length; i++)
        {
            byte value = text[i];
            if (isQuoted)
            {
                i += value == '\\' ? 1 : 0;
                isQuoted = value != '"';
            }
            else if (!isInside && value != '[')
            {
                return text[i..];
            }
            else
            {
                isInside = value != ']';
                isQuoted = value == '"';
            }
        }
        return text;
    }

    /// <summary>BusyBox writes <c>auth.info</c> between host and tag.</summary>
    private static bool IsFacility(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> head = text[..Math.Min(text.Length, 20)];
        int dot = head.IndexOf((byte)'.');
        int blank = head.IndexOf((byte)' ');
        if (dot < 3 || blank < dot + 4)
        {
            return false;
        }
        ReadOnlySpan<byte> level = head[(dot + 1)..blank];
        return (level.SequenceEqual("info"u8) || level.SequenceEqual("notice"u8) || level.SequenceEqual("warn"u8) || level.SequenceEqual("err"u8) || level.SequenceEqual("debug"u8)
            || level.SequenceEqual("crit"u8) || level.SequenceEqual("alert"u8) || level.SequenceEqual("emerg"u8))
            && !head[..dot].ContainsAnyExceptInRange((byte)'0', (byte)'z');
    }

    private static ReadOnlySpan<byte> BaseName(ReadOnlySpan<byte> process)
    {
        int slash = process.LastIndexOf((byte)'/');
        return slash >= 0 ? process[(slash + 1)..] : process;
    }
}
