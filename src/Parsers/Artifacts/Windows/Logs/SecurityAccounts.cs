using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Accounts and groups that were made, changed or removed, of the security log. Who did it is the user; in groups the user is the member, as in other logs.</summary>
internal static class SecurityAccounts
{
    public static IReadOnlyList<WindowsEvent> Events { get; } =
    [
        Account(4720, LogEventKind.AccountCreated, null),
        Account(4722, LogEventKind.AccountChanged, "enabled"),
        Account(4723, LogEventKind.PasswordChanged, "changed by itself"),
        Account(4724, LogEventKind.PasswordChanged, "reset"),
        Account(4725, LogEventKind.AccountChanged, "disabled"),
        Account(4726, LogEventKind.AccountDeleted, null),
        Account(4738, LogEventKind.AccountChanged, "changed"),
        Account(4740, LogEventKind.AccountChanged, "locked out"),
        Account(4767, LogEventKind.AccountChanged, "unlocked"),
        new(SecurityLogins.Provider, 4781, Renamed),
        Member(4728, "added"),
        Member(4729, "removed"),
        Member(4732, "added"),
        Member(4733, "removed"),
        Member(4756, "added"),
        Member(4757, "removed"),
    ];

    private static WindowsEvent Account(int id, LogEventKind kind, string? what) => new(SecurityLogins.Provider, id, (record, draft) =>
    {
        By(record, draft);
        draft.Target = record.Value("TargetUserName");
        draft.TargetSid = record.Value("TargetSid");
        draft.Detail = what;
        return draft.Is(kind);
    });

    private static bool Renamed(EventRecord record, EventDraft draft)
    {
        By(record, draft);
        draft.Target = record.Value("NewTargetUserName");
        draft.TargetSid = record.Value("TargetSid");
        draft.Detail = record.Labelled("renamed from", "OldTargetUserName");
        return draft.Is(LogEventKind.AccountChanged);
    }

    private static WindowsEvent Member(int id, string what) => new(SecurityLogins.Provider, id, (record, draft) =>
    {
        // Local accounts have no name here.
        draft.User = CommonName(record.Value("MemberName")) ?? record.Value("MemberSid");
        draft.UserSid = record.Value("MemberSid");
        draft.Target = record.Value("TargetUserName");
        draft.TargetSid = record.Value("TargetSid");
        draft.Detail = record.Account("SubjectUserName", "SubjectDomainName") is { } who ? what + " by " + who : what;
        return draft.Is(LogEventKind.GroupChanged);
    });

    private static void By(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("SubjectUserName");
        draft.UserSid = record.Value("SubjectUserSid");
    }

    /// <summary><c>eve</c> of <c>CN=eve,CN=Users,DC=example,DC=org</c>.</summary>
    private static string? CommonName(string? name)
    {
        if (name is null || !name.StartsWith("CN=", StringComparison.OrdinalIgnoreCase))
        {
            return name;
        }
        int end = name.IndexOf(",", StringComparison.Ordinal);
        return end < 0 ? name[3..] : name[3..end];
    }
}
