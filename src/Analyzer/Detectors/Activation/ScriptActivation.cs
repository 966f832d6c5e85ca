using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>Which scripts, tables and jobs of the time before systemd, and which generators and tmpfiles.d lines, the host would really read.</summary>
/// <remarks><b>Limitations:</b> that an installed cron, atd or incron runs at all is not looked at.</remarks>
internal sealed class ScriptActivation
{
    private readonly EvidenceIndex _evidence;
    private readonly HashSet<(string Host, string Service)> _started = [];
    private readonly HashSet<string> _hostsWithRunlevels = new(StringComparer.Ordinal);
    private readonly HashSet<(string Host, string Name)> _nativeUnits = [];
    private readonly Dictionary<(string Host, string Directory, string Name), (int Rank, string Path)> _generators = [];
    private readonly Dictionary<(string Host, string Name), (int Rank, string Path)> _tmpfiles = [];
    private readonly HashSet<(string Host, string Job)> _manualJobs = [];
    private readonly Dictionary<string, HashSet<string>> _accounts = new(StringComparer.Ordinal);

    public ScriptActivation(EvidenceIndex evidence)
    {
        _evidence = evidence;
        foreach (RunlevelLink link in evidence.OfType<RunlevelLink>())
        {
            string host = Host(link);
            _hostsWithRunlevels.Add(host);
            if (link.Starts)
            {
                _started.Add((host, link.Service));
                _started.Add((host, PathTraits.Name(link.Target)));
            }
        }
        foreach (SystemdUnit unit in evidence.OfType<SystemdUnit>())
        {
            if (unit is { IsDropIn: false, IsUserUnit: false, UnitType: "service", SearchRank: >= 0 and < 11 })
            {
                _nativeUnits.Add((Host(unit), unit.Name[..^".service".Length]));
            }
        }
        foreach (StartupScript script in evidence.OfType<StartupScript>())
        {
            if (script.Place == StartupPlace.Generator)
            {
                Offer(_generators, (Host(script), Directory(script.Location.Path), script.Location.Name), GeneratorParser.Rank(script.Location.Path), script.Location.Path);
            }
        }
        foreach (TmpfilesEntry entry in evidence.OfType<TmpfilesEntry>())
        {
            Offer(_tmpfiles, (Host(entry), entry.Location.Name), TmpfilesRank(entry.Location.Path), entry.Location.Path);
        }
        foreach (UpstartJob job in evidence.OfType<UpstartJob>())
        {
            if (job is { IsOverride: true, IsManual: true })
            {
                _manualJobs.Add((Host(job), job.Name));
            }
        }
        foreach (UserAccount account in evidence.OfType<UserAccount>())
        {
            if (!account.IsPrevious)
            {
                string host = Host(account);
                if (!_accounts.TryGetValue(host, out HashSet<string>? names))
                {
                    _accounts.Add(host, names = new HashSet<string>(StringComparer.Ordinal));
                }
                names.Add(account.Name);
            }
        }
    }

    /// <summary>Why the host would not run a script, as a clause; null when it would.</summary>
    public string? DormantBecause(StartupScript script)
    {
        if (script.DormantBecause is { } stated)
        {
            return stated;
        }
        HostInfo? system = _evidence.HostOf(script.Location.Volume);
        if (script.DebianRefusal is { } refusal && system is { IsDebianLike: true })
        {
            return refusal;
        }
        return _evidence.IsOfDeleted ? null : script.Place switch
        {
            StartupPlace.Generator => Wins(_generators, (Host(script), Directory(script.Location.Path), script.Location.Name), GeneratorParser.Rank(script.Location.Path), "generator"),
            StartupPlace.InitScript => InitScript(script, system),
            StartupPlace.ServiceConfiguration when system is { UsesSystemd: true } => "the host boots with systemd, which does not read this directory",
            StartupPlace.ServiceConfiguration when script.Location.Path.StartsWith("/etc/conf.d/", StringComparison.Ordinal) && _hostsWithRunlevels.Contains(Host(script)) && !_started.Contains((Host(script), script.Location.Name))
                => "no runlevel starts the service that sources it",
            _ => null,
        };
    }

    /// <summary>Why the host would not carry out a line of tmpfiles.d, as a clause; null when it would.</summary>
    public string? DormantBecause(TmpfilesEntry entry) => entry.DormantBecause
        ?? (_evidence.IsOfDeleted || TmpfilesRank(entry.Location.Path) > 3 ? null : Wins(_tmpfiles, (Host(entry), entry.Location.Name), TmpfilesRank(entry.Location.Path), "file"));

    /// <summary>Why the host would not start a job of Upstart, as a clause; null when it would.</summary>
    public string? DormantBecause(UpstartJob job) =>
        _evidence.HostOf(job.Location.Volume) is { UsesSystemd: true } ? "the host boots with systemd, which does not read jobs of Upstart"
        : job.IsManual || (!job.IsOverride && _manualJobs.Contains((Host(job), job.Name))) ? "the job is only started by hand"
        : job is { IsOverride: false, StartOn: null } ? "nothing starts the job: it has no 'start on'" : null;

    /// <summary>Why cron would not run a job because of its account, as a clause; null when nothing speaks against it.</summary>
    public string? UnknownAccount(CronJob job) =>
        !_evidence.IsOfDeleted && job is { Table: CronTable.User or CronTable.System or CronTable.SystemDirectory, User: string user } && _accounts.TryGetValue(Host(job), out HashSet<string>? names) && !names.Contains(user)
            ? $"no account is called {user}" : null;

    private string? InitScript(StartupScript script, HostInfo? system)
    {
        string name = script.Location.Name;
        if (_started.Contains((Host(script), name)))
        {
            // The generator of systemd makes no unit for a script of a service that has one.
            return system is { UsesSystemd: true } && _nativeUnits.Contains((Host(script), name)) ? "systemd takes the native unit of this name instead" : null;
        }
        return _hostsWithRunlevels.Contains(Host(script)) && script.Interpreter is not null ? "no runlevel link starts it" : null;
    }

    private static string? Wins<TKey>(Dictionary<TKey, (int Rank, string Path)> known, TKey key, int rank, string what) where TKey : notnull =>
        known.TryGetValue(key, out (int Rank, string Path) winner) && winner.Rank < rank ? $"the {what} of the same name at {winner.Path} wins" : null;

    private static void Offer<TKey>(Dictionary<TKey, (int Rank, string Path)> known, TKey key, int rank, string path) where TKey : notnull
    {
        if (rank >= 0 && (!known.TryGetValue(key, out (int Rank, string Path) winner) || rank < winner.Rank))
        {
            known[key] = (rank, path);
        }
    }

    private static int TmpfilesRank(string path) => path.StartsWith("/etc/tmpfiles.d/", StringComparison.Ordinal) ? 0 : path.StartsWith("/run/tmpfiles.d/", StringComparison.Ordinal) ? 1
        : path.StartsWith("/usr/local/lib/tmpfiles.d/", StringComparison.Ordinal) ? 2 : path.StartsWith("/usr/lib/tmpfiles.d/", StringComparison.Ordinal) || path.StartsWith("/lib/tmpfiles.d/", StringComparison.Ordinal) ? 3 : 4;

    private static string Directory(string path)
    {
        int end = path.LastIndexOf('/');
        return path[(path.LastIndexOf('/', end - 1) + 1)..end];
    }

    private string Host(Artifact artifact) => _evidence.TreeOf(artifact.Location.Volume);
}
