using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Programs and scripts named like kernel threads or almost like system programs. Empty vaccine files that administrators plant are told apart.</summary>
public sealed class MasqueradeDetector : IDetector
{
    private static readonly RuleInfo Kernel = new("L-MASQ.kernel-thread-name", "Program named like a kernel thread", "evasion", ["T1036.004"]);
    private static readonly RuleInfo Near = new("L-MASQ.near-system-name", "Program with an imitated system name", "evasion", ["T1036.005"]);
    private static readonly RuleInfo Misplaced = new("L-MASQ.system-name-elsewhere", "System program's name in an odd place", "evasion", ["T1036.005"]);
    private static readonly RuleInfo Vaccine = new("L-MASQ.vaccine", "Empty locked file with the name of malware", "evasion", ["T1036.004"]);

    private static readonly string[] Documentation = ["/usr/share/", "/usr/src/", "/usr/include/", "/proc/", "/sys/", "/lib/modules/", "/usr/lib/modules/", "/var/lib/docker/", "/var/lib/containerd/", "/snap/"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Kernel, Near, Misplaced, Vaccine];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            string name = file.Location.Name;
            string path = file.Location.Path;
            if (file.Entry.Type != FileType.Regular || file.IsOfWindows || file.Origin?.IsVendor == true || PathTraits.StartsWithAny(path, Documentation))
            {
                continue;
            }
            if (IsVaccine(file, name, path))
            {
                yield return new Finding(Vaccine, Severity.Info, file.Location)
                {
                    Message = "An empty, locked file occupies the path of known malware. Administrators plant such files as a vaccine; miners do the same to their rivals.",
                    Evidence = path,
                };
                continue;
            }
            bool isElf = file.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject;
            bool isProgram = isElf || (file.Content == ContentKind.Script && file.IsExecutable);
            if (!isProgram)
            {
                continue;
            }
            (RuleInfo Rule, Severity Severity, string Why)? verdict =
                MasqueradeNames.IsKernelThread(name) ? (Kernel, Severity.High, "Kernel threads have no file, so a program of this name wants to be overlooked in a process list.")
                : MasqueradeNames.IsNearName(name) ? (Near, Severity.High, "The name imitates a system program; known malware uses it.")
                : isElf && MasqueradeNames.IsSystemName(name) && (PathTraits.IsTemporary(path) || PathTraits.IsHidden(path)) ? (Misplaced, Severity.High, "A binary has the name of a system program but lies in a temporary or hidden place.")
                : isElf && file.Origin?.IsAlien == true && TargetZones.Of(path) is not TargetZone.Local && MasqueradeNames.OneLetterFrom(name) is string daemon ? (Near, Severity.High, $"The name is that of {daemon} but for one letter, and no package owns the program.")
                : null;
            if (verdict is ({ } rule, Severity severity, string why))
            {
                yield return new Finding(rule, severity, file.Location)
                {
                    Message = why,
                    Evidence = path,
                    Hashes = file.Hashes,
                    Related = [.. chain.StartedBy(file.Location.Volume, path)],
                    Remediation = Remediation.RemoveFile(path),
                };
            }
        }
    }

    private static bool IsVaccine(FileFacts file, string name, string path) =>
        VaccineFile.Is(file) && (MasqueradeNames.IsKernelThread(name) || MasqueradeNames.IsNearName(name) || PathTraits.IsTemporary(path));
}

/// <summary>The shape of a vaccine: nothing in it, and locked or without any permission.</summary>
internal static class VaccineFile
{
    public static bool Is(FileFacts file) =>
        file.Entry.Type == FileType.Regular && file.Entry.Size <= 1 && file.Content is not (ContentKind.ElfExecutable or ContentKind.ElfSharedObject)
        && (((file.Entry.Flags ?? 0) & InodeFlags.Immutable) != 0 || file.Entry.Permissions == 0);
}
