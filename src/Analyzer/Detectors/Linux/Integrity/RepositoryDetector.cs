using System.Net;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Sources of packages whose signatures are not checked, or that have no name but an address.</summary>
/// <remarks><b>Limitations:</b> which keys are trusted is not looked at; an unchecked source of a named host is common enough to be low.</remarks>
public sealed class RepositoryDetector : IDetector
{
    private static readonly RuleInfo Address = new("L-REPO.unchecked-address", "Unchecked packages from a bare address or a throw-away host", "access", ["T1195.002"]);
    private static readonly RuleInfo Unchecked = new("L-REPO.unchecked", "Signatures of packages are not checked", "access", ["T1195.002"]);
    private static readonly RuleInfo Bare = new("L-REPO.bare-address", "Packages from a bare address", "access", ["T1195.002"]);

    private static readonly string[] s_internalEndings = [".local", ".lan", ".internal", ".intranet", ".intra", ".corp", ".home", ".localdomain", ".private", ".home.arpa", ".svc", ".cluster.local"];
    private static readonly string[] s_throwAway =
        [".onion", ".ngrok.io", ".ngrok-free.app", ".ngrok.app", ".trycloudflare.com", ".serveo.net", ".loca.lt", ".duckdns.org", ".no-ip.org", ".ddns.net", ".hopto.org", ".zapto.org", ".dynu.net", ".i2p", ".workers.dev", ".onion.to", ".onion.ws", ".tor2web.org"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Address, Unchecked, Bare];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (PackageRepository repository in evidence.OfType<PackageRepository>().Where(repository => repository.Location is { ShadowedBy: null }))
        {
            (string Url, HostKind Kind)[] hosts = [.. repository.Urls.Select(url => (url, KindOf(url)))];
            (string url, HostKind kind) = hosts.OrderByDescending(host => host.Kind).FirstOrDefault();
            bool isUnchecked = repository.ChecksSignatures == false;
            (RuleInfo Rule, Severity Severity, string Why)? verdict = (isUnchecked, kind) switch
            {
                (true, HostKind.ThrowAway) => (Address, Severity.High, "a host that anybody sets up in a minute"),
                (true, HostKind.Address) => (Address, Severity.Medium, "a bare address on the internet"),
                (true, HostKind.Named) => (Unchecked, Severity.Low, "a host on the internet"),
                (false, HostKind.ThrowAway) => (Bare, Severity.Medium, "a host that anybody sets up in a minute"),
                (false, HostKind.Address) => (Bare, Severity.Low, "a bare address on the internet"),
                _ => null,
            };
            if (verdict is not ({ } rule, Severity severity, { } why))
            {
                continue;
            }
            severity = repository.IsEnabled ? severity : severity.Lower();
            yield return new Finding(rule, severity, repository.Location)
            {
                Message = $"{repository.Manager} takes packages from {url}, {why}" + (isUnchecked ? $", and does not check their signatures ({repository.UncheckedBecause}): whoever holds that host, or the way to it, runs programs as root here." : ".")
                    + (repository.IsEnabled ? "" : " It is switched off at present; one level lower."),
                Evidence = Clip.Evidence((repository.UncheckedBecause is { } lax ? lax + " " : "") + url), Hashes = evidence.HashesOf(repository.Location),
                Remediation = severity <= Severity.Low ? [] : Remediation.RemoveLine(repository.Location.Path, repository.Manager is "apk" || !repository.Location.Path.EndsWith(".list", StringComparison.Ordinal) ? null : repository.Location.Line),
            };
        }
    }

    private enum HostKind
    {
        /// <summary>No network, or one's own.</summary>
        Internal,
        Named,
        Address,
        ThrowAway,
    }

    private static HostKind KindOf(string url)
    {
        int scheme = url.IndexOf("://", StringComparison.Ordinal);
        string name = scheme < 0 ? url : url[..scheme];
        if (scheme < 0 || !(name.EndsWith("http", StringComparison.OrdinalIgnoreCase) || name.EndsWith("https", StringComparison.OrdinalIgnoreCase) || name.EndsWith("ftp", StringComparison.OrdinalIgnoreCase)))
        {
            return HostKind.Internal;
        }
        string rest = url[(scheme + 3)..];
        int end = rest.AsSpan().IndexOfAny("/?#");
        string host = end < 0 ? rest : rest[..end];
        host = host[(host.LastIndexOf('@') + 1)..];
        if (host.StartsWith('['))
        {
            int close = host.IndexOf(']', StringComparison.Ordinal);
            host = close < 0 ? host[1..] : host[1..close];
        }
        else
        {
            host = host.Split(':')[0];
        }
        host = host.TrimEnd('.').ToLowerInvariant();
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return IsPrivate(address) ? HostKind.Internal : HostKind.Address;
        }
        if (s_throwAway.Any(ending => host.EndsWith(ending, StringComparison.Ordinal)))
        {
            return HostKind.ThrowAway;
        }
        return !host.Contains('.') || host.Contains('$') || s_internalEndings.Any(ending => host.EndsWith(ending, StringComparison.Ordinal)) ? HostKind.Internal : HostKind.Named;
    }

    private static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6UniqueLocal)
        {
            return true;
        }
        byte[] bytes = address.GetAddressBytes();
        return bytes.Length == 4 && (bytes[0] is 10 or 127 or 0 || (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 172 && bytes[1] is >= 16 and < 32) || (bytes[0] == 169 && bytes[1] == 254) || (bytes[0] == 100 && bytes[1] is >= 64 and < 128));
    }
}
