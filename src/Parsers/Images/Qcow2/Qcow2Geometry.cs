using System.Globalization;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Mapped;

namespace Forensics.Parsers.Images.Qcow2;

/// <summary>What the header fixes for the mapping.</summary>
/// <param name="Shape">Sizes.</param>
/// <param name="IsExtended">L2 entries have subcluster bitmaps.</param>
/// <param name="IsZstd">Compressed clusters are zstd frames, else raw deflate.</param>
/// <param name="Version">2 or 3.</param>
/// <param name="HasDataFile">The data lie in a file of their own.</param>
internal sealed record Qcow2Geometry(TwoLevelShape Shape, bool IsExtended, bool IsZstd, uint Version, bool HasDataFile)
{
    /// <summary>Reads and checks it. Throws <see cref="CorruptDataException"/> naming the field, or <see cref="UnsupportedFeatureException"/>.</summary>
    public static Qcow2Geometry Read(in Qcow2Header header)
    {
        bool extended = (header.IncompatibleFeatures & (ulong)Qcow2Incompatible.ExtendedL2) != 0;
        if (header.ClusterBits < (extended ? 14u : 9u) || header.ClusterBits > 21)
        {
            throw Qcow2Header.Bad("cluster_bits", 20, extended ? "14 to 21" : "9 to 21", header.ClusterBits);
        }
        if (header.RefcountOrder > 6)
        {
            throw Qcow2Header.Bad("refcount_order", 96, "0 to 6", header.RefcountOrder);
        }
        bool stated = (header.IncompatibleFeatures & (ulong)Qcow2Incompatible.CompressionType) != 0;
        if (stated != (header.CompressionType != 0))
        {
            throw Qcow2Header.Bad("compression_type", 104,
                stated ? "not zlib, as the compression type feature is set" : "zlib, as the compression type feature is not set", header.CompressionType);
        }
        if (header.CompressionType > 1)
        {
            throw new UnsupportedFeatureException("qcow2 compression type " + header.CompressionType.ToString(CultureInfo.InvariantCulture));
        }
        int clusterBits = (int)header.ClusterBits;
        int entrySize = extended ? 16 : 8;
        var shape = new TwoLevelShape(0, clusterBits, clusterBits - (extended ? 4 : 3), entrySize, 1 << clusterBits);
        CheckSize(shape, header.Size, 24);
        bool hasDataFile = (header.IncompatibleFeatures & (ulong)Qcow2Incompatible.ExternalDataFile) != 0;
        return new Qcow2Geometry(shape with { Size = (long)header.Size }, extended, header.CompressionType == 1, header.Version, hasDataFile);
    }

    /// <summary>Throws unless the largest L1 table can map a disk of this size. What one entry maps is at most 2^39 bytes, so this also bounds the size to 2^61.</summary>
    public static void CheckSize(TwoLevelShape shape, ulong size, long offset)
    {
        if (size > (ulong)shape.L1Coverage * (L1Table.LargestBytes / 8))
        {
            throw Qcow2Header.Bad("size", offset, "a disk that an L1 table of 32 MiB can map", size);
        }
    }
}
