using System.Globalization;
using System.Text;
using Forensics.Analyzer.Detectors;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>The table of precision and recall in <c>docs/detection.md</c>: one row a catalogue id, from what was planted and what was found.</summary>
internal static class MeasuredTable
{
    private const string Begin = "<!-- measured by DetectionTests: begin -->\n";
    private const string End = "<!-- measured by DetectionTests: end -->";

    public static string Path => Repository.PathOf("docs", "detection.md");

    /// <summary>The table as it stands in the document.</summary>
    public static string Documented()
    {
        string text = File.ReadAllText(Path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        return text[begin..text.IndexOf(End, begin, StringComparison.Ordinal)];
    }

    /// <summary>Puts a table into the document.</summary>
    public static void Write(string table)
    {
        string text = File.ReadAllText(Path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        File.WriteAllText(Path, text[..begin] + table + text[text.IndexOf(End, begin, StringComparison.Ordinal)..]);
    }

    /// <summary>The table of results.</summary>
    public static string Of(IEnumerable<PlantResult> results)
    {
        PlantResult[] all = [.. results];
        Dictionary<string, PlantResult> byName = all.ToDictionary(result => result.Plant.ToString(), StringComparer.Ordinal);
        var table = new StringBuilder("| id | loud found | quiet found | dormant, one level lower | benign, silent |\n|---|---|---|---|---|\n");
        foreach (IGrouping<string, PlantResult> id in all.GroupBy(result => result.Plant.Id).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            table.Append(CultureInfo.InvariantCulture, $"| {id.Key} | {Cell(id, PlantKind.Loud, IsFound)} | {Cell(id, PlantKind.Quiet, IsFound)} | {Cell(id, PlantKind.Dormant, result => IsDormant(result, byName))} | {Cell(id, PlantKind.Benign, IsSilent)} |\n");
        }
        table.Append(CultureInfo.InvariantCulture, $"| all | {Cell(all, PlantKind.Loud, IsFound)} | {Cell(all, PlantKind.Quiet, IsFound)} | {Cell(all, PlantKind.Dormant, result => IsDormant(result, byName))} | {Cell(all, PlantKind.Benign, IsSilent)} |\n");
        return table.ToString();
    }

    /// <summary>A live plant has a finding of its id that is as bad as it should be.</summary>
    public static bool IsFound(PlantResult result) =>
        result.Own.FirstOrDefault(finding => result.Plant.Rule is null || finding.Rule.Id == result.Plant.Id + "." + result.Plant.Rule) is { } best && best.Severity >= result.Plant.AtLeast;

    /// <summary>A dormant plant is found one level below its live twin.</summary>
    public static bool IsDormant(PlantResult result, IReadOnlyDictionary<string, PlantResult> all) =>
        all.TryGetValue(result.Plant.Id + "/" + result.Plant.TwinOf, out PlantResult? twin) && IsFound(twin) && result.Own.Count > 0 && result.Own[0].Severity == twin.Own[0].Severity.Lower();

    /// <summary>Nothing on the host is above low.</summary>
    public static bool IsSilent(PlantResult result) => result.Findings.All(finding => finding.Severity <= Severity.Low);

    private static string Cell(IEnumerable<PlantResult> results, PlantKind kind, Func<PlantResult, bool> passes)
    {
        PlantResult[] planted = [.. results.Where(result => result.Plant.Kind == kind)];
        return planted.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{planted.Count(passes)}/{planted.Length}");
    }
}
