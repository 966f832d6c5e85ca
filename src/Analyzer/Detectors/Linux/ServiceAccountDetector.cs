using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Service accounts that became login accounts, and shells that only look like the usual ones (trailing blank, look-alike letters, odd place).</summary>
/// <remarks><b>Limitations:</b> whether a shell file exists is not checked: files are in the evidence only when something looked into them.</remarks>
public sealed class ServiceAccountDetector : IDetector
{
    private static readonly RuleInfo Enabled = new("L-ACC-SYS.service-account-login", "Service account that can log in", "access", ["T1098", "T1078.003"]);
    private static readonly RuleInfo Lookalike = new("L-ACC-SYS.lookalike-shell", "Login shell whose name only looks like the usual one", "access", ["T1098", "T1036.005"]);
    private static readonly RuleInfo OddShell = new("L-ACC-SYS.odd-shell", "Login shell in an odd place", "access", ["T1098", "T1036.005"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Enabled, Lookalike, OddShell];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (AccountRoster roster in AccountRoster.All(evidence))
        {
            ILookup<UserAccount, AuthorizedKey> keys = roster.Keys.Where(key => roster.OwnerOf(key) is not null).ToLookup(key => roster.OwnerOf(key)!);
            foreach (UserAccount account in roster.Current)
            {
                if (ShellFinding(account) is Finding shell)
                {
                    yield return shell;
                    continue;
                }
                int keyCount = keys[account].Count(key => key.Defect is null);
                bool hasPassword = roster.HasPassword(account);
                if (!AccountRoster.IsService(account) || !AccountRoster.HasLoginShell(account) || account.Shell.Length == 0 || (!hasPassword && keyCount == 0))
                {
                    continue;
                }
                Severity severity = AccountRoster.IsPureService(account.Name) ? Severity.Critical : AccountRoster.IsApplication(account.Name) ? Severity.Low : Severity.Medium;
                string means = hasPassword && keyCount > 0 ? "a password and SSH keys" : hasPassword ? "a password" : "SSH keys";
                yield return new Finding(Enabled, severity, account.Location)
                {
                    Message = $"{account.Name} is a service account (user id {account.UserId}), yet it has the shell {account.Shell} and {means}."
                        + (severity == Severity.Low ? " Its vendor gives it a shell, and clusters use such keys; check them." : ""),
                    Evidence = Clip.Evidence($"{account.Name}:...:{account.UserId}:{account.GroupId}:{account.Comment}:{account.Home}:{account.Shell}"),
                    Related = [.. keys[account].Select(key => key.Location.Path).Distinct(StringComparer.Ordinal).Select(path => new RelatedFile(path, "uses"))],
                    Remediation = severity == Severity.Low || !ShellQuote.TryText(account.Name, out string word) ? [] : ["usermod -L -s /usr/sbin/nologin -- " + word, "Remove the account's keys"],
                };
            }
        }
    }

    private static Finding? ShellFinding(UserAccount account)
    {
        string shell = account.Shell;
        string name = PathTraits.Name(shell);
        string? why = shell.Length > 0 && (shell != shell.TrimEnd() || name != name.Trim()) ? "ends in a blank, so it is another file than the usual one"
            : shell.Any(value => value > 0x7E || value < 0x20) ? "holds characters that only look like the usual ones" : null;
        if (why is not null)
        {
            return new Finding(Lookalike, Severity.Critical, account.Location)
            {
                Message = $"The shell of {account.Name} {why}; malware puts a copy of a real shell there to make a locked account usable.",
                Evidence = Clip.Evidence($"{account.Name}:...:{account.UserId}:{account.GroupId}:{account.Comment}:{account.Home}:{account.Shell}"),
                Related = [new RelatedFile(Forensics.Parsers.PathText.FromText(shell), "starts")],
                Remediation = ShellQuote.TryText(account.Name, out string user) ? ["usermod -L -s /usr/sbin/nologin -- " + user, .. Remediation.RemoveFile(Forensics.Parsers.PathText.FromText(shell))] : [],
            };
        }
        if (PathTraits.IsTemporary(shell) || PathTraits.IsHidden(shell))
        {
            return new Finding(OddShell, Severity.High, account.Location)
            {
                Message = string.Create(CultureInfo.InvariantCulture, $"The shell of {account.Name} is {shell}, in a place where nobody installs shells."),
                Evidence = Clip.Evidence(shell),
                Related = [new RelatedFile(Forensics.Parsers.PathText.FromText(shell), "starts")],
                Remediation = ShellQuote.TryText(account.Name, out string user) ? ["usermod -L -s /usr/sbin/nologin -- " + user] : [],
            };
        }
        return null;
    }
}
