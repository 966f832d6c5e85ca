using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Archives;

/// <summary>What the beginning of a member, or its name, says that it may be to the disks in an archive.</summary>
internal enum MemberRole
{
    /// <summary>Nothing.</summary>
    Other,
    /// <summary>A part of an image that does not tell by itself: an extent, a segment.</summary>
    Piece,
    /// <summary>A compressed file or an archive, which may hold an image.</summary>
    Packed,
    /// <summary>An image container, a partition table or a file system.</summary>
    Disk,
}

/// <summary>A regular member that was seen.</summary>
/// <param name="Index">Its number in the archive, from 0 over all entries.</param>
/// <param name="Name">Its path in display form.</param>
/// <param name="Length">Bytes of its content.</param>
/// <param name="Role">What it may be.</param>
internal sealed record ArchiveMember(int Index, string Name, long Length, MemberRole Role)
{
    /// <summary>Its content; null while it was not decoded.</summary>
    public IByteSource? Content { get; set; }

    /// <summary>Another member named it as a part of itself.</summary>
    public bool IsPart { get; set; }

    /// <summary>Its path up to and with the last slash.</summary>
    public string Folder => Name[..(Name.LastIndexOf('/') + 1)];

    /// <summary>Its name without directories.</summary>
    public string FileName => Name[(Name.LastIndexOf('/') + 1)..];
}
