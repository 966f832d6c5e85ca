using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// What has no name any more in one volume, made ready for the same examination as everything else: files that were unlinked while open, in every profile; deleted
/// entries of directories in which persistence lies, in every profile; every deleted file in the full profile. So are entries that replaying the journal removed, whose
/// content the volume before replay still has. Each counts as one entry in the coverage ledger.
/// </summary>
/// <remarks>Limitations: what deleted content is read in sum is bounded as that of files with names is, and apart from it.</remarks>
internal sealed class DeletedSearch
{
    private readonly ContentPlan _plan;
    private readonly VolumeWalk _walk;
    private readonly ArtifactList _settled = new();
    private readonly List<ContentJob> _jobs = [];
    private readonly Dictionary<(string Path, ulong Address), RemovedEntry> _removed;
    private readonly ContentAllowance _allowance;

    private DeletedSearch(ContentPlan plan, VolumeWalk walk)
    {
        _plan = plan;
        _walk = walk;
        _allowance = new ContentAllowance(walk.Volume, plan.ImageBytes);
        _removed = (walk.Volume.Difference?.Removed ?? []).DistinctBy(entry => (entry.Path, entry.File.MetadataAddress)).ToDictionary(entry => (entry.Path, entry.File.MetadataAddress));
    }

    /// <summary>The walk of the volume.</summary>
    public VolumeWalk Walk => _walk;

    /// <summary>One job for each content that is left, in the order it was found.</summary>
    public IReadOnlyList<ContentJob> Jobs => _jobs;

    /// <summary>Artefacts that need no content: what is known of each file, and links at claimed paths.</summary>
    public IReadOnlyList<Artifact> Settled => _settled.Artifacts;

    /// <summary>Searches a volume after its walk.</summary>
    public static DeletedSearch Run(ContentPlan plan, VolumeWalk walk)
    {
        var search = new DeletedSearch(plan, walk);
        if (walk.Volume.FileSystem is IDeletedFiles files)
        {
            search.Try(walk.Volume.Place.Path, () => search.FindOrphans(files));
            search.FindDeleted(files);
        }
        search.FindRemoved();
        return search;
    }

    private void FindOrphans(IDeletedFiles files)
    {
        foreach (DeletedFile orphan in files.FindOrphans().Select(InHost))
        {
            _plan.Cancellation.ThrowIfCancellationRequested();
            string? successor = orphan.Path is null ? null : Successors.Of(_walk.Tree, orphan.Path);
            Take(orphan, orphan.Path is null ? [] : ClaimantsOf(orphan.Path), successor);
        }
    }

    private IReadOnlyList<ArtifactParser> ClaimantsOf(string path) => OwnedClaims.OfDeleted(_walk.Claims.ClaimantsOf(path));

    /// <summary>The same file under the path that its host knows.</summary>
    private DeletedFile InHost(DeletedFile file) => file.Path is null || _walk.Volume.Place.Path == "/" ? file : file with { Path = _walk.Volume.Place.Of(file.Path) };

    private void FindDeleted(IDeletedFiles files)
    {
        if (_plan.Profile == ScanProfile.Full)
        {
            Try(_walk.Volume.Place.Path, () =>
            {
                foreach (DeletedFile file in files.FindDeleted().Select(InHost))
                {
                    _plan.Cancellation.ThrowIfCancellationRequested();
                    Take(file, file.Path is null ? [] : ClaimantsOf(file.Path), null);
                }
            });
            return;
        }
        foreach (WalkedEntry directory in _walk.ClaimedDirectories)
        {
            _plan.Cancellation.ThrowIfCancellationRequested();
            Try(directory.Path, () =>
            {
                foreach (DeletedFile file in files.FindDeletedIn(directory.File, directory.Path))
                {
                    if (file.Path is not null && ClaimantsOf(file.Path) is { Count: > 0 } claimants)
                    {
                        Take(file, claimants, null);
                    }
                }
            });
        }
    }

    /// <summary>What the journal removed and the search for deleted files did not bring back.</summary>
    private void FindRemoved()
    {
        foreach (RemovedEntry entry in _walk.Volume.Difference?.Removed ?? [])
        {
            _plan.Cancellation.ThrowIfCancellationRequested();
            IReadOnlyList<ArtifactParser> claimants = ClaimantsOf(entry.Path);
            if ((claimants.Count > 0 || _plan.Profile == ScanProfile.Full) && _removed.Remove((entry.Path, entry.File.MetadataAddress)))
            {
                Take(entry.ToDeletedFile(), claimants, null, isRemoved: true, _walk.Volume with { FileSystem = _walk.Volume.Difference!.Before });
            }
        }
    }

    private void Take(DeletedFile file, IReadOnlyList<ArtifactParser> claimants, string? successor)
    {
        bool isRemoved = file.Path is not null && _removed.ContainsKey((file.Path, file.File.MetadataAddress));
        if (isRemoved && file.Certainty == Certainty.MetadataOnly && file.File.Allocation == Allocation.Deleted)
        {
            // The volume before replay has more of it.
            return;
        }
        if (isRemoved)
        {
            _removed.Remove((file.Path!, file.File.MetadataAddress));
        }
        Take(file, claimants, successor, isRemoved, _walk.Volume);
    }

    private void Take(DeletedFile file, IReadOnlyList<ArtifactParser> claimants, string? successor, bool isRemoved, OpenedVolume volume)
    {
        _plan.Coverage.See();
        EvidenceLocation location = EntryLocation.Of(_plan, volume, file, isRemoved);
        _settled.Add(new DeletedFileFacts(location) { HasPath = file.Path is not null, NameFrom = file.NameFrom, Deleted = file.File.Deleted, Successor = successor });
        if (file.Certainty == Certainty.MetadataOnly)
        {
            _plan.Coverage.Skip(CoverageLedger.ContentGone, isLoss: false);
        }
        else if (file.File.Type != FileType.Regular || file.File.Size == 0)
        {
            Settle(location, volume.FileSystem!, file.File, claimants);
            _plan.Coverage.Examine();
        }
        else
        {
            _jobs.Add(new ContentJob(volume, _walk.Index, file.File, location.Path)
            {
                Deleted = location, IsWanted = true, IsBeyondAllowance = !_allowance.TryTake(file.File.Size), Claims = claimants.Count == 0 ? null : [new PathClaim(location.Path, claimants)],
            });
        }
    }

    /// <summary>A link at a claimed path says by its target what it did.</summary>
    private void Settle(EvidenceLocation location, IFileSystem fileSystem, FileEntry entry, IReadOnlyList<ArtifactParser> claimants)
    {
        ArtifactParser[] willing = [.. claimants.Where(parser => parser.Accepts(entry.Type))];
        if (entry.Type != FileType.SymbolicLink || willing.Length == 0)
        {
            return;
        }
        Try(location.Path, () =>
        {
            var input = new ArtifactInput(location, entry, default) { LinkTarget = ImageTree.LinkTarget(fileSystem, entry), Limits = _plan.Limits };
            foreach (ArtifactParser parser in willing)
            {
                parser.Parse(input, _settled);
            }
        });
    }

    /// <summary>Damage among what is deleted is reported and costs nothing else.</summary>
    private void Try(string path, Action action)
    {
        try
        {
            action();
        }
        catch (ForensicException exception)
        {
            _plan.Diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { Volume = _walk.Volume.Volume.Identity, Path = path });
        }
        foreach (Diagnostic diagnostic in _settled.Diagnostics)
        {
            _plan.Diagnostics.Report(diagnostic with { Volume = _walk.Volume.Volume.Identity, Path = path });
        }
        _settled.Diagnostics.Clear();
    }
}
