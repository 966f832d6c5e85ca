using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Files of settings of miners. Examples that name no account of their own, documentation and source trees are low.</summary>
public sealed partial class MinerConfigurationDetector(PoolList pools) : IDetector
{
    private static readonly RuleInfo Active = new("L-MINERCFG.configuration", "Configuration of a cryptocurrency miner", "malware", ["T1496"]);
    private static readonly RuleInfo Partial = new("L-MINERCFG.pool-account", "Settings with a mining pool and an account", "malware", ["T1496"]);
    private static readonly RuleInfo Example = new("L-MINERCFG.example", "Example configuration of a miner", "malware", ["T1496"]);

    private static readonly string[] Documentation = ["/usr/share/doc/", "/usr/src/", "/usr/share/man/", "/usr/share/javascript/"];
    private static readonly string[] SourceTrees = ["/src/", "/doc/", "/docs/", "/test/", "/tests/", "/testdata/", "/example/", "/examples/", "/node_modules/", "/site-packages/", "/dist-packages/", "/suricata/", "/rules/", "/.git/"];
    private static readonly string[] Placeholders = ["your", "wallet_address", "<", "${", "{{", "example", "changeme", "xxxx", "username", "donate"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Active, Partial, Example];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (MinerConfiguration settings in evidence.OfType<MinerConfiguration>())
        {
            string path = settings.Location.Path;
            string[] users = [.. settings.Users.Where(user => !Placeholders.Any(word => user.Contains(word, StringComparison.OrdinalIgnoreCase)))];
            bool hasPool = settings.Pools.Any(pool => PoolAddress().IsMatch(pool) || pools.TryFind(pool, out _));
            bool isWallet = users.Any(user => Wallet().IsMatch(user));
            bool isOwned = evidence.File(settings.Location)?.Origin?.IsVendor == true;
            bool isExample = isOwned || PathTraits.StartsWithAny(path, Documentation) || (SourceTrees.Any(path.Contains) && !isWallet) || users.Length == 0 || !hasPool;
            (RuleInfo rule, Severity severity) = isExample ? (Example, Severity.Low)
                : settings.SpecificKeys.Count >= 3 || (settings.SpecificKeys.Count >= 1 && isWallet) ? (Active, Severity.Critical)
                : settings.SpecificKeys.Count >= 2 || isWallet || settings.Pools.Any(pool => pools.TryFind(pool, out _)) ? (Active, Severity.High)
                : (Partial, Severity.High);
            string keys = string.Join(", ", settings.SpecificKeys.Concat(settings.CommonKeys).Take(10));
            yield return new Finding(rule, severity, settings.Location)
            {
                Message = $"The settings {keys} are those of a cryptocurrency miner" + (isExample ? "; it names no pool and account of anybody's own, or lies among documentation or sources." : $"; pool {Clip.Evidence(settings.Pools[0])}, account {Clip.Evidence(users[0])}."),
                Evidence = Clip.Evidence(string.Join(" ", settings.Pools.Concat(settings.Users))),
                Hashes = evidence.HashesOf(settings.Location),
                Remediation = severity <= Severity.Low ? [] : ["Find the program that reads it, stop and remove it, then:", .. evidence.RemoveFile(settings.Location)],
            };
        }
    }

    // Host and port, with or without scheme; databases have schemes of their own.
    [GeneratedRegex(@"^(?:stratum2?\+(?:tcp|ssl|tls|udp)://|daemon\+https?://)?[A-Za-z0-9._\-\[\]:]+:[0-9]{2,5}/?$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PoolAddress();

    [GeneratedRegex(@"(?:^|[^0-9A-Za-z])[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}(?:[1-9A-HJ-NP-Za-km-z]{11})?(?:$|[^0-9A-Za-z])", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Wallet();
}
