using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Programs in directories that hold none on a healthy host: temporary and memory file systems, spools, logs, configuration, headers, hidden directories, upload directories. And programs
/// that nobody starts and no rule knows, but against which several weak signs add up.
/// </summary>
/// <remarks><b>Limitations:</b> triage looks for them in a part of these directories only; in <c>/usr</c>, below <c>/opt</c> and in homes it sees what is started.</remarks>
public sealed class ExecLocationDetector : IDetector
{
    private const int MinimumSigns = 3;

    private static readonly RuleInfo Temporary = new("L-EXECLOC.temporary", "Binary in a directory that anybody may write", "malware", ["T1036.005"]);
    private static readonly RuleInfo Odd = new("L-EXECLOC.odd-directory", "Binary where no distribution puts one", "malware", ["T1036.005"]);
    private static readonly RuleInfo Hidden = new("L-EXECLOC.hidden", "Binary with a hidden path", "evasion", ["T1564.001"]);
    private static readonly RuleInfo Upload = new("L-EXECLOC.upload-directory", "Binary where a web server stores what visitors send", "malware", ["T1505.003"]);
    private static readonly RuleInfo Script = new("L-EXECLOC.hidden-script", "Executable script with a hidden path in a temporary directory", "evasion", ["T1564.001"]);
    private static readonly RuleInfo Weak = new("L-EXECLOC.weak-signs", "Program with several weak signs against it", "malware", ["T1036"]);

    private static readonly string[] OddPlaces =
    [
        "/var/spool/", "/var/mail/", "/var/log/", "/lost+found/", "/etc/", "/usr/include/", "/var/crash/", "/boot/", "/dev/", "/run/", "/var/run/", "/usr/share/man/", "/usr/share/doc/", "/usr/share/locale/", "/usr/share/zoneinfo/", "/usr/share/fonts/", "/usr/share/icons/",
    ];

    private static readonly string[] BuildPlaces =
    [
        "/go-build", "/pip-", "/npm-", "/cargo-install", "/.mount_", "/snap.", "/pytest-", "/ccache", "/rust_", "/hsperfdata_", "/appimage", "/_MEI", "/jna-", "/node-compile-cache", "/bazel", "/.org.chromium.", "/snappy-", "/netty", "/libnetty", "/sqlite-", "/lz4-java", "/zstd-jni", "/liblz4",
        "/libzstd", "/jansi", "/.dotnet", "/clr-debug-pipe", "/vscode-", "/JetBrains", "/remote-install", "/tmp.nix", "/nix-build-", "/yay-", "/makepkg",
    ];

    private static readonly string[] Uploads = ["/uploads/", "/upload/", "/wp-content/cache/", "/images/", "/files/", "/userfiles/", "/attachments/", "/media/"];

