namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>A message of a program, wherever it was logged: a syslog file or the journal.</summary>
/// <param name="process">Name of the program without directories.</param>
/// <param name="text">The message.</param>
internal readonly ref struct LogMessage(ReadOnlySpan<byte> process, ReadOnlySpan<byte> text)
{
    public ReadOnlySpan<byte> Process { get; } = process;
    public ReadOnlySpan<byte> Text { get; } = text;
}

/// <summary>
/// Says what a message means. The program is told by its name first, so that most lines cost one comparison; nothing is searched for by regular expressions.
/// </summary>
internal static class MessageClassifier
{
    /// <summary>Fills the draft, which is empty; false when the message means nothing that is kept.</summary>
    public static bool Classify(LogMessage message, EventDraft draft)
    {
        ReadOnlySpan<byte> text = message.Text;
        if (text.IsEmpty)
        {
            return false;
        }
        if (text[0] == 'm' && text.StartsWith("message repeated "u8) && Unrepeat(ref text, out long times))
        {
            draft.Times = times;
        }
        if (text.IsEmpty)
        {
            return false;
        }
        if (text.StartsWith("pam_"u8))
        {
            return PamMessages.Classify(text, draft);
        }
        ReadOnlySpan<byte> process = message.Process;
        if (process.IsEmpty)
        {
            return false;
        }
        // Newer systemd forks its helpers under "(name)".
        process = process[0] == '(' && process[^1] == ')' ? process[1..^1] : process;
        if (process.IsEmpty)
        {
            return false;
        }
        return process[0] switch
        {
            (byte)'s' => ClassifyS(process, text, draft),
            (byte)'C' or (byte)'c' => ClassifyC(process, text, draft),
            (byte)'k' => process.SequenceEqual("kernel"u8) && KernelMessages.Classify(text, draft),
            (byte)'u' or (byte)'g' or (byte)'p' or (byte)'a' or (byte)'n' => ClassifyAccounts(process, text, draft),
            (byte)'l' or (byte)'d' => ClassifyLogins(process, text, draft),
            (byte)'r' => process.SequenceEqual("rsyslogd"u8) && ServiceMessages.Rsyslog(text, draft),
            _ => false,
        };
    }

    private static bool ClassifyS(ReadOnlySpan<byte> process, ReadOnlySpan<byte> text, EventDraft draft)
    {
        if (process.SequenceEqual("systemd"u8))
        {
            return ServiceMessages.Systemd(text, draft);
        }
        if (process.SequenceEqual("sshd"u8) || process.SequenceEqual("sshd-session"u8) || process.SequenceEqual("sshd-auth"u8))
        {
            return SshMessages.OpenSsh(text, draft);
        }
        if (process.SequenceEqual("sudo"u8))
        {
            return PrivilegeMessages.Sudo(text, draft);
        }
        if (process.SequenceEqual("su"u8))
        {
            return PrivilegeMessages.Su(text, draft);
        }
        if (process.SequenceEqual("systemd-logind"u8))
        {
            return ServiceMessages.Logind(text, draft);
        }
        if (process.SequenceEqual("shutdown"u8) || process.SequenceEqual("systemd-shutdown"u8))
        {
            return text.StartsWith("shutting down"u8) && draft.Is(LogEventKind.Shutdown);
        }
        if (process.SequenceEqual("systemd-journald"u8))
        {
            return ServiceMessages.Journald(text, draft);
        }
        return process.SequenceEqual("syslogd"u8) || process.SequenceEqual("syslog-ng"u8) ? ServiceMessages.SyslogNg(text, draft) : false;
    }

    private static bool ClassifyC(ReadOnlySpan<byte> process, ReadOnlySpan<byte> text, EventDraft draft)
    {
        if (process.SequenceEqual("CRON"u8) || process.SequenceEqual("CROND"u8) || process.SequenceEqual("crond"u8) || process.SequenceEqual("cron"u8) || process.SequenceEqual("crontab"u8))
        {
            return CronMessages.Cron(text, draft);
        }
        if (process.SequenceEqual("chpasswd"u8) || process.SequenceEqual("chage"u8) || process.SequenceEqual("chsh"u8) || process.SequenceEqual("chfn"u8))
        {
            return AccountMessages.Classify(text, draft);
        }
        return process.SequenceEqual("chronyd"u8) && ServiceMessages.Clock(text, draft);
    }

    private static bool ClassifyAccounts(ReadOnlySpan<byte> process, ReadOnlySpan<byte> text, EventDraft draft)
    {
        if (process.SequenceEqual("anacron"u8))
        {
            return CronMessages.Anacron(text, draft);
        }
        if (process.SequenceEqual("ntpd"u8))
        {
            return ServiceMessages.Clock(text, draft);
        }
        if (process.SequenceEqual("pkexec"u8))
        {
            return PrivilegeMessages.Pkexec(text, draft);
        }
        return process.StartsWith("user"u8) || process.StartsWith("group"u8) || process.SequenceEqual("gpasswd"u8) || process.SequenceEqual("passwd"u8)
            || process.SequenceEqual("adduser"u8) || process.SequenceEqual("addgroup"u8) || process.SequenceEqual("newusers"u8)
            ? AccountMessages.Classify(text, draft) : false;
    }

    private static bool ClassifyLogins(ReadOnlySpan<byte> process, ReadOnlySpan<byte> text, EventDraft draft)
    {
        if (process.SequenceEqual("login"u8))
        {
            return PrivilegeMessages.Login(text, draft);
        }
        if (process.SequenceEqual("dropbear"u8))
        {
            return SshMessages.Dropbear(text, draft);
        }
        return (process.SequenceEqual("doas"u8) && PrivilegeMessages.Doas(text, draft))
            || (process.SequenceEqual("delgroup"u8) || process.SequenceEqual("deluser"u8)) && AccountMessages.Classify(text, draft);
    }

    /// <summary>rsyslog and sysklogd fold equal messages: <c>message repeated 5 times: [ text]</c>.</summary>
    private static bool Unrepeat(ref ReadOnlySpan<byte> text, out long times)
    {
        var scan = new ByteScan(text["message repeated "u8.Length..]);
        if (!scan.Number(out times) || !scan.Take(" times: ["u8))
        {
            times = 1;
            return false;
        }
        text = scan.Rest.TrimStart((byte)' ');
        if (!text.IsEmpty && text[^1] == ']')
        {
            text = text[..^1];
        }
        // The number is the log's word: one that no logger can reach does not drown what was counted.
        times = Math.Clamp(times, 1, 1_000_000);
        return !text.IsEmpty;
    }
}
