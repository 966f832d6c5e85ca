namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Messages of OpenSSH (auth.c, auth2.c, session.c of its sources) and of Dropbear.</summary>
internal static class SshMessages
{
    /// <summary>sshd, sshd-session and sshd-auth.</summary>
    public static bool OpenSsh(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        switch (text[0])
        {
            case (byte)'A':
                return scan.Take("Accepted "u8) && Accepted(scan, draft);
            case (byte)'F':
                return scan.Take("Failed "u8) && Failed(scan, draft);
            case (byte)'I':
                return (scan.Take("Invalid user "u8) || scan.Take("Illegal user "u8)) && Refused(scan.Rest, "unknown account", draft);
            case (byte)'D':
                return (scan.Take("Disconnected from user "u8) && Peer(scan.Rest, draft) && draft.Is(LogEventKind.SessionClosed))
                    || (scan.Take("Disconnecting "u8) && (scan.Take("authenticating user "u8) || scan.Take("invalid user "u8)) && Disconnecting(scan, draft));
            case (byte)'C':
                // "Connection closed by authenticating user U ADDRESS port N [preauth]"
                return scan.Take("Connection "u8) && (scan.Take("closed by "u8) || scan.Take("reset by "u8))
                    && (scan.Take("authenticating user "u8) || scan.Take("invalid user "u8)) && Peer(scan.Rest, draft)
                    && With(draft, LogEventKind.LoginFailed, "gave up");
            case (byte)'S':
                if (scan.Take("Server listening on "u8))
                {
                    draft.Detail = draft.Text(text);
                    return draft.Is(LogEventKind.ServiceStarted);
                }
                return scan.Take("Starting session: "u8) && StartingSession(scan, draft);
            case (byte)'U':
                return scan.Take("User "u8) && NotAllowed(scan, draft);
            case (byte)'R':
                if (text.StartsWith("Received signal 15; terminating"u8))
                {
                    return draft.Is(LogEventKind.ServiceStopped);
                }
                return scan.Take("ROOT LOGIN REFUSED FROM "u8) && RootRefused(scan, draft);
            case (byte)'e' or (byte)'m':
                scan.Take("error: "u8);
                return scan.Take("maximum authentication attempts exceeded for "u8) && Refused(TakeInvalid(scan.Rest), "too many attempts", draft);
            default:
                return false;
        }
    }

    /// <summary>dropbear.</summary>
    public static bool Dropbear(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (scan.Take("Password auth succeeded for '"u8) || scan.Take("PAM password auth succeeded for '"u8))
        {
            draft.Method = "password";
            return QuotedUser(ref scan, draft) && DropbearPeer(scan, draft) && draft.Is(LogEventKind.Login);
        }
        if (scan.Take("Pubkey auth succeeded for '"u8))
        {
            draft.Method = "publickey";
            if (!QuotedUser(ref scan, draft))
            {
                return false;
            }
            ReadOnlySpan<byte> key = ByteScan.Between(scan.Rest, "key "u8, " from "u8);
            int hash = key.IndexOf("SHA256:"u8);
            draft.KeyFingerprint = draft.Text(hash >= 0 ? key[hash..] : key);
            return DropbearPeer(scan, draft) && draft.Is(LogEventKind.Login);
        }
        if (scan.Take("Bad password attempt for '"u8) || scan.Take("Bad PAM password attempt for '"u8) || scan.Take("Login attempt with wrong user "u8))
        {
            draft.Method = "password";
            return QuotedUser(ref scan, draft) && DropbearPeer(scan, draft) && draft.Is(LogEventKind.LoginFailed);
        }
        if (scan.Take("Login attempt for nonexistent user"u8))
        {
            return DropbearPeer(scan, draft) && With(draft, LogEventKind.LoginFailed, "unknown account");
        }
        return false;
    }

    private static bool Accepted(ByteScan scan, EventDraft draft)
    {
        draft.Method = draft.Text(scan.Word());
        if (!scan.Take("for "u8) || !scan.Until(" from "u8, out ReadOnlySpan<byte> user) || !scan.Until(" port "u8, out ReadOnlySpan<byte> address) || !scan.Number(out long port))
        {
            return false;
        }
        draft.User = draft.Text(user);
        draft.RemoteAddress = draft.Text(address);
        draft.RemotePort = port;
        // " ssh2: ED25519 SHA256:...", " ssh2: RSA-CERT ID name (serial 1) CA RSA SHA256:...", " ssh2: RSA e8:31:..."
        if (scan.Until(": "u8, out _))
        {
            int hash = scan.Rest.LastIndexOf("SHA256:"u8);
            ReadOnlySpan<byte> key = hash >= 0 ? scan.Rest[hash..] : scan.Rest[(scan.Rest.LastIndexOf((byte)' ') + 1)..];
            int blank = key.IndexOf((byte)' ');
            draft.KeyFingerprint = draft.Text(blank < 0 ? key : key[..blank]);
            draft.Detail = scan.Rest.Contains((byte)' ') && scan.Rest.IndexOf("CERT"u8) >= 0 ? EventDraft.LongText(scan.Rest) : draft.Text(scan.Word());
        }
        return draft.Is(LogEventKind.Login);
    }

