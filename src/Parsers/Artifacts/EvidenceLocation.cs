namespace Forensics.Parsers.Artifacts;

/// <summary>
/// Where a thing was seen. An analyst can replay it with The Sleuth Kit: <c>icat -o (VolumeOffset/512) image MetadataAddress</c>.
/// </summary>
/// <param name="Image">Image file name without directories, escaped.</param>
/// <param name="Volume">Volume identity, <c>gpt1@1048576</c>.</param>
/// <param name="VolumeOffset">Byte offset of the volume in the logical disk; -1 when it lies nowhere in one piece.</param>
/// <param name="Path">Path in the tree of the host that mounts the volume, from the volume's own root when none does; display form (<see cref="PathText"/>).</param>
/// <param name="MetadataAddress">Inode number.</param>
public sealed record EvidenceLocation(string Image, string Volume, long VolumeOffset, string Path, ulong MetadataAddress)
{
    /// <summary>Named stream (NTFS).</summary>
    public string? Stream { get; init; }
    /// <summary>Byte offset within the file.</summary>
    public long? ByteOffset { get; init; }
    /// <summary>Line number from 1.</summary>
    public int? Line { get; init; }
    /// <summary>Whether the file still has a name; the path of one that has none is the last one known.</summary>
    public Allocation Allocation { get; init; }
    /// <summary>How much of a file without a name can be trusted; null for one that has a name.</summary>
    public Certainty? Certainty { get; init; }
    /// <summary>Which older state of the inode, from 0 the newest, a file without a name was taken from; null when it is the inode as it is.</summary>
    public int? JournalCopy { get; init; }
    /// <summary>What replaying the journal did to the file; where <see cref="Line"/> is set and the file had been there before, to that line.</summary>
    public JournalState JournalState { get; init; }
    /// <summary>The mount point under which a running system does not see the file, because another volume covers its directory; null when it is seen.</summary>
    public string? ShadowedBy { get; init; }

    /// <summary>For a file of a container, where the host that runs it sees the same file: path in a layer; null for all others.</summary>
    public string? OuterPath { get; init; }

    /// <summary>The same file at a line.</summary>
    public EvidenceLocation At(int line, long byteOffset) => this with { Line = line, ByteOffset = byteOffset };

    /// <summary>The last component of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}
