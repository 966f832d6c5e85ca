using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// What changed between the account files and their previous state (<c>passwd-</c>, <c>group-</c>), homes in odd places, and memberships that amount to root.
/// </summary>
public sealed class AccountChangeDetector : IDetector
{
    private static readonly RuleInfo New = new("L-ACC-NEW.since-last-change", "Account added by the last change", "access", ["T1136.001"]);
    private static readonly RuleInfo OddHome = new("L-ACC-NEW.odd-home", "Login account with its home in a temporary directory", "access", ["T1136.001"]);
    private static readonly RuleInfo GroupZero = new("L-ACC-GRP.root-group", "Account whose primary group is root's", "access", ["T1098"]);
    private static readonly RuleInfo ServiceMember = new("L-ACC-GRP.service-account-privileged", "Service account in a privileged group", "access", ["T1098"]);
    private static readonly RuleInfo NewMember = new("L-ACC-GRP.member-added", "Member added to a privileged group by the last change", "access", ["T1098"]);

    private static readonly HashSet<string> Privileged = new(StringComparer.Ordinal) { "root", "sudo", "wheel", "admin", "docker", "lxd", "disk", "shadow" };

    // Red Hat's base accounts have had group 0 since the beginning.
    private static readonly HashSet<string> TraditionalGroupZero = new(StringComparer.Ordinal) { "root", "sync", "shutdown", "halt", "operator" };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [New, OddHome, GroupZero, ServiceMember, NewMember];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (AccountRoster roster in AccountRoster.All(evidence))
        {
            HashSet<string> before = [.. roster.Previous.Select(account => account.Name)];
            foreach (UserAccount account in roster.Current)
            {
                string line = Clip.Evidence($"{account.Name}:...:{account.UserId}:{account.GroupId}:{account.Comment}:{account.Home}:{account.Shell}");
                if (AccountRoster.HasLoginShell(account) && PathTraits.IsTemporary(account.Home + "/"))
                {
                    yield return new Finding(OddHome, Severity.Medium, account.Location)
                    {
                        Message = $"{account.Name} can log in and lives in {account.Home}, which anybody may write.",
                        Evidence = line,
                        Remediation = Remediation.RemoveAccount(account.Name),
                    };
                }
                if (account.GroupId == 0 && !TraditionalGroupZero.Contains(account.Name) && AccountRoster.HasLoginShell(account) && account.UserId != 0)
                {
                    yield return new Finding(GroupZero, Severity.Medium, account.Location)
                    {
                        Message = $"{account.Name} is not root but has root's group as its primary one.",
                        Evidence = line,
                        Remediation = Remediation.LockAccount(account.Name),
                    };
                }
                if (before.Count > 0 && !before.Contains(account.Name))
                {
                    string when = roster.PasswordOf(account.Name)?.LastChanged is { } day ? $" Its password was set on {day.ToString()[..10]}." : "";
                    yield return new Finding(New, Severity.Info, account.Location)
                    {
                        Message = $"{account.Name} is in passwd but not in its previous state, so it came with the last change.{when}",
                        Evidence = line,
                    };
                }
            }
            foreach (Finding finding in Groups(roster))
            {
                yield return finding;
            }
        }
    }

    private static IEnumerable<Finding> Groups(AccountRoster roster)
    {
        Dictionary<string, UserGroup> before = roster.PreviousGroups.GroupBy(group => group.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        foreach (UserGroup group in roster.Groups.Where(group => Privileged.Contains(group.Name) || group.GroupId == 0))
        {
            foreach (string member in group.Members)
            {
                if (AccountRoster.IsPureService(member) && group.Name is not "shadow")
                {
                    yield return new Finding(ServiceMember, Severity.High, group.Location)
                    {
                        Message = $"The service account {member} is a member of {group.Name}, which amounts to root.",
                        Evidence = Clip.Evidence($"{group.Name}: {string.Join(',', group.Members)}"),
                        Remediation = ShellQuote.TryText(member, out string user) && ShellQuote.TryText(group.Name, out string name) && !user.StartsWith('-') && !name.StartsWith('-') ? [$"gpasswd -d {user} {name}"] : [],
                    };
                }
                else if (roster.PreviousGroups.Count > 0 && !(before.TryGetValue(group.Name, out UserGroup? old) && old.Members.Contains(member)))
                {
                    yield return new Finding(NewMember, Severity.Info, group.Location)
                    {
                        Message = $"{member} is a member of {group.Name} but was not in the previous state of the file.",
                        Evidence = Clip.Evidence($"{group.Name}: {string.Join(',', group.Members)}"),
                    };
                }
            }
        }
    }
}
