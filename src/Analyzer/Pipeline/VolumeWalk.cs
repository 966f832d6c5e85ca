using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>What the walk of one volume left: its jobs, the artefacts already settled, and the tree for looking paths up.</summary>
internal sealed class VolumeWalk
{
    private readonly ContentPlan _plan;
    private readonly int _index;
    private readonly ScanVisitor _visitor;
    private ILookup<ulong, ContentJob>? _streamJobs;

    private VolumeWalk(ContentPlan plan, OpenedVolume volume, int index, VolumeSetting setting, ContentWorkers workers)
    {
        _plan = plan;
        Volume = volume;
        Claims = setting.Claims;
        _index = index;
        Tree = setting.Tree;
        _visitor = new ScanVisitor(plan, volume, index, workers);
    }

    /// <summary>The volume.</summary>
    public OpenedVolume Volume { get; }

    /// <summary>Index of the volume in the image.</summary>
    public int Index => _index;

    /// <summary>The tree that it is a part of.</summary>
    public ImageTree Tree { get; }

    /// <summary>Which parsers want which of its paths.</summary>
    public PathClaims Claims { get; }

    /// <summary>Directories in which entries can be claimed, in walking order.</summary>
    public IReadOnlyList<WalkedEntry> ClaimedDirectories => _visitor.ClaimedDirectories;

    /// <summary>All jobs, in walking order.</summary>
    public IReadOnlyList<ContentJob> Jobs => _visitor.Jobs;

    /// <summary>What the file system says about itself, and the artefacts of links, directories and other entries without content.</summary>
    public IEnumerable<Artifact> Settled => _visitor.Settled.Prepend(FileSystemState.Of(_plan.ImageName, Volume.Volume.Identity, Volume.Volume.Offset, Volume.FileSystem!));

