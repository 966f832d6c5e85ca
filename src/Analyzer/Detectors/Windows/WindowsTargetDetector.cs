using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>
/// Judges the files that persistence of Windows starts, loads or interprets by what they are: known malware, and otherwise the sum of the signs against them. At most one finding a command, for the worst of its files.
/// </summary>
/// <remarks><b>Limitations:</b> a signature counts as one without being verified; what installers put into profiles cannot be told from what an intruder put there unless something else betrays it.</remarks>
public sealed class WindowsTargetDetector : IDetector
{
    private static readonly (string Suffix, string Title, string Category, string Technique)[] s_kinds =
    [
        ("target-known-malware", "Starts a file that is known or strongly suspected malware", "malware", "T1204.002"),
        ("target-suspected-malware", "Starts a file that a YARA rule matches", "malware", "T1204.002"),
        ("target-miner", "Starts a program with the pools, wallets or words of a miner in it", "malware", "T1496"),
        ("target-odd-place", "Starts a program where no installer puts one", "persistence", "T1036.005"),
        ("target-hidden-binary", "Starts a hidden program", "evasion", "T1564.001"),
        ("target-imitated-name", "Starts a program with the name of one of Windows", "evasion", "T1036.005"),
        ("target-renamed-tool", "Starts an interpreter under another name", "evasion", "T1036.003"),
        ("target-packed-binary", "Starts a packed program", "evasion", "T1027.002"),
        ("target-open-to-others", "The system runs a file that a user may change", "access", "T1574.010"),
        ("target-weak-signs", "Starts a program with several weak signs against it", "persistence", "T1036"),
        ("target-missing", "Starts a file that is not there", "persistence", "T1070.004"),
    ];

    private static readonly PlaceFamily[] s_families = [new WindowsPlaceFamily(), new WindowsApplicationPlaces(), new RegistryPlaceFamily()];

    private readonly Dictionary<string, RuleInfo> _rules = s_families.SelectMany(family => family.Places)
        .SelectMany(place => s_kinds.Select(kind => place.Rule(kind.Suffix, kind.Title, kind.Category, kind.Technique))).ToDictionary(rule => rule.Id, StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules => [.. _rules.Values];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        TargetKnowledge? known = null;
        var uses = new ProgramUses(evidence);
        Dictionary<(string, string), WindowsProgramFacts> programs = evidence.OfType<WindowsProgramFacts>().DistinctBy(Key).ToDictionary(Key);
        var reported = new HashSet<(string Volume, string Source, string Rule, string Target)>();
        foreach (CommandLink link in evidence.Links)
        {
            Artifact root = chain.RootOf(link.Source);
            if (s_families.Select(family => family.PlaceOf(root)).FirstOrDefault(found => found is not null) is not { } place)
            {
                continue;
            }
            known ??= new TargetKnowledge(evidence);
            Judgement? worst = null;
            foreach (StartedFile file in link.Files.Where(file => file.Relation is "starts" or "interprets" or "loads"))
            {
                if (Judge(root, file, evidence, known, programs) is { } judgement && (worst is null || judgement.Severity > worst.Severity))
                {
                    worst = judgement;
                }
            }
            if (worst is not { } found || !reported.Add((link.Source.Location.Volume, link.Source.Location.Path, place.Id + "." + found.Suffix, found.Path)))
            {
                continue;
            }
            string? dormant = chain.DormantBecause(link.Source, link.Command);
            yield return new Finding(_rules[place.Id + "." + found.Suffix], dormant is null ? found.Severity : found.Severity.Lower(), EvidenceQueries.At(link.Source, link.Command))
            {
                Message = $"{char.ToUpperInvariant(place.Label[0])}{place.Label[1..]} starts {found.Path}: {found.Why}.{uses.Sentence(link.Source.Location.Volume, found.Path)}" + (dormant is null ? "" : $" It would not run at present: {dormant}; one level lower."),
                Evidence = Clip.Evidence(link.Command?.Text ?? found.Path, found.Path),
                Hashes = found.Hashes,
                Related = [.. EvidenceQueries.Related(link), .. chain.StartedBy(link.Source.Location.Volume, link.Source.Location.Path)],
                Remediation = found.Severity <= Severity.Low ? [] : [.. Place.CleanUp(root, link.Command?.Line), .. WindowsRemediation.RemoveFile(found.Path)],
            };
        }
    }

