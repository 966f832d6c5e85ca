using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Examiners;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Turns the walk of one volume into content jobs, and settles at once what needs no content: directories, links, devices. Every name met is booked here or
/// by the worker that does its job.
/// </summary>
internal sealed class ScanVisitor(ContentPlan plan, OpenedVolume volume, int volumeIndex, ContentWorkers workers) : ITreeVisitor<PathClaims.Directory?>
{
    private const int MaximumNotableEntries = 10_000;
    // What the format allows one file; only a damaged directory names it more often.
    private const int MaximumNames = 65_000;
    private const int MaximumClaims = 256;

    private readonly ArtifactList _settled = new();
    private StreamJobs? _streams;
    private int _notable;
    private int _notableFiles;
    private long _offeredBytes;

    /// <summary>One job for each regular file.</summary>
    public List<ContentJob> Jobs { get; } = [];

    /// <summary>The jobs by metadata address.</summary>
    public Dictionary<ulong, ContentJob> ByAddress { get; } = [];

    /// <summary>What was learnt about jobs after they were offered to the workers.</summary>
    public Dictionary<ContentJob, LateNews> Late { get; } = [];

    /// <summary>Symbolic links at claimed paths: their target is parsed as if it lay there, once the whole tree is known.</summary>
    public List<PathClaim> ClaimedLinks { get; } = [];

    /// <summary>Artefacts that needed no job, in walking order.</summary>
    public IReadOnlyList<Artifact> Settled => _settled.Artifacts;

    /// <summary>Adds artefacts that come from elsewhere than the walk.</summary>
    public void Settle(IEnumerable<Artifact> artifacts) => _settled.Artifacts.AddRange(artifacts);

    /// <summary>The news of one job.</summary>
    public LateNews LateNewsOf(ContentJob job)
    {
        if (!Late.TryGetValue(job, out LateNews? news))
        {
            Late.Add(job, news = new LateNews(job));
        }
        return news;
    }

    /// <summary>Directories in which entries can be claimed: there deleted names matter too.</summary>
    public List<WalkedEntry> ClaimedDirectories { get; } = [];

    public PathClaims.Directory? Enter(in WalkedEntry directory, PathClaims.Directory? parent)
    {
        volume.Difference?.Enter(directory.Path, directory.File);
        PathClaims.Directory? inside = parent?.Enter(directory.Name);
        if (inside is { ReachesEntries: true })
        {
            ClaimedDirectories.Add(directory);
        }
        return inside;
    }

    /// <summary>
    /// Every inode is opened in every profile: what runs with the rights of others, or is locked, shows in the metadata alone. Of a container, whatever is in a layer is met, counted and looked into as a file of the
    /// host; in its own tree only what its own context gives a meaning.
    /// </summary>
    public bool Wants(string name, in DirectoryEntry entry, PathClaims.Directory? directory) =>
        volume.Container is null || entry.TypeHint != FileType.Regular || directory?.ClaimantsOf(name).Count > 0;

    public void Visit(in WalkedEntry entry, PathClaims.Directory? directory)
    {
        IReadOnlyList<ArtifactParser> claimants = directory is null || entry.Name.Length == 0 ? [] : directory.ClaimantsOf(entry.Name);
        if (volume.Container is not null && (claimants.Count == 0 || entry.File.Type != FileType.Regular))
        {
            if (claimants.Count > 0)
            {
                Keep(entry, claimants);
            }
            return;
        }
        plan.Coverage.See();
        (_streams ??= new StreamJobs(plan, volume, volumeIndex, Jobs)).Visit(entry);
        if (entry.Name.Length == 0)
        {
            volume.Difference?.Enter(entry.Path, entry.File);
            if (directory is { ReachesEntries: true })
            {
                ClaimedDirectories.Add(entry);
            }
        }
        if (entry.File.Type == FileType.Regular)
        {
            VisitFile(entry, claimants);
            return;
        }
        Keep(entry, claimants);
        plan.Coverage.Examine();
    }

