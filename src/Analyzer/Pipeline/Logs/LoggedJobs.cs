using System.Text;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Makes artefacts of the jobs that cron ran by the logs and that no table holds any more, so that what they started is looked into like that of any other job.</summary>
internal static class LoggedJobs
{
    private const int MostJobs = 500;
    // cron cuts what it logs; beyond that the beginning has to do.
    private const int CertainLength = 900;

    /// <summary>In the order of the logs; at most 500 a host.</summary>
    public static IReadOnlyList<Artifact> Of(LogEvidence logs, IReadOnlyList<VolumeWalk> walks)
    {
        var found = new List<Artifact>();
        ILookup<string, CronJob> jobs = walks.SelectMany(walk => walk.Jobs.SelectMany(job => job.Results ?? []).OfType<CronJob>().Select(job => (Root: walk.Tree.Volume.Volume.Identity, job))).ToLookup(pair => pair.Root, pair => pair.job);
        foreach (HostLogs host in logs.Hosts)
        {
            HashSet<string> present = [.. jobs[host.Volume].Select(job => Normal(job.Command + (job.StandardInput is null ? "" : "%" + job.StandardInput)))];
            string[] longOnes = [.. present.Where(command => command.Length >= CertainLength)];
            var gone = new Dictionary<(string?, string), LoggedCronJob>();
            foreach (LogEvent run in host.Of(LogEventKind.CronRun))
            {
                if (run.Command is not { } command || Normal(command) is not { Length: > 0 } normal || present.Contains(normal)
                    || (normal.Length >= CertainLength && longOnes.Any(known => known.StartsWith(normal[..CertainLength], StringComparison.Ordinal))))
                {
                    continue;
                }
                if (gone.TryGetValue((run.User, normal), out LoggedCronJob? job))
                {
                    gone[(run.User, normal)] = job with { Runs = job.Runs + run.Count, Last = Later(job.Last, run.Last) };
                }
                else if (gone.Count < MostJobs)
                {
                    gone.Add((run.User, normal), new LoggedCronJob(run.Location) { User = run.User, Command = command.Trim(), Runs = run.Count, First = run.First, Last = run.Last });
                }
            }
            found.AddRange(gone.Values);
        }
        return found;
    }

    private static LogTime? Later(LogTime? left, LogTime? right) => left is { } a && right is { } b ? (a.Instant.CompareTo(b.Instant) >= 0 ? a : b) : left ?? right;

    /// <summary>Up to the first per cent sign, without backslashes, single blanks: what a table and a log say of the same command.</summary>
    private static string Normal(string command)
    {
        var text = new StringBuilder(command.Length);
        foreach (char letter in command)
        {
            if (letter == '%')
            {
                break;
            }
            if (letter == '\\')
            {
                continue;
            }
            bool isBlank = letter is ' ' or '\t';
            if (!isBlank || (text.Length > 0 && text[^1] != ' '))
            {
                text.Append(isBlank ? ' ' : letter);
            }
        }
        return text.ToString().TrimEnd();
    }
}
