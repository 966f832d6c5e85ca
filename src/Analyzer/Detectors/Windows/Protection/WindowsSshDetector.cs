using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Keys that open OpenSSH for Windows, and settings of its server that open it further: the twin of <see cref="AuthorizedKeyDetector"/> and <see cref="SshServerDetector"/>.</summary>
/// <remarks><b>Limitations:</b> rights on key files (which sshd checks) are not read from descriptors; whose a key is nobody can tell from the image.</remarks>
public sealed class WindowsSshDetector : IDetector
{
    private static readonly RuleInfo s_key = new("W-RDP.ssh-key", "SSH key that opens an account", "access", ["T1098.004", "T1021.004"]);
    private static readonly RuleInfo s_bad = new("W-RDP.ssh-known-bad-comment", "SSH key with the comment of known malware", "access", ["T1098.004", "T1021.004"]);
    private static readonly RuleInfo s_open = new("W-RDP.ssh-server", "Setting that opens the SSH server", "access", ["T1021.004", "T1556"]);
    private static readonly RuleInfo s_program = new("W-RDP.ssh-program", "SSH starts a program from an odd place", "persistence", ["T1021.004", "T1546"]);

    private const string Administrators = "administrators_authorized_keys";

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_key, s_bad, s_open, s_program];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence) =>
        evidence.OfType<AuthorizedKey>().Where(key => evidence.IsOfWindows(key.Location)).Select(key => Judge(key, evidence))
            .Concat(evidence.OfType<SshServerOption>().Where(option => evidence.IsOfWindows(option.Location)).Select(option => Judge(option, evidence)).OfType<Finding>());

    private static Finding Judge(AuthorizedKey key, EvidenceIndex evidence)
    {
        string? comment = AuthorizedKeyDetector.KnownBadComment(key);
        bool isOfAdministrators = key.Location.Name.Equals(Administrators, StringComparison.OrdinalIgnoreCase);
        string? dormant = OpenSshService.DormantBecause(evidence, key.Location.Volume);
        Severity severity = comment is null ? Severity.Info : Severity.Critical;
        return new Finding(comment is null ? s_key : s_bad, dormant is null ? severity : severity.Lower(), key.Location)
        {
            Message = $"{key.KeyType} key {key.Fingerprint ?? "without fingerprint"} opens " + (isOfAdministrators ? "every account of an administrator" : "the account whose profile it lies in")
                + (comment is null ? "." : $": its comment contains {comment}, which known malware leaves.") + (dormant is null ? "" : $" It opens nothing at present: {dormant}{(comment is null ? "." : "; one level lower.")}"),
            Evidence = Clip.Evidence(string.Join(' ', new[] { string.Join(',', key.Options), key.KeyType, key.Fingerprint ?? "", key.Comment }.Where(part => part.Length > 0))),
            Hashes = evidence.HashesOf(key.Location),
            Remediation = comment is null ? [] : WindowsRemediation.RemoveLine(key.Location.Path, key.Location.Line),
            // Next to an intrusion a key of administrators that nobody knows is a way back in.
            BesideOthers = comment is null && dormant is null && isOfAdministrators ? Severity.Medium : null,
        };
    }

    private static Finding? Judge(SshServerOption option, EvidenceIndex evidence)
    {
        string value = string.Join(' ', option.Arguments);
        (RuleInfo Rule, Severity Severity, string Why)? found = option.Keyword.ToUpperInvariant() switch
        {
            "PERMITEMPTYPASSWORDS" when value.Equals("yes", StringComparison.OrdinalIgnoreCase) => (s_open, Severity.Medium, "accounts without a password are let in"),
            "PERMITUSERENVIRONMENT" when !value.Equals("no", StringComparison.OrdinalIgnoreCase) => (s_open, Severity.Low, "users set the environment of the shell that sshd starts"),
            "AUTHORIZEDKEYSFILE" when option.Arguments.Any(IsOddFile) => (s_open, Severity.Medium, "keys are read from where anybody may write"),
            "AUTHORIZEDKEYSCOMMAND" or "FORCECOMMAND" when IsOddFile(WindowsCommandWords.Program(value)) => (s_program, Severity.High, "the server runs a program where no installer puts one"),
            "SUBSYSTEM" when option.Arguments.Count > 1 && IsOddFile(WindowsCommandWords.Program(string.Join(' ', option.Arguments.Skip(1)))) => (s_program, Severity.High, "the server runs a program where no installer puts one"),
            _ => null,
        };
        if (found is not { } judged)
        {
            return null;
        }
        string? dormant = judged.Severity > Severity.Low ? OpenSshService.DormantBecause(evidence, option.Location.Volume) : null;
        return new Finding(judged.Rule, dormant is null ? judged.Severity : judged.Severity.Lower(), option.Location)
        {
            Message = $"{option.Keyword} of sshd: {judged.Why}." + (dormant is null ? "" : $" It does not count at present: {dormant}; one level lower."),
            Evidence = Clip.Evidence(option.Keyword + " " + value),
            Hashes = evidence.HashesOf(option.Location),
            Remediation = judged.Severity <= Severity.Low ? [] : WindowsRemediation.RemoveLine(option.Location.Path, option.Location.Line),
        };
    }

    private static bool IsOddFile(string file) => file.Length > 2 && WindowsLogEvents.ImagePath(file.Replace("__PROGRAMDATA__", @"C:\ProgramData", StringComparison.OrdinalIgnoreCase).Replace('/', '\\')) is { } path && WindowsPlaces.IsOdd(path);
}
