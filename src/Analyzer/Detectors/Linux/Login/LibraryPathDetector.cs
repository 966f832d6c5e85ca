using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Directories and cache entries from which the loader takes libraries: odd places, and libraries there that take the place of the system's own.</summary>
/// <remarks><b>Limitations:</b> only libraries that nearly every program needs are looked for in an added directory.</remarks>
public sealed class LibraryPathDetector : IDetector
{
    private static readonly RuleInfo Odd = LoginPlaces.LibraryPath.Rule("odd-directory", "The loader looks for libraries in an odd directory", "evasion", "T1574");
    private static readonly RuleInfo Shadow = LoginPlaces.LibraryPath.Rule("shadowed-library", "A library takes the place of one of the system", "evasion", "T1574");
    private static readonly RuleInfo Cached = LoginPlaces.LibraryPath.Rule("cached-library", "The loader's cache leads to a library in an odd place", "evasion", "T1574");

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Odd, Shadow, Cached];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var judge = new LibraryJudge(evidence, source => source is LibraryDirectory or LibraryCache);
        foreach (LibraryDirectory directory in evidence.OfType<LibraryDirectory>())
        {
            string path = directory.Directory.TrimEnd('/');
            string[] present = [.. judge.Present(directory).Select(EvidenceQueries.PathOf)];
            if (PathTraits.IsTemporary(path + "/") || PathTraits.IsHidden(path + "/") || PathTraits.StartsWithAny(path + "/", ["/home/", "/root/", "/var/www/", "/var/log/", "/etc/", "/var/cache/", "/var/spool/", "/boot/"]))
            {
                bool isHome = PathTraits.StartsWithAny(path + "/", ["/home/", "/root/"]) && !PathTraits.IsHidden(path + "/");
                yield return LoginFinding.Of(Odd, isHome && present.Length == 0 ? Severity.Low : Severity.High, directory, $"Every program looks for libraries in {path}.", directory.Directory, directory.DormantBecause, null, present);
                continue;
            }
            if (judge.Present(directory).Select(file => Shadowing(file, judge)).FirstOrDefault(verdict => verdict is not null) is { } found && !IsDefault(path))
            {
                yield return LoginFinding.Of(Shadow, found.Severity, directory, $"{found.Path} takes the place of the system's library of that name in every program: {found.Why}.", directory.Directory, directory.DormantBecause, found.Hashes, present, Remediation.RemoveFile(found.Path));
            }
        }
        foreach (LibraryCache cache in evidence.OfType<LibraryCache>())
        {
            foreach (StartedFile file in judge.FilesOf(cache))
            {
                if (PathTraits.IsTemporary(file.Requested) || PathTraits.IsHidden(file.Requested))
                {
                    yield return LoginFinding.Of(Cached, Severity.High, cache, $"The loader takes {PathTraits.Name(file.Requested)} from {file.Requested}" + (file.Resolved is null ? ", which is gone." : "."), file.Requested, null, file.Resolved is null ? null : judge.Facts(file)?.Hashes, [file.Requested],
                        file.Resolved is null ? [] : Remediation.RemoveFile(file.Requested));
                }
                else if (file.Resolved is not null && Shadowing(file, judge) is { } verdict)
                {
                    yield return LoginFinding.Of(Shadow, verdict.Severity, cache, $"The loader takes {PathTraits.Name(file.Requested)} from {verdict.Path} in every program: {verdict.Why}.", file.Requested, null, verdict.Hashes, [verdict.Path], Remediation.RemoveFile(verdict.Path));
                }
            }
        }
    }

    /// <summary>Speaks against an essential library outside the products' directories; null when nothing does.</summary>
    private static LibraryVerdict? Shadowing(StartedFile file, LibraryJudge judge)
    {
        string name = PathTraits.Name(file.Requested);
        bool isCore = name.StartsWith("libc.so", StringComparison.Ordinal) || name.StartsWith("libpam", StringComparison.Ordinal) || name.StartsWith("libcrypt.so", StringComparison.Ordinal) || name.StartsWith("libpthread", StringComparison.Ordinal) || name.StartsWith("libdl", StringComparison.Ordinal)
            || name.StartsWith("libnss", StringComparison.Ordinal) || name.StartsWith("libselinux", StringComparison.Ordinal) || name.StartsWith("libaudit", StringComparison.Ordinal) || name.StartsWith("libsystemd", StringComparison.Ordinal) || name.StartsWith("libproc", StringComparison.Ordinal);
        // Products bring their own OpenSSL, zlib and C++ runtime, as administrators do in /usr/local; nobody brings an own libc or libpam.
        bool isProduct = PathTraits.StartsWithAny(file.Requested, ["/opt/", "/usr/local/", "/snap/"]);
        return isProduct && !isCore ? null : judge.Judge(file, trustsNames: false);
    }

    private static bool IsDefault(string path) => path is "/lib" or "/usr/lib" or "/lib64" or "/usr/lib64" || path.EndsWith("-linux-gnu", StringComparison.Ordinal) && !path.StartsWith("/usr/local/", StringComparison.Ordinal);
}
