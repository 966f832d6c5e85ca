using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>The options sshd would use (first value wins, Include in place): doors left open, and programs and key files in odd places.</summary>
/// <remarks><b>Limitations:</b> options inside <c>Match</c> blocks are judged only for programs they start; of options on sshd's command line those in units and in <c>/etc/default/ssh</c> are seen.</remarks>
public sealed class SshServerDetector : IDetector
{
    private static readonly RuleInfo RootPassword = new("L-SSHD.root-password-login", "Root may log in over SSH with a password", "access", ["T1098.004", "T1110"]);
    private static readonly RuleInfo EmptyPasswords = new("L-SSHD.empty-passwords", "SSH accepts empty passwords", "access", ["T1556"]);
    private static readonly RuleInfo UserEnvironment = new("L-SSHD.user-environment", "SSH lets users set their environment", "access", ["T1556"]);
    private static readonly RuleInfo KeysCommand = new("L-SSHD.keys-command", "SSH asks an unusual program for keys", "access", ["T1098.004", "T1556"]);
    private static readonly RuleInfo KeysFile = new("L-SSHD.keys-file", "SSH reads keys from an unusual file", "access", ["T1098.004"]);
    private static readonly RuleInfo Program = new("L-SSHD.odd-program", "SSH starts a program from an odd place", "persistence", ["T1098.004", "T1546.004"]);
    private static readonly RuleInfo ForcedForAll = new("L-SSHD.force-command", "SSH forces a command on everybody", "persistence", ["T1546.004"]);
    private static readonly RuleInfo Ports = new("L-SSHD.extra-port", "SSH listens on several ports", "access", ["T1571"]);

    private static readonly RuleInfo Authority = new("L-SSHD.certificate-authority", "SSH accepts keys that an authority signed", "access", ["T1098.004"]);

