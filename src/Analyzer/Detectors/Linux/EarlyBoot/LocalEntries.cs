using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>How a setting and what it leads to stand towards the packages of the host.</summary>
internal static class LocalEntries
{
    /// <summary>Directories in which a distribution's packages install and administrators do not.</summary>
    private static readonly string[] s_packageDirectories = ["/bin/", "/sbin/", "/lib/", "/lib64/", "/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/lib64/", "/usr/libexec/", "/usr/share/"];

    /// <summary>A package brought the file of the setting, and it is as shipped.</summary>
    public static bool IsOfPackage(this EvidenceIndex evidence, Artifact setting) => evidence.File(setting.Location)?.Origin is { IsVendor: true };

    /// <summary>Nobody's package explains the file; false when that is not known.</summary>
    public static bool IsAlien(this EvidenceIndex evidence, StartedFile file) => evidence.File(file.Resolved) is { Origin: { IsVendor: false } origin } && (origin.IsAlien || origin.IsModified);

    /// <summary>Where only packages install.</summary>
    public static bool IsPackageDirectory(string path) => PathTraits.StartsWithAny(path, s_packageDirectories) && !path.StartsWith("/usr/local/", StringComparison.Ordinal);

    /// <summary>Hidden, or where anybody may write.</summary>
    public static bool IsOddPlace(string path) => PathTraits.IsHidden(path) || PathTraits.IsTemporary(path);

    /// <summary>The sentence for a setting that is not in force; empty for one that is.</summary>
    public static string Tail(string? dormant) => dormant is null ? "" : $" It is not in force: {dormant}; one level lower.";
}
