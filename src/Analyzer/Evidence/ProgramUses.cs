using System.Globalization;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Evidence;

/// <summary>One trace of a program, from whatever source.</summary>
/// <param name="Source">What keeps it, for a sentence.</param>
/// <param name="HasRun">It proves that the program ran.</param>
public sealed record ProgramUse(string Source, bool HasRun)
{
    /// <summary>When it ran last; null when the source does not say.</summary>
    public Timestamp? LastRun { get; init; }
    /// <summary>How often it ran.</summary>
    public long? RunCount { get; init; }
    /// <summary>Who ran it.</summary>
    public string? User { get; init; }
    /// <summary>SHA-1 of the file.</summary>
    public string? Sha1 { get; init; }
}

/// <summary>What all traces of a host say of its programs, by path in any case.</summary>
public sealed class ProgramUses
{
    private const int MaximumUsesOfOne = 32;
    private readonly Dictionary<(string Tree, string Path), List<ProgramUse>> _uses = [];
    private readonly EvidenceIndex _evidence;

    /// <summary>Collects the traces.</summary>
    public ProgramUses(EvidenceIndex evidence)
    {
        _evidence = evidence;
        foreach (PrefetchedProgram program in evidence.OfType<PrefetchedProgram>())
        {
            Add(program.Location.Volume, program.ImagePath, new ProgramUse("Prefetch", HasRun: true) { LastRun = program.File.LastRuns.Count > 0 ? program.File.LastRuns[0] : null, RunCount = program.File.RunCount });
        }
        foreach (ProgramTrace trace in evidence.OfType<ProgramTrace>())
        {
            Add(trace.Location.Volume, trace.ImagePath, new ProgramUse(Name(trace.Source), trace.HasRun == true)
            {
                LastRun = trace.TimeMeans == ProgramTraceTime.LastRun ? trace.Time : null, RunCount = trace.RunCount, User = trace.User ?? trace.UserSid, Sha1 = trace.Sha1,
            });
        }
    }

    /// <summary>The traces of a program; empty when there are none.</summary>
    public IReadOnlyList<ProgramUse> Of(string volume, string path) => _uses.GetValueOrDefault(Key(volume, path)) ?? [];

    /// <summary>What the traces of a program say, as a sentence after a blank; empty when there are none.</summary>
    public string Sentence(string volume, string path)
    {
        IReadOnlyList<ProgramUse> uses = Of(volume, path);
        if (uses.Count == 0)
        {
            return "";
        }
        ProgramUse[] runs = [.. uses.Where(use => use.HasRun)];
        if (runs.Length == 0)
        {
            return $" Windows noted that it was there ({Sources(uses)}), which does not prove that it ran.";
        }
        long count = runs.Max(use => use.RunCount ?? 0);
        Timestamp? last = runs.Where(use => use.LastRun is not null).OrderByDescending(use => use.LastRun!.Value.Seconds).ThenByDescending(use => use.LastRun!.Value.Nanoseconds).FirstOrDefault()?.LastRun;
        string[] users = [.. runs.Select(use => use.User).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).Take(4)];
        return " It ran" + (count > 1 ? string.Create(CultureInfo.InvariantCulture, $" {count} times") : "") + (last is { } time ? $", last {time.ToString()[..19]}Z" : "")
            + (users.Length > 0 ? ", as " + string.Join(", ", users) : "") + $" ({Sources(runs)}).";
    }

    private static string Sources(IEnumerable<ProgramUse> uses) => string.Join(", ", uses.Select(use => use.Source).Distinct().Order(StringComparer.Ordinal));

    private void Add(string volume, string? path, ProgramUse use)
    {
        if (path is null)
        {
            return;
        }
        if (!_uses.TryGetValue(Key(volume, path), out List<ProgramUse>? uses))
        {
            _uses.Add(Key(volume, path), uses = []);
        }
        if (uses.Count < MaximumUsesOfOne)
        {
            uses.Add(use);
        }
    }

    private (string, string) Key(string volume, string path) => (_evidence.TreeOf(volume), path.ToUpperInvariant());

    private static string Name(ProgramTraceSource source) => source switch
    {
        ProgramTraceSource.BackgroundActivity => "BAM",
        ProgramTraceSource.DesktopActivity => "DAM",
        ProgramTraceSource.AmcacheDriver => "Amcache",
        ProgramTraceSource.CompatibilityAssistant => "Compatibility Assistant",
        _ => source.ToString(),
    };
}
