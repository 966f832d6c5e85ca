using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Raises findings that mean little alone and something beside others of the same host.</summary>
internal static class Companions
{
    /// <summary>The same findings in the same order.</summary>
    public static List<Finding> Raise(List<Finding> findings, EvidenceIndex evidence)
    {
        HashSet<string> hosts = [.. findings.Where(finding => finding.Severity >= Severity.High && finding.BesideOthers is null).Select(finding => evidence.TreeOf(finding.Location.Volume))];
        return [.. findings.Select(finding => finding.BesideOthers is { } raised && raised > finding.Severity && hosts.Contains(evidence.TreeOf(finding.Location.Volume))
            ? finding with { Severity = raised, Message = finding.Message + " Other findings speak of an intrusion, so this needs a look." } : finding)];
    }
}
