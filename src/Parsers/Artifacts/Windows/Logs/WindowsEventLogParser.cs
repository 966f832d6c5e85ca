using System.Globalization;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// Reads the event logs of Windows Vista and later for the events of <see cref="WindowsEvents"/>: logins, accounts, services, tasks, programs, scripts, protection, cleared logs. Missing record numbers are given
/// as gaps. Specification: the providers' manifests, and "Appendix L: Events to Monitor" of Windows Server.
/// </summary>
/// <remarks>
/// Limitations: other events are passed over; messages are not put together; a <c>-</c> that Windows writes for what is not known is left out; service and system logins count as sessions;
/// script blocks of which parts are missing are given as far as they go.
/// </remarks>
public sealed class WindowsEventLogParser : LogParser
{
    private static readonly HashSet<string> s_catalogued = new(StringComparer.OrdinalIgnoreCase)
    {
        "Security", "System", "Application", "Windows PowerShell", "PowerShellCore%4Operational", "Microsoft-Windows-PowerShell%4Operational", "Microsoft-Windows-Sysmon%4Operational",
        "Microsoft-Windows-TaskScheduler%4Operational", "Microsoft-Windows-Windows Defender%4Operational", "Microsoft-Windows-WMI-Activity%4Operational", "Microsoft-Windows-Bits-Client%4Operational",
        "Microsoft-Windows-Windows Firewall With Advanced Security%4Firewall", "Microsoft-Windows-TerminalServices-LocalSessionManager%4Operational",
        "Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational", "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS%4Operational",
    };

    /// <inheritdoc/>
    public override string Name => "log/evtx";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/Windows/System32/winevt/Logs/*.evtx", "/Windows.old/Windows/System32/winevt/Logs/*.evtx"];

    /// <summary>Whether Windows keeps events of the catalogue in a log of this file name: what a quick scan reads. Archived logs count as the log they were.</summary>
    public static bool IsCatalogued(string fileName)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        string name = fileName.EndsWith(".evtx", StringComparison.OrdinalIgnoreCase) ? fileName[..^5] : fileName;
        return s_catalogued.Contains(name) || name.StartsWith("Archive-Security-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Archive-System-", StringComparison.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        // The clock is for logs without dates or numbers; here the numbers of the records tell what is missing.
        var events = new LogEventCollector(input, new LogClock(input.LogLimits, LogRhythm.Ordered));
        var draft = new EventDraft();
        var scripts = new ScriptBlocks(events, draft);
        var reader = new EventLogReader(input.Content, new LocatedDiagnostics(input.Location, sink), WindowsEvents.Contains, input.Cancellation);
        while (reader.Read())
        {
            EventRecord record = reader.Current;
            Begin(draft, record);
            CivilTime time = TimeOf(record.TimeCreated ?? record.Written);
            if (ScriptBlocks.IsBlock(record))
            {
                scripts.Take(record, time);
            }
            else if (WindowsEvents.TryRead(record, draft))
            {
                events.Add(draft, time, 0, record.Offset, default);
            }
        }
        scripts.Finish();
        foreach (EventRecordGap gap in reader.Gaps)
        {
            draft.Reset();
            draft.RecordId = gap.After;
            draft.Detail = string.Create(CultureInfo.InvariantCulture, $"the records {gap.Before + 1} to {gap.After - 1} are missing");
            draft.Kind = LogEventKind.LogGap;
            events.Add(draft, TimeOf(gap.TimeAfter), 0, gap.Offset, default);
        }
        events.Finish(sink, input.Entry.Modified);
    }

    /// <summary>What every event has.</summary>
    internal static void Begin(EventDraft draft, EventRecord record)
    {
        draft.Reset();
        draft.EventId = record.EventId;
        draft.RecordId = record.RecordId;
        draft.Channel = record.Channel;
        draft.IsCarved = record.IsCarved;
    }

    private static CivilTime TimeOf(Timestamp time) => CivilTime.FromUnix(time.Seconds, time.Nanoseconds, LogTimePrecision.HundredNanoseconds);

    /// <summary>Adds to diagnostics which file they are of.</summary>
    private sealed class LocatedDiagnostics(EvidenceLocation location, Diagnostics.IDiagnosticSink sink) : Diagnostics.IDiagnosticSink
    {
        public void Report(Diagnostics.Diagnostic diagnostic) => sink.Report(diagnostic with { Path = location.Path, MetadataAddress = location.MetadataAddress });
    }
}
