using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Histories that are kept from being written, and what histories, sudo and the audit system say was typed: the data rules for commands, but milder, since administrators test,
/// install with <c>curl | sh</c> and clean up.
/// </summary>
public sealed class HistoryDetector(SignatureSet signatures) : IDetector
{
    private static readonly RuleInfo Linked = new("L-HIST.linked-away", "Shell history leads nowhere", "evasion", ["T1070.003"]);
    private static readonly RuleInfo Locked = new("L-HIST.locked", "Shell history is empty or frozen and protected against changes", "evasion", ["T1070.003", "T1222.002"]);
    private static readonly RuleInfo Emptied = new("L-HIST.emptied", "Shell history was emptied", "evasion", ["T1070.003"]);
    private static readonly RuleInfo Missing = new("L-HIST.missing", "No shell history of an account that is used", "evasion", ["T1070.003"]);
    private static readonly RuleInfo Setting = new("L-HIST.setting", "A start-up file keeps commands out of the history", "evasion", ["T1070.003"]);
    private static readonly RuleInfo Command = new("L-HIST.suspicious-command", "Suspicious command in a history", "execution", ["T1059.004"]);
    private static readonly RuleInfo Recorded = new("L-HIST.recorded-command", "Suspicious command recorded by sudo or the audit system", "execution", ["T1059.004"]);

    // Nobody types these for a good reason on a server of his own.
    private static readonly HashSet<string> s_damning = new(StringComparer.Ordinal)
    {
        "reverse-shell", "tcp-device-session", "netcat-shell", "interpreter-shell", "decode-pipe-shell", "stratum-url", "miner-arguments", "monero-wallet", "mining-pool", "known-family", "removes-agent", "redis-abuse",
    };

