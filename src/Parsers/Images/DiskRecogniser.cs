using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images;

/// <summary>
/// Names what a disk holds by its beginning: a partition table or a file system; null when it does not look like a disk. Tells the images in an archive from the other members.
/// Given by the catalog, because images know neither volumes nor file systems.
/// </summary>
/// <param name="beginning">The first 68 KiB, or all when there are fewer.</param>
public delegate string? DiskRecogniser(IByteSource beginning);
