using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Microsoft Defender switched off, or told not to look somewhere, by what its own log says.</summary>
/// <remarks><b>Limitations:</b> whether another scanner took over is not known; then Windows itself switches Defender off.</remarks>
public sealed class ProtectionEventDetector : IDetector
{
    private static readonly RuleInfo s_off = new("W-LOG.defender-off", "Defender was switched off", "evasion", ["T1562.001"]);
    private static readonly RuleInfo s_exclusion = new("W-LOG.defender-exclusion", "Defender was told not to look", "evasion", ["T1562.001"]);

    private const string Exclusions = @"\Exclusions\";
    private const long SoonOn = 900;
    private const int MostListed = 50;

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_off, s_exclusion];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (HostLogs logs in evidence.Logs.Hosts)
        {
            LogEvent[] changes = [.. WindowsLogEvents.Of(logs, LogEventKind.ProtectionChanged)];
            foreach (LogEvent change in changes.Where(IsSwitchedOff).DistinctBy(found => found.Method + found.Target).Take(MostListed))
            {
                // Updates switch it off for moments.
                bool isBackSoon = changes.Any(other => other.Method == "real-time protection switched on" && WindowsLogEvents.Seconds(other) - WindowsLogEvents.Seconds(change) is >= 0 and <= SoonOn);
                yield return WindowsLogEvents.Finding(s_off, isBackSoon ? Severity.Low : Severity.Medium, change,
                    $"Defender says: {(change.Method == "setting added" || change.Method == "setting changed" ? change.Target : change.Method)}, {WindowsLogEvents.When(change)}{(isBackSoon ? "; it was on again within minutes." : ". Windows does so itself when another scanner is installed.")}",
                    change.Target ?? change.Method ?? "", "Unless another scanner was installed then, switch it on again: powershell Set-MpPreference -DisableRealtimeMonitoring 0");
            }
            foreach (LogEvent change in changes.Where(found => found.Method is "setting added" or "setting changed" && found.Target?.Contains(Exclusions, StringComparison.OrdinalIgnoreCase) == true).DistinctBy(found => found.Target).Take(MostListed))
            {
                (string kind, string value) = Parse(change.Target!);
                Severity severity = DefenderExclusions.IsDangerous(kind, value) ? Severity.High : Severity.Low;
                yield return WindowsLogEvents.Finding(s_exclusion, severity, change, $"Defender was told not to look at {value} ({kind.ToLowerInvariant()}), {WindowsLogEvents.When(change)}." + (severity == Severity.Low ? " Vendors of databases and servers ask for that." : ""),
                    change.Target!, "Take the exclusion back (Remove-MpPreference), and look at what lies there") with { BesideOthers = severity == Severity.Low && DefenderExclusions.IsOfUser(value) ? Severity.Medium : null };
            }
        }
    }

    private static bool IsSwitchedOff(LogEvent found) => found.EventId is 5001 or 5010 or 5012
        || (found.Method is "setting added" or "setting changed" && found.Target is { } target && target.EndsWith("= 0x1", StringComparison.Ordinal)
            && (target.Contains(@"\DisableRealtimeMonitoring", StringComparison.OrdinalIgnoreCase) || target.Contains(@"\DisableAntiSpyware", StringComparison.OrdinalIgnoreCase) || target.Contains(@"\DisableBehaviorMonitoring", StringComparison.OrdinalIgnoreCase)));

    /// <summary><c>...\Exclusions\Paths\C:\x = 0x0</c> as <c>Paths</c> and <c>C:\x</c>.</summary>
    private static (string Kind, string Value) Parse(string setting)
    {
        string rest = setting[(setting.IndexOf(Exclusions, StringComparison.OrdinalIgnoreCase) + Exclusions.Length)..];
        int end = rest.LastIndexOf(" = ", StringComparison.Ordinal);
        rest = end < 0 ? rest : rest[..end];
        int slash = rest.IndexOf('\\', StringComparison.Ordinal);
        return slash < 0 ? ("", rest) : (rest[..slash], rest[(slash + 1)..]);
    }
}
