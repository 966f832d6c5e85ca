using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Signatures;

namespace Forensics.Analyzer.Detectors;

/// <summary>A rule that hit and the text it hit in.</summary>
internal sealed record ScoredHit(RuleHit Hit, string Text);

/// <summary>Applies the data rules to texts and adds up what they weigh.</summary>
internal sealed class CommandScorer
{
    public const int Strong = 40;
    private const int Noticeable = 20;

    private readonly PoolList _pools;
    private readonly Dictionary<RuleScope, DataRule[]> _byScope;

    public CommandScorer(SignatureSet signatures)
    {
        _pools = signatures.Pools;
        _byScope = new[] { RuleScope.Command, RuleScope.ScriptLine, RuleScope.Script, RuleScope.Field }
            .ToDictionary(scope => scope, scope => signatures.Rules.Where(rule => (rule.Scope & scope) != 0).ToArray());
    }

    /// <summary>Hits of all rules of a scope; the outer and inner texts of one command are one thing, so each rule counts once, with its heaviest hit.</summary>
    public List<ScoredHit> Hits(IReadOnlyList<string> texts, RuleScope scope)
    {
        var hits = new List<ScoredHit>();
        foreach (DataRule rule in _byScope[scope])
        {
            ScoredHit? best = null;
            foreach (string text in texts)
            {
                if (rule.Match(text, _pools) is RuleHit hit && (best is null || hit.Weight > best.Hit.Weight))
                {
                    best = new ScoredHit(hit, text);
                }
            }
            if (best is not null)
            {
                hits.Add(best);
            }
        }
        return hits;
    }

    /// <summary>Rules of field scope.</summary>
    public IReadOnlyList<DataRule> FieldRules => _byScope[RuleScope.Field];

    /// <summary>Judges one field of an artefact.</summary>
    public RuleHit? Match(DataRule rule, string text) => rule.Match(text, _pools);

    /// <summary>The strongest hit first; ties in the order of their ids, so that the result does not depend on file order.</summary>
    public static void Sort(List<ScoredHit> hits) => hits.Sort((left, right) =>
        left.Hit.Weight != right.Hit.Weight ? right.Hit.Weight.CompareTo(left.Hit.Weight) : string.CompareOrdinal(left.Hit.Rule.Id, right.Hit.Rule.Id));

    /// <summary>Sum of all weights.</summary>
    public static int Score(IReadOnlyList<ScoredHit> hits)
    {
        int score = 0;
        foreach (ScoredHit hit in hits)
        {
            score += hit.Hit.Weight;
        }
        return score;
    }

    /// <summary>100 critical, 60 high, 40 medium; weak hits alone never above low, and below 20 nothing at all (hits sorted).</summary>
    public static Severity? SeverityOf(IReadOnlyList<ScoredHit> sorted)
    {
        if (sorted.Count == 0 || sorted[0].Hit.Weight < Noticeable)
        {
            return null;
        }
        int score = Score(sorted);
        Severity severity = score >= 100 ? Severity.Critical : score >= 60 ? Severity.High : score >= 40 ? Severity.Medium : Severity.Low;
        bool isOneWeakHit = sorted[0].Hit.Weight < Strong && sorted.Count(hit => hit.Hit.Weight >= Noticeable) == 1;
        if (isOneWeakHit)
        {
            return Severity.Low;
        }
        // Killing and deleting miners is what clean-up scripts do too; without anything else it stays one level lower.
        bool onlyRivalry = sorted.All(hit => hit.Hit.Rule.IsRivalry || hit.Hit.Weight < Noticeable);
        return onlyRivalry ? severity.Lower() : severity;
    }
}
