using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>What polkit grants to whom: everything to everybody, everything to one account, a powerful action to everybody, administrators nobody expects.</summary>
/// <remarks><b>Limitations:</b> a condition is judged by what it names; one that is always true and names an action and an account passes for a real one.</remarks>
public sealed class PolkitDetector : IDetector
{
    private static readonly RuleInfo Everything = new("L-POLKIT.grants-everything", "polkit lets everybody do everything", "privilege", ["T1548"]);
    private static readonly RuleInfo Account = new("L-POLKIT.grants-account", "polkit lets an account do everything", "privilege", ["T1548", "T1098"]);
    private static readonly RuleInfo Action = new("L-POLKIT.grants-action", "polkit lets everybody do what makes them root", "privilege", ["T1548"]);
    private static readonly RuleInfo Administrators = new("L-POLKIT.names-administrators", "polkit counts unexpected accounts as administrators", "privilege", ["T1548", "T1098"]);

    // Whoever may do one of these is root, or installs what he likes.
    private static readonly string[] s_powerful =
    [
        "org.freedesktop.policykit.exec", "org.freedesktop.systemd1.", "org.freedesktop.packagekit.", "org.freedesktop.accounts.user-administration", "org.freedesktop.policykit.lockdown", "org.freedesktop.login1.manage", "org.freedesktop.machine1.",
        "org.freedesktop.realmd.", "org.debian.apt.", "org.opensuse.", "org.gnome.settings-daemon", "io.snapcraft.snapd.manage", "org.freedesktop.Flatpak.modify", "com.ubuntu.softwareproperties", "org.libvirt.unix.manage",
    ];

    private static readonly HashSet<string> s_administrators = new(StringComparer.Ordinal) { "unix-group:sudo", "unix-group:wheel", "unix-group:admin", "unix-group:root", "unix-user:root", "unix-user:0", "unix-group:0" };
    private static readonly HashSet<string> s_services = new(StringComparer.Ordinal) { "www-data", "apache", "nginx", "nobody", "daemon", "mysql", "postgres", "redis", "games", "mail", "news", "ftp", "tomcat", "jenkins", "git", "oracle", "bin", "sys", "lp" };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Everything, Account, Action, Administrators];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<string, UserAccount> accounts = evidence.Accounts();
        foreach (PolkitRule rule in evidence.OfType<PolkitRule>())
        {
            FileOrigin? origin = evidence.File(rule.Location)?.Origin;
            if (origin is { IsVendor: true })
            {
                continue;
            }
            ILookup<string, UserAccount> byName = accounts[evidence.TreeOf(rule.Location.Volume)].ToLookup(account => account.Name, StringComparer.Ordinal);
            (RuleInfo Rule, Severity Severity, string Why)? found = rule.Form switch
            {
                PolkitForm.AdminRule => Admins(rule, byName),
                PolkitForm.Action => Declared(rule, origin),
                _ => rule.Grants ? Grant(rule, byName) : null,
            };
            if (found is not { } what)
            {
                continue;
            }
            yield return new Finding(what.Rule, rule.DormantBecause is null ? what.Severity : what.Severity.Lower(), rule.Location)
            {
                Message = what.Why + (rule.DormantBecause is null ? "" : $" It would not take effect at present: {rule.DormantBecause}; one level lower."),
                Evidence = Clip.Evidence(rule.Condition.Length > 0 ? rule.Condition : rule.Identities.Count > 0 ? string.Join(' ', rule.Identities) : "no condition"),
                Hashes = evidence.HashesOf(rule.Location),
                Remediation = what.Severity <= Severity.Low ? [] : Place.CleanUp(rule, rule.Location.Line),
            };
        }
    }

    private static (RuleInfo, Severity, string)? Grant(PolkitRule rule, ILookup<string, UserAccount> accounts)
    {
        string actions = Clip.Evidence(string.Join(", ", rule.Actions));
        string who = Clip.Evidence(string.Join(", ", rule.Identities));
        bool isPowerful = rule.Actions.Any(IsPowerful);
        if (!rule.TestsAction && !rule.TestsSubject)
        {
            return (Everything, Severity.Critical, "The rule answers yes whatever is asked and whoever asks: every account is root.");
        }
        if (!rule.TestsAction)
        {
            return rule.Identities.Count > 0 && rule.Identities.All(s_administrators.Contains)
                ? (Account, Severity.Low, $"Administrators ({who}) need no password for anything that polkit guards.")
                : (Account, rule.Identities.Any(identity => IsService(identity, accounts)) || rule.Identities.Count == 0 ? Severity.High : Severity.Medium,
                    $"{(who.Length > 0 ? who : "Whoever meets the condition")} may do everything that polkit guards, without a password.");
        }
        if (!rule.TestsSubject)
        {
            return isPowerful ? (Action, Severity.High, $"Everybody may do {actions} without a password, which is as good as being root.")
                : rule.Actions.Count == 0 ? (Action, Severity.Medium, "Everybody may do what the condition selects, without a password.") : null;
        }
        return isPowerful && rule.Identities.Any(identity => IsService(identity, accounts)) ? (Account, Severity.High, $"The service account {who} may do {actions} without a password, which is as good as being root.") : null;
    }

    private static (RuleInfo, Severity, string)? Admins(PolkitRule rule, ILookup<string, UserAccount> accounts)
    {
        string[] odd = [.. rule.Identities.Where(identity => !s_administrators.Contains(identity))];
        if (odd.Length == 0)
        {
            return null;
        }
        bool isWide = odd.Any(identity => identity is "unix-user:*" or "unix-group:*" or "unix-group:users" or "unix-group:nogroup") || odd.Any(identity => IsService(identity, accounts));
        return (Administrators, isWide ? Severity.High : Severity.Low, $"polkit takes {Clip.Evidence(string.Join(", ", odd))} for administrators, whose own password is enough for everything.");
    }

    private static (RuleInfo, Severity, string)? Declared(PolkitRule rule, FileOrigin? origin)
    {
        bool isAny = rule.Condition.Contains("allow_any", StringComparison.Ordinal);
        string action = rule.Actions.Count > 0 ? Clip.Evidence(rule.Actions[0]) : "an action";
        if (rule.Actions.Any(IsPowerful) && isAny)
        {
            return (Action, Severity.High, $"The action {action} is declared so that everybody may do it without a password, which is as good as being root.");
        }
        return origin is not { IsAlien: true } || rule.Spawned.Count == 0 ? null
            : (Action, isAny ? Severity.High : Severity.Low, $"Everybody {(isAny ? "" : "who is logged in ")}may run {Clip.Evidence(rule.Spawned[0])} as root without a password (action {action}, of no package).");
    }

    // "org.", "org.freedesktop." and patterns stand for all below them.
    private static bool IsPowerful(string action)
    {
        string stem = action.Trim('^', '$', '*').TrimEnd('\\').Replace("\\.", ".", StringComparison.Ordinal);
        return action is "*" || s_powerful.Any(power => stem.StartsWith(power.TrimEnd('.'), StringComparison.Ordinal) || (action.Length < 24 && power.StartsWith(stem, StringComparison.Ordinal) && stem.EndsWith('.')));
    }

    private static bool IsService(string identity, ILookup<string, UserAccount> accounts)
    {
        if (identity is "unix-user:*" or "unix-group:*")
        {
            return true;
        }
        int colon = identity.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? identity : identity[(colon + 1)..];
        return s_services.Contains(name) || (identity.StartsWith("unix-user:", StringComparison.Ordinal) && accounts[name].FirstOrDefault() is { UserId: uint and > 0 and < 1000 });
    }
}
