using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Aliases and functions that take the place of the programs an administrator looks with or types passwords into. Only those that filter the output, keep what is typed, or start something
/// from an odd place count; colours and options are everyday life.
/// </summary>
/// <remarks><b>Limitations:</b> what a function does is judged by its text; one that calls another function of the file is not followed.</remarks>
public sealed class ShellStartupDetector : IDetector
{
    private static readonly RuleInfo Hides = LoginPlaces.ShellStartup.Rule("hides-output", "A shell replaces a program by one that hides lines of its output", "evasion", "T1564");
    private static readonly RuleInfo Steals = LoginPlaces.ShellStartup.Rule("captures-password", "A shell replaces a program by one that keeps what is typed", "access", "T1056.003");
    private static readonly RuleInfo Replaced = LoginPlaces.ShellStartup.Rule("replaced-program", "A shell replaces a program by another file", "evasion", "T1574");

    private static readonly HashSet<string> s_looking = new(StringComparer.Ordinal)
    {
        "ls", "ps", "top", "htop", "netstat", "ss", "lsof", "find", "w", "who", "last", "lastb", "crontab", "lsmod", "du", "df", "pstree", "pgrep", "kill", "pkill", "cat", "grep", "dir", "history", "ip", "ifconfig", "systemctl", "journalctl", "chattr", "lsattr", "rm", "iptables", "dmesg", "free", "uptime", "strace", "stat", "docker", "kubectl",
    };

    private static readonly HashSet<string> s_typing = new(StringComparer.Ordinal) { "sudo", "su", "ssh", "passwd", "login", "scp", "sftp", "mysql", "psql", "doas", "gpg", "kinit", "cryptsetup" };

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
    private static readonly Regex s_filter = new(@"\|\s*(?:command\s+|\\)?(?:/\S*/)?(?:[ef]?grep\s+(?:-\w+\s+)*(?:-\w*v|--invert-match)|sed\s+(?:-\w+\s+)*['""]?/[^/]*/d|awk\s+['""]!/)", Options);
    private static readonly Regex s_reading = new(@"\bread\s+(?:-\w+\s+)*-\w*s|\bstty\s+-echo|\bscript\s+-\w*q|\bstrace\s+[^|;\n]*-o", Options);
    private static readonly Regex s_keeping = new(@">>?\s*[^\s&|;]+|\b(?:tee|curl|wget|nc|ncat|mail|logger|openssl)\s", Options);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Hides, Steals, Replaced];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        IReadOnlyList<ShellAlias> aliases = evidence.OfType<ShellAlias>();
        if (aliases.Count == 0)
        {
            yield break;
        }
        var judge = new LibraryJudge(evidence, source => source is ShellAlias);
        var chain = StartChain.Of(evidence);
        foreach (ShellAlias alias in aliases)
        {
            bool isTyping = s_typing.Contains(alias.Name);
            if (!isTyping && !s_looking.Contains(alias.Name))
            {
                continue;
            }
            string what = $"{(alias.IsFunction ? "The function" : "The alias")} {alias.Name} stands for the program of that name";
            string? dormant = chain.DormantBecause(alias, null);
            if (isTyping && s_reading.IsMatch(alias.Body) && s_keeping.IsMatch(alias.Body))
            {
                yield return LoginFinding.Of(Steals, Severity.Critical, alias, what + ", reads what is typed and writes it elsewhere.", alias.Body, dormant);
            }
            else if (!isTyping && s_filter.IsMatch(alias.Body))
            {
                yield return LoginFinding.Of(Hides, Severity.High, alias, what + " and takes lines out of its output.", alias.Body, dormant);
            }
            else if (!alias.IsFunction && Other(alias, judge) is { } other)
            {
                yield return LoginFinding.Of(Replaced, other.Severity, alias, $"{what} and starts {other.Path}: {other.Why}.", alias.Body, dormant, other.Hashes, [other.Path]);
            }
        }
    }

    private static LibraryVerdict? Other(ShellAlias alias, LibraryJudge judge)
    {
        foreach (StartedFile file in judge.Present(alias))
        {
            string path = EvidenceQueries.PathOf(file);
            FileFacts? facts = judge.Facts(file);
            if (file.Relation is not ("starts" or "interprets") || facts?.Origin is { IsVendor: true })
            {
                continue;
            }
            if (PathTraits.IsTemporary(path) || PathTraits.IsHidden(path))
            {
                return new LibraryVerdict(Severity.High, path, "it lies in a hidden or temporary place", facts?.Hashes);
            }
            // A bare word is what anybody would type; only a path states another file.
            if (facts?.Origin is { IsAlien: true } && alias.Body.Contains(file.Requested, StringComparison.Ordinal) && PathTraits.IsSystemProgram(path) && !path.StartsWith("/usr/local/", StringComparison.Ordinal))
            {
                return new LibraryVerdict(Severity.High, path, "it lies among the system's programs, and no package owns it", facts.Hashes);
            }
        }
        return null;
    }
}
