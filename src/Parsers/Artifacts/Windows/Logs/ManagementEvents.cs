using System.Globalization;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>WMI and the Background Intelligent Transfer Service.</summary>
internal static class ManagementEvents
{
    private const string Wmi = "Microsoft-Windows-WMI-Activity";
    private const string Bits = "Microsoft-Windows-Bits-Client";

    public static IReadOnlyList<WindowsEvent> Events { get; } =
    [
        new(Wmi, 5857, ProviderLoaded),
        new(Wmi, 5858, Failed),
        new(Wmi, 5859, Query),
        new(Wmi, 5860, Query),
        new(Wmi, 5861, Bound),
        new(Bits, 3, JobMade),
        new(Bits, 59, (record, draft) => Transfer(record, draft, "begun")),
        new(Bits, 60, (record, draft) => Transfer(record, draft, "ended")),
    ];

    private static bool ProviderLoaded(EventRecord record, EventDraft draft)
    {
        draft.Target = record.Value("ProviderName");
        draft.Process = record.Value("HostProcess");
        draft.Command = record.Value("ProviderPath");
        return draft.Is(LogEventKind.WmiActivity);
    }

    private static bool Failed(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("User");
        draft.RemoteAddress = record.Value("ClientMachine");
        draft.Command = record.Value("Operation");
        draft.Detail = record.Labelled("result", "ResultCode");
        return draft.Is(LogEventKind.WmiActivity);
    }

    private static bool Query(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("User");
        draft.Target = record.Value("NamespaceName");
        draft.Command = record.Value("Query");
        draft.Method = record.EventId == 5859 ? "filter" : "temporary subscription";
        return draft.Is(LogEventKind.WmiSubscription);
    }

    /// <summary>A filter was bound to a consumer for good; the event has both, as definitions of their classes.</summary>
    private static bool Bound(EventRecord record, EventDraft draft)
    {
        draft.Target = record.Value("CONSUMER");
        draft.Unit = record.Value("ESS");
        draft.Command = record.Value("PossibleCause");
        draft.Method = "permanent subscription";
        draft.Detail = record.Labelled("namespace", "Namespace");
        return draft.Is(LogEventKind.WmiSubscription);
    }

    private static bool JobMade(EventRecord record, EventDraft draft)
    {
        draft.User = record.Value("jobOwner");
        draft.Target = record.Value("jobTitle");
        draft.Process = record.Value("processPath");
        draft.Method = "made";
        return draft.Is(LogEventKind.TransferJob);
    }

    private static bool Transfer(EventRecord record, EventDraft draft, string what)
    {
        draft.Target = record.Value("name");
        draft.Command = record.Value("url");
        draft.Method = what;
        draft.Detail = record.EventId == 60 && record.Number("hr") is { } result and not 0 ? string.Create(CultureInfo.InvariantCulture, $"error 0x{unchecked((uint)(result & 0xFFFFFFFF)):x}") : null;
        return draft.Is(LogEventKind.TransferJob);
    }
}
