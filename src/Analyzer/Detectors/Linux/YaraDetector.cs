using System.Globalization;
using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Turns YARA matches into findings <c>YARA.RULE</c>. Severity comes from the rule's meta <c>severity</c>, else from its <c>score</c> (80 high, 60 medium, 40 low), else it is
/// medium; author and reference stand in the message, techniques come from <c>technique</c>, <c>mitre</c> and the like.
/// </summary>
public sealed class YaraDetector : IDetector
{
    private static readonly Regex TechniqueId = new(@"\bT[0-9]{4}(?:\.[0-9]{3})?\b", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>None beforehand: the rules are the user's, their infos are made when they match.</summary>
    public IReadOnlyList<RuleInfo> Rules => [];

    /// <summary>How bad a match is by the meta of its rule.</summary>
    public static Severity SeverityOf(YaraMatch match)
    {
        switch (match.MetaValue("severity")?.Trim().ToLowerInvariant())
        {
            case "critical":
                return Severity.Critical;
            case "high":
                return Severity.High;
            case "medium" or "moderate":
                return Severity.Medium;
            case "low":
                return Severity.Low;
            case "info" or "informational":
                return Severity.Info;
            default:
                break;
        }
        string? score = match.MetaValue("severity") is string number && int.TryParse(number, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? number : match.MetaValue("score");
        return int.TryParse(score, NumberStyles.Integer, CultureInfo.InvariantCulture, out int value)
            ? value >= 80 ? Severity.High : value >= 60 ? Severity.Medium : value >= 40 ? Severity.Low : Severity.Info
            : Severity.Medium;
    }

    /// <summary>ATT&amp;CK ids that the meta of its rule names.</summary>
    internal static string[] TechniquesOf(YaraMatch match) =>
        [.. match.Meta.Where(pair => pair.Key.Contains("technique", StringComparison.OrdinalIgnoreCase) || pair.Key.Contains("mitre", StringComparison.OrdinalIgnoreCase) || pair.Key.Contains("attack", StringComparison.OrdinalIgnoreCase))
            .SelectMany(pair => TechniqueId.Matches(pair.Value)).Select(found => found.Value).Distinct(StringComparer.Ordinal)];

    /// <summary>The first strings that matched, as the evidence of a finding.</summary>
    internal static string StringsOf(YaraMatch match) =>
        Clip.Evidence(string.Join("; ", match.Strings.Take(8).Select(found => string.Create(CultureInfo.InvariantCulture, $"{found.Identifier} at {found.Offset}: {found.Text}"))));

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        // Tables and key files hold more than the attacker's entry: they are edited, not removed.
        HashSet<(string, string)> tables = [.. evidence.Artifacts
            .Where(artifact => artifact is CronJob { Table: not CronTable.SystemDirectory } or AuthorizedKey or UserAccount or UserGroup or PasswordEntry or InittabEntry or SshServerOption)
            .Select(artifact => (artifact.Location.Volume, artifact.Location.Path))];
        foreach (YaraMatch match in evidence.OfType<YaraMatch>())
        {
            string? description = match.MetaValue("description") ?? match.MetaValue("threat_name") ?? match.MetaValue("desc");
            string[] techniques = TechniquesOf(match);
            string message = $"The content matches the YARA rule {match.Rule} of {match.Namespace}" + (description is null ? "." : ": " + description.TrimEnd('.') + ".");
            if (match.MetaValue("author") is string author)
            {
                message += $" Author: {author}.";
            }
            if ((match.MetaValue("reference") ?? match.MetaValue("url")) is string reference)
            {
                message += $" Reference: {reference}";
            }
            yield return new Finding(new RuleInfo("YARA." + match.Rule, description ?? "YARA rule " + match.Rule, "malware", techniques), SeverityOf(match), match.Location)
            {
                Message = message,
                Evidence = StringsOf(match),
                Hashes = evidence.HashesOf(match.Location),
                Related = [.. chain.StartedBy(match.Location.Volume, match.Location.Path)],
                Remediation = match.Location.Stream is { } stream
                    ? ["Examine the stream; when the match is confirmed, remove it and whatever starts it:", .. WindowsRemediation.RemoveStream(match.Location.Path, stream)]
                    : tables.Contains((match.Location.Volume, match.Location.Path))
                    ? Remediation.RemoveLine(match.Location.Path, null)
                    : ["Examine the file; when the match is confirmed, remove it and whatever starts it:", .. evidence.RemoveFile(match.Location)],
            };
        }
    }
}
