using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Turns one claimed log or history into events, reading it once from the beginning to the end in blocks. Stateless and thread-safe.</summary>
public abstract class LogParser
{
    /// <summary>Stable name: <c>log/syslog</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Globs as for <see cref="ArtifactParser.Claims"/>; rotated parts (<c>.1</c>, <c>-20260101</c>, <c>.2.gz</c>) are claimed too.</summary>
    public abstract IReadOnlyList<string> Claims { get; }

    /// <summary>Reads. May throw a <see cref="ForensicException"/> when the file is unusable; what was read before is then with the sink.</summary>
    public abstract void Read(LogInput input, ILogEventSink sink);
}

/// <summary>A claimed log as a parser sees it.</summary>
/// <param name="Location">Where it is.</param>
/// <param name="Entry">Its metadata; the time of its last change tells the year of lines that have none.</param>
/// <param name="Content">Its bytes as stored, of any length.</param>
public sealed record LogInput(EvidenceLocation Location, FileEntry Entry, IByteSource Content)
{
    /// <summary>Bounds to keep.</summary>
    public ScanLimits Limits { get; init; } = ScanLimits.Default;
    /// <summary>Bounds of logs.</summary>
    public LogLimits LogLimits { get; init; } = LogLimits.Default;
    /// <summary>Zone of the host, for local times without an offset. Times from it are marked as assumed.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;
    /// <summary>Account whose home directory the file lies in; null when not known.</summary>
    public string? Owner { get; init; }
    /// <summary>Unpacks compressed logs; without it they are reported as not read.</summary>
    public LogUnpacker? Unpacker { get; init; }
    /// <summary>Ends the reading.</summary>
    public CancellationToken Cancellation { get; init; }
}

/// <summary>Bounds of reading logs. Sizes in bytes.</summary>
public sealed record LogLimits
{
    /// <summary>The values used unless told otherwise.</summary>
    public static LogLimits Default { get; } = new();
    /// <summary>Most bytes taken out of one compressed log.</summary>
    public long UnpackedBytes { get; init; } = 16L << 30;
    /// <summary>Most bytes of output for each byte of input, once <see cref="RatioFreeBytes"/> came out.</summary>
    public int Ratio { get; init; } = 200;
    /// <summary>Output that is taken whatever the ratio.</summary>
    public long RatioFreeBytes { get; init; } = 64L << 20;
    /// <summary>Most events of one kind from one file in full; more are counted together.</summary>
    public int EventsPerKind { get; init; } = 8192;
    /// <summary>Most characters of the texts of all events of one file.</summary>
    public long TextCharacters { get; init; } = 16L << 20;
    /// <summary>Shortest silence that counts as a gap, in seconds.</summary>
    public long GapSeconds { get; init; } = 6 * 3600;
    /// <summary>Most gaps and clock changes of one file.</summary>
    public int Gaps { get; init; } = 32;
}

/// <summary>Takes what a log parser finds.</summary>
public interface ILogEventSink : IDiagnosticSink
{
    /// <summary>Takes one event.</summary>
    void Add(LogEvent found);
}

/// <summary>Keeps everything: for tests and small jobs.</summary>
public sealed class LogEventList : ILogEventSink
{
    /// <summary>Events in arrival order.</summary>
    public List<LogEvent> Events { get; } = [];
    /// <summary>Diagnostics in arrival order.</summary>
    public List<Diagnostic> Diagnostics { get; } = [];

    /// <inheritdoc/>
    public void Add(LogEvent found) => Events.Add(found);
    /// <inheritdoc/>
    public void Report(Diagnostic diagnostic) => Diagnostics.Add(diagnostic);
}
