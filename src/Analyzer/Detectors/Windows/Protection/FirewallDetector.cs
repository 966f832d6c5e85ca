using System.Net;
using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>The Windows firewall off, opened for programs where no installer puts one, or turned against what protects the host; connections that Windows forwards.</summary>
/// <remarks><b>Limitations:</b> filters that programs set past the firewall (WFP), IPsec policies and what other firewalls do are not seen.</remarks>
public sealed partial class FirewallDetector : IDetector
{
    private static readonly RuleInfo s_off = new("W-FIREWALL.off", "The firewall is off", "evasion", ["T1562.004"]);
    private static readonly RuleInfo s_known = new("W-FIREWALL.known-rule", "Rule of the firewall that known malware makes", "malware", ["T1562.004"]);
    private static readonly RuleInfo s_program = new("W-FIREWALL.allowed-program", "The firewall lets in to a program where no installer puts one", "evasion", ["T1562.004"]);
    private static readonly RuleInfo s_blocks = new("W-FIREWALL.blocks-protection", "The firewall blocks what protects the host", "evasion", ["T1562.004", "T1562.001"]);
    private static readonly RuleInfo s_proxy = new("W-FIREWALL.port-proxy", "Windows forwards connections", "access", ["T1090.001"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_off, s_known, s_program, s_blocks, s_proxy];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<string, WindowsProgramFacts> programs = evidence.OfType<WindowsProgramFacts>().ToLookup(program => program.Location.Path, StringComparer.OrdinalIgnoreCase);
        return Profiles(evidence).Concat(evidence.OfType<FirewallRule>().Select(rule => Judge(rule, programs)).OfType<Finding>()).Concat(evidence.OfType<PortProxy>().Select(proxy => Judge(proxy, evidence)));
    }

    private static IEnumerable<Finding> Profiles(EvidenceIndex evidence)
    {
        foreach (IGrouping<string, FirewallProfile> host in evidence.OfType<FirewallProfile>().GroupBy(profile => evidence.TreeOf(profile.Location.Volume)))
        {
            FirewallProfile[] off = [.. host.Where(profile => profile.IsEnabled == false || profile.AllowsInbound == true)];
            if (off.Length > 0)
            {
                yield return new Finding(s_off, Severity.Low, off[0].Location)
                {
                    Message = $"The firewall is off, or lets everything in, for {string.Join(", ", off.Select(profile => profile.Profile + (profile.IsPolicy ? " (by policy)" : "")).Distinct())}. Images of cloud providers come so, and some administrators want it so.",
                    Evidence = Clip.Evidence(string.Join(", ", off.Select(profile => profile.Profile + (profile.IsEnabled == false ? @"\EnableFirewall = 0" : @"\DefaultInboundAction = 0")))),
                    BesideOthers = Severity.Medium,
                };
            }
        }
        foreach (WindowsService service in evidence.OfType<WindowsService>().Where(service => service.Start == 4 && service.Name.ToUpperInvariant() is "MPSSVC" or "BFE"))
        {
            string? other = OtherScanners.On(evidence, service.Location.Volume);
            yield return new Finding(s_off, other is null ? Severity.Medium : Severity.Low, service.Location)
            {
                Message = $"The service {service.Name}, without which there is no firewall, is disabled" + (other is null ? "." : $"; {other}, another protection, is installed."),
                Evidence = Clip.Evidence(service.KeyPath + @"\Start = 4"),
                Remediation = other is null ? WindowsRemediation.SetNumber(service.KeyPath, "Start", 2) : [],
            };
        }
    }

