using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Sessions of the remote desktop; these logs are small and often outlive the security log.</summary>
internal static class RemoteDesktopEvents
{
    private const string Sessions = "Microsoft-Windows-TerminalServices-LocalSessionManager";
    private const string Local = "LOCAL";

    public static IReadOnlyList<WindowsEvent> Events { get; } =
    [
        Session(21, LogEventKind.Login, "remote desktop session"),
        Session(22, LogEventKind.SessionOpened, "remote desktop session"),
        Session(24, LogEventKind.SessionClosed, "remote desktop session"),
        Session(25, LogEventKind.Login, "remote desktop session, taken up again"),
        new("Microsoft-Windows-TerminalServices-RemoteConnectionManager", 1149, Authenticated),
        new("Microsoft-Windows-RemoteDesktopServices-RdpCoreTS", 131, Accepted),
    ];

    private static WindowsEvent Session(int id, LogEventKind kind, string method) => new(Sessions, id, (record, draft) =>
    {
        string? account = record.Value("User");
        draft.User = account?[(account.LastIndexOf('\\') + 1)..];
        draft.RemoteAddress = record.Address("Address") is { } address && address != Local ? address : null;
        // The console has sessions too.
        draft.Method = draft.RemoteAddress is null ? "console session" : method;
        draft.Detail = EventValues.Join(account is not null && account.Contains('\\', StringComparison.Ordinal) ? "domain " + account[..account.LastIndexOf('\\')] : null, record.Labelled("session", "SessionID"));
        return draft.Is(kind);
    });

    /// <summary>Despite its name: the network level was passed, which happens before the login where Network Level Authentication is off.</summary>
    private static bool Authenticated(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("Param1");
        draft.RemoteAddress = record.Address("Param3");
        draft.Method = "remote desktop";
        draft.Detail = record.Labelled("domain", "Param2");
        return draft.Is(LogEventKind.RemoteConnection);
    }

    private static bool Accepted(EventRecord record, EventDraft draft)
    {
        string? client = record.Address("ClientIP");
        int colon = client?.LastIndexOf(':') ?? -1;
        draft.RemoteAddress = colon > 0 ? client![..colon].Trim('[', ']') : client;
        draft.Method = record.Value("ConnType");
        return draft.Is(LogEventKind.RemoteConnection);
    }
}