    public void Unreadable(string path, DirectoryEntry entry, ForensicException reason, bool wasVisited)
    {
        Report(path, entry.MetadataAddress, reason);
        if (wasVisited)
        {
            // The directory itself counts as examined; what is below it was never met.
            plan.Coverage.Incomplete("a directory could not be listed");
            return;
        }
        plan.Coverage.See();
        plan.Coverage.Skip(CoverageLedger.Unreadable);
    }

    private void VisitFile(in WalkedEntry entry, IReadOnlyList<ArtifactParser> claimants)
    {
        if (claimants.Count == 0 && StreamJobs.IsOfFileSystem(volume, entry))
        {
            plan.Coverage.Skip(CoverageLedger.OfFileSystem, isLoss: false);
            return;
        }
        FileCapabilities? capabilities = CapabilitiesOf(entry);
        bool isNotable = capabilities is not null || (!FileFactsRules.HasModes(entry.File) && WindowsNames.IsVital(entry.Path)) || FileFactsRules.IsSetId(entry.File) || FileFactsRules.HasNotableFlags(entry.File) || (FileFactsRules.HasModes(entry.File) && DeceptiveNames.Find(entry.Path) is not null);
        bool isPeeked = plan.Profile == ScanProfile.Triage && ExaminationScope.IsPeeked(entry.Path, entry.File);
        if (plan.Profile == ScanProfile.Triage && claimants.Count == 0 && !isPeeked && (!isNotable || _notableFiles++ >= MaximumNotableEntries))
        {
            plan.Coverage.Skip(CoverageLedger.NotInProfile, isLoss: false);
            return;
        }
        // By address whatever the number of links says: a damaged directory may name one file a million times.
        if (!ByAddress.TryGetValue(entry.File.MetadataAddress, out ContentJob? job))
        {
            job = new ContentJob(volume, volumeIndex, entry.File, entry.Path);
            Jobs.Add(job);
            ByAddress.Add(entry.File.MetadataAddress, job);
        }
        else if (job.IsOffered)
        {
            VisitLateName(job, entry, claimants);
            return;
        }
        else if ((job.OtherPaths ??= []).Count < MaximumNames)
        {
            job.OtherPaths.Add(entry.Path);
        }
        else
        {
            job.UnkeptNames++;
        }
        if (claimants.Count > 0)
        {
            Claim(job, entry, claimants);
        }
        job.Capabilities ??= capabilities;
        job.IsNotable |= isNotable;
        job.IsPeeked |= isPeeked;
        job.IsWanted |= isNotable || ExaminationScope.WantsByName(plan.Profile, entry.Path, entry.File);
        if (job.OtherPaths is null)
        {
            job.PhysicalOffset = PhysicalOffset(entry);
        }
        // A file with one name is complete; of the others a later name may still bring claims. What is offered is small and no more than the volume can store,
        // so that it always fits what the volume may make the program read.
        if (entry.File.LinkCount <= 1 && (plan.Profile != ScanProfile.Triage || job.Claims is not null || job.IsWanted || job.IsPeeked)
            && entry.File.Size <= ContentBuffers.OrdinaryBytes && _offeredBytes + entry.File.Size <= Math.Min(volume.Volume.Length, plan.ImageBytes))
        {
            _offeredBytes += entry.File.Size;
            job.IsOffered = true;
            workers.Offer(job);
        }
    }

    /// <summary>Reading attributes costs another look at the inode, so only programs are asked, and the file system knows which have any.</summary>
    private FileCapabilities? CapabilitiesOf(in WalkedEntry entry)
    {
        if (!FileFactsRules.MayHaveCapabilities(entry.File))
        {
            return null;
        }
        try
        {
            foreach (ExtendedAttribute attribute in volume.FileSystem!.ReadExtendedAttributes(entry.File))
            {
                if (attribute.Name == FileCapabilities.AttributeName && FileCapabilities.TryParse(attribute.Value.Span, out FileCapabilities capabilities))
                {
                    return capabilities;
                }
            }
        }
        catch (ForensicException exception)
        {
            Report(entry.Path, entry.File.MetadataAddress, exception);
        }
        return null;
    }

