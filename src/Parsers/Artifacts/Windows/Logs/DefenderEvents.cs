using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>What Microsoft Defender found, did, and was told not to look at.</summary>
internal static class DefenderEvents
{
    private const string Provider = "Microsoft-Windows-Windows Defender";

    public static IReadOnlyList<WindowsEvent> Events { get; } =
    [
        Found(1006),
        Found(1007),
        Found(1008),
        Found(1116),
        Found(1117),
        Changed(5000, "real-time protection switched on"),
        Changed(5001, "real-time protection switched off"),
        Changed(5004, "real-time protection configured"),
        new(Provider, 5007, Setting),
        Changed(5010, "scanning for spyware switched off"),
        Changed(5012, "scanning for viruses switched off"),
        Changed(5013, "change refused by tamper protection"),
    ];

    private static WindowsEvent Found(int id) => new(Provider, id, (record, draft) =>
    {
        draft.User = record.Value("Detection User") ?? record.Value("User");
        draft.Target = record.Value("Threat Name");
        draft.Process = record.Value("Process Name");
        draft.Unit = record.Value("Path");
        draft.Detail = EventValues.Join(record.Value("Severity Name"), record.Value("Category Name"), record.Value("Action Name"));
        return draft.Is(LogEventKind.MalwareFound);
    });

    private static WindowsEvent Changed(int id, string what) => new(Provider, id, (record, draft) =>
    {
        draft.UserSid = record.UserSid;
        draft.Target = record.Value("Feature Name") ?? record.Value("Changed Type") ?? record.Value("Product Name");
        draft.Method = what;
        draft.Detail = record.Value("Value") ?? record.Value("Configuration");
        return draft.Is(LogEventKind.ProtectionChanged);
    });

    /// <summary>A value of the registry, <c>KEY\NAME = 0x0</c>: the new one, or the old one where it was removed.</summary>
    private static bool Setting(EventRecord record, EventDraft draft)
    {
        string? old = record.Value("Old Value");
        string? now = record.Value("New Value");
        draft.Target = now ?? old;
        draft.Method = now is null ? "setting removed" : old is null ? "setting added" : "setting changed";
        draft.Detail = now is null || old is null ? null : EventValues.Clip("was " + old);
        return draft.Is(LogEventKind.ProtectionChanged);
    }
}
