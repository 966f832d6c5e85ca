using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Roots that were added to what Windows trusts, and makers of scanners that were put under what it distrusts.</summary>
/// <remarks><b>Limitations:</b> a root whose name is that of a proxy or a domain is taken for one, with a low finding; roots in stores of services are not read.</remarks>
public sealed class RootCertificateDetector : IDetector
{
    private static readonly RuleInfo s_unknown = new("W-ROOTCERT.unknown", "Root that Windows does not ship is trusted", "evasion", ["T1553.004"]);
    private static readonly RuleInfo s_leaked = new("W-ROOTCERT.leaked-key", "Root is trusted whose private key is public", "evasion", ["T1553.004"]);
    private static readonly RuleInfo s_name = new("W-ROOTCERT.wrong-thumbprint", "Certificate is stored under the thumbprint of another", "evasion", ["T1553.004"]);
    private static readonly RuleInfo s_protector = new("W-ROOTCERT.scanner-distrusted", "Programs of a maker of scanners may not start", "evasion", ["T1562.001", "T1553.004"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_unknown, s_leaked, s_name, s_protector];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<string, StoredCertificate> distrusted = evidence.OfType<StoredCertificate>().Where(certificate => certificate.Store == "Disallowed").ToLookup(certificate => certificate.Thumbprint, StringComparer.OrdinalIgnoreCase);
        ILookup<string, StoredCertificate> programme = evidence.OfType<StoredCertificate>().Where(certificate => certificate.Store == "AuthRoot" && certificate.User is null).ToLookup(certificate => certificate.Thumbprint, StringComparer.OrdinalIgnoreCase);
        foreach (StoredCertificate certificate in evidence.OfType<StoredCertificate>())
        {
            string tree = evidence.TreeOf(certificate.Location.Volume);
            string? computer = evidence.OfType<WindowsIdentity>().FirstOrDefault(identity => identity.ComputerName is not null && evidence.TreeOf(identity.Location.Volume) == tree)?.ComputerName;
            bool isDistrusted = distrusted[certificate.Thumbprint].Any(other => evidence.TreeOf(other.Location.Volume) == tree && (other.User is null || other.User == certificate.User));
            if (Judge(certificate, computer, programme) is not { } found)
            {
                continue;
            }
            bool isDormant = certificate.Store != "Disallowed" && isDistrusted && found.Severity > Severity.Low;
            yield return new Finding(found.Rule, isDormant ? found.Severity.Lower() : found.Severity, certificate.Location)
            {
                Message = $"{certificate.Subject}{(certificate.User is { } user ? $" (of the user {user})" : "")}: {found.Why}." + (isDormant ? " It is distrusted at the same time, which wins; one level lower." : ""),
                Evidence = Clip.Evidence(certificate.KeyPath + (certificate.FriendlyName is { } name ? " " + name : "")),
                Remediation = found.Severity <= Severity.Low ? [] : certificate.IsPolicy ? ["Take the certificate out of the policy that brings it: " + certificate.KeyPath] : WindowsRemediation.DeleteCertificate(certificate.Store, certificate.KeyName, certificate.User is not null),
                BesideOthers = found.Severity == Severity.Low && certificate.Store == "Root" && !certificate.IsPolicy ? Severity.Medium : null,
            };
        }
    }

    private static (RuleInfo Rule, Severity Severity, string Why)? Judge(StoredCertificate certificate, string? computer, ILookup<string, StoredCertificate> programme)
    {
        if (certificate.Store == "Disallowed")
        {
            return KnownRoots.IsOfProtector(certificate) && !certificate.IsAuthority ? (s_protector, Severity.High, "Windows is told to distrust what this maker of scanners signs, as malware does so that scanners do not start") : null;
        }
        if (certificate.Store is not ("Root" or "AuthRoot"))
        {
            return null;
        }
        if (!certificate.KeyName.Equals(certificate.Thumbprint, StringComparison.OrdinalIgnoreCase))
        {
            return (s_name, Severity.High, $"it lies under the thumbprint {certificate.KeyName}, which is that of another certificate");
        }
        if (KnownRoots.IsCompromised(certificate))
        {
            return (s_leaked, Severity.High, "its private key became public, so that anybody can issue what Windows trusts");
        }
        if (certificate.Store == "AuthRoot" || KnownRoots.IsKnown(certificate.Thumbprint) || programme[certificate.Thumbprint].Any() || !certificate.IsSelfIssued)
        {
            return null;
        }
        return KnownRoots.LooksOrdinary(certificate, computer)
            ? (s_unknown, Severity.Low, "a root that Windows does not ship is trusted; by its name it belongs to a domain, a proxy, a tool or this host")
            : (s_unknown, Severity.Medium, "a root that Windows does not ship is trusted: whoever has its key can imitate any server and sign any program");
    }
}
