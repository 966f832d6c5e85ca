namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>What single records of the audit system mean. Those that make up one event together (executions) are put together by <see cref="AuditEvents"/>.</summary>
internal static class AuditMessages
{
    public static bool Classify(AuditRecord record, EventDraft draft)
    {
        ReadOnlySpan<byte> type = record.Type;
        if (type.StartsWith("USER_"u8))
        {
            return User(record, type[5..], draft);
        }
        if (type.StartsWith("SERVICE_ST"u8))
        {
            draft.Unit = record.Text("unit"u8);
            Actor(record, draft);
            return draft.Is(!Succeeded(record) ? LogEventKind.ServiceFailed : type.SequenceEqual("SERVICE_START"u8) ? LogEventKind.ServiceStarted : LogEventKind.ServiceStopped);
        }
        if (type.StartsWith("ADD_"u8) || type.StartsWith("DEL_"u8) || type.StartsWith("ACCT_"u8) || type.StartsWith("GRP_"u8))
        {
            return Account(record, type, draft);
        }
        if (type.StartsWith("DAEMON_"u8) || type.SequenceEqual("CONFIG_CHANGE"u8))
        {
            Actor(record, draft);
            draft.Target = AuditTypes.Display(type);
            draft.Detail = record.Text("op"u8);
            draft.Command = record.Text("key"u8);
            return draft.Is(LogEventKind.LoggerChanged);
        }
        if (type.SequenceEqual("KERN_MODULE"u8))
        {
            draft.Target = record.Text("name"u8);
            return draft.Is(LogEventKind.KernelModule);
        }
        if (type.SequenceEqual("SYSTEM_BOOT"u8) || type.SequenceEqual("SYSTEM_SHUTDOWN"u8))
        {
            return draft.Is(type.SequenceEqual("SYSTEM_BOOT"u8) ? LogEventKind.Boot : LogEventKind.Shutdown);
        }
        if (type.SequenceEqual("ANOM_PROMISCUOUS"u8) || type.SequenceEqual("ANOM_ABEND"u8))
        {
            Actor(record, draft);
            draft.Target = record.Text("dev"u8) ?? record.Text("exe"u8);
            draft.Detail = AuditTypes.Display(type);
            return draft.Is(LogEventKind.KernelNotice);
        }
        if (type.SequenceEqual("TTY"u8))
        {
            Actor(record, draft);
            draft.Command = record.Text("data"u8);
            draft.Method = "tty";
            return draft.Command is not null && draft.Is(LogEventKind.HistoryCommand);
        }
        return false;
    }

    /// <summary>Whether <c>res</c> says so; records write <c>success</c>, <c>failed</c>, <c>1</c> or <c>0</c>.</summary>
    public static bool Succeeded(AuditRecord record)
    {
        ReadOnlySpan<byte> result = record.Raw("res"u8);
        return result.IsEmpty || result.SequenceEqual("success"u8) || result.SequenceEqual("1"u8) || result.SequenceEqual("yes"u8);
    }

    /// <summary>Who acted: the login user id, which su and sudo do not change, and the program.</summary>
    public static void Actor(AuditRecord record, EventDraft draft)
    {
        draft.UserId = record.Number("auid"u8) ?? record.Number("uid"u8);
        draft.User ??= record.Name("AUID"u8) ?? record.Name("UID"u8);
        draft.Process = record.Text("exe"u8) ?? record.Text("comm"u8);
        draft.ProcessId = record.Number("pid"u8);
    }

