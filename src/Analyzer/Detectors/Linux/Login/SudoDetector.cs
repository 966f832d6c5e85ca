using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Rules and settings of sudo and doas that let somebody become root who should not, or that keep sudo from asking.</summary>
/// <remarks><b>Limitations:</b> host lists are taken to match; of several rules for one user a later one that asks for the password again makes an earlier one dormant, order across files is that of their names.</remarks>
public sealed class SudoDetector : IDetector
{
    private static readonly RuleInfo FreeForAll = LoginPlaces.Sudo.Rule("everything-without-password", "An account becomes root without password", "access", "T1548.003");
    private static readonly RuleInfo Service = LoginPlaces.Sudo.Rule("service-account", "A service account may become root", "access", "T1548.003");
    private static readonly RuleInfo Shell = LoginPlaces.Sudo.Rule("shell-without-password", "An account may start a shell as root without password", "access", "T1548.003");
    private static readonly RuleInfo Writable = LoginPlaces.Sudo.Rule("replaceable-program", "sudo allows a program that the account itself can replace", "access", "T1548.003");
    private static readonly RuleInfo OddProgram = LoginPlaces.Sudo.Rule("odd-program", "sudo allows a program in a hidden or temporary place", "persistence", "T1548.003");
    private static readonly RuleInfo Setting = LoginPlaces.Sudo.Rule("weak-setting", "A setting of sudo opens a way around the password", "access", "T1548.003");
    private static readonly RuleInfo Silent = LoginPlaces.Sudo.Rule("no-log", "sudo keeps no record", "evasion", "T1562.006");
    private static readonly RuleInfo Plugin = LoginPlaces.Sudo.Rule("plugin", "sudo loads a plugin that no package explains", "access", "T1556");

    private static readonly HashSet<string> s_cloudUsers = new(StringComparer.Ordinal)
    {
        "ubuntu", "debian", "admin", "ec2-user", "centos", "rocky", "almalinux", "fedora", "cloud-user", "cloud", "opc", "opensuse", "azureuser", "azure", "vagrant", "alpine", "core", "arch", "ecs-user", "ecs-assist-user", "lighthouse", "pi", "google", "packer", "cloudadmin", "cloudinit",
    };

    // Groups that administrators are in; that they need no password is a choice, and cloud images make it.
    private static readonly HashSet<string> s_adminGroups = new(StringComparer.Ordinal) { "%sudo", "%wheel", "%admin", "%google-sudoers", "%adm", "%root", "%sudoers", "%admins", "%osadmins", "%aad_admins" };

    private static readonly HashSet<string> s_shells = new(StringComparer.Ordinal)
    {
        "sh", "bash", "dash", "zsh", "ksh", "su", "env", "python", "python3", "perl", "ruby", "lua", "php", "node", "vi", "vim", "vim.basic", "nano", "emacs", "ed", "find", "awk", "gawk", "mawk", "less", "more", "man", "nmap", "tee", "dd", "cp", "mv", "gdb", "strace", "busybox", "socat", "expect", "tclsh", "script", "nsenter", "chroot", "setarch", "taskset", "xargs", "visudo", "passwd", "chmod", "chown", "usermod", "sed", "tar", "zip", "rsync", "git", "screen", "tmux", "ssh",
    };

