using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Judges the files that persistence starts, loads or interprets by what they are: known malware, and otherwise the sum of the signs against them (origin, place, build, age, rights).
/// At most one finding a command, for the worst of its files, which names every sign and the score; its rule is that of the strongest sign.
/// </summary>
/// <remarks>
/// <b>Limitations:</b> where there is no package database, being unowned counts for nothing. What vendors' installers put into <c>/opt</c>, <c>/usr/local</c> and homes cannot be told from what
/// an intruder put there unless something else betrays it.
/// </remarks>
public sealed class StartTargetDetector : IDetector
{
    private static readonly (string Suffix, string Title, string Category, string Technique)[] Kinds =
    [
        ("target-known-malware", "Starts a file that is known or strongly suspected malware", "malware", "T1204.002"),
        ("target-suspected-malware", "Starts a file that a YARA rule matches", "malware", "T1204.002"),
        ("target-modified-program", "Starts a program that differs from what its package brought", "malware", "T1554"),
        ("target-temporary-binary", "Starts a binary in a directory that anybody may write", "persistence", "T1036.005"),
        ("target-odd-place", "Starts a binary where no distribution puts one", "persistence", "T1036.005"),
        ("target-hidden-binary", "Starts a binary with a hidden path", "evasion", "T1564.001"),
        ("target-alien-program", "Starts a program that no package owns in a directory of the distribution", "persistence", "T1036.005"),
        ("target-alien-script", "Starts a script that no package owns in a directory of the distribution", "persistence", "T1036.005"),
        ("target-miner", "Starts a program with the pools, wallets or words of a miner in it", "malware", "T1496"),
        ("target-packed-binary", "Starts a packed or stripped-down binary", "evasion", "T1027.002"),
        ("target-imitated-name", "Starts a program with a borrowed name", "evasion", "T1036.004"),
        ("target-gained-setuid", "Starts a program that gained setuid", "access", "T1548.001"),
        (RightsSigns.Suffix, "Root runs a file that others may change", "access", "T1574.010"),
        ("target-weak-signs", "Starts a program with several weak signs against it", "persistence", "T1036"),
        ("target-missing", "Starts a file that is not there", "persistence", "T1070.004"),
    ];

    // Servers run programs of their own; a job in the crontab of their account is another matter.
    private static readonly HashSet<string> ServerAccounts = new(StringComparer.Ordinal)
    {
        "www-data", "apache", "nginx", "httpd", "www", "wwwrun", "postgres", "mysql", "redis", "mongodb", "mongod", "tomcat", "jetty", "solr", "elasticsearch", "memcache", "rabbitmq", "nobody", "daemon", "bin",
    };

