using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Says in words who contradicts a file, and what else could explain it.</summary>
internal static class Tampering
{
    /// <summary>Where distributions install and administrators do not.</summary>
    private static readonly string[] s_places = ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/lib/", "/usr/lib32/", "/usr/lib64/", "/usr/libx32/", "/lib/", "/lib32/", "/lib64/", "/libx32/", "/usr/libexec/", "/usr/share/"];

    /// <summary>A file of the live system in a place that belongs to packages.</summary>
    public static bool IsInSystem(FileFacts file) => file.Location is { ShadowedBy: null, Allocation: Allocation.Allocated } && PathTraits.StartsWithAny(file.Location.Path, s_places);

    /// <summary>A program, a library or a script.</summary>
    public static bool IsCode(FileFacts file) => file.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject or ContentKind.ElfOther or ContentKind.Script;

    /// <summary>Why a modified file is thought to be so; who says it is named, since the database lies on the examined disk.</summary>
    public static string Because(FileOrigin origin)
    {
        if (origin.IsConfirmed == false)
        {
            string database = origin.State switch
            {
                ProvenanceState.VendorIntact => ", although the package database on this disk calls it as shipped by " + origin.Package
                    + ": either the database was changed to fit, or the package was rebuilt under the same version",
                ProvenanceState.VendorModified => ", and the package database on this disk says that " + origin.Package + " shipped another, too",
                ProvenanceState.Alien => ", and no package owns it",
                _ => "",
            };
            return "the trusted manifest names another content for this path" + database;
        }
        return "the package database on this disk says that " + origin.Package + " shipped " + ((origin.Differences & FileDifferences.Kind) != 0 ? "another kind of file" : "another content");
    }
}