    private static readonly string[] KnownKeyCommands =
    [
        "eic_run_authorized_keys", "google_authorized_keys", "sss_ssh_authorizedkeys", "userdbctl", "gitlab-shell-authorized-keys-check", "opkssh", "vault-ssh-helper", "ssh-ldap-wrapper",
        "ssh-ldap-helper", "curl_authorized_keys", "aad_certhandler", "guest_agent", "google_guest_agent", "authorized-keys-command.sh", "ec2_instance_connect", "ipa", "sssd",
    ];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [RootPassword, EmptyPasswords, UserEnvironment, KeysCommand, KeysFile, Program, ForcedForAll, Ports, Authority];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (IGrouping<string, SshServerOption> host in evidence.OfType<SshServerOption>().Where(option => !evidence.IsOfWindows(option.Location)).GroupBy(option => evidence.TreeOf(option.Location.Volume)))
        {
            List<SshServerOption> options = [.. SshServerArguments.Of(evidence, host.Key), .. InOrder([.. host])];
            foreach (Finding finding in Judge(options, evidence.HostOf(options.Count > 0 ? options[0].Location.Volume : ""), evidence))
            {
                yield return finding;
            }
        }
    }

    /// <summary>The options in the order sshd reads them, included files in the place of their Include line.</summary>
    private static List<SshServerOption> InOrder(SshServerOption[] all)
    {
        ILookup<string, SshServerOption> byFile = all.ToLookup(option => option.Location.Path, StringComparer.Ordinal);
        string? main = new[] { "/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config" }.FirstOrDefault(byFile.Contains);
        if (main is null)
        {
            return [.. all.Where(option => option.Location.Path.Contains("sshd_config", StringComparison.Ordinal))];
        }
        var result = new List<SshServerOption>();
        var visited = new HashSet<string>(StringComparer.Ordinal) { main };
        var pending = new Stack<IEnumerator<SshServerOption>>([byFile[main].GetEnumerator()]);
        while (pending.TryPeek(out IEnumerator<SshServerOption>? current))
        {
            if (!current.MoveNext())
            {
                pending.Pop().Dispose();
                continue;
            }
            SshServerOption option = current.Current;
            if (!Is(option, "Include"))
            {
                result.Add(option);
                continue;
            }
            // Pushed in reverse, so that the first pattern's first file is read first.
            foreach (string pattern in option.Arguments.Reverse())
            {
                string full = pattern.StartsWith('/') ? pattern : "/etc/ssh/" + pattern;
                var glob = new Regex("^" + Regex.Escape(full).Replace(@"\*", "[^/]*", StringComparison.Ordinal).Replace(@"\?", "[^/]", StringComparison.Ordinal) + "$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
                foreach (string file in byFile.Select(group => group.Key).Where(file => glob.IsMatch(file)).OrderDescending(StringComparer.Ordinal))
                {
                    if (pending.Count < 16 && visited.Add(file))
                    {
                        pending.Push(byFile[file].GetEnumerator());
                    }
                }
            }
        }
        return result;
    }

    private static IEnumerable<Finding> Judge(List<SshServerOption> options, HostInfo? host, EvidenceIndex evidence)
    {
        SshServerOption? First(string keyword) => options.FirstOrDefault(option => option.Match is null && Is(option, keyword));
        if (First("PermitRootLogin") is SshServerOption root && IsValue(root, "yes") && (First("PasswordAuthentication") is not SshServerOption password || IsValue(password, "yes")))
        {
            bool isVendorDefault = host is not null && (host.OsVersion ?? "").Split('.')[0] is "6" or "7" or "8" && (host.OsId is "rhel" or "centos" or "rocky" or "almalinux" or "ol" or "anolis" or "alinux" || host.OsLike.Contains("rhel"));
            yield return Of(RootPassword, isVendorDefault ? Severity.Low : Severity.Medium, root, "Root may log in with a password, which worms set on purpose and which brute force needs."
                + (isVendorDefault ? " This release of the distribution ships it so." : ""), "Set PermitRootLogin prohibit-password");
        }
        if (First("PermitEmptyPasswords") is SshServerOption empty && IsValue(empty, "yes"))
        {
            yield return Of(EmptyPasswords, Severity.High, empty, "Accounts without password are open to everybody.", "Set PermitEmptyPasswords no");
        }
        if (First("PermitUserEnvironment") is SshServerOption environment && !IsValue(environment, "no"))
        {
            yield return Of(UserEnvironment, Severity.Medium, environment, "Keys may set LD_PRELOAD and the like for the login.", "Set PermitUserEnvironment no");
        }
        if (options.Where(option => option.Match is null && Is(option, "Port")).DistinctBy(Value).Skip(1).FirstOrDefault() is SshServerOption port)
        {
            yield return Of(Ports, Severity.Low, port, "sshd listens on more than one port.", null);
        }
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (SshServerOption option in options)
        {
            // The first value wins, so what a later line says is not in force.
            if (option.Match is null && !seen.Add(option.Keyword + (Is(option, "Subsystem") && option.Arguments.Count > 0 ? " " + option.Arguments[0] : "")))
            {
                continue;
            }
            string value = Value(option);
            bool isOdd = option.Arguments.Any(argument => PathTraits.IsTemporary(argument) || PathTraits.IsHidden(argument.Replace("/.ssh/", "/ssh/", StringComparison.Ordinal)));
            if (Is(option, "AuthorizedKeysCommand") && value is not ("none" or "") && (isOdd || !KnownKeyCommands.Any(known => value.Contains(known, StringComparison.Ordinal))))
            {
                // A package's own helper is no surprise; one that no package owns decides who gets in.
                FileOrigin? origin = option.Arguments.Count > 0 ? evidence.File(option.Location.Volume, option.Arguments[0])?.Origin : null;
                if (origin is { IsVendor: true } && !isOdd)
                {
                    continue;
                }
                yield return Of(KeysCommand, isOdd || origin is { IsAlien: true } or { IsModified: true } ? Severity.High : Severity.Medium, option, $"sshd asks {value.Split(' ')[0]} which keys open an account; whoever controls it can open every account.", "Remove the AuthorizedKeysCommand line");
            }
            else if (Is(option, "AuthorizedKeysFile") && option.Arguments.Any(argument => argument.StartsWith('/') && !argument.Contains('%')))
            {
                yield return Of(KeysFile, isOdd ? Severity.High : Severity.Low, option, "One fixed file holds the keys of all accounts.", "Restore AuthorizedKeysFile .ssh/authorized_keys");
            }
            else if (Is(option, "ForceCommand") && option.Match is null && value is not ("none" or "internal-sftp"))
            {
                yield return Of(ForcedForAll, isOdd ? Severity.High : Severity.Low, option, $"Every login runs {value}.", isOdd ? "Remove the ForceCommand line" : null);
            }
            else if (Is(option, "TrustedUserCAKeys") && !isOdd && value is not ("none" or ""))
            {
                yield return Of(Authority, Severity.Low, option, $"Whoever holds the key behind {value} can sign keys that open accounts.", null);
            }
            else if (isOdd && (Is(option, "Subsystem") || Is(option, "ForceCommand") || Is(option, "AuthorizedPrincipalsCommand") || Is(option, "TrustedUserCAKeys") || Is(option, "XAuthLocation")))
            {
                yield return Of(Program, Severity.High, option, $"{option.Keyword} names a file in a hidden or temporary place.", "Remove the line");
            }
        }
    }

    private static bool Is(SshServerOption option, string keyword) => option.Keyword.Equals(keyword, StringComparison.OrdinalIgnoreCase);

    private static bool IsValue(SshServerOption option, string value) => option.Arguments.Count > 0 && option.Arguments[0].Equals(value, StringComparison.OrdinalIgnoreCase);

    private static string Value(SshServerOption option) => string.Join(' ', option.Arguments);

    private static Finding Of(RuleInfo rule, Severity severity, SshServerOption option, string message, string? advice) => new(rule, severity, option.Location)
    {
        Message = message,
        Evidence = Clip.Evidence($"{option.Keyword} {Value(option)}"),
        Remediation = advice is null ? [] : [advice + " in " + option.Location.Path, "systemctl reload sshd"],
    };
}
