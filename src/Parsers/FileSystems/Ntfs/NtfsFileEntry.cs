namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>The metadata of one file of an NTFS volume: times of $STANDARD_INFORMATION, those of its name beside them. Size is that of the unnamed $DATA; of a directory that of its index.</summary>
/// <remarks>
/// NTFS has neither permission bits nor numeric owners; 0777 and 0 stand for them, as ntfs-3g shows them without a user mapping. <see cref="FileEntry.LinkCount"/> leaves DOS names out.
/// Limitations: none.
/// </remarks>
public sealed class NtfsFileEntry : FileEntry
{
    /// <summary>How often the record was given to a file: with the record number it names one file for good.</summary>
    public ushort SequenceNumber { get; init; }

    /// <summary>The times of the file's first $FILE_NAME, which programs cannot set; null when it has no name.</summary>
    public NtfsTimes? NameTimes { get; init; }

    /// <summary>Number of its security descriptor in $Secure; 0 when it has none there.</summary>
    public uint SecurityId { get; init; }

    /// <summary>Place in the change journal of the last record about it; 0 when there is none.</summary>
    public ulong UpdateSequenceNumber { get; init; }

    /// <inheritdoc/>
    public override bool IsEncrypted => HasEncryptedContent;

    /// <inheritdoc/>
    public override string? ContentMissingBecause =>
        Type == FileType.Regular && ReparseTag is { } tag ? ReparsePoint.ContentMissingBecause(tag, IsContentAway) : null;

    /// <summary>Its content is to be fetched when somebody opens it, or it has a size and no cluster.</summary>
    internal bool IsContentAway { get; init; }

    internal bool HasEncryptedContent { get; init; }

    /// <summary>It has contents besides its own.</summary>
    internal bool HasStreams { get; init; }

    internal bool HasExtendedAttributes { get; init; }

    /// <summary>It holds its security descriptor itself.</summary>
    internal bool HasSecurityDescriptor { get; init; }

    /// <summary>Only a name is left of it: the record it names may be another file's by now.</summary>
    internal bool IsNameOnly { get; init; }

    internal bool IsInUse => Allocation != Allocation.Deleted;
}