    private readonly Dictionary<string, RuleInfo> _rules = Place.All.Where(place => place.Id.StartsWith("L-", StringComparison.Ordinal))
        .SelectMany(place => Kinds.Select(kind => place.Rule(kind.Suffix, kind.Title, kind.Category, kind.Technique)))
        .ToDictionary(rule => rule.Id, StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules => [.. _rules.Values];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        var known = new TargetKnowledge(evidence);
        var reported = new HashSet<(string Volume, string Source, string Suffix, string Target)>();
        foreach (CommandLink link in evidence.Links)
        {
            // Programs of Windows are judged by what counts there.
            if (link.Source is PreloadedLibrary || evidence.HostOf(link.Source.Location.Volume)?.IsWindows == true)
            {
                continue;
            }
            Artifact root = chain.RootOf(link.Source);
            if (Place.Of(root) is not Place place)
            {
                continue;
            }
            Judgement? worst = null;
            foreach (StartedFile file in link.Files)
            {
                if (file.Relation is "starts" or "interprets" or "loads" && Judge(link, root, file, evidence, known) is Judgement judgement && (worst is null || judgement.Severity > worst.Severity))
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

    private sealed record Judgement(string Suffix, Severity Severity, string Path, string Why, FileHashes? Hashes, IReadOnlyList<string> Remedy);

    private static Judgement? Judge(CommandLink link, Artifact root, StartedFile file, EvidenceIndex evidence, TargetKnowledge known)
    {
        string path = EvidenceQueries.PathOf(file);
        if (file.Resolved is not ResolvedPath resolved)
        {
            return Missing(link, file);
        }
        if (evidence.File(resolved) is not { Entry.Type: FileType.Regular } facts)
        {
            return null;
        }
        IReadOnlyList<string> removal = [.. Place.CleanUp(link.Source, link.Command?.Line), .. Remediation.RemoveFile(path)];
        if (known.HashOf(facts) is { } bad)
        {
            return new("target-known-malware", Severity.Critical, path, $"its {bad.Algorithm.ToUpperInvariant()} is in the list {bad.Source}" + (bad.Name is null ? "" : $" as {bad.Name}"), facts.Hashes, removal);
        }
        YaraMatch? yara = known.YaraOf(facts);
        Severity strength = yara is null ? Severity.Info : YaraDetector.SeverityOf(yara);
        if (strength >= Severity.High)
        {
            return new("target-known-malware", Severity.Critical, path, $"the YARA rule {yara!.Rule} matches it", facts.Hashes, removal);
        }
        string? runsAs = RunsAs(link, root);
        TargetFile target = known.Gather(facts, path, file.Requested, runsAs);
        List<TargetSign> signs = [.. TargetKnowledge.SignsOf(target)];
        if (strength == Severity.Medium)
        {
            signs.Add(new("target-suspected-malware", target.IsVendor ? 20 : 60, $"the YARA rule {yara!.Rule} matches it"));
        }
        if (target.IsElf && (target.IsAlien || (target.Facts.Origin is null && target.Zone != TargetZone.Distribution)) && root is CronJob && ServerAccounts.Contains(runsAs ?? ""))
        {
            signs.Add(new("target-weak-signs", 20, $"it runs from the crontab of {runsAs}, a server's account"));
        }
        return TargetScore.Of(signs, target.Zone) is { } score ? new(score.Worst.Suffix, score.Severity, path, score.Why, facts.Hashes, TargetRemedy.For(target, score, link.Source, link.Command?.Line)) : null;
    }

    /// <summary>The account a command runs as: what it states, what the entry at the root of its chain states, root for what the system starts by itself.</summary>
    private static string? RunsAs(CommandLink link, Artifact root) =>
        link.Command?.User ?? (root as IStartsCommands)?.Commands.FirstOrDefault()?.User
        ?? (root is SystemdUnit { IsUserUnit: true } or AuthorizedKey || root.Location.Path.StartsWith("/home/", StringComparison.Ordinal) ? null : "root");

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
            return new("target-missing", Severity.Low, file.Requested, "it is gone from a hidden or temporary place: already removed, or kept in memory only", null, []);
        }
        bool isFixedPlace = link.Source is CronJob or StartupScript { Place: StartupPlace.RcLocal } or InittabEntry or AuthorizedKey or SystemdUnit { IsDropIn: false, UnitType: "service" };
        return isVendor || isGuarded || isScriptLine || !isFixedPlace || file.Relation != "starts"
            ? null : new("target-missing", Severity.Info, file.Requested, "it is not in the image", null, []);
    }

    private Finding Build(Place place, CommandLink link, Judgement judgement, StartChain chain)
    {
        string? dormant = chain.DormantBecause(link.Source, link.Command);
        return new Finding(_rules[place.Id + "." + judgement.Suffix], dormant is null ? judgement.Severity : judgement.Severity.Lower(), EvidenceQueries.At(link.Source, link.Command))
        {
            Message = $"{char.ToUpperInvariant(place.Label[0])}{place.Label[1..]} starts {judgement.Path}: {judgement.Why}." + (dormant is null ? "" : $" It would not run at present: {dormant}; one level lower."),
            Evidence = Clip.Evidence(link.Command?.Text ?? judgement.Path, judgement.Path),
            Hashes = judgement.Hashes,
            Related = [.. EvidenceQueries.Related(link), .. chain.StartedBy(link.Source.Location.Volume, link.Source.Location.Path)],
            Remediation = judgement.Severity <= Severity.Low ? [] : [.. Trigger(link.Source, chain), .. judgement.Remedy],
        };
    }

    /// <summary>A service that only a timer, path or socket starts comes back with it.</summary>
    private static IReadOnlyList<string> Trigger(Forensics.Parsers.Artifacts.Artifact source, StartChain chain) =>
        chain.RootOf(source) is SystemdUnit root && !ReferenceEquals(root, source) ? Place.CleanUp(root, null) : [];
}
