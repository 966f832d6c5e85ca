namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Messages of cron (Vixie, cronie, BusyBox), crontab and anacron.</summary>
internal static class CronMessages
{
    /// <summary><c>(user) CMD (command)</c>, <c>(user) REPLACE (owner)</c>, BusyBox <c>USER root pid 12 cmd command</c>.</summary>
    public static bool Cron(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (scan.Take("("u8))
        {
            return scan.Until(") "u8, out ReadOnlySpan<byte> user) && Action(scan, user, draft);
        }
        if (scan.Take("USER "u8))
        {
            draft.User = draft.Text(scan.Word());
            if (!scan.Take("pid "u8))
            {
                return false;
            }
            draft.ProcessId = ByteScan.NumberOf(scan.Word());
            if (!scan.Take("cmd "u8))
            {
                return false;
            }
            draft.Command = EventDraft.LongText(scan.Rest);
            return draft.Is(LogEventKind.CronRun);
        }
        return false;
    }

    /// <summary><c>Job `cron.daily' started</c>.</summary>
    public static bool Anacron(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (!scan.Take("Job `"u8) || !scan.Until("' started"u8, out ReadOnlySpan<byte> job))
        {
            return false;
        }
        draft.Method = "anacron";
        draft.User = "root";
        draft.Target = draft.Text(job);
        return draft.Is(LogEventKind.CronRun);
    }

    private static bool Action(ByteScan scan, ReadOnlySpan<byte> user, EventDraft draft)
    {
        draft.User = draft.Text(user);
        if (scan.Take("CMD ("u8))
        {
            // The command may hold parentheses itself; the last one is cron's.
            ReadOnlySpan<byte> command = scan.Rest;
            draft.Command = EventDraft.LongText(command.EndsWith(")"u8) ? command[..^1] : command);
            return draft.Is(LogEventKind.CronRun);
        }
        ReadOnlySpan<byte> action = scan.Until(" ("u8, out ReadOnlySpan<byte> name) ? name : scan.Rest;
        ReadOnlySpan<byte> object_ = scan.Rest.EndsWith(")"u8) ? scan.Rest[..^1] : scan.Rest;
        bool isChange = action.SequenceEqual("REPLACE"u8) || action.SequenceEqual("DELETE"u8) || action.SequenceEqual("BEGIN EDIT"u8) || action.SequenceEqual("END EDIT"u8)
            || action.SequenceEqual("RELOAD"u8) || action.SequenceEqual("LOAD"u8);
        if (isChange || action.SequenceEqual("LIST"u8))
        {
            draft.Detail = draft.Text(action);
            draft.Target = draft.Text(object_);
            return draft.Is(LogEventKind.CronTableChanged);
        }
        if (action.SequenceEqual("ORPHAN"u8) || action.SequenceEqual("CAN'T OPEN"u8) || action.SequenceEqual("WRONG FILE OWNER"u8) || action.SequenceEqual("INSECURE MODE"u8)
            || action.SequenceEqual("BAD FILE MODE"u8) || action.SequenceEqual("AUTH"u8) || action.SequenceEqual("PASSWORD EXPIRED"u8))
        {
            draft.Detail = draft.Text(action);
            draft.Target = draft.Text(object_);
            return draft.Is(LogEventKind.CronTableChanged);
        }
        return false;
    }
}
