namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// One request of a web server's access log in the common or combined format of Apache and nginx:
/// <c>[virtual-host[:port] ]address ident user [day/Mon/year:HH:MM:SS +0000] "METHOD target HTTP/1.1" status bytes ["referer" "user agent"] ...</c>.
/// Spans point into the line; escapes (<c>\x22</c>) are left as they are.
/// </summary>
public readonly ref struct WebAccessLine
{
    private WebAccessLine(ReadOnlySpan<byte> address, ReadOnlySpan<byte> user, CivilTime time)
    {
        Address = address;
        User = user;
        Civil = time;
    }

    /// <summary>Address or name of the client.</summary>
    public ReadOnlySpan<byte> Address { get; private init; }
    /// <summary>Authenticated user, empty for none.</summary>
    public ReadOnlySpan<byte> User { get; private init; }
    /// <summary>When.</summary>
    public LogTime Time => Civil.Resolve(0, TimeZoneInfo.Utc);
    /// <summary>Method; empty when the request line is none.</summary>
    public ReadOnlySpan<byte> Method { get; private init; }
    /// <summary>Target as it was sent, or the whole request line when that is none.</summary>
    public ReadOnlySpan<byte> Target { get; private init; }
    /// <summary>Status.</summary>
    public int Status { get; private init; }
    /// <summary>Bytes sent; -1 when not logged.</summary>
    public long Bytes { get; private init; }
    /// <summary>Referring page, empty for none.</summary>
    public ReadOnlySpan<byte> Referer { get; private init; }
    /// <summary>User agent, empty for none.</summary>
    public ReadOnlySpan<byte> UserAgent { get; private init; }

    internal CivilTime Civil { get; private init; }

    /// <summary>False when the line has another form.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out WebAccessLine request)
    {
        request = default;
        int open = line.IndexOf((byte)'[');
        if (open < 4 || !TryTime(line[(open + 1)..], out CivilTime time, out int length))
        {
            return false;
        }
        // Before the time, from the right: user, ident, address; what is left is the virtual host.
        ReadOnlySpan<byte> before = line[..open].TrimEnd((byte)' ');
        ReadOnlySpan<byte> user = LastWord(ref before);
        LastWord(ref before);
        ReadOnlySpan<byte> address = LastWord(ref before);
        if (address.IsEmpty)
        {
            return false;
        }
        ReadOnlySpan<byte> rest = line[(open + 1 + length)..];
        if (!TryQuoted(ref rest, out ReadOnlySpan<byte> text))
        {
            return false;
        }
        var numbers = new ByteScan(rest.TrimStart((byte)' '));
        if (!numbers.Number(out long status) || status > 999)
        {
            return false;
        }
        numbers.Take(" "u8);
        long bytes = numbers.Number(out long sent) ? sent : -1;
        rest = numbers.Rest;
        TryQuoted(ref rest, out ReadOnlySpan<byte> referer);
        TryQuoted(ref rest, out ReadOnlySpan<byte> agent);
        int blank = text.IndexOf((byte)' ');
        bool isRequest = blank is > 0 and < 24 && !text[..blank].ContainsAnyExceptInRange((byte)'A', (byte)'Z');
        ReadOnlySpan<byte> target = isRequest ? text[(blank + 1)..] : text;
        int protocol = target.LastIndexOf(" HTTP/"u8);
        request = new WebAccessLine(address, Dash(user), time)
        {
            Method = isRequest ? text[..blank] : default,
            Target = protocol >= 0 ? target[..protocol] : target,
            Status = (int)status,
            Bytes = bytes,
            Referer = Dash(referer),
            UserAgent = Dash(agent),
        };
        return true;
    }

    private static ReadOnlySpan<byte> Dash(ReadOnlySpan<byte> value) => value.SequenceEqual("-"u8) ? default : value;

    private static ReadOnlySpan<byte> LastWord(scoped ref ReadOnlySpan<byte> text)
    {
        int blank = text.LastIndexOf((byte)' ');
        ReadOnlySpan<byte> word = text[(blank + 1)..];
        text = blank < 0 ? default : text[..blank].TrimEnd((byte)' ');
        return word;
    }

    /// <summary>A text in double quotes, in which a backslash escapes.</summary>
    private static bool TryQuoted(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> text)
    {
        text = default;
        int open = rest.IndexOf((byte)'"');
        if (open < 0)
        {
            return false;
        }
        ReadOnlySpan<byte> inside = rest[(open + 1)..];
        int at = 0;
        while (inside[at..].IndexOfAny((byte)'"', (byte)'\\') is >= 0 and int next)
        {
            at += next;
            if (inside[at] == '"')
            {
                text = inside[..at];
                rest = inside[(at + 1)..];
                return true;
            }
            at = Math.Min(at + 2, inside.Length);
        }
        return false;
    }

    /// <summary><c>10/Oct/2026:13:55:36 -0700]</c>.</summary>
    private static bool TryTime(ReadOnlySpan<byte> text, out CivilTime time, out int length)
    {
        time = default;
        length = 0;
        var scan = new ByteScan(text);
        if (!scan.Number(out long day) || day is < 1 or > 31 || !scan.Take("/"u8))
        {
            return false;
        }
        int month = CivilTimeText.Month(scan.Rest);
        if (month == 0)
        {
            return false;
        }
        scan = new ByteScan(scan.Rest[3..]);
        if (!scan.Take("/"u8) || !scan.Number(out long year) || year is < 1970 or > 9999 || !scan.Take(":"u8) || !CivilTimeText.TryClock(scan.Rest, out int second))
        {
            return false;
        }
        int at = 8;
        while (at < scan.Rest.Length && scan.Rest[at] == ' ')
        {
            at++;
        }
        bool hasOffset = CivilTimeText.TryOffset(scan.Rest, ref at, out int offset);
        if (at >= scan.Rest.Length || scan.Rest[at] != ']')
        {
            return false;
        }
        length = text.Length - scan.Rest.Length + at + 1;
        time = new CivilTime((int)year, month, (int)day, second, 0, offset, LogTimePrecision.Second, hasOffset ? LogTimeBasis.Stated : LogTimeBasis.ZoneAssumed);
        return true;
    }
}

/// <summary>Reads an access log of any size, packed or not, request by request. For one thread. What is worth keeping is for the caller to say.</summary>
/// <remarks>Limitations: JSON and other self-made formats are not read; such lines are counted.</remarks>
public sealed class WebAccessReader : IDisposable
{
    private readonly LogFile _file;

    /// <summary>Opens the log; diagnostics go to the sink.</summary>
    public WebAccessReader(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        _file = new LogFile(input, sink, "log.web", LogRhythm.Continuous);
    }

    /// <summary>Lines that were passed over because they have another form.</summary>
    public long OtherLines { get; private set; }

    /// <summary>Number of the line at hand, from 1.</summary>
    public long Number => _file.Number;

    /// <summary>Byte offset of the line at hand.</summary>
    public long Offset => _file.Offset;

    /// <summary>The next request; false at the end. It is valid until the next call.</summary>
    public bool Read(out WebAccessLine request)
    {
        while (_file.ReadLine())
        {
            if (WebAccessLine.TryParse(_file.Line, out request))
            {
                _file.Observe(request.Civil);
                return true;
            }
            OtherLines++;
        }
        request = default;
        return false;
    }

    /// <summary>Says what was not read, and hands on gaps and clock changes of the log.</summary>
    public void Finish() => _file.Finish();

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
