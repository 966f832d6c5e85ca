using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>PAM stacks: modules that no package explains, answers that let everybody in, programs that are handed the password.</summary>
/// <remarks><b>Limitations:</b> stacks are judged file by file; jumps (<c>success=2</c>) are not counted.</remarks>
public sealed class PamDetector : IDetector
{
    private static readonly RuleInfo Module = LoginPlaces.Pam.Rule("module", "A login asks a module that no package explains", "access", "T1556.003");
    private static readonly RuleInfo OpenDoor = LoginPlaces.Pam.Rule("open-door", "A login is granted without password", "access", "T1556.003");
    private static readonly RuleInfo Password = LoginPlaces.Pam.Rule("password-to-program", "A program is handed the passwords of logins", "access", "T1556.003");
    private static readonly RuleInfo Program = LoginPlaces.Pam.Rule("program", "A login starts an unusual program", "persistence", "T1556.003");

    // Modules of vendors outside the distributions; their packages are often installed by a script.
    private static readonly string[] s_products = ["pam_google_authenticator", "pam_duo", "pam_okta", "pam_oslogin", "pam_centrify", "pam_lsass", "pam_vas", "pam_yubico", "pam_u2f", "pam_aad", "pam_himmelblau", "pam_slurm", "pam_sss", "pam_radius", "pam_tacplus", "pam_ldap", "pam_krb5", "pam_jc_", "pam_rsa", "pam_securid", "pam_authd"];

    private static readonly HashSet<string> s_doors = new(StringComparer.Ordinal)
    {
        "sshd", "login", "su", "su-l", "sudo", "sudo-i", "common-auth", "system-auth", "password-auth", "remote", "other", "gdm-password", "lightdm", "sddm", "vsftpd", "cockpit", "xrdp-sesman", "polkit-1", "base-auth", "system-login", "system-local-login", "system-remote-login", "system-services", "kde", "passwd", "doas",
    };

