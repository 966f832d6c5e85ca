using Forensics.Analyzer.Evidence;

namespace Forensics.Analyzer.Detectors;

/// <summary>Where a file comes from and where it lies. Where no package database says anything, being unowned counts for nothing.</summary>
internal static class OriginSigns
{
    private const long Year = 365 * 86_400L;
    private const long Month = 30 * 86_400L;

    public static IEnumerable<TargetSign> Of(TargetFile file)
    {
        if (file.Facts.Origin is { IsModified: true } origin && (file.IsElf || file.IsScript))
        {
            // Scripts are edited by administrators, and what lies in /opt may have updated itself.
            int weight = file.IsElf && file.Zone != TargetZone.Local ? 70 : 40;
            yield return new("target-modified-program", weight, origin.IsConfirmed == false ? "the trusted manifest knows another content" : $"it differs from what its package {origin.Package} brought");
        }
        if (file.IsElf)
        {
            foreach (TargetSign sign in Place(file).Concat(Age(file)))
            {
                yield return sign;
            }
        }
        else if (file is { IsScript: true, IsAlien: true, Zone: TargetZone.Distribution })
        {
            yield return new("target-alien-script", 20, "it is a script in a directory of the distribution, and no package owns it");
        }
    }

    private static IEnumerable<TargetSign> Place(TargetFile file)
    {
        bool isHidden = PathTraits.IsHidden(file.Path) || PathTraits.IsHidden(file.Requested);
        bool isTemporary = file.Zone == TargetZone.Temporary || PathTraits.IsTemporary(file.Requested);
        if (isTemporary)
        {
            yield return new("target-temporary-binary", 60, "it is a binary in a directory that anybody may write");
        }
        else if (file.Zone == TargetZone.Odd && !file.IsVendor && !IsBootProgram(file.Path))
        {
            yield return new("target-odd-place", 60, "it is a binary where no distribution puts one" + (file.IsAlien ? ", and no package owns it" : ""));
        }
        else if (file is { Zone: TargetZone.Distribution, IsAlien: true })
        {
            yield return new("target-alien-program", 40, "it is a binary in a directory of the distribution, and no package owns it");
        }
        if (isHidden)
        {
            yield return new("target-hidden-binary", isTemporary ? 40 : file.IsVendor ? 20 : 60, isTemporary ? "its path is hidden" : "it is a binary with a hidden path");
        }
    }

    private static IEnumerable<TargetSign> Age(TargetFile file)
    {
        // Unpacking an archive keeps the old date too; that says something only where packages unpack.
        if (!file.IsAlien || file.Zone == TargetZone.Local || file.Facts.Entry is not { Created: { } created, Modified: { } modified })
        {
            yield break;
        }
        if (created.Seconds - modified.Seconds > Year)
        {
            yield return new("target-weak-signs", 25, "it claims to be more than a year older than its entry in the file system");
        }
        if (file.YoungestNeighbour is long youngest && created.Seconds - youngest > Month)
        {
            yield return new("target-weak-signs", 10, "it is younger than everything that packages brought into its directory");
        }
    }

    private static bool IsBootProgram(string path) =>
        path.StartsWith("/boot/", StringComparison.Ordinal) && (path.Contains("/grub", StringComparison.Ordinal) || path.Contains("/efi/", StringComparison.OrdinalIgnoreCase) || PathTraits.Name(path).StartsWith("vmlinu", StringComparison.Ordinal));
}
