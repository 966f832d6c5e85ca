using System.Globalization;
using System.Text.RegularExpressions;
using Forensics.Parsers.Formats.Defender;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads the logs of Defender's engine (<c>MPLog-*.log</c>), text in UTF-16 that nobody clears: one fact for each threat and place, the first time it was found.</summary>
/// <remarks><b>Limitations:</b> only lines about detections are read, not the states of protection nor what programs cost; Microsoft does not describe the log.</remarks>
public sealed partial class DefenderEngineLogParser : ArtifactParser
{
    private const int MostFacts = 2000;
    private const int LongestLine = 16 << 10;
    private const int MostResources = 16;

    /// <inheritdoc/>
    public override string Name => "windows/defender-engine-log";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/ProgramData/Microsoft/{Windows Defender,Microsoft Antimalware}/Support/MPLog-*.log"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string text = EncodedText.Decode(input.Content.Span);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (line.Length > LongestLine || !line.Contains("DETECTION", StringComparison.Ordinal) || Detection().Match(line.ToString()) is not { Success: true } match)
            {
                continue;
            }
            string threat = match.Groups[2].Value;
            List<DefenderResource> resources = [.. match.Groups[3].Value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(MostResources).Select(Resource)];
            if (!seen.Add(threat + "|" + (resources.Count > 0 ? resources[0].Name : "")))
            {
                continue;
            }
            if (seen.Count > MostFacts)
            {
                sink.Report(new Diagnostics.Diagnostic("windows.defender-log.count", $"more than {MostFacts} detections; the others are not read") { LosesContent = true });
                return;
            }
            bool isTime = DateTimeOffset.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time);
            sink.Add(new DefenderDetection(input.Location with { Line = number }) { Book = DefenderBook.EngineLog, Record = new DefenderRecord(threat, resources) { Time = isTime ? Timestamp.From(time) : null } });
        }
    }

    // "file:C:\x.exe", "containerfile:C:\x.zip->y.exe".
    private static DefenderResource Resource(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 1 ? new DefenderResource(text[..colon].TrimStart('_'), text[(colon + 1)..].TrimStart('_')) : new DefenderResource("", text);
    }

    [GeneratedRegex(@"^(\d{4}-\d\d-\d\dT[0-9:.]+Z?)\s+(?:DETECTION_ADD(?:#\d+)?|DETECTIONEVENT\s+MPSOURCE_\w+)\s+([A-Za-z]+:[^\s:]+)\s+(.*)$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Detection();
}
