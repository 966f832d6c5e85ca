namespace Forensics.Parsers.Packages;

/// <summary>All package databases of one host in one index.</summary>
public static class PackageDatabases
{
    /// <summary>Reads what there is. Damage is in <see cref="ParseContext.Diagnostics"/>; throws only when cancelled.</summary>
    /// <param name="files">The host.</param>
    /// <param name="readers">Readers to ask, in this order: those of the catalog.</param>
    /// <param name="context">Limits and diagnostics.</param>
    public static PackageIndex Read(IHostFiles files, IReadOnlyList<IPackageReader> readers, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(readers);
        ArgumentNullException.ThrowIfNull(context);
        var index = new PackageIndexBuilder(DirectoryAliases.Of(files), context);
        foreach (IPackageReader reader in readers)
        {
            reader.Read(files, index, context);
        }
        AlternativesReader.Read(files, index);
        return index.Build();
    }
}
