using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>One text log while it is read: its lines, its clock, its events, and what has to be said about it at the end.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly LogInput _input;
    private readonly ILogEventSink _sink;
    private readonly string _code;
    private readonly LogContent _content;
    private readonly LogLineReader _lines;
    private readonly LogClock _clock;
    private readonly LogEventCollector _events;
    private readonly int _longestLine;

    /// <summary>Opens the content, unpacking it where it is compressed.</summary>
    /// <param name="input">The log.</param>
    /// <param name="sink">For events and diagnostics.</param>
    /// <param name="code">First words of the codes of diagnostics.</param>
    /// <param name="rhythm">What can be expected of its times.</param>
    /// <param name="lineBytes">Longest line; 0 for the usual limit.</param>
    public LogFile(LogInput input, ILogEventSink sink, string code, LogRhythm rhythm, int lineBytes = 0)
    {
        _input = input;
        _sink = sink;
        _code = code;
        _clock = new LogClock(input.LogLimits, rhythm);
        _events = new LogEventCollector(input, _clock);
        _content = PackedLog.Open(input, sink);
        _longestLine = lineBytes == 0 ? input.Limits.LineBytes : lineBytes;
        _lines = new LogLineReader(_content, _longestLine, input.Cancellation);
    }

    /// <summary>To be filled for <see cref="Add"/>.</summary>
    public EventDraft Draft { get; } = new();

    /// <summary>The line at hand.</summary>
    public ReadOnlySpan<byte> Line => _lines.Line;

    /// <summary>Its number from 1.</summary>
    public long Number => _lines.Number;

    /// <summary>Its byte offset.</summary>
    public long Offset => _lines.Offset;

    /// <summary>Goes to the next line that is not empty. Damage of a compressed log ends it with a diagnostic; what came before stays.</summary>
    public bool ReadLine()
    {
        try
        {
            return _lines.Read();
        }
        catch (ForensicException e) when (e is CorruptDataException or LimitExceededException or UnsupportedFeatureException)
        {
            Report("unpack", "the compressed log was read only in part: " + e.Message, _lines.Offset, losesContent: true);
            return false;
        }
    }

    /// <summary>Counts the time of the line.</summary>
    public CivilTime Observe(CivilTime time) => _clock.Observe(time, _lines.Number, _lines.Offset);

    /// <summary>Takes the draft as an event of the line.</summary>
    public void Add(CivilTime? time, ReadOnlySpan<byte> message) => _events.Add(Draft, time, _lines.Number, _lines.Offset, message);

    /// <summary>Takes the draft as an event of an earlier line.</summary>
    public void Add(CivilTime? time, long line, long offset, ReadOnlySpan<byte> message) => _events.Add(Draft, time, line, offset, message);

    /// <summary>Hands on the events and says what was not read.</summary>
    public void Finish()
    {
        _events.Finish(_sink, ModifiedTime());
        if (_lines.CutLines > 0)
        {
            Report("line-cut", "lines are longer than the limit, their ends were not read", null, losesContent: true, _lines.CutLines.ToString(CultureInfo.InvariantCulture),
                _longestLine.ToString(CultureInfo.InvariantCulture));
        }
        if (_lines.Zeros > 0)
        {
            Report("zeros", "the log holds NUL bytes or holes, as after a crash or when it was overwritten while open", null, losesContent: false, _lines.Zeros.ToString(CultureInfo.InvariantCulture));
        }
        LogWipes.ReportOrder(_input, _clock, ModifiedTime(), _sink);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lines.Dispose();
        _content.Dispose();
    }

    /// <summary>Reports something about the file.</summary>
    public void Report(string what, string message, long? offset, bool losesContent, string? actual = null, string? expected = null) =>
        _sink.Report(new Diagnostic(_code + "." + what, message)
        {
            Path = _input.Location.Path, MetadataAddress = _input.Location.MetadataAddress, Offset = offset, LosesContent = losesContent, Actual = actual, Expected = expected,
        });

    /// <summary>The last change of the log itself: a date in its name where the file's own time is a year away from it, as after copying.</summary>
    private Timestamp? ModifiedTime()
    {
        Timestamp? modified = _input.Entry.Modified;
        if (LogRotation.DateOf(_input.Location.Name) is { } named && (modified is not { } time || Math.Abs(time.Seconds - named.Seconds) > 300L * 86400))
        {
            return named;
        }
        return modified;
    }
}
