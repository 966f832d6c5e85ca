using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Protections that are off. Many images are made like that, so it is only noted, unless the setting is younger than the host and other findings speak of an intrusion; throwing
/// away the messages of logins needs a look in any case.
/// </summary>
public sealed class ProtectionDetector : IDetector
{
    private static readonly RuleInfo AccessControl = new("L-SECOFF.access-control", "Mandatory access control is off", "evasion", ["T1562.001"]);
    private static readonly RuleInfo Firewall = new("L-SECOFF.firewall", "The firewall is off", "evasion", ["T1562.004"]);
    private static readonly RuleInfo Audit = new("L-SECOFF.audit", "Auditing is off", "evasion", ["T1562.012"]);
    private static readonly RuleInfo Logins = new("L-SECOFF.logins-not-logged", "Messages of logins are thrown away", "evasion", ["T1562.006"]);
    private static readonly RuleInfo Messages = new("L-SECOFF.messages-not-logged", "Messages are thrown away", "evasion", ["T1562.006"]);
    private static readonly RuleInfo Journal = new("L-SECOFF.journal", "The journal is not kept", "evasion", ["T1562.006"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [AccessControl, Firewall, Audit, Logins, Messages, Journal];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (ProtectionSetting setting in evidence.OfType<ProtectionSetting>())
        {
            string host = evidence.TreeOf(setting.Location.Volume);
            FileFacts? file = evidence.File(setting.Location);
            if (file?.Origin is { IsVendor: true })
            {
                continue;
            }
            (RuleInfo rule, string what) = setting.Effect switch
            {
                ProtectionEffect.AccessControlOff => (AccessControl, "SELinux does not enforce anything"),
                ProtectionEffect.FirewallOff => (Firewall, "the firewall lets everything in"),
                ProtectionEffect.AuditOff => (Audit, "the audit system records nothing, or not the logins"),
                ProtectionEffect.LoginsNotLogged => (Logins, "messages of logins are thrown away before they are written"),
                ProtectionEffect.JournalOff => (Journal, "the journal keeps nothing"),
                _ => (Messages, "some messages are thrown away, as against noise"),
            };
            bool isLate = HostAge.IsAfter(HostAge.InstalledAt(evidence, host), file?.Entry.Modified);
            yield return new Finding(rule, rule == Logins ? Severity.Medium : Severity.Info, setting.Location)
            {
                Message = $"By {setting.Location.Path} {what}." + (isLate && file?.Entry.Modified is { } changed ? $" The file was changed on {LogText.Moment(changed)}, after the host was set up." : ""),
                Evidence = Clip.Evidence(setting.Text),
                Remediation = Remediation.RemoveLine(setting.Location.Path, setting.Location.Line),
                BesideOthers = isLate && rule != Messages ? Severity.Medium : null,
            };
        }
    }
}