    private sealed record Judgement(string Suffix, Severity Severity, string Path, string Why, FileHashes? Hashes);

    private static Judgement? Judge(Artifact root, StartedFile file, EvidenceIndex evidence, TargetKnowledge known, Dictionary<(string, string), WindowsProgramFacts> programs)
    {
        string path = EvidenceQueries.PathOf(file);
        if (file.Resolved is not { } resolved)
        {
            bool isOdd = WindowsPlaces.IsOdd(path);
            return file.Relation == "starts" && (isOdd || root is ScheduledTask) && !path.EndsWith('/')
                ? new("target-missing", isOdd ? Severity.Low : Severity.Info, path, isOdd ? "it is gone from a place where no program belongs: already removed, or kept in memory only" : "it is not in the image", null) : null;
        }
        if (file.Stream is { } stream)
        {
            return OfStream(file, resolved, stream, evidence);
        }
        if (evidence.File(resolved) is not { Entry.Type: FileType.Regular } facts)
        {
            return null;
        }
        if (known.HashOf(facts) is { } bad)
        {
            return new("target-known-malware", Severity.Critical, path, $"its {bad.Algorithm.ToUpperInvariant()} is in the list {bad.Source}" + (bad.Name is null ? "" : $" as {bad.Name}"), facts.Hashes);
        }
        YaraMatch? yara = known.YaraOf(facts);
        Severity strength = yara is null ? Severity.Info : YaraDetector.SeverityOf(yara);
        if (strength >= Severity.High)
        {
            return new("target-known-malware", Severity.Critical, path, $"the YARA rule {yara!.Rule} matches it", facts.Hashes);
        }
        WindowsProgramFacts? program = programs.GetValueOrDefault((facts.Location.Volume, facts.Location.Path));
        List<TargetSign> signs = [.. WindowsSigns.Of(path, facts, program)];
        if (strength == Severity.Medium)
        {
            signs.Add(new("target-suspected-malware", 60, $"the YARA rule {yara!.Rule} matches it"));
        }
        if (root is ScheduledTask { RunsAsSystem: true } or TaskCacheEntry { RunsAsSystem: true } && path.StartsWith("/Users/", StringComparison.OrdinalIgnoreCase))
        {
            signs.Add(new("target-open-to-others", 40, "the system runs it, and a user may change it"));
        }
        if (root is WindowsService && program is { IsSigned: false } && WindowsPlaces.IsUserWritable(path))
        {
            // Weak: agents that were never signed are usual, and few of them lie outside Program Files.
            signs.Add(new("target-weak-signs", 20, "a service runs it without a signature"));
        }
        return TargetScore.Of(signs, TargetZone.Local) is { } score ? new(score.Worst.Suffix, score.Severity, path, score.Why, facts.Hashes) : null;
    }

    /// <summary>No program of anybody is started out of a stream.</summary>
    private static Judgement? OfStream(StartedFile file, ResolvedPath resolved, string stream, EvidenceIndex evidence)
    {
        bool IsIt(EvidenceLocation place) => place.Volume == resolved.Volume && place.MetadataAddress == resolved.MetadataAddress && stream.Equals(place.Stream, StringComparison.OrdinalIgnoreCase);
        if (evidence.OfType<StreamFacts>().FirstOrDefault(facts => IsIt(facts.Location)) is not { } found)
        {
            return null;
        }
        string path = EvidenceQueries.PathOf(file);
        return evidence.OfType<HashMatch>().FirstOrDefault(match => IsIt(match.Location)) is { } bad
                ? new Judgement("target-known-malware", Severity.Critical, path, $"its {bad.Algorithm.ToUpperInvariant()} is in the list {bad.Source}", found.Hashes)
            : evidence.OfType<YaraMatch>().FirstOrDefault(match => IsIt(match.Location) && YaraDetector.SeverityOf(match) >= Severity.High) is { } yara
                ? new Judgement("target-known-malware", Severity.Critical, path, $"the YARA rule {yara.Rule} matches it", found.Hashes)
            : new Judgement("target-odd-place", Severity.High, path, "it lies in a named stream, where directory listings do not show it", found.Hashes);
    }

    private static (string, string) Key(Artifact artifact) => (artifact.Location.Volume, artifact.Location.Path);
}
