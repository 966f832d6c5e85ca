using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Rules and settings of the firewall.</summary>
internal static class FirewallEvents
{
    private const string Provider = "Microsoft-Windows-Windows Firewall With Advanced Security";

    public static IReadOnlyList<WindowsEvent> Events { get; } =
    [
        Rule(2004, "rule added"),
        Rule(2005, "rule changed"),
        Rule(2006, "rule removed"),
        // The same three of Windows 11 and Server 2025.
        Rule(2097, "rule added"),
        Rule(2099, "rule changed"),
        Rule(2052, "rule removed"),
        Audited(4946, "rule added"),
        Audited(4947, "rule changed"),
        Audited(4948, "rule removed"),
        Audited(4949, "settings restored"),
        Audited(4950, "setting changed"),
    ];

    private static WindowsEvent Rule(int id, string what) => new(Provider, id, (record, draft) =>
    {
        draft.UserSid = record.Value("ModifyingUser");
        draft.Process = record.Value("ModifyingApplication");
        draft.Target = record.Value("RuleName");
        draft.Method = what;
        draft.Command = record.Value("ApplicationPath");
        draft.Detail = EventValues.Join(Direction(record.Number("Direction")), Action(record.Number("Action")), record.Labelled("protocol", "Protocol"), record.Labelled("local ports", "LocalPorts"),
            record.Labelled("from", "RemoteAddresses"));
        return draft.Is(LogEventKind.FirewallChanged);
    });

    private static WindowsEvent Audited(int id, string what) => new(SecurityLogins.Provider, id, (record, draft) =>
    {
        draft.Target = record.Value("RuleName") ?? record.Value("SettingType");
        draft.Method = what;
        draft.Detail = EventValues.Join(record.Value("ProfileChanged"), record.Value("SettingValue"));
        return draft.Is(LogEventKind.FirewallChanged);
    });

    private static string? Direction(long? direction) => direction switch { 1 => "in", 2 => "out", _ => null };

    private static string? Action(long? action) => action switch { 2 => "block", 3 => "allow", _ => null };
}
