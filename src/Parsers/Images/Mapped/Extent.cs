namespace Forensics.Parsers.Images.Mapped;

/// <summary>What a container's tables say about a stretch of the disk.</summary>
internal enum ExtentKind
{
    /// <summary>Nothing is stored: the backing file shows through; zeros without one.</summary>
    Unallocated,
    /// <summary>Zeros, whatever the backing file holds there.</summary>
    Zero,
    /// <summary>Bytes at <see cref="Extent.Host"/> of the data file.</summary>
    Data,
    /// <summary>Part of one compressed cluster; <see cref="Extent.Host"/> is the format's own descriptor.</summary>
    Compressed,
}

/// <summary>A stretch of the disk that is stored in one way.</summary>
/// <param name="Kind">How.</param>
/// <param name="Host">Where: a file offset for data, a descriptor for a compressed cluster.</param>
/// <param name="Length">Bytes from the position that was asked for, positive.</param>
internal readonly record struct Extent(ExtentKind Kind, long Host, long Length);
