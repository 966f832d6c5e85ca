using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers;

namespace Forensics.Analyzer.Detectors;

/// <summary>How a program is built, named and protected. Programs that a package brought unchanged are left alone.</summary>
internal static class BuildSigns
{
    public static IEnumerable<TargetSign> Of(TargetFile file)
    {
        if (file.IsVendor)
        {
            yield break;
        }
        if (file.IsElf || file.IsScript)
        {
            string name = PathTraits.Name(file.Path);
            if (MasqueradeNames.IsKernelThread(name))
            {
                yield return new("target-imitated-name", 60, "it has the name of a kernel thread, which has no file");
            }
            else if (MasqueradeNames.IsNearName(name))
            {
                yield return new("target-imitated-name", 40, "its name imitates a system program");
            }
        }
        if (!file.IsElf)
        {
            yield break;
        }
        if (file.Elf is { } elf && (elf.IsPacked || elf.HasNoSections))
        {
            // Tools written in Go are often packed; where people install such by hand it means little, and where it is not known who installed it not much more.
            bool isOrdinary = !file.IsAlien && PathTraits.IsSystemProgram(file.Path) || IsForeignTools(file.Path);
            yield return new("target-packed-binary", isOrdinary ? 20 : 40, elf.IsPacked ? "it is packed" : "its section headers are gone");
            if (elf.IsStatic && !isOrdinary)
            {
                yield return new("target-weak-signs", 20, "it is linked statically");
            }
        }
        else if (file is { IsAlien: true, Elf: { IsStatic: true, IsStripped: true, GoModule: null } })
        {
            yield return new("target-weak-signs", 15, "it is linked statically and has no symbols");
        }
        if (((file.Facts.Entry.Flags ?? 0) & (InodeFlags.Immutable | InodeFlags.AppendOnly)) != 0)
        {
            yield return new("target-weak-signs", 30, "it is protected against removal");
        }
    }

    private static bool IsForeignTools(string path) => PathTraits.StartsWithAny(path, ["/opt/", "/usr/local/"]);
}
