using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Packages.Rpm;

/// <summary>Turns one rpm header into a package and its files.</summary>
internal static class RpmPackage
{
    private const int MaxFiles = 1_000_000;
    private const int FlagConfig = 1;
    private const int FlagDocumentation = 2;
    private const int FlagMissingOk = 8;
    private const int FlagGhost = 64;
    private const int FlagLicense = 128;
    private const int VerifyDigest = 1;
    private const int VerifyUser = 8;
    private const int VerifyGroup = 16;
    private const int VerifyMode = 64;

    private static readonly (RpmTag Tag, string Kind)[] s_signatures =
        [(RpmTag.RsaHeader, "rsa"), (RpmTag.DsaHeader, "dsa"), (RpmTag.OpenPgp, "openpgp"), (RpmTag.SigPgp, "pgp"), (RpmTag.SigGpg, "gpg")];

    /// <summary>Adds the package; false when the header names none, or when no more packages are kept.</summary>
    public static bool Add(RpmHeader header, string database, PackageIndexBuilder index, ParseContext context)
    {
        string name = Text(header.String(RpmTag.Name));
        if (name.Length == 0)
        {
            return false;
        }
        string version = Text(header.String(RpmTag.Version));
        string release = Text(header.String(RpmTag.Release));
        DigestAlgorithm algorithm = Algorithm(header.Integer(RpmTag.FileDigestAlgo));
        string vendor = Text(header.String(RpmTag.Vendor));
        var package = new Package
        {
            Manager = "rpm",
            Name = name,
            Version = (header.Integer(RpmTag.Epoch) is { } epoch ? epoch + ":" : "") + version + (release.Length == 0 ? "" : "-" + release),
            Architecture = Text(header.String(RpmTag.Arch)),
            Vendor = vendor.Length == 0 ? Text(header.String(RpmTag.Packager)) : vendor,
            Origin = Text(header.String(RpmTag.Distribution)),
            Source = Text(header.String(RpmTag.SourceRpm)) is { Length: > 0 } source ? source : name,
            InstalledAt = Time(header.Integer(RpmTag.InstallTime)),
            BuiltAt = Time(header.Integer(RpmTag.BuildTime)),
            Signatures = [.. s_signatures.Where(signature => header.Has(signature.Tag)).Select(signature => signature.Kind)],
            Scripts = RpmScripts.Read(header),
            HasDigests = header.Has(RpmTag.FileDigests),
            Database = database,
        };
        if (algorithm == DigestAlgorithm.None)
        {
            context.Diagnostics.Report(new Diagnostic("rpm.digest.unknown", "a package has digests of an algorithm that is not known") { Path = database, Actual = package.ToString() });
        }
        if (!index.Begin(package))
        {
            return false;
        }
        AddFiles(header, algorithm, package, index, context);
        return true;
    }

    private static void AddFiles(RpmHeader header, DigestAlgorithm algorithm, Package package, PackageIndexBuilder index, ParseContext context)
    {
        bool isOld = !header.Has(RpmTag.BaseNames) && header.Has(RpmTag.OldFileNames);
        RpmStrings names = header.Strings(isOld ? RpmTag.OldFileNames : RpmTag.BaseNames);
        // Strings cannot be found by number without walking; directories are few.
        List<Range> directories = [];
        ReadOnlySpan<byte> all = default;
        if (!isOld)
        {
            directories = Directories(header, out all);
        }
        RpmStrings digests = header.Strings(RpmTag.FileDigests);
        RpmStrings targets = header.Strings(RpmTag.FileLinkTos);
        RpmStrings users = header.Strings(RpmTag.FileUserName);
        RpmStrings groups = header.Strings(RpmTag.FileGroupName);
        RpmStrings capabilities = header.Strings(RpmTag.FileCaps);
        int file = 0;
        bool isShort = false;
        for (; file < MaxFiles && !index.ReachesLimit() && names.Next(out ReadOnlySpan<byte> name); file++)
        {
            digests.Next(out ReadOnlySpan<byte> digest);
            targets.Next(out ReadOnlySpan<byte> target);
            users.Next(out ReadOnlySpan<byte> user);
            groups.Next(out ReadOnlySpan<byte> group);
            capabilities.Next(out ReadOnlySpan<byte> capability);
            ReadOnlySpan<byte> directory = default;
            if (!isOld)
            {
                if (header.Integer(RpmTag.DirIndexes, file) is not { } number)
                {
                    isShort = true;
                    break;
                }
                if (number >= directories.Count)
                {
                    isShort = true;
                    continue;
                }
                directory = all[directories[(int)number]];
            }
            int row = index.Add(directory, name, Flags(header, file));
            if (row < 0)
            {
                continue;
            }
            ref FileRow entry = ref index.Change(row);
            entry.Size = header.Integer(RpmTag.LongFileSizes, file) ?? header.Integer(RpmTag.FileSizes, file) ?? -1;
            entry.Modified = header.Integer(RpmTag.FileMtimes, file) ?? long.MinValue;
            int mode = (int)(header.Integer(RpmTag.FileModes, file) ?? 0);
            entry.Kind = Kind(mode);
            entry.Mode = header.Has(RpmTag.FileModes) ? (short)(mode & 0xFFF) : (short)-1;
            if (entry.Kind != PackageFileKind.Regular)
            {
                // What rpm keeps as size of directories and links depends on the file system it was built on.
                entry.Size = -1;
            }
            entry.User = index.TextNumber(user);
            entry.Group = index.TextNumber(group);
            entry.Capabilities = index.TextNumber(capability);
            entry.Target = entry.Kind == PackageFileKind.Link ? index.TextNumber(target) : -1;
            SetDigest(index, row, algorithm, digest);
        }
        if (isShort || header.BadEntries > 0 || (file < header.Count(isOld ? RpmTag.OldFileNames : RpmTag.BaseNames) && !index.ReachesLimit()))
        {
            context.Diagnostics.Report(new Diagnostic("rpm.header.damaged", "entries of a package's header are damaged; what they say is lost")
            {
                Path = package.Database, Actual = package.ToString(), LosesContent = true,
            });
        }
    }

