using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Mounts of <c>fstab</c> that hide something: over a process in <c>/proc</c>, over programs or files that decide who gets in, of a hidden image or directory.</summary>
/// <remarks><b>Limitations:</b> mount units are systemd's, and what a script mounts is its own.</remarks>
public sealed class MountDetector : IDetector
{
    private static readonly RuleInfo Process = new("L-FSTAB.covers-process", "A mount covers a process in /proc", "evasion", ["T1564"]);
    private static readonly RuleInfo Covers = new("L-FSTAB.covers-system-files", "A mount covers programs or settings of the system", "evasion", ["T1564", "T1574"]);
    private static readonly RuleInfo Source = new("L-FSTAB.hidden-source", "A hidden file or directory is mounted", "evasion", ["T1564.001"]);
    private static readonly RuleInfo HidePid = new("L-FSTAB.hidepid", "Users do not see the processes of others", "evasion", ["T1564"]);

    private static readonly string[] s_programDirectories = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/lib", "/usr/lib", "/lib64", "/usr/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/security", "/usr/lib64/security"];
    private static readonly string[] s_settings = ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/sudoers", "/etc/sudoers.d", "/etc/ld.so.preload", "/etc/crontab", "/etc/cron.d", "/var/spool/cron", "/etc/systemd/system", "/etc/pam.d", "/etc/ssh", "/root/.ssh"];
    private static readonly string[] s_knownHidden = ["/.snapshots", "/.swapvol", "/.swap", "/.btrfs", "/.host"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Process, Covers, Source, HidePid];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        foreach (FstabEntry entry in evidence.OfType<FstabEntry>())
        {
            if (Judge(entry) is not var (rule, severity, why))
            {
                continue;
            }
            string? dormant = chain.DormantBecause(entry, null);
            yield return new Finding(rule, dormant is null ? severity : severity.Lower(), entry.Location)
            {
                Message = why + LocalEntries.Tail(dormant),
                Evidence = Clip.Evidence($"{entry.Source} {entry.MountPoint} {entry.FileSystemType} {string.Join(',', entry.Options)}"),
                Remediation = severity <= Severity.Low ? [] : [.. Place.CleanUp(entry, entry.Location.Line), "umount -l " + Word(entry.MountPoint)],
            };
        }
    }

    private static (RuleInfo Rule, Severity Severity, string Why)? Judge(FstabEntry entry)
    {
        string point = entry.MountPoint.TrimEnd('/');
        string[] parts = point.Split('/');
        if (parts is ["", "proc", { Length: > 0 } number, ..] && number.All(char.IsAsciiDigit))
        {
            return (Process, Severity.High, $"{entry.Source} is mounted over {point}: ps and top then do not see the process.");
        }
        string[] directories = [.. entry.Options.Where(option => option.StartsWith("lowerdir=", StringComparison.Ordinal) || option.StartsWith("upperdir=", StringComparison.Ordinal)).SelectMany(option => option[9..].Split(':'))];
        string? odd = directories.Append(entry.Source).FirstOrDefault(IsOdd);
        bool isFile = entry.Medium is MountMedium.Bind or MountMedium.ImageFile or MountMedium.Overlay;
        string parent = point.LastIndexOf('/') is > 0 and int slash ? point[..slash] : "";
        bool isProgram = s_programDirectories.Contains(parent) && !s_programDirectories.Contains(point) && (parent.EndsWith("bin", StringComparison.Ordinal) || point.Contains(".so", StringComparison.Ordinal));
        if (isFile && (isProgram || s_settings.Contains(point)))
        {
            return (Covers, Severity.High, $"{entry.Source} is mounted over {point}: the host uses that instead, and the file below looks untouched.");
        }
        if ((isFile || entry.Medium == MountMedium.Virtual) && s_programDirectories.Contains(point))
        {
            return (Covers, odd is not null ? Severity.High : Severity.Medium, $"Something is mounted over {point}: the host starts other programs than the ones on the disk.");
        }
        if (odd is not null && entry.Medium != MountMedium.Swap)
        {
            return (Source, Severity.Medium, $"{odd}, which is hidden or lies where anybody may write, is mounted at {point}.");
        }
        return entry.FileSystemType == "proc" && entry.Options.Any(option => option is "hidepid=2" or "hidepid=invisible")
            ? (HidePid, Severity.Info, "Processes are hidden from other users (hidepid=2), as hardening guides advise.") : null;
    }

    private static bool IsOdd(string path) => path.StartsWith('/') && LocalEntries.IsOddPlace(path) && !PathTraits.StartsWithAny(path, s_knownHidden) && !path.StartsWith("/dev/", StringComparison.Ordinal);

    private static string Word(string path) => ShellQuote.TryPath(path, out string word) ? word : "the mount point";
}
