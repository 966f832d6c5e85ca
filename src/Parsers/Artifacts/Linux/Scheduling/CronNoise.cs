using System.Globalization;
using System.Text;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Keeps account of what in a cron table is no cron syntax: dump headers, binary data, carriage returns, wrong and over-long lines.</summary>
internal sealed class CronNoise(ArtifactInput input)
{
    private string? _dump;
    private int _badLines;
    private int _firstBadLine;
    private int _cutLines;
    private int _firstCutLine;
    private bool _isBinary;
    private bool _hasCarriageReturns;

    /// <summary>Line of the first job beyond the limit for one file, where the reading ended; 0 when there is none.</summary>
    public int FirstLineLeftOut { get; set; }

    /// <summary>Looks at the raw line; false when no daemon could take it for anything and it need not be parsed.</summary>
    public bool Examine(TextLine line)
    {
        ReadOnlySpan<byte> bytes = line.Bytes.Span;
        if (bytes.IsEmpty && !EndsInCarriageReturn(line))
        {
            return true;
        }
        if (line.IsCut)
        {
            _cutLines++;
            _firstCutLine = _firstCutLine == 0 ? line.Number : _firstCutLine;
        }
        if (line.Number == 1 && bytes.StartsWith("REDIS"u8))
        {
            int length = 5;
            while (length < Math.Min(bytes.Length, 9) && char.IsAsciiDigit((char)bytes[length]))
            {
                length++;
            }
            _dump = Encoding.ASCII.GetString(bytes[..length]);
            return false;
        }
        _isBinary |= bytes.Contains((byte)0) || bytes.ContainsAnyInRange((byte)0x01, (byte)0x08);
        bool hasReturn = EndsInCarriageReturn(line);
        _hasCarriageReturns |= hasReturn;
        // A line of nothing but a carriage return is not blank to a daemon; a byte order mark is no comment.
        return !(hasReturn && bytes.TrimStart(" \t"u8).IsEmpty) && !(line.Number == 1 && bytes.StartsWith("\uFEFF#"u8));
    }

    /// <summary>Counts a line that is neither blank, comment, variable nor job.</summary>
    public void AddBadLine(TextLine line)
    {
        _badLines++;
        _firstBadLine = _firstBadLine == 0 ? line.Number : _firstBadLine;
    }

    /// <summary>One clause for the jobs of the table; null when there is nothing to say.</summary>
    public string? Describe()
    {
        var parts = new List<string>(3);
        if (_dump is not null)
        {
            parts.Add("Redis dump header " + _dump);
        }
        if (_isBinary)
        {
            parts.Add("binary data between the lines");
        }
        if (_badLines > 0 && _dump is null)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{_badLines} {(_badLines == 1 ? "line is" : "lines are")} no cron syntax, first line {_firstBadLine}"));
        }
        if (_hasCarriageReturns)
        {
            parts.Add("lines end in CR LF");
        }
        return parts.Count == 0 ? null : string.Join("; ", parts);
    }

    /// <summary>Reports what was not looked at in full.</summary>
    public void Report(IDiagnosticSink sink)
    {
        if (_cutLines > 0)
        {
            sink.Report(new Diagnostic("crontab.line.long", string.Create(CultureInfo.InvariantCulture, $"{_cutLines} lines are longer than {input.Limits.LineBytes} bytes and were cut, first line {_firstCutLine}")) { LosesContent = true });
        }
        if (FirstLineLeftOut > 0)
        {
            sink.Report(new Diagnostic("crontab.jobs.many", string.Create(CultureInfo.InvariantCulture, $"more than {input.Limits.ArtifactsPerFile} jobs; the table was not read from line {FirstLineLeftOut} on")) { LosesContent = true });
        }
    }

    private bool EndsInCarriageReturn(TextLine line)
    {
        long end = line.ByteOffset + line.Bytes.Length;
        return line.HasLineEnd && end < input.Content.Length && input.Content.Span[(int)end] == (byte)'\r' && !line.IsCut;
    }
}
