using System.Globalization;
using System.Text;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>One request of a log in W3C's extended format. Spans point into the line; blanks of values are plus signs.</summary>
internal readonly ref struct W3cRequest
{
    public CivilTime? Time { get; init; }
    public ReadOnlySpan<byte> Method { get; init; }
    /// <summary>Path of the address, decoded by the server.</summary>
    public ReadOnlySpan<byte> Stem { get; init; }
    /// <summary>What follows the question mark, as it was sent.</summary>
    public ReadOnlySpan<byte> Query { get; init; }
    public ReadOnlySpan<byte> UserAgent { get; init; }
    public ReadOnlySpan<byte> Referer { get; init; }
    public ReadOnlySpan<byte> Cookie { get; init; }
    public int Status { get; init; }
}

/// <summary>
/// The columns of a log in W3C's extended format as its last <c>#Fields</c> line names them, and the day of its last <c>#Date</c> line. Specification:
/// <see href="https://www.w3.org/TR/WD-logfile.html"/>, <see href="https://learn.microsoft.com/windows/win32/http/w3c-logging"/>.
/// </summary>
internal sealed class W3cLogFields
{
    private const int MostColumns = 64;

    private enum Field
    {
        Other, Date, Time, Method, Stem, Query, Status, UserAgent, Referer, Cookie,
    }

    private readonly List<Field> _columns = [];
    private readonly byte[] _day = new byte[10];
    private bool _hasDay;

    /// <summary>A line of names was there, and they tell what was asked for and what came of it.</summary>
    public bool IsUsable { get; private set; }

    /// <summary>Takes a line that begins with <c>#</c>.</summary>
    public void TakeDirective(ReadOnlySpan<byte> line)
    {
        var scan = new ByteScan(line);
        if (scan.Take("#Date: "u8) && scan.Rest.Length >= 10)
        {
            scan.Rest[..10].CopyTo(_day);
            _hasDay = true;
        }
        else if (scan.Take("#Fields:"u8))
        {
            _columns.Clear();
            scan = new ByteScan(scan.Rest.TrimStart((byte)' '));
            while (!scan.Rest.IsEmpty && _columns.Count < MostColumns)
            {
                _columns.Add(FieldOf(scan.Word()));
            }
            IsUsable = scan.Rest.IsEmpty && _columns.Contains(Field.Stem) && _columns.Contains(Field.Status);
        }
    }

    /// <summary>A line of values; false when it does not have the columns that were named, as one that was cut or that two writers mixed.</summary>
    public bool TryRead(ReadOnlySpan<byte> line, out W3cRequest request)
    {
        request = default;
        ReadOnlySpan<byte> day = _hasDay ? _day : default;
        ReadOnlySpan<byte> clock = default, method = default, stem = default, query = default, status = default, agent = default, referer = default, cookie = default;
        int column = 0;
        for (ReadOnlySpan<byte> rest = line.TrimEnd((byte)' '); ; column++)
        {
            int end = rest.IndexOf((byte)' ');
            ReadOnlySpan<byte> value = end < 0 ? rest : rest[..end];
            if (column >= _columns.Count)
            {
                return false;
            }
            value = value.SequenceEqual("-"u8) ? default : value;
            switch (_columns[column])
            {
                case Field.Date: day = value; break;
                case Field.Time: clock = value; break;
                case Field.Method: method = value; break;
                case Field.Stem: stem = value; break;
                case Field.Query: query = value; break;
                case Field.Status: status = value; break;
                case Field.UserAgent: agent = value; break;
                case Field.Referer: referer = value; break;
                case Field.Cookie: cookie = value; break;
                default: break;
            }
            if (end < 0)
            {
                break;
            }
            rest = rest[(end + 1)..];
        }
        var number = new ByteScan(status);
        if (column + 1 != _columns.Count || stem.IsEmpty || !number.Number(out long code) || code > 999)
        {
            return false;
        }
        request = new W3cRequest { Time = TimeOf(day, clock), Method = method, Stem = stem, Query = query, Status = (int)code, UserAgent = agent, Referer = referer, Cookie = cookie };
        return true;
    }

    /// <summary>Times of the format are those of Greenwich, whatever the zone of the host.</summary>
    private static CivilTime? TimeOf(ReadOnlySpan<byte> day, ReadOnlySpan<byte> clock)
    {
        if (day.Length != 10 || clock.Length < 8)
        {
            return null;
        }
        Span<byte> text = stackalloc byte[19];
        day.CopyTo(text);
        text[10] = (byte)' ';
        clock[..8].CopyTo(text[11..]);
        return CivilTimeText.TryIso(text, out CivilTime time, out _) ? time with { Basis = LogTimeBasis.Stated } : null;
    }

    private static Field FieldOf(ReadOnlySpan<byte> name) => name.Length > 32 ? Field.Other : Encoding.ASCII.GetString(name).ToLower(CultureInfo.InvariantCulture) switch
    {
        "date" => Field.Date,
        "time" => Field.Time,
        "cs-method" => Field.Method,
        "cs-uri-stem" => Field.Stem,
        "cs-uri-query" => Field.Query,
        "sc-status" => Field.Status,
        "cs(user-agent)" => Field.UserAgent,
        "cs(referer)" => Field.Referer,
        "cs(cookie)" => Field.Cookie,
        _ => Field.Other,
    };
}
