using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Names that the host, be it Linux or Windows, resolves by itself: mining pools led to a server of somebody's own or to nowhere, and update or security servers blocked.</summary>
public sealed class HostsFileDetector(SignatureSet signatures) : IDetector
{
    private static readonly HostsRules s_linux = new("L-HOSTS");
    private static readonly HostsRules s_windows = new("W-HOSTS");

    // Lists against advertising name thousands of hosts, pools among them.
    private const int BlockList = 500;

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [.. s_linux.All, .. s_windows.All];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (IGrouping<string, HostsEntry> file in evidence.OfType<HostsEntry>().GroupBy(entry => entry.Location.Volume + entry.Location.Path, StringComparer.Ordinal))
        {
            bool isWindows = evidence.IsOfWindows(file.First().Location);
            HostsRules rules = isWindows ? s_windows : s_linux;
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
                            yield return Of(rules.Proxy, Severity.Critical, entry, $"The mining pool {host} is led to {entry.Address}: the host mines through somebody's own server.", evidence);
                        }
                    }
                    else if (ProtectionHosts.Contains(host))
                    {
                        if (isNowhere)
                        {
                            blocked.Add((entry, host));
                        }
                        else if (LogText.IsPublic(entry.Address) && (isWindows || host.EndsWith(".aegis.aliyun.com", StringComparison.Ordinal)))
                        {
                            yield return Of(rules.Redirected, Severity.Medium, entry, $"{host} is led to {entry.Address}.", evidence);
                        }
                    }
                }
            }
            if (blocked.Count > 0)
            {
                yield return Of(rules.Blocked, Severity.High, blocked[0].Entry, $"{string.Join(", ", blocked.Select(pair => pair.Name).Distinct().Take(8))} lead nowhere: updates or the protection of the host are cut off.", evidence);
            }
            if (pools.Count > 0 && nowhere < BlockList)
            {
                yield return Of(rules.Rivals, Severity.Medium, pools[0].Entry, string.Create(CultureInfo.InvariantCulture,
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
        Remediation = evidence.IsOfWindows(entry.Location) ? WindowsRemediation.RemoveLine(entry.Location.Path, entry.Location.Line) : Remediation.RemoveLine(entry.Location.Path, entry.Location.Line),
    };

    /// <summary>The rules of one system.</summary>
    private sealed class HostsRules(string id)
    {
        public RuleInfo Proxy { get; } = new(id + ".pool-redirected", "A mining pool is led to another address", "malware", ["T1496", "T1565.001"]);
        public RuleInfo Rivals { get; } = new(id + ".pool-blocked", "Mining pools are blocked by name", "malware", ["T1565.001", "T1489"]);
        public RuleInfo Blocked { get; } = new(id + ".protection-blocked", "Update or security servers are blocked by name", "evasion", ["T1562.001", "T1565.001"]);
        public RuleInfo Redirected { get; } = new(id + ".protection-redirected", "Security servers are led to another address", "evasion", ["T1562.001", "T1565.001"]);
        public IReadOnlyList<RuleInfo> All => [Proxy, Rivals, Blocked, Redirected];
    }
}