    private static readonly HashSet<string> s_danger = new(StringComparer.Ordinal)
    {
        "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "PERL5LIB", "PERL5OPT", "RUBYLIB", "RUBYOPT", "BASH_ENV", "ENV", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "GCONV_PATH", "IFS", "SHELLOPTS", "PS4", "PATH",
    };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [FreeForAll, Service, Shell, Writable, OddProgram, Setting, Silent, Plugin];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var judge = new LibraryJudge(evidence, source => source is SudoRule or SudoPlugin);
        foreach (IGrouping<string, SudoRule> host in evidence.OfType<SudoRule>().GroupBy(rule => evidence.TreeOf(rule.Location.Volume)))
        {
            var accounts = new SudoAccounts(evidence.OfType<UserAccount>().Where(account => evidence.TreeOf(account.Location.Volume) == host.Key));
            Dictionary<(string, string), IReadOnlyList<string>> aliases = [];
            foreach (SudoAlias alias in evidence.OfType<SudoAlias>().Where(alias => evidence.TreeOf(alias.Location.Volume) == host.Key))
            {
                aliases.TryAdd((alias.AliasKind[..3], alias.Name), alias.Members);
            }
            SudoRule[] rules = [.. host.OrderBy(rule => rule.Location.Path.Contains(".d/", StringComparison.Ordinal)).ThenBy(rule => rule.Location.Path, StringComparer.Ordinal).ThenBy(rule => rule.Location.Line)];
            // A later rule for the same users that asks for the password wins.
            var asking = new Dictionary<string, SudoRule>(StringComparer.Ordinal);
            for (int i = rules.Length - 1; i >= 0; i--)
            {
                Finding? finding = Judge(rules[i], asking.GetValueOrDefault(Who(rules[i])), accounts, aliases, judge, evidence);
                if (rules[i].DormantBecause is null && rules[i].Commands.Any(command => command.Text == "ALL" && !command.NeedsNoPassword))
                {
                    asking.TryAdd(Who(rules[i]), rules[i]);
                }
                if (finding is not null)
                {
                    yield return finding;
                }
            }
        }
        foreach (SudoDefault setting in evidence.OfType<SudoDefault>())
        {
            if (Judge(setting) is { } finding)
            {
                yield return finding;
            }
        }
        foreach (SudoPlugin plugin in evidence.OfType<SudoPlugin>())
        {
            if (judge.Present(plugin).Select(file => judge.Judge(file)).FirstOrDefault(verdict => verdict is not null) is { } verdict)
            {
                yield return LoginFinding.Of(Plugin, verdict.Severity == Severity.High ? Severity.Critical : verdict.Severity, plugin, $"sudo loads {verdict.Path}, which decides who may do what and sees every password: {verdict.Why}.", $"{plugin.Directive} {plugin.Symbol} {plugin.Path}", null, verdict.Hashes, [verdict.Path], Remediation.RemoveFile(verdict.Path));
            }
        }
    }

    private static string Who(SudoRule rule) => (rule.IsDoas ? "doas " : "sudo ") + string.Join(',', rule.Users);

    private static Finding? Judge(SudoRule rule, SudoRule? asking, SudoAccounts accounts, Dictionary<(string, string), IReadOnlyList<string>> aliases, LibraryJudge judge, EvidenceIndex evidence)
    {
        List<string> users = [.. rule.Users.SelectMany(user => Expand("Use", user, aliases)).Select(accounts.NameOf).Distinct(StringComparer.Ordinal)];
        List<SudoCommand> commands = [.. rule.Commands.Where(command => !command.IsNegated).SelectMany(command => Expand("Cmn", command.Text, aliases).Select(text => command with { Text = text })).Take(1000)];
        string text = $"{string.Join(", ", rule.Users)} {string.Join(", ", rule.Hosts)} = {string.Join(", ", rule.Commands)}";
        string? dormant = rule.DormantBecause ?? (asking is null ? null : $"line {asking.Location.Line} of {asking.Location.Name} comes later and asks for the password");
        bool isVendor = evidence.File(rule.Location)?.Origin is { IsVendor: true };
        bool everything = commands.Any(command => command.Text == "ALL");
        bool free = commands.Any(command => command.Text == "ALL" && command.NeedsNoPassword);
        string who = string.Join(", ", users.Take(8));
        if (Program(rule, commands, users, accounts, judge, text, dormant) is { } program)
        {
            return program;
        }
        if (isVendor)
        {
            return null;
        }
        string? service = users.FirstOrDefault(accounts.IsService);
        string[] shells = [.. commands.Where(command => command.NeedsNoPassword && IsShell(command.Text)).Select(command => command.Text)];
        if (service is not null && (everything || shells.Length > 0))
        {
            return LoginFinding.Of(Service, free || shells.Length > 0 ? Severity.High : Severity.Medium, rule, $"The service account {service} may become root" + (free || shells.Length > 0 ? " without password." : "."), text, dormant);
        }
        string[] others = [.. users.Where(user => user is not "root" && !s_cloudUsers.Contains(user) && !s_adminGroups.Contains(user) && !user.StartsWith('!'))];
        if (others.Length == 0 || !(free || shells.Length > 0))
        {
            return null;
        }
        if (others.Contains("ALL"))
        {
            return LoginFinding.Of(free ? FreeForAll : Shell, Severity.Critical, rule, "Every account becomes root without password.", text, dormant);
        }
        if (dormant is null && others.All(user => !user.StartsWith('%') && accounts.IsUnknown(user)))
        {
            dormant = "the account does not exist";
        }
        bool isNew = others.Any(accounts.IsNew);
        return free
            ? LoginFinding.Of(FreeForAll, isNew ? Severity.High : Severity.Medium, rule, $"{who} may run everything as root without password" + (isNew ? ", and the account is new." : "."), text, dormant)
            : LoginFinding.Of(Shell, Severity.Medium, rule, $"{who} may run {string.Join(", ", shells.Take(4))} as root without password, which gives a shell.", text, dormant);
    }

    /// <summary>A program that the rule names and that somebody else can replace, or that lies where none belongs.</summary>
    private static Finding? Program(SudoRule rule, List<SudoCommand> commands, List<string> users, SudoAccounts accounts, LibraryJudge judge, string text, string? dormant)
    {
        Dictionary<string, StartedFile> present = judge.Present(rule).DistinctBy(file => file.Requested).ToDictionary(file => file.Requested, StringComparer.Ordinal);
        foreach (SudoCommand command in commands)
        {
            string path = command.Text.Split(' ', 2)[0];
            if (!path.StartsWith('/'))
            {
                continue;
            }
            StartedFile? target = present.GetValueOrDefault(path);
            string real = target is null ? path : EvidenceQueries.PathOf(target);
            if (PathTraits.IsTemporary(path) || PathTraits.IsHidden(path) || PathTraits.IsTemporary(real) || PathTraits.IsHidden(real))
            {
                return LoginFinding.Of(OddProgram, Severity.High, rule, $"{string.Join(", ", users.Take(8))} may run {path} as root" + (command.NeedsNoPassword ? " without password" : "") + (real == path ? "." : $", which is {real}."), text, dormant, target is null ? null : judge.Facts(target)?.Hashes, [real], Remediation.RemoveFile(real));
            }
            if (!command.NeedsNoPassword || target is not { } file || judge.Facts(file) is not { } facts)
            {
                continue;
            }
            UserAccount? owner = accounts.OfId(facts.Entry.UserId);
            bool isOwn = owner is not null && owner.UserId != 0 && users.Contains(owner.Name);
            if ((facts.Entry.Permissions & 0b000_000_010) != 0 || isOwn)
            {
                return LoginFinding.Of(Writable, Severity.High, rule, $"{(isOwn ? owner!.Name : "Anybody")} may write {path} and have it run as root without password.", text, dormant, facts.Hashes, [path], [$"chown root:root and chmod go-w {path}, after a look at its content"]);
            }
        }
        return null;
    }

    private static Finding? Judge(SudoDefault setting)
    {
        string text = $"Defaults{setting.Scope} {(setting.IsNegated ? "!" : "")}{setting.Name}" + (setting.Value is null ? "" : "=" + setting.Value);
        string value = setting.Value ?? "";
        bool isForAll = setting.Scope.Length == 0;
        Finding Of(RuleInfo rule, Severity severity, string message) => LoginFinding.Of(rule, severity, setting, message, text, setting.DormantBecause);
        switch (setting.Name)
        {
            case "authenticate" when setting.IsNegated:
                return Of(Setting, isForAll ? Severity.High : Severity.Medium, isForAll ? "sudo asks nobody for a password." : $"sudo asks for no password ({setting.Scope}).");
            case "env_keep" or "env_check" when !setting.IsNegated && value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(word => s_danger.Contains(word.Split('=')[0]) && word != "PATH") is string variable:
                return Of(Setting, Severity.High, $"sudo keeps {variable}, with which a program started as root can be made to run anything.");
            case "timestamp_timeout" when value.StartsWith('-'):
                return Of(Setting, Severity.Medium, "sudo asks once and never again.");
            case "env_reset" when setting.IsNegated:
                return Of(Setting, isForAll ? Severity.Medium : Severity.Low, "sudo hands on the whole environment.");
            case "secure_path" when value.Split(':').FirstOrDefault(directory => PathTraits.IsTemporary(directory + "/") || PathTraits.IsHidden(directory + "/") || directory is "." or "") is string odd && value.Length > 0:
                return Of(Setting, Severity.High, $"sudo looks for programs in {(odd.Length == 0 ? "the current directory" : odd)}.");
            case "syslog" when setting.IsNegated:
            case "logfile" when value == "/dev/null":
                return Of(Silent, Severity.Medium, "What is done with sudo is not written down.");
            case "editor" or "askpass" or "mailerpath" or "iolog_dir" or "sudoers_locale" when PathTraits.IsTemporary(value) || PathTraits.IsHidden(value):
                return Of(Setting, Severity.High, $"sudo uses {value}, which lies in a hidden or temporary place.");
            default:
                return null;
        }
    }

    private static IEnumerable<string> Expand(string kind, string name, Dictionary<(string, string), IReadOnlyList<string>> aliases)
    {
        var result = new List<string>();
        var pending = new Queue<string>([name]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (pending.TryDequeue(out string? current) && seen.Count < 500)
        {
            if (!seen.Add(current))
            {
                continue;
            }
            if (aliases.TryGetValue((kind, current), out IReadOnlyList<string>? members))
            {
                foreach (string member in members)
                {
                    pending.Enqueue(member);
                }
            }
            else
            {
                result.Add(current);
            }
        }
        return result;
    }

    private static bool IsShell(string command)
    {
        string[] words = command.Split(' ', 2);
        string name = PathTraits.Name(words[0]).TrimEnd('.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        // With arguments fixed it runs just that.
        return (words.Length == 1 || words[1].Trim() is "*" or "-c *" or "-i") && (s_shells.Contains(name) || s_shells.Contains(PathTraits.Name(words[0])));
    }
}
