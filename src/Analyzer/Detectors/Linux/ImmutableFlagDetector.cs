using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Immutable and append-only flags on the files of persistence and access, by which malware keeps its entries from being removed.</summary>
public sealed class ImmutableFlagDetector : IDetector
{
    private static readonly RuleInfo Persistence = new("L-IMMUT.persistence-file", "Persistence file is protected against change", "evasion", ["T1222.002"]);
    private static readonly RuleInfo Target = new("L-IMMUT.started-file", "Started file is protected against removal", "evasion", ["T1222.002"]);
    private static readonly RuleInfo Account = new("L-IMMUT.account-file", "Account file is protected against change", "evasion", ["T1222.002"]);
    private static readonly RuleInfo Folder = new("L-IMMUT.directory", "Directory of persistence or keys is protected against change", "evasion", ["T1222.002"]);
    private static readonly RuleInfo Vaccine = new("L-IMMUT.vaccine", "Empty file is protected against change", "evasion", ["T1222.002"]);

    private static readonly string[] Places =
    [
        "/var/spool/cron/", "/etc/cron", "/etc/crontabs/", "/etc/anacrontab", "/etc/systemd/", "/usr/lib/systemd/", "/lib/systemd/", "/usr/local/lib/systemd/", "/etc/init.d/", "/etc/rc", "/etc/inittab",
        "/etc/ld.so.preload", "/etc/profile", "/etc/bash", "/etc/ssh/", "/tmp/", "/var/tmp/", "/dev/shm/", "/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/etc/local.d/", "/etc/update-motd.d/",
        "/etc/pam.d/", "/etc/sudoers.d/", "/etc/udev/", "/etc/rc.local", "/etc/modules-load.d/", "/etc/modprobe.d/", "/etc/xdg/autostart/", "/etc/ld.so", "/etc/dbus-1/", "/etc/NetworkManager/dispatcher.d/", "/etc/apt/apt.conf.d/",
        "/lib/modules/", "/usr/lib/modules/", "/usr/lib/x86_64-linux-gnu/security/", "/usr/lib64/security/", "/lib/security/", "/var/spool/at", "/etc/at.", "/etc/environment", "/etc/zsh", "/etc/csh",
    ];

    private static readonly HashSet<string> Accounts = new(StringComparer.Ordinal) { "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/sudoers", "/etc/crontab", "/etc/services", "/etc/fstab" };

    private static readonly string[] Databases = ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Persistence, Target, Account, Folder, Vaccine];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            uint flags = (file.Entry.Flags ?? 0) & (InodeFlags.Immutable | InodeFlags.AppendOnly);
            if (flags == 0 || file.Entry.Type is not (FileType.Regular or FileType.Directory))
            {
                continue;
            }
            string path = file.Location.Path;
            string how = flags == (InodeFlags.Immutable | InodeFlags.AppendOnly) ? "immutable and append-only" : (flags & InodeFlags.Immutable) != 0 ? "immutable" : "append-only";
            (RuleInfo Rule, Severity Severity, string Why)? verdict = file.Entry.Type == FileType.Directory ? JudgeDirectory(path, how) : JudgeFile(evidence, chain, file, how);
            if (verdict is ({ } rule, Severity severity, string why))
            {
                yield return new Finding(rule, severity, file.Location)
                {
                    Message = why,
                    Evidence = path,
                    Hashes = file.Hashes,
                    Related = [.. chain.StartedBy(file.Location.Volume, path)],
                    Remediation = severity <= Severity.Low ? [] : Remediation.Unlock(path),
                };
            }
        }
    }

    private static (RuleInfo, Severity, string)? JudgeFile(EvidenceIndex evidence, StartChain chain, FileFacts file, string how)
    {
        string path = file.Location.Path;
        if (VaccineFile.Is(file))
        {
            return (Vaccine, Severity.Info, $"The file is {how} and holds nothing. Administrators plant such files to keep malware out; miners do the same to their rivals.");
        }
        if (Accounts.Contains(path))
        {
            // Guides lock the four account files together; malware locks the one it changed.
            bool isGuide = Databases.Count(other => evidence.File(file.Location.Volume, other)?.Entry.Flags is uint flags && (flags & InodeFlags.Immutable) != 0) >= 3 && Databases.Contains(path);
            return (Account, isGuide ? Severity.Low : Severity.Medium, $"The file is {how}. Hardening guides advise it{(isGuide ? " for all account files together, as here" : "")}; malware does it to keep its account or job.");
        }
        if (file.Origin is { IsVendor: true, State: ProvenanceState.VendorIntact })
        {
            return PathTraits.StartsWithAny(path, Places) ? (Persistence, Severity.Low, $"The file is {how}, but its content is what its package brought: somebody wants it to stay so.") : null;
        }
        if (chain.StarterOf(file.Location.Volume, path) is not null)
        {
            return (Target, Severity.High, $"The file is {how} and the host starts it by itself: it is to survive a clean-up.");
        }
        return PathTraits.StartsWithAny(path, Places) || path.Contains("/.ssh/", StringComparison.Ordinal) || path.Contains("/.config/systemd/", StringComparison.Ordinal) || path.Contains("/.config/autostart/", StringComparison.Ordinal) || IsShellStart(file.Location.Name)
            ? (Persistence, Severity.High, $"The file is {how}, so that its content survives a clean-up.") : null;
    }

    private static (RuleInfo, Severity, string)? JudgeDirectory(string path, string how)
    {
        string inside = path + "/";
        if (path.EndsWith("/.ssh", StringComparison.Ordinal) || (PathTraits.StartsWithAny(inside, Places) && !PathTraits.IsTemporary(inside)))
        {
            return (Folder, Severity.High, $"The directory is {how}: nobody can take an entry of it away.");
        }
        return PathTraits.IsTemporary(path) ? (Folder, Severity.Low, $"The directory is {how}. Administrators block the names of malware so; malware protects what is inside.") : null;
    }

    private static bool IsShellStart(string name) => name is ".bashrc" or ".bash_profile" or ".profile" or ".bash_login" or ".bash_logout" or ".zshrc" or ".zshenv" or "authorized_keys" or "authorized_keys2";
}
