using Forensics.Analyzer.Reports;

namespace Forensics.Analyzer.Risk;

/// <summary>
/// Turns findings into the answer. <c>compromised</c> (score 70 to 100): one critical finding, or two independent high ones of different categories.
/// <c>suspicious</c> (20 to 69): any high or medium one. <c>clean</c> (0 to 19): nothing above low.
/// </summary>
/// <remarks>
/// Independent means: on different files, neither of which is named as related by the other finding. Depends on the set of findings only, not on their order.
/// <b>Limitations:</b> the score ranks hosts for attention; it is not a probability.
/// </remarks>
public static class RiskScore
{
    private const int CleanCeiling = 19;
    private const int SuspiciousCeiling = 69;

    /// <summary>The answer for all findings of an image.</summary>
    public static RiskSummary Of(IReadOnlyList<Finding> findings)
    {
        Span<int> counts = stackalloc int[(int)Severity.Critical + 1];
        counts.Clear();
        foreach (Finding finding in findings)
        {
            counts[(int)finding.Severity]++;
        }
        int critical = counts[(int)Severity.Critical];
        int high = counts[(int)Severity.High];
        int medium = counts[(int)Severity.Medium];
        int low = counts[(int)Severity.Low];
        if (critical > 0 || (high > 1 && HasIndependentPair(findings)))
        {
            return new RiskSummary((int)Math.Min(100L, 70L + 10L * Math.Min(critical, 2) + 4L * high + medium), "compromised");
        }
        if (high + medium > 0)
        {
            return new RiskSummary((int)Math.Min(SuspiciousCeiling, 20L + 20L * high + 8L * medium + Math.Min(low, 5)), "suspicious");
        }
        return new RiskSummary((int)Math.Min(CleanCeiling, 2L * low), "clean");
    }

    private static bool HasIndependentPair(IReadOnlyList<Finding> findings)
    {
        // The categories are few, so one representative set per category keeps this linear enough for thousands of findings.
        var byCategory = new SortedDictionary<string, List<Finding>>(StringComparer.Ordinal);
        foreach (Finding finding in findings)
        {
            if (finding.Severity != Severity.High)
            {
                continue;
            }
            if (!byCategory.TryGetValue(finding.Rule.Category, out List<Finding>? group))
            {
                byCategory.Add(finding.Rule.Category, group = []);
            }
            if (group.Count < 256)
            {
                group.Add(finding);
            }
        }
        List<Finding>[] groups = [.. byCategory.Values];
        for (int left = 0; left < groups.Length; left++)
        {
            for (int right = left + 1; right < groups.Length; right++)
            {
                foreach (Finding one in groups[left])
                {
                    foreach (Finding other in groups[right])
                    {
                        if (AreIndependent(one, other))
                        {
                            return true;
                        }
                    }
                }
            }
        }
        return false;
    }

    private static bool AreIndependent(Finding one, Finding other) =>
        (one.Location.Volume != other.Location.Volume || one.Location.Path != other.Location.Path)
        && !Names(one, other.Location.Path) && !Names(other, one.Location.Path);

    private static bool Names(Finding finding, string path)
    {
        foreach (RelatedFile related in finding.Related)
        {
            if (related.Path == path)
            {
                return true;
            }
        }
        return false;
    }
}