    // Set things up, and never say who somebody is.
    private static readonly HashSet<string> s_neutral = new(StringComparer.Ordinal) { "pam_permit.so", "pam_env.so", "pam_nologin.so", "pam_faildelay.so", "pam_motd.so", "pam_limits.so", "pam_loginuid.so", "pam_warn.so", "pam_echo.so" };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Module, OpenDoor, Password, Program];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        IReadOnlyList<PamRule> all = evidence.OfType<PamRule>();
        if (all.Count == 0)
        {
            yield break;
        }
        var judge = new LibraryJudge(evidence, source => source is PamRule);
        var reported = new HashSet<(string, string)>();
        foreach (PamRule rule in all)
        {
            foreach (Finding finding in Modules(rule, judge, evidence, reported))
            {
                yield return finding;
            }
            if (rule.Program is not null && Started(rule, judge) is { } started)
            {
                yield return started;
            }
        }
        foreach (IGrouping<(string, string Path, string), PamRule> stack in all.Where(rule => rule.Type is "auth" or "").GroupBy(rule => (rule.Location.Volume, rule.Location.Path, rule.Location.Path.EndsWith("pam.conf", StringComparison.Ordinal) ? rule.Service : "")))
        {
            PamRule[] rules = [.. stack];
            if (Door(rules) is { } door && evidence.File(door.Location)?.Origin is not { IsVendor: true })
            {
                bool isFirst = door.Control == "sufficient" || door.Control.StartsWith('[');
                yield return LoginFinding.Of(OpenDoor, s_doors.Contains(door.Service) ? Severity.Critical : Severity.High, door,
                    isFirst ? $"pam_permit, which lets everybody in, is sufficient for {door.Service}: no password is asked for." : $"Nothing but pam_permit decides who may use {door.Service}: no password is asked for.",
                    $"{door.Type} {door.Control} {door.Module}", door.DormantBecause, more: ["Reinstall the package that owns the service file"]);
            }
        }
    }

    private static IEnumerable<Finding> Modules(PamRule rule, LibraryJudge judge, EvidenceIndex evidence, HashSet<(string, string)> reported)
    {
        foreach (StartedFile file in judge.Present(rule))
        {
            string name = PathTraits.Name(file.Requested);
            bool isLibrary = file.Requested.EndsWith(".so", StringComparison.Ordinal) || file.Requested == rule.Module;
            bool isProduct = PathTraits.StartsWithAny(name, s_products);
            LibraryVerdict? verdict = file.Relation != "loads" ? null : isLibrary ? judge.Judge(file, isProduct ? Severity.Low : Severity.High)
                : judge.Facts(file)?.Origin is { IsAlien: true } ? new LibraryVerdict(Severity.Medium, EvidenceQueries.PathOf(file), "no package owns it", judge.Facts(file)?.Hashes) : null;
            string tree = evidence.TreeOf(rule.Location.Volume);
            if (verdict is null || (isProduct && verdict.Severity <= Severity.High && verdict.Why.StartsWith("no package", StringComparison.Ordinal)) || !reported.Add((tree, verdict.Path)))
            {
                continue;
            }
            bool isAuth = rule.Type is "auth" or "password";
            yield return LoginFinding.Of(Module, isAuth && isLibrary && verdict.Severity == Severity.High ? Severity.Critical : verdict.Severity, rule, $"{rule.Service} asks {verdict.Path} at every login: {verdict.Why}" + (isAuth ? ". It sees every password." : "."),
                $"{rule.Type} {rule.Control} {rule.Module} {string.Join(' ', rule.Arguments)}", rule.DormantBecause, verdict.Hashes, [verdict.Path], verdict.Why.StartsWith("it differs", StringComparison.Ordinal) ? ["Reinstall the package that owns " + verdict.Path] : Remediation.RemoveFile(verdict.Path));
        }
    }

    private static Finding? Started(PamRule rule, LibraryJudge judge)
    {
        StartedFile? target = judge.FilesOf(rule).FirstOrDefault(file => file.Relation is "starts" or "interprets" && !file.Requested.EndsWith(".so", StringComparison.Ordinal) && PathTraits.Name(file.Requested) is not ("sh" or "bash" or "dash" or "env" or "python3" or "perl"))
            ?? judge.FilesOf(rule).FirstOrDefault(file => file.Relation is "starts");
        string path = target is null ? rule.Program!.Split(' ')[0] : EvidenceQueries.PathOf(target);
        FileFacts? facts = target?.Resolved is null ? null : judge.Facts(target);
        if (facts?.Origin is { IsVendor: true })
        {
            return null;
        }
        bool isOdd = PathTraits.IsTemporary(path) || PathTraits.IsHidden(path) || PathTraits.StartsWithAny(path, ["/var/log/", "/var/spool/", "/var/cache/", "/home/", "/var/www/", "/srv/", "/boot/", "/dev/"]);
        bool seesPasswords = rule.ExposesPassword && rule.Type is "auth" or "password";
        bool isOfSystem = facts?.Origin is { IsAlien: true } or { IsModified: true } && PathTraits.IsSystemProgram(path) && !path.StartsWith("/usr/local/", StringComparison.Ordinal);
        string evidence = $"{rule.Type} {rule.Control} {rule.Module} {string.Join(' ', rule.Arguments)}";
        if (seesPasswords)
        {
            return LoginFinding.Of(Password, isOdd || isOfSystem ? Severity.Critical : Severity.High, rule, $"{path} is handed the password of every login of {rule.Service}.", evidence, rule.DormantBecause, facts?.Hashes, [path], isOdd ? Remediation.RemoveFile(path) : []);
        }
        Severity severity = isOdd || isOfSystem ? Severity.High : rule.Type is "session" or "account" ? Severity.Low : Severity.Medium;
        return LoginFinding.Of(Program, severity, rule, $"Logins of {rule.Service} start {path}" + (isOfSystem ? ", which no package explains." : "."), evidence, rule.DormantBecause, facts?.Hashes, [path], isOdd ? Remediation.RemoveFile(path) : []);
    }

    /// <summary>The line that lets everybody in; null when none does.</summary>
    private static PamRule? Door(PamRule[] rules)
    {
        bool IsPermit(PamRule rule) => PathTraits.Name(rule.Module) == "pam_permit.so";
        PamRule? decider = null;
        foreach (PamRule rule in rules)
        {
            if (IsPermit(rule) && rule.Type == "auth" && (rule.Control == "sufficient" || (rule.Control.StartsWith('[') && (rule.Control.Contains("success=done", StringComparison.Ordinal) || rule.Control.Contains("default=done", StringComparison.Ordinal)))))
            {
                return decider is null ? rule : null;
            }
            // A module that must agree decides before.
            if (!s_neutral.Contains(PathTraits.Name(rule.Module)) && rule.Control is "required" or "requisite")
            {
                decider = rule;
            }
        }
        PamRule[] own = [.. rules.Where(rule => rule.Type == "auth")];
        bool onlyPermit = own.Length > 0 && own.Any(IsPermit) && rules.All(rule => !rule.IsInclude || rule.Type is not ("auth" or "")) && own.All(rule => s_neutral.Contains(PathTraits.Name(rule.Module)));
        return onlyPermit && s_doors.Contains(own[0].Service) ? own.First(IsPermit) : null;
    }
}
