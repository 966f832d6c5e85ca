namespace Forensics.Parsers.Packages;

/// <summary>Reads the database of one package manager. Stateless.</summary>
public interface IPackageReader
{
    /// <summary>Short name: <c>dpkg</c>, <c>rpm</c>, <c>apk</c>, <c>pacman</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Adds what the database says to <paramref name="index"/>; nothing when the host has no such database. Damage is a diagnostic, and what can still be read is read.
    /// A file that cannot be read is a diagnostic too. Throws only when cancelled.
    /// </summary>
    void Read(IHostFiles files, PackageIndexBuilder index, ParseContext context);
}
