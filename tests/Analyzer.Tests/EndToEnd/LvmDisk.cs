using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>
/// Physical volumes of one volume group whose logical volumes are linear, written by the description of the format in lvmetadata's documentation and lvm2's <c>format_text</c>. Extents of 1 MiB.
/// </summary>
internal static class LvmDisk
{
    private const int Mib = 1 << 20;
    private const int MetadataStart = 4096;

    /// <summary>Writes the physical volumes, so many MiB of data each, and puts the logical volumes on them one after the other.</summary>
    public static void Write(string group, IReadOnlyList<(string File, int Mib)> physical, IReadOnlyList<(string Name, string File)> logical)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{group} {{\nid = \"{Id('G', 0)}\"\nseqno = 1\nformat = \"lvm2\"\nstatus = [\"RESIZEABLE\", \"READ\", \"WRITE\"]\nflags = []\nextent_size = 2048\nmax_lv = 0\nmax_pv = 0\nmetadata_copies = 0\n\nphysical_volumes {{\n");
        var disks = new List<byte[]>();
        for (int i = 0; i < physical.Count; i++)
        {
            disks.Add(new byte[(physical[i].Mib + 1) * Mib]);
            text.Append(CultureInfo.InvariantCulture, $"pv{i} {{\nid = \"{Id('P', i)}\"\ndevice = \"/dev/none\"\nstatus = [\"ALLOCATABLE\"]\nflags = []\ndev_size = {disks[i].Length / 512}\npe_start = 2048\npe_count = {physical[i].Mib}\n}}\n");
        }
        text.Append("}\n\nlogical_volumes {\n");
        int disk = 0;
        int extent = 0;
        for (int i = 0; i < logical.Count; i++)
        {
            byte[] content = File.ReadAllBytes(logical[i].File);
            var segments = new StringBuilder();
            int count = 0;
            for (int done = 0; done < content.Length / Mib;)
            {
                if (extent == physical[disk].Mib)
                {
                    (disk, extent) = (disk + 1, 0);
                }
                int length = Math.Min(physical[disk].Mib - extent, content.Length / Mib - done);
                content.AsSpan(done * Mib, length * Mib).CopyTo(disks[disk].AsSpan((extent + 1) * Mib));
                segments.Append(CultureInfo.InvariantCulture, $"segment{++count} {{\nstart_extent = {done}\nextent_count = {length}\ntype = \"striped\"\nstripe_count = 1\nstripes = [\n\"pv{disk}\", {extent}\n]\n}}\n");
                done += length;
                extent += length;
            }
            text.Append(CultureInfo.InvariantCulture, $"{logical[i].Name} {{\nid = \"{Id('L', i)}\"\nstatus = [\"READ\", \"WRITE\", \"VISIBLE\"]\nflags = []\nsegment_count = {count}\n{segments}}}\n");
        }
        text.Append("}\n}\n# Generated\ncontents = \"Text Format Volume Group\"\nversion = 1\n\0");
        byte[] metadata = Encoding.ASCII.GetBytes(text.ToString());
        for (int i = 0; i < disks.Count; i++)
        {
            WriteLabel(disks[i], Id('P', i), metadata);
            File.WriteAllBytes(physical[i].File, disks[i]);
        }
    }

    private static void WriteLabel(byte[] disk, string id, byte[] metadata)
    {
        Span<byte> label = disk.AsSpan(512, 512);
        "LABELONE"u8.CopyTo(label);
        BinaryPrimitives.WriteUInt64LittleEndian(label[8..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(label[20..], 32);
        "LVM2 001"u8.CopyTo(label[24..]);
        Encoding.ASCII.GetBytes(id.Replace("-", "", StringComparison.Ordinal)).CopyTo(label[32..]);
        BinaryPrimitives.WriteUInt64LittleEndian(label[64..], (ulong)disk.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(label[72..], Mib);
        BinaryPrimitives.WriteUInt64LittleEndian(label[104..], MetadataStart);
        BinaryPrimitives.WriteUInt64LittleEndian(label[112..], Mib - MetadataStart);
        BinaryPrimitives.WriteUInt32LittleEndian(label[16..], Crc(label[20..]));

        Span<byte> area = disk.AsSpan(MetadataStart, 512);
        " LVM2 x[5A%r0N*>"u8.CopyTo(area[4..]);
        BinaryPrimitives.WriteUInt32LittleEndian(area[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(area[24..], MetadataStart);
        BinaryPrimitives.WriteUInt64LittleEndian(area[32..], Mib - MetadataStart);
        BinaryPrimitives.WriteUInt64LittleEndian(area[40..], 512);
        BinaryPrimitives.WriteUInt64LittleEndian(area[48..], (ulong)metadata.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(area[56..], Crc(metadata));
        BinaryPrimitives.WriteUInt32LittleEndian(area, Crc(area[4..]));
        metadata.CopyTo(disk.AsSpan(MetadataStart + 512));
    }

    /// <summary>CRC-32 of IEEE 802.3 from lvm2's own start value, not inverted at the end.</summary>
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xf597a6cf;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }
        return crc;
    }

    private static string Id(char kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}00000-0000-0000-0000-0000-0000-{number:000000}");
}
