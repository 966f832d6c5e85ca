using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Entries of hooks as such: which of them no package explains, which differ from what their package shipped, which are binaries where distributions put scripts, and configuration that is
/// taken from elsewhere. What the entries start is judged by others.
/// </summary>
/// <remarks><b>Limitations:</b> says nothing of home directories, in which no file belongs to a package.</remarks>
public sealed class HookEntryDetector : IDetector
{
    private static readonly string[] s_ids = ["L-NM", "L-IFUP", "L-INETD", "L-APT", "L-YUMDNF", "L-LETSENCRYPT", "L-RSYSLOG", "L-LOGROTATE", "L-DBUS", "L-POLKIT", "L-XDG", "L-MAIL"];
    private static readonly string[] s_scripted = ["L-NM", "L-IFUP", "L-APT", "L-YUMDNF", "L-XDG", "L-LETSENCRYPT"];
    private static readonly string[] s_including = ["L-IFUP", "L-APT", "L-RSYSLOG", "L-LOGROTATE", "L-MAIL"];
    private static readonly string[] s_shipped = ["/usr/lib/", "/usr/lib64/", "/usr/share/", "/usr/libexec/", "/lib/", "/usr/sbin/", "/sbin/"];

    private readonly Dictionary<string, RuleInfo> _rules = Place.All.Where(place => s_ids.Contains(place.Id)).SelectMany(place => (RuleInfo[])
    [
        place.Rule("unowned-entry", "Entry that belongs to no package", "persistence"),
        place.Rule("changed-entry", "Entry that differs from what its package shipped", "persistence", "T1554"),
        .. s_scripted.Contains(place.Id) ? [place.Rule("binary", "Binary where distributions put scripts", "persistence")] : (RuleInfo[])[],
        .. s_including.Contains(place.Id) ? [place.Rule("include-elsewhere", "Configuration is taken from an odd place", "persistence", "T1564.001")] : (RuleInfo[])[],
    ]).ToDictionary(rule => rule.Id, StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules => [.. _rules.Values];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var counts = new Dictionary<(string Volume, string Path, string Id), (Artifact First, int Count)>();
        foreach (Artifact artifact in evidence.Artifacts)
        {
            if (Place.Of(artifact) is not Place place || !s_ids.Contains(place.Id))
            {
                continue;
            }
            if (artifact is StartupScript { IsBinary: true } script && evidence.File(script.Location)?.Origin is not { IsVendor: true } && s_scripted.Contains(place.Id))
            {
                yield return Binary(place, script, evidence);
            }
            if (artifact is HookFile { IsInclude: true } include && (PathTraits.IsTemporary(include.Target) || PathTraits.IsHidden(include.Target)))
            {
                yield return new Finding(_rules[place.Id + ".include-elsewhere"], include.DormantBecause is null ? Severity.Medium : Severity.Low, include.Location)
                {
                    Message = $"Configuration is also read from {include.Target}, a hidden path or one that anybody may write." + Dormant(include.DormantBecause),
                    Evidence = Clip.Evidence(include.Target),
                    Related = [new RelatedFile(include.Target, "includes")],
                    Remediation = [.. Place.CleanUp(include, include.Location.Line), .. Remediation.RemoveFile(include.Target)],
                };
            }
            if (IsActive(artifact))
            {
                (string, string, string) key = (artifact.Location.Volume, artifact.Location.Path, place.Id);
                counts[key] = counts.TryGetValue(key, out (Artifact First, int Count) known) ? (known.First, known.Count + 1) : (artifact, 1);
            }
        }
        foreach (((string _, string path, string id), (Artifact first, int count)) in counts)
        {
            if (evidence.File(first.Location) is not { Origin: FileOrigin origin } file)
            {
                continue;
            }
            string entries = string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "entry" : "entries")}");
            if (origin.IsModified)
            {
                bool isShipped = PathTraits.StartsWithAny(path, s_shipped);
                yield return new Finding(_rules[id + ".changed-entry"], isShipped ? Severity.Medium : Severity.Info, file.Location)
                {
                    Message = $"The file holds {entries} and is not as {origin.Package} shipped it." + (isShipped ? " Nobody edits files there; administrators' changes belong to /etc." : ""),
                    Hashes = file.Hashes,
                    Remediation = isShipped ? ["Reinstall the package " + Clip.Evidence(origin.Package ?? "that owns the file")] : [],
                };
            }
            else if (origin.IsAlien && IsSystem(path))
            {
                yield return new Finding(_rules[id + ".unowned-entry"], Severity.Info, file.Location)
                {
                    Message = $"The file holds {entries}, and no package owns it.", Hashes = file.Hashes,
                };
            }
        }
    }

    private Finding Binary(Place place, StartupScript script, EvidenceIndex evidence)
    {
        // People put compiled programs of their own into sessions and hooks of certificates.
        Severity severity = place.Id is "L-XDG" or "L-LETSENCRYPT" ? Severity.Medium : Severity.High;
        return new Finding(_rules[place.Id + ".binary"], script.DormantBecause is null ? severity : severity.Lower(), script.Location)
        {
            Message = "A binary program lies where distributions put only scripts." + Dormant(script.DormantBecause),
            Hashes = evidence.HashesOf(script.Location),
            Remediation = Place.CleanUp(script, null),
        };
    }

    private static string Dormant(string? reason) => reason is null ? "" : $" It would not run at present: {reason}; one level lower.";

    private static bool IsActive(Artifact artifact) => artifact switch
    {
        StartupScript script => script is { DormantBecause: null } and ({ ActiveLines: > 0 } or { IsBinary: true }),
        HookFile file => file.DormantBecause is null,
        PolkitRule rule => rule is { DormantBecause: null } and ({ Grants: true } or { Spawned.Count: > 0 }),
        IStartsCommands starter => starter.Commands.Any(command => command.DormantBecause is null),
        _ => false,
    };

    private static bool IsSystem(string path) => PathTraits.StartsWithAny(path, ["/etc/", "/usr/", "/lib/", "/sbin/", "/var/lib/", "/run/"]);
}
