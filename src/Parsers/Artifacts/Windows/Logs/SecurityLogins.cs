using System.Globalization;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Logins, sessions and the checking of names, of the security log.</summary>
internal static class SecurityLogins
{
    public const string Provider = "Microsoft-Windows-Security-Auditing";

    public static IReadOnlyList<WindowsEvent> Events { get; } =
    [
        new(Provider, 4624, Login),
        new(Provider, 4625, Refused),
        new(Provider, 4634, Ended),
        new(Provider, 4647, Ended),
        new(Provider, 4648, CredentialsUsed),
        new(Provider, 4672, Privileges),
        new(Provider, 4768, Ticket),
        new(Provider, 4769, Ticket),
        new(Provider, 4771, Ticket),
        new(Provider, 4776, NtlmCheck),
    ];

    /// <summary>How somebody logged in, by the number of the logon type.</summary>
    public static string MethodOf(long? type) => type switch
    {
        0 => "system",
        2 => "interactive",
        3 => "network",
        4 => "batch",
        5 => "service",
        7 => "unlock",
        8 => "network, clear text",
        9 => "other credentials",
        10 => "remote desktop",
        11 => "interactive, cached",
        12 => "remote desktop, cached",
        13 => "unlock, cached",
        _ => string.Create(CultureInfo.InvariantCulture, $"logon type {type ?? -1}"),
    };

    private static bool Login(EventRecord record, EventDraft draft)
    {
        long? type = record.Number("LogonType");
        Account(record, draft, "TargetUserName", "TargetUserSid");
        From(record, draft, type);
        draft.Detail = EventValues.Join(record.Labelled("domain", "TargetDomainName"), record.Value("AuthenticationPackageName"), record.Labelled("host", "WorkstationName"), record.Labelled("session", "TargetLogonId"));
        // Services and tasks come and go all the time; nobody logs in there.
        return draft.Is(type is 0 or 4 or 5 ? LogEventKind.SessionOpened : LogEventKind.Login);
    }

    private static bool Refused(EventRecord record, EventDraft draft)
    {
        Account(record, draft, "TargetUserName", "TargetUserSid");
        From(record, draft, record.Number("LogonType"));
        draft.RemotePort = null;
        draft.Detail = EventValues.Join(record.Labelled("domain", "TargetDomainName"), Reason(record.Number("SubStatus") is { } sub and not 0 ? sub : record.Number("Status")));
        return draft.Is(LogEventKind.LoginFailed);
    }

    private static bool Ended(EventRecord record, EventDraft draft)
    {
        Account(record, draft, "TargetUserName", "TargetUserSid");
        draft.Method = record.Number("LogonType") is { } type ? MethodOf(type) : null;
        return draft.Is(LogEventKind.SessionClosed);
    }

    private static bool CredentialsUsed(EventRecord record, EventDraft draft)
    {
        Account(record, draft, "SubjectUserName", "SubjectUserSid");
        draft.Target = record.Account("TargetUserName", "TargetDomainName");
        draft.RemoteAddress = record.Address("IpAddress");
        draft.Process = record.Value("ProcessName");
        draft.Detail = record.Labelled("server", "TargetServerName");
        return draft.Is(LogEventKind.CredentialsUsed);
    }

    private static bool Privileges(EventRecord record, EventDraft draft)
    {
        Account(record, draft, "SubjectUserName", "SubjectUserSid");
        draft.Detail = record.Value("PrivilegeList") is { } list ? string.Join(' ', list.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) : null;
        return draft.Is(LogEventKind.PrivilegesAssigned);
    }

    private static bool Ticket(EventRecord record, EventDraft draft)
    {
        Account(record, draft, "TargetUserName", "TargetSid");
        draft.RemoteAddress = record.Address("IpAddress");
        draft.Target = record.Value("ServiceName");
        draft.Method = "kerberos";
        long status = record.Number("Status") ?? 0;
        draft.Detail = EventValues.Join(status == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"error 0x{status:x}"), record.Labelled("encryption", "TicketEncryptionType"));
        // 0x18: the password is wrong. Of 4769 every other error is about tickets, not about people.
        return draft.Is(record.EventId == 4771 || (record.EventId == 4768 && status != 0) ? LogEventKind.LoginFailed : LogEventKind.CredentialsChecked);
    }

    private static bool NtlmCheck(EventRecord record, EventDraft draft)
    {
        Account(record, draft, "TargetUserName", null);
        draft.Method = "NTLM";
        long status = record.Number("Status") ?? 0;
        draft.Detail = EventValues.Join(record.Labelled("host", "Workstation"), status == 0 ? null : Reason(status));
        return draft.Is(status == 0 ? LogEventKind.CredentialsChecked : LogEventKind.LoginFailed);
    }

    private static void Account(EventRecord record, EventDraft draft, string name, string? sid)
    {
        draft.User = record.Value(name);
        draft.UserSid = sid is null ? null : record.Value(sid);
    }

    private static void From(EventRecord record, EventDraft draft, long? type)
    {
        draft.Method = MethodOf(type);
        draft.RemoteAddress = record.Address("IpAddress");
        draft.RemotePort = record.Number("IpPort") is { } port and > 0 ? port : null;
        draft.Process = record.Value("ProcessName");
    }

    /// <summary>NTSTATUS of a refused login in words.</summary>
    private static string? Reason(long? status) => status is not { } code ? null : unchecked((uint)(code & 0xFFFFFFFF)) switch
    {
        0xC0000064 => "no such account",
        0xC000006A => "wrong password",
        0xC000006D => "wrong name or password",
        0xC000006F => "outside the allowed hours",
        0xC0000070 => "from a host that is not allowed",
        0xC0000071 => "password expired",
        0xC0000072 => "account disabled",
        0xC000015B => "logon type not allowed",
        0xC0000193 => "account expired",
        0xC0000224 => "password must be changed",
        0xC0000234 => "account locked",
        uint other => string.Create(CultureInfo.InvariantCulture, $"error 0x{other:x}"),
    };
}
