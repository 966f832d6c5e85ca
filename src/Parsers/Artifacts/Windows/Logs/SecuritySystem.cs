using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Programs, clock, audit policy and cleared logs, of the security and the system log.</summary>
internal static class SecuritySystem
{
    private const string EventLogService = "Microsoft-Windows-Eventlog";

    public static IReadOnlyList<WindowsEvent> Events { get; } =
    [
        new(EventLogService, 1102, (record, draft) => Cleared(record, draft, "Security")),
        new(EventLogService, 104, (record, draft) => Cleared(record, draft, record.Value("Channel"))),
        new(SecurityLogins.Provider, 4616, ClockSet),
        new(SecurityLogins.Provider, 4688, Program),
        new(SecurityLogins.Provider, 4719, Policy),
    ];

    private static bool Cleared(EventRecord record, EventDraft draft, string? log)
    {
        draft.User = record.Value("SubjectUserName");
        draft.UserSid = record.Value("SubjectUserSid");
        draft.Target = log;
        draft.Detail = record.Labelled("kept as", "BackupPath");
        return draft.Is(LogEventKind.LogCleared);
    }

    private static bool ClockSet(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("SubjectUserName");
        draft.UserSid = record.Value("SubjectUserSid");
        draft.Process = record.Value("ProcessName");
        draft.Detail = EventValues.Join(record.Labelled("from", "PreviousTime"), record.Labelled("to", "NewTime"));
        return draft.Is(LogEventKind.ClockChanged);
    }

    private static bool Program(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("SubjectUserName");
        draft.UserSid = record.Value("SubjectUserSid");
        draft.Process = record.Value("NewProcessName");
        draft.ProcessId = record.Number("NewProcessId");
        draft.Command = record.Value("CommandLine");
        draft.Detail = record.Labelled("started by", "ParentProcessName");
        return draft.Is(LogEventKind.Execution);
    }

    private static bool Policy(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("SubjectUserName");
        draft.UserSid = record.Value("SubjectUserSid");
        draft.Target = record.Value("SubcategoryGuid");
        // %%8448: success removed, %%8449: success added, %%8450: failure removed, %%8451: failure added.
        draft.Detail = record.Value("AuditPolicyChanges")?.Replace("%%8448", "success removed", StringComparison.Ordinal).Replace("%%8449", "success added", StringComparison.Ordinal)
            .Replace("%%8450", "failure removed", StringComparison.Ordinal).Replace("%%8451", "failure added", StringComparison.Ordinal);
        return draft.Is(LogEventKind.AuditPolicyChanged);
    }
}
