using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Reads the records of logins in <c>utmp</c>, <c>wtmp</c> and of refused ones in <c>btmp</c>, of every architecture.</summary>
/// <remarks>
/// Specification: utmp(5). The layout is found by trying all four on the first records. Records of zeros inside the file, which no program writes, are reported as
/// wiped. Limitations: a user name is taken as recorded, though in btmp it may be a password typed at the wrong prompt.
/// </remarks>
public sealed class UtmpParser : LogParser
{
    private const int Samples = 64;
    private const int LargestRecord = 400;
    private const int MostOpenLines = 4096;
    private const string SqliteMagic = "SQLite format 3";

    /// <inheritdoc/>
    public override string Name => "log/utmp";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
        [.. LogRotation.Claims("/var/log/wtmp", "/var/log/btmp", "/var/log/utmp"), "/run/utmp", "/var/run/utmp", "/var/lib/wtmpdb/wtmp.db", "/var/log/wtmp.db"];

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        var clock = new LogClock(input.LogLimits, LogRhythm.Ordered);
        var events = new LogEventCollector(input, clock);
        using LogContent content = PackedLog.Open(input, sink);
        var buffer = new byte[Samples * LargestRecord];
        int filled = content.ReadUpTo(buffer);
        if (buffer.AsSpan(0, filled).StartsWith(System.Text.Encoding.ASCII.GetBytes(SqliteMagic)))
        {
            sink.Report(Say(input, "log.utmp.sqlite", "the logins are in an SQLite database (wtmpdb), which is not read", losesContent: true));
            return;
        }
        var run = new Run(input, sink, clock, events, Choose(buffer.AsSpan(0, filled)), IsRefusals(input.Location.Name));
        int left = 0;
        while (filled > 0)
        {
            input.Cancellation.ThrowIfCancellationRequested();
            int used = run.Take(buffer.AsSpan(0, left + filled));
            left = left + filled - used;
            buffer.AsSpan(used, left).CopyTo(buffer);
            filled = ReadMore(content, buffer.AsSpan(left), run);
        }
        run.Finish(left);
        events.Finish(sink, input.Entry.Modified);
        LogWipes.ReportOrder(input, clock, input.Entry.Modified, sink);
    }

    private static int ReadMore(LogContent content, Span<byte> destination, Run run)
    {
        try
        {
            return content.ReadUpTo(destination);
        }
        catch (ForensicException e) when (e is CorruptDataException or LimitExceededException or UnsupportedFeatureException)
        {
            run.Damaged(e.Message);
            return 0;
        }
    }

    /// <summary>The layout under which most records look like records.</summary>
    private static UtmpLayout Choose(ReadOnlySpan<byte> head)
    {
        UtmpLayout best = UtmpLayout.Small;
        int bestScore = 0;
        foreach (UtmpLayout layout in Enum.GetValues<UtmpLayout>())
        {
            int size = UtmpRecord.SizeOf(layout);
            int score = 0;
            for (int at = 0; at + size <= head.Length; at += size)
            {
                score += new UtmpRecord(head.Slice(at, size), layout).Score();
            }
            if (score > bestScore)
            {
                best = layout;
                bestScore = score;
            }
        }
        return best;
    }

    private static bool IsRefusals(string name) => LogRotation.BaseOf(name).StartsWith("btmp", StringComparison.Ordinal);

    private static Diagnostic Say(LogInput input, string code, string message, bool losesContent, string? actual = null, long? offset = null) => new(code, message)
    {
        Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = losesContent, Actual = actual, Offset = offset,
    };

    private sealed class Run(LogInput input, ILogEventSink sink, LogClock clock, LogEventCollector events, UtmpLayout layout, bool isRefusals)
    {
        private const short RunLevel = 1, BootTime = 2, NewTime = 3, OldTime = 4, UserProcess = 7, DeadProcess = 8;

        private readonly int _size = UtmpRecord.SizeOf(layout);
        private readonly EventDraft _draft = new();
        private readonly Dictionary<string, string> _open = [];
        private long _offset;
        private long _index;
        private long _zeros;
        private long _firstZero = -1;
        private long _zerosSince;
        private long _zerosSinceAt;
        private long _odd;
        private long _firstOdd;

        /// <summary>Takes whole records; how many bytes they are.</summary>
        public int Take(ReadOnlySpan<byte> bytes)
        {
            int used = 0;
            for (; used + _size <= bytes.Length; used += _size, _offset += _size)
            {
                _index++;
                One(new UtmpRecord(bytes.Slice(used, _size), layout));
            }
            return used;
        }

        public void Damaged(string message) => sink.Report(Say(input, "log.utmp.unpack", "the compressed file was read only in part: " + message, losesContent: true, offset: _offset));

        public void Finish(int left)
        {
            if (left > 0)
            {
                sink.Report(Say(input, "log.utmp.size", "the file does not end with a whole record", losesContent: true, left.ToString(CultureInfo.InvariantCulture), _offset));
            }
            if (_odd > 0)
            {
                sink.Report(Say(input, "log.utmp.record", "records have a type or a time that no program writes; they were left out", losesContent: true,
                    _odd.ToString(CultureInfo.InvariantCulture), _firstOdd));
            }
            _zeros += _zerosSince;
            _firstZero = _firstZero < 0 && _zerosSince > 0 ? _zerosSinceAt : _firstZero;
            // utmp has free places; the others only grow.
            if (_zeros > 0 && !LogRotation.BaseOf(input.Location.Name).StartsWith("utmp", StringComparison.Ordinal))
            {
                sink.Add(new LogEvent(input.Location with { ByteOffset = _firstZero }, LogEventKind.LogWiped)
                {
                    Count = _zeros, First = clock.Lines > 0 ? clock.Last.Resolve(0, input.Zone) : null, Detail = "records overwritten with zeros",
                });
            }
        }

        private void One(UtmpRecord record)
        {
            if (record.IsZero)
            {
                _zerosSinceAt = _zerosSince == 0 ? _offset : _zerosSinceAt;
                _zerosSince++;
                return;
            }
            if (_zerosSince > 0)
            {
                _firstZero = _firstZero < 0 ? _zerosSinceAt : _firstZero;
                _zeros += _zerosSince;
                _zerosSince = 0;
            }
            if (record.Type is < 0 or > 9 || record.Seconds is < 0 or > 253402300799)
            {
                _firstOdd = _odd == 0 ? _offset : _firstOdd;
                _odd++;
                return;
            }
            long microseconds = Math.Clamp(record.Microseconds, 0, 999_999);
            CivilTime time = CivilTime.FromUnix(record.Seconds, (int)microseconds * 1000, LogTimePrecision.Microsecond);
            if (record.Type != 0)
            {
                clock.Observe(time, 0, _offset);
            }
            _draft.Reset();
            _draft.Terminal = _draft.Text(record.Line);
            _draft.RemoteAddress = record.Address ?? _draft.Text(record.Host);
            _draft.ProcessId = record.ProcessId;
            if (Classify(record))
            {
                _draft.Method = isRefusals ? "btmp" : "utmp";
                events.Add(_draft, time, 0, _offset, default);
            }
        }

        private bool Classify(UtmpRecord record)
        {
            string? host = _draft.Text(record.Host);
            _draft.User = _draft.Text(record.User);
            if (isRefusals)
            {
                _draft.Detail = host != _draft.RemoteAddress ? host : null;
                return _draft.Is(LogEventKind.LoginFailed);
            }
            string line = _draft.Terminal ?? "";
            switch (record.Type)
            {
                case UserProcess:
                    _draft.Detail = host != _draft.RemoteAddress ? host : null;
                    if (_open.Count < MostOpenLines || _open.ContainsKey(line))
                    {
                        _open[line] = _draft.User ?? "";
                    }
                    return _draft.Is(LogEventKind.Login);
                case DeadProcess:
                    if (_open.Remove(line, out string? user))
                    {
                        _draft.User = user;
                    }
                    else if (_draft.User is null)
                    {
                        // Processes that init started and that nobody logged in through.
                        return false;
                    }
                    return _draft.Is(LogEventKind.SessionClosed);
                case BootTime:
                    _draft.RemoteAddress = null;
                    _draft.Detail = host;
                    _open.Clear();
                    return _draft.Is(LogEventKind.Boot);
                case RunLevel:
                    _draft.RemoteAddress = null;
                    _draft.Detail = host;
                    if (record.User.SequenceEqual("shutdown"u8))
                    {
                        _open.Clear();
                        return _draft.Is(LogEventKind.Shutdown);
                    }
                    return false;
                case NewTime or OldTime:
                    _draft.RemoteAddress = null;
                    _draft.Detail = record.Type == NewTime ? "new time" : "old time";
                    return _draft.Is(LogEventKind.ClockChanged);
                default:
                    return false;
            }
        }
    }
}
