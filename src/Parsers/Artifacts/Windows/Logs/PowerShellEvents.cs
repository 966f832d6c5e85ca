using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Engine, commands and pipelines of PowerShell; script blocks are put together by <see cref="ScriptBlocks"/>.</summary>
internal static class PowerShellEvents
{
    private const string Classic = "PowerShell";
    private const string Application = "HostApplication=";

    public static IReadOnlyList<WindowsEvent> Events { get; } =
    [
        new(Classic, 400, (record, draft) => Host(record, draft, "engine started")),
        new(Classic, 403, (record, draft) => Host(record, draft, "engine stopped")),
        new(Classic, 600, (record, draft) => Host(record, draft, "provider " + record.At(0))),
        new(Classic, 800, Pipeline),
        new(ScriptBlocks.Provider, 4103, Command),
        new(ScriptBlocks.CoreProvider, 4103, Command),
        new(ScriptBlocks.Provider, ScriptBlocks.EventId, (_, _) => false),
        new(ScriptBlocks.CoreProvider, ScriptBlocks.EventId, (_, _) => false),
    ];

    private static bool Host(EventRecord record, EventDraft draft, string detail)
    {
        draft.Command = ApplicationOf(record.At(2));
        draft.Detail = EventValues.Clip(detail);
        return draft.Is(LogEventKind.ScriptHost);
    }

    private static bool Pipeline(EventRecord record, EventDraft draft)
    {
        draft.Command = record.At(0);
        draft.Process = ApplicationOf(record.At(1));
        return draft.Command is not null && draft.Is(LogEventKind.ScriptRun);
    }

    private static bool Command(EventRecord record, EventDraft draft)
    {
        draft.Command = record.Value("Payload");
        draft.UserSid = record.UserSid;
        return draft.Command is not null && draft.Is(LogEventKind.ScriptRun);
    }

    /// <summary>The command line of the program that PowerShell runs in, out of the lines of details.</summary>
    private static string? ApplicationOf(string? details)
    {
        if (details is null || details.IndexOf(Application, StringComparison.Ordinal) is not (>= 0 and int begin))
        {
            return null;
        }
        begin += Application.Length;
        int end = details.AsSpan(begin).IndexOfAny('\r', '\n');
        string text = (end < 0 ? details[begin..] : details[begin..(begin + end)]).Trim();
        return text.Length == 0 ? null : text;
    }
}
