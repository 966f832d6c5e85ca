using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>An entry of an $ATTRIBUTE_LIST: which record holds a part of an attribute.</summary>
/// <param name="TypeCode">Type of the attribute.</param>
/// <param name="IsNamed">It has a name.</param>
/// <param name="LowestVcn">First cluster the part maps.</param>
/// <param name="Record">Number of the record.</param>
/// <param name="Sequence">Its sequence number when the entry was written.</param>
internal readonly record struct AttributeListEntry(uint TypeCode, bool IsNamed, long LowestVcn, ulong Record, ushort Sequence);

/// <summary>Reads $ATTRIBUTE_LIST, resident or not (ATTRIBUTE_LIST_ENTRY).</summary>
internal static class AttributeList
{
    /// <summary>Windows lets none grow larger.</summary>
    public const int LargestSize = 256 << 10;

    private const int EntrySize = 0x1A;

    /// <summary>The entries in stored order. Ends at the first that cannot be, which is reported.</summary>
    public static List<AttributeListEntry> Read(in AttributeView attribute, ulong number, IByteSource volume, NtfsGeometry geometry, NtfsDiagnostics diagnostics)
    {
        var entries = new List<AttributeListEntry>();
        ReadOnlySpan<byte> list = attribute.IsResident ? attribute.Value : ReadNonresident(attribute, number, volume, geometry, diagnostics);
        while (!list.IsEmpty)
        {
            int length = list.Length < EntrySize ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(list[4..]);
            if (length < EntrySize || length > list.Length)
            {
                diagnostics.Report("ntfs.attribute_list.entry", "an attribute list has an entry of an impossible length", "26 bytes to the end of the list", length.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    -1, number, losesContent: true);
                break;
            }
            ulong reference = BinaryPrimitives.ReadUInt64LittleEndian(list[0x10..]);
            entries.Add(new AttributeListEntry(BinaryPrimitives.ReadUInt32LittleEndian(list), list[6] > 0, BinaryPrimitives.ReadInt64LittleEndian(list[8..]),
                reference & FileRecordView.NumberMask, (ushort)(reference >> 48)));
            list = list[length..];
        }
        return entries;
    }

    private static byte[] ReadNonresident(in AttributeView attribute, ulong number, IByteSource volume, NtfsGeometry geometry, NtfsDiagnostics diagnostics)
    {
        long size = attribute.FileSize;
        if (size is <= 0 or > LargestSize)
        {
            diagnostics.Report("ntfs.attribute_list.size", "an attribute list has an impossible size; up to 256 KiB of it are read", "1 to 262144 bytes",
                size.ToString(System.Globalization.CultureInfo.InvariantCulture), -1, number, losesContent: true);
            size = Math.Clamp(size, 0, LargestSize);
        }
        var runs = new List<DataRun>();
        try
        {
            MappingPairs.Decode(attribute.Pairs, attribute.LowestVcn, geometry.ClusterCount, LargestSize / 512, runs);
            return new RunListSource(volume, ClusterRuns.ToBytes(runs, geometry.ClusterSize, size), size).ReadArray(0, (int)size);
        }
        catch (CorruptDataException exception)
        {
            diagnostics.Report("ntfs.attribute_list.unreadable", "an attribute list cannot be read: what only it leads to is missing", exception, number, losesContent: true);
        }
        catch (LimitExceededException)
        {
            diagnostics.Report("ntfs.attribute_list.unreadable", "an attribute list cannot be read: what only it leads to is missing", "at most 512 runs", "more", -1, number, losesContent: true);
        }
        return [];
    }
}
