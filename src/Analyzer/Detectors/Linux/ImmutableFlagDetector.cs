using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Immutable and append-only flags on the files of persistence and access, by which malware keeps its entries from being removed.</summary>
public sealed class ImmutableFlagDetector : IDetector
{
    private static readonly RuleInfo Persistence = new("L-IMMUT.persistence-file", "Persistence file is protected against change", "evasion", ["T1222.002"]);
    private static readonly RuleInfo Target = new("L-IMMUT.started-file", "Started file is protected against removal", "evasion", ["T1222.002"]);
    private static readonly RuleInfo Account = new("L-IMMUT.account-file", "Account file is protected against change", "evasion", ["T1222.002"]);
    private static readonly RuleInfo Vaccine = new("L-IMMUT.vaccine", "Empty file is protected against change", "evasion", ["T1222.002"]);

    private static readonly string[] Places =
    [
        "/var/spool/cron/", "/etc/cron", "/etc/crontabs/", "/etc/anacrontab", "/etc/systemd/", "/usr/lib/systemd/", "/lib/systemd/", "/usr/local/lib/systemd/", "/etc/init.d/", "/etc/rc", "/etc/inittab",
        "/etc/ld.so.preload", "/etc/profile", "/etc/bash", "/etc/ssh/", "/tmp/", "/var/tmp/", "/dev/shm/", "/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/etc/local.d/", "/etc/update-motd.d/",
    ];

    private static readonly HashSet<string> Accounts = new(StringComparer.Ordinal) { "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/sudoers", "/etc/crontab", "/etc/services", "/etc/fstab" };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Persistence, Target, Account, Vaccine];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = new StartChain(evidence);
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            uint flags = (file.Entry.Flags ?? 0) & (InodeFlags.Immutable | InodeFlags.AppendOnly);
            if (flags == 0 || file.Entry.Type != FileType.Regular)
            {
                continue;
            }
            string path = file.Location.Path;
            CommandLink? starter = chain.StarterOf(file.Location.Volume, path);
            string how = flags == (InodeFlags.Immutable | InodeFlags.AppendOnly) ? "immutable and append-only" : (flags & InodeFlags.Immutable) != 0 ? "immutable" : "append-only";
            (RuleInfo Rule, Severity Severity, string Why)? verdict =
                VaccineFile.Is(file) ? (Vaccine, Severity.Info, $"The file is {how} and holds nothing. Administrators plant such files to keep malware out; miners do the same to their rivals.")
                : Accounts.Contains(path) ? (Account, Severity.Medium, $"The file is {how}. Hardening guides advise it; malware does it to keep its account or job.")
                : starter is not null ? (Target, Severity.High, $"The file is {how} and the host starts it by itself: it is to survive a clean-up.")
                : PathTraits.StartsWithAny(path, Places) || path.Contains("/.ssh/", StringComparison.Ordinal) || path.Contains("/.config/systemd/", StringComparison.Ordinal) || IsShellStart(file.Location.Name)
                    ? (Persistence, Severity.High, $"The file is {how}, so that its content survives a clean-up.")
                : null;
            if (verdict is ({ } rule, Severity severity, string why))
            {
                yield return new Finding(rule, severity, file.Location)
                {
                    Message = why,
                    Evidence = path,
                    Hashes = file.Hashes,
                    Related = [.. chain.StartedBy(file.Location.Volume, path)],
                    Remediation = severity == Severity.Info ? [] : Remediation.Unlock(path),
                };
            }
        }
    }

    private static bool IsShellStart(string name) => name is ".bashrc" or ".bash_profile" or ".profile" or ".bash_login" or ".bash_logout" or ".zshrc" or ".zshenv" or "authorized_keys" or "authorized_keys2";
}
