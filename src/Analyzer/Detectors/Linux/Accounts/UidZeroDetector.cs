using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Accounts with user id 0 besides root, second lines called root, and accounts that the logs say were made with user id 0 and that are gone.</summary>
public sealed class UidZeroDetector : IDetector
{
    private static readonly RuleInfo Second = new("L-ACC-UID0.second-root", "Second account with user id 0", "access", ["T1136.001"]);
    private static readonly RuleInfo Duplicate = new("L-ACC-UID0.duplicate-root-line", "Second line for root", "access", ["T1136.001", "T1098"]);
    private static readonly RuleInfo Logged = new("L-ACC-UID0.made-in-logs", "The logs tell of an account made with user id 0", "access", ["T1136.001"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Second, Duplicate, Logged];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (AccountRoster roster in AccountRoster.All(evidence))
        {
            bool seenRoot = false;
            foreach (UserAccount account in roster.Current)
            {
                bool isRoot = account.Name == "root";
                string line = Clip.Evidence($"{account.Name}:...:{account.UserId}:{account.GroupId}:{account.Comment}:{account.Home}:{account.Shell}");
                if (account.UserId == 0 && !isRoot)
                {
                    string? dormant = WhyUnusable(roster, account);
                    yield return new Finding(Second, dormant is null ? Severity.Critical : Severity.High, account.Location)
                    {
                        Message = $"The account {account.Name} has user id 0 and therefore is root under another name." + (dormant is null ? "" : $" Nobody can log in to it at present: {dormant}; one level lower."),
                        Evidence = line,
                        // userdel would refuse or, sharing the id with root, end root's processes: take the lines out instead.
                        Remediation = [.. Remediation.RemoveLine(account.Location.Path, account.Location.Line), "Take the account's line out of /etc/shadow as well (vipw -s)"],
                    };
                }
                else if (isRoot && seenRoot)
                {
                    yield return new Finding(Duplicate, Severity.Medium, account.Location)
                    {
                        Message = "A second line for root; the system uses the first one, but somebody tried.",
                        Evidence = line,
                        Remediation = Remediation.RemoveLine(account.Location.Path, account.Location.Line),
                    };
                }
                seenRoot |= isRoot;
            }
            foreach (LogEvent made in roster.Logs.Of(LogEventKind.AccountCreated).Where(found => found is { UserId: 0, Target: not (null or "root") }).DistinctBy(found => found.Target))
            {
                if (roster.Current.Any(account => account.Name == made.Target && account.UserId == 0))
                {
                    continue;
                }
                yield return new Finding(Logged, Severity.High, made.Location)
                {
                    Message = $"By the logs the account {made.Target} was made with user id 0{(made.First is { } time ? " " + LogText.On(time) : "")}; it is not in passwd with that id any more.",
                    Evidence = Clip.Evidence(made.Message ?? made.Target!),
                    Remediation = ["Find out what was done as this account and what it left behind (find / -uid 0 -newer the time above)"],
                };
            }
        }
    }

    private static string? WhyUnusable(AccountRoster roster, UserAccount account)
    {
        if (account.Shell.Length > 0 && !AccountRoster.HasLoginShell(account) && PathTraits.Name(account.Shell.TrimEnd()) is "nologin" or "false" && account.Shell == account.Shell.TrimEnd())
        {
            return $"its shell is {account.Shell}";
        }
        bool hasKeys = roster.Keys.Any(key => key.Defect is null && roster.OwnerOf(key)?.Name == account.Name);
        return roster.IsExpired(account) ? "it has expired"
            : account.Password == "x" && roster.PasswordOf(account.Name) is { IsLocked: true } && !hasKeys ? "its password is locked" : null;
    }
}
