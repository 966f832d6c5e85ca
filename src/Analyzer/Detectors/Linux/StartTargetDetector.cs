using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Judges the files that persistence starts by what they are: known malware, binaries hidden or in temporary directories, packed programs, missing ones.
/// At most one finding a command, for the worst of its files.
/// </summary>
/// <remarks><b>Limitations:</b> says nothing about who owns a file: the package database is not part of the evidence yet.</remarks>
public sealed class StartTargetDetector : IDetector
{
    private static readonly (string Suffix, string Title, string Category, string Technique)[] Kinds =
    [
        ("target-known-malware", "Starts a file that is known or strongly suspected malware", "malware", "T1204.002"),
        ("target-suspected-malware", "Starts a file that a YARA rule matches", "malware", "T1204.002"),
        ("target-temporary-binary", "Starts a binary in a directory that anybody may write", "persistence", "T1036.005"),
        ("target-hidden-binary", "Starts a binary with a hidden path", "evasion", "T1564.001"),
        ("target-packed-binary", "Starts a packed or stripped-down binary", "evasion", "T1027.002"),
        ("target-missing", "Starts a file that is not there", "persistence", "T1070.004"),
    ];

    private readonly Dictionary<string, RuleInfo> _rules = Place.All
        .SelectMany(place => Kinds.Select(kind => place.Rule(kind.Suffix, kind.Title, kind.Category, kind.Technique)))
        .ToDictionary(rule => rule.Id, StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules => [.. _rules.Values];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = new StartChain(evidence);
        ILookup<(string, string), YaraMatch> yara = evidence.OfType<YaraMatch>().ToLookup(match => (match.Location.Volume, match.Location.Path));
        ILookup<(string, string), HashMatch> hashes = evidence.OfType<HashMatch>().ToLookup(match => (match.Location.Volume, match.Location.Path));
        ILookup<(string, string), ExecutableFacts> executables = evidence.OfType<ExecutableFacts>().ToLookup(facts => (facts.Location.Volume, facts.Location.Path));
        var reported = new HashSet<(string Volume, string Source, string Suffix, string Target)>();
        foreach (CommandLink link in evidence.Links)
        {
            if (link.Source is PreloadedLibrary || Place.Of(chain.RootOf(link.Source)) is not Place place)
            {
                continue;
            }
            Judgement? worst = null;
            foreach (StartedFile file in link.Files)
            {
                if (file.Relation is "starts" or "interprets" or "loads" && Judge(link, file, evidence, yara, hashes, executables) is Judgement judgement
                    && (worst is null || judgement.Severity > worst.Severity))
                {
                    worst = judgement;
                }
            }
            // The lines of a script name the same target again and again; once is enough.
            if (worst is not null && reported.Add((link.Source.Location.Volume, link.Source.Location.Path, worst.Suffix, worst.Path)))
            {
                yield return Build(place, link, worst, chain);
            }
        }
    }

    private sealed record Judgement(string Suffix, Severity Severity, string Path, string Why, FileHashes? Hashes);

    private static Judgement? Judge(CommandLink link, StartedFile file, EvidenceIndex evidence, ILookup<(string, string), YaraMatch> yara, ILookup<(string, string), HashMatch> hashes,
        ILookup<(string, string), ExecutableFacts> executables)
    {
        string path = EvidenceQueries.PathOf(file);
        if (file.Resolved is not ResolvedPath resolved)
        {
            return Missing(link, file);
        }
        FileFacts? facts = evidence.File(resolved);
        if (facts?.Entry.Type is Forensics.Parsers.FileType.Directory)
        {
            return null;
        }
        (string, string) key = facts is null ? (resolved.Volume, resolved.Path) : (facts.Location.Volume, facts.Location.Path);
        if (hashes[key].OrderByDescending(match => match.Hash.Length).FirstOrDefault() is HashMatch bad)
        {
            return new("target-known-malware", Severity.Critical, path, $"its {bad.Algorithm.ToUpperInvariant()} is in the list {bad.Source}" + (bad.Name is null ? "" : $" as {bad.Name}"), facts?.Hashes);
        }
        if (yara[key].OrderByDescending(YaraDetector.SeverityOf).FirstOrDefault() is YaraMatch match && YaraDetector.SeverityOf(match) >= Severity.Medium)
        {
            bool isStrong = YaraDetector.SeverityOf(match) >= Severity.High;
            return new(isStrong ? "target-known-malware" : "target-suspected-malware", isStrong ? Severity.Critical : Severity.High, path, $"the YARA rule {match.Rule} matches it", facts?.Hashes);
        }
        if (facts?.Content is not (ContentKind.ElfExecutable or ContentKind.ElfSharedObject))
        {
            return null;
        }
        ExecutableFacts? elf = executables[key].FirstOrDefault();
        string packed = elf is { IsPacked: true } ? ", and it is packed" : elf is { HasNoSections: true } ? ", and its section headers are gone" : "";
        bool wasAskedThere = PathTraits.IsTemporary(file.Requested);
        if (wasAskedThere || PathTraits.IsTemporary(path))
        {
            return new("target-temporary-binary", packed.Length > 0 || PathTraits.IsHidden(path) ? Severity.Critical : Severity.High, path, "it is a binary in a directory that anybody may write" + packed, facts.Hashes);
        }
        if (PathTraits.IsHidden(path) || PathTraits.IsHidden(file.Requested))
        {
            return new("target-hidden-binary", Severity.High, path, "it is a binary with a hidden path" + packed, facts.Hashes);
        }
        return packed.Length > 0
            ? new("target-packed-binary", PathTraits.IsSystemProgram(path) || path.StartsWith("/opt/", StringComparison.Ordinal) ? Severity.Low : Severity.Medium, path, "it is a binary" + packed, facts.Hashes)
            : null;
    }

