using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Local accounts of Windows that have another's rights, that no list shows, that look like computers, built-in ones that were switched on, and administrators that came after the installation.</summary>
/// <remarks><b>Limitations:</b> accounts of a domain stand in its controllers' own database. An administrator made on purpose looks like one made by an intruder: alone that is low.</remarks>
public sealed class WindowsAccountDetector : IDetector
{
    private static readonly RuleInfo s_hijack = new("W-ACCOUNT.rid-hijack", "Account with another account's rights", "access", ["T1098", "T1078.003"]);
    private static readonly RuleInfo s_unlisted = new("W-ACCOUNT.unlisted", "Account that no list shows", "evasion", ["T1136.001", "T1564.002"]);
    private static readonly RuleInfo s_noRecord = new("W-ACCOUNT.no-record", "Name of an account without an account", "evasion", ["T1136.001", "T1564.002"]);
    private static readonly RuleInfo s_dollar = new("W-ACCOUNT.dollar-name", "Account with the name of a computer", "evasion", ["T1136.001", "T1564.002"]);
    private static readonly RuleInfo s_builtIn = new("W-ACCOUNT.built-in-enabled", "Built-in account that was switched on", "access", ["T1078.001"]);
    private static readonly RuleInfo s_administrator = new("W-ACCOUNT.new-administrator", "Administrator that came after the installation", "access", ["T1136.001"]);

    private const long FirstOfUsers = 1000;
    private const long Guest = 501;
    private const long DefaultAccount = 503;
    private const long ApplicationGuard = 504;
    private const long NoPassword = 0x4;
    private const long Day = 86400;

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_hijack, s_unlisted, s_noRecord, s_dollar, s_builtIn, s_administrator];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (IGrouping<string, WindowsAccount> host in evidence.OfType<WindowsAccount>().GroupBy(account => evidence.TreeOf(account.Location.Volume)))
        {
            long? installed = evidence.OfType<WindowsIdentity>().Where(identity => evidence.TreeOf(identity.Location.Volume) == host.Key).Max(identity => identity.Installed?.Seconds);
            HashSet<string> hidden = HiddenUserDetector.NamesOf(evidence, host.Key);
            // A name whose number cannot be read may be that of any account, and a list of names without any is damaged.
            bool areNamesRead = host.All(account => account.Rid != 0) && host.Any(account => account.IsListed);
            foreach (WindowsAccount account in host)
            {
                if (Judge(account, installed, areNamesRead, hidden.Contains(account.Name)) is { } found)
                {
                    yield return Of(found.Rule, found.Severity, account, found.Why, evidence);
                }
            }
        }
    }

    private static (RuleInfo Rule, Severity Severity, string Why)? Judge(WindowsAccount account, long? installed, bool areNamesRead, bool isHidden)
    {
        if (account.EffectiveRid is { } effective && effective != account.Rid)
        {
            return (s_hijack, Severity.Critical, $"its record says number {effective}{(effective == 500 ? ", that of the built-in administrator" : "")}, while it is account {account.Rid}: whoever logs on as it gets the other's rights");
        }
        if (!account.IsListed)
        {
            return areNamesRead ? (s_unlisted, Severity.Critical, "it has a record but is not in the list of names, so that no tool shows it; nothing but tampering with the hive does that") : null;
        }
        if (!account.HasRecord)
        {
            return account.Rid != 0 ? (s_noRecord, Severity.High, "it is in the list of names but has no record: it was hidden and put back, or taken away, by writing to the hive") : null;
        }
        if (account.Name.EndsWith('$') && !IsHomeGroup(account))
        {
            return (s_dollar, Severity.High, "its name ends like that of a computer, so that \"net user\" leaves it out; accounts of computers stand in the domain" + Rights(account));
        }
        if (account.Rid is Guest or DefaultAccount or ApplicationGuard)
        {
            return BuiltIn(account);
        }
        if (account is { IsAdministrator: true, IsDisabled: false, Rid: >= FirstOfUsers, Created: { } created } && installed is { } day && created.Seconds - day > Day)
        {
            bool isOpen = account.Flags is { } flags && (flags & NoPassword) != 0;
            // That it is hidden is a finding of its own, which is high.
            return (s_administrator, isHidden || isOpen ? Severity.Medium : Severity.Low,
                $"it is an administrator and came {created.Seconds / Day - day / Day} days after the installation" + (isHidden ? ", and the logon screen leaves it out" : isOpen ? ", and it needs no password" : "; somebody should know it"));
        }
        return null;
    }

    private static (RuleInfo Rule, Severity Severity, string Why)? BuiltIn(WindowsAccount account)
    {
        if (account.Groups.Count > 0 && account.IsAdministrator)
        {
            return (s_builtIn, Severity.High, "it is built in and was made a member of the administrators, which no set-up does");
        }
        if (account.IsDisabled || account.Flags is null)
        {
            return null;
        }
        // The system itself switches the account of Application Guard on.
        return account.Groups.Count > 0 ? (s_builtIn, Severity.High, "it is built in, was switched on" + Rights(account))
            : (s_builtIn, account.Rid == ApplicationGuard ? Severity.Low : Severity.Medium, "it is built in and was switched on; Windows ships it switched off");
    }

    // Windows 7 to 10 make this one for their home groups.
    private static bool IsHomeGroup(WindowsAccount account) => account.Name.Equals("HomeGroupUser$", StringComparison.OrdinalIgnoreCase) && account.Groups.Count == 0;

    private static string Rights(WindowsAccount account) => account.Groups.Count == 0 ? "" : ", and it is in the groups " + string.Join(", ", account.Groups);

    private static Finding Of(RuleInfo rule, Severity severity, WindowsAccount account, string why, EvidenceIndex evidence)
    {
        bool isOff = account.IsDisabled;
        bool isBuiltIn = account.Rid < FirstOfUsers;
        return new Finding(rule, isOff ? severity.Lower() : severity, account.Location)
        {
            Message = $"The account {account.Name} ({account.Rid}): {why}." + (isOff ? " Nobody can log on as it at present: the account is disabled; one level lower." : ""),
            Evidence = Clip.Evidence($"{account.Name} {account.Rid}" + (account.Created is { } created ? $" made or renamed {created}" : "")),
            Hashes = evidence.HashesOf(account.Location),
            Remediation = severity <= Severity.Low ? [] : Clean(rule, account, isBuiltIn),
        };
    }

    private static IReadOnlyList<string> Clean(RuleInfo rule, WindowsAccount account, bool isBuiltIn) =>
        ReferenceEquals(rule, s_unlisted) || ReferenceEquals(rule, s_noRecord) ? WindowsRemediation.DeleteAccountKeys(account.Rid, account.Name, account.HasRecord, account.IsListed)
        : isBuiltIn ? WindowsRemediation.DisableAccount(account.Name, account.Groups) : WindowsRemediation.DeleteAccount(account.Name);
}