    private static bool Failed(ByteScan scan, EventDraft draft)
    {
        ReadOnlySpan<byte> method = scan.Word();
        draft.Method = draft.Text(method);
        return scan.Take("for "u8) && Refused(TakeInvalid(scan.Rest), scan.Rest.StartsWith("invalid user "u8) ? "unknown account" : null, draft);
    }

    private static ReadOnlySpan<byte> TakeInvalid(ReadOnlySpan<byte> text)
    {
        var scan = new ByteScan(text);
        return scan.Take("invalid user "u8) || scan.Take("illegal user "u8) ? scan.Rest : text;
    }

    /// <summary><c>USER from ADDRESS port N ...</c>. The name is chosen by the other side and may look like the rest, so the rest is taken from the right.</summary>
    private static bool Refused(ReadOnlySpan<byte> text, string? detail, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (!scan.UntilLast(" from "u8, out ReadOnlySpan<byte> user))
        {
            return false;
        }
        draft.User = draft.Text(user);
        draft.RemoteAddress = draft.Text(scan.Word());
        if (scan.Take("port "u8) && scan.Number(out long port))
        {
            draft.RemotePort = port;
        }
        draft.Detail = detail;
        return draft.Is(LogEventKind.LoginFailed);
    }

    /// <summary><c>USER ADDRESS port N ...</c>, from the right.</summary>
    private static bool Peer(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (!scan.UntilLast(" port "u8, out ReadOnlySpan<byte> before) || !scan.Number(out long port))
        {
            return false;
        }
        int blank = before.LastIndexOf((byte)' ');
        draft.RemotePort = port;
        draft.RemoteAddress = draft.Text(before[(blank + 1)..]);
        draft.User = blank > 0 ? draft.Text(before[..blank]) : null;
        return true;
    }

    private static bool Disconnecting(ByteScan scan, EventDraft draft)
    {
        return scan.Until(": "u8, out ReadOnlySpan<byte> peer) && Peer(peer, draft) && With(draft, LogEventKind.LoginFailed, draft.Text(scan.Rest));
    }

    private static bool NotAllowed(ByteScan scan, EventDraft draft)
    {
        if (!scan.Until(" not allowed because "u8, out ReadOnlySpan<byte> peer))
        {
            return false;
        }
        var who = new ByteScan(peer);
        bool hasAddress = who.UntilLast(" from "u8, out ReadOnlySpan<byte> user);
        draft.User = draft.Text(hasAddress ? user : peer);
        draft.RemoteAddress = hasAddress ? draft.Text(who.Rest) : null;
        return With(draft, LogEventKind.LoginFailed, draft.Text(scan.Rest));
    }

    private static bool StartingSession(ByteScan scan, EventDraft draft)
    {
        // "command for root from 192.0.2.1 port 22 id 0", "shell on pts/0 for ...", "forced-command (config) 'x' for ...": what cannot be forged is at the right.
        if (!scan.UntilLast(" from "u8, out ReadOnlySpan<byte> before))
        {
            return false;
        }
        draft.RemoteAddress = draft.Text(scan.Word());
        if (scan.Take("port "u8) && scan.Number(out long port))
        {
            draft.RemotePort = port;
        }
        var what = new ByteScan(before);
        if (what.UntilLast(" for "u8, out ReadOnlySpan<byte> session))
        {
            draft.User = draft.Text(what.Rest);
            draft.Detail = EventDraft.LongText(session);
        }
        draft.Method = "ssh";
        return draft.Is(LogEventKind.SessionOpened);
    }

    private static bool RootRefused(ByteScan scan, EventDraft draft)
    {
        draft.User = "root";
        draft.RemoteAddress = draft.Text(scan.Word());
        return With(draft, LogEventKind.LoginFailed, "root refused");
    }

    private static bool QuotedUser(ref ByteScan scan, EventDraft draft)
    {
        if (!scan.UntilLast("' "u8, out ReadOnlySpan<byte> user))
        {
            return false;
        }
        draft.User = draft.Text(user);
        return true;
    }

    private static bool DropbearPeer(ByteScan scan, EventDraft draft)
    {
        int from = scan.Rest.LastIndexOf("from "u8);
        if (from < 0)
        {
            return false;
        }
        ReadOnlySpan<byte> peer = scan.Rest[(from + 5)..];
        int colon = peer.LastIndexOf((byte)':');
        draft.RemoteAddress = draft.Text(colon < 0 ? peer : peer[..colon]);
        draft.RemotePort = colon < 0 ? null : ByteScan.NumberOf(peer[(colon + 1)..]);
        return true;
    }

    private static bool With(EventDraft draft, LogEventKind kind, string? detail)
    {
        draft.Detail = detail;
        return draft.Is(kind);
    }
}
