using Forensics.Analyzer.Detectors;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// What detectors say about deleted files, turned into what a report may say: one level lower than of a file that is there, without clean-up, and only what is not
/// said already about a file that is there or about a better copy. Editors and package managers delete files all the time.
/// </summary>
internal static class DeletedFindings
{
    /// <summary>The findings worth reporting, in their order.</summary>
    /// <param name="deleted">Findings of the evidence of deleted files.</param>
    /// <param name="live">Findings of what is there.</param>
    public static IEnumerable<Finding> Of(IEnumerable<Finding> deleted, IEnumerable<Finding> live)
    {
        HashSet<(string, string, string, string)> said = [.. live.SelectMany(Names)];
        // The best copy of the same entry speaks for all.
        foreach (Finding finding in deleted.OrderBy(finding => finding.Location.Certainty ?? Parsers.Certainty.Intact).ThenBy(finding => finding.Location.JournalCopy ?? -1))
        {
            // What is normal on some clean hosts, and context, says nothing about what is not there any more.
            if (finding.Severity <= Severity.Low || Names(finding).Any(said.Contains))
            {
                continue;
            }
            said.UnionWith(Names(finding));
            yield return finding with { Severity = finding.Severity.Lower(), Remediation = [] };
        }
    }

    /// <summary>Two findings are the same when rule and text are, at the same path or in the same content.</summary>
    private static IEnumerable<(string, string, string, string)> Names(Finding finding)
    {
        yield return (finding.Rule.Id, finding.Location.Volume, finding.Location.Path, finding.Evidence);
        if (finding.Hashes?.Sha256 is string digest)
        {
            yield return (finding.Rule.Id, finding.Location.Volume, digest, finding.Evidence);
        }
    }
}
