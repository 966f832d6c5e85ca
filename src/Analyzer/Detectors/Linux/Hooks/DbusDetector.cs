using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Services of the message bus that no package brought and that run as root, that take a name which a package's service has, and policies that open the system bus to everybody.</summary>
public sealed class DbusDetector : IDetector
{
    private static readonly RuleInfo Root = new("L-DBUS.foreign-root-service", "D-Bus service of no package runs as root", "persistence", ["T1543"]);
    private static readonly RuleInfo Shadow = new("L-DBUS.takes-vendor-name", "D-Bus service takes the name of a service of a package", "persistence", ["T1543", "T1036.004"]);
    private static readonly RuleInfo Policy = new("L-DBUS.open-policy", "Everybody may own a name on the system bus", "privilege", ["T1543"]);

    // Desktops let the user choose who offers these.
    private static readonly string[] s_choices = ["org.freedesktop.Notifications", "org.freedesktop.secrets", "org.freedesktop.FileManager1", "org.freedesktop.ScreenSaver", "org.freedesktop.impl.portal"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Root, Shadow, Policy];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<(string, string, bool), DbusService> byName = evidence.OfType<DbusService>().ToLookup(service => (evidence.TreeOf(service.Location.Volume), service.BusName, service.IsSystemBus));
        foreach (CommandLink link in evidence.Links)
        {
            if (link.Source is not DbusService service)
            {
                continue;
            }
            FileOrigin? origin = evidence.File(service.Location)?.Origin;
            string tail = service.DormantBecause is null ? "" : $" It would not run at present: {service.DormantBecause}; one level lower.";
            if (service.IsSystemBus && service.User is null or "root" && !(service.DormantBecause is null && service.Exec.EndsWith("/false", StringComparison.Ordinal)) && Foreign(link, origin, evidence) is Severity severity)
            {
                yield return new Finding(Root, service.DormantBecause is null ? severity : severity.Lower(), service.Location)
                {
                    Message = $"Whoever asks the system bus for {Clip.Evidence(service.BusName)} makes it start {Clip.Evidence(service.Exec)} as root; {(origin is null ? "it lies outside the distribution's directories" : "no package owns either")}." + tail,
                    Evidence = Clip.Evidence(service.Exec),
                    Related = [.. EvidenceQueries.Related(link)],
                    Remediation = severity <= Severity.Low ? [] : Place.CleanUp(service, null),
                };
            }
            if (origin is { IsVendor: true } || s_choices.Any(name => service.BusName.StartsWith(name, StringComparison.Ordinal)))
            {
                continue;
            }
            DbusService? vendor = byName[(evidence.TreeOf(service.Location.Volume), service.BusName, service.IsSystemBus)]
                .FirstOrDefault(other => other.Location.Path != service.Location.Path && other.Exec != service.Exec && evidence.File(other.Location)?.Origin is { IsVendor: true });
            if (vendor is not null && service.BusName.Length > 0)
            {
                yield return new Finding(Shadow, service.DormantBecause is null ? Severity.High : Severity.Medium, service.Location)
                {
                    Message = $"The service takes the name {Clip.Evidence(service.BusName)}, for which a package starts {Clip.Evidence(vendor.Exec)}." + tail,
                    Evidence = Clip.Evidence(service.Exec),
                    Related = [new RelatedFile(vendor.Location.Path, "replaces")],
                    Remediation = Place.CleanUp(service, null),
                };
            }
        }
        foreach (DbusPolicy policy in evidence.OfType<DbusPolicy>())
        {
            bool isSystem = policy.Location.Path.Contains("/system", StringComparison.Ordinal);
            FileOrigin? origin = evidence.File(policy.Location)?.Origin;
            bool isAny = policy.Own is "*";
            if (!isSystem || policy.Context is not ("default" or "mandatory") || policy.Own is null || origin is { IsVendor: true } || (origin is null && !isAny))
            {
                continue;
            }
            yield return new Finding(Policy, isAny ? Severity.High : Severity.Medium, policy.Location)
            {
                Message = isAny ? "Everybody may take any name on the system bus, and answer for any service." : $"Everybody may take the name {Clip.Evidence(policy.Own)} on the system bus, and answer for that service.",
                Evidence = Clip.Evidence($"context={policy.Context} own={policy.Own}"),
                Remediation = Place.CleanUp(policy, null),
            };
        }
    }

    /// <summary>How bad it is that this program starts as root; null when there is nothing to say.</summary>
    private static Severity? Foreign(CommandLink link, FileOrigin? origin, EvidenceIndex evidence)
    {
        StartedFile? target = link.Files.FirstOrDefault(file => file.Relation is "starts" or "interprets");
        if (target is null)
        {
            return null;
        }
        string path = EvidenceQueries.PathOf(target);
        bool isLocal = path.StartsWith("/usr/local/", StringComparison.Ordinal) || PathTraits.IsTemporary(path) || PathTraits.IsHidden(path);
        if (origin is null)
        {
            return isLocal ? Severity.Medium : null;
        }
        bool isAlienTarget = evidence.File(target.Resolved)?.Origin is null or { IsAlien: true };
        return !origin.IsAlien || !isAlienTarget ? null : path.StartsWith("/opt/", StringComparison.Ordinal) ? Severity.Low : Severity.Medium;
    }
}
