using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images;

/// <summary>A file opened as evidence.</summary>
/// <param name="File">The file.</param>
/// <param name="Role">What it is to the run: <see cref="ImageRole"/>, <see cref="JournalRole"/>, <see cref="SegmentRole"/>, or what the image that names it calls it (<c>qcow2 backing file</c>).</param>
/// <param name="NamedBy">Name of the file that led to it; null when the user named it.</param>
public sealed record EvidenceFile(ImageFile File, string Role, string? NamedBy)
{
    /// <summary>An image the user named.</summary>
    public const string ImageRole = "image";
    /// <summary>An external journal the user named.</summary>
    public const string JournalRole = "journal";
    /// <summary>A further part of a split image.</summary>
    public const string SegmentRole = "segment";

    /// <summary>File name without directories, in display form.</summary>
    public string Name => PathText.FromText(Path.GetFileName(File.Path));
}