    private static bool User(AuditRecord record, ReadOnlySpan<byte> what, EventDraft draft)
    {
        bool succeeded = Succeeded(record);
        Actor(record, draft);
        if (what.SequenceEqual("CMD"u8))
        {
            draft.Command = record.Text("cmd"u8);
            draft.Terminal = record.Text("terminal"u8);
            draft.Method = "sudo";
            draft.Detail = succeeded ? null : "refused";
            return draft.Is(LogEventKind.PrivilegedCommand);
        }
        if (what.SequenceEqual("CHAUTHTOK"u8) || what.SequenceEqual("MGMT"u8))
        {
            draft.Target = Account(record);
            draft.Detail = Operation(record, succeeded);
            return draft.Is(what[0] == 'C' && draft.Detail?.Contains("group", StringComparison.Ordinal) != true ? LogEventKind.PasswordChanged : LogEventKind.AccountChanged);
        }
        if (what.SequenceEqual("TTY"u8))
        {
            draft.Command = record.Text("data"u8);
            draft.Method = "tty";
            return draft.Command is not null && draft.Is(LogEventKind.HistoryCommand);
        }
        string? account = Account(record);
        draft.RemoteAddress = record.Text("addr"u8) ?? record.Text("hostname"u8);
        draft.RemotePort = record.Number("rport"u8);
        draft.Terminal = record.Text("terminal"u8);
        if (what.SequenceEqual("LOGIN"u8))
        {
            draft.User = account ?? draft.User;
            draft.UserId = record.Number("id"u8) ?? (draft.UserId == record.Number("uid"u8) ? null : draft.UserId);
            draft.Method = "audit USER_LOGIN";
            return draft.Is(succeeded ? LogEventKind.Login : LogEventKind.LoginFailed);
        }
        if (what.SequenceEqual("AUTH"u8))
        {
            draft.Method = Operation(record, true);
            if (succeeded)
            {
                // What it was good for follows as a login, a session or a command.
                return false;
            }
            draft.User = account;
            draft.UserId = null;
            return draft.Is(LogEventKind.LoginFailed);
        }
        if (what.SequenceEqual("START"u8) || what.SequenceEqual("END"u8))
        {
            draft.User = account ?? draft.User;
            draft.Method = "audit USER_" + (what[0] == 'S' ? "START" : "END");
            return succeeded && draft.Is(what[0] == 'S' ? LogEventKind.SessionOpened : LogEventKind.SessionClosed);
        }
        return false;
    }

    private static bool Account(AuditRecord record, ReadOnlySpan<byte> type, EventDraft draft)
    {
        Actor(record, draft);
        bool succeeded = Succeeded(record);
        draft.Target = Account(record);
        draft.Detail = Operation(record, succeeded);
        if (type.SequenceEqual("ADD_USER"u8) || type.SequenceEqual("DEL_USER"u8))
        {
            return draft.Is(!succeeded || draft.Detail?.StartsWith("op=add", StringComparison.Ordinal) == false && type[0] == 'A' && draft.Detail.Contains("group", StringComparison.Ordinal)
                ? LogEventKind.AccountChanged : type[0] == 'A' ? LogEventKind.AccountCreated : LogEventKind.AccountDeleted);
        }
        if (type.StartsWith("ACCT_"u8))
        {
            return draft.Is(LogEventKind.AccountChanged);
        }
        if (type.SequenceEqual("ADD_GROUP"u8) || type.SequenceEqual("DEL_GROUP"u8) || type.SequenceEqual("GRP_MGMT"u8))
        {
            string? group = record.Text("grp"u8);
            draft.User = group is null ? draft.User : draft.Target ?? draft.User;
            draft.Target = group ?? draft.Target;
            return draft.Is(LogEventKind.GroupChanged);
        }
        return false;
    }

    private static string? Account(AuditRecord record)
    {
        string? name = record.Text("acct"u8);
        if (name is null && record.Number("id"u8) is { } id)
        {
            return record.Name("ID"u8) ?? "uid " + id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        return name;
    }

    /// <summary><c>op=</c> and its words up to the next field.</summary>
    private static string? Operation(AuditRecord record, bool succeeded)
    {
        int at = record.Fields.IndexOf("op="u8);
        if (at < 0)
        {
            return succeeded ? null : "refused";
        }
        ReadOnlySpan<byte> words = record.Fields[(at + 3)..];
        int equals = words.IndexOf((byte)'=');
        if (equals > 0)
        {
            int blank = words[..equals].LastIndexOf((byte)' ');
            words = blank > 0 ? words[..blank] : words[..equals];
        }
        string? text = EventDraft.LongText(words.Trim("' \""u8));
        return succeeded ? text : "refused: " + text;
    }
}
