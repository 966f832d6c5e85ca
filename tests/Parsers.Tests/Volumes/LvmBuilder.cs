using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary>A physical volume of LVM2 written byte by byte around any metadata text; every field can be broken afterwards.</summary>
internal sealed class LvmBuilder
{
    public const int ExtentSectors = 8;
    private const int AreaOffset = 4096;

    /// <param name="uuid">Up to 32 characters.</param>
    /// <param name="text">Metadata text; <see cref="Group"/> makes one.</param>
    /// <param name="data">What follows the metadata from extent 0 on.</param>
    /// <param name="areaSize">Bytes of the metadata area.</param>
    /// <param name="textOffset">Where the text begins in the area; it wraps at the end.</param>
    public LvmBuilder(string uuid, byte[] text, byte[] data, int areaSize = 64 << 10, int textOffset = 512)
    {
        AreaSize = areaSize;
        Bytes = new byte[AreaOffset + areaSize + data.Length];
        data.CopyTo(Bytes, AreaOffset + areaSize);
        Span<byte> label = Bytes.AsSpan(512, 512);
        "LABELONE"u8.CopyTo(label);
        label[8] = 1;
        label[20] = 32;
        "LVM2 001"u8.CopyTo(label[24..]);
        Encoding.ASCII.GetBytes(uuid.PadRight(32, '0').AsSpan(0, 32), label[32..]);
        BinaryPrimitives.WriteInt64LittleEndian(label[64..], Bytes.Length);
        BinaryPrimitives.WriteInt64LittleEndian(label[72..], AreaOffset + areaSize);
        BinaryPrimitives.WriteInt64LittleEndian(label[104..], AreaOffset);
        BinaryPrimitives.WriteInt64LittleEndian(label[112..], areaSize);
        BinaryPrimitives.WriteUInt32LittleEndian(label[16..], Crc(label[20..]));
        for (int i = 0; i < text.Length; i++)
        {
            int at = textOffset + i;
            Bytes[AreaOffset + (at < areaSize ? at : at - areaSize + 512)] = text[i];
        }
        Span<byte> area = Bytes.AsSpan(AreaOffset, 512);
        " LVM2 x[5A%r0N*>"u8.CopyTo(area[4..]);
        area[20] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(area[24..], AreaOffset);
        BinaryPrimitives.WriteInt64LittleEndian(area[32..], areaSize);
        SetLocation(textOffset, text.Length, Crc(text));
    }

    public byte[] Bytes { get; }

    public int AreaSize { get; }

    /// <summary>The header's first location, with the checksum of the header.</summary>
    public LvmBuilder SetLocation(long offset, long size, uint checksum)
    {
        Span<byte> area = Bytes.AsSpan(AreaOffset, 512);
        BinaryPrimitives.WriteInt64LittleEndian(area[40..], offset);
        BinaryPrimitives.WriteInt64LittleEndian(area[48..], size);
        BinaryPrimitives.WriteUInt32LittleEndian(area[56..], checksum);
        return FixHeader();
    }

    public LvmBuilder FixHeader()
    {
        Span<byte> area = Bytes.AsSpan(AreaOffset, 512);
        BinaryPrimitives.WriteUInt32LittleEndian(area, Crc(area[4..]));
        return this;
    }

    /// <summary>The UUID as metadata text has it.</summary>
    public static string Uuid(string uuid)
    {
        string full = uuid.PadRight(32, '0')[..32];
        return string.Join('-', full[..6], full[6..10], full[10..14], full[14..18], full[18..22], full[22..26], full[26..]);
    }

    /// <summary>A volume group of the physical volumes and of the logical ones, whose text is given; extents of 4 KiB after an area of 64 KiB.</summary>
    public static byte[] Group(string name, IEnumerable<string> physical, string logical, long seqno = 1, string extra = "", string? id = null, int extents = 8, int areaSize = 64 << 10) =>
        Encoding.Latin1.GetBytes(FormattableString.Invariant($$"""
            {{name}} {
            id = "{{id ?? Uuid("vg" + name)}}"
            seqno = {{seqno}}
            status = ["READ", "WRITE"{{extra}}]
            extent_size = {{ExtentSectors}}
            physical_volumes {
            {{string.Join('\n', physical.Select((uuid, i) => $"pv{i} {{\nid = \"{Uuid(uuid)}\"\npe_start = {(AreaOffset + areaSize) / 512}\npe_count = {extents}\n}}"))}}
            }
            logical_volumes {
            {{logical}}
            }
            }
            contents = "Text Format Volume Group"
            version = 1

            """));

    /// <summary>A logical volume of one segment.</summary>
    public static string Volume(string name, string segment, long extents = 1, string status = "\"READ\", \"VISIBLE\"") =>
        string.Create(CultureInfo.InvariantCulture, $"{name} {{\nid = \"{Uuid(name)}\"\nstatus = [{status}]\nsegment_count = 1\nsegment1 {{\nstart_extent = 0\nextent_count = {extents}\n{segment}\n}}\n}}\n");

    /// <summary>A linear segment on a physical or logical volume.</summary>
    public static string Linear(string on, long extent = 0) =>
        string.Create(CultureInfo.InvariantCulture, $"type = \"striped\"\nstripe_count = 1\nstripes = [\"{on}\", {extent}]");

    /// <summary>A physical volume with one logical volume over all its data.</summary>
    public static byte[] Simple(string group, string uuid, byte[] data)
    {
        int extents = (data.Length + 4095) / 4096;
        byte[] padded = data.Length % 4096 == 0 ? data : [.. data, .. new byte[extents * 4096 - data.Length]];
        return new LvmBuilder(uuid, Group(group, [uuid], Volume("lv", Linear("pv0"), extents), extents: extents, areaSize: 8192), padded, 8192).Bytes;
    }

    /// <summary>LVM's checksum bit by bit.</summary>
    public static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = 0xF597A6CF;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }
        return crc;
    }
}
