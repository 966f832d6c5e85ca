using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Accounts that are younger than the host: by the previous state of the account files, by the birth of their home directories and by the logs; accounts that share a name or an id,
/// live in odd places, or left traces though they are gone.
/// </summary>
public sealed class AccountChangeDetector : IDetector
{
    private static readonly RuleInfo New = new("L-ACC-NEW.since-last-change", "Account added by the last change", "access", ["T1136.001"]);
    private static readonly RuleInfo Young = new("L-ACC-NEW.after-installation", "Account made after the host was installed", "access", ["T1136.001"]);
    private static readonly RuleInfo Privileged = new("L-ACC-NEW.privileged", "New account that may become root", "access", ["T1136.001", "T1098"]);
    private static readonly RuleInfo OddHome = new("L-ACC-NEW.odd-home", "Login account with its home in a temporary directory", "access", ["T1136.001"]);
    private static readonly RuleInfo Twin = new("L-ACC-NEW.shared-id", "Two accounts with the same user id", "access", ["T1136.001", "T1098"]);
    private static readonly RuleInfo Vanished = new("L-ACC-NEW.vanished", "Account that is gone but left traces", "access", ["T1136.001", "T1070"]);

    // Somebody who has worked here for a month is known.
    private const long Established = 30 * 86400;

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [New, Young, Privileged, OddHome, Twin, Vanished];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (AccountRoster roster in AccountRoster.All(evidence))
        {
            HashSet<string> before = [.. roster.Previous.Select(account => account.Name)];
            var byId = new Dictionary<uint, UserAccount>();
            foreach (UserAccount account in roster.Current)
            {
                if (AccountRoster.HasLoginShell(account) && PathTraits.IsTemporary(account.Home + "/"))
                {
                    bool isLate = !before.Contains(account.Name) || roster.IsAfterInstallation(roster.MadeAt(account)?.Time);
                    yield return Of(OddHome, isLate ? Severity.High : Severity.Medium, account, $"{account.Name} can log in and lives in {account.Home}, which anybody may write.", Remediation.RemoveAccount(account.Name));
                }
                if (account.UserId is > 0 and uint id && !byId.TryAdd(id, account) && byId[id].Name != account.Name && AccountRoster.HasLoginShell(account) && roster.HasPassword(account))
                {
                    yield return Of(Twin, Severity.Medium, account, $"{account.Name} has the user id of {byId[id].Name}: whoever logs in to the one is the other.", Remediation.LockAccount(account.Name));
                }
                if (Age(account, roster, before) is Finding finding)
                {
                    yield return finding;
                }
            }
            foreach (Finding finding in Gone(roster, evidence))
            {
                yield return finding;
            }
        }
    }

    private static Finding? Age(UserAccount account, AccountRoster roster, HashSet<string> before)
    {
        bool isLastChange = before.Count > 0 && !before.Contains(account.Name);
        (Timestamp Time, string Text)? made = roster.MadeAt(account);
        bool isYoung = roster.IsAfterInstallation(made?.Time);
        if (account.UserId is null or 0 || (!isLastChange && !isYoung) || (!isLastChange && !AccountRoster.HasLoginShell(account)))
        {
            return null;
        }
        string when = made is { } known ? $" {char.ToUpperInvariant(known.Text[0])}{known.Text[1..]}." : "";
        when += roster.PasswordOf(account.Name)?.LastChanged is { } day ? $" Its password was set on {LogText.Day(day)}." : "";
        string what = isLastChange ? $"{account.Name} is in passwd but not in its previous state, so it came with the last change.{when}" : $"{account.Name} is younger than the host.{when}";
        IReadOnlyList<string> groups = AccountRoster.HasLoginShell(account) ? roster.PrivilegesOf(account) : [];
        if (groups.Count == 0 || AccountRoster.IsCloudUser(account.Name))
        {
            return Of(isLastChange ? New : Young, Severity.Info, account, what, []);
        }
        LogEvent[] logins = [.. roster.Logs.Of(LogEventKind.Login).Where(found => found.User == account.Name && found.First is not null)];
        bool isEstablished = logins.Length > 0 && logins.Max(found => (found.Last ?? found.First)!.Value.Instant.Seconds) - logins.Min(found => found.First!.Value.Instant.Seconds) > Established;
        string? attacker = LoginStorms.WhoMade(account.Name, roster);
        return Of(Privileged, attacker is not null ? Severity.High : isEstablished ? Severity.Low : Severity.Medium, account,
            $"{what} It can become root through the group {string.Join(", ", groups)}." + (attacker is null ? "" : " " + attacker) + (isEstablished ? " Somebody has logged in to it for more than a month." : ""),
            isEstablished && attacker is null ? [] : Remediation.LockAccount(account.Name));
    }

    private static IEnumerable<Finding> Gone(AccountRoster roster, EvidenceIndex evidence)
    {
        HashSet<string> present = [.. roster.Current.Select(account => account.Name)];
        if (present.Count == 0)
        {
            yield break;
        }
        var said = new HashSet<string>(StringComparer.Ordinal);
        ILookup<string?, LogEvent> deleted = roster.Logs.Of(LogEventKind.AccountDeleted).ToLookup(found => found.Target);
        foreach (LogEvent made in roster.Logs.Of(LogEventKind.AccountCreated).Where(found => found.Target is string name && found.UserId is null or > 0 && !present.Contains(name)))
        {
            string name = made.Target!;
            if (!roster.IsAfterInstallation(made.First?.Instant) || made.UserId is < 1000 || !said.Add(name))
            {
                continue;
            }
            LogEvent? login = roster.Logs.Of(LogEventKind.Login).FirstOrDefault(found => found.User == name);
            LogEvent? end = deleted[name].FirstOrDefault();
            bool isShort = end?.First is { } last && made.First is { } begin && last.Instant.Seconds - begin.Instant.Seconds is >= 0 and < 7 * 86400;
            // Removed without the tools, or used for hours only: both are no administrator's ways.
            Severity severity = end is null || (isShort && login is not null) ? Severity.Medium : Severity.Low;
            yield return new Finding(Vanished, severity, made.Location)
            {
                Message = $"The account {name} was made {(made.First is { } time ? LogText.On(time) : "")} and is gone" + (end is null ? ", though the logs do not tell of its removal" : end.First is { } gone ? "; it was removed " + LogText.On(gone) : "")
                    + (login is null ? "." : $". Somebody logged in to it{(login.RemoteAddress is string from ? " from " + from : "")}."),
                Evidence = Clip.Evidence(made.Message ?? name),
                Remediation = severity > Severity.Low ? [made.UserId is long id ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"find / -xdev -uid {id} -ls   # what it left behind") : "Look for files without owner: find / -xdev -nouser"] : [],
            };
        }
        foreach (SubordinateIds ids in evidence.OfType<SubordinateIds>().Where(ids => evidence.TreeOf(ids.Location.Volume) == roster.Host && !present.Contains(ids.Account) && !char.IsAsciiDigit(ids.Account[0]) && said.Add(ids.Account)))
        {
            yield return new Finding(Vanished, Severity.Info, ids.Location)
            {
                Message = $"{ids.Account} has subordinate ids but is in passwd no more: an account of this name existed.",
                Evidence = Clip.Evidence(ids.Account),
            };
        }
    }

    private static Finding Of(RuleInfo rule, Severity severity, UserAccount account, string message, IReadOnlyList<string> remediation) => new(rule, severity, account.Location)
    {
        Message = message,
        Evidence = Clip.Evidence($"{account.Name}:...:{account.UserId}:{account.GroupId}:{account.Comment}:{account.Home}:{account.Shell}"),
        Remediation = remediation,
    };
}
