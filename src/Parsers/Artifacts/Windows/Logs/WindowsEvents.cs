using System.Collections.Frozen;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Fills a draft from a record; false when the record says nothing worth keeping.</summary>
internal delegate bool EventReading(EventRecord record, EventDraft draft);

/// <summary>One kind of event of one provider.</summary>
internal sealed record WindowsEvent(string Provider, int EventId, EventReading Read);

/// <summary>The events that are read, by the number and provider that tell them apart.</summary>
public static class WindowsEvents
{
    private static readonly FrozenDictionary<int, WindowsEvent[]> s_byId = new[]
        {
            SecurityLogins.Events, SecurityAccounts.Events, SecuritySystem.Events, ServiceEvents.Events, HostEvents.Events, TaskEvents.Events, RemoteDesktopEvents.Events, PowerShellEvents.Events,
            DefenderEvents.Events, FirewallEvents.Events, ManagementEvents.Events, SysmonEvents.Events,
        }
        .SelectMany(family => family).GroupBy(one => one.EventId).ToFrozenDictionary(group => group.Key, group => group.ToArray());

    /// <summary>How many there are.</summary>
    public static int Count => s_byId.Values.Sum(events => events.Length);

    /// <summary>Whether an event is one of them.</summary>
    public static bool Contains(string provider, int eventId) => Find(provider, eventId) is not null;

    internal static bool TryRead(EventRecord record, EventDraft draft) => Find(record.Provider, record.EventId) is { } known && known.Read(record, draft);

    private static WindowsEvent? Find(string provider, int eventId)
    {
        if (s_byId.TryGetValue(eventId, out WindowsEvent[]? events))
        {
            foreach (WindowsEvent known in events)
            {
                if (known.Provider.Equals(provider, StringComparison.OrdinalIgnoreCase))
                {
                    return known;
                }
            }
        }
        return null;
    }
}

/// <summary>Values of events as drafts keep them.</summary>
internal static class EventValues
{
    /// <summary>Longest text of a script.</summary>
    public const int LongestScript = 16384;

    /// <summary>A datum; null when there is none, or the dash that stands for none.</summary>
    public static string? Value(this EventRecord record, string name) => record.Text(name) is { } text && text != "-" ? Clip(text) : null;

    /// <summary>The datum of a place, for events whose data have no names.</summary>
    public static string? At(this EventRecord record, int index) => index < record.FieldCount && record.FieldText(index) is { Length: > 0 } text ? Clip(text) : null;

    /// <summary>An address without the prefix of mapped IPv4 addresses; null for none.</summary>
    public static string? Address(this EventRecord record, string name) => record.Value(name) is not { } text ? null : text.StartsWith("::ffff:", StringComparison.OrdinalIgnoreCase) ? text[7..] : text;

    /// <summary><c>DOMAIN\name</c> out of two data; null when there is no name.</summary>
    public static string? Account(this EventRecord record, string name, string domain) =>
        record.Value(name) is not { } account ? null : record.Value(domain) is { } prefix ? prefix + "\\" + account : account;

    /// <summary>Texts that are there, joined by commas; null when none is.</summary>
    public static string? Join(params ReadOnlySpan<string?> parts)
    {
        string? joined = null;
        foreach (string? part in parts)
        {
            if (!string.IsNullOrEmpty(part))
            {
                joined = joined is null ? part : joined + ", " + part;
            }
        }
        return joined is null ? null : Clip(joined);
    }

    /// <summary><c>label value</c>; null when there is no value.</summary>
    public static string? Labelled(this EventRecord record, string label, string name) => record.Value(name) is { } value ? label + " " + value : null;

    /// <summary>A text cut at the length of a field.</summary>
    public static string Clip(string text) => text.Length <= EventDraft.LongestText ? text : text[..EventDraft.LongestText];
}
