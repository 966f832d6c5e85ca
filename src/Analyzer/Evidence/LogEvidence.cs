using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Evidence;

/// <summary>A log or history that is there, whether it was read or not.</summary>
/// <param name="Location">Where it is; of a symbolic link, the link.</param>
/// <param name="Entry">Its metadata; of a symbolic link, those of the link.</param>
/// <param name="Parser">Name of the parser that claims it.</param>
public sealed record LogFileFacts(EvidenceLocation Location, FileEntry Entry, string Parser)
{
    /// <summary>Where a symbolic link leads, as stored.</summary>
    public string? LinkTarget { get; init; }
    /// <summary>Account whose home directory it lies in.</summary>
    public string? Owner { get; init; }
    /// <summary>Time of its earliest event; null when none has a time.</summary>
    public LogTime? First { get; init; }
    /// <summary>Time of its latest event.</summary>
    public LogTime? Last { get; init; }
    /// <summary>Events, counted ones as often as they happened.</summary>
    public long Events { get; init; }
    /// <summary>Why it was not read, or only in part; null when it was.</summary>
    public string? NotReadBecause { get; init; }

    /// <summary>Name of the log without its rotation: <c>auth.log</c>.</summary>
    public string BaseName => LogRotation.BaseOf(Location.Name);
    /// <summary>A rotated part.</summary>
    public bool IsRotated => LogRotation.IsRotated(Location.Name);
}

/// <summary>What the logs of one host say. Events come in the order of the paths of their files, then as in the file.</summary>
/// <param name="Volume">Root volume of the host, or a volume that belongs to none.</param>
public sealed record HostLogs(string Volume)
{
    /// <summary>Nothing.</summary>
    public static HostLogs None { get; } = new("");

    /// <summary>The files, by path.</summary>
    public IReadOnlyList<LogFileFacts> Files { get; init; } = [];
    /// <summary>The events that were kept.</summary>
    public IReadOnlyList<LogEvent> Events { get; init; } = [];
    /// <summary>How often each kind of event happened, kept or not, by name of the kind.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Counts { get; init; } = [];
    /// <summary>Time of the earliest event.</summary>
    public Timestamp? First => Files.Select(file => file.First?.Instant).Min();
    /// <summary>Time of the latest event.</summary>
    public Timestamp? Last => Files.Select(file => file.Last?.Instant).Max();

    /// <summary>The events of one kind.</summary>
    public IEnumerable<LogEvent> Of(LogEventKind kind) => _byKind.Value[kind];

    /// <summary>
    /// Requests that were answered with success for a path (without query) that is the end of a file's path: who called a web shell. The file may be that of another site when the path is short.
    /// </summary>
    public IEnumerable<LogEvent> RequestsFor(string filePath, bool ignoresCase)
    {
        ArgumentNullException.ThrowIfNull(filePath);
        StringComparison comparison = ignoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return _byPage.Value[filePath[(filePath.LastIndexOf('/') + 1)..]].Where(found => filePath.EndsWith(found.Target!, comparison));
    }

    private readonly Lazy<ILookup<LogEventKind, LogEvent>> _byKind = new(() => Array.Empty<LogEvent>().ToLookup(found => found.Event));
    private readonly Lazy<ILookup<string, LogEvent>> _byPage = new(() => Array.Empty<LogEvent>().ToLookup(found => ""));

    /// <summary>The logs of a host with its events.</summary>
    public HostLogs(string volume, IReadOnlyList<LogFileFacts> files, IReadOnlyList<LogEvent> events, IReadOnlyList<KeyValuePair<string, long>> counts) : this(volume)
    {
        Files = files;
        Events = events;
        Counts = counts;
        _byKind = new(() => events.ToLookup(found => found.Event));
        _byPage = new(() => Of(LogEventKind.WebRequest).Where(found => found.Detail is ['2', ..] && found.Target?.StartsWith('/') == true)
            .ToLookup(found => found.Target![(found.Target!.LastIndexOf('/') + 1)..], StringComparer.OrdinalIgnoreCase));
    }
}

/// <summary>What the logs of all hosts say.</summary>
public sealed class LogEvidence(IReadOnlyList<HostLogs> hosts)
{
    /// <summary>No logs.</summary>
    public static LogEvidence Empty { get; } = new([]);

    private readonly Dictionary<string, HostLogs> _byVolume = hosts.ToDictionary(host => host.Volume, StringComparer.Ordinal);

    /// <summary>By host, in the order of their volumes.</summary>
    public IReadOnlyList<HostLogs> Hosts { get; } = hosts;

    /// <summary>The logs of a host, by its root volume.</summary>
    public HostLogs Of(string rootVolume) => _byVolume.GetValueOrDefault(rootVolume) ?? HostLogs.None;
}