    private void VisitLateName(ContentJob job, in WalkedEntry entry, IReadOnlyList<ArtifactParser> claimants)
    {
        LateNews news = LateNewsOf(job);
        news.Names++;
        news.IsWanted |= ExaminationScope.WantsByName(plan.Profile, entry.Path, entry.File);
        if (claimants.Count > 0 && news.Claims.Count < MaximumClaims)
        {
            news.Claims.Add(new PathClaim(entry.Path, claimants));
        }
        else if (claimants.Count > 0)
        {
            ReportTooManyNames(entry);
        }
    }

    private void Claim(ContentJob job, in WalkedEntry entry, IReadOnlyList<ArtifactParser> claimants)
    {
        job.Claims ??= [];
        if (job.Claims.Count < MaximumClaims)
        {
            job.Claims.Add(new PathClaim(entry.Path, claimants));
            return;
        }
        ReportTooManyNames(entry);
    }

    private void ReportTooManyNames(in WalkedEntry entry)
    {
        plan.Diagnostics.Report(new Diagnostic("scan.too-many-names", "one file has more names at places of interest than are parsed")
        {
            Volume = volume.Volume.Identity, MetadataAddress = entry.File.MetadataAddress, LosesContent = true,
        });
    }

    /// <summary>Only what will be read needs a place in the order; the first bytes of everything are read in the standard and full profiles.</summary>
    private long PhysicalOffset(in WalkedEntry entry)
    {
        if (plan.Profile == ScanProfile.Triage || entry.File.Size == 0 || entry.File.IsEncrypted)
        {
            return -1;
        }
        try
        {
            return volume.FileSystem!.OpenContent(entry.File) is IPhysicallyOrdered content ? content.FirstPhysicalOffset : -1;
        }
        catch (ForensicException)
        {
            // The worker meets the same damage, reports it and books the file.
            return -1;
        }
    }

    private void Keep(in WalkedEntry entry, IReadOnlyList<ArtifactParser> claimants)
    {
        string? target = null;
        if (entry.File.Type == FileType.SymbolicLink && claimants.Count > 0)
        {
            try
            {
                target = ImageTree.LinkTarget(volume.FileSystem!, entry.File);
            }
            catch (ForensicException exception)
            {
                Report(entry.Path, entry.File.MetadataAddress, exception);
                return;
            }
        }
        if (target is not null && claimants.Any(parser => parser.Accepts(FileType.Regular)))
        {
            ClaimedLinks.Add(new PathClaim(entry.Path, [.. claimants.Where(parser => parser.Accepts(FileType.Regular))]));
        }
        bool notable = (FileFactsRules.HasNotableFlags(entry.File) || (FileFactsRules.HasModes(entry.File) && DeceptiveNames.Find(entry.Path) is not null) || FileFactsRules.IsOpenDirectory(entry.File)) && _notable++ < MaximumNotableEntries;
        if (!notable && claimants.Count == 0)
        {
            return;
        }
        EvidenceLocation location = EntryLocation.Of(plan, volume, entry.Path, entry.Path, entry.File);
        if (notable || target is not null)
        {
            _settled.Add(new FileFacts(location, entry.File) { LinkTarget = target });
        }
        foreach (ArtifactParser parser in claimants)
        {
            if (!parser.Accepts(entry.File.Type))
            {
                continue;
            }
            try
            {
                parser.Parse(new ArtifactInput(location, entry.File, default) { LinkTarget = target, Limits = plan.Limits }, _settled);
            }
            catch (ForensicException exception)
            {
                Report(entry.Path, entry.File.MetadataAddress, exception);
            }
        }
        foreach (Diagnostic diagnostic in _settled.Diagnostics)
        {
            plan.Diagnostics.Report(diagnostic with { Volume = volume.Volume.Identity, Path = entry.Path });
        }
        _settled.Diagnostics.Clear();
    }

    private void Report(string path, ulong metadataAddress, ForensicException exception) =>
        plan.Diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { Volume = volume.Volume.Identity, Path = path, MetadataAddress = metadataAddress });
}
