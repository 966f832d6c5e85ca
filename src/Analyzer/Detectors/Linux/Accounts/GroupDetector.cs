using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Memberships that amount to root: of service accounts, new ones, ones that stand in <c>group</c> alone, and groups that anybody may enter with a password.</summary>
public sealed class GroupDetector : IDetector
{
    private static readonly RuleInfo GroupZero = new("L-ACC-GRP.root-group", "Account whose primary group is root's", "access", ["T1098"]);
    private static readonly RuleInfo Primary = new("L-ACC-GRP.privileged-primary-group", "Account whose primary group amounts to root", "access", ["T1098"]);
    private static readonly RuleInfo ServiceMember = new("L-ACC-GRP.service-account-privileged", "Service account in a privileged group", "access", ["T1098"]);
    private static readonly RuleInfo NewMember = new("L-ACC-GRP.member-added", "Member added to a privileged group by the last change", "access", ["T1098"]);
    private static readonly RuleInfo LateMember = new("L-ACC-GRP.member-added-in-logs", "Member added to a privileged group after the host was installed", "access", ["T1098"]);
    private static readonly RuleInfo ByHand = new("L-ACC-GRP.edited-by-hand", "Member of a privileged group in one of its two files only", "access", ["T1098"]);
    private static readonly RuleInfo Password = new("L-ACC-GRP.group-password", "Privileged group that anybody may enter with a password", "access", ["T1098"]);

    // Red Hat's base accounts have had group 0 since the beginning.
    private static readonly HashSet<string> TraditionalGroupZero = new(StringComparer.Ordinal) { "root", "sync", "shutdown", "halt", "operator" };

