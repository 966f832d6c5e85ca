namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Messages of the shadow tools (useradd, usermod, groupadd, passwd ...), of BusyBox' and of Debian's adduser.</summary>
internal static class AccountMessages
{
    public static bool Classify(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        switch (text[0])
        {
            case (byte)'n':
                // "new user: name=bob, UID=1001, GID=1001, home=/home/bob, shell=/bin/bash, from=/dev/pts/1"
                return scan.Take("new user: name="u8) ? NewUser(scan, draft) : (scan.Take("new group: name="u8) || scan.Take("new group added: name="u8)) && NewGroup(scan, draft);
            case (byte)'g':
                return scan.Take("group added to /etc/group: name="u8) ? NewGroup(scan, draft) : GroupText(text, draft);
            case (byte)'a':
                return (scan.Take("add '"u8) && Member(scan, "added", draft)) || (scan.Take("account added"u8) && Changed(text, draft, LogEventKind.AccountCreated));
            case (byte)'d':
                if (scan.Take("delete user '"u8))
                {
                    draft.Target = scan.Until("'"u8, out ReadOnlySpan<byte> user) ? draft.Text(user) : null;
                    return draft.Is(LogEventKind.AccountDeleted);
                }
                return scan.Take("delete '"u8) && Member(scan, "removed", draft);
            case (byte)'c':
                return Change(text, draft);
            case (byte)'l' or (byte)'u':
                if (scan.Take("lock user '"u8) || scan.Take("unlock user '"u8))
                {
                    draft.Target = scan.Until("'"u8, out ReadOnlySpan<byte> user) ? draft.Text(user) : null;
                    draft.Detail = text[0] == 'l' ? "locked" : "unlocked";
                    return draft.Is(LogEventKind.AccountChanged);
                }
                return scan.Take("user "u8) && GroupPassword(scan, draft);
            case (byte)'r':
                return (text.StartsWith("removed group '"u8) || text.StartsWith("remove group '"u8)) && GroupText(text, draft);
            case (byte)'m':
                return scan.Take("members of group "u8) && GroupSet(scan, draft);
            case (byte)'p':
                return scan.Take("password for "u8) && Password(scan, draft);
            default:
                return false;
        }
    }

    private static bool NewUser(ByteScan scan, EventDraft draft)
    {
        if (!scan.Until(", UID="u8, out ReadOnlySpan<byte> name))
        {
            return false;
        }
        draft.Target = draft.Text(name);
        if (scan.Number(out long id))
        {
            draft.UserId = id;
        }
        draft.Detail = EventDraft.LongText(scan.Rest.TrimStart(", "u8));
        draft.Terminal = draft.Text(ByteScan.Between(scan.Rest, "from="u8, ","u8));
        return draft.Is(LogEventKind.AccountCreated);
    }

    private static bool NewGroup(ByteScan scan, EventDraft draft)
    {
        draft.Target = draft.Text(scan.Until(","u8, out ReadOnlySpan<byte> name) ? name : scan.Rest);
        draft.Detail = "created" + (scan.Rest.IsEmpty ? "" : "," + draft.Text(scan.Rest));
        return draft.Is(LogEventKind.GroupChanged);
    }

    /// <summary><c>bob' to group 'sudo'</c>, <c>bob' from shadow group 'sudo'</c>. The same is logged for group and gshadow: the second only says it again.</summary>
    private static bool Member(ByteScan scan, string what, EventDraft draft)
    {
        if (!scan.Until("' "u8, out ReadOnlySpan<byte> member) || !scan.Until("group '"u8, out ReadOnlySpan<byte> relation) || relation.IndexOf("shadow"u8) >= 0)
        {
            return false;
        }
        draft.User = draft.Text(member);
        draft.Target = draft.Text(scan.Rest.TrimEnd((byte)'\''));
        draft.Detail = what;
        return draft.Is(LogEventKind.GroupChanged);
    }

    private static bool GroupText(ReadOnlySpan<byte> text, EventDraft draft)
    {
        if (text.IndexOf("shadow"u8) >= 0)
        {
            return false;
        }
        draft.Target = draft.Text(ByteScan.Between(text, "'"u8, "'"u8));
        draft.Detail = EventDraft.LongText(text);
        return draft.Is(LogEventKind.GroupChanged);
    }

    private static bool Change(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (scan.Take("change user name '"u8) || scan.Take("change user '"u8) || scan.Take("changed user '"u8))
        {
            draft.Target = scan.Until("'"u8, out ReadOnlySpan<byte> user) ? draft.Text(user) : null;
            if (scan.Rest.SequenceEqual(" password"u8))
            {
                return draft.Is(LogEventKind.PasswordChanged);
            }
            draft.Detail = EventDraft.LongText(scan.Rest.TrimStart((byte)' '));
            return draft.Is(LogEventKind.AccountChanged);
        }
        if (scan.Take("changed password expiry for "u8))
        {
            draft.Target = draft.Text(scan.Rest);
            draft.Detail = "password expiry";
            return draft.Is(LogEventKind.AccountChanged);
        }
        return false;
    }

    private static bool Changed(ReadOnlySpan<byte> text, EventDraft draft, LogEventKind kind)
    {
        draft.Detail = EventDraft.LongText(text);
        return draft.Is(kind);
    }

    /// <summary>gpasswd: <c>user bob added by root to group sudo</c>, <c>user bob removed by root from group sudo</c>.</summary>
    private static bool GroupPassword(ByteScan scan, EventDraft draft)
    {
        draft.User = draft.Text(scan.Word());
        ReadOnlySpan<byte> what = scan.Word();
        if (!scan.UntilLast(" group "u8, out ReadOnlySpan<byte> by))
        {
            return false;
        }
        draft.Target = draft.Text(scan.Rest);
        draft.Detail = draft.Text(what) + " " + draft.Text(by);
        return draft.Is(LogEventKind.GroupChanged);
    }

    private static bool GroupSet(ByteScan scan, EventDraft draft)
    {
        draft.Target = draft.Text(scan.Word());
        draft.Detail = "members " + EventDraft.LongText(scan.Rest);
        return draft.Is(LogEventKind.GroupChanged);
    }

    /// <summary>shadow: <c>password for 'bob' changed by 'root'</c>; BusyBox without quotes.</summary>
    private static bool Password(ByteScan scan, EventDraft draft)
    {
        if (!scan.Until(" changed by "u8, out ReadOnlySpan<byte> account))
        {
            return false;
        }
        draft.Target = draft.Text(account.Trim((byte)'\''));
        draft.User = draft.Text(scan.Rest.Trim((byte)'\''));
        return draft.Is(LogEventKind.PasswordChanged);
    }
}
