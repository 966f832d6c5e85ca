using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Start and end of the host, its clock, and programs installed by Windows Installer.</summary>
internal static class HostEvents
{
    private const string Service = "EventLog";
    private const string Kernel = "Microsoft-Windows-Kernel-General";

    public static IReadOnlyList<WindowsEvent> Events { get; } =
    [
        Plain(Service, 6005, LogEventKind.Boot, "event log started"),
        Plain(Service, 6006, LogEventKind.Shutdown, "event log stopped"),
        new(Service, 6008, Unexpected),
        Plain(Kernel, 12, LogEventKind.Boot, "kernel started"),
        Plain(Kernel, 13, LogEventKind.Shutdown, "kernel stopped"),
        new(Kernel, 1, ClockSet),
        Plain("Microsoft-Windows-Kernel-Power", 41, LogEventKind.Shutdown, "without a clean end"),
        new("User32", 1074, Asked),
        new("MsiInstaller", 1033, Installed),
        new("MsiInstaller", 11707, InstalledMessage),
    ];

    private static WindowsEvent Plain(string provider, int id, LogEventKind kind, string detail) => new(provider, id, (_, draft) =>
    {
        draft.Detail = detail;
        return draft.Is(kind);
    });

    private static bool Unexpected(EventRecord record, EventDraft draft)
    {
        draft.Detail = EventValues.Join("without a clean end", record.At(1), record.At(0));
        return draft.Is(LogEventKind.Shutdown);
    }

    private static bool ClockSet(EventRecord record, EventDraft draft)
    {
        draft.UserSid = record.UserSid;
        draft.Detail = EventValues.Join(record.Labelled("from", "OldTime"), record.Labelled("to", "NewTime"));
        return draft.Is(LogEventKind.ClockChanged);
    }

    private static bool Asked(EventRecord record, EventDraft draft)
    {
        draft.Process = record.Value("param1");
        draft.User = record.Value("param7");
        draft.Detail = EventValues.Join(record.Value("param5"), record.Value("param3"));
        return draft.Is(LogEventKind.Shutdown);
    }

    private static bool Installed(EventRecord record, EventDraft draft)
    {
        draft.Target = record.At(0);
        draft.UserSid = record.UserSid;
        draft.Method = "Windows Installer";
        draft.Detail = EventValues.Join(record.At(1), record.At(4));
        return draft.Is(LogEventKind.PackageInstalled);
    }

    private static bool InstalledMessage(EventRecord record, EventDraft draft)
    {
        const string Label = "Product: ";
        string message = record.At(0) ?? "";
        int end = message.IndexOf(" -- ", StringComparison.Ordinal);
        draft.Target = message.StartsWith(Label, StringComparison.Ordinal) && end > Label.Length ? message[Label.Length..end] : message;
        draft.UserSid = record.UserSid;
        draft.Method = "Windows Installer";
        return draft.Is(LogEventKind.PackageInstalled);
    }
}
