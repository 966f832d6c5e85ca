namespace Forensics.Analyzer.Reports;

/// <summary>The images and their layers.</summary>
/// <param name="Name">File name without directories, escaped; of several images, joined by <c> + </c>.</param>
/// <param name="Format">Container of the first disk.</param>
/// <param name="DiskBytes">Size of the first logical disk.</param>
/// <param name="FileBytes">Size of all files that the disks are read from.</param>
/// <param name="VolumeSystem"><c>gpt</c>, <c>mbr</c>, <c>none</c>; of the first disk.</param>
/// <param name="Volumes">The volumes of all disks and what they make together.</param>
public sealed record ImageInfo(string Name, string Format, long DiskBytes, long FileBytes, string VolumeSystem, IReadOnlyList<VolumeInfo> Volumes)
{
    /// <summary>File names, without directories and escaped, of the external journals that were given.</summary>
    public IReadOnlyList<string> ExternalJournals { get; init; } = [];
    /// <summary>The disks; one unless several images were given or an archive holds several.</summary>
    public IReadOnlyList<DiskInfo> Disks { get; init; } = [];
    /// <summary>The files that the disks are read from: images, segments, parents.</summary>
    public IReadOnlyList<EvidenceFileInfo> Files { get; init; } = [];
    /// <summary>Comparison with the digests that acquiring tools stored; null when it was not asked for.</summary>
    public IReadOnlyList<DigestCheck>? Verification { get; init; }
}

/// <summary>One logical disk.</summary>
/// <param name="FileName">Its image file, without directories and escaped.</param>
/// <param name="Format">Container.</param>
/// <param name="DiskBytes">Size in bytes.</param>
/// <param name="VolumeSystem">Partition table.</param>
public sealed record DiskInfo(string FileName, string Format, long DiskBytes, string VolumeSystem)
{
    /// <summary>What stands before the names of its volumes: <c>disk2:</c>; empty for the first disk.</summary>
    public string VolumePrefix { get; init; } = "";
    /// <summary>Name inside an archive, escaped.</summary>
    public string? MemberName { get; init; }
    /// <summary>Sector size of the table in bytes.</summary>
    public int SectorSize { get; init; }
    /// <summary>GPT GUID or MBR signature.</summary>
    public string? Identifier { get; init; }
    /// <summary>What the container says about itself.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Facts { get; init; } = [];
    /// <summary>Internal snapshots.</summary>
    public IReadOnlyList<SnapshotInfo> Snapshots { get; init; } = [];
    /// <summary>The snapshot that was opened; null for the active state.</summary>
    public SnapshotInfo? OpenedSnapshot { get; init; }
    /// <summary>Digests the container carries: algorithm and lower-case hex.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> StoredDigests { get; init; } = [];
}

/// <summary>An internal snapshot.</summary>
/// <param name="Id">Identifier, escaped.</param>
/// <param name="Name">Name, escaped.</param>
/// <param name="Taken">UTC; null when unknown.</param>
/// <param name="DiskBytes">Size of the disk then.</param>
public sealed record SnapshotInfo(string Id, string Name, DateTimeOffset? Taken, long DiskBytes)
{
    /// <summary>The time in the form of all reports.</summary>
    public string? TakenText => Taken is { } time ? Text(time) : null;

    /// <summary>A time in the form of all reports.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A shadow copy of a volume.</summary>
/// <param name="Name"><c>vss1</c>, as <c>--snapshot</c> takes it.</param>
/// <param name="Id">GUID; of the store when the header of the copy cannot be read.</param>
/// <param name="SetId">GUID of the set of copies made together; null when unknown.</param>
/// <param name="Taken">UTC; null when unknown.</param>
/// <param name="VolumeBytes">Size of the volume then.</param>
public sealed record ShadowCopyInfo(string Name, string Id, string? SetId, DateTimeOffset? Taken, long VolumeBytes)
{
    /// <summary>Machine that made it, escaped; null when it is not stored.</summary>
    public string? Machine { get; init; }
    /// <summary>Why it cannot be opened; null when it can.</summary>
    public string? Problem { get; init; }
    /// <summary>The time in the form of all reports.</summary>
    public string? TakenText => Taken is { } time ? SnapshotInfo.Text(time) : null;
}

/// <summary>A file that is read as evidence.</summary>
/// <param name="Name">Without directories, escaped.</param>
/// <param name="Role"><c>image</c>, <c>segment</c>, or what the image calls it: <c>qcow2 backing file</c>.</param>
/// <param name="Bytes">Size.</param>
/// <param name="NamedBy">The file that led to it; null when the user named it.</param>
public sealed record EvidenceFileInfo(string Name, string Role, long Bytes, string? NamedBy);

/// <summary>A stored digest beside the computed one.</summary>
/// <param name="FileName">Image file of the disk.</param>
/// <param name="Algorithm"><c>md5</c>, <c>sha1</c>, <c>sha256</c>.</param>
/// <param name="Stored">Lower-case hex.</param>
/// <param name="Computed">Lower-case hex.</param>
public sealed record DigestCheck(string FileName, string Algorithm, string Stored, string Computed)
{
    /// <summary>They are the same.</summary>
    public bool Matches => string.Equals(Stored, Computed, StringComparison.OrdinalIgnoreCase);
}

/// <summary>One volume: what it holds or why it was not read.</summary>
/// <param name="Identity"><c>gpt1@1048576</c>.</param>
/// <param name="Offset">Byte offset in its disk; -1 when it lies nowhere in one piece.</param>
/// <param name="Length">Length in bytes.</param>
/// <param name="TypeName">Type as the table says.</param>
/// <param name="FileSystem"><c>ext4</c> ..., null when none was read.</param>
/// <param name="NotReadBecause">Reason when not read: <c>swap</c>, <c>no known file system</c>, <c>unsupported: ...</c>.</param>
public sealed record VolumeInfo(string Identity, long Offset, long Length, string? TypeName, string? FileSystem, string? NotReadBecause)
{
    /// <summary>Label.</summary>
    public string? Label { get; init; }
    /// <summary>File system UUID.</summary>
    public string? Uuid { get; init; }
    /// <summary>The journal holds changes this view does not show.</summary>
    public bool NeedsRecovery { get; init; }
    /// <summary>What was done with the journal; null without one.</summary>
    public JournalInfo? Journal { get; init; }
    /// <summary>Root volume of the host it belongs to; null when no host mounts it.</summary>
    public string? Host { get; init; }
    /// <summary>The shadow copy that is shown instead of the volume of today; null when that is shown.</summary>
    public ShadowCopyInfo? ShadowCopy { get; init; }
    /// <summary>It is no volume of the disk but the layers of a container, laid over each other.</summary>
    public bool IsContainer { get; init; }
    /// <summary>Where that host sees it: the paths of its files in this report begin with this.</summary>
    public string? MountPoint { get; init; }
}
