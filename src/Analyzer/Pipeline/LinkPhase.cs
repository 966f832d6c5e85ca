using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Joins persistence artefacts with the files they start: resolves each command inside the image, examines the files on demand whatever the profile, and follows
/// the scripts among them, a bounded number of times.
/// </summary>
internal sealed class LinkPhase
{
    /// <summary>How many scripts deep a chain is followed.</summary>
    public const int MaximumDepth = 4;
    private const int MaximumStartedFiles = 20_000;

    private readonly ContentPlan _plan;
    private readonly IReadOnlyDictionary<string, VolumeWalk> _walks;
    private readonly IReadOnlyList<VolumeWalk> _ordered;
    private readonly ContentWorkers _workers;
    private readonly IScanProgress _progress;
    private readonly List<CommandLink> _links = [];
    private int _started;

    public LinkPhase(ContentPlan plan, IReadOnlyList<VolumeWalk> walks, ContentWorkers workers, IScanProgress progress)
    {
        _plan = plan;
        _ordered = walks;
        _walks = walks.ToDictionary(walk => walk.Volume.Volume.Identity, StringComparer.Ordinal);
        _workers = workers;
        _progress = progress;
    }

    /// <summary>All artefacts in report order, and the links in the order of their artefacts.</summary>
    public (IReadOnlyList<Artifact> Artifacts, IReadOnlyList<CommandLink> Links) Run()
    {
        IReadOnlyList<Artifact> frontier = ArtifactOrder.Sort(_ordered.SelectMany(walk => walk.Settled.Concat(walk.Jobs.SelectMany(job => job.Results ?? []))));
        for (int depth = 0; depth < MaximumDepth && frontier.Count > 0; depth++)
        {
            var jobs = new List<ContentJob>();
            // Resolving is on its own for each artefact and pure; what follows from it keeps their order.
            var links = new IReadOnlyList<CommandLink>[frontier.Count];
            Threads.For(frontier.Count, _workers.Threads, i => links[i] = Resolve(frontier[i]));
            for (int i = 0; i < links.Length; i++)
            {
                foreach (CommandLink link in links[i])
                {
                    Take(link, jobs);
                }
            }
            frontier = Examine(jobs);
        }
        IEnumerable<Artifact> all = _ordered.SelectMany(walk => walk.Settled.Concat(walk.Jobs.SelectMany(job => job.Results ?? [])));
        return (ArtifactOrder.Sort(all), _links);
    }

    private IReadOnlyList<CommandLink> Resolve(Artifact artifact)
    {
        _plan.Cancellation.ThrowIfCancellationRequested();
        return _walks.TryGetValue(artifact.Location.Volume, out VolumeWalk? walk) ? CommandResolver.ResolveAll(artifact, walk.Tree) : [];
    }

    private void Take(CommandLink link, List<ContentJob> jobs)
    {
        _links.Add(link);
        foreach (StartedFile file in link.Files)
        {
            if (file.Resolved is not { } resolved || !_walks.TryGetValue(resolved.Volume, out VolumeWalk? walk) || walk.JobOf(resolved.MetadataAddress, resolved.Path) is not { StartedBy: null } job)
            {
                continue;
            }
            if (job.Results?.Exists(artifact => artifact is StartupScript) == true)
            {
                // Its commands are followed already.
                continue;
            }
            if (_started++ >= MaximumStartedFiles)
            {
                _plan.Coverage.Incomplete("more files are started than the limit");
                return;
            }
            job.StartedBy = link.Source.Location.Path;
            jobs.Add(job);
        }
    }

    /// <summary>Runs the jobs; returns the scripts they turned out to be. What was parsed before stays, what was examined before is not repeated.</summary>
    private IReadOnlyList<Artifact> Examine(List<ContentJob> jobs)
    {
        var todo = new List<ContentJob>();
        var before = new Dictionary<ContentJob, List<Artifact>>();
        foreach (ContentJob job in jobs)
        {
            FileFacts? known = job.Results?.OfType<FileFacts>().FirstOrDefault();
            if (known is null || known.Content is ContentKind.Script or ContentKind.Text)
            {
                before[job] = job.Results?.Where(artifact => artifact is not (FileFacts or YaraMatch or HashMatch or ExecutableFacts or MinerConfiguration)).ToList() ?? [];
                job.Claims = null;
                todo.Add(job);
            }
        }
        _workers.Run(todo, JobOrder.LargestFirst, _progress);
        var scripts = new List<Artifact>();
        foreach (ContentJob job in todo)
        {
            List<Artifact> results = job.Results ?? [];
            scripts.AddRange(results.OfType<ScriptFacts>());
            job.Results = [.. before[job], .. results];
        }
        return ArtifactOrder.Sort(scripts);
    }
}
