using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>Answers who starts a thing and whether it would really run: from a script back to the artefact the host reads by itself.</summary>
internal sealed class StartChain
{
    private const int MaxHops = 16;
    private readonly EvidenceIndex _evidence;
    private readonly Dictionary<(string Host, string Path), CommandLink> _starterOf = [];
    private readonly Dictionary<(string Host, string Path), Artifact> _sourceAt = [];
    private readonly UnitActivation _units;

    public StartChain(EvidenceIndex evidence)
    {
        _evidence = evidence;
        _units = new UnitActivation(evidence);
        foreach (CommandLink link in evidence.Links)
        {
            _sourceAt.TryAdd((evidence.TreeOf(link.Source.Location.Volume), link.Source.Location.Path), link.Source);
            foreach (StartedFile file in link.Files)
            {
                // A periodic script names itself as what is started; that is no answer to who starts it.
                if (file.Resolved is ResolvedPath resolved && file.Relation != "uses" && resolved.Path != link.Source.Location.Path)
                {
                    (string, string) key = (evidence.TreeOf(resolved.Volume), resolved.Path);
                    // One starter that runs counts for more than another that does not.
                    if (!_starterOf.TryAdd(key, link) && _starterOf[key].Command?.DormantBecause is not null && link.Command is { DormantBecause: null })
                    {
                        _starterOf[key] = link;
                    }
                }
            }
        }
    }

    /// <summary>The link that starts a file; null when none does.</summary>
    public CommandLink? StarterOf(string volume, string path) => _starterOf.GetValueOrDefault((_evidence.TreeOf(volume), path));

    /// <summary>The artefact the host reads by itself that leads to this one; the artefact itself when it is such.</summary>
    public Artifact RootOf(Artifact artifact)
    {
        Artifact current = artifact;
        for (int hop = 0; hop < MaxHops && current is ScriptFacts script; hop++)
        {
            Artifact? next = StarterOf(script.Location.Volume, script.Location.Path)?.Source ?? _sourceAt.GetValueOrDefault((_evidence.TreeOf(script.Location.Volume), script.StartedBy));
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
        // A script whose starting line never runs (behind an exit) does not run either.
        Artifact current = source;
        for (int hop = 0; hop < MaxHops && current is ScriptFacts && StarterOf(current.Location.Volume, current.Location.Path) is CommandLink starter; hop++)
        {
            if (starter.Command?.DormantBecause is string because)
            {
                return because;
            }
            current = starter.Source;
        }
        Artifact root = RootOf(source);
        return root switch
        {
            CronJob job => Refusal(job),
            StartupScript script => script.DormantBecause,
            SystemdUnit unit => _units.DormantBecause(unit),
            PreloadedLibrary { IsActive: false } => "the loader does not read this file",
            _ => null,
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
