using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// OpenSSH and the libraries through which it was trojaned: content that is not the package's, libraries of their names that nobody owns, texts in the server that name hidden files or
/// logs, and the backdoored releases of xz.
/// </summary>
/// <remarks><b>Limitations:</b> OpenSSH built from source under <c>/usr/local</c> is the administrator's; a server that keeps its names encrypted shows no texts.</remarks>
public sealed class SshBinaryDetector : IDetector
{
    private static readonly RuleInfo Replaced = new("L-SSH-BIN.replaced", "Program or library of OpenSSH is not the one its package shipped", "access", ["T1554", "T1556"]);
    private static readonly RuleInfo Library = new("L-SSH-BIN.foreign-library", "Library that OpenSSH loads belongs to no package", "access", ["T1554", "T1574"]);
    private static readonly RuleInfo Texts = new("L-SSH-BIN.hidden-file-in-server", "SSH server names a hidden file or a log of its own", "access", ["T1554", "T1056"]);
    private static readonly RuleInfo Xz = new("L-SSH-BIN.xz-backdoor", "Backdoored release of xz", "access", ["T1195.002", "T1554"]);

    // What stock servers and clients name in these places.
    private static readonly string[] s_ordinary =
    [
        "/var/log/lastlog", "/var/log/wtmp", "/var/log/btmp", "/var/log/utmp", "/var/log/wtmpx", "/var/log/btmpx", "/var/log/faillog", "/dev/null", "/dev/tty", "/dev/log", "/dev/ptmx", "/dev/urandom", "/dev/random",
        "/dev/console", "/dev/zero", "/dev/crypto", "/dev/fd", "/dev/std", "/dev/pts/", "/dev/net/tun", "/dev/tun", "/dev/srandom", "/dev/egd-pool", "/dev/pty", "/dev/ttyp", "/dev/%s", "/dev/", "/tmp/.X11-unix", "/dev/hwrng", "/dev/udp", "/dev/tcp", "/usr/lib/debug/",
    ];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Replaced, Library, Texts, Xz];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        if (evidence.IsOfDeleted)
        {
            yield break;
        }
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (FileFacts file in evidence.OfType<FileFacts>().Where(file => Tampering.IsInSystem(file) && VitalFiles.KindOf(file.Location.Path) == VitalKind.OpenSsh))
        {
            if (file.Location.Name.StartsWith("liblzma.so.5.6.", StringComparison.Ordinal) && file.Entry.Type == FileType.Regular && file.Location.Name is "liblzma.so.5.6.0" or "liblzma.so.5.6.1" && !IsRepaired(PackageOf(file, evidence)))
            {
                named.Add(evidence.TreeOf(file.Location.Volume));
                yield return Build(Xz, Severity.High, file, "The releases 5.6.0 and 5.6.1 of xz hold a backdoor (CVE-2024-3094) that opens sshd where it is linked with this library.");
                continue;
            }
            if (file.Origin is not { } origin)
            {
                continue;
            }
            if (origin.IsModified && (Tampering.IsCode(file) || (origin.Differences & FileDifferences.Kind) != 0))
            {
                yield return Build(Replaced, Severity.Critical, file, char.ToUpperInvariant(Tampering.Because(origin)[0]) + Tampering.Because(origin)[1..] + ". Trojaned ones keep passwords and admit their makers.");
            }
            else if (origin.IsAlien && file.Entry.Type == FileType.Regular && Tampering.IsCode(file) && file.Location.Name.StartsWith("lib", StringComparison.Ordinal))
            {
                yield return Build(Library, Severity.High, file, "No package owns this library, and sshd loads what has its name: Ebury hides in one called libkeyutils, another backdoor in liblzma.");
            }
        }
        foreach (SystemProgram program in evidence.OfType<SystemProgram>().Where(program => !program.IsLoader && program.Location.Allocation == Allocation.Allocated))
        {
            string[] odd = [.. program.Paths.Where(IsOdd)];
            if (odd.Length > 0)
            {
                FileOrigin? origin = evidence.File(program.Location)?.Origin;
                yield return new Finding(Texts, origin?.IsVendor == true ? Severity.High : Severity.Critical, program.Location)
                {
                    Message = "The program names files that no OpenSSH uses: " + string.Join(", ", odd.Take(4)) + ". Trojaned ones keep passwords in such files."
                        + (origin?.IsVendor == true ? " The package database on this disk calls it as shipped, which an intruder can have arranged." : ""),
                    Evidence = Clip.Evidence(string.Join(' ', odd.Take(16))), Hashes = evidence.HashesOf(program.Location),
                    Remediation = Reinstallation.Of(program.Location.Path, origin?.Manager, origin?.Package),
                };
            }
        }
        foreach (Finding finding in Releases(evidence, named))
        {
            yield return finding;
        }
    }

    private static IEnumerable<Finding> Releases(EvidenceIndex evidence, HashSet<string> named)
    {
        foreach ((string host, PackageIndex packages) in evidence.Packages.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Package? bad = packages.Packages.FirstOrDefault(package => package.State == PackageState.Installed && package.Name is "liblzma5" or "xz-libs" or "xz-utils" or "xz" && IsBadRelease(package));
            if (bad is not null && !named.Contains(host) && evidence.Artifacts.FirstOrDefault(artifact => evidence.TreeOf(artifact.Location.Volume) == host) is { } any)
            {
                yield return new Finding(Xz, Severity.High, any.Location with { Path = bad.Database, MetadataAddress = 0, Line = null, ByteOffset = null })
                {
                    Message = "The package " + bad + " is of a release of xz with a backdoor (CVE-2024-3094) that opens sshd where it is linked with its library.", Evidence = Clip.Evidence(bad.ToString()),
                    Remediation = ["Replace the package by a later or an earlier release, and treat the host as entered when sshd was reachable"],
                };
            }
        }
    }

    private static Package? PackageOf(FileFacts file, EvidenceIndex evidence) => evidence.PackagesOf(file.Location.Volume).TryFind(file.Location.Path, out PackageFile owned) ? owned.Package : null;

    private static bool IsRepaired(Package? package) => package is not null && !IsBadRelease(package);

    /// <summary>5.6.0 and 5.6.1 as they came, without the builds by which distributions took the backdoor out.</summary>
    private static bool IsBadRelease(Package package)
    {
        string version = package.Version[(package.Version.IndexOf(':', StringComparison.Ordinal) + 1)..];
        bool isOfRelease = version is "5.6.0" or "5.6.1" || version.StartsWith("5.6.0-", StringComparison.Ordinal) || version.StartsWith("5.6.1-", StringComparison.Ordinal);
        // Arch rebuilt from the repository's sources in 5.6.1-2, Alpine in 5.6.1-r2.
        bool isRebuilt = package.Manager is "pacman" or "apk" && version is not ("5.6.0-1" or "5.6.1-1" or "5.6.0-r0" or "5.6.0-r1" or "5.6.1-r0" or "5.6.1-r1");
        return isOfRelease && !isRebuilt;
    }

    private static bool IsOdd(string path)
    {
        bool isOdd = path.Contains("/.", StringComparison.Ordinal) && !path.Contains("/./", StringComparison.Ordinal) && !path.Contains("/..", StringComparison.Ordinal) && !path.Contains("/.ssh", StringComparison.Ordinal) && !path.StartsWith("/.", StringComparison.Ordinal)
            || PathTraits.StartsWithAny(path, ["/var/log/", "/usr/include/", "/dev/", "/var/tmp/", "/usr/share/man/", "/usr/games/"]);
        // A name alone ("/.k5login", "/.rhosts") is put behind a home directory.
        return isOdd && !PathTraits.StartsWithAny(path, s_ordinary);
    }

    private static Finding Build(RuleInfo rule, Severity severity, FileFacts file, string message) => new(rule, severity, file.Location)
    {
        Message = message, Evidence = Clip.Evidence(file.Location.Path + (file.Origin is { } origin ? " " + origin.Word : "")), Hashes = file.Hashes,
        Remediation = Reinstallation.Of(file.Location.Path, file.Origin?.Manager, file.Origin?.Package),
    };
}
