using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Names that the host resolves by itself: mining pools led to a server of somebody's own or to nowhere, and update or security servers blocked.</summary>
public sealed class HostsFileDetector(SignatureSet signatures) : IDetector
{
    private static readonly RuleInfo Proxy = new("L-HOSTS.pool-redirected", "A mining pool is led to another address", "malware", ["T1496", "T1565.001"]);
    private static readonly RuleInfo Rivals = new("L-HOSTS.pool-blocked", "Mining pools are blocked by name", "malware", ["T1565.001", "T1489"]);
    private static readonly RuleInfo Blocked = new("L-HOSTS.protection-blocked", "Update or security servers are blocked by name", "evasion", ["T1562.001", "T1565.001"]);
    private static readonly RuleInfo Redirected = new("L-HOSTS.protection-redirected", "Security servers are led to another address", "evasion", ["T1562.001", "T1565.001"]);

    // Lists against advertising name thousands of hosts, pools among them.
    private const int BlockList = 500;

    private static readonly string[] s_protection =
    [
        "security.ubuntu.com", "archive.ubuntu.com", "changelogs.ubuntu.com", "esm.ubuntu.com", "mirrors.aliyun.com", "mirrorlist.centos.org", "vault.centos.org",
        "cdn.redhat.com", "subscription.rhsm.redhat.com", "mirrors.rockylinux.org", "mirrors.almalinux.org", "repo.almalinux.org", "dl-cdn.alpinelinux.org", "amazonlinux.default.amazonaws.com",
        "update.aegis.aliyun.com", "update2.aegis.aliyun.com", "update3.aegis.aliyun.com", "aegis.alicdn.com", "jsrv.aegis.aliyun.com", "jsrv2.aegis.aliyun.com", "jsrv3.aegis.aliyun.com", "aliyun.one",
        "database.clamav.net", "current.cvd.clamav.net", "virustotal.com", "www.virustotal.com", "rules.emergingthreats.net", "api.crowdsec.net", "cloud.wazuh.com", "monitor.uu.qcloud.com", "yd.tencentyun.com", "u.yd.tencentyun.com",
    ];

    private static readonly string[] s_protectionDomains = [".debian.org", ".aegis.aliyun.com", ".aegis.aliyuncs.com", ".clamav.net", ".crowdstrike.com", ".sentinelone.net", ".yd.tencentyun.com", ".sophos.com", ".kaspersky.com", ".eset.com", ".bitdefender.net"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Proxy, Rivals, Blocked, Redirected];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (IGrouping<string, HostsEntry> file in evidence.OfType<HostsEntry>().GroupBy(entry => entry.Location.Volume + entry.Location.Path, StringComparer.Ordinal))
        {
            var pools = new List<(HostsEntry Entry, string Name)>();
            var blocked = new List<(HostsEntry Entry, string Name)>();
            long nowhere = 0;
            foreach (HostsEntry entry in file)
            {
                bool isNowhere = IsNowhere(entry.Address);
                nowhere += isNowhere ? entry.Names.Count : 0;
                foreach (string name in entry.Names)
                {
                    string host = name.TrimEnd('.').ToLowerInvariant();
                    if (signatures.Pools.Contains(host))
                    {
                        if (isNowhere)
                        {
                            pools.Add((entry, host));
                        }
                        else
                        {
                            yield return Of(Proxy, Severity.Critical, entry, $"The mining pool {host} is led to {entry.Address}: the host mines through somebody's own server.", evidence);
                        }
                    }
                    else if (s_protection.Contains(host, StringComparer.Ordinal) || s_protectionDomains.Any(domain => host.EndsWith(domain, StringComparison.Ordinal)))
                    {
                        if (isNowhere)
                        {
                            blocked.Add((entry, host));
                        }
                        else if (LogText.IsPublic(entry.Address) && !host.Contains("mirror", StringComparison.Ordinal) && host.EndsWith(".aegis.aliyun.com", StringComparison.Ordinal))
                        {
                            yield return Of(Redirected, Severity.Medium, entry, $"{host} is led to {entry.Address}.", evidence);
                        }
                    }
                }
            }
            if (blocked.Count > 0)
            {
                yield return Of(Blocked, Severity.High, blocked[0].Entry, $"{string.Join(", ", blocked.Select(pair => pair.Name).Distinct().Take(8))} lead nowhere: updates or the protection of the host are cut off.", evidence);
            }
            if (pools.Count > 0 && nowhere < BlockList)
            {
                yield return Of(Rivals, Severity.Medium, pools[0].Entry, string.Create(CultureInfo.InvariantCulture,
                    $"{pools.Count} mining pools lead nowhere ({string.Join(", ", pools.Select(pair => pair.Name).Distinct().Take(5))}). Miners block the pools of their rivals like that; an administrator may block pools too."), evidence);
            }
        }
    }

    private static bool IsNowhere(string address) => address is "0" or "::" or "::1" or "0.0.0.0" || address.StartsWith("127.", StringComparison.Ordinal) || address.StartsWith("255.", StringComparison.Ordinal);

    private static Finding Of(RuleInfo rule, Severity severity, HostsEntry entry, string message, EvidenceIndex evidence) => new(rule, severity, entry.Location)
    {
        Message = message,
        Evidence = Clip.Evidence(entry.Address + " " + string.Join(' ', entry.Names)),
        Hashes = evidence.HashesOf(entry.Location),
        Remediation = Remediation.RemoveLine(entry.Location.Path, entry.Location.Line),
    };
}
