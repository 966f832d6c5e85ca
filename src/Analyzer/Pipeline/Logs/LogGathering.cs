using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Takes what one log says; for one thread.</summary>
internal sealed class LogSink : ILogEventSink
{
    public List<LogEvent> Events { get; } = [];
    public List<Diagnostic> Diagnostics { get; } = [];
    public string? Failure { get; set; }

    public void Add(LogEvent found) => Events.Add(found);
    public void Report(Diagnostic diagnostic) => Diagnostics.Add(diagnostic);
}

/// <summary>
/// Puts the events of the logs of one host together, file by file in the order of their paths, in bounded memory: of each kind so many are kept, the rest is counted and said.
/// </summary>
internal sealed class LogGathering(string volume)
{
    private const int EventsPerKind = 20_000;
    private const int CharactersPerKind = 2 << 20;

    private readonly List<LogFileFacts> _files = [];
    private readonly List<LogEvent> _events = [];
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<LogEventKind, (int Events, long Characters)> _kept = [];

    /// <summary>Takes one log. What <paramref name="sink"/> holds is not needed afterwards.</summary>
    public void Take(LogFileFacts file, LogSink? sink, IDiagnosticSink diagnostics)
    {
        if (sink is null)
        {
            _files.Add(file);
            return;
        }
        LogTime? first = null, last = null;
        long count = 0, dropped = 0;
        foreach (LogEvent found in sink.Events)
        {
            count += found.Count;
            _counts[found.Kind] = _counts.GetValueOrDefault(found.Kind) + found.Count;
            first = found.First is { } begin && (first is null || begin.Instant.CompareTo(first.Value.Instant) < 0) ? begin : first;
            last = (found.Last ?? found.First) is { } end && (last is null || end.Instant.CompareTo(last.Value.Instant) > 0) ? end : last;
            (int events, long characters) = _kept.GetValueOrDefault(found.Event);
            if (events >= EventsPerKind || characters >= CharactersPerKind)
            {
                dropped++;
                continue;
            }
            _kept[found.Event] = (events + 1, characters + Length(found));
            _events.Add(found);
        }
        if (dropped > 0)
        {
            diagnostics.Report(new Diagnostic("log.kept", "the logs of the host hold more events of a kind than are kept; the others were only counted")
            {
                Volume = file.Location.Volume, Path = file.Location.Path, MetadataAddress = file.Location.MetadataAddress, LosesContent = true,
                Actual = dropped.ToString(System.Globalization.CultureInfo.InvariantCulture),
            });
        }
        foreach (Diagnostic diagnostic in sink.Diagnostics)
        {
            diagnostics.Report(diagnostic with { Volume = file.Location.Volume, Path = diagnostic.Path ?? file.Location.Path });
        }
        _files.Add(file with { First = first, Last = last, Events = count, NotReadBecause = sink.Failure });
    }

    /// <summary>All of it.</summary>
    public HostLogs Finish() => new(volume, _files, _events, [.. _counts]);

    private static long Length(LogEvent found) =>
        64 + (found.Message?.Length ?? 0) + (found.Command?.Length ?? 0) + (found.Detail?.Length ?? 0) + (found.User?.Length ?? 0) + (found.Target?.Length ?? 0);
}
