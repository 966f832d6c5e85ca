using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vhdx;

/// <summary>A region of the file, in bytes.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">Its length.</param>
internal readonly record struct VhdxRegion(long Offset, uint Length);

/// <summary>What the region table (little endian, two copies) says. [MS-VHDX] 2.2.3.</summary>
/// <param name="Table">The block allocation table.</param>
/// <param name="Metadata">The metadata region.</param>
internal sealed record VhdxRegions(VhdxRegion Table, VhdxRegion Metadata)
{
    private const int TableSize = 64 << 10;
    private const int EntrySize = 32;
    private const uint MaxEntries = 2047;
    private const long FirstOffset = 192 << 10;
    private const long SecondOffset = 256 << 10;

    private static readonly Guid s_blockAllocationTable = new("2DC27766-F623-4200-9D64-115E9BFD4A08");
    private static readonly Guid s_metadata = new("8B7CA206-4790-4B9A-B8FE-575F050F886E");

    /// <summary>
    /// Reads the first table, or the second when that is damaged. Throws <see cref="CorruptDataException"/> when both are or a region is missing, and
    /// <see cref="UnsupportedFeatureException"/> for a required region that is not known.
    /// </summary>
    public static VhdxRegions Read(IByteSource file, IDiagnosticSink diagnostics)
    {
        byte[] table = ReadTable(file, FirstOffset);
        if (table.Length == 0)
        {
            table = ReadTable(file, SecondOffset);
            if (table.Length == 0)
            {
                throw new CorruptDataException("vhdx.region-table", FirstOffset, "a table with the right checksum", "none in both places");
            }
            diagnostics.Report(new Diagnostic("vhdx.region-table.copy", "the first region table is damaged; the second is used") { Offset = FirstOffset });
        }
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(8));
        if (count > MaxEntries)
        {
            throw new CorruptDataException("vhdx.region-table.entry-count", FirstOffset + 8, "at most 2047", count.ToString(CultureInfo.InvariantCulture));
        }
        VhdxRegion? blocks = null;
        VhdxRegion? metadata = null;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = table.AsSpan(16 + i * EntrySize, EntrySize);
            var kind = new Guid(entry[..16]);
            bool isRequired = (BinaryPrimitives.ReadUInt32LittleEndian(entry[28..]) & 1) != 0;
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]);
            if (kind != s_blockAllocationTable && kind != s_metadata)
            {
                if (isRequired)
                {
                    throw new UnsupportedFeatureException("VHDX region " + kind.ToString("B").ToUpperInvariant() + " that must be understood");
                }
                continue;
            }
            if (offset < 1 << 20 || offset >= (ulong)file.Length)
            {
                throw new CorruptDataException("vhdx.region-table.file-offset", FirstOffset + 16 + i * EntrySize + 16, "an offset in the file from 1 MiB",
                    offset.ToString(CultureInfo.InvariantCulture));
            }
            var region = new VhdxRegion((long)offset, BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]));
            if (kind == s_metadata)
            {
                metadata ??= region;
            }
            else
            {
                blocks ??= region;
            }
        }
        return blocks is { } found && metadata is { } described
            ? new VhdxRegions(found, described)
            : throw new CorruptDataException("vhdx.region-table", FirstOffset, "a block allocation table and a metadata region", "one or both missing");
    }

    private static byte[] ReadTable(IByteSource file, long offset)
    {
        byte[] bytes = file.ReadArray(offset, TableSize);
        return bytes.Length == TableSize && bytes.AsSpan().StartsWith("regi"u8) && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) == Crc32C.ComputeWithout(bytes, 4)
            ? bytes : [];
    }
}
