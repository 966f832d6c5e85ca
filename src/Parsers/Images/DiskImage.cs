using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images;

/// <summary>An opened image container: the logical disk it holds and what the container says about itself.</summary>
/// <param name="Format">Container name: <c>raw</c>, <c>qcow2</c>; from the outside in where one is inside another: <c>gzip/tar/raw</c>.</param>
/// <param name="Content">The logical disk, in bytes as the guest saw it. An <see cref="ISparseByteSource"/> wherever the container knows its holes.</param>
public sealed record DiskImage(string Format, IByteSource Content)
{
    /// <summary>Facts for <c>info</c>: name and value, in the container's own terms (version, cluster size, compression ...).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Facts { get; init; } = [];

    /// <summary>The internal snapshots of the container, in its order.</summary>
    public IReadOnlyList<ImageSnapshot> Snapshots { get; init; } = [];

    /// <summary>The internal snapshot that <see cref="Content"/> shows; null for the active state.</summary>
    public ImageSnapshot? Snapshot { get; init; }

    /// <summary>Digests of the logical disk that the container carries since it was acquired.</summary>
    public IReadOnlyList<StoredDigest> StoredDigests { get; init; } = [];

    /// <summary>Other disks of the same archive (an OVA with several disks): opened beside this one.</summary>
    public IReadOnlyList<DiskImage> MoreDisks { get; init; } = [];

    /// <summary>Name of the disk inside an archive, in display form; null when the image is the file itself.</summary>
    public string? MemberName { get; init; }
}

/// <summary>An internal snapshot of a container.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Name">Its name, in display form.</param>
/// <param name="Taken">When it was taken, UTC; null when unknown.</param>
/// <param name="VirtualSize">Size of the disk then, in bytes.</param>
public sealed record ImageSnapshot(string Id, string Name, DateTimeOffset? Taken, long VirtualSize);

/// <summary>A digest that the acquiring tool stored.</summary>
/// <param name="Algorithm"><c>md5</c>, <c>sha1</c>, <c>sha256</c>.</param>
/// <param name="Hex">Lower-case hexadecimal.</param>
public sealed record StoredDigest(string Algorithm, string Hex);
