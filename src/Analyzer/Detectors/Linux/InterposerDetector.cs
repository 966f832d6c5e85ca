using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Shared objects built like preload rootkits: they define names that belong to libc (directory reading, opening, stat ...) and import <c>dlsym</c> to reach the real ones.
/// Not named in <c>ld.so.preload</c>: high, low in the library directories of the distribution; those that are named there, <see cref="PreloadDetector"/> reports.
/// </summary>
/// <remarks><b>Limitations:</b> tools that interpose honestly are told by name and place only, until the package database says who owns them.</remarks>
public sealed class InterposerDetector : IDetector
{
    private static readonly RuleInfo Interposer = new("L-LDPRELOAD.interposing-library", "Library takes the place of libc functions", "evasion", ["T1574.006", "T1014"]);

    private static readonly string[] KnownPrefixes =
    [
        "libjemalloc", "libtcmalloc", "libmimalloc", "libfakeroot", "libsnoopy", "libfaketime", "libstdbuf", "vgpreload_", "liboneagent", "libeatmydata", "libarmmem", "libsyringe",
        "libnss_wrapper", "libsocket_wrapper", "libuid_wrapper", "libpam_wrapper", "libresolv_wrapper", "libpriv_wrapper", "libproxychains", "libtsocks", "libtorsocks", "libgtk3-nocsd",
        "libasan", "libtsan", "libubsan", "liblsan", "libhwasan", "libclang_rt", "libpulsedsp", "libv4l", "v4l1compat", "v4l2convert", "libc.so", "libc-", "libpthread", "ld-musl", "libc.musl",
        "libdl", "librt", "libsandbox", "libfakechroot", "libcowdancer", "libinotifytools", "libhugetlbfs", "libumockdev-preload", "libdazzle", "libdatadog", "libauthbind", "libcwrap", "libaoss", "libmemusage", "libpcprofile", "libSegFault", "libmemleak", "libvmtools", "libesmtp", "libgvfs",
    ];

    // What rootkits hide with; the exec family and connect are also taken by loggers and proxies.
    private static readonly HashSet<string> NotHiding = new(StringComparer.Ordinal)
    {
        "execve", "execv", "execvp", "execvpe", "execl", "execle", "execlp", "connect", "socket", "bind", "listen", "time", "gettimeofday", "malloc", "free", "calloc", "realloc", "fsync", "fdatasync", "sync", "msync", "dlopen", "dlsym",
    };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Interposer];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        HashSet<(string, string)> preloaded = [.. evidence.Links.Where(link => link.Source is PreloadedLibrary { IsActive: true }).SelectMany(link => link.Files)
            .Where(file => file.Resolved is not null).Select(file => (file.Resolved!.Volume, file.Resolved.Path))];
        var chain = StartChain.Of(evidence);
        foreach (ExecutableFacts elf in evidence.OfType<ExecutableFacts>())
        {
            string path = elf.Location.Path;
            string[] hiding = HidingNames(elf);
            if (hiding.Length < 2 || preloaded.Contains((elf.Location.Volume, path)))
            {
                continue;
            }
            bool isKnown = PathTraits.IsLibraryPlace(path) && IsKnownProduct(elf.Location.Name);
            if (isKnown)
            {
                continue;
            }
            // Distributions ship a few honest ones (profilers, libpam for its own names); until the package database speaks, where they lie decides.
            bool isVendorPlace = PathTraits.IsLibraryPlace(path) && !path.StartsWith("/usr/local/", StringComparison.Ordinal) && !path.StartsWith("/opt/", StringComparison.Ordinal);
            yield return new Finding(Interposer, isVendorPlace ? Severity.Low : Severity.High, elf.Location)
            {
                Message = $"The library defines {string.Join(", ", hiding.Take(8))}, which belong to libc, and looks up the real ones with dlsym: the build of a rootkit that hides files and processes. Nothing preloads it at present.",
                Evidence = Clip.Evidence(string.Join(", ", elf.InterposedNames)),
                Hashes = evidence.HashesOf(elf.Location),
                Related = [.. chain.StartedBy(elf.Location.Volume, path)],
                Remediation = Remediation.RemoveFile(path),
            };
        }
    }

    /// <summary>Names of libc that the library takes and that serve to hide things; empty when it is not built like an interposer.</summary>
    internal static string[] HidingNames(ExecutableFacts elf) =>
        elf is { IsLibrary: true, ImportsDlsym: true } ? [.. elf.InterposedNames.Where(name => !NotHiding.Contains(name))] : [];

    /// <summary>Libraries that interpose for honest reasons, by file name.</summary>
    internal static bool IsKnownProduct(string name) => PathTraits.StartsWithAny(name, KnownPrefixes);
}
