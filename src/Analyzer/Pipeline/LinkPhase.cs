using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Joins persistence artefacts with the files they start: resolves each command inside the image, examines the files on demand whatever the profile, and follows
/// the scripts among them, a bounded number of times.
/// </summary>
internal sealed class LinkPhase
{
    /// <summary>How many scripts deep a chain is followed.</summary>
    public const int MaximumDepth = 8;
    private const int MaximumStartedFiles = 20_000;

    private readonly ContentPlan _plan;
    private readonly IReadOnlyDictionary<string, VolumeWalk> _walks;
    private readonly Dictionary<(ImageTree Host, string Engine, string Id), VolumeWalk> _containers = [];
    private readonly IReadOnlyList<VolumeWalk> _ordered;
    private readonly ContentWorkers _workers;
    private readonly IScanProgress _progress;
    private readonly List<CommandLink> _links = [];
    private readonly Dictionary<ImageTree, Dictionary<string, string>> _homes = [];
    private ClassServers? _classes;
    private int _started;
    private bool _toldCut;

    public LinkPhase(ContentPlan plan, IReadOnlyList<VolumeWalk> walks, ContentWorkers workers, IScanProgress progress)
    {
        _plan = plan;
        _ordered = walks;
        _walks = walks.ToDictionary(walk => walk.Volume.Volume.Identity, StringComparer.Ordinal);
        foreach (VolumeWalk walk in walks)
        {
            if (walk.Volume.Container is { } view)
            {
                _containers.TryAdd((view.HostTree, view.Identity.Engine, view.Identity.Id), walk);
            }
        }
        _workers = workers;
        _progress = progress;
    }

    /// <summary>All artefacts in report order, and the links in the order of their artefacts.</summary>
    /// <param name="more">Artefacts that come from no file that was walked.</param>
    public (IReadOnlyList<Artifact> Artifacts, IReadOnlyList<CommandLink> Links) Run(IReadOnlyList<Artifact> more)
    {
        IReadOnlyList<Artifact> frontier = ArtifactOrder.Sort(_ordered.SelectMany(walk => walk.Settled.Concat(walk.Jobs.SelectMany(job => job.Results ?? []))).Concat(more));
        TakeHomes(frontier);
        _classes = new ClassServers(frontier, artifact => TreeOf(artifact));
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
        if (frontier.Count > 0)
        {
            _plan.Coverage.Incomplete("scripts start each other deeper than the limit");
        }
        IEnumerable<Artifact> all = _ordered.SelectMany(walk => walk.Settled.Concat(walk.Jobs.SelectMany(job => job.Results ?? []))).Concat(more);
        return (ArtifactOrder.Sort(all), _links);
    }

    /// <summary>Home directories by account, so that <c>~alice</c> and a user's <c>$HOME</c> lead somewhere.</summary>
    private void TakeHomes(IReadOnlyList<Artifact> artifacts)
    {
        foreach (ImageTree tree in _ordered.Select(walk => walk.Tree).Where(tree => tree.IsWindows).Distinct())
        {
            _homes.TryAdd(tree, new Dictionary<string, string>(WindowsSystem.HomesOf(tree), StringComparer.OrdinalIgnoreCase));
        }
        foreach (UserAccount account in artifacts.OfType<UserAccount>())
        {
            if (!account.IsPrevious && account.Home.StartsWith('/') && _walks.TryGetValue(account.Location.Volume, out VolumeWalk? walk))
            {
                if (!_homes.TryGetValue(walk.Tree, out Dictionary<string, string>? homes))
                {
                    _homes.Add(walk.Tree, homes = new Dictionary<string, string>(StringComparer.Ordinal));
                }
                homes.TryAdd(account.Name, account.Home);
            }
        }
    }

    private IReadOnlyList<CommandLink> Resolve(Artifact artifact)
    {
        _plan.Cancellation.ThrowIfCancellationRequested();
        if (TreeOf(artifact) is not { } tree)
        {
            return [];
        }
        IReadOnlyList<CommandLink> links = CommandResolver.ResolveAll(artifact, tree, _homes.GetValueOrDefault(tree));
        return artifact is ScheduledTask task && _classes?.LinkOf(task, tree) is { } link ? [.. links, link] : links;
    }

    /// <summary>The tree in which the commands of an artefact run: a container's own for what its engine on the host says it starts.</summary>
    private ImageTree? TreeOf(Artifact artifact) =>
        !_walks.TryGetValue(artifact.Location.Volume, out VolumeWalk? walk) ? null
        : artifact is ContainerProcess process && _containers.TryGetValue((walk.Tree, process.Engine, process.ContainerId), out VolumeWalk? container) ? container.Tree : walk.Tree;

    private static ContentJob? JobOf(VolumeWalk walk, StartedFile file, ResolvedPath resolved) =>
        file.Stream is null ? walk.JobOf(resolved.MetadataAddress, resolved.Path) : walk.StreamJobOf(resolved.MetadataAddress, file.Stream);

    /// <summary>A script whose lines the parser has read already; of another language than shell it only knows that it is started.</summary>
    private static bool IsFollowed(StartupScript script) => script.Interpreter is not string interpreter || ProgramLanguages.Of(interpreter[(interpreter.LastIndexOf(' ') + 1)..]) is null;

    private void Take(CommandLink link, List<ContentJob> jobs)
    {
        _links.Add(link);
        if (link.IsCut && !_toldCut)
        {
            _toldCut = true;
            _plan.Coverage.Incomplete("a command is larger or deeper nested than what is taken apart");
        }
        foreach (StartedFile file in link.Files)
        {
            if (link.Command is null && file is { Relation: "uses", Resolved: { } used } && _plan.Profile == ScanProfile.Triage && _plan.PackagesOf(used.Volume).IsOwned(used.Path))
            {
                // What is only named and comes from a package (the libraries in the loader's cache) waits for a profile that looks into every program.
                continue;
            }
            if (file.Resolved is not { } resolved || !_walks.TryGetValue(resolved.Volume, out VolumeWalk? walk) || JobOf(walk, file, resolved) is not { StartedBy: null } job)
            {
                continue;
            }
            if (job.Results?.Exists(artifact => artifact is StartupScript script && IsFollowed(script)) == true)
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
            job.RunsWith = file.Interpreter;
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
                before[job] = job.Results?.Where(artifact => artifact is not (FileFacts or StreamFacts or YaraMatch or HashMatch or ExecutableFacts or MinerConfiguration)).ToList() ?? [];
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
