using System.Buffers;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Signatures;

/// <summary>What a data rule looks at.</summary>
[Flags]
public enum RuleScope
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Each command that the host starts by itself, after unwrapping.</summary>
    Command = 1,
    /// <summary>Each line of a script that something starts.</summary>
    ScriptLine = 2,
    /// <summary>All lines of a script together.</summary>
    Script = 4,
    /// <summary>One field of one kind of artefact.</summary>
    Field = 8,
}

/// <summary>Something that makes a hit of a rule worse.</summary>
/// <param name="Weight">Points added.</param>
/// <param name="Because">What it is, as a noun phrase for the message.</param>
/// <param name="Any">Patterns; one is enough.</param>
public sealed record RuleBoost(int Weight, string Because, IReadOnlyList<RulePattern> Any);

/// <summary>That a rule hit.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Weight">Points, boosts included.</param>
/// <param name="Text">The matched text.</param>
/// <param name="Reasons">What boosted it.</param>
public sealed record RuleHit(DataRule Rule, int Weight, string Text, IReadOnlyList<string> Reasons);

/// <summary>
/// One heuristic as data (signatures/rules/*.yaml). A text matches when one of <see cref="Any"/> (or a listed mining pool) and all of <see cref="All"/>
/// are in it and none of <see cref="Not"/> is. Immutable and thread-safe.
/// </summary>
public sealed class DataRule
{
    /// <summary>Suffix of the rule id: <c>download-pipe-shell</c>.</summary>
    public required string Id { get; init; }
    /// <summary>Heuristic of the catalogue it implements: <c>H-PIPE-SH</c>.</summary>
    public required string Heuristic { get; init; }
    /// <summary>One line.</summary>
    public required string Title { get; init; }
    /// <summary><c>persistence</c>, <c>access</c>, <c>malware</c>, <c>evasion</c>, <c>execution</c>.</summary>
    public required string Category { get; init; }
    /// <summary>ATT&amp;CK ids.</summary>
    public required IReadOnlyList<string> Techniques { get; init; }
    /// <summary>Clause for the message: <c>downloads a script and gives it to a shell</c>.</summary>
    public required string Message { get; init; }
    /// <summary>What to do besides cleaning the place; may be empty.</summary>
    public IReadOnlyList<string> Remediation { get; init; } = [];
    /// <summary>What it looks at.</summary>
    public required RuleScope Scope { get; init; }
    /// <summary>Kind of artefact for <see cref="RuleScope.Field"/>.</summary>
    public string? ArtifactKind { get; init; }
    /// <summary>Field of the artefact for <see cref="RuleScope.Field"/>.</summary>
    public string? Field { get; init; }
    /// <summary>Severity of a <see cref="RuleScope.Field"/> rule.</summary>
    public Severity? Severity { get; init; }
    /// <summary>One of these stands in every text that can match, case aside; null: no such word. Spares the expressions nearly every text.</summary>
    public SearchValues<string>? Keywords { get; init; }
    /// <summary>No shorter text can match.</summary>
    public int MinLength { get; init; }
    /// <summary>Points by how many of <see cref="Any"/> match: the first for one, the second for two; the last holds for more.</summary>
    public IReadOnlyList<int> Weights { get; init; } = [];
    /// <summary>At least one, when there are any.</summary>
    public IReadOnlyList<RulePattern> Any { get; init; } = [];
    /// <summary>Every one.</summary>
    public IReadOnlyList<RulePattern> All { get; init; } = [];
    /// <summary>None.</summary>
    public IReadOnlyList<RulePattern> Not { get; init; } = [];
    /// <summary>A mining pool must be named.</summary>
    public bool NeedsPool { get; init; }
    /// <summary>How often patterns of <see cref="Any"/> must occur in all.</summary>
    public int Occurrences { get; init; } = 1;
    /// <summary>Words inside commands that only search for, kill, delete or block them do not count (<see cref="ReferenceText"/>).</summary>
    public bool IgnoresReferences { get; init; }
    /// <summary>Its hit shows that rival malware is fought, which clean-up scripts do as well: alone it stays one level lower.</summary>
    public bool IsRivalry { get; init; }
    /// <summary>What makes it worse.</summary>
    public IReadOnlyList<RuleBoost> Boosts { get; init; } = [];
    /// <summary>Texts that must match; tests run them.</summary>
    public required IReadOnlyList<string> MustMatch { get; init; }
    /// <summary>Texts that must not match.</summary>
    public required IReadOnlyList<string> MustNotMatch { get; init; }

    /// <summary>Points for one matching pattern without boosts.</summary>
    public int BaseWeight => Weights.Count == 0 ? 0 : Weights[0];

    /// <summary>Judges one text. Time is linear in its length.</summary>
    public RuleHit? Match(string text, PoolList pools)
    {
        if (text.Length < MinLength || (Keywords is not null && !text.AsSpan().ContainsAny(Keywords)))
        {
            return null;
        }
        if (!MayMatch(text))
        {
            return null;
        }
        string judged = IgnoresReferences ? ReferenceText.Blank(text) : text;
        string? evidence = null;
        bool poolHasPort = false;
        if (NeedsPool)
        {
            if (!pools.TryFind(judged, out PoolHit pool))
            {
                return null;
            }
            evidence = judged.Substring(pool.Start, pool.Length);
            poolHasPort = pool.HasPort;
        }
        int matched = 0;
        int occurrences = 0;
        foreach (RulePattern pattern in Any)
        {
            if (Occurrences > 1)
            {
                occurrences += pattern.Count(judged, Occurrences);
            }
            if (pattern.TryMatch(judged, out string found))
            {
                evidence ??= found;
                matched++;
            }
        }
        if ((Any.Count > 0 && matched == 0) || (Occurrences > 1 && occurrences < Occurrences))
        {
            return null;
        }
        foreach (RulePattern pattern in All)
        {
            if (!pattern.TryMatch(judged, out string found))
            {
                return null;
            }
            evidence ??= found;
        }
        foreach (RulePattern pattern in Not)
        {
            if (pattern.TryMatch(judged, out _))
            {
                return null;
            }
        }
        return Weigh(text, evidence ?? "", Math.Max(1, matched), poolHasPort);
    }

    /// <summary>Whether the words that its patterns need are all there: cheap, and it ends nearly every text before an expression is built or run.</summary>
    private bool MayMatch(string text)
    {
        foreach (RulePattern pattern in All)
        {
            if (!pattern.MayMatch(text))
            {
                return false;
            }
        }
        foreach (RulePattern pattern in Any)
        {
            if (pattern.MayMatch(text))
            {
                return true;
            }
        }
        return Any.Count == 0;
    }

    private RuleHit Weigh(string text, string evidence, int matched, bool poolHasPort)
    {
        int weight = Weights.Count == 0 ? 0 : Weights[Math.Min(matched, Weights.Count) - 1];
        var reasons = new List<string>();
        foreach (RuleBoost boost in Boosts)
        {
            bool applies = boost.Any.Count == 0 ? poolHasPort : boost.Any.Any(pattern => pattern.TryMatch(text, out _));
            if (applies)
            {
                weight += boost.Weight;
                reasons.Add(boost.Because);
            }
        }
        return new RuleHit(this, weight, evidence, reasons);
    }
}
