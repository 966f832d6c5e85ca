using System.Text.RegularExpressions;
using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Formats.Defender;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>What Microsoft Defender itself found: its history, its quarantine, the log of its engine.</summary>
/// <remarks><b>Limitations:</b> a file that is there again under the same name may be another one; what was found only by a program's behaviour has no file.</remarks>
public sealed partial class DefenderDetectionDetector : IDetector
{
    private static readonly RuleInfo s_detected = new("W-DEFENDER.detected", "Defender found malware", "malware", ["T1204.002"]);

    private const int MostReported = 100;

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_detected];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (IGrouping<string, DefenderDetection> host in evidence.OfType<DefenderDetection>().GroupBy(detection => evidence.TreeOf(detection.Location.Volume)))
        {
            HashSet<string> wanted = new(host.SelectMany(detection => detection.Record.Resources).Select(PathOf).OfType<string>(), StringComparer.OrdinalIgnoreCase);
            Dictionary<string, FileFacts> there = evidence.OfType<FileFacts>().Where(file => wanted.Contains(file.Location.Path) && file.Entry.Type == FileType.Regular && evidence.TreeOf(file.Location.Volume) == host.Key)
                .DistinctBy(file => file.Location.Path, StringComparer.OrdinalIgnoreCase).ToDictionary(file => file.Location.Path, StringComparer.OrdinalIgnoreCase);
            // The same thing stands in several books.
            foreach (IGrouping<string, DefenderDetection> same in host.GroupBy(detection => detection.Record.ThreatName + "|" + First(detection.Record), StringComparer.OrdinalIgnoreCase).Take(MostReported))
            {
                yield return Judge(same.OrderBy(detection => detection.Book).First(), same.Any(detection => detection.Book == DefenderBook.Quarantine), there);
            }
        }
    }

    private static Finding Judge(DefenderDetection detection, bool isQuarantined, Dictionary<string, FileFacts> there)
    {
        DefenderRecord record = detection.Record;
        FileFacts? file = record.Resources.Where(resource => IsPlain(resource)).Select(PathOf).OfType<string>().Select(there.GetValueOrDefault).FirstOrDefault(found => found is not null);
        bool isUnwanted = Unwanted().IsMatch(record.ThreatName);
        bool isTool = record.ThreatName.StartsWith("HackTool:", StringComparison.OrdinalIgnoreCase) && !Attack().IsMatch(record.ThreatName);
        bool isArriving = record.Resources.Count > 0 && record.Resources.All(resource => !IsPlain(resource) || Arriving().IsMatch(resource.Name));
        Severity severity = record.ThreatName.Contains("EICAR", StringComparison.OrdinalIgnoreCase) ? Severity.Info
            : isUnwanted ? Severity.Low
            : file is not null ? isTool ? Severity.Medium : Severity.High
            : isTool || isArriving ? Severity.Low : Severity.Medium;
        return new Finding(s_detected, severity, detection.Location)
        {
            Message = $"Defender found {record.ThreatName}{(First(record) is { Length: > 0 } name ? " in " + name : "")}{(record.Time is { } time ? ", " + LogText.Moment(time) : "")}"
                + (file is not null ? "; a file of that name is still there." : isQuarantined ? "; it is in quarantine." : isArriving && !isUnwanted ? " as it was brought in; it is gone." : "; no such file was found.")
                + (isUnwanted ? " Such programs are unwanted rather than hostile." : isTool ? " Tools that get round licences are called so too." : ""),
            Evidence = Clip.Evidence(string.Join("; ", record.Resources.Take(8).Select(resource => resource.Type + ":" + resource.Name)) + (record.Process is { } process ? " by " + process : "")),
            Hashes = file?.Hashes,
            Related = file is null ? [] : [new RelatedFile(file.Location.Path, "uses")],
            Remediation = severity <= Severity.Low ? [] : file is not null ? WindowsRemediation.RemoveFile(file.Location.Path) : ["Find out how it came to the host and what it did before it was found; Defender's view of it: powershell -Command \"Get-MpThreatDetection\""],
            BesideOthers = severity == Severity.Low && !isUnwanted ? Severity.Medium : null,
        };
    }

    private static string First(DefenderRecord record) => record.Resources.Count > 0 ? record.Resources[0].Name : "";

    private static bool IsPlain(DefenderResource resource) => resource.Type is "file" or "process" or "startup" or "service" or "taskscheduler" or "";

    private static string? PathOf(DefenderResource resource) => resource.Type == "file" && resource.Name.Contains(":\\", StringComparison.Ordinal) && !resource.Name.Contains("->", StringComparison.Ordinal) ? WindowsLogEvents.ImagePath(resource.Name) : null;

    [GeneratedRegex(@"^(?:PUA|PUABundler|PUADlManager|PUAAdvertising|PUATorrent|PUAMiner|App|Adware|BrowserModifier|SoftwareBundler|Program|Misleading|Joke|SettingsModifier|Policy|Tool|RemoteAccess|Dialer|MonitoringTool)\b[^:]*:", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Unwanted();

    [GeneratedRegex(@"mimikatz|cobalt|meterpreter|metasploit|lazagne|bloodhound|sharphound|rubeus|impacket|potato|secretsdump|lsass|dump|powersploit|empire|sliver|brc4|nanodump|procdump|seatbelt|petit|printnightmare|remcos|wmiexec|psexec|passview|chisel|frp|gost", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Attack();

    [GeneratedRegex(@"\\Downloads\\|\\INetCache\\|\\Temporary Internet Files\\|\\Cache\\|\\Code Cache\\|\\Service Worker\\|\\Content\.Outlook\\|\\Microsoft\\Outlook\\|\\\$Recycle\.Bin\\|\.crdownload$|\.part$|\.tmp$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Arriving();
}
