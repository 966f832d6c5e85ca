using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Services that were installed, started, stopped or changed.</summary>
internal static class ServiceEvents
{
    private const string Manager = "Service Control Manager";

    public static IReadOnlyList<WindowsEvent> Events { get; } =
    [
        new(Manager, 7045, Installed),
        new(SecurityLogins.Provider, 4697, InstalledAudited),
        new(Manager, 7034, Failed),
        new(Manager, 7036, StateChanged),
        new(Manager, 7040, StartChanged),
    ];

    private static bool Installed(EventRecord record, EventDraft draft)
    {
        draft.Unit = record.Value("ServiceName");
        draft.Command = record.Value("ImagePath");
        draft.Target = record.Value("AccountName");
        draft.UserSid = record.UserSid;
        draft.Detail = EventValues.Join(record.Value("ServiceType"), record.Value("StartType"));
        return draft.Is(LogEventKind.ServiceInstalled);
    }

    private static bool InstalledAudited(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("SubjectUserName");
        draft.UserSid = record.Value("SubjectUserSid");
        draft.Unit = record.Value("ServiceName");
        draft.Command = record.Value("ServiceFileName");
        draft.Target = record.Value("ServiceAccount");
        draft.Detail = EventValues.Join(record.Labelled("type", "ServiceType"), record.Labelled("start", "ServiceStartType"));
        return draft.Is(LogEventKind.ServiceInstalled);
    }

    private static bool Failed(EventRecord record, EventDraft draft)
    {
        draft.Unit = record.Value("param1");
        return draft.Is(LogEventKind.ServiceFailed);
    }

    /// <summary>The state is a word of the language of the host; the binary datum has it as a number behind the name of the service.</summary>
    private static bool StateChanged(EventRecord record, EventDraft draft)
    {
        const string Running = "2F003400";   // "/4" in UTF-16LE
        draft.Unit = record.Value("param1");
        string? state = record.Value("param2");
        bool isRunning = record.Text("Binary") is { } binary ? binary.Contains(Running, StringComparison.Ordinal) : state == "running";
        return draft.Is(isRunning ? LogEventKind.ServiceStarted : LogEventKind.ServiceStopped);
    }

    private static bool StartChanged(EventRecord record, EventDraft draft)
    {
        draft.Unit = record.Value("param4") ?? record.Value("param1");
        draft.UserSid = record.UserSid;
        draft.Detail = EventValues.Join(record.Labelled("from", "param2"), record.Labelled("to", "param3"));
        return draft.Is(LogEventKind.ServiceChanged);
    }
}
