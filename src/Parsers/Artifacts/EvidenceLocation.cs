namespace Forensics.Parsers.Artifacts;

/// <summary>
/// Where a thing was seen. An analyst can replay it with The Sleuth Kit: <c>icat -o (VolumeOffset/512) image MetadataAddress</c>.
/// </summary>
/// <param name="Image">Image file name without directories, escaped.</param>
/// <param name="Volume">Volume identity, <c>gpt1@1048576</c>.</param>
/// <param name="VolumeOffset">Byte offset of the volume in the logical disk.</param>
/// <param name="Path">Path from the volume's root in display form (<see cref="PathText"/>).</param>
/// <param name="MetadataAddress">Inode number.</param>
public sealed record EvidenceLocation(string Image, string Volume, long VolumeOffset, string Path, ulong MetadataAddress)
{
    /// <summary>Named stream (NTFS).</summary>
    public string? Stream { get; init; }
    /// <summary>Byte offset within the file.</summary>
    public long? ByteOffset { get; init; }
    /// <summary>Line number from 1.</summary>
    public int? Line { get; init; }

    /// <summary>The same file at a line.</summary>
    public EvidenceLocation At(int line, long byteOffset) => this with { Line = line, ByteOffset = byteOffset };

    /// <summary>The last component of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}
