using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Shells that only look like the usual ones (trailing blank, look-alike letters, odd place), that no package brought, or whose program was replaced; the same for what
/// <c>/etc/shells</c> allows.
/// </summary>
public sealed class LoginShellDetector : IDetector
{
    private static readonly RuleInfo Lookalike = new("L-ACC-SYS.lookalike-shell", "Login shell whose name only looks like the usual one", "access", ["T1098", "T1036.005"]);
    private static readonly RuleInfo OddShell = new("L-ACC-SYS.odd-shell", "Login shell in an odd place", "access", ["T1098", "T1036.005"]);
    private static readonly RuleInfo Alien = new("L-ACC-SYS.unowned-shell", "Login shell that no package brought", "access", ["T1098", "T1036.005"]);
    private static readonly RuleInfo Replaced = new("L-ACC-SYS.replaced-shell", "Login shell whose program was replaced", "access", ["T1554", "T1036.005"]);
    private static readonly RuleInfo Missing = new("L-ACC-SYS.missing-shell", "Login shell that does not exist", "access", ["T1098"]);
    private static readonly RuleInfo Listed = new("L-ACC-SYS.listed-shell", "/etc/shells allows a program that is no shell of the system", "access", ["T1098", "T1036.005"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Lookalike, OddShell, Alien, Replaced, Missing, Listed];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (AccountRoster roster in AccountRoster.All(evidence))
        {
            // Where the databases know no shell at all they do not describe this host.
            bool knowsShells = roster.Current.Cast<Artifact>().Concat(evidence.OfType<LoginShell>()).Any(named => evidence.File(roster.NamedBy(named)?.Resolved)?.Origin is { IsVendor: true });
            foreach (UserAccount account in roster.Current)
            {
                if (OfAccount(account, roster, evidence, knowsShells) is Finding finding)
                {
                    yield return finding;
                }
            }
            foreach (LoginShell shell in evidence.OfType<LoginShell>().Where(shell => evidence.TreeOf(shell.Location.Volume) == roster.Host))
            {
                FileFacts? file = evidence.File(roster.NamedBy(shell)?.Resolved);
                string? why = WhyLookalike(shell.Path) ?? (PathTraits.IsTemporary(shell.Path) || PathTraits.IsHidden(shell.Path) ? "lies where nobody installs shells" : null)
                    ?? (knowsShells && IsAlienProgram(file) && PathTraits.IsSystemProgram(file!.Location.Path) && !IsLocal(file.Location.Path) ? "is a program that no package brought" : null);
                if (why is not null)
                {
                    yield return new Finding(Listed, Severity.High, shell.Location)
                    {
                        Message = $"/etc/shells allows {shell.Path} for logins, which {why}.",
                        Evidence = Clip.Evidence(shell.Path),
                        Related = [new RelatedFile(PathText.FromText(shell.Path), file is null ? "missing" : "uses")],
                        Hashes = file?.Hashes,
                        Remediation = Remediation.RemoveLine(shell.Location.Path, shell.Location.Line),
                    };
                }
            }
        }
    }

    private static Finding? OfAccount(UserAccount account, AccountRoster roster, EvidenceIndex evidence, bool knowsShells)
    {
        string shell = account.Shell;
        StartedFile? named = roster.NamedBy(account);
        FileFacts? file = evidence.File(named?.Resolved);
        if (WhyLookalike(shell) is string why)
        {
            return Of(Lookalike, Severity.Critical, account, $"The shell of {account.Name} {why}; malware puts a copy of a real shell there to make a locked account usable.", file,
                Remediation.RemoveFile(PathText.FromText(shell)));
        }
        if (PathTraits.IsTemporary(shell) || PathTraits.IsHidden(shell))
        {
            return Of(OddShell, named is { Resolved: null } ? Severity.Medium : Severity.High, account,
                $"The shell of {account.Name} is {shell}, in a place where nobody installs shells." + (named is { Resolved: null } ? " Nobody can log in with it at present: the file is gone; one level lower." : ""), file, []);
        }
        if (named is { Resolved: null } && AccountRoster.HasLoginShell(account) && !PathTraits.IsSystemProgram(shell) && !shell.StartsWith("/bin/", StringComparison.Ordinal))
        {
            return Of(Missing, Severity.Low, account, $"The shell of {account.Name}, {shell}, does not exist, so nobody can log in with it.", null, []) with { Remediation = [] };
        }
        if (file is null)
        {
            return null;
        }
        if (file.Origin is { IsModified: true })
        {
            return Of(Replaced, Severity.Critical, account, $"The shell of {account.Name}, {shell}, is not the program that the package {file.Origin.Package ?? "of the system"} brought.", file,
                Remediation.RemoveFile(file.Location.Path));
        }
        if (!knowsShells || !IsAlienProgram(file))
        {
            return null;
        }
        // Administrators do build shells of their own; those stand in places of their own and are called what they are.
        bool isLocal = IsLocal(file.Location.Path);
        bool isService = AccountRoster.IsService(account);
        Severity severity = isLocal ? (isService && AccountRoster.IsPureService(account.Name) ? Severity.Medium : Severity.Low) : isService ? Severity.Critical : Severity.High;
        return Of(Alien, severity, account, $"The shell of {account.Name}, {shell}, is a program that no package brought" + (isService ? ", and the account is one of a service." : "."), file,
            severity > Severity.Low ? Remediation.RemoveFile(file.Location.Path) : []);
    }

    private static string? WhyLookalike(string shell)
    {
        string name = PathTraits.Name(shell);
        return shell.Length > 0 && (shell != shell.TrimEnd() || name != name.Trim()) ? "ends in a blank, so it is another file than the usual one"
            : shell.Any(value => value > 0x7E || value < 0x20) ? "holds characters that only look like the usual ones" : null;
    }

    private static bool IsAlienProgram(FileFacts? file) => file is { Origin.IsAlien: true, Content: ContentKind.ElfExecutable or ContentKind.ElfSharedObject };

    private static bool IsLocal(string path) => path.StartsWith("/usr/local/", StringComparison.Ordinal) || path.StartsWith("/opt/", StringComparison.Ordinal) || path.StartsWith("/home/", StringComparison.Ordinal)
        || path.StartsWith("/nix/", StringComparison.Ordinal) || path.StartsWith("/snap/", StringComparison.Ordinal) || path.StartsWith("/srv/", StringComparison.Ordinal);

    private static Finding Of(RuleInfo rule, Severity severity, UserAccount account, string message, FileFacts? file, IReadOnlyList<string> more) => new(rule, severity, account.Location)
    {
        Message = message,
        Evidence = Clip.Evidence($"{account.Name}:...:{account.UserId}:{account.GroupId}:{account.Comment}:{account.Home}:{account.Shell}"),
        Hashes = file?.Hashes,
        Related = [new RelatedFile(file?.Location.Path ?? PathText.FromText(account.Shell), "starts")],
        Remediation = ShellQuote.TryText(account.Name, out string user) ? ["usermod -L -s /usr/sbin/nologin -- " + user, .. more] : [.. more],
    };
}