    private static Judgement? Missing(CommandLink link, StartedFile file)
    {
        // Vendor units name optional programs, and guarded commands (test -x) expect the absence.
        bool isVendor = link.Source is SystemdUnit { SearchRank: > 7 } || PathTraits.StartsWithAny(link.Source.Location.Path, ["/usr/lib/", "/lib/"]);
        string text = link.Command?.Text ?? "";
        bool isGuarded = text.Contains("-x ", StringComparison.Ordinal) || text.Contains("-e ", StringComparison.Ordinal) || text.Contains("-f ", StringComparison.Ordinal)
            || text.Contains("command -v", StringComparison.Ordinal) || text.Contains("which ", StringComparison.Ordinal);
        bool isScriptLine = link.Source is ScriptFacts or StartupScript { Place: not StartupPlace.RcLocal };
        bool isOdd = PathTraits.IsTemporary(file.Requested) || PathTraits.IsHidden(file.Requested);
        if (isOdd && !isScriptLine)
        {
            // What the command itself betrays, the data rules weigh; this only adds that the file is gone.
            return new("target-missing", Severity.Low, file.Requested, "it is gone from a hidden or temporary place: already removed, or kept in memory only", null);
        }
        bool isFixedPlace = link.Source is CronJob or StartupScript { Place: StartupPlace.RcLocal } or InittabEntry or AuthorizedKey or SystemdUnit { IsDropIn: false, UnitType: "service" };
        return isVendor || isGuarded || isScriptLine || !isFixedPlace || file.Relation != "starts"
            ? null : new("target-missing", Severity.Info, file.Requested, "it is not in the image", null);
    }

    private Finding Build(Place place, CommandLink link, Judgement judgement, StartChain chain)
    {
        string? dormant = chain.DormantBecause(link.Source, link.Command);
        bool isKnown = judgement.Suffix is "target-known-malware";
        bool mayRemove = isKnown || PathTraits.IsTemporary(judgement.Path) || PathTraits.IsHidden(judgement.Path);
        return new Finding(_rules[place.Id + "." + judgement.Suffix], dormant is null ? judgement.Severity : judgement.Severity.Lower(), EvidenceQueries.At(link.Source, link.Command))
        {
            Message = $"{char.ToUpperInvariant(place.Label[0])}{place.Label[1..]} starts {judgement.Path}: {judgement.Why}." + (dormant is null ? "" : $" It would not run at present: {dormant}; one level lower."),
            Evidence = Clip.Evidence(link.Command?.Text ?? judgement.Path, judgement.Path),
            Hashes = judgement.Hashes,
            Related = [.. EvidenceQueries.Related(link), .. chain.StartedBy(link.Source.Location.Volume, link.Source.Location.Path)],
            Remediation = judgement.Severity <= Severity.Low ? [] : [.. Place.CleanUp(link.Source, link.Command?.Line), .. Trigger(link.Source, chain), .. mayRemove && judgement.Suffix != "target-missing" ? Remediation.RemoveFile(judgement.Path) : []],
        };
    }

    /// <summary>A service that only a timer, path or socket starts comes back with it.</summary>
    private static IReadOnlyList<string> Trigger(Forensics.Parsers.Artifacts.Artifact source, StartChain chain) =>
        chain.RootOf(source) is SystemdUnit root && !ReferenceEquals(root, source) ? Place.CleanUp(root, null) : [];
}