    /// <summary>Walks a volume; what needs nothing of the rest of the walk is offered to the workers meanwhile. A damaged root directory is reported and leaves an empty walk.</summary>
    public static VolumeWalk Run(ContentPlan plan, OpenedVolume volume, int index, VolumeSetting setting, ContentWorkers workers)
    {
        volume = volume with { Place = setting.Place, Difference = JournalDifference.Of(volume.FileSystem, plan.Limits, setting.Place.Path) };
        var walk = new VolumeWalk(plan, volume, index, setting, workers);
        var context = new ParseContext(plan.Limits, plan.Diagnostics.For(volume.Volume.Identity), plan.Cancellation);
        try
        {
            new TreeWalker(volume.FileSystem!, context).Walk(walk._visitor, walk.Claims.At(setting.Place.Path), setting.Place.Path);
        }
        catch (ForensicException exception)
        {
            plan.Diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { Volume = volume.Volume.Identity, Path = setting.Place.Path, LosesContent = true });
            plan.Coverage.Incomplete("a root directory could not be read");
        }
        return walk;
    }

    /// <summary>What needs all volumes of a host: links at claimed paths may lead to another volume. Called once, after the last walk.</summary>
    public static void Complete(IReadOnlyList<VolumeWalk> walks)
    {
        Dictionary<string, VolumeWalk> byVolume = walks.ToDictionary(walk => walk.Volume.Volume.Identity, StringComparer.Ordinal);
        foreach (VolumeWalk walk in walks)
        {
            walk.FollowClaimedLinks(byVolume);
        }
        foreach (VolumeWalk walk in walks)
        {
            walk.KeepWithinAllowance();
        }
    }

    /// <summary>
    /// What was learnt about files while workers already had them: books their further names, adds claims and wishes, and returns those that must be done again.
    /// Called when the workers are done.
    /// </summary>
    public static IReadOnlyList<ContentJob> TakeLateNews(IEnumerable<VolumeWalk> walks)
    {
        return [.. walks.SelectMany(walk => walk._visitor.Late.Values.Where(news => news.Apply(walk._plan.Coverage))).Select(news => news.Job)];
    }

    /// <summary>The smallest files first: a huge one must not keep the program from looking into the others.</summary>
    private void KeepWithinAllowance()
    {
        var allowance = new ContentAllowance(Volume, _plan.ImageBytes);
        if (Jobs.All(job => allowance.TryTake(job.Length)))
        {
            return;
        }
        allowance = new ContentAllowance(Volume, _plan.ImageBytes);
        // What workers were given during the walk is small and counted already.
        foreach (ContentJob job in Jobs.OrderBy(job => !job.IsOffered).ThenBy(job => job.Length))
        {
            bool fits = allowance.TryTake(job.Length);
            if (!job.IsOffered)
            {
                job.IsBeyondAllowance = !fits;
            }
        }
    }

    /// <summary>The job of an inode, whose path is given; null when it is not a regular file that was met.</summary>
    public ContentJob? JobOf(ulong metadataAddress, string path)
    {
        return _visitor.ByAddress.TryGetValue(metadataAddress, out ContentJob? known) ? known : OpenLate(metadataAddress, path);
    }

    /// <summary>The job of a named stream, found in any case; null when there is none that the profile knows.</summary>
    public ContentJob? StreamJobOf(ulong metadataAddress, string stream)
    {
        _streamJobs ??= Jobs.Where(job => job.Stream is not null).ToLookup(job => job.Entry.MetadataAddress);
        return _streamJobs[metadataAddress].FirstOrDefault(job => job.Stream!.Name.Equals(stream, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>How many names of an inode are booked as not in the profile; from then on they are not.</summary>
    public int TakePassedOver(ulong metadataAddress)
    {
        if (!_visitor.ByAddress.TryGetValue(metadataAddress, out ContentJob? job))
        {
            // Triage counts such a file by its name without opening it.
            return _plan.Profile == ScanProfile.Triage ? 1 : 0;
        }
        int count = job.WasOutsideProfile ? job.NameCount : 0;
        job.WasOutsideProfile = false;
        return count;
    }

    /// <summary>A file that the walk counted by its name only, because the profile does not look into it, and that something leads to after all.</summary>
    private ContentJob? OpenLate(ulong metadataAddress, string path)
    {
        bool isContainer = Volume.Container is not null;
        if (_plan.Profile != ScanProfile.Triage && !isContainer)
        {
            return null;
        }
        try
        {
            FileEntry entry = Volume.FileSystem!.Open(metadataAddress);
            if (entry.Type != FileType.Regular)
            {
                return null;
            }
            var job = new ContentJob(Volume, _index, entry, path) { WasOutsideProfile = !isContainer };
            if (isContainer)
            {
                // The walk of a container counts only what is claimed.
                _plan.Coverage.See();
            }
            _visitor.Jobs.Add(job);
            _visitor.ByAddress.Add(metadataAddress, job);
            return job;
        }
        catch (ForensicException exception)
        {
            _plan.Diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { Volume = Volume.Volume.Identity, Path = path, MetadataAddress = metadataAddress, LosesContent = true });
            return null;
        }
    }

    /// <summary>The jobs to run now. Triage books at once what nobody claims, and of the images of the early boot all but the newest; other profiles look at the first bytes of everything.</summary>
    public IEnumerable<ContentJob> TakeJobs()
    {
        ContentJob? newestArchive = Jobs.Where(job => job.IsOneOfMany).MaxBy(job => job.Entry.Modified?.Seconds ?? 0);
        foreach (ContentJob job in Jobs)
        {
            if (_plan.Profile == ScanProfile.Triage && job is { IsOneOfMany: true, IsOffered: false, IsWanted: false } && job != newestArchive)
            {
                // One image of the early boot is unpacked in seconds, those of all kernels are not.
                job.Claims = null;
            }
            if (_plan.Profile != ScanProfile.Triage || job.Claims is not null || job.IsWanted || job.IsPeeked)
            {
                yield return job;
                continue;
            }
            if (job.WasOutsideProfile)
            {
                continue;
            }
            job.WasOutsideProfile = true;
            for (int i = 0; i < job.NameCount; i++)
            {
                _plan.Coverage.Skip(CoverageLedger.NotInProfile, isLoss: false);
            }
        }
    }

    /// <summary>Has the content of a file parsed by one more parser. Called between the walk and its completion.</summary>
    public void Claim(ulong metadataAddress, string path, ArtifactParser parser)
    {
        if (JobOf(metadataAddress, path) is not { } job)
        {
            return;
        }
        var claim = new PathClaim(path, [parser]);
        if (job.IsOffered)
        {
            _visitor.LateNewsOf(job).Claims.Add(claim);
        }
        else
        {
            (job.Claims ??= []).Add(claim);
        }
    }

    /// <summary>Takes artefacts that need no job.</summary>
    public void Settle(IEnumerable<Artifact> artifacts) => _visitor.Settle(artifacts);

    private void FollowClaimedLinks(Dictionary<string, VolumeWalk> walks)
    {
        foreach (PathClaim link in _visitor.ClaimedLinks)
        {
            if (Tree.Resolve(link.Path) is not { } target || !walks.TryGetValue(target.Volume, out VolumeWalk? walk) || walk.JobOf(target.MetadataAddress, target.Path) is not { } job)
            {
                continue;
            }
            // An alias beside its unit would only repeat what the unit's own path yields.
            ArtifactParser[] wanting = [.. link.Parsers.Where(parser => job.Claims is null || !job.Claims.Any(claim => claim.Parsers.Contains(parser)))];
            if (wanting.Length > 0)
            {
                var claim = new PathClaim(link.Path, wanting);
                if (job.IsOffered)
                {
                    walk._visitor.LateNewsOf(job).Claims.Add(claim);
                }
                else
                {
                    (job.Claims ??= []).Add(claim);
                }
            }
        }
    }
}
