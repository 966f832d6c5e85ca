using System.Globalization;
using System.Security.Cryptography;

namespace Forensics.Parsers.Packages;

/// <summary>
/// Compares files with what the package databases say of them. A digest is asked for only when everything cheaper agrees. Stateless besides the index; thread-safe.
/// </summary>
/// <remarks>
/// Limitations: prelinked programs of old Red Hat systems differ from their digests, as rpm sees them after undoing the prelinking, which is not done here; file
/// capabilities are given by <see cref="PackageFile.Capabilities"/> and not compared; modification times prove nothing and are not compared.
/// </remarks>
public sealed class ProvenanceJudge(PackageIndex index)
{
    private const int MaxOwners = 256;

    /// <summary>Judges a path.</summary>
    /// <param name="path">Absolute, display form, as the file lies in the tree.</param>
    /// <param name="observed">What is there; null when nothing is.</param>
    /// <param name="digest">Digest of the content in an algorithm; null when the content cannot be read or the algorithm is not available. Called at most once an algorithm and owner.</param>
    public FileProvenance Judge(string path, ObservedFile? observed, Func<DigestAlgorithm, byte[]?> digest)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(digest);
        FileProvenance? best = null;
        int owners = 0;
        foreach (PackageFile file in index.FindAll(path))
        {
            if (owners++ >= MaxOwners)
            {
                break;
            }
            if ((file.Flags & PackageFileFlags.NotInstalled) != 0 && index.FindAll(path).Skip(1).Any())
            {
                continue;
            }
            FileProvenance one = observed is { } found ? Compare(file, found, digest) : new FileProvenance(ProvenanceState.Missing) { File = file };
            if (best is null || Rank(one) < Rank(best.Value))
            {
                best = one;
            }
            if (Rank(best.Value) == 0)
            {
                break;
            }
        }
        if (best is { } result)
        {
            return result;
        }
        return Explain(path, observed) is { } rule ? new FileProvenance(ProvenanceState.Generated) { Rule = rule } : new FileProvenance(ProvenanceState.Alien);
    }

    private GeneratedFileRule? Explain(string path, ObservedFile? observed)
    {
        if (observed is { Kind: PackageFileKind.Link, LinkTarget: { } target } && index.TryFindAlternative(path, out _, out IReadOnlyList<string> targets))
        {
            return targets.Contains(PackagePaths.Resolve(path, target), StringComparer.Ordinal) ? GeneratedFiles.Alternatives : null;
        }
        return GeneratedFiles.Match(path, observed, index);
    }

    private static FileProvenance Compare(PackageFile file, ObservedFile found, Func<DigestAlgorithm, byte[]?> digest)
    {
        FileDifferences differences = Metadata(file, found);
        if (file.Kind != PackageFileKind.Unknown && file.Kind != found.Kind)
        {
            // A directory that became a link, as merged /usr does, holds what it held.
            bool isMovedDirectory = file.Kind == PackageFileKind.Directory && found.Kind == PackageFileKind.Link;
            return isMovedDirectory
                ? new FileProvenance(ProvenanceState.Unverified) { File = file, Differences = FileDifferences.Kind }
                : Modified(file, differences | FileDifferences.Kind);
        }
        if ((file.Flags & (PackageFileFlags.Ghost | PackageFileFlags.ContentNotVerified | PackageFileFlags.NotInstalled)) != 0)
        {
            return new FileProvenance(ProvenanceState.Unverified) { File = file, Differences = differences };
        }
        return found.Kind switch
        {
            PackageFileKind.Directory or PackageFileKind.Special => new FileProvenance(ProvenanceState.VendorIntact) { File = file, Differences = differences },
            PackageFileKind.Link => Link(file, found, differences),
            _ => Content(file, found, differences, digest),
        };
    }

    private static FileProvenance Link(PackageFile file, ObservedFile found, FileDifferences differences)
    {
        bool? same = null;
        if (file.LinkTarget is { } target)
        {
            same = target == found.LinkTarget;
        }
        else if (file.Algorithm == DigestAlgorithm.Sha1 && file.Package.Manager == "apk" && found.LinkTarget is not null)
        {
            // apk keeps the digest of the target.
            same = file.Digest.SequenceEqual(SHA1.HashData(PackagePaths.FromDisplay(found.LinkTarget)));
        }
        else if (file.Algorithm != DigestAlgorithm.None)
        {
            // The package shipped a regular file.
            return Modified(file, differences | FileDifferences.Kind);
        }
        return same switch
        {
            true => new FileProvenance(ProvenanceState.VendorIntact) { File = file, Differences = differences },
            false => Modified(file, differences | FileDifferences.LinkTarget),
            null => new FileProvenance(ProvenanceState.Unverified) { File = file, Differences = differences },
        };
    }

    private static FileProvenance Content(PackageFile file, ObservedFile found, FileDifferences differences, Func<DigestAlgorithm, byte[]?> digest)
    {
        if (file.Size is { } size && size != found.Size)
        {
            return Modified(file, differences | FileDifferences.Size);
        }
        if (file.Algorithm == DigestAlgorithm.None || digest(file.Algorithm) is not { } actual)
        {
            return new FileProvenance(ProvenanceState.Unverified) { File = file, Differences = differences };
        }
        return file.Digest.SequenceEqual(actual)
            ? new FileProvenance(ProvenanceState.VendorIntact) { File = file, Differences = differences }
            : Modified(file, differences | FileDifferences.Digest);
    }

    private static FileProvenance Modified(PackageFile file, FileDifferences differences)
    {
        bool isExpected = (file.Flags & (PackageFileFlags.Config | PackageFileFlags.ContentNotVerified | PackageFileFlags.Ghost)) != 0;
        return new FileProvenance(isExpected ? ProvenanceState.ConfigModified : ProvenanceState.VendorModified) { File = file, Differences = differences };
    }

    private static FileDifferences Metadata(PackageFile file, ObservedFile found)
    {
        if ((file.Flags & PackageFileFlags.ModeNotVerified) != 0)
        {
            return FileDifferences.None;
        }
        FileDifferences differences = FileDifferences.None;
        // The mode of a link means nothing.
        if (file.Permissions is { } permissions && found.Kind != PackageFileKind.Link && permissions != found.Permissions)
        {
            differences |= FileDifferences.Permissions;
        }
        if (file.User is { } user && !IsSame(user, found.UserName, found.UserId))
        {
            differences |= FileDifferences.User;
        }
        if (file.Group is { } group && !IsSame(group, found.GroupName, found.GroupId))
        {
            differences |= FileDifferences.Group;
        }
        return differences;
    }

    private static bool IsSame(string recorded, string? name, uint number) =>
        recorded == name || recorded == number.ToString(CultureInfo.InvariantCulture) || (recorded == "root" && number == 0);

    /// <summary>Of several owners the one the file agrees with counts; a digest that fits outweighs one that does not, a difference outweighs ignorance.</summary>
    private static int Rank(FileProvenance provenance) => provenance.State switch
    {
        ProvenanceState.VendorIntact => provenance.Differences == FileDifferences.None ? 0 : 1,
        ProvenanceState.ConfigModified => 2,
        ProvenanceState.VendorModified => 3,
        _ => 4,
    };
}
