using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Programs and scripts in named streams: Explorer and <c>dir</c> show none of them, and no installer puts one there.</summary>
/// <remarks><b>Limitations:</b> scripts are known by the end of the stream's name or by words in its first bytes.</remarks>
public sealed class AlternateStreamDetector : IDetector
{
    private static readonly RuleInfo Program = new("W-ADS.program", "Program in a named stream of a file", "evasion", ["T1564.004"]);
    private static readonly RuleInfo Script = new("W-ADS.script", "Script in a named stream of a file", "evasion", ["T1564.004"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Program, Script];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<(string, ulong), DownloadMark> marks = evidence.OfType<DownloadMark>().ToLookup(mark => (mark.Location.Volume, mark.Location.MetadataAddress));
        foreach (StreamFacts stream in evidence.OfType<StreamFacts>())
        {
            RuleInfo? rule = stream.Content switch
            {
                ContentKind.Pe or ContentKind.ElfExecutable or ContentKind.ElfSharedObject or ContentKind.ElfOther => Program,
                ContentKind.Script => Script,
                _ => null,
            };
            if (rule is null)
            {
                continue;
            }
            EvidenceLocation place = stream.Location;
            string owner = stream.Entry.Type == FileType.Directory ? "a directory" : "a file";
            yield return new Finding(rule, Severity.High, place)
            {
                Message = $"{(rule == Program ? "A program" : "A script")} lies in the stream {place.Stream} of {owner}, where directory listings do not show it."
                    + (stream.IsOrdinaryName ? " The stream has a name that Windows or a well-known program uses for other things." : "")
                    + (marks[(place.Volume, place.MetadataAddress)].FirstOrDefault()?.HostUrl is { } url ? " The file was downloaded from " + url + "." : ""),
                Evidence = place.Path + ":" + place.Stream,
                Hashes = stream.Hashes,
                Remediation = ["Keep a copy of the stream, find out what starts it, then:", .. WindowsRemediation.RemoveStream(place.Path, place.Stream ?? "")],
            };
        }
    }
}
