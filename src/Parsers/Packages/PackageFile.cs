namespace Forensics.Parsers.Packages;

/// <summary>
/// What one package says about one path: a view into <see cref="PackageIndex"/>, cheap to copy. Paths are where the file lies on this host: with merged <c>/usr</c>,
/// diversions and other directory links applied.
/// </summary>
public readonly struct PackageFile
{
    private readonly PackageIndex _index;
    private readonly int _row;

    internal PackageFile(PackageIndex index, int row)
    {
        _index = index;
        _row = row;
    }

    private ref readonly FileRow Row => ref _index.RowAt(_row);

    /// <summary>The package that says so.</summary>
    public Package Package => _index.Packages[Row.Package];
    /// <summary>Absolute path in display form.</summary>
    public string Path => PackagePaths.Display(PathBytes);
    /// <summary>Absolute path, raw bytes.</summary>
    public ReadOnlySpan<byte> PathBytes => _index.PathBytes(Row.Path);
    /// <summary>What it is; <see cref="PackageFileKind.Unknown"/> when the database does not tell.</summary>
    public PackageFileKind Kind => Row.Kind;
    /// <summary>Properties the package gives it.</summary>
    public PackageFileFlags Flags => Row.Flags;
    /// <summary>Whether it says nothing when the file is not there: a ghost, marked so by the package, not installed, obsolete, or left by a removed package.</summary>
    public bool MayBeAbsent => Package.State != PackageState.Installed
        || (Flags & (PackageFileFlags.Ghost | PackageFileFlags.MissingOk | PackageFileFlags.NotInstalled | PackageFileFlags.Obsolete)) != 0;
    /// <summary>Algorithm of <see cref="Digest"/>.</summary>
    public DigestAlgorithm Algorithm => Row.Algorithm;
    /// <summary>Digest of the content as shipped (apk: of the target of a symbolic link); empty when there is none.</summary>
    public ReadOnlySpan<byte> Digest => _index.DigestAt(Row.Digest, Row.Algorithm);
    /// <summary>Size in bytes; null when not recorded.</summary>
    public long? Size => Row.Size < 0 ? null : Row.Size;
    /// <summary>Permission bits (0..07777); null when not recorded.</summary>
    public int? Permissions => Row.Mode < 0 ? null : Row.Mode & 0xFFF;
    /// <summary>Owner by name or decimal number; null when not recorded.</summary>
    public string? User => _index.Text(Row.User);
    /// <summary>Group by name or decimal number; null when not recorded.</summary>
    public string? Group => _index.Text(Row.Group);
    /// <summary>File capabilities in the text form of cap_from_text(3); null when none are recorded.</summary>
    public string? Capabilities => _index.Text(Row.Capabilities);
    /// <summary>Target of a symbolic link; null when not recorded.</summary>
    public string? LinkTarget => _index.Text(Row.Target);
    /// <summary>Modification time as shipped; null when not recorded.</summary>
    public Timestamp? Modified => Row.Modified == long.MinValue ? null : new Timestamp(Row.Modified, 0);
}

/// <summary>Kind of a packaged file.</summary>
public enum PackageFileKind : byte
{
    /// <summary>The database does not tell.</summary>
    Unknown,
    /// <summary>Regular file.</summary>
    Regular,
    /// <summary>Directory.</summary>
    Directory,
    /// <summary>Symbolic link.</summary>
    Link,
    /// <summary>Device, FIFO or socket.</summary>
    Special,
}

/// <summary>Properties a package gives a file.</summary>
[Flags]
public enum PackageFileFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>A configuration file: expected to change.</summary>
    Config = 1,
    /// <summary>Documentation.</summary>
    Documentation = 2,
    /// <summary>Owned, but not shipped: made by the program, or absent.</summary>
    Ghost = 4,
    /// <summary>May be missing.</summary>
    MissingOk = 8,
    /// <summary>Licence text.</summary>
    License = 16,
    /// <summary>No longer shipped by the installed version.</summary>
    Obsolete = 32,
    /// <summary>The package asks that the content is not verified, or another package replaced it.</summary>
    ContentNotVerified = 64,
    /// <summary>Not put on the disk (another architecture's copy, an excluded path).</summary>
    NotInstalled = 128,
    /// <summary>Moved here by a diversion.</summary>
    Diverted = 256,
    /// <summary>Owner, group and mode were set by the administrator (dpkg-statoverride).</summary>
    StatOverride = 512,
    /// <summary>Written by a maintainer script and registered with its digest (ucf), not part of the package.</summary>
    Registered = 1024,
    /// <summary>The package asks that owner, group or mode are not verified.</summary>
    ModeNotVerified = 2048,
}
