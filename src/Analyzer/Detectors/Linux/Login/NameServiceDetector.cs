using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Libraries that <c>nsswitch.conf</c> makes every program load which asks for names of users, groups or hosts.</summary>
/// <remarks><b>Limitations:</b> on a host without package database only the place of a library and known malware speak; <c>libnss_*</c> that no line names are not judged.</remarks>
public sealed class NameServiceDetector : IDetector
{
    private static readonly RuleInfo Module = LoginPlaces.NameService.Rule("module", "Programs ask a name service that no package explains", "access", "T1556");

    private static readonly HashSet<string> s_known = new(StringComparer.Ordinal)
    {
        "files", "compat", "db", "dns", "nis", "nisplus", "hesiod", "systemd", "myhostname", "mymachines", "resolve", "sss", "winbind", "wins", "ldap", "mdns", "mdns4", "mdns6", "mdns_minimal", "mdns4_minimal", "mdns6_minimal", "altfiles", "extrausers", "libvirt", "libvirt_guest",
        "oslogin", "cache_oslogin", "cache", "aad", "himmelblau", "authd", "lsass", "centrifydc", "vas4", "docker", "gw_name", "usrfiles", "sudo", "nfsidmap", "tcb", "passwdqc", "role",
    };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Module];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        IReadOnlyList<NssService> services = evidence.OfType<NssService>();
        if (services.Count == 0)
        {
            yield break;
        }
        var judge = new LibraryJudge(evidence, source => source is NssService);
        var reported = new HashSet<(string, string)>();
        foreach (NssService service in services.OrderBy(service => service.DormantBecause is not null))
        {
            bool isKnown = s_known.Contains(service.Service);
            foreach (StartedFile file in judge.Present(service))
            {
                // The names of products are known; where their files come from the database may not know.
                LibraryVerdict? verdict = judge.Judge(file, isKnown && service.Service is not ("files" or "systemd" or "dns" or "compat") ? Severity.Low : Severity.High);
                if (verdict is not null && verdict.Severity > Severity.Low && reported.Add((evidence.TreeOf(service.Location.Volume), verdict.Path)))
                {
                    yield return LoginFinding.Of(Module, verdict.Severity, service, $"Every program that looks up {service.Database} loads {verdict.Path}: {verdict.Why}.", $"{service.Database}: {service.Service}", service.DormantBecause, verdict.Hashes, [verdict.Path],
                        Remediation.RemoveFile(verdict.Path), [$"Take the word {service.Service} out of {service.Location.Path}"]);
                }
            }
        }
    }
}
