using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Masked units of security software: auditing, logging, firewall, cloud agents. Masking others is everyday administration and says nothing.</summary>
public sealed class MaskedUnitDetector : IDetector
{
    private static readonly RuleInfo Masked = new("L-UNIT-MASKED.security-service", "Security service is masked", "evasion", ["T1562.001"]);

    private static readonly HashSet<string> Security = new(StringComparer.Ordinal)
    {
        "auditd", "rsyslog", "syslog-ng", "firewalld", "ufw", "nftables", "iptables", "aegis", "aliyun", "AssistDaemon", "cloudmonitor", "sshguard", "fail2ban", "clamav-daemon",
        "clamav-freshclam", "clamd", "falcon-sensor", "wazuh-agent", "ossec", "osqueryd", "unattended-upgrades", "YDService", "crowdsec", "sysmon", "falco",
    };

    // Images without a firewall or with another one mask these two on purpose.
    private static readonly HashSet<string> OftenMasked = new(StringComparer.Ordinal) { "iptables", "nftables", "ufw", "firewalld", "unattended-upgrades" };

    /// <summary>The service protects or records.</summary>
    /// <param name="stem">Unit name without suffix.</param>
    internal static bool IsSecurity(string stem) => Security.Contains(stem);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Masked];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (Artifact artifact in evidence.Artifacts)
        {
            string? name = artifact switch
            {
                SystemdLink { Effect: UnitLinkEffect.Masks } link => link.Name,
                SystemdUnit { IsMasked: true, IsDropIn: false } unit => unit.Name,
                _ => null,
            };
            int dot = name?.LastIndexOf('.') ?? -1;
            if (name is null || dot < 0 || !Security.Contains(name[..dot]))
            {
                continue;
            }
            yield return new Finding(Masked, OftenMasked.Contains(name[..dot]) ? Severity.Low : Severity.Medium, artifact.Location)
            {
                Message = $"{name} is masked, so it can never be started. Miners do this to protection; administrators do it when they use another product.",
                Evidence = name,
                Remediation = ShellQuote.TryText(name, out string word) ? ["systemctl unmask -- " + word, "systemctl enable --now -- " + word] : [],
            };
        }
    }
}
