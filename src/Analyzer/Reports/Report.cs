using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Reports;

/// <summary>The whole result of a scan; the only thing report writers see.</summary>
public sealed record Report
{
    /// <summary>Version of the JSON shape, semantic versioning.</summary>
    public const string CurrentSchemaVersion = "1.3.0";

    /// <summary>The program.</summary>
    public required ToolInfo Tool { get; init; }
    /// <summary>The evidence.</summary>
    public required ImageInfo Image { get; init; }
    /// <summary>Systems found.</summary>
    public required IReadOnlyList<HostInfo> Hosts { get; init; }
    /// <summary>The answer.</summary>
    public required RiskSummary Risk { get; init; }
    /// <summary>Sorted: severity descending, then rule, volume, path, line.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }
    /// <summary>Persistence and access facts, sorted; files only when something points at them.</summary>
    public required IReadOnlyList<Artifact> Artifacts { get; init; }
    /// <summary>What the logs of each host say, in short.</summary>
    public IReadOnlyList<LogSummary> Logs { get; init; } = [];
    /// <summary>Anomalies, sorted.</summary>
    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }
    /// <summary>What was looked at and what was not.</summary>
    public required CoverageSummary Coverage { get; init; }
    /// <summary>What may differ between two runs.</summary>
    public required RunInfo Run { get; init; }
}

/// <summary>Name, version and rule inventory of the program.</summary>
/// <param name="Profile"><c>triage</c>, <c>standard</c>, <c>full</c>.</param>
/// <param name="RuleSets">Rule files in use with their SHA-256, sorted by name.</param>
/// <param name="YaraVersion">libyara version, null when YARA did not run.</param>
public sealed record ToolInfo(string Name, string Version, string Profile, IReadOnlyList<KeyValuePair<string, string>> RuleSets, string? YaraVersion);

/// <summary>The answer in two values.</summary>
/// <param name="Score">0 to 100.</param>
/// <param name="Verdict"><c>clean</c>, <c>suspicious</c>, <c>compromised</c>.</param>
public sealed record RiskSummary(int Score, string Verdict);

/// <summary>The ledger: <c>Seen == Examined + sum(Skipped)</c>, for file entries; the same for volumes.</summary>
/// <param name="Seen">File entries met by the walk.</param>
/// <param name="Examined">Entries whose metadata, and content where the profile wants it, was looked at.</param>
/// <param name="Skipped">Reason to count, sorted by reason.</param>
public sealed record CoverageSummary(long Seen, long Examined, IReadOnlyList<KeyValuePair<string, long>> Skipped)
{
    /// <summary>Volumes met.</summary>
    public int VolumesSeen { get; init; }
    /// <summary>Volumes read.</summary>
    public int VolumesExamined { get; init; }
    /// <summary>Reason to count.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> VolumesSkipped { get; init; } = [];
    /// <summary>True when something that the profile wants was not looked at; a gate never passes then.</summary>
    public bool IsIncomplete { get; init; }
    /// <summary>Why, sorted.</summary>
    public IReadOnlyList<string> IncompleteBecause { get; init; } = [];
    /// <summary>What was left out for a good reason, which makes no scan incomplete: reason to count, sorted by reason.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Notes { get; init; } = [];
    /// <summary>Where the files that were looked into come from: the word for it to count, sorted by word. <c>unknown</c> where no package database tells.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Origins { get; init; } = [];
}

/// <summary>What may differ between two runs of the same scan.</summary>
/// <param name="Started">Clock at the start, UTC.</param>
/// <param name="Seconds">Duration.</param>
/// <param name="Threads">Worker threads.</param>
/// <param name="BytesRead">Content bytes examined.</param>
/// <param name="ImagePaths">The paths as given.</param>
public sealed record RunInfo(DateTimeOffset Started, double Seconds, int Threads, long BytesRead, IReadOnlyList<string> ImagePaths);