    private const int MostEvents = 20_000;
    private readonly CommandScorer _scorer = new(signatures);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Linked, Locked, Emptied, Missing, Setting, Command, Recorded];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (AccountRoster roster in AccountRoster.All(evidence))
        {
            foreach (LogFileFacts file in roster.Logs.Files.Where(file => file.Parser == "log/shell-history"))
            {
                if (OfFile(file, roster) is Finding finding)
                {
                    yield return finding;
                }
            }
            foreach (Finding finding in Absent(roster))
            {
                yield return finding;
            }
            foreach (HistorySetting setting in evidence.OfType<HistorySetting>().Where(setting => setting.KeepsNothing && evidence.TreeOf(setting.Location.Volume) == roster.Host))
            {
                if (evidence.File(setting.Location)?.Origin is { IsVendor: true })
                {
                    continue;
                }
                string? dormant = Dormant(roster.Current.FirstOrDefault(account => account.Home.Length > 1 && setting.Location.Path.StartsWith(PathText.FromText(account.Home.TrimEnd('/')) + "/", StringComparison.Ordinal)));
                yield return Of(Setting, Severity.Medium, setting.Location, $"In {setting.Location.Path} {setting.Effect}.", setting.Text, Remediation.RemoveLine(setting.Location.Path, setting.Location.Line), dormant);
            }
        }
        foreach (HostLogs logs in evidence.Logs.Hosts)
        {
            foreach (Finding finding in Commands(logs, LogEventKind.HistoryCommand, Command).Concat(Commands(logs, LogEventKind.PrivilegedCommand, Recorded)).Concat(Commands(logs, LogEventKind.Execution, Recorded)))
            {
                yield return finding;
            }
        }
    }

    private static Finding? OfFile(LogFileFacts file, AccountRoster roster)
    {
        UserAccount? account = roster.Current.FirstOrDefault(account => account.Name == file.Owner);
        string? dormant = Dormant(account);
        string path = file.Location.Path;
        if (file.LinkTarget is { } target)
        {
            return target.StartsWith("/dev/", StringComparison.Ordinal) || PathTraits.IsTemporary(target)
                ? Of(Linked, Severity.Medium, file.Location, $"The shell history of {file.Owner ?? "an account"} is a link to {target}.", target, ShellQuote.TryPath(path, out string link) ? ["chattr -ia " + link, "rm " + link] : [], dormant) : null;
        }
        bool isImmutable = (file.Entry.Flags & InodeFlags.Immutable) != 0;
        bool isAppendOnly = (file.Entry.Flags & InodeFlags.AppendOnly) != 0;
        if (isImmutable)
        {
            return Of(Locked, Severity.Medium, file.Location, $"The shell history of {file.Owner ?? "an account"} is {(file.Entry.Size == 0 ? "empty" : "frozen")} and immutable: no command is kept.", path, Remediation.Unlock(path), dormant);
        }
        if (file.Entry.Size == 0 && !isAppendOnly && file.Owner is not null && roster.IsAfterInstallation(file.Entry.Modified) && file.Entry is { Created: { } born, Modified: { } changed } && changed.Seconds > born.Seconds + 60)
        {
            LogEvent? login = roster.Logs.Of(LogEventKind.Login).FirstOrDefault(found => found.User == file.Owner && found.First is { } time && time.Instant.CompareTo(changed) <= 0);
            return Of(Emptied, login is null ? Severity.Low : Severity.Medium, file.Location, $"The shell history of {file.Owner} was emptied on {LogText.Moment(changed)}" + (login is null ? "." : ", though somebody had logged in to it before."), path,
                ["Look for what was done as this account in other logs; the history itself is gone"], dormant);
        }
        return null;
    }

    private static IEnumerable<Finding> Absent(AccountRoster roster)
    {
        HashSet<string> withHistory = [.. roster.Logs.Files.Where(file => file.Parser == "log/shell-history").Select(file => file.Owner).OfType<string>()];
        foreach (UserAccount account in roster.Current.Where(account => AccountRoster.HasLoginShell(account) && !withHistory.Contains(account.Name) && roster.HomeOf(account) is not null))
        {
            LogEvent[] logins = [.. roster.Logs.Of(LogEventKind.Login).Where(found => found.User == account.Name).Take(100)];
            if (logins.Length >= 5)
            {
                yield return new Finding(Missing, Severity.Low, account.Location)
                {
                    Message = $"{account.Name} logged in again and again, {LogText.Span(logins[0].First, logins[^1].Last)}, but has no shell history. Accounts of automation have none either.",
                    Evidence = Clip.Evidence(account.Name),
                };
            }
        }
    }

    private IEnumerable<Finding> Commands(HostLogs logs, LogEventKind kind, RuleInfo rule)
    {
        foreach (IGrouping<string, LogEvent> file in logs.Of(kind).Where(found => found.Command is { Length: > 3 }).Take(MostEvents).GroupBy(found => found.Location.Path, StringComparer.Ordinal))
        {
            LogEvent? worst = null;
            List<ScoredHit> worstHits = [];
            var strong = new SortedSet<string>(StringComparer.Ordinal);
            var scored = new Dictionary<string, List<ScoredHit>>(StringComparer.Ordinal);
            foreach (LogEvent found in file)
            {
                if (scored.ContainsKey(found.Command!))
                {
                    continue;
                }
                List<ScoredHit> hits = Hits(found);
                scored.Add(found.Command!, hits);
                strong.UnionWith(hits.Where(hit => hit.Hit.Weight >= CommandScorer.Strong).Select(hit => hit.Hit.Rule.Id));
                if (hits.Count > 0 && Rank(hits) > Rank(worstHits))
                {
                    (worst, worstHits) = (found, hits);
                }
            }
            if (worst is null || SeverityOf(worstHits, strong) is not { } severity)
            {
                continue;
            }
            string who = worst.User is string user ? " by " + user : "";
            yield return new Finding(rule, severity, worst.Location)
            {
                Message = $"Typed{who}{(worst.First is { } time ? " " + LogText.On(time) : "")}: {string.Join("; ", worstHits.Select(hit => hit.Hit.Rule.Message))}."
                    + (strong.Count > 1 ? $" The same log also shows: {string.Join(", ", strong.Except(worstHits.Select(hit => hit.Hit.Rule.Id)))}." : "") + (severity == Severity.Low ? " Administrators do that too." : ""),
                Evidence = Clip.Evidence(worst.Command!, worstHits[0].Hit.Text),
                Techniques = [.. rule.Techniques.Concat(worstHits.SelectMany(hit => hit.Hit.Rule.Techniques)).Distinct(StringComparer.Ordinal)],
                Remediation = severity > Severity.Low ? ["Follow the command: look for the files it wrote and what it started; keep the history as evidence"] : [],
            };
        }
    }

    private List<ScoredHit> Hits(LogEvent found)
    {
        var command = new StartCommand(found.Command!) { ThroughShell = true };
        List<ScoredHit> hits = _scorer.Hits(CommandResolver.Resolve(found, command, NoFiles.Instance).Unwrapped is { Count: > 0 } texts ? texts : [found.Command!], RuleScope.Command);
        CommandScorer.Sort(hits);
        return hits;
    }

    private static int Rank(List<ScoredHit> hits) => CommandScorer.Score(hits) + (hits.Any(hit => s_damning.Contains(hit.Hit.Rule.Id)) ? 1000 : 0);

    private static Severity? SeverityOf(List<ScoredHit> hits, SortedSet<string> strong)
    {
        if (CommandScorer.SeverityOf(hits) is not { } severity || severity == Severity.Info)
        {
            return null;
        }
        int damning = strong.Count(s_damning.Contains);
        bool isDamning = hits.Any(hit => s_damning.Contains(hit.Hit.Rule.Id) && hit.Hit.Weight >= CommandScorer.Strong);
        if (severity == Severity.Critical || (isDamning && severity == Severity.High && (damning > 1 || strong.Count > 2)))
        {
            return Severity.High;
        }
        return (isDamning && severity == Severity.High) || strong.Count > 2 ? Severity.Medium : Severity.Low;
    }

    private static string? Dormant(UserAccount? account) => account is null || AccountRoster.HasLoginShell(account) ? null : $"the shell of {account.Name} is {account.Shell}";

    private static Finding Of(RuleInfo rule, Severity severity, EvidenceLocation place, string message, string text, IReadOnlyList<string> remediation, string? dormant) => new(rule, dormant is null ? severity : severity.Lower(), place)
    {
        Message = message + (dormant is null ? "" : $" It takes no effect at present: {dormant}; one level lower."),
        Evidence = Clip.Evidence(text),
        Remediation = remediation,
    };

    /// <summary>What was typed long ago is judged by its words; which files it meant is not known.</summary>
    private sealed class NoFiles : IPathLookup
    {
        public static NoFiles Instance { get; } = new();

        public ResolvedPath? Resolve(string absolutePath) => null;
    }
}