    // Groups that administrators put people in without a second thought.
    private static readonly HashSet<string> Everyday = new(StringComparer.Ordinal) { "docker", "lxd" };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [GroupZero, Primary, ServiceMember, NewMember, LateMember, ByHand, Password];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (AccountRoster roster in AccountRoster.All(evidence))
        {
            foreach (UserAccount account in roster.Current.Where(account => account.UserId is not (null or 0) && AccountRoster.HasLoginShell(account)))
            {
                if (account.GroupId == 0 && !TraditionalGroupZero.Contains(account.Name))
                {
                    yield return OfAccount(GroupZero, account, $"{account.Name} is not root but has root's group as its primary one.");
                }
                else if (roster.Groups.FirstOrDefault(group => group.GroupId == account.GroupId && AccountRoster.IsPrivileged(group) && group.Name != account.Name) is { } primary && account.GroupId != 0 && !AccountRoster.IsCloudUser(account.Name))
                {
                    yield return OfAccount(Primary, account, $"{account.Name} has the group {primary.Name}, which amounts to root, as its primary one: it is in no list of members.");
                }
            }
            foreach (UserGroup group in roster.Groups.Where(AccountRoster.IsPrivileged))
            {
                foreach (string member in group.Members.Distinct(StringComparer.Ordinal))
                {
                    if (Member(group, member, roster, evidence) is Finding finding)
                    {
                        yield return finding;
                    }
                }
            }
            foreach (Finding finding in Shadow(roster, evidence))
            {
                yield return finding;
            }
        }
    }

    private static Finding? Member(UserGroup group, string member, AccountRoster roster, EvidenceIndex evidence)
    {
        IReadOnlyList<string> cleanUp = ShellQuote.TryText(member, out string user) && ShellQuote.TryText(group.Name, out string name) && !user.StartsWith('-') && !name.StartsWith('-') ? [$"gpasswd -d {user} {name}"] : [];
        if (AccountRoster.IsPureService(member) && group.Name is not "shadow")
        {
            return Of(ServiceMember, Severity.High, group, $"The service account {member} is a member of {group.Name}, which amounts to root.", cleanUp);
        }
        UserAccount? account = roster.Current.FirstOrDefault(account => account.Name == member);
        if (AccountRoster.IsCloudUser(member) || account?.UserId == 0)
        {
            return null;
        }
        UserGroup? old = roster.PreviousGroups.FirstOrDefault(before => before.Name == group.Name);
        bool isLastChange = roster.PreviousGroups.Count > 0 && old?.Members.Contains(member) != true;
        bool isLate = roster.IsAfterInstallation(evidence.File(group.Location)?.Entry.Modified);
        bool isKnown = account is not null && AccountRoster.IsService(account) && AccountRoster.IsApplication(member);
        Severity severity = !isLate && roster.Installed is not null || isKnown ? Severity.Info : Everyday.Contains(group.Name) ? Severity.Low : roster.Installed is null ? Severity.Info : Severity.Medium;
        if (isLastChange)
        {
            return Of(NewMember, severity, group, $"{member} is a member of {group.Name} but was not in the previous state of the file.", severity > Severity.Low ? cleanUp : []);
        }
        LogEvent? added = roster.Logs.Of(LogEventKind.GroupChanged).LastOrDefault(found => found.User == member && found.Target == group.Name && found.Detail?.StartsWith("added", StringComparison.Ordinal) == true);
        if (added is null || !roster.IsAfterInstallation(added.First?.Instant))
        {
            return null;
        }
        string? attacker = LoginStorms.WhoMade(member, roster);
        severity = attacker is not null ? Severity.High : Everyday.Contains(group.Name) ? Severity.Low : Severity.Medium;
        return Of(LateMember, severity, group, $"By the logs {member} was added to {group.Name} {LogText.On(added.First!.Value)}, long after the host was installed." + (attacker is null ? "" : " " + attacker), severity > Severity.Low ? cleanUp : []) with
        {
            Related = [new RelatedFile(added.Location.Path, "logged-in")],
        };
    }

    private static IEnumerable<Finding> Shadow(AccountRoster roster, EvidenceIndex evidence)
    {
        GroupShadow[] shadows = [.. evidence.OfType<GroupShadow>().Where(shadow => !shadow.IsPrevious && evidence.TreeOf(shadow.Location.Volume) == roster.Host)];
        foreach (GroupShadow shadow in shadows)
        {
            if (roster.Groups.FirstOrDefault(group => group.Name == shadow.Name) is not { } group || !AccountRoster.IsPrivileged(group))
            {
                continue;
            }
            if (shadow.HashType is not ("none" or "locked" or "unknown"))
            {
                yield return new Finding(Password, Severity.High, shadow.Location)
                {
                    Message = $"The group {shadow.Name}, which amounts to root, has a password: whoever knows it can enter the group with newgrp.",
                    Evidence = Clip.Evidence($"{shadow.Name}: {shadow.HashType}"),
                    Remediation = ShellQuote.TryText(shadow.Name, out string word) && !word.StartsWith('-') ? ["gpasswd -r " + word] : [],
                };
            }
            string[] alone = [.. group.Members.Except(shadow.Members, StringComparer.Ordinal).Where(member => !AccountRoster.IsCloudUser(member))];
            if (alone.Length == 0 || shadow.Members.Count == 0 && group.Members.Count > 3)
            {
                continue;
            }
            bool isLate = roster.IsAfterInstallation(evidence.File(group.Location)?.Entry.Modified);
            Severity severity = isLate && !Everyday.Contains(group.Name) ? Severity.Medium : Severity.Low;
            yield return Of(ByHand, severity, group, $"{string.Join(", ", alone.Take(8))} stands in group as a member of {group.Name} but not in gshadow: the tools write both, so the file was edited.",
                severity > Severity.Low ? ["grpck", "Take members that nobody knows out of /etc/group"] : []);
        }
    }

    private static Finding OfAccount(RuleInfo rule, UserAccount account, string message) => new(rule, Severity.Medium, account.Location)
    {
        Message = message,
        Evidence = Clip.Evidence($"{account.Name}:...:{account.UserId}:{account.GroupId}:{account.Comment}:{account.Home}:{account.Shell}"),
        Remediation = Remediation.LockAccount(account.Name),
    };

    private static Finding Of(RuleInfo rule, Severity severity, UserGroup group, string message, IReadOnlyList<string> remediation) => new(rule, severity, group.Location)
    {
        Message = message,
        Evidence = Clip.Evidence($"{group.Name}: {string.Join(',', group.Members)}"),
        Remediation = remediation,
    };
}
