using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Manifests;
using Forensics.Analyzer.Reports;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>The result of a scan with what only the exit code needs.</summary>
/// <param name="Report">The report.</param>
/// <param name="EvidenceChanged">A file of the image changed during the scan.</param>
public sealed record ScanResult(Report Report, bool EvidenceChanged)
{
    /// <summary>A disk differs from what the acquiring tool stored about it.</summary>
    public bool DigestsDiffer => Report.Image.Verification?.Any(check => !check.Matches) == true;
}

/// <summary>One scan from image file to report: open, walk, collect, link, judge, score.</summary>
public static class ImageScan
{
    /// <summary>
    /// Runs it. Throws <see cref="UsageException"/> (rules cannot be used), a <see cref="ForensicException"/> when nothing in the image can be read,
    /// and <see cref="OperationCanceledException"/>.
    /// </summary>
    public static ScanResult Run(ScanOptions options, IScanProgress progress, CancellationToken cancellation)
    {
        DateTimeOffset started = DateTimeOffset.UtcNow;
        long clock = System.Diagnostics.Stopwatch.GetTimestamp();
        ScanLimits limits = ScanLimits.Default;
        var diagnostics = new DiagnosticCollector();
        using OpenedImage image = OpenedImage.Open(options.Image with { Progress = new OpeningProgressDisplay(progress) }, limits, diagnostics, cancellation);
        // Compiling rules takes about as long as the walk: both run at once.
        using var knowledge = new KnowledgeLoading(options);
        IReadOnlyList<TrustedManifest> manifests = [.. options.TrustedManifests.Select(TrustedManifest.Load)];
        var coverage = new CoverageLedger();
        var buffers = new ContentBuffers();

        progress.Begin("walk", null, null);
        IReadOnlyList<HostProfile> hosts = HostProfile.ReadAll(image, limits, diagnostics, cancellation);
        IReadOnlyList<OpenedVolume> containers = new ContainerViews(limits, diagnostics, cancellation).Find(hosts);
        hosts = [.. hosts, .. HostProfile.ReadContainers(image, containers, limits)];
        IReadOnlyList<OpenedVolume> volumes = [.. image.Volumes, .. containers];
        IReadOnlyDictionary<string, VolumeSetting> settings = VolumeSetting.Of(volumes, hosts, limits);
        var packages = new PackageReading(hosts, limits, diagnostics, options.Threads, cancellation);
        TrustedFiles? trusted = TrustedFiles.Of(manifests, [.. hosts.Select(host => host.Info)], progress);
        using var logs = new LogReading(image, hosts, settings, options, limits, diagnostics, cancellation);
        Knowledge known;
        IReadOnlyList<Artifact> artifacts;
        IReadOnlyList<CommandLink> links;
        long bytesRead;
        var plan = new ContentPlan
        {
            ImageName = image.Name,
            ImageBytes = image.FileBytes,
            Profile = options.Profile,
            Limits = limits,
            Coverage = coverage,
            Diagnostics = diagnostics,
            Buffers = buffers,
            Cancellation = cancellation,
            PackagesOf = packages.Of,
            Trusted = trusted,
            Digests = () => knowledge.Value.Kinds | (packages.NeedsSha1 ? HashKinds.Sha1 : HashKinds.None),
            CreateExaminers = () => knowledge.Value.CreateExaminers(),
            MatchHashes = (digests, location, sink) => knowledge.Value.MatchHashes(digests, location, sink),
        };
        var walks = new List<VolumeWalk>();
        using var workers = new ContentWorkers(plan, options.Threads);
        workers.BeginOffers();
        for (int i = 0; i < volumes.Count; i++)
        {
            OpenedVolume volume = volumes[i];
            if (volume.FileSystem is null)
            {
                coverage.SkipVolume(volume.NotReadBecause ?? "not read", volume.IsLoss);
                continue;
            }
            walks.Add(VolumeWalk.Run(plan, volume, i, settings[volume.Volume.Identity], workers));
            if (volume.Container is null)
            {
                coverage.ExamineVolume();
            }
            if (volume.FileSystem.Facts.NeedsRecovery)
            {
                coverage.Incomplete("the journal of a volume holds changes that were not looked at");
            }
        }
        PackageScriptSelection.Select(plan, hosts, packages, walks);
        VolumeWalk.Complete(walks);
        known = knowledge.Value;
        foreach (string warning in known.Warnings)
        {
            progress.Message(MessageLevel.Warning, warning);
        }
        foreach (string loss in known.Losses)
        {
            coverage.Incomplete(loss);
        }
        // What has no name is looked for beside that, and examined last: nothing else depends on it.
        IReadOnlyList<DeletedSearch> Search() => [.. walks.Select(walk => DeletedSearch.Run(plan, walk))];
        Task<IReadOnlyList<DeletedSearch>> searching = options.Threads > 1 ? Task.Run(Search, CancellationToken.None) : Task.FromResult(Search());
        try
        {
            workers.RunOffered(walks.SelectMany(walk => walk.TakeJobs()), progress);
            workers.Run(VolumeWalk.TakeLateNews(walks), JobOrder.OnDisk, progress);
            progress.Begin("logs", null, null);
            IReadOnlyList<Artifact> logged = LoggedJobs.Of(logs.Value, walks);
            progress.Begin("link", null, null);
            var linking = new LinkPhase(plan, walks, workers, progress);
            (artifacts, links) = linking.Run(logged);
            logs.Book(walks, coverage);
            artifacts = new OriginPhase(hosts.Select(host => host.Info), packages.Value, artifacts, trusted).Run(artifacts, options.Threads);
            artifacts = new CatalogPhase(hosts, known.Trust.Verifier, diagnostics, cancellation).Run(artifacts);
            MissingFile[] missing = [.. hosts.SelectMany(host => MissingPrograms.Of(image.Name, host, packages.Value[host.Info.Volume]))];
            IReadOnlyList<GoneProgram> gone = GonePrograms.Of(hosts, artifacts);
            artifacts = missing.Length + gone.Count == 0 ? artifacts : ArtifactOrder.Sort([.. artifacts, .. missing, .. gone]);
        }
        finally
        {
            // The image is closed after this, whatever happened.
            ((IAsyncResult)searching).AsyncWaitHandle.WaitOne();
        }
        IReadOnlyList<DeletedSearch> deleted = searching.GetAwaiter().GetResult();
        workers.Run([.. deleted.SelectMany(search => search.Jobs)], JobOrder.OnDisk, progress);
        bytesRead = workers.BytesRead;
        progress.Begin("judge", null, null);
        EvidenceIndex evidence = DeletedEvidence.Join([.. hosts.Select(host => host.Info with { PackageManagers = packages.Value[host.Info.Volume].Counts })], artifacts, links, deleted, packages.Value, logs.Value);
        Report report = ReportAssembly.Assemble(image, volumes, settings, evidence, known, coverage, diagnostics, options, new RunInfo(started, 0, options.Threads, bytesRead, options.Image.Paths));
        report = report with { Findings = new LockSteps(hosts).Refine(report.Findings) };
        if (options.VerifiesEvidence)
        {
            report = report with { Image = report.Image with { Verification = SourceHasher.Verify(image, progress, cancellation) } };
            if (report.Image.Verification.Count == 0)
            {
                progress.Message(MessageLevel.Warning, "the image carries no digest to verify");
            }
        }
        report = report with { Run = report.Run with { Seconds = System.Diagnostics.Stopwatch.GetElapsedTime(clock).TotalSeconds } };
        return new ScanResult(report, image.HasChanged());
    }
}
