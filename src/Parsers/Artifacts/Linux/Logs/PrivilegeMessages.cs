namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Messages of sudo, su, doas, pkexec and login.</summary>
internal static class PrivilegeMessages
{
    /// <summary><c>user : [reason ;] TTY=pts/0 ; PWD=/ ; USER=root ; [GROUP=, ENV=, TSID= ;] COMMAND=...</c>. Specification: sudoers(5), LOG FORMAT.</summary>
    public static bool Sudo(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (!scan.Until(" : "u8, out ReadOnlySpan<byte> user) || user.Length > 256)
        {
            return false;
        }
        draft.User = draft.Text(user.Trim((byte)' '));
        draft.Method = "sudo";
        if (scan.Take("(command continued) "u8))
        {
            draft.Command = EventDraft.LongText(scan.Rest);
            draft.Detail = "continued";
            return draft.Is(LogEventKind.PrivilegedCommand);
        }
        ReadOnlySpan<byte> rest = scan.Rest;
        int command = rest.IndexOf("COMMAND="u8);
        if (command >= 0)
        {
            draft.Command = EventDraft.LongText(rest[(command + 8)..]);
            rest = rest[..command];
        }
        int tty = rest.IndexOf("TTY="u8);
        if (command < 0 && tty < 0)
        {
            return false;
        }
        draft.Terminal = draft.Text(ByteScan.Between(rest, "TTY="u8, " ;"u8));
        draft.Target = draft.Text(ByteScan.Between(rest, "USER="u8, " ;"u8));
        ReadOnlySpan<byte> reason = (tty >= 0 ? rest[..tty] : rest).TrimEnd(" ;"u8);
        draft.Detail = reason.IsEmpty || reason.StartsWith("HOST="u8) || reason.StartsWith("PWD="u8) ? null : "refused: " + draft.Text(reason);
        return draft.Is(LogEventKind.PrivilegedCommand);
    }

    /// <summary>util-linux: <c>(to root) user on pts/0</c>; shadow: <c>Successful su for root by user</c>, <c>+ pts/0 user:root</c>.</summary>
    public static bool Su(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        draft.Method = "su";
        bool failed = scan.Take("FAILED SU "u8) || scan.Take("FAILED su "u8);
        if (scan.Take("(to "u8))
        {
            if (!scan.Until(") "u8, out ReadOnlySpan<byte> target) || !scan.UntilLast(" on "u8, out ReadOnlySpan<byte> user))
            {
                return false;
            }
            draft.Target = draft.Text(target);
            draft.User = draft.Text(user);
            draft.Terminal = draft.Text(scan.Rest);
        }
        else if (scan.Take("Successful su for "u8) || failed && scan.Take("for "u8))
        {
            if (!scan.Until(" by "u8, out ReadOnlySpan<byte> target))
            {
                return false;
            }
            draft.Target = draft.Text(target);
            draft.User = draft.Text(scan.Rest);
        }
        else
        {
            return false;
        }
        draft.Detail = failed ? "refused" : null;
        return draft.Is(LogEventKind.PrivilegedCommand);
    }

    /// <summary><c>user ran command CMD as root from /dir</c>, <c>command not permitted for user: CMD as root</c>.</summary>
    public static bool Doas(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        draft.Method = "doas";
        if (scan.Take("command not permitted for "u8) || scan.Take("failed command for "u8) || scan.Take("failed auth for "u8))
        {
            ReadOnlySpan<byte> who = scan.Rest;
            draft.User = draft.Text(scan.Until(": "u8, out ReadOnlySpan<byte> name) ? name : who);
            draft.Detail = "refused";
        }
        else if (scan.Until(" ran command "u8, out ReadOnlySpan<byte> user))
        {
            draft.User = draft.Text(user);
        }
        else
        {
            return false;
        }
        ReadOnlySpan<byte> rest = scan.Rest;
        if (scan.UntilLast(" as "u8, out ReadOnlySpan<byte> command))
        {
            draft.Target = draft.Text(scan.Word());
            rest = command;
        }
        draft.Command = EventDraft.LongText(rest);
        return draft.Is(LogEventKind.PrivilegedCommand);
    }

    /// <summary><c>user: Executing command [USER=root] [TTY=unknown] [CWD=/] [COMMAND=...]</c>.</summary>
    public static bool Pkexec(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (!scan.Until(": "u8, out ReadOnlySpan<byte> user) || scan.Rest.IndexOf("[COMMAND="u8) is not (>= 0 and int at))
        {
            return false;
        }
        draft.Method = "pkexec";
        draft.User = draft.Text(user);
        draft.Command = EventDraft.LongText(scan.Rest[(at + 9)..].TrimEnd((byte)']'));
        draft.Target = draft.Text(ByteScan.Between(scan.Rest[..at], "[USER="u8, "]"u8));
        draft.Terminal = draft.Text(ByteScan.Between(scan.Rest[..at], "[TTY="u8, "]"u8));
        draft.Detail = scan.Rest.StartsWith("Executing command"u8) ? null : "refused: " + draft.Text(scan.Rest[..at].TrimEnd((byte)' '));
        return draft.Is(LogEventKind.PrivilegedCommand);
    }

    /// <summary>login of util-linux and shadow: <c>ROOT LOGIN ON tty1</c>, <c>LOGIN ON tty1 BY user [FROM host]</c>, <c>FAILED LOGIN 1 FROM tty1 FOR user, reason</c>.</summary>
    public static bool Login(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        draft.Method = "login";
        if (scan.Take("ROOT LOGIN "u8))
        {
            draft.User = "root";
            scan.Take("on '"u8);
            scan.Take("ON "u8);
            draft.Terminal = draft.Text(scan.Word().TrimEnd((byte)'\''));
            draft.RemoteAddress = scan.Take("FROM "u8) || scan.Take("from '"u8) ? draft.Text(scan.Word().TrimEnd((byte)'\'')) : null;
            return draft.Is(LogEventKind.Login);
        }
        if (scan.Take("LOGIN ON "u8))
        {
            draft.Terminal = draft.Text(scan.Word());
            draft.User = scan.Take("BY "u8) ? draft.Text(scan.Word()) : null;
            draft.RemoteAddress = scan.Take("FROM "u8) ? draft.Text(scan.Word()) : null;
            return draft.Is(LogEventKind.Login);
        }
        if (scan.Take("FAILED LOGIN"u8))
        {
            // From the right: the name is chosen by who tries.
            scan.UntilLast(", "u8, out ReadOnlySpan<byte> before);
            draft.Detail = draft.Text(scan.Rest);
            var who = new ByteScan(before);
            if (!who.Until("FOR "u8, out ReadOnlySpan<byte> place))
            {
                return false;
            }
            draft.User = draft.Text(who.Rest.Trim((byte)'\''));
            ReadOnlySpan<byte> from = place.Trim((byte)' ');
            draft.Terminal = draft.Text(from[(from.LastIndexOf((byte)' ') + 1)..].Trim((byte)'\''));
            return draft.Is(LogEventKind.LoginFailed);
        }
        return false;
    }
}
