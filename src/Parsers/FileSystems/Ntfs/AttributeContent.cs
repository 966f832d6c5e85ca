using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ntfs.Compression;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>Opens the content of an attribute: resident, mapped by runs, sparse, compressed. Bytes beyond the valid data length read as zeros. Thread-safe.</summary>
internal sealed class AttributeContent(IByteSource volume, NtfsGeometry geometry, NtfsDiagnostics diagnostics, ParseContext context)
{
    // The system compresses in units of 16 clusters and no other.
    private const int UnitExponent = 4;

    /// <summary>The content as a program on that system reads it.</summary>
    /// <exception cref="UnsupportedFeatureException">It is encrypted, or compressed in a way nobody knows.</exception>
    public IByteSource Open(NtfsAttribute attribute, ulong number, bool isInUse)
    {
        if (attribute.Value is { } value)
        {
            return value.IsEmpty ? MemorySource.Empty : new MemorySource(value);
        }
        if ((attribute.Flags & AttributeFlags.Encrypted) != 0)
        {
            throw new UnsupportedFeatureException("content encrypted by the file system (EFS)");
        }
        return OpenStored(attribute, number, isInUse);
    }

    /// <summary>The content also when it is encrypted: then as it is stored.</summary>
    public IByteSource OpenStored(NtfsAttribute attribute, ulong number, bool isInUse)
    {
        if (attribute.FileSize < 0)
        {
            throw new CorruptDataException("ntfs.content.size", -1, "a size below 2^63 in record " + number.ToString(CultureInfo.InvariantCulture), Text(attribute.FileSize));
        }
        if (attribute.FileSize == 0)
        {
            return MemorySource.Empty;
        }
        long valid = Math.Clamp(attribute.ValidDataLength, 0, attribute.FileSize);
        List<DataRun> runs = attribute.Runs(geometry, number, diagnostics, context.Limits.ContentRuns, isInUse);
        long mapped = runs.Count == 0 ? 0 : runs[^1].End;
        if (isInUse && valid > 0 && mapped <= (valid - 1) / geometry.ClusterSize)
        {
            diagnostics.Report("ntfs.content.unmapped", "a file is larger than its map: what is missing reads as zeros", Text((valid - 1) / geometry.ClusterSize + 1) + " clusters", Text(mapped), -1, number, losesContent: true);
        }
        if ((attribute.Flags & AttributeFlags.CompressionMask) != 0)
        {
            return OpenCompressed(attribute, runs, valid);
        }
        return new RunListSource(volume, ClusterRuns.ToBytes(runs, geometry.ClusterSize, valid), attribute.FileSize);
    }

    private CompressedUnitSource OpenCompressed(NtfsAttribute attribute, List<DataRun> runs, long valid)
    {
        if ((attribute.Flags & AttributeFlags.CompressionMask) != AttributeFlags.Lznt1 || attribute.CompressionUnit != UnitExponent)
        {
            throw new UnsupportedFeatureException(string.Create(CultureInfo.InvariantCulture, $"NTFS compression {attribute.Flags & AttributeFlags.CompressionMask} in units of 2^{attribute.CompressionUnit} clusters"));
        }
        return new CompressedUnitSource(volume, runs, geometry.ClusterSize, 1 << UnitExponent, attribute.FileSize, valid);
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
