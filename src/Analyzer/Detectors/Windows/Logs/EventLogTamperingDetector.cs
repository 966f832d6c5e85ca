using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Event logs that were cleared, records that are missing among others, and auditing that was switched off.</summary>
/// <remarks><b>Limitations:</b> a log that was cleared by putting a new file in its place says nothing; when auditing is switched by group policy the system is named, and no finding comes of it.</remarks>
public sealed class EventLogTamperingDetector : IDetector
{
    private static readonly RuleInfo s_cleared = new("W-LOG.cleared", "An event log was cleared", "evasion", ["T1070.001"]);
    private static readonly RuleInfo s_missing = new("W-LOG.records-missing", "Records are missing in an event log", "evasion", ["T1070.001"]);
    private static readonly RuleInfo s_policy = new("W-LOG.auditing-off", "Auditing was switched off", "evasion", ["T1562.002"]);

    private const long Together = 600;
    private const int MostListed = 20;
    private static readonly HashSet<string> s_vital = new(StringComparer.OrdinalIgnoreCase)
    {
        "Security", "System", "Windows PowerShell", "Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Sysmon/Operational",
        "Microsoft-Windows-TaskScheduler/Operational", "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "Microsoft-Windows-WMI-Activity/Operational",
    };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_cleared, s_missing, s_policy];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (HostLogs logs in evidence.Logs.Hosts)
        {
            LogEvent[] cleared = [.. WindowsLogEvents.Of(logs, LogEventKind.LogCleared)];
            foreach (LogEvent clear in cleared.DistinctBy(found => (found.Target, found.User)).Take(MostListed))
            {
                int together = cleared.Where(other => WindowsLogEvents.Seconds(other) is { } time && WindowsLogEvents.Seconds(clear) is { } own && Math.Abs(time - own) <= Together).Select(other => other.Target).Distinct(StringComparer.OrdinalIgnoreCase).Count();
                // Preparing an image clears all logs as the system, so that no other goes back further; administrators clear one that is full.
                bool isSystem = WindowsLogEvents.IsSystem(clear);
                bool isPreparation = isSystem && !WindowsLogEvents.WasRunningBefore(logs, clear, clear.Location.Path);
                Severity severity = isPreparation ? Severity.Low : together >= 3 && !isSystem ? Severity.High : s_vital.Contains(clear.Target ?? "") || together >= 3 ? Severity.Medium : Severity.Low;
                yield return WindowsLogEvents.Finding(s_cleared, severity, clear,
                    $"The log {clear.Target ?? "?"} was cleared by {clear.User ?? clear.UserSid ?? "somebody"}, {WindowsLogEvents.When(clear)}" + (together > 1 ? string.Create(CultureInfo.InvariantCulture, $", with {together - 1} others within ten minutes.") : "."),
                    $"{clear.Target} {clear.User}", "Ask whether somebody did that on purpose; look into the other logs for what happened before, and into forwarded copies");
            }
            foreach (LogEvent gap in logs.Of(LogEventKind.LogGap).Where(found => found.RecordId is not null).Take(MostListed))
            {
                yield return WindowsLogEvents.Finding(s_missing, Severity.Low, gap, $"In {gap.Location.Path} {gap.Detail}, though its checksums are right; the service numbers records without gaps.", gap.Detail ?? "") with { BesideOthers = Severity.Medium };
            }
            foreach (LogEvent policy in WindowsLogEvents.Of(logs, LogEventKind.AuditPolicyChanged).Where(found => found.Detail?.Contains("removed", StringComparison.Ordinal) == true && !WindowsLogEvents.IsSystem(found)).DistinctBy(found => found.User).Take(MostListed))
            {
                yield return WindowsLogEvents.Finding(s_policy, Severity.Medium, policy, $"{policy.User ?? policy.UserSid} switched auditing off ({policy.Detail}), {WindowsLogEvents.When(policy)}.", $"{policy.Target} {policy.Detail}",
                    "Set the audit policy again: auditpol /get /category:* shows what is logged");
            }
        }
    }
}
