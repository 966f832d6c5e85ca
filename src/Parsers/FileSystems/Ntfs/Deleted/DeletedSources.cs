namespace Forensics.Parsers.FileSystems.Ntfs.Deleted;

/// <summary>What the search for deleted files needs of the file system.</summary>
/// <param name="Table">Its records.</param>
/// <param name="Attributes">Reads their attributes.</param>
/// <param name="Geometry">Sizes.</param>
/// <param name="Diagnostics">Takes what is wrong.</param>
/// <param name="Context">Limits and cancellation.</param>
internal sealed record DeletedSources(MasterFileTable Table, AttributeReader Attributes, NtfsGeometry Geometry, NtfsDiagnostics Diagnostics, ParseContext Context)
{
    /// <summary>The names in use, and what the pass over the records met.</summary>
    public delegate NameTree LiveNamesReader(out NameTreeReader reader);

    /// <summary>Gives the names in use.</summary>
    public required LiveNamesReader LiveNames { get; init; }

    /// <summary>Opens a record; one that is in use as what is asked for, one that is not as deleted.</summary>
    public required Func<ulong, Allocation, NtfsFileEntry> Open { get; init; }

    /// <summary>The attribute that holds a file's content.</summary>
    public required Func<NtfsFileEntry, NtfsAttribute> MainData { get; init; }

    /// <summary>Names in the index of a directory; none when it cannot be read.</summary>
    public required Func<NtfsFileEntry, List<IndexName>> NamesInIndex { get; init; }

    /// <summary>Which clusters are in use.</summary>
    public required Func<ClusterBitmap> Bitmap { get; init; }
}
