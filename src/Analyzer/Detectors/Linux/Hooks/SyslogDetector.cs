using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Rules of the system log that throw away who logged in, or everything about one address. A rule that writes or forwards the messages first loses nothing.</summary>
public sealed partial class SyslogDetector : IDetector
{
    private static readonly RuleInfo Authentication = new("L-RSYSLOG.drops-authentication", "The system log throws away messages about log-ins", "evasion", ["T1562.006", "T1070.002"]);
    private static readonly RuleInfo Address = new("L-RSYSLOG.drops-address", "The system log throws away messages about an address", "evasion", ["T1562.006"]);
    private static readonly RuleInfo Everything = new("L-RSYSLOG.drops-everything", "The system log throws everything away", "evasion", ["T1562.006"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Authentication, Address, Everything];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (SyslogDiscard rule in evidence.OfType<SyslogDiscard>())
        {
            if (rule.IsAfterOtherActions || evidence.File(rule.Location)?.Origin is { IsVendor: true } || Judge(rule.Filter) is not { } found)
            {
                continue;
            }
            yield return new Finding(found.Rule, rule.DormantBecause is null ? found.Severity : found.Severity.Lower(), rule.Location)
            {
                Message = found.Why + (rule.DormantBecause is null ? "" : $" It would not take effect at present: {rule.DormantBecause}; one level lower."),
                Evidence = Clip.Evidence(rule.Filter),
                Remediation = found.Severity <= Severity.Low ? [] : Place.CleanUp(rule, rule.Location.Line),
            };
        }
    }

    private static (RuleInfo Rule, Severity Severity, string Why)? Judge(string filter)
    {
        if (filter is "*.*")
        {
            return (Everything, Severity.High, "All messages are thrown away before a later rule sees them.");
        }
        bool isAuthentication = AuthenticationPattern().IsMatch(filter);
        if (isAuthentication)
        {
            return NoisePattern().IsMatch(filter)
                ? (Authentication, Severity.Low, "Messages about log-ins are thrown away when they are of a kind that monitoring and cron produce all the time.")
                : (Authentication, Severity.High, "Messages about log-ins are thrown away before they are written.");
        }
        // Only what is compared with the text of a message: addresses of senders are how logs of other hosts are sorted.
        return filter.Contains("msg", StringComparison.Ordinal) && IsPublicAddress(filter) ? (Address, Severity.Medium, "Every message that names this address is thrown away.") : null;
    }

    [GeneratedRegex(@"(?:^|/ |[,;])(?:auth|authpriv|security)(?:,[a-z0-9,]+)?\.(?:\*|info|notice|debug)|syslogfacility(?:-text)?['""\s]*==['""\s]*(?:auth|authpriv|4|10)\b|(?:programname|syslogtag|app-name)\b[^/]*\b(?:sshd(?:-session)?|sudo|su|login|passwd|useradd|groupadd|usermod|auditd?|systemd-logind)\b|failed password|accepted (?:password|publickey)|authentication failure|invalid user|session opened|pam_unix|sshd\[|\bsshd\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AuthenticationPattern();

    [GeneratedRegex(@"\bcron\b|crond|systemd-logind|session closed|removed session|new session|connection (?:closed|reset|from)|did not receive identification|disconnected from|nagios|zabbix|monitor|health|haproxy|\b(?:10|127)\.[0-9]{1,3}\.|\b192\.168\.|\b172\.(?:1[6-9]|2[0-9]|3[01])\.", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NoisePattern();

    [GeneratedRegex(@"\b(?:[1-9]|1[1-9]|[2-9][0-9]|1[013-9][0-9]|12[0-689]|2[0-4][0-9]|25[0-5])\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AddressPattern();

    [GeneratedRegex(@"\b(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2[0-9]|3[01])\.)[0-9]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PrivatePattern();

    private static bool IsPublicAddress(string filter) => AddressPattern().IsMatch(filter) && !PrivatePattern().IsMatch(filter);
}
