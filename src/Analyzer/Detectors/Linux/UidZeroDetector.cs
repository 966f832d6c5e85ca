using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Accounts with user id 0 besides root, and second lines called root.</summary>
public sealed class UidZeroDetector : IDetector
{
    private static readonly RuleInfo Second = new("L-ACC-UID0.second-root", "Second account with user id 0", "access", ["T1136.001"]);
    private static readonly RuleInfo Duplicate = new("L-ACC-UID0.duplicate-root-line", "Second line for root", "access", ["T1136.001", "T1098"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Second, Duplicate];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (AccountRoster roster in AccountRoster.All(evidence))
        {
            bool seenRoot = false;
            foreach (UserAccount account in roster.Current)
            {
                bool isRoot = account.Name == "root";
                if (account.UserId == 0 && !isRoot)
                {
                    yield return new Finding(Second, Severity.Critical, account.Location)
                    {
                        Message = $"The account {account.Name} has user id 0 and therefore is root under another name.",
                        Evidence = Clip.Evidence($"{account.Name}:...:0:{account.GroupId}:{account.Comment}:{account.Home}:{account.Shell}"),
                        // userdel would refuse or, sharing the id with root, end root's processes: take the lines out instead.
                        Remediation = [.. Remediation.RemoveLine(account.Location.Path, account.Location.Line), "Take the account's line out of /etc/shadow as well (vipw -s)"],
                    };
                }
                else if (isRoot && seenRoot)
                {
                    yield return new Finding(Duplicate, Severity.Medium, account.Location)
                    {
                        Message = "A second line for root; the system uses the first one, but somebody tried.",
                        Evidence = Clip.Evidence($"{account.Name}:...:{account.UserId}:{account.GroupId}:{account.Comment}:{account.Home}:{account.Shell}"),
                        Remediation = Remediation.RemoveLine(account.Location.Path, account.Location.Line),
                    };
                }
                seenRoot |= isRoot;
            }
        }
    }
}
