using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Judges cron tables as files: whose they are, whether their owner fits, binary dumps around jobs, runs that are kept out of the log. One finding a table and reason.</summary>
public sealed class CronTableDetector : IDetector
{
    private static readonly RuleInfo Orphan = new("L-CRON-USER.no-such-user", "Crontab of an account that does not exist", "persistence", ["T1053.003"]);
    private static readonly RuleInfo Owner = new("L-CRON-USER.wrong-owner", "Crontab is owned by another account", "persistence", ["T1053.003"]);
    private static readonly RuleInfo SystemOwner = new("L-CRON-SYS.wrong-owner", "System crontab is not owned by root", "persistence", ["T1053.003"]);
    private static readonly RuleInfo Dump = new("L-CRON-USER.binary-noise", "Crontab with binary data around its jobs", "persistence", ["T1053.003", "T1190"]);
    private static readonly RuleInfo SystemDump = new("L-CRON-SYS.binary-noise", "System crontab with binary data around its jobs", "persistence", ["T1053.003", "T1190"]);
    private static readonly RuleInfo Silent = new("L-CRON-SYS.unlogged", "Cron job keeps itself out of the log", "evasion", ["T1053.003", "T1562.006"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Orphan, Owner, SystemOwner, Dump, SystemDump, Silent];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<string, UserAccount> accounts = evidence.Accounts();
        foreach (IGrouping<(string Volume, string Path), CronJob> table in evidence.OfType<CronJob>().GroupBy(job => (job.Location.Volume, job.Location.Path)))
        {
            CronJob first = table.First();
            HostInfo? host = evidence.HostOf(first.Location.Volume);
            IEnumerable<UserAccount> known = accounts[evidence.TreeOf(first.Location.Volume)];
            bool isUserTable = first.Table == CronTable.User;
            if (isUserTable && known.Any())
            {
                UserAccount? account = known.FirstOrDefault(account => account.Name == first.Location.Name);
                if (account is null)
                {
                    yield return Of(Orphan, Severity.Low, first, $"No account is called {first.Location.Name}; cron keeps such a table and starts it as soon as one is.");
                }
                else if (account.UserId != first.OwnerId && first.OwnerId != 0)
                {
                    yield return Of(Owner, Severity.Medium, first, $"The table of {account.Name} (user id {account.UserId}) belongs to user id {first.OwnerId}, which the crontab program never does.");
                }
            }
            else if (!isUserTable && first.OwnerId != 0 && first.Table is CronTable.System or CronTable.SystemDirectory)
            {
                yield return Of(SystemOwner, Severity.Medium, first, $"The table belongs to user id {first.OwnerId}, who can change what root runs.");
            }
            // A typing error or Windows line ends are noise too, but nobody's attack.
            if (table.FirstOrDefault(job => job.Noise is string noise && (IsRedis(noise) || noise.Contains("binary", StringComparison.OrdinalIgnoreCase))) is CronJob noisy)
            {
                bool isRedis = IsRedis(noisy.Noise!);
                string? refusal = host is null ? null : host.IsDebianLike ? noisy.Acceptance.DebianRefusal : noisy.Acceptance.CronieRefusal;
                Severity severity = isRedis ? Severity.Critical : Severity.Medium;
                yield return Of(isUserTable ? Dump : SystemDump, refusal is null ? severity : severity.Lower(), noisy,
                    $"The table holds {noisy.Noise} around its jobs" + (isRedis ? ": an open redis server was made to write it." : ".") + (refusal is null ? "" : $" Cron would not run it at present: {refusal}; one level lower."));
            }
            if (table.FirstOrDefault(job => job.SuppressesLogging) is CronJob silent && host is { } named && named.OsId is not ("sles" or "suse") && !(named.OsId ?? "").StartsWith("opensuse", StringComparison.Ordinal) && !named.OsLike.Contains("suse"))
            {
                yield return Of(Silent, Severity.Low, silent, "The leading dash keeps the runs of this job out of the log; only SUSE ships such lines.");
            }
        }
    }

    private static bool IsRedis(string noise) => noise.Contains("redis", StringComparison.OrdinalIgnoreCase);

    private static Finding Of(RuleInfo rule, Severity severity, CronJob job, string message) => new(rule, severity, job.Location)
    {
        Message = message,
        Evidence = Clip.Evidence(job.Command),
        Remediation = severity <= Severity.Low ? [] : Place.CleanUp(job, job.Location.Line),
    };
}
