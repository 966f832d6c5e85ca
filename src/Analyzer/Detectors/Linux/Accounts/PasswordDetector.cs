using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Passwords that are kept in <c>passwd</c>, are empty, or are hashed by an older method than everybody else's.</summary>
public sealed class PasswordDetector : IDetector
{
    private static readonly RuleInfo InPasswd = new("L-ACC-HASH.hash-in-passwd", "Password hash in passwd", "access", ["T1098"]);
    private static readonly RuleInfo Empty = new("L-ACC-HASH.empty-password", "Account without password", "access", ["T1098", "T1078.003"]);
    private static readonly RuleInfo Weak = new("L-ACC-HASH.weaker-hash", "Password hashed by another method than its peers'", "access", ["T1098"]);

    private static readonly HashSet<string> Old = new(StringComparer.Ordinal) { "des", "bsdi", "md5", "sunmd5" };
    private static readonly HashSet<string> Modern = new(StringComparer.Ordinal) { "sha256", "sha512", "yescrypt", "gost-yescrypt", "bcrypt", "scrypt", "sm3" };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [InPasswd, Empty, Weak];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (AccountRoster roster in AccountRoster.All(evidence))
        {
            PasswordEntry[] modern = [.. roster.Current.Select(account => roster.PasswordOf(account.Name)).OfType<PasswordEntry>().Where(entry => !entry.IsLocked && Modern.Contains(entry.HashType))];
            Timestamp? firstModern = modern.Select(entry => entry.LastChanged).Min();
            foreach (UserAccount account in roster.Current)
            {
                PasswordEntry? entry = roster.PasswordOf(account.Name);
                bool isEmpty = account.Password.Length == 0 || (account.Password == "x" && entry is { HashType: "none", IsLocked: false });
                string? dormant = Dormant(roster, account);
                if (account.Password.Length >= 10 && account.Password[0] is not ('*' or '!' or '#'))
                {
                    yield return Of(InPasswd, account.UserId == 0 ? Severity.Critical : Severity.High, account.Location, account,
                        $"The password of {account.Name} stands in passwd, where every account can read it and where no tool of this century puts it.", dormant);
                }
                else if (isEmpty)
                {
                    yield return Of(Empty, account.UserId == 0 ? Severity.Critical : Severity.High, account.Password.Length == 0 ? account.Location : entry!.Location, account,
                        $"{account.Name} has an empty password.", dormant);
                }
                else if (modern.Length > 0 && entry is { IsLocked: false } && Old.Contains(entry.HashType) && (dormant is null || AccountRoster.HasLoginShell(account)))
                {
                    // An account that came with an older system keeps its hash until its password is changed.
                    int? order = entry.LastChanged is { } changed && firstModern is { } first ? changed.CompareTo(first) : null;
                    bool isLater = order is null or >= 0;
                    yield return Of(Weak, !isLater ? Severity.Low : order is > 0 && (entry.HashType is "des" or "bsdi" || account.UserId == 0) ? Severity.High : Severity.Medium, entry.Location, account,
                        $"The password of {account.Name} is hashed with {entry.HashType}, those of other accounts with a modern method"
                        + (isLater ? ": it did not come from this host's passwd program." : "; it is older than they are, as after an upgrade of the system."), dormant);
                }
            }
        }
    }

    private static string? Dormant(AccountRoster roster, UserAccount account) => !AccountRoster.HasLoginShell(account) ? $"its shell is {account.Shell}" : roster.IsExpired(account) ? "it has expired" : null;

    private static Finding Of(RuleInfo rule, Severity severity, EvidenceLocation location, UserAccount account, string message, string? dormant) => new(rule, dormant is null ? severity : severity.Lower(), location)
    {
        Message = message + (dormant is null ? "" : $" Nobody can log in to it at present: {dormant}; one level lower."),
        Evidence = Clip.Evidence(account.Name),
        Remediation = Remediation.LockAccount(account.Name),
    };
}
