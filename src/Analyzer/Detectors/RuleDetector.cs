using System.Globalization;
using System.Text;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>
/// Applies the data rules to every command that the host starts by itself, to the scripts those start, and to fields of artefacts. One finding a command (a script counts as one):
/// its rule id is the place's plus the strongest rule's, its message explains all hits.
/// </summary>
public sealed class RuleDetector : IDetector
{
    private static readonly string[] AgentFolders = ["/usr/local/aegis/", "/usr/local/cloudmonitor/", "/usr/local/share/aliyun-assist/", "/usr/local/share/assist-daemon/", "/usr/local/qcloud/"];
    private const int MaxScriptText = 1 << 20;
    private readonly CommandScorer _scorer;
    private readonly int _threads;
    private readonly Dictionary<string, RuleInfo> _rules;

    /// <summary>A detector for these signatures that spreads the matching of texts over so many threads.</summary>
    public RuleDetector(SignatureSet signatures, int threads = 1)
    {
        _threads = threads;
        _scorer = new CommandScorer(signatures);
        _rules = Place.All.SelectMany(place => signatures.Rules.Select(rule => place.Rule(rule.Id, rule.Title, rule.Category, rule.Techniques)))
            .ToDictionary(rule => rule.Id, StringComparer.Ordinal);
        Rules = [.. _rules.Values];
    }

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; }

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        IReadOnlyDictionary<CommandLink, List<ScoredHit>> hits = Score(evidence.Links);
        var scripts = new Dictionary<Artifact, List<CommandLink>>(ReferenceEqualityComparer.Instance);
        foreach (CommandLink link in evidence.Links)
        {
            if (link.Command is null)
            {
                continue;
            }
            if (link.Source is StartupScript or ScriptFacts)
            {
                if (scripts.TryGetValue(link.Source, out List<CommandLink>? lines))
                {
                    lines.Add(link);
                }
                else
                {
                    scripts.Add(link.Source, [link]);
                }
            }
            else if (Command(link, hits[link], chain, evidence) is Finding finding)
            {
                yield return finding;
            }
        }
        // In the order of the evidence, not of a hash table.
        foreach (Artifact artifact in evidence.Artifacts)
        {
            if (artifact is StartupScript or ScriptFacts && scripts.Remove(artifact, out List<CommandLink>? lines) && Script(artifact, lines, hits, chain, evidence) is Finding finding)
            {
                yield return finding;
            }
        }
        foreach (Finding finding in Fields(evidence, chain))
        {
            yield return finding;
        }
    }

    /// <summary>The hits of every command and script line. Matching is most of the work of judging, and each text is on its own, so it is spread over threads.</summary>
    private Dictionary<CommandLink, List<ScoredHit>> Score(IReadOnlyList<CommandLink> links)
    {
        var hits = new List<ScoredHit>[links.Count];
        Threads.For(links.Count, _threads, i => hits[i] = links[i].Command is null ? []
            : _scorer.Hits(Texts(links[i]), links[i].Source is StartupScript or ScriptFacts ? RuleScope.ScriptLine : RuleScope.Command));
        var byLink = new Dictionary<CommandLink, List<ScoredHit>>(links.Count, ReferenceEqualityComparer.Instance);
        for (int i = 0; i < links.Count; i++)
        {
            byLink[links[i]] = hits[i];
        }
        return byLink;
    }

    private Finding? Command(CommandLink link, List<ScoredHit> hits, StartChain chain, EvidenceIndex evidence)
    {
        CommandScorer.Sort(hits);
        return CommandScorer.SeverityOf(hits) is Severity severity
            ? Build(link, chain.RootOf(link.Source), hits, severity, chain, evidence, EvidenceQueries.Related(link)) : null;
    }

    private Finding? Script(Artifact script, List<CommandLink> lines, IReadOnlyDictionary<CommandLink, List<ScoredHit>> hits, StartChain chain, EvidenceIndex evidence)
    {
        // What never runs (behind an exit) is judged on its own, so that it cannot hide or inflate what does.
        List<CommandLink> live = [.. lines.Where(line => line.Command!.DormantBecause is null)];
        List<CommandLink> dead = [.. lines.Where(line => line.Command!.DormantBecause is not null)];
        return Lines(script, live, hits, chain, evidence) ?? Lines(script, dead, hits, chain, evidence);
    }

    private Finding? Lines(Artifact script, List<CommandLink> lines, IReadOnlyDictionary<CommandLink, List<ScoredHit>> scored, StartChain chain, EvidenceIndex evidence)
    {
        if (lines.Count == 0)
        {
            return null;
        }
        // The agent's own script stops and removes it on request; what else removes it does not start it.
        bool isOfAgent = lines.Any(line => line.Files.Any(file => file.Relation == "starts" && file.Resolved is { } resolved && PathTraits.StartsWithAny(resolved.Path, AgentFolders)));
        CommandLink best = lines[0];
        List<ScoredHit> bestHits = [];
        var strong = new Dictionary<string, ScoredHit>(StringComparer.Ordinal);
        var whole = new StringBuilder();
        foreach (CommandLink line in lines)
        {
            if (whole.Length < MaxScriptText)
            {
                whole.Append(line.Command!.Text).Append('\n');
            }
            List<ScoredHit> hits = isOfAgent ? [.. scored[line].Where(hit => hit.Hit.Rule.Id != "removes-agent")] : scored[line];
            if (CommandScorer.Score(hits) > CommandScorer.Score(bestHits))
            {
                (best, bestHits) = (line, hits);
            }
            foreach (ScoredHit hit in hits)
            {
                if (hit.Hit.Weight >= CommandScorer.Strong && (!strong.TryGetValue(hit.Hit.Rule.Id, out ScoredHit? known) || hit.Hit.Weight > known.Hit.Weight))
                {
                    strong[hit.Hit.Rule.Id] = hit;
                }
            }
        }
        foreach (ScoredHit hit in _scorer.Hits([whole.ToString()], RuleScope.Script))
        {
            strong.TryAdd(hit.Hit.Rule.Id, hit);
        }
        // Weak signs add up within the worst line only: a long script collects them by chance.
        foreach (ScoredHit hit in bestHits)
        {
            strong.TryAdd(hit.Hit.Rule.Id, hit);
        }
        List<ScoredHit> all = [.. strong.Values];
        CommandScorer.Sort(all);
        if (CommandScorer.SeverityOf(all) is not Severity severity)
        {
            return null;
        }
        Artifact root = chain.RootOf(script);
        IEnumerable<RelatedFile> related = [.. chain.StartedBy(script.Location.Volume, script.Location.Path), .. lines.SelectMany(EvidenceQueries.Related).Distinct().Take(16)];
        return Build(best, root, all, severity, chain, evidence, related);
    }

    private Finding Build(CommandLink link, Artifact root, List<ScoredHit> hits, Severity severity, StartChain chain, EvidenceIndex evidence, IEnumerable<RelatedFile> related)
    {
        (Artifact source, StartCommand command) = (link.Source, link.Command!);
        Place place = Place.Of(root) ?? Place.Of(source)!;
        ScoredHit strongest = hits[0];
        string? dormant = chain.DormantBecause(source, command);
        var message = new StringBuilder();
        message.Append(char.ToUpperInvariant(place.Label[0])).Append(place.Label.AsSpan(1));
        message.Append(command.Trigger.Length > 0 ? $" ({command.Trigger}{(command.User is string user ? " as " + user : "")})" : "").Append(": ");
        for (int i = 0; i < hits.Count; i++)
        {
            message.Append(i == 0 ? "" : "; ").Append(hits[i].Hit.Rule.Message);
            if (hits[i].Hit.Reasons.Count > 0)
            {
                message.Append(" (").AppendJoin(", ", hits[i].Hit.Reasons).Append(')');
            }
        }
        message.Append(CultureInfo.InvariantCulture, $". Score {CommandScorer.Score(hits)}.");
        if (hits.Any(hit => hit.Hit.Rule.IsRivalry) && hits.All(hit => hit.Hit.Rule.IsRivalry || hit.Hit.Weight < CommandScorer.Strong))
        {
            message.Append(" Nothing else speaks against it, so it may be a clean-up script: one level lower.");
        }
        if (dormant is not null)
        {
            message.Append(" It would not run at present: ").Append(dormant).Append("; one level lower.");
        }
        if (source is CronJob { Noise: string noise })
        {
            message.Append(" The table also holds ").Append(noise).Append('.');
        }
        return new Finding(_rules[place.Id + "." + strongest.Hit.Rule.Id], dormant is null ? severity : severity.Lower(), EvidenceQueries.At(source, command))
        {
            Message = message.ToString(),
            Evidence = Clip.Evidence(strongest.Text.Contains('\n') ? strongest.Hit.Text : strongest.Text, strongest.Hit.Text),
            Hashes = evidence.HashesOf(source.Location),
            Related = [.. related],
            Remediation = severity <= Severity.Low ? [] : [.. Place.CleanUp(source, command.Line), .. root is SystemdUnit && !ReferenceEquals(root, source) ? Place.CleanUp(root, null) : [], .. Targets(link, evidence.HostOf(source.Location.Volume)?.IsWindows == true), .. hits.SelectMany(hit => hit.Hit.Rule.Remediation).Distinct()],
            Techniques = [.. new[] { place.Technique }.Concat(hits.Where(hit => hit.Hit.Weight >= 20 || hit == strongest).SelectMany(hit => hit.Hit.Rule.Techniques)).Distinct(StringComparer.Ordinal)],
        };
    }

    // Only what lies where no installed program lies is named for removal: a hostile line must never make us suggest 'rm /bin/sh'.
    private static IEnumerable<string> Targets(CommandLink link, bool isWindows) =>
        link.Files
            .Where(file => file.Resolved is not null && file.Relation != "uses")
            .Select(EvidenceQueries.PathOf)
            .Where(path => isWindows ? WindowsPlaces.IsOdd(path) : PathTraits.IsTemporary(path) || PathTraits.IsHidden(path))
            .Distinct(StringComparer.Ordinal).Take(4).SelectMany(path => isWindows ? WindowsRemediation.RemoveFile(path) : Remediation.RemoveFile(path));

    private IEnumerable<Finding> Fields(EvidenceIndex evidence, StartChain chain)
    {
        if (_scorer.FieldRules.Count == 0)
        {
            yield break;
        }
        ILookup<string?, DataRule> byKind = _scorer.FieldRules.ToLookup(rule => rule.ArtifactKind);
        foreach (Artifact artifact in evidence.Artifacts)
        {
            foreach (DataRule rule in byKind[artifact.Kind])
            {
                var reader = new FieldReader(rule.Field!);
                artifact.Visit(reader);
                if (reader.Value is not string value || Place.Of(artifact) is not Place place || _scorer.Match(rule, value) is not RuleHit hit)
                {
                    continue;
                }
                string? dormant = chain.DormantBecause(artifact, null);
                Severity severity = rule.Severity ?? Severity.Medium;
                yield return new Finding(_rules[place.Id + "." + rule.Id], dormant is null ? severity : severity.Lower(), artifact.Location)
                {
                    Message = $"{char.ToUpperInvariant(place.Label[0])}{place.Label[1..]}: {rule.Message}." + (dormant is null ? "" : $" It would not take effect at present: {dormant}; one level lower."),
                    Evidence = Clip.Evidence(hit.Text.Length > 0 ? hit.Text : value),
                    Hashes = evidence.HashesOf(artifact.Location),
                    Remediation = [.. Place.CleanUp(artifact, null), .. rule.Remediation],
                };
            }
        }
    }

    private static IReadOnlyList<string> Texts(CommandLink link) => link.Unwrapped.Count > 0 ? link.Unwrapped : [link.Command!.Text];

    /// <summary>Picks one field out of an artefact, lists as lines.</summary>
    private sealed class FieldReader(string wanted) : IFieldVisitor
    {
        public string? Value { get; private set; }

        public void Text(string name, string? value) => Take(name, value);
        public void Number(string name, long? value) => Take(name, value?.ToString(CultureInfo.InvariantCulture));
        public void Flag(string name, bool? value) => Take(name, value is bool flag ? (flag ? "true" : "false") : null);
        public void Time(string name, Forensics.Parsers.Timestamp? value) => Take(name, value?.ToString());
        public void List(string name, IReadOnlyList<string> values) => Take(name, values.Count == 0 ? null : string.Join('\n', values));

        private void Take(string name, string? value)
        {
            if (value is not null && name.Equals(wanted, StringComparison.Ordinal))
            {
                Value = value;
            }
        }
    }
}
