using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors;

/// <summary>Answers who starts a thing and whether it would really run: from a script back to the artefact the host reads by itself.</summary>
internal sealed class StartChain
{
    private const int MaxHops = 16;
    private readonly EvidenceIndex _evidence;
    private readonly Dictionary<(string Host, string Path), CommandLink> _starterOf = [];
    private readonly Dictionary<(string Host, string Path), Artifact> _sourceAt = [];
    private readonly UnitActivation _units;
    private readonly BootActivation _boot;
    private readonly ScriptActivation _scripts;
    private readonly PluginActivation _plugins;
    private readonly LoginActivation _login;

    private static readonly ConditionalWeakTable<EvidenceIndex, ConcurrentDictionary<int, StartChain>> s_chains = [];

    /// <summary>
    /// The answers for an index. Most detectors ask, and putting the answers together takes longer than any of them does; so each thread keeps its own as long as the index lives. They note what they looked up,
    /// and so are for one thread.
    /// </summary>
    public static StartChain Of(EvidenceIndex evidence) => s_chains.GetOrCreateValue(evidence).GetOrAdd(Environment.CurrentManagedThreadId, static (_, index) => new StartChain(index), evidence);

    /// <summary>Which units would be started.</summary>
    public UnitActivation Units => _units;

    private StartChain(EvidenceIndex evidence)
    {
        _evidence = evidence;
        _units = new UnitActivation(evidence);
        _boot = new BootActivation(evidence);
        _scripts = new ScriptActivation(evidence);
        _plugins = new PluginActivation(evidence);
        _login = new LoginActivation(evidence, (volume, path) => StarterOf(volume, path) is not null);
        foreach (CommandLink link in evidence.Links)
        {
            _sourceAt.TryAdd((evidence.TreeOf(link.Source.Location.Volume), link.Source.Location.Path), link.Source);
        }
        // Of several that start a file, one that the host really reads says more than one that lies dead beside it.
        List<CommandLink> dormant = [];
        foreach (CommandLink link in evidence.Links)
        {
            if (link.Command?.DormantBecause is not null || Stated(link.Source, link.Command) is not null)
            {
                dormant.Add(link);
            }
            else
            {
                Note(link);
            }
        }
        dormant.ForEach(Note);
    }

    private void Note(CommandLink link)
    {
        foreach (StartedFile file in link.Files)
        {
            // A periodic script names itself as what is started; that is no answer to who starts it.
            if (file.Resolved is ResolvedPath resolved && file.Relation != "uses" && resolved.Path != link.Source.Location.Path)
            {
                _starterOf.TryAdd((_evidence.TreeOf(resolved.Volume), file.Stream is null ? resolved.Path : EvidenceQueries.PathOf(file)), link);
            }
        }
    }

    /// <summary>The link that starts a file; null when none does.</summary>
    public CommandLink? StarterOf(string volume, string path) => _starterOf.GetValueOrDefault((_evidence.TreeOf(volume), path));

    /// <summary>
    /// The artefact the host reads by itself that leads to this one; the artefact itself when it is such. Of a service that only a timer, path or socket starts, that unit.
    /// </summary>
    public Artifact RootOf(Artifact artifact)
    {
        Artifact source = SourceOf(artifact, out _);
        return source is SystemdUnit unit && _units.TriggerOf(unit) is { } trigger ? trigger : source;
    }

    private Artifact SourceOf(Artifact artifact, out string? dormantCommand)
    {
        Artifact current = artifact;
        dormantCommand = null;
        for (int hop = 0; hop < MaxHops && current is ScriptFacts script; hop++)
        {
            CommandLink? starter = StarterOf(script.Location.Volume, script.Location.Stream is null ? script.Location.Path : script.Location.Path + ":" + script.Location.Stream);
            dormantCommand ??= starter?.Command?.DormantBecause;
            Artifact? next = starter?.Source ?? _sourceAt.GetValueOrDefault((_evidence.TreeOf(script.Location.Volume), script.StartedBy));
            if (next is null || ReferenceEquals(next, current))
            {
                break;
            }
            current = next;
        }
        return current;
    }

    /// <summary>Who starts a file, for the related list of a finding.</summary>
    public IEnumerable<RelatedFile> StartedBy(string volume, string path)
    {
        if (StarterOf(volume, path) is not CommandLink starter)
        {
            yield break;
        }
        yield return new RelatedFile(starter.Source.Location.Path, "started-by");
        Artifact root = RootOf(starter.Source);
        if (!ReferenceEquals(root, starter.Source))
        {
            yield return new RelatedFile(root.Location.Path, "started-by");
        }
    }

    /// <summary>Why the real daemon would not run a command, as a clause; null when it would.</summary>
    public string? DormantBecause(Artifact source, StartCommand? command)
    {
        if (command?.DormantBecause is string stated)
        {
            return stated;
        }
        Artifact root = SourceOf(source, out string? dormantCommand);
        if (root is CronJob or StartupScript or SystemdUnit or InittabEntry or AtJob && _evidence.HostOf(root.Location.Volume)?.Container is { StartsServices: false } container)
        {
            return $"nothing in the container {container.Name} starts cron or services";
        }
        return dormantCommand ?? Stated(root, ReferenceEquals(root, source) ? command : null);
    }

    /// <summary>What speaks against an artefact that the host reads by itself.</summary>
    private string? Stated(Artifact root, StartCommand? command)
    {
        return root switch
        {
            CronJob job => Refusal(job) ?? _scripts.UnknownAccount(job),
            AtJob job => job.DormantBecause,
            StartupScript script => _scripts.DormantBecause(script) ?? _login.DormantBecause(script),
            UpstartJob job => _scripts.DormantBecause(job),
            TmpfilesEntry entry => _scripts.DormantBecause(entry),
            SystemdUnit unit => _units.DormantBecause(unit, command),
            PreloadedLibrary { IsActive: false } => "the loader does not read this file",
            PackageManagerPlugin plugin => _plugins.DormantBecause(plugin),
            HookFile file => file.DormantBecause,
            HookCommand hook => hook.DormantBecause,
            ScheduledTask task => task.DormantBecause,
            StartupItem item => item.DormantBecause,
            WindowsService { Start: 4 } => "the service is disabled",
            AutorunEntry entry => entry.DormantBecause,
            WebServerExtension extension => extension.DormantBecause,
            OfficeSetting setting => setting.DormantBecause,
            OfficeStartupFile file => file.DormantBecause,
            _ => _boot.DormantBecause(root) ?? _login.DormantBecause(root) ?? ((root as IStartsCommands)?.Commands is [{ DormantBecause: string only }] ? only : null),
        };
    }

    private string? Refusal(CronJob job)
    {
        HostInfo? host = _evidence.HostOf(job.Location.Volume);
        if (host is null || (host.OsId is null && host.OsLike.Count == 0))
        {
            // Unknown distribution: dormant only when no cron would take it.
            return job.Acceptance.CronieRefusal is null ? null : job.Acceptance.DebianRefusal;
        }
        return host.IsDebianLike ? job.Acceptance.DebianRefusal : job.Acceptance.CronieRefusal;
    }
}
