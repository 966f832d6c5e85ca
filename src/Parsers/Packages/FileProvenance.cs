namespace Forensics.Parsers.Packages;

/// <summary>What the package databases say about a file that was found, or about one that was not.</summary>
public enum ProvenanceState
{
    /// <summary>Owned, and the content is what the package shipped.</summary>
    VendorIntact,
    /// <summary>Owned, and the content is another.</summary>
    VendorModified,
    /// <summary>An owned configuration file with other content than shipped: expected.</summary>
    ConfigModified,
    /// <summary>Owned, but there is nothing to compare the content with, or the content could not be read.</summary>
    Unverified,
    /// <summary>Nobody owns it, but the system makes it for itself; see <see cref="FileProvenance.Rule"/>.</summary>
    Generated,
    /// <summary>Nobody owns it and nothing explains it.</summary>
    Alien,
    /// <summary>Owned, but not there.</summary>
    Missing,
}

/// <summary>Ways in which a file differs from what its package says.</summary>
[Flags]
public enum FileDifferences
{
    /// <summary>None that can be seen.</summary>
    None = 0,
    /// <summary>Content, by digest.</summary>
    Digest = 1,
    /// <summary>Length.</summary>
    Size = 2,
    /// <summary>Kind of file, such as a link instead of a program.</summary>
    Kind = 4,
    /// <summary>Target of a symbolic link.</summary>
    LinkTarget = 8,
    /// <summary>Permission bits, with setuid, setgid and sticky.</summary>
    Permissions = 16,
    /// <summary>Owner.</summary>
    User = 32,
    /// <summary>Group.</summary>
    Group = 64,
}

/// <summary>A file as it was found, for comparison.</summary>
public readonly record struct ObservedFile
{
    /// <summary>What it is.</summary>
    public required PackageFileKind Kind { get; init; }
    /// <summary>Length of the content in bytes.</summary>
    public long Size { get; init; }
    /// <summary>Permission bits (0..07777).</summary>
    public int Permissions { get; init; }
    /// <summary>Numeric owner.</summary>
    public uint UserId { get; init; }
    /// <summary>Numeric group.</summary>
    public uint GroupId { get; init; }
    /// <summary>Name of the owner in this host's account file; null when it has none.</summary>
    public string? UserName { get; init; }
    /// <summary>Name of the group; null when it has none.</summary>
    public string? GroupName { get; init; }
    /// <summary>Target of a symbolic link.</summary>
    public string? LinkTarget { get; init; }
}

/// <summary>The judgement of one path.</summary>
/// <param name="State">What it is.</param>
public readonly record struct FileProvenance(ProvenanceState State)
{
    /// <summary>The statement it was compared with: of several owners the one that fits best; null when nobody owns the path.</summary>
    public PackageFile? File { get; init; }
    /// <summary>In what it differs from <see cref="File"/>. Owner and permissions do not change <see cref="State"/>.</summary>
    public FileDifferences Differences { get; init; }
    /// <summary>Why the system makes it, for <see cref="ProvenanceState.Generated"/>.</summary>
    public GeneratedFileRule? Rule { get; init; }

    /// <summary>The field's word for <see cref="State"/>: <c>vendor-intact</c>, <c>vendor-modified</c>, <c>config-modified</c>, <c>alien</c>, <c>missing</c>, <c>unverified</c>, <c>generated</c>.</summary>
    public string Word => State switch
    {
        ProvenanceState.VendorIntact => "vendor-intact",
        ProvenanceState.VendorModified => "vendor-modified",
        ProvenanceState.ConfigModified => "config-modified",
        ProvenanceState.Alien => "alien",
        ProvenanceState.Missing => "missing",
        ProvenanceState.Generated => "generated",
        _ => "unverified",
    };
}
