using System.Globalization;
using Forensics.Analyzer.Risk;
using YamlDotNet.Core;

namespace Forensics.Analyzer.Signatures;

/// <summary>
/// Reads a file of data rules: YAML with the key <c>rules</c>, see signatures/README.md. Strict: an unknown key, a bad expression, a rule without
/// must-match and must-not-match cases is a <see cref="SignatureException"/> that names file, rule and reason. Nothing in the file is executed.
/// </summary>
public static class RuleFile
{
    private const int MaxRules = 10_000;
    private static readonly string[] Categories = ["persistence", "access", "malware", "evasion", "execution"];

    /// <summary>Reads one file.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="isTrusted">The file ships with the program and is tested with it: its expressions are compiled when first needed, which saves most of the start-up time.</param>
    public static IReadOnlyList<DataRule> Load(string file, bool isTrusted = false) => Parse(SignatureFiles.ReadText(file), file, isTrusted);

    /// <summary>Reads rules from text; <paramref name="name"/> stands in error messages.</summary>
    public static IReadOnlyList<DataRule> Parse(string yaml, string name, bool isTrusted = false)
    {
        List<RuleEntry> entries;
        try
        {
            entries = RuleEntries.Read(yaml);
        }
        catch (YamlException error)
        {
            throw new SignatureException(string.Create(CultureInfo.InvariantCulture, $"{name}: line {error.Start.Line}: {error.Message}"), error);
        }
        if (entries.Count is 0 or > MaxRules)
        {
            throw new SignatureException($"{name}: no list of rules under the key 'rules'");
        }
        var rules = new List<DataRule>(entries.Count);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (RuleEntry entry in entries)
        {
            DataRule rule = Build(entry, name, isTrusted);
            if (!known.Add(rule.Id))
            {
                throw new SignatureException($"{name}: rule '{rule.Id}' stands there twice");
            }
            rules.Add(rule);
        }
        return rules;
    }

    private static DataRule Build(RuleEntry entry, string file, bool isTrusted)
    {
        string id = entry.Id ?? "";
        string where = $"{file}: rule '{id}'";
        Require(id.Length is > 0 and <= 64 && id.All(value => char.IsAsciiLetterLower(value) || char.IsAsciiDigit(value) || value == '-'), where, "the id must be lower-case words joined by dashes");
        Require(!string.IsNullOrWhiteSpace(entry.Title), where, "it has no title");
        Require(!string.IsNullOrWhiteSpace(entry.Message), where, "it has no message");
        Require(Categories.Contains(entry.Category, StringComparer.Ordinal), where, "category must be one of " + string.Join(", ", Categories));
        Require(entry.MustMatch is { Count: > 0 } && entry.MustNotMatch is { Count: > 0 }, where, "it needs both mustMatch and mustNotMatch cases");
        RuleScope scope = Scope(entry.Applies, where);
        bool isField = scope == RuleScope.Field;
        Require(isField == (entry.Artifact is not null && entry.Field is not null) && isField == (entry.Severity is not null), where,
            "artifact, field and severity belong to a rule that applies to a field, and only there");
        Require(isField || (entry.Weights is { Count: > 0 } weights && weights.All(weight => weight is > 0 and <= 1000)), where, "it needs weights between 1 and 1000");
        bool needsPool = entry.Pool ?? false;
        Require(needsPool || entry.Any is { Count: > 0 } || entry.All is { Count: > 0 }, where, "it has no patterns");
        Require(entry.Keywords is null || (entry.Keywords.Count > 0 && entry.Keywords.All(keyword => !string.IsNullOrEmpty(keyword))), where, "a keyword is empty");
        Require((entry.Occurrences ?? 1) is >= 1 and <= 1000, where, "occurrences must be between 1 and 1000");
        return new DataRule
        {
            Id = id,
            Heuristic = entry.Heuristic ?? "",
            Title = entry.Title!.Trim(),
            Category = entry.Category!,
            Techniques = entry.Techniques ?? [],
            Message = entry.Message!.Trim(),
            Remediation = entry.Remediation ?? [],
            Scope = scope,
            ArtifactKind = entry.Artifact,
            Field = entry.Field,
            Severity = entry.Severity is null ? null : ParseSeverity(entry.Severity, where),
            Weights = entry.Weights ?? [],
            Any = Patterns(entry.Any, where, isTrusted),
            All = Patterns(entry.All, where, isTrusted),
            Not = Patterns(entry.Not, where, isTrusted),
            Keywords = entry.Keywords is { Count: > 0 } keywords ? System.Buffers.SearchValues.Create([.. keywords], StringComparison.OrdinalIgnoreCase) : null,
            MinLength = entry.MinLength ?? 0,
            NeedsPool = needsPool,
            Occurrences = entry.Occurrences ?? 1,
            IgnoresReferences = entry.IgnoreReferences ?? false,
            IsRivalry = entry.Rivalry ?? false,
            Boosts = [.. (entry.Boosts ?? []).Select(boost => Boost(boost, needsPool, where, isTrusted))],
            MustMatch = entry.MustMatch!,
            MustNotMatch = entry.MustNotMatch!,
        };
    }

    private static RuleBoost Boost(BoostEntry boost, bool needsPool, string where, bool isTrusted)
    {
        Require(boost.Weight is > 0 and <= 1000 && !string.IsNullOrWhiteSpace(boost.Because), where, "a boost needs a weight and a reason ('because')");
        Require((boost.Any is { Count: > 0 }) != (boost.PoolPort ?? false) && (needsPool || boost.Any is { Count: > 0 }), where, "a boost needs either patterns or, in a pool rule, poolPort");
        return new RuleBoost(boost.Weight ?? 0, boost.Because!.Trim(), Patterns(boost.Any, where, isTrusted));
    }

    private static RuleScope Scope(List<string>? names, string where)
    {
        RuleScope scope = RuleScope.None;
        foreach (string name in names ?? [])
        {
            scope |= name switch
            {
                "command" => RuleScope.Command,
                "script-line" => RuleScope.ScriptLine,
                "script" => RuleScope.Script,
                "field" => RuleScope.Field,
                _ => throw new SignatureException($"{where}: it cannot apply to '{name}' (command, script-line, script, field)"),
            };
        }
        Require(scope != RuleScope.None && ((scope & RuleScope.Field) == 0 || scope == RuleScope.Field), where, "applies must name command, script-line and script, or field alone");
        return scope;
    }

    private static Severity ParseSeverity(string text, string where) => text switch
    {
        "critical" => Risk.Severity.Critical,
        "high" => Risk.Severity.High,
        "medium" => Risk.Severity.Medium,
        "low" => Risk.Severity.Low,
        "info" => Risk.Severity.Info,
        _ => throw new SignatureException($"{where}: '{text}' is not a severity (critical, high, medium, low, info)"),
    };

    private static List<RulePattern> Patterns(List<string>? expressions, string where, bool isTrusted)
    {
        var patterns = new List<RulePattern>();
        foreach (string expression in expressions ?? [])
        {
            try
            {
                patterns.Add(new RulePattern(expression, isTrusted));
            }
            catch (Exception error) when (error is ArgumentException or NotSupportedException)
            {
                throw new SignatureException($"{where}: bad expression '{expression}': {error.Message}", error);
            }
        }
        return patterns;
    }

    private static void Require(bool condition, string where, string reason)
    {
        if (!condition)
        {
            throw new SignatureException($"{where}: {reason}");
        }
    }
}
