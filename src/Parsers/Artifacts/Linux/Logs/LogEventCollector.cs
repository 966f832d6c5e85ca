using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// Gathers the events of one file and counts equal ones, in bounded memory: what happens often is counted from the start, the rest once there is much of it.
/// When a kind has too many different events, they are counted by address or account, and when that is too much too, all together. No event goes uncounted, and
/// a flood of one kind takes no room from another.
/// </summary>
internal sealed class LogEventCollector(LogInput input, LogClock clock)
{
    private const int SummaryShare = 8;

    private readonly Dictionary<Key, Group> _groups = [];
    private readonly List<Group> _order = [];
    private readonly int[] _perKind = new int[LogEventKinds.Count];
    private readonly int[] _summaries = new int[LogEventKinds.Count];
    private long _characters;
    private long _summarised;

    /// <summary>Takes an event of a line; the time already with its year counted.</summary>
    public void Add(EventDraft draft, CivilTime? time, long line, long offset, ReadOnlySpan<byte> message)
    {
        int kind = (int)draft.Kind;
        bool hasRoom = _perKind[kind] < input.LogLimits.EventsPerKind && _characters < input.LogLimits.TextCharacters;
        if (hasRoom && !LogEventKinds.IsFrequent(draft.Kind))
        {
            AddGroup(draft, time, line, offset, message, null);
            return;
        }
        var key = new Key(draft.Kind, draft.User, draft.UserId, draft.Target, draft.RemoteAddress, draft.Method, draft.KeyFingerprint, draft.Process, draft.Command, draft.Unit, draft.Detail, draft.EventId, draft.IsCarved);
        if (_groups.TryGetValue(key, out Group? group))
        {
            group.Count += draft.Times;
            group.Last = time;
            return;
        }
        if (hasRoom)
        {
            AddGroup(draft, time, line, offset, message, key);
            return;
        }
        Summarise(draft, time, line, offset);
    }

    /// <summary>Hands everything on in the order of first appearance, with the gaps and clock changes of the file.</summary>
    public void Finish(ILogEventSink sink, Timestamp? modified)
    {
        int? shift = clock.YearShift(modified, input.Zone);
        foreach (Group group in _order)
        {
            sink.Add(group.Event with { First = Resolve(group.First, shift), Last = Resolve(group.Last, shift), Count = group.Count });
        }
        if (_summarised > 0)
        {
            sink.Report(new Diagnostic("log.summarised", "the log holds more different events than the limit; some are counted together without their details")
            {
                Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, Actual = _summarised.ToString(CultureInfo.InvariantCulture),
            });
        }
        foreach (TimeJump gap in clock.Gaps())
        {
            sink.Add(Jump(gap, LogEventKind.LogGap, shift, string.Create(CultureInfo.InvariantCulture, $"nothing for {gap.Seconds} seconds")));
        }
        foreach (TimeJump step in clock.Backwards)
        {
            sink.Add(Jump(step, LogEventKind.ClockChanged, shift, string.Create(CultureInfo.InvariantCulture, $"time goes back by {-step.Seconds} seconds")));
        }
        if (clock.BackwardSteps > clock.Backwards.Count)
        {
            sink.Report(new Diagnostic("log.clock.steps", "time goes backwards in the log more often than is listed")
            {
                Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, Actual = clock.BackwardSteps.ToString(CultureInfo.InvariantCulture),
            });
        }
    }

    private LogEvent Jump(TimeJump jump, LogEventKind kind, int? shift, string detail) => new(At(jump.Line, jump.Offset), kind)
    {
        First = Resolve(jump.Before, shift),
        Last = Resolve(jump.After, shift),
        Detail = detail,
    };

    private LogTime? Resolve(CivilTime? time, int? shift) =>
        time is not { } civil || ((civil.Basis & LogTimeBasis.YearInferred) != 0 && shift is null) ? null : civil.Resolve(shift ?? 0, input.Zone);

    private EvidenceLocation At(long line, long offset) =>
        line is > 0 and <= int.MaxValue ? input.Location.At((int)line, offset) : input.Location with { ByteOffset = offset };

    private void AddGroup(EventDraft draft, CivilTime? time, long line, long offset, ReadOnlySpan<byte> message, Key? key)
    {
        var found = new LogEvent(At(line, offset), draft.Kind)
        {
            User = draft.User, UserId = draft.UserId, Target = draft.Target, RemoteAddress = draft.RemoteAddress, RemotePort = draft.RemotePort, Method = draft.Method,
            KeyFingerprint = draft.KeyFingerprint, Process = draft.Process, ProcessId = draft.ProcessId, Command = draft.Command, Unit = draft.Unit, Terminal = draft.Terminal,
            Detail = draft.Detail, Message = EventDraft.LongText(message), UserSid = draft.UserSid, TargetSid = draft.TargetSid, EventId = draft.EventId, RecordId = draft.RecordId,
            Channel = draft.Channel, IsCarved = draft.IsCarved,
        };
        var group = new Group(found, time, draft.Times);
        _order.Add(group);
        if (key is { } known)
        {
            _groups.Add(known, group);
        }
        _perKind[(int)draft.Kind]++;
        _characters += (found.Message?.Length ?? 0) + (found.Command?.Length ?? 0) + (found.Detail?.Length ?? 0) + (found.User?.Length ?? 0) + (found.Target?.Length ?? 0) + 64;
    }

    private void Summarise(EventDraft draft, CivilTime? time, long line, long offset)
    {
        _summarised += draft.Times;
        int kind = (int)draft.Kind;
        // Failed logins come from few addresses under many names; everything else is told apart by who did it.
        string? address = draft.RemoteAddress is { Length: <= 64 } ? draft.RemoteAddress : null;
        string? user = draft.Kind != LogEventKind.LoginFailed && draft.User is { Length: <= 64 } ? draft.User : null;
        var key = new Key(draft.Kind, user, -1, null, address, null, null, null, null, null, null, null, false);
        if (!_groups.TryGetValue(key, out Group? group) && _summaries[kind] >= input.LogLimits.EventsPerKind / SummaryShare)
        {
            user = null;
            address = null;
            key = new Key(draft.Kind, null, -2, null, null, null, null, null, null, null, null, null, false);
            _groups.TryGetValue(key, out group);
        }
        if (group is null)
        {
            group = new Group(new LogEvent(At(line, offset), draft.Kind) { User = user, RemoteAddress = address, IsSummary = true }, time, 0);
            _groups.Add(key, group);
            _order.Add(group);
            _summaries[kind]++;
        }
        group.Count += draft.Times;
        group.Last = time;
    }

    private readonly record struct Key(LogEventKind Kind, string? User, long? UserId, string? Target, string? RemoteAddress, string? Method, string? Fingerprint, string? Process, string? Command, string? Unit, string? Detail, long? EventId, bool IsCarved);

    private sealed class Group(LogEvent found, CivilTime? time, long count)
    {
        public LogEvent Event { get; } = found;
        public CivilTime? First { get; } = time;
        public CivilTime? Last { get; set; } = time;
        public long Count { get; set; } = count;
    }
}
