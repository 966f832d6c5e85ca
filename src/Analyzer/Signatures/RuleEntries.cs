using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Forensics.Analyzer.Signatures;

/// <summary>One rule as it stands in its file, nothing checked but the shape.</summary>
internal sealed class RuleEntry
{
    public string? Id { get; set; }
    public string? Heuristic { get; set; }
    public string? Title { get; set; }
    public string? Category { get; set; }
    public List<string>? Techniques { get; set; }
    public List<string>? Applies { get; set; }
    public string? Artifact { get; set; }
    public string? Field { get; set; }
    public string? Severity { get; set; }
    public List<int>? Weights { get; set; }
    public List<string>? Keywords { get; set; }
    public int? MinLength { get; set; }
    public List<string>? Any { get; set; }
    public List<string>? All { get; set; }
    public List<string>? Not { get; set; }
    public bool? Pool { get; set; }
    public int? Occurrences { get; set; }
    public bool? IgnoreReferences { get; set; }
    public bool? Rivalry { get; set; }
    public List<BoostEntry>? Boosts { get; set; }
    public string? Message { get; set; }
    public List<string>? Remediation { get; set; }
    public List<string>? MustMatch { get; set; }
    public List<string>? MustNotMatch { get; set; }
}

/// <summary>One boost as it stands in its file.</summary>
internal sealed class BoostEntry
{
    public int? Weight { get; set; }
    public string? Because { get; set; }
    public List<string>? Any { get; set; }
    public bool? PoolPort { get; set; }
}

/// <summary>
/// Reads rule files from YAML events. By hand, because mapping to objects by reflection costs a tenth of a second at every start. Unknown and repeated keys, anchors and
/// wrong kinds of values are a <see cref="YamlException"/>.
/// </summary>
internal static class RuleEntries
{
    private delegate void ReadField<T>(IParser parser, T target);

    private static readonly Dictionary<string, ReadField<RuleEntry>> s_ruleFields = new(StringComparer.Ordinal)
    {
        ["id"] = (parser, rule) => rule.Id = Text(parser),
        ["heuristic"] = (parser, rule) => rule.Heuristic = Text(parser),
        ["title"] = (parser, rule) => rule.Title = Text(parser),
        ["category"] = (parser, rule) => rule.Category = Text(parser),
        ["techniques"] = (parser, rule) => rule.Techniques = List(parser, Text),
        ["applies"] = (parser, rule) => rule.Applies = List(parser, Text),
        ["artifact"] = (parser, rule) => rule.Artifact = Text(parser),
        ["field"] = (parser, rule) => rule.Field = Text(parser),
        ["severity"] = (parser, rule) => rule.Severity = Text(parser),
        ["weights"] = (parser, rule) => rule.Weights = List(parser, Number),
        ["keywords"] = (parser, rule) => rule.Keywords = List(parser, Text),
        ["minLength"] = (parser, rule) => rule.MinLength = Number(parser),
        ["any"] = (parser, rule) => rule.Any = List(parser, Text),
        ["all"] = (parser, rule) => rule.All = List(parser, Text),
        ["not"] = (parser, rule) => rule.Not = List(parser, Text),
        ["pool"] = (parser, rule) => rule.Pool = Flag(parser),
        ["occurrences"] = (parser, rule) => rule.Occurrences = Number(parser),
        ["ignoreReferences"] = (parser, rule) => rule.IgnoreReferences = Flag(parser),
        ["rivalry"] = (parser, rule) => rule.Rivalry = Flag(parser),
        ["boosts"] = (parser, rule) => rule.Boosts = List(parser, item => Map(item, s_boostFields!)),
        ["message"] = (parser, rule) => rule.Message = Text(parser),
        ["remediation"] = (parser, rule) => rule.Remediation = List(parser, Text),
        ["mustMatch"] = (parser, rule) => rule.MustMatch = List(parser, Text),
        ["mustNotMatch"] = (parser, rule) => rule.MustNotMatch = List(parser, Text),
    };

    private static readonly Dictionary<string, ReadField<BoostEntry>> s_boostFields = new(StringComparer.Ordinal)
    {
        ["weight"] = (parser, boost) => boost.Weight = Number(parser),
        ["because"] = (parser, boost) => boost.Because = Text(parser),
        ["any"] = (parser, boost) => boost.Any = List(parser, Text),
        ["poolPort"] = (parser, boost) => boost.PoolPort = Flag(parser),
    };

    private static readonly Dictionary<string, ReadField<List<RuleEntry>>> s_documentFields = new(StringComparer.Ordinal)
    {
        ["rules"] = (parser, rules) => rules.AddRange(List(parser, item => Map(item, s_ruleFields))),
    };

    /// <summary>The rules of a document; empty when there is no document. Throws <see cref="YamlException"/>.</summary>
    public static List<RuleEntry> Read(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
        {
            return [];
        }
        List<RuleEntry> rules = Map(parser, s_documentFields);
        parser.Consume<DocumentEnd>();
        parser.Consume<StreamEnd>();
        return rules;
    }

    private static T Map<T>(IParser parser, Dictionary<string, ReadField<T>> fields) where T : new()
    {
        var target = new T();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        parser.Consume<MappingStart>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            Scalar key = parser.Consume<Scalar>();
            if (!fields.TryGetValue(key.Value, out ReadField<T>? read))
            {
                throw new YamlException(key.Start, key.End, $"the key '{key.Value}' is not known here");
            }
            if (!seen.Add(key.Value))
            {
                throw new YamlException(key.Start, key.End, $"the key '{key.Value}' stands there twice");
            }
            read(parser, target);
        }
        return target;
    }

    private static List<T> List<T>(IParser parser, Func<IParser, T> item)
    {
        var list = new List<T>();
        parser.Consume<SequenceStart>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            list.Add(item(parser));
        }
        return list;
    }

    private static string Text(IParser parser) => parser.Consume<Scalar>().Value;

    private static int Number(IParser parser)
    {
        Scalar scalar = parser.Consume<Scalar>();
        return int.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value
            : throw new YamlException(scalar.Start, scalar.End, $"'{scalar.Value}' is not a number");
    }

    private static bool Flag(IParser parser)
    {
        Scalar scalar = parser.Consume<Scalar>();
        return scalar.Value switch
        {
            "true" => true,
            "false" => false,
            _ => throw new YamlException(scalar.Start, scalar.End, $"'{scalar.Value}' is neither true nor false"),
        };
    }
}
