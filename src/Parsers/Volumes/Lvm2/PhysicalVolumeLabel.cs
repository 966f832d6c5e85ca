using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Volumes.Lvm2;

/// <summary>The label of a physical volume and what its header lists. Offsets and sizes in bytes from the start of the volume.</summary>
/// <param name="Offset">Where the label lies.</param>
/// <param name="Uuid">UUID in LVM's form, with dashes.</param>
/// <param name="DeviceSize">Size of the device when the header was written.</param>
/// <param name="MetadataAreas">Where metadata may lie, at most 16.</param>
/// <param name="IsIntact">The checksum is right.</param>
internal sealed record PhysicalVolumeLabel(long Offset, string Uuid, ulong DeviceSize, IReadOnlyList<(ulong Offset, ulong Size)> MetadataAreas, bool IsIntact)
{
    private const int SectorSize = 512;
    private const int Sectors = 4;
    private const int MaxAreas = 16;

    /// <summary>
    /// The label in the first four sectors; null when there is none. Of several the first with a right checksum counts.
    /// Specification: https://github.com/libyal/libvslvm/blob/main/documentation/Logical%20Volume%20Manager%20(LVM)%20format.asciidoc and lvm2's lib/format_text/layout.h
    /// </summary>
    public static PhysicalVolumeLabel? Read(IByteSource volume)
    {
        byte[] head = volume.ReadArray(0, Sectors * SectorSize);
        PhysicalVolumeLabel? damaged = null;
        for (int sector = 0; (sector + 1) * SectorSize <= head.Length; sector++)
        {
            ReadOnlySpan<byte> bytes = head.AsSpan(sector * SectorSize, SectorSize);
            if (!bytes.StartsWith("LABELONE"u8) || !bytes[24..].StartsWith("LVM2 001"u8))
            {
                continue;
            }
            var label = new LabelHeader(bytes);
            PhysicalVolumeLabel? found = label.OffsetXl is >= LabelHeader.Size and <= SectorSize - PvHeader.MinimumSize
                ? FromHeader(sector * SectorSize, new PvHeader(bytes[(int)label.OffsetXl..]), label.IsIntact && label.SectorXl == (ulong)sector)
                : null;
            if (found is { IsIntact: true })
            {
                return found;
            }
            damaged ??= found;
        }
        return damaged;
    }

    private static PhysicalVolumeLabel FromHeader(long offset, in PvHeader header, bool isIntact)
    {
        var areas = new List<(ulong, ulong)>();
        // Two lists, each ended by zeros: data areas, then metadata areas. The text says where data begins, so only the second is kept.
        int position = PvHeader.ListsOffset;
        for (int list = 0; list < 2; list++)
        {
            while (position + 16 <= header.Length)
            {
                (ulong start, ulong size) = header.Area(position);
                position += 16;
                if (start == 0)
                {
                    break;
                }
                if (list == 1 && areas.Count < MaxAreas)
                {
                    areas.Add((start, size));
                }
            }
        }
        return new PhysicalVolumeLabel(offset, FormatUuid(header.PvUuid), header.DeviceSizeXl, areas, isIntact);
    }

    /// <summary>LVM's checksum: CRC-32 that begins with 0xF597A6CF and is not inverted.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes) => ~Crc32.Append(~0xF597A6CFu, bytes);

    /// <summary>32 characters as 6-4-4-4-4-4-6.</summary>
    private static string FormatUuid(ReadOnlySpan<byte> raw)
    {
        string text = Encoding.Latin1.GetString(raw);
        return string.Join('-', text[..6], text[6..10], text[10..14], text[14..18], text[18..22], text[22..26], text[26..]);
    }

    /// <summary>The label_header (little endian), fields named as in lvm2's lib/label/label.h.</summary>
    private readonly ref struct LabelHeader(ReadOnlySpan<byte> sector)
    {
        public const int Size = 32;
        private readonly ReadOnlySpan<byte> _bytes = sector;

        public ulong SectorXl => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[8..]);
        public uint CrcXl => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[16..]);
        public uint OffsetXl => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[20..]);
        public bool IsIntact => Checksum(_bytes[20..]) == CrcXl;
    }

    /// <summary>The pv_header (little endian), fields named as in lvm2's lib/format_text/layout.h.</summary>
    private readonly ref struct PvHeader(ReadOnlySpan<byte> bytes)
    {
        public const int ListsOffset = 40;
        public const int MinimumSize = ListsOffset + 32;
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        public int Length => _bytes.Length;
        public ReadOnlySpan<byte> PvUuid => _bytes[..32];
        public ulong DeviceSizeXl => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[32..]);

        /// <summary>A disk_locn.</summary>
        public (ulong Offset, ulong Size) Area(int position) =>
            (BinaryPrimitives.ReadUInt64LittleEndian(_bytes[position..]), BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(position + 8)..]));
    }
}
