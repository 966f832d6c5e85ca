namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Messages of systemd and its helpers, of the loggers, and of programs that set the clock.</summary>
internal static class ServiceMessages
{
    /// <summary>The manager (process 1 and those of users).</summary>
    public static bool Systemd(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        switch (text[0])
        {
            case (byte)'S':
                if (scan.Take("Started "u8))
                {
                    return Unit(scan.Rest, draft) && draft.Is(LogEventKind.ServiceStarted);
                }
                if (scan.Take("Stopped "u8))
                {
                    return Unit(scan.Rest, draft) && draft.Is(LogEventKind.ServiceStopped);
                }
                if (scan.Take("Startup finished in "u8))
                {
                    draft.Detail = "startup finished";
                    return draft.Is(LogEventKind.Boot);
                }
                return (text.StartsWith("Shutting down."u8) || text.StartsWith("System is "u8)) && draft.Is(LogEventKind.Shutdown);
            case (byte)'F':
                return scan.Take("Failed to start "u8) && Unit(scan.Rest, draft) && draft.Is(LogEventKind.ServiceFailed);
            case (byte)'R':
                if (scan.Take("Reached target "u8) && (scan.Rest.IndexOf("Shutdown"u8) >= 0 || scan.Rest.IndexOf("shutdown.target"u8) >= 0))
                {
                    return draft.Is(LogEventKind.Shutdown);
                }
                return false;
            case (byte)'T':
                return Clock(text, draft);
            case (byte)'s':
                // "systemd 252 running in system mode"
                if (text.StartsWith("systemd "u8) && text.IndexOf(" running in system mode"u8) > 0)
                {
                    draft.Detail = "systemd started";
                    return draft.Is(LogEventKind.Boot);
                }
                break;
        }
        int failed = text.IndexOf(": Failed with result "u8);
        if (failed > 0 && text[..failed].IndexOf((byte)' ') < 0)
        {
            draft.Unit = draft.Text(text[..failed]);
            draft.Detail = draft.Text(text[(failed + ": Failed with result "u8.Length)..].Trim("'."u8));
            return draft.Is(LogEventKind.ServiceFailed);
        }
        return false;
    }

    /// <summary>systemd-logind: sessions and the end of the system.</summary>
    public static bool Logind(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (scan.Take("New session "u8) && scan.Until(" of user "u8, out _))
        {
            draft.User = draft.Text(scan.Rest.TrimEnd((byte)'.'));
            draft.Method = "logind";
            return draft.Is(LogEventKind.SessionOpened);
        }
        if (text.StartsWith("System is powering down"u8) || text.StartsWith("System is rebooting"u8) || text.StartsWith("System is halting"u8) || text.StartsWith("The system will "u8))
        {
            draft.Detail = draft.Text(text);
            return draft.Is(LogEventKind.Shutdown);
        }
        return false;
    }

    /// <summary>systemd-journald.</summary>
    public static bool Journald(ReadOnlySpan<byte> text, EventDraft draft)
    {
        if (text.StartsWith("Suppressed "u8) || text.StartsWith("Missed "u8))
        {
            draft.Detail = draft.Text(text);
            return draft.Is(LogEventKind.LogGap);
        }
        if (text.StartsWith("Journal started"u8) || text.StartsWith("Journal stopped"u8) || text.IndexOf("corrupted or uncleanly shut down"u8) > 0)
        {
            draft.Detail = draft.Text(text);
            return draft.Is(LogEventKind.LoggerChanged);
        }
        return false;
    }

    /// <summary>rsyslogd.</summary>
    public static bool Rsyslog(ReadOnlySpan<byte> text, EventDraft draft)
    {
        if (text.EndsWith("] start"u8) || text.EndsWith("] (re)start"u8) || text.IndexOf("exiting on signal"u8) >= 0)
        {
            draft.Detail = text.EndsWith("start"u8) ? "started" : "stopped";
            return draft.Is(LogEventKind.LoggerChanged);
        }
        if (text.IndexOf("messages lost due to rate-limiting"u8) > 0 || text.IndexOf("begin to drop messages due to rate-limiting"u8) > 0)
        {
            draft.Detail = draft.Text(text);
            return draft.Is(LogEventKind.LogGap);
        }
        return false;
    }

    /// <summary>syslog-ng, sysklogd and BusyBox' syslogd.</summary>
    public static bool SyslogNg(ReadOnlySpan<byte> text, EventDraft draft)
    {
        bool starts = text.StartsWith("syslog-ng starting up"u8) || text.StartsWith("syslogd started"u8) || text.StartsWith("restart"u8);
        if (starts || text.StartsWith("syslog-ng shutting down"u8) || text.StartsWith("exiting on signal"u8) || text.StartsWith("syslogd exiting"u8))
        {
            draft.Detail = starts ? "started" : "stopped";
            return draft.Is(LogEventKind.LoggerChanged);
        }
        return false;
    }

    /// <summary>The clock was set: systemd, chronyd, ntpd.</summary>
    public static bool Clock(ReadOnlySpan<byte> text, EventDraft draft)
    {
        if (text.StartsWith("Time has been changed"u8) || text.StartsWith("System clock was stepped by"u8) || text.StartsWith("time reset"u8) || text.StartsWith("Time jumped"u8))
        {
            draft.Detail = draft.Text(text);
            return draft.Is(LogEventKind.ClockChanged);
        }
        return false;
    }

    /// <summary>
    /// <c>ssh.service - OpenBSD Secure Shell server.</c> (systemd 250 and later), or the description alone. Sessions, slices, scopes and targets are no services.
    /// </summary>
    private static bool Unit(ReadOnlySpan<byte> text, EventDraft draft)
    {
        text = text.TrimEnd((byte)'.');
        int dash = text.IndexOf(" - "u8);
        ReadOnlySpan<byte> name = dash > 0 ? text[..dash] : text;
        bool isName = name.IndexOf((byte)' ') < 0 && name.LastIndexOf((byte)'.') > 0;
        if (isName ? name.EndsWith(".scope"u8) || name.EndsWith(".slice"u8) || name.EndsWith(".target"u8) || name.EndsWith(".device"u8) : name.StartsWith("Session "u8))
        {
            return false;
        }
        draft.Unit = isName ? draft.Text(name) : null;
        draft.Detail = draft.Text(isName && dash > 0 ? text[(dash + 3)..] : text);
        return !text.IsEmpty;
    }
}
