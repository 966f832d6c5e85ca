using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Builds the findings of the login family alike: dormant ones one level lower with the reason, clean-up from the place.</summary>
internal static class LoginFinding
{
    public static Finding Of(RuleInfo rule, Severity severity, Artifact source, string message, string evidence, string? dormant, FileHashes? hashes = null, IEnumerable<string>? files = null, IEnumerable<string>? more = null, IReadOnlyList<string>? cleanUp = null)
    {
        string[] paths = [.. (files ?? []).Distinct(StringComparer.Ordinal).Take(16)];
        return new Finding(rule, dormant is null ? severity : severity.Lower(), source.Location)
        {
            Message = message + (dormant is null ? "" : $" It would not take effect at present: {dormant}; one level lower."),
            Evidence = Clip.Evidence(evidence),
            Hashes = hashes,
            Related = [.. paths.Select(path => new RelatedFile(path, "loads"))],
            Remediation = severity <= Severity.Low ? [] : [.. cleanUp ?? Place.CleanUp(source, source.Location.Line), .. more ?? []],
        };
    }
}