    private static List<Range> Directories(RpmHeader header, out ReadOnlySpan<byte> all)
    {
        var directories = new List<Range>();
        RpmStrings strings = header.Strings(RpmTag.DirNames);
        all = strings.Rest;
        int offset = 0;
        while (directories.Count < MaxFiles && strings.Next(out ReadOnlySpan<byte> directory))
        {
            directories.Add(offset..(offset + directory.Length));
            offset += directory.Length + 1;
        }
        return directories;
    }

    private static PackageFileFlags Flags(RpmHeader header, int file)
    {
        long rpm = header.Integer(RpmTag.FileFlags, file) ?? 0;
        long verify = header.Integer(RpmTag.FileVerifyFlags, file) ?? 0xFFFFFFFF;
        PackageFileFlags flags = PackageFileFlags.None;
        flags |= (rpm & FlagConfig) != 0 ? PackageFileFlags.Config : 0;
        flags |= (rpm & FlagDocumentation) != 0 ? PackageFileFlags.Documentation : 0;
        flags |= (rpm & FlagGhost) != 0 ? PackageFileFlags.Ghost : 0;
        flags |= (rpm & FlagMissingOk) != 0 ? PackageFileFlags.MissingOk : 0;
        flags |= (rpm & FlagLicense) != 0 ? PackageFileFlags.License : 0;
        flags |= (verify & VerifyDigest) == 0 ? PackageFileFlags.ContentNotVerified : 0;
        flags |= (verify & (VerifyUser | VerifyGroup | VerifyMode)) != (VerifyUser | VerifyGroup | VerifyMode) ? PackageFileFlags.ModeNotVerified : 0;
        // rpmfileState: 0 normal, 1 replaced by another package, 2 not installed, 3 shared over the network, 4 another architecture's copy was preferred.
        return flags | (header.Integer(RpmTag.FileStates, file) switch
        {
            1 => PackageFileFlags.ContentNotVerified,
            2 or 3 or 4 => PackageFileFlags.NotInstalled,
            _ => PackageFileFlags.None,
        });
    }

    private static void SetDigest(PackageIndexBuilder index, int row, DigestAlgorithm algorithm, ReadOnlySpan<byte> hex)
    {
        Span<byte> bytes = stackalloc byte[64];
        bytes = bytes[..algorithm.Length()];
        if (hex.Length > 0 && HostText.TryHex(hex, bytes))
        {
            index.SetDigest(row, algorithm, bytes);
        }
    }

    private static PackageFileKind Kind(int mode) => (mode >> 12 & 0xF) switch
    {
        8 => PackageFileKind.Regular,
        4 => PackageFileKind.Directory,
        10 => PackageFileKind.Link,
        0 => PackageFileKind.Unknown,
        _ => PackageFileKind.Special,
    };

    /// <summary>Numbers of RFC 4880 and its successor; packages from before 2009 have none and MD5.</summary>
    private static DigestAlgorithm Algorithm(long? number) => number switch
    {
        null or 1 => DigestAlgorithm.Md5,
        2 => DigestAlgorithm.Sha1,
        8 => DigestAlgorithm.Sha256,
        9 => DigestAlgorithm.Sha384,
        10 => DigestAlgorithm.Sha512,
        11 => DigestAlgorithm.Sha224,
        12 => DigestAlgorithm.Sha3256,
        14 => DigestAlgorithm.Sha3512,
        _ => DigestAlgorithm.None,
    };

    private static Timestamp? Time(long? seconds) => seconds is { } value ? new Timestamp(value, 0) : null;

    private static string Text(ReadOnlySpan<byte> bytes) => HostText.Text(bytes[..Math.Min(bytes.Length, 4096)]);
}
