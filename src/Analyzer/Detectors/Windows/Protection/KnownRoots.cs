using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Which roots Windows ships or Microsoft's programme knows, and which others ordinary software puts beside them.</summary>
internal static partial class KnownRoots
{
    // Shipped in the store Root, from Windows XP to 11; "Required trusted root certificates" (KB 293781) lists most of them.
    private static readonly FrozenSet<string> s_shipped = FrozenSet.ToFrozenSet(
    [
        "A43489159A520F0D93D032CCAF37E7FE20A8B419", "CDD4EEAE6000AC7F40C3802C171E30148030C072", "3B1EFD3A66EA28B16697394703A72CA340A05BD5", "8F43288AD272F3103B6FB1428485EA3014C0BCFE", // Microsoft Root Authority, ... Certificate Authority, 2010, 2011
        "7F88CD7223F3C813818C994614A89C99FA3B5247", "245C97DF7514E7CF2DF8BE72AE957B9E04741E85", // Microsoft Authenticode, Timestamp
        "06F1AA330B927B753A40E68CDF22E34BCBEF3352", "31F9FC8BA3805986B721EA7295C65B3A44534274", "0119E81BE9A14CD8E22F40AC118C687ECBA3F4D8", // Microsoft ECC Product 2018, ECC TS 2018, Time Stamp 2014
        "73A5E64A3BFF8316FF0EDCCC618A906E4EAE4D74", "999A64C37FF47D9FAB95F14769891460EEC4C3C5", // Microsoft RSA and ECC 2017
        "BE36A4562FB2EE05DBB3D32323ADF445084ED656", "18F7C1FCC3090203FD5BAA2F861A754976C8DD25", "742C3192E607E424EB4549542BE1BBC53E6174E2", // Thawte Timestamping, VeriSign Time Stamping, VeriSign Class 3
        "92B46C76E13054E104F230517E6E504D43AB10B5", // Symantec Enterprise Mobile Root for Microsoft
    ], StringComparer.OrdinalIgnoreCase);

    private static readonly Lazy<FrozenSet<string>> s_carried = new(CodeTrust.CarriedThumbprints);

    // Publishers whose certificates malware puts under Disallowed, so that their programs do not start.
    private static readonly string[] s_protectors =
    [
        "avast", "avg technologies", "kaspersky", "eset, spol", "eset spol", "symantec", "nortonlifelock", "mcafee", "musarubra", "trend micro", "bitdefender", "malwarebytes", "doctor web", "f-secure", "withsecure", "panda security", "sophos", "emsisoft", "webroot", "avira",
        "qihoo", "360.cn", "crowdstrike", "sentinelone", "sentinel labs", "safer-networking", "bullguard", "fortinet", "check point", "zone labs", "g data", "adaware", "lavasoft", "surfright", "comodo security", "k7 computing", "quick heal", "zemana", "cylance", "carbon black", "palo alto networks", "trellix", "elastic", "cybereason", "greatis", "roguekiller", "adlice", "nano security",
    ];

    /// <summary>Windows ships it, or it is a root that Microsoft's programme knows.</summary>
    public static bool IsKnown(string thumbprint) => s_shipped.Contains(thumbprint) || s_carried.Value.Contains(thumbprint);

    /// <summary>A root that came with machines or programs, whose private key anybody can have.</summary>
    public static bool IsCompromised(StoredCertificate certificate) => Leaked().IsMatch(certificate.Subject);

    /// <summary>A root of a domain, a proxy, a scanner, a tool for development or of the host itself: its name says so, which proves nothing.</summary>
    public static bool LooksOrdinary(StoredCertificate certificate, string? computer) => Ordinary().IsMatch(certificate.Subject) || certificate.IsPolicy
        || (computer is { Length: > 3 } name && certificate.Subject.Contains(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>A certificate of those who make scanners.</summary>
    public static bool IsOfProtector(StoredCertificate certificate) => Array.Exists(s_protectors, name => certificate.Subject.Contains(name, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(@"\b(?:superfish|edellroot|dsdtestprovider|privdog|komodia|vmotion trust)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Leaked();

    [GeneratedRegex(@"(?:\bDC=|\bmkcert\b|CN=localhost\b|CN=127\.0\.0\.1\b|\bIIS Express\b|\bASP\.NET\b|\bWMSvc|\bSQL ?Server|DO_NOT_TRUST|\bfiddler|\bcharles proxy\b|\bportswigger\b|\bmitmproxy\b|\bAdGuard\b|\bzscaler\b|\bnetskope\b|\bfortinet\b|\bfortigate\b|\bblue ?coat\b|\bsymantec\b|\bumbrella\b|\bpalo ?alto\b|\bsophos\b|\bESET\b|\bkaspersky\b|\bavast\b|\bAVG\b|\bbitdefender\b|\bforcepoint\b|\bwebsense\b|\bcheck ?point\b|\bcisco\b|\bvmware\b|\bdocker\b|\bkubernetes\b|\bazure\b|\bexchange\b|\bintune\b|\bMDM\b|\bhyper-v\b|\bstep-?ca\b|\bsmallstep\b|\bcaddy\b|\btraefik\b|\bcloudflare\b|\b(?:enterprise|corporate|company|internal|issuing|domain)\b.*\bCA\b|\bsteelseries\b|\bbattle\.net\b|\bblizzard\b|\blogitech\b|\brazer\b|\bHP\b|\bDell\b|\bLenovo\b|\bcanon\b|\bbrother\b|\bepson\b|\bOpenVPN\b|\bSSL-?VPN\b|\bmobilebackup|\bveeam\b)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Ordinary();
}
