using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Scheduled tasks that were made, changed, removed or run.</summary>
internal static class TaskEvents
{
    private const string Scheduler = "Microsoft-Windows-TaskScheduler";

    public static IReadOnlyList<WindowsEvent> Events { get; } =
    [
        Audited(4698, LogEventKind.TaskCreated, null),
        Audited(4699, LogEventKind.TaskDeleted, null),
        Audited(4700, LogEventKind.TaskChanged, "enabled"),
        Audited(4701, LogEventKind.TaskChanged, "disabled"),
        Audited(4702, LogEventKind.TaskChanged, null),
        Operational(106, LogEventKind.TaskCreated, "UserContext"),
        Operational(140, LogEventKind.TaskChanged, "UserName"),
        Operational(141, LogEventKind.TaskDeleted, "UserName"),
        Operational(200, LogEventKind.TaskRun, "UserName"),
        new(Scheduler, 201, Completed),
    ];

    /// <summary>The security log has the whole task as XML.</summary>
    private static WindowsEvent Audited(int id, LogEventKind kind, string? what) => new(SecurityLogins.Provider, id, (record, draft) =>
    {
        draft.User = record.Value("SubjectUserName");
        draft.UserSid = record.Value("SubjectUserSid");
        draft.Target = record.Value("TaskName");
        draft.Detail = what;
        string? xml = record.Text("TaskContent") ?? record.Text("TaskContentNew");
        draft.Command = xml is null ? null : EventValues.Join(Element(xml, "Command") is { } command ? command + (Element(xml, "Arguments") is { } arguments ? " " + arguments : "") : null);
        return draft.Is(kind);
    });

    private static WindowsEvent Operational(int id, LogEventKind kind, string user) => new(Scheduler, id, (record, draft) =>
    {
        draft.User = record.Value(user);
        draft.Target = record.Value("TaskName");
        draft.Command = record.Value("ActionName");
        return draft.Is(kind);
    });

    private static bool Completed(EventRecord record, EventDraft draft)
    {
        draft.Target = record.Value("TaskName");
        draft.Command = record.Value("ActionName");
        draft.Detail = record.Labelled("result", "ResultCode");
        return draft.Is(LogEventKind.TaskRun);
    }

    /// <summary>Text of the first element of a name. The XML is quoted by an event and is what the attacker wrote: it is searched, not parsed.</summary>
    private static string? Element(string xml, string name)
    {
        int begin = xml.IndexOf("<" + name + ">", StringComparison.Ordinal);
        int end = begin < 0 ? -1 : xml.IndexOf("</" + name + ">", begin, StringComparison.Ordinal);
        return end < 0 ? null : System.Net.WebUtility.HtmlDecode(xml[(begin + name.Length + 2)..end]).Trim();
    }
}
