using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
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
            bool hasModernPeers = roster.Current.Any(account => roster.PasswordOf(account.Name) is { IsLocked: false } entry && Modern.Contains(entry.HashType));
            foreach (UserAccount account in roster.Current)
            {
                PasswordEntry? entry = roster.PasswordOf(account.Name);
                bool canLogIn = AccountRoster.HasLoginShell(account);
                if (account.Password.Length >= 10 && account.Password[0] is not ('*' or '!' or '#'))
                {
                    yield return Of(InPasswd, account.UserId == 0 ? Severity.Critical : Severity.High, account.Location, account.Name,
                        $"The password of {account.Name} stands in passwd, where every account can read it and where no tool of this century puts it.");
                }
                else if (canLogIn && (account.Password.Length == 0 || (account.Password == "x" && entry is { HashType: "none", IsLocked: false })))
                {
                    yield return Of(Empty, account.UserId == 0 ? Severity.Critical : Severity.High, account.Password.Length == 0 ? account.Location : entry!.Location, account.Name,
                        $"{account.Name} has a login shell and an empty password.");
                }
                else if (hasModernPeers && canLogIn && entry is { IsLocked: false } && Old.Contains(entry.HashType))
                {
                    yield return Of(Weak, Severity.Medium, entry.Location, account.Name,
                        $"The password of {account.Name} is hashed with {entry.HashType}, those of other accounts with a modern method: it did not come from this host's passwd program.");
                }
            }
        }
    }

    private static Finding Of(RuleInfo rule, Severity severity, Forensics.Parsers.Artifacts.EvidenceLocation location, string name, string message) => new(rule, severity, location)
    {
        Message = message,
        Evidence = Clip.Evidence(name),
        Remediation = Remediation.LockAccount(name),
    };
}
