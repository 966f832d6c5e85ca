using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Service accounts that became login accounts: they have a shell with a password or keys, or the logs tell of logins and of shells as root.</summary>
public sealed class ServiceAccountDetector : IDetector
{
    private static readonly RuleInfo Enabled = new("L-ACC-SYS.service-account-login", "Service account that can log in", "access", ["T1098", "T1078.003"]);
    private static readonly RuleInfo LoggedIn = new("L-ACC-SYS.service-account-logged-in", "Login of a service account in the logs", "access", ["T1078.003"]);
    private static readonly RuleInfo BecameRoot = new("L-ACC-SYS.service-account-became-root", "Service account that ran a shell as root by the logs", "access", ["T1548.003"]);

    private static readonly string[] s_shells = ["sh", "bash", "dash", "ash", "zsh", "ksh", "su", "busybox", "python3", "python", "perl", "vi", "vim"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Enabled, LoggedIn, BecameRoot];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (AccountRoster roster in AccountRoster.All(evidence))
        {
            ILookup<UserAccount, AuthorizedKey> keys = roster.Keys.Where(key => roster.OwnerOf(key) is not null).ToLookup(key => roster.OwnerOf(key)!);
            foreach (UserAccount account in roster.Current.Where(account => AccountRoster.IsService(account) && AccountRoster.HasLoginShell(account) && account.Shell.Length > 0 && account.Shell == account.Shell.TrimEnd()))
            {
                int keyCount = keys[account].Count(key => key.Defect is null);
                bool hasPassword = roster.HasPassword(account);
                if (!hasPassword && keyCount == 0)
                {
                    continue;
                }
                bool isExpired = roster.IsExpired(account);
                Severity severity = AccountRoster.IsPureService(account.Name) ? Severity.Critical : AccountRoster.IsApplication(account.Name) ? Severity.Low : Severity.Medium;
                string means = hasPassword && keyCount > 0 ? "a password and SSH keys" : hasPassword ? "a password" : "SSH keys";
                yield return new Finding(Enabled, isExpired ? severity.Lower() : severity, account.Location)
                {
                    Message = $"{account.Name} is a service account (user id {account.UserId}), yet it has the shell {account.Shell} and {means}."
                        + (severity == Severity.Low ? " Its vendor gives it a shell, and clusters use such keys; check them." : "") + (isExpired ? " Nobody can log in to it at present: it has expired; one level lower." : ""),
                    Evidence = Clip.Evidence($"{account.Name}:...:{account.UserId}:{account.GroupId}:{account.Comment}:{account.Home}:{account.Shell}"),
                    Related = [.. keys[account].Select(key => key.Location.Path).Distinct(StringComparer.Ordinal).Select(path => new RelatedFile(path, "uses"))],
                    Remediation = severity == Severity.Low ? [] : CleanUp(account.Name),
                };
            }
            foreach (Finding finding in Logged(roster))
            {
                yield return finding;
            }
        }
    }

    private static IEnumerable<Finding> Logged(AccountRoster roster)
    {
        Dictionary<long, string> names = [];
        foreach (UserAccount account in roster.Current.Where(account => account.UserId is not null))
        {
            names.TryAdd(account.UserId!.Value, account.Name);
        }
        foreach (IGrouping<string?, LogEvent> logins in roster.Logs.Of(LogEventKind.Login).GroupBy(found => found.User ?? (found.UserId is long id ? names.GetValueOrDefault(id) : null), StringComparer.Ordinal))
        {
            if (logins.Key is not string name || !AccountRoster.IsPureService(name))
            {
                continue;
            }
            LogEvent first = logins.First();
            string from = string.Join(", ", logins.Select(found => found.RemoteAddress).OfType<string>().Distinct(StringComparer.Ordinal).Take(5));
            yield return new Finding(LoggedIn, Severity.High, first.Location)
            {
                Message = $"Somebody logged in as the service account {name}{(from.Length > 0 ? " from " + from : "")}, {LogText.Span(first.First, logins.Last().Last)}.",
                Evidence = Clip.Evidence(first.Message ?? name),
                Remediation = CleanUp(name),
            };
        }
        foreach (LogEvent command in roster.Logs.Of(LogEventKind.PrivilegedCommand)
            .Where(found => found.User is string user && AccountRoster.IsPureService(user) && found.Detail?.StartsWith("refused", StringComparison.Ordinal) != true)
            .DistinctBy(found => (found.User, found.Command)).Take(200))
        {
            string? program = command.Command?.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries) is [var word, ..] ? PathTraits.Name(word) : null;
            if (program is null || !s_shells.Contains(program))
            {
                continue;
            }
            yield return new Finding(BecameRoot, Severity.High, command.Location)
            {
                Message = $"The service account {command.User} ran {program} as {command.Target ?? "another account"} with {command.Method ?? command.Process ?? "sudo"}, {LogText.Span(command.First, command.Last)}.",
                Evidence = Clip.Evidence(command.Message ?? command.Command!),
                Remediation = [.. CleanUp(command.User!), "Look for what lets the account become root: /etc/sudoers, /etc/sudoers.d, group memberships"],
            };
        }
    }

    private static IReadOnlyList<string> CleanUp(string name) => ShellQuote.TryText(name, out string word) ? ["usermod -L -s /usr/sbin/nologin -- " + word, "Remove the account's keys"] : ["Lock the account and remove its keys"];
}
