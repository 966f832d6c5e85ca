namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Messages of PAM modules, which come under the name of whatever program uses them: <c>pam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)</c>.</summary>
internal static class PamMessages
{
    public static bool Classify(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (!scan.Until("("u8, out ReadOnlySpan<byte> module) || module.Length > 32 || !scan.Until("): "u8, out ReadOnlySpan<byte> service) || service.Length > 64)
        {
            return false;
        }
        int colon = service.IndexOf((byte)':');
        // "pam_unix(sshd:session)" is known as the service it was called for.
        draft.Method = draft.Text(text[..(module.Length + 1 + (colon < 0 ? service.Length : colon))]) + ")";
        if (scan.Take("session opened for user "u8))
        {
            Opened(scan, draft);
            return draft.Is(LogEventKind.SessionOpened);
        }
        if (scan.Take("session closed for user "u8))
        {
            draft.User = draft.Text(scan.Rest);
            return draft.Is(LogEventKind.SessionClosed);
        }
        if (scan.Take("authentication failure; "u8))
        {
            Failure(scan.Rest, draft);
            return draft.Is(LogEventKind.LoginFailed);
        }
        if (scan.Take("password changed for "u8))
        {
            draft.Target = draft.Text(scan.Rest);
            return draft.Is(LogEventKind.PasswordChanged);
        }
        if (scan.Take("Consecutive login failures for user "u8))
        {
            draft.User = draft.Text(scan.Word());
            draft.Detail = "account temporarily locked";
            return draft.Is(LogEventKind.LoginFailed);
        }
        return false;
    }

    private static void Opened(ByteScan scan, EventDraft draft)
    {
        // "root(uid=0) by admin(uid=1000)", older "root by (uid=0)"
        bool hasOpener = scan.UntilLast(" by "u8, out ReadOnlySpan<byte> user);
        user = hasOpener ? user : scan.Rest;
        int paren = user.LastIndexOf("(uid="u8);
        if (paren >= 0)
        {
            draft.UserId = ByteScan.NumberOf(user[(paren + 5)..].TrimEnd((byte)')'));
            user = user[..paren];
        }
        draft.User = draft.Text(user);
        if (hasOpener)
        {
            ReadOnlySpan<byte> opener = scan.Rest;
            int end = opener.IndexOf((byte)'(');
            draft.Detail = end > 0 ? "by " + draft.Text(opener[..end]) : null;
        }
    }

    /// <summary><c>logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root</c>; user comes last and is chosen by the other side.</summary>
    private static void Failure(ReadOnlySpan<byte> text, EventDraft draft)
    {
        int user = text.IndexOf("  user="u8);
        ReadOnlySpan<byte> rest = user >= 0 ? text[..user] : text;
        draft.User = user >= 0 ? draft.Text(text[(user + 7)..]) : null;
        ReadOnlySpan<byte> host = ByteScan.Between(rest, "rhost="u8, " "u8);
        draft.RemoteAddress = draft.Text(host);
        draft.Terminal = draft.Text(ByteScan.Between(rest, "tty="u8, " "u8));
        draft.User ??= draft.Text(ByteScan.Between(rest, "ruser="u8, " "u8));
        draft.Detail = "authentication failure";
    }
}
