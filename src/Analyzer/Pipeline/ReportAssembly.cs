using System.Reflection;
using Forensics.Analyzer.Detectors;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Judges the evidence and puts the report together, everything in its one order.</summary>
internal static class ReportAssembly
{
    public static Report Assemble(
        OpenedImage image, IReadOnlyList<OpenedVolume> volumes, IReadOnlyDictionary<string, VolumeSetting> settings, EvidenceIndex evidence, Knowledge known, CoverageLedger coverage, DiagnosticCollector diagnostics, ScanOptions options, RunInfo run)
    {
        List<Finding> live = Companions.Raise(Judge(known.Detectors, evidence, options.Threads), evidence);
        IEnumerable<Finding> deleted = evidence.Deleted is { } gone ? DeletedFindings.Of(Judge(known.Detectors, gone, options.Threads), live) : [];
        List<Finding> findings = [.. live.Concat(deleted).Select(FindingMarks.Mark).Select(finding => ContainerFindings.Explain(evidence, finding))
            .OrderByDescending(finding => finding.Severity)
            .ThenBy(finding => finding.Rule.Id, StringComparer.Ordinal)
            .ThenBy(finding => finding.Location.VolumeOffset)
            .ThenBy(finding => finding.Location.Volume, StringComparer.Ordinal)
            .ThenBy(finding => finding.Location.Path, StringComparer.Ordinal)
            .ThenBy(finding => finding.Location.Line ?? 0)
            .ThenBy(finding => finding.Location.ByteOffset ?? 0)
            .ThenBy(finding => finding.Message, StringComparer.Ordinal)];
        if (diagnostics.LosesContent)
        {
            coverage.Incomplete("damage or limits kept content from being read, see diagnostics");
        }
        return new Report
        {
            Tool = new ToolInfo("deadbox", ToolVersion, options.Profile.ToString().ToLowerInvariant(), known.RuleSets, known.YaraVersion),
            Image = Describe(image, volumes, settings, evidence),
            Hosts = evidence.Hosts,
            Risk = RiskScore.Of(findings),
            Findings = findings,
            Artifacts = WorthReporting(evidence, findings),
            Logs = LogSummary.Of(evidence.Logs, findings),
            Diagnostics = diagnostics.ToList(),
            Coverage = coverage.ToSummary() with { Origins = Origins(evidence) },
            Run = run,
        };
    }

    private static IReadOnlyList<KeyValuePair<string, long>> Origins(EvidenceIndex evidence) => [.. evidence.OfType<FileFacts>()
        .GroupBy(file => file.Origin is { } origin ? origin.Word : "unknown", StringComparer.Ordinal)
        .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => KeyValuePair.Create(group.Key, group.LongCount()))];

    private static List<Finding> Judge(IReadOnlyList<IDetector> detectors, EvidenceIndex evidence, int threads)
    {
        var found = new IReadOnlyList<Finding>[detectors.Count];
        Threads.For(found.Length, threads, i => found[i] = [.. detectors[i].Examine(evidence)]);
        return [.. found.SelectMany(some => some)];
    }

    /// <summary>Version of the program.</summary>
    public static string ToolVersion { get; } =
        typeof(ReportAssembly).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    private static ImageInfo Describe(OpenedImage image, IReadOnlyList<OpenedVolume> volumes, IReadOnlyDictionary<string, VolumeSetting> settings, EvidenceIndex evidence) => new(image.Name, image.Disk.Format, image.Disk.Content.Length, image.FileBytes, image.Table.Kind,
    [
        .. volumes.Select(volume => new VolumeInfo(
            volume.Volume.Identity, volume.Volume.Offset, volume.Volume.Length, volume.Volume.TypeName, volume.FileSystem?.Kind, volume.NotReadBecause)
        {
            IsContainer = volume.Container is not null,
            ShadowCopy = ImageSummary.Describe(volume.ShadowCopy),
            Label = volume.FileSystem?.Facts.Label,
            Uuid = volume.FileSystem?.Facts.Uuid,
            NeedsRecovery = volume.FileSystem?.Facts.NeedsRecovery ?? false,
            Journal = JournalDescription.Of(volume.FileSystem?.Facts.Journal),
            Host = evidence.HostOf(volume.Volume.Identity)?.Volume,
            MountPoint = evidence.HostOf(volume.Volume.Identity) is null ? null : settings.GetValueOrDefault(volume.Volume.Identity)?.Place.Path,
        }),
    ])
    {
        ExternalJournals = image.ExternalJournals,
        Disks = ImageSummary.Disks(image),
        Files = ImageSummary.Files(image),
    };

    /// <summary>Everything but plain files, and of the files those that something points at; of deleted ones too.</summary>
    private static IReadOnlyList<Artifact> WorthReporting(EvidenceIndex evidence, IReadOnlyList<Finding> findings)
    {
        IReadOnlyList<Artifact> all = evidence.Orphans is null && evidence.Deleted is null ? evidence.Artifacts
            : ArtifactOrder.Sort(evidence.Artifacts.Concat(evidence.Orphans?.Artifacts ?? []).Concat(evidence.Deleted?.Artifacts ?? []));
        var pointedAt = new HashSet<(string, string)>();
        foreach (Finding finding in findings)
        {
            pointedAt.Add((evidence.TreeOf(finding.Location.Volume), finding.Location.Path));
            foreach (RelatedFile related in finding.Related)
            {
                pointedAt.Add((evidence.TreeOf(finding.Location.Volume), related.Path));
            }
        }
        foreach (CommandLink link in evidence.Links)
        {
            foreach (StartedFile file in link.Files)
            {
                if (file.Resolved is { } resolved && file.Relation != "uses")
                {
                    pointedAt.Add((evidence.TreeOf(resolved.Volume), resolved.Path));
                }
            }
        }
        return [.. all.Where(artifact => artifact is not (FileFacts or ExecutableFacts or WindowsProgramFacts or DeletedFileFacts or PrelinkedFile) || pointedAt.Contains((evidence.TreeOf(artifact.Location.Volume), artifact.Location.Path)))];
    }
}
