using System.Globalization;
using System.Text.RegularExpressions;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Reports;

/// <summary>
/// The clean-up of a whole report as one list: each step once, in the order of the findings, and deletions of lines of one file from its end to its beginning, because a line
/// deleted first would shift the numbers of those behind it.
/// </summary>
internal static partial class CleanUpSteps
{
    /// <summary>The steps of all findings above low; introductions that end with a colon belong to their finding and are left out.</summary>
    public static IReadOnlyList<string> Of(Report report)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        List<string> steps = [.. report.Findings.Where(finding => finding.Severity > Severity.Low).SelectMany(finding => finding.Remediation).Where(step => !step.EndsWith(':') && seen.Add(step))];
        foreach (IGrouping<string, int> file in Enumerable.Range(0, steps.Count).Where(index => LineDeletion().IsMatch(steps[index])).GroupBy(index => LineDeletion().Match(steps[index]).Groups["file"].Value).ToList())
        {
            int[] places = [.. file];
            string[] descending = [.. places.Select(index => steps[index]).OrderByDescending(step => long.Parse(LineDeletion().Match(step).Groups["line"].Value, CultureInfo.InvariantCulture))];
            for (int i = 0; i < places.Length; i++)
            {
                steps[places[i]] = descending[i];
            }
        }
        return steps;
    }

    [GeneratedRegex("^sed -i (?<line>[0-9]{1,9})d (?<file>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex LineDeletion();
}
