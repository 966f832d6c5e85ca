using Forensics.Parsers.Packages.Apk;
using Forensics.Parsers.Packages.Dpkg;
using Forensics.Parsers.Packages.Pacman;
using Forensics.Parsers.Packages.Rpm;

namespace Forensics.Parsers.Packages;

/// <summary>All package databases of one host in one index.</summary>
public static class PackageDatabases
{
    /// <summary>The readers, in the order in which they are asked; a host usually has one database.</summary>
    public static IReadOnlyList<IPackageReader> Readers { get; } = [new DpkgReader(), new RpmReader(), new ApkReader(), new PacmanReader()];

    /// <summary>Reads what there is. Damage is in <see cref="ParseContext.Diagnostics"/>; throws only when cancelled.</summary>
    public static PackageIndex Read(IHostFiles files, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(context);
        var index = new PackageIndexBuilder(DirectoryAliases.Of(files), context);
        foreach (IPackageReader reader in Readers)
        {
            reader.Read(files, index, context);
        }
        AlternativesReader.Read(files, index);
        return index.Build();
    }
}
