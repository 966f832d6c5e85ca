using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>ELF programs in directories that hold none on a healthy host: temporary and memory file systems, spools, logs, configuration, headers, hidden directories.</summary>
public sealed class ExecLocationDetector : IDetector
{
    private static readonly RuleInfo Temporary = new("L-EXECLOC.temporary", "Binary in a directory that anybody may write", "malware", ["T1036.005"]);
    private static readonly RuleInfo Odd = new("L-EXECLOC.odd-directory", "Binary where no distribution puts one", "malware", ["T1036.005"]);
    private static readonly RuleInfo Hidden = new("L-EXECLOC.hidden", "Binary with a hidden path", "evasion", ["T1564.001"]);

    private static readonly string[] OddPlaces = ["/var/spool/", "/var/mail/", "/var/log/", "/lost+found/", "/etc/", "/usr/include/", "/var/crash/", "/boot/", "/dev/", "/run/"];
    private static readonly string[] BuildPlaces = ["/go-build", "/pip-", "/npm-", "/cargo-install", "/.mount_", "/snap.", "/pytest-", "/ccache", "/rust_", "/hsperfdata_", "/appimage", "/_MEI", "/jna-", "/node-compile-cache", "/bazel"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Temporary, Odd, Hidden];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = new StartChain(evidence);
        ILookup<(string, string), ExecutableFacts> executables = evidence.OfType<ExecutableFacts>().ToLookup(facts => (facts.Location.Volume, facts.Location.Path));
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            string path = file.Location.Path;
            if (file.Content is not (ContentKind.ElfExecutable or ContentKind.ElfSharedObject) || Judge(path) is not (RuleInfo rule, Severity severity))
            {
                continue;
            }
            ExecutableFacts? elf = executables[(file.Location.Volume, path)].FirstOrDefault();
            var traits = new List<string>();
            if (elf is { IsPacked: true })
            {
                traits.Add("it is packed");
            }
            if (elf is { HasNoSections: true })
            {
                traits.Add("its section headers are gone");
            }
            if (rule == Temporary && PathTraits.IsHidden(path))
            {
                traits.Add("its path is hidden");
            }
            if (file.Entry.UserId == 0 && (file.Entry.Permissions & 0x800) != 0)
            {
                traits.Add("it runs as root for everybody (setuid)");
            }
            bool isWorse = traits.Count > 0 && severity >= Severity.Medium;
            yield return new Finding(rule, isWorse ? Severity.High : severity, file.Location)
            {
                Message = "An ELF binary lies where a healthy host has none" + (traits.Count == 0 ? "." : "; " + string.Join(", ", traits) + "."),
                Evidence = path,
                Hashes = file.Hashes,
                Related = [.. chain.StartedBy(file.Location.Volume, path)],
                Remediation = ["Find out who put it there, then:", .. Remediation.RemoveFile(path)],
            };
        }
    }

    private static (RuleInfo, Severity)? Judge(string path)
    {
        if (PathTraits.IsTemporary(path))
        {
            return BuildPlaces.Any(place => path.Contains(place, StringComparison.Ordinal)) ? (Temporary, Severity.Info) : (Temporary, Severity.Medium);
        }
        if (path.StartsWith("/boot/", StringComparison.Ordinal))
        {
            string name = PathTraits.Name(path);
            bool isBoot = name.StartsWith("vmlinux", StringComparison.Ordinal) || name.StartsWith("xen", StringComparison.Ordinal) || name.StartsWith("memtest", StringComparison.Ordinal)
                || name.StartsWith("tboot", StringComparison.Ordinal) || path.Contains("/grub", StringComparison.Ordinal) || name.StartsWith("vmlinuz", StringComparison.Ordinal) || name.EndsWith(".c32", StringComparison.Ordinal) || path.Contains("/dtb", StringComparison.Ordinal);
            return isBoot ? null : (Odd, Severity.Medium);
        }
        if (path.StartsWith("/run/current-system/", StringComparison.Ordinal) || path.StartsWith("/etc/alternatives/", StringComparison.Ordinal))
        {
            return null;
        }
        if (PathTraits.StartsWithAny(path, OddPlaces))
        {
            return (Odd, Severity.Medium);
        }
        if (!PathTraits.IsHidden(path))
        {
            return null;
        }
        // Homes are full of hidden tool directories that nobody can list; elsewhere a hidden binary is odd.
        bool isHome = path.StartsWith("/home/", StringComparison.Ordinal) || path.StartsWith("/root/", StringComparison.Ordinal) || path.StartsWith("/opt/", StringComparison.Ordinal)
            || path.StartsWith("/srv/", StringComparison.Ordinal) || path.StartsWith("/usr/share/", StringComparison.Ordinal) || path.StartsWith("/var/lib/", StringComparison.Ordinal) || path.StartsWith("/snap/", StringComparison.Ordinal);
        return isHome && !PathTraits.Name(path).StartsWith('.') ? (Hidden, Severity.Info) : (Hidden, Severity.Medium);
    }
}
