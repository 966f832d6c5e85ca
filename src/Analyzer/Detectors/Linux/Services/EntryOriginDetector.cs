using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Judges the files that make the host start things by where they come from: a unit, table or script of a package with other content than shipped, and one that no package owns in a directory that
/// is the packages' alone. One finding a file.
/// </summary>
/// <remarks>
/// <b>Limitations:</b> says nothing on hosts without a package database; configuration files that an administrator may change do not count. What is installed from source into the
/// packages' directories looks the same, so many such files are no news.
/// </remarks>
public sealed class EntryOriginDetector : IDetector
{
    private const int Many = 8;

    private static readonly string[] VendorDirectories =
    [
        "/usr/lib/systemd/", "/lib/systemd/", "/usr/lib/tmpfiles.d/", "/lib/tmpfiles.d/", "/usr/lib/pm-utils/", "/usr/lib/update-notifier/", "/usr/share/systemd/", "/usr/share/upstart/",
    ];

    private static readonly string[] Ids = ["L-CRON-SYS", "L-CRON-PARTS", "L-UNIT", "L-UNIT-DROPIN", "L-UNIT-USER", "L-UNIT-OTHER", "L-TIMER", "L-GENERATOR", "L-TMPFILES", "L-INITD", "L-OPENRC", "L-UPSTART", "L-SLEEP", "L-MOTD"];

    private static readonly Dictionary<string, (RuleInfo Changed, RuleInfo Unowned)> ById = Place.All.Where(place => Ids.Contains(place.Id)).ToDictionary(place => place.Id, place => (
        place.Rule("changed-package-file", "A package's own start-up file has another content", "persistence", "T1554"),
        place.Rule("unowned-among-packages", "No package owns a start-up file in a directory of packages", "persistence", "T1036.005")), StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [.. ById.Values.Select(rules => rules.Changed), .. ById.Values.Select(rules => rules.Unowned)];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        if (evidence.IsOfDeleted)
        {
            yield break;
        }
        var seen = new HashSet<(string Volume, string Path)>();
        var found = new List<(Artifact Artifact, Place Place, FileFacts File, bool IsChanged, string Host)>();
        foreach (Artifact artifact in evidence.Artifacts)
        {
            if (artifact is not (SystemdUnit or StartupScript or CronJob or TmpfilesEntry or UpstartJob) || !seen.Add((artifact.Location.Volume, artifact.Location.Path))
                || Place.Of(artifact) is not { } place || !ById.ContainsKey(place.Id) || evidence.File(artifact.Location) is not { Origin: { } origin } file)
            {
                continue;
            }
            bool isUnowned = origin.IsAlien && PathTraits.StartsWithAny(artifact.Location.Path, VendorDirectories) && artifact is not (SystemdUnit { IsMasked: true } or SystemdUnit { SearchRank: < 0 });
            if (origin.IsModified || isUnowned)
            {
                found.Add((artifact, place, file, origin.IsModified, evidence.TreeOf(artifact.Location.Volume)));
            }
        }
        var units = StartChain.Of(evidence).Units;
        foreach (var group in found.GroupBy(entry => (entry.Host, entry.IsChanged)))
        {
            if (group.Count() > Many)
            {
                yield return Summary([.. group.Select(entry => (entry.Artifact, entry.Place))], group.Key.IsChanged);
                continue;
            }
            foreach ((Artifact artifact, Place place, FileFacts file, bool isChanged, _) in group)
            {
                yield return Single(artifact, place, file, isChanged, units);
            }
        }
    }

    private static Finding Single(Artifact artifact, Place place, FileFacts file, bool isChanged, UnitActivation units)
    {
        string? dormant = artifact is SystemdUnit unit ? units.DormantBecause(unit) : (artifact as StartupScript)?.DormantBecause;
        Severity severity = dormant is null ? Severity.Medium : Severity.Low;
        return new Finding(isChanged ? ById[place.Id].Changed : ById[place.Id].Unowned, severity, artifact.Location with { Line = null, ByteOffset = null })
        {
            Message = (isChanged ? $"The file belongs to the package {file.Origin!.Package} and is not what the package brought." : $"No package owns the file, and only packages put files into {Directory(artifact.Location.Path)}.")
                + (dormant is null ? "" : $" It would not be used at present: {dormant}; one level lower."),
            Evidence = artifact.Location.Path,
            Hashes = file.Hashes,
            Remediation = severity <= Severity.Low ? [] : isChanged ? ["Compare the file with the package's and reinstall the package (dpkg --verify, rpm -V)", .. Remediation.Unlock(artifact.Location.Path)] : Place.CleanUp(artifact, null),
        };
    }

    /// <summary>Where so many files are like that, it is how the host was built, and one sentence is enough.</summary>
    private static Finding Summary(IReadOnlyList<(Artifact Artifact, Place Place)> files, bool isChanged)
    {
        (Artifact first, Place place) = files[0];
        return new Finding(isChanged ? ById[place.Id].Changed : ById[place.Id].Unowned, Severity.Info, first.Location with { Line = null, ByteOffset = null })
        {
            Message = $"{files.Count} start-up files of this host " + (isChanged ? "belong to packages and are not what the packages brought" : "lie in directories of packages and belong to none") + "; so many speak for how the host was built.",
            Evidence = first.Location.Path,
            Related = [.. files.Skip(1).Take(32).Select(file => new RelatedFile(file.Artifact.Location.Path, isChanged ? "changed" : "unowned"))],
        };
    }

    private static string Directory(string path) => path[..path.LastIndexOf('/')];
}