    private static Finding? Judge(FirewallRule rule, ILookup<string, WindowsProgramFacts> programs)
    {
        bool isAllowed = string.Equals(rule.Action, "Allow", StringComparison.OrdinalIgnoreCase);
        bool isIn = string.Equals(rule.Direction, "In", StringComparison.OrdinalIgnoreCase);
        string ports = "," + rule.LocalPorts + ",";
        if (rule.Name is { } name && Known().IsMatch(name))
        {
            return Of(s_known, name.StartsWith("SDNS", StringComparison.OrdinalIgnoreCase) || isAllowed ? Severity.High : Severity.Medium, "LemonDuck names rules so, to mark hosts it has taken and to keep others out");
        }
        if (isAllowed && isIn && (ports.Contains(",65529,", StringComparison.Ordinal) || ports.Contains(",65533,", StringComparison.Ordinal)) && string.IsNullOrEmpty(rule.Application))
        {
            return Of(s_known, Severity.High, "LemonDuck marks hosts it has taken by this port");
        }
        if (rule.Application is not { Length: > 0 } application || WindowsLogEvents.ImagePath(application) is not { } path)
        {
            return null;
        }
        string program = WindowsPlaces.Name(path);
        if (!isAllowed)
        {
            return string.Equals(rule.Action, "Block", StringComparison.OrdinalIgnoreCase) && OtherScanners.IsProtection(program) ? Of(s_blocks, Severity.High, "it keeps the scanner from its updates and from telling what it finds")
                : string.Equals(rule.Action, "Block", StringComparison.OrdinalIgnoreCase) && program.ToUpperInvariant() is "WUAUCLT.EXE" or "USOCLIENT.EXE" or "MOUSOCOREWORKER.EXE" ? Of(s_blocks, Severity.Low, "it keeps Windows from its updates, as some users want") : null;
        }
        if (!isIn || !WindowsPlaces.IsOdd(path))
        {
            return null;
        }
        WindowsProgramFacts[] there = [.. programs[path]];
        bool isSigned = there.Length > 0 && there.All(found => found.IsSigned);
        // Installers and support tools are unpacked into temporary folders, ask to be let in and are gone.
        bool isLeftOver = WindowsPlaces.IsTemporary(path) && !path.StartsWith("/Windows/", StringComparison.OrdinalIgnoreCase) && there.Length == 0;
        Severity severity = isSigned || isLeftOver ? Severity.Low : Severity.High;
        return Of(s_program, severity, (isSigned ? "no installer puts a program where it lies, though it is signed" : isLeftOver ? "it lay in a temporary folder and is gone, as installers are" : "no installer puts a program where it lies") + (there.Length == 0 && !isLeftOver ? "; it was not found there" : ""),
            severity == Severity.Low ? Severity.Medium : null);

        Finding Of(RuleInfo which, Severity severity, string why, Severity? beside = null) => new(which, rule.IsActive ? severity : severity.Lower(), rule.Location)
        {
            Message = $"Rule of the firewall {rule.Name ?? rule.Id}: {why}." + (rule.IsActive ? "" : " It is switched off at present; one level lower."),
            Evidence = Clip.Evidence(rule.Text),
            Hashes = null,
            Related = rule.Application is { } file && WindowsLogEvents.ImagePath(file) is { } named ? [new RelatedFile(named, "uses")] : [],
            Remediation = severity <= Severity.Low ? [] : rule.IsPolicy ? ["Take the rule out of the policy that brings it"] : WindowsRemediation.DeleteFirewallRule(rule.Id),
            BesideOthers = rule.IsActive ? beside : null,
        };
    }

    private static Finding Judge(PortProxy proxy, EvidenceIndex evidence)
    {
        string[] target = proxy.Connects.Split('/');
        IPAddress? address = IPAddress.TryParse(target[0], out IPAddress? parsed) ? parsed : null;
        bool isLoopback = (address is not null && IPAddress.IsLoopback(address)) || target[0].Equals("localhost", StringComparison.OrdinalIgnoreCase) || target[0].Length == 0;
        bool isLocal = isLoopback || (address is not null && IsOfVirtualNetwork(address));
        bool isListeningInside = IPAddress.TryParse(proxy.Listens.Split('/')[0], out IPAddress? listens) && (IPAddress.IsLoopback(listens) || IsLinkLocal(listens));
        bool isToDns = target is [_, "53"] && !isLocal;
        bool isPublic = address is not null && !isLocal && !IsPrivate(address);
        Severity severity = isPublic || isToDns ? Severity.High : isLocal || isListeningInside ? Severity.Low : Severity.Medium;
        // The IP helper does the forwarding.
        bool isDormant = severity > Severity.Low && evidence.OfType<WindowsService>().Any(service => service.Start == 4 && service.Name.Equals("iphlpsvc", StringComparison.OrdinalIgnoreCase) && evidence.TreeOf(service.Location.Volume) == evidence.TreeOf(proxy.Location.Volume));
        return new Finding(s_proxy, isDormant ? severity.Lower() : severity, proxy.Location)
        {
            Message = $"Connections to {proxy.Listens} are forwarded to {proxy.Connects}: "
                + (isToDns ? "worms forward to name servers to mark hosts they have taken." : isPublic ? "to an address in the Internet, as intruders do to hide where they come from." : isLocal ? "to this host or a virtual machine of it, as WSL and Docker need it." : "within the network; ask who set it up.")
                + (isDormant ? " The service that does it (iphlpsvc) is disabled; one level lower." : ""),
            Evidence = Clip.Evidence($"{proxy.Family} {proxy.Listens} {proxy.Connects}"),
            Remediation = severity <= Severity.Low ? [] : WindowsRemediation.DeletePortProxy(proxy.Family, proxy.Listens),
        };
    }

    // WSL, Docker and Hyper-V take their networks from 172.16.0.0/12.
    private static bool IsOfVirtualNetwork(IPAddress address) => address.GetAddressBytes() is [172, >= 16 and <= 31, _, _];

    private static bool IsLinkLocal(IPAddress address) => address.IsIPv6LinkLocal || address.GetAddressBytes() is [169, 254, _, _];

    private static bool IsPrivate(IPAddress address) => IsLinkLocal(address) || address.IsIPv6UniqueLocal || address.GetAddressBytes() is [10, ..] or [192, 168, _, _] or [100, >= 64 and <= 127, _, _] or [127, _, _, _];

    [GeneratedRegex(@"^(?:deny ?(?:445|135|139)|SDNSd?)$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Known();
}