    // A directory that a known developer's tool keeps below a hidden one.
    private static readonly string[] ToolCaches = ["/.cache/go-build/", "/.local/share/claude/", "/.cache/", "/.config/", "/.local/"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Temporary, Odd, Hidden, Upload, Script, Weak];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        var known = new TargetKnowledge(evidence);
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            string path = file.Location.Path;
            bool isElf = file.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject;
            if (file.Origin?.IsVendor == true || file.IsOfWindows || ContainerLayer.Inner(path) is not null || !(isElf || file is { Content: ContentKind.Script, IsExecutable: true }))
            {
                continue;
            }
            TargetFile target = known.Gather(file, path);
            if ((isElf ? Judge(target) : JudgeScript(path)) is not (RuleInfo rule, Severity severity))
            {
                if (isElf && (file.Origin is null or { IsAlien: true }) && Sum(target) is { } finding)
                {
                    yield return finding with { Related = [.. chain.StartedBy(file.Location.Volume, path)] };
                }
                continue;
            }
            List<string> traits = isElf ? Traits(target, rule) : [];
            bool isWorse = traits.Count > 0 && severity >= Severity.Medium;
            yield return new Finding(rule, isWorse ? Severity.High : severity, file.Location)
            {
                Message = (isElf ? "An ELF binary" : "A script that may be executed") + " lies where a healthy host has none" + (traits.Count == 0 ? "." : "; " + string.Join(", ", traits) + "."),
                Evidence = path,
                Hashes = file.Hashes,
                Related = [.. chain.StartedBy(file.Location.Volume, path)],
                Remediation = severity <= Severity.Low ? [] : ["Find out who put it there, then:", .. Remediation.RemoveFile(path)],
            };
        }
    }

    /// <summary>Several weak signs make one explained finding, also when nothing starts the program.</summary>
    private static Finding? Sum(TargetFile target)
    {
        TargetSign[] signs = [.. TargetKnowledge.SignsOf(target).Where(sign => sign.Suffix != RightsSigns.Suffix)];
        return (signs.Length >= MinimumSigns && target.IsAlien) || signs.Any(sign => sign.Suffix == "target-miner")
            ? Told(target, signs) : null;
    }

    private static Finding? Told(TargetFile target, TargetSign[] signs) =>
        TargetScore.Of(signs, target.Zone) is { Severity: >= Severity.High } score
            ? new Finding(Weak, score.Severity.Lower(), target.Facts.Location)
            {
                Message = $"No package is known to own this program, and signs speak against it: {score.Why}. It is one level lower than if its start by the host were judged.",
                Evidence = target.Path,
                Hashes = target.Facts.Hashes,
                Remediation = ["Find out who put it there, then:", .. Remediation.RemoveFile(target.Path)],
            } : null;

    private static List<string> Traits(TargetFile target, RuleInfo rule)
    {
        var traits = new List<string>();
        if (target.Elf is { IsPacked: true })
        {
            traits.Add("it is packed");
        }
        if (target.Elf is { HasNoSections: true })
        {
            traits.Add("its section headers are gone");
        }
        if (rule == Temporary && PathTraits.IsHidden(target.Path))
        {
            traits.Add("its path is hidden");
        }
        if (target.Facts.Entry.UserId == 0 && (target.Facts.Entry.Permissions & 0x800) != 0)
        {
            traits.Add("it runs as root for everybody (setuid)");
        }
        if (MasqueradeNames.IsKernelThread(PathTraits.Name(target.Path)))
        {
            traits.Add("it has the name of a kernel thread");
        }
        if (target.IsAlien && target.Elf is { IsStatic: true, IsStripped: true, HasNoSections: false })
        {
            traits.Add("it is linked statically and has no symbols");
        }
        return traits;
    }

    private static (RuleInfo, Severity)? JudgeScript(string path) =>
        PathTraits.IsTemporary(path) && PathTraits.IsHidden(path) && !BuildPlaces.Any(place => path.Contains(place, StringComparison.Ordinal)) ? (Script, Severity.Medium) : null;

    private static (RuleInfo, Severity)? Judge(TargetFile target)
    {
        string path = target.Path;
        if (PathTraits.IsTemporary(path))
        {
            return BuildPlaces.Any(place => path.Contains(place, StringComparison.Ordinal)) ? (Temporary, Severity.Info) : (Temporary, Severity.Medium);
        }
        if (path.StartsWith("/boot/", StringComparison.Ordinal))
        {
            return IsBootProgram(path) ? null : (Odd, Severity.Medium);
        }
        if (path.StartsWith("/run/current-system/", StringComparison.Ordinal) || path.StartsWith("/etc/alternatives/", StringComparison.Ordinal) || path.StartsWith("/var/spool/postfix/", StringComparison.Ordinal))
        {
            return null;
        }
        if (PathTraits.StartsWithAny(path, OddPlaces) || (path.LastIndexOf('/') == 0 && path.Length > 1))
        {
            return (Odd, Severity.Medium);
        }
        if (path.StartsWith("/usr/share/", StringComparison.Ordinal) && target is { IsAlien: true, Elf.IsLibrary: false })
        {
            return (Odd, Severity.Medium);
        }
        if (IsUpload(path))
        {
            return (Upload, target.Elf is { IsLibrary: true } ? Severity.Low : Severity.High);
        }
        if (!PathTraits.IsHidden(path))
        {
            return null;
        }
        // Homes are full of hidden tool directories that nobody can list; elsewhere a hidden binary is odd.
        bool isHome = path.StartsWith("/home/", StringComparison.Ordinal) || path.StartsWith("/root/", StringComparison.Ordinal) || path.StartsWith("/opt/", StringComparison.Ordinal)
            || path.StartsWith("/srv/", StringComparison.Ordinal) || path.StartsWith("/usr/share/", StringComparison.Ordinal) || path.StartsWith("/var/lib/", StringComparison.Ordinal) || path.StartsWith("/snap/", StringComparison.Ordinal);
        return isHome && (!PathTraits.Name(path).StartsWith('.') || ToolCaches.Any(path.Contains)) ? (Hidden, Severity.Info) : (Hidden, Severity.Medium);
    }

    private static bool IsUpload(string path) =>
        PathTraits.IsWebRoot(path) && Uploads.Any(place => path.Contains(place, StringComparison.OrdinalIgnoreCase))
        && !path.Contains("/node_modules/", StringComparison.Ordinal) && !path.Contains("/vendor/", StringComparison.Ordinal) && !path.Contains("site-packages", StringComparison.Ordinal);

    private static bool IsBootProgram(string path)
    {
        string name = PathTraits.Name(path);
        return name.StartsWith("vmlinu", StringComparison.Ordinal) || name.StartsWith("xen", StringComparison.Ordinal) || name.StartsWith("memtest", StringComparison.Ordinal)
            || name.StartsWith("tboot", StringComparison.Ordinal) || path.Contains("/grub", StringComparison.Ordinal) || name.EndsWith(".c32", StringComparison.Ordinal) || path.Contains("/dtb", StringComparison.Ordinal);
    }
}
