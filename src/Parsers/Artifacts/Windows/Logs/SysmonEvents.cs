using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Events of Sysmon, where an administrator has installed it.</summary>
internal static class SysmonEvents
{
    private const string Provider = "Microsoft-Windows-Sysmon";

    public static IReadOnlyList<WindowsEvent> Events { get; } =
    [
        new(Provider, 1, Program),
        new(Provider, 3, Connection),
        new(Provider, 7, Library),
        new(Provider, 8, Access),
        new(Provider, 10, Access),
        new(Provider, 11, File),
        new(Provider, 12, Registry),
        new(Provider, 13, Registry),
        new(Provider, 22, Name),
    ];

    private static bool Program(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("User");
        draft.Process = record.Value("Image");
        draft.ProcessId = record.Number("ProcessId");
        draft.Command = record.Value("CommandLine");
        draft.Detail = EventValues.Join(record.Labelled("started by", "ParentImage"), record.Value("Hashes"));
        return draft.Is(LogEventKind.Execution);
    }

    private static bool Connection(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("User");
        draft.Process = record.Value("Image");
        draft.Target = record.Value("DestinationHostname");
        draft.RemoteAddress = record.Address("DestinationIp");
        draft.RemotePort = record.Number("DestinationPort");
        draft.Method = record.Value("Protocol");
        return draft.Is(LogEventKind.NetworkConnection);
    }

    private static bool Library(EventRecord record, EventDraft draft)
    {
        draft.Process = record.Value("Image");
        draft.Target = record.Value("ImageLoaded");
        draft.Detail = EventValues.Join(record.Labelled("signed", "Signed"), record.Value("Signature"), record.Value("SignatureStatus"), record.Value("Hashes"));
        return draft.Is(LogEventKind.ImageLoaded);
    }

    private static bool Access(EventRecord record, EventDraft draft)
    {
        draft.Process = record.Value("SourceImage");
        draft.Target = record.Value("TargetImage");
        draft.Method = record.EventId == 8 ? "thread started" : "opened";
        draft.Detail = record.Labelled("rights", "GrantedAccess");
        return draft.Is(LogEventKind.ProcessAccess);
    }

    private static bool File(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("User");
        draft.Process = record.Value("Image");
        draft.Target = record.Value("TargetFilename");
        return draft.Is(LogEventKind.FileCreated);
    }

    private static bool Registry(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("User");
        draft.Process = record.Value("Image");
        draft.Target = record.Value("TargetObject");
        draft.Method = record.Value("EventType");
        draft.Detail = record.Value("Details");
        return draft.Is(LogEventKind.RegistryChanged);
    }

    private static bool Name(EventRecord record, EventDraft draft)
    {
        draft.Process = record.Value("Image");
        draft.Target = record.Value("QueryName");
        draft.Detail = record.Value("QueryResults");
        return draft.Is(LogEventKind.NameResolved);
    }
}
