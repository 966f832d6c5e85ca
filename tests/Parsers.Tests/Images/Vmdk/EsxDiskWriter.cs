using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Tests.Images.Vmdk;

/// <summary>
/// Writes the two kinds of extent that only ESX writes, after their specifications: seSparse as QEMU documents it, COWD as libvmdk does. Tables and grains are put down in
/// an order that is not that of the disk. Whether the result is sound is for QEMU to say, which reads both.
/// </summary>
internal static class EsxDiskWriter
{
    private const int Sector = 512;
    private const int SeGrain = 4096;

    /// <summary>A descriptor with one extent.</summary>
    public static string Descriptor(string createType, long size, string type, string extent, string more = "") =>
        $"# Disk DescriptorFile\nversion=1\nCID=11223344\nparentCID=ffffffff\ncreateType=\"{createType}\"\n{more}\n# Extent description\nRW {size / Sector} {type} \"{extent}\"\n\n# The Disk Data Base\n#DDB\n\nddb.adapterType = \"lsilogic\"\n";

    /// <summary>A seSparse extent. Grains of zeros are absent, of type 1 or of type 2 in turn.</summary>
    public static byte[] SeSparse(byte[] raw)
    {
        const int Entries = 4096;
        int grains = (raw.Length + SeGrain - 1) / SeGrain;
        int tables = (grains + Entries - 1) / Entries;
        int directorySectors = Math.Max(1, (tables * 8 + Sector - 1) / Sector);
        int directory = 2 * Sector;
        int tablesAt = directory + directorySectors * Sector;
        int grainsAt = tablesAt + (tables + 1) * Entries * 8;
        grainsAt = (grainsAt + SeGrain - 1) / SeGrain * SeGrain;
        var stored = new List<int>();
        for (int i = grains - 1; i >= 0; i--)
        {
            if (Part(raw, i, SeGrain).ContainsAnyExcept((byte)0))
            {
                stored.Add(i);
            }
        }
        var image = new byte[grainsAt + (stored.Count + 5000) * SeGrain];
        UInt64(image, 0, 0xCAFEBABE, 0x0000000200000001, (ulong)(raw.Length / Sector), 8, 64, 0);
        UInt64(image, 80, 1, 1);
        UInt64(image, 128, (ulong)(directory / Sector), (ulong)directorySectors, (ulong)(tablesAt / Sector), (ulong)((tables + 1) * 64));
        UInt64(image, 192, (ulong)(grainsAt / Sector), (ulong)(stored.Count * 8));
        UInt64(image, Sector, 0xCAFECAFE);
        for (int t = 0; t < tables; t++)
        {
            // Table numbers run backwards; number 0 is not used.
            UInt64(image, directory + t * 8, 0x1000_0000_0000_0000UL | (uint)(tables - t));
        }
        int zeroKind = 0;
        for (int g = 0; g < grains; g++)
        {
            int at = tablesAt + ((tables - g / Entries) * Entries + g % Entries) * 8;
            if (!Part(raw, g, SeGrain).ContainsAnyExcept((byte)0))
            {
                UInt64(image, at, (ulong)(zeroKind++ % 3) << 60);
            }
        }
        for (int i = 0; i < stored.Count; i++)
        {
            // Beyond number 4,095 the high bits of the entry are used.
            ulong number = (ulong)(i < stored.Count / 2 ? i : i + 4500);
            int at = tablesAt + ((tables - stored[i] / Entries) * Entries + stored[i] % Entries) * 8;
            UInt64(image, at, 3UL << 60 | (number & 0xFFF) << 48 | number >> 12);
            Part(raw, stored[i], SeGrain).CopyTo(image.AsSpan(grainsAt + (int)number * SeGrain));
        }
        return image;
    }

    /// <summary>A COWD extent; a grain is stored when <paramref name="isStored"/> says so.</summary>
    public static byte[] Cowd(byte[] raw, int grainSectors, Func<int, bool> isStored)
    {
        const int Entries = 4096;
        int grain = grainSectors * Sector;
        int grains = (raw.Length + grain - 1) / grain;
        int tables = (grains + Entries - 1) / Entries;
        int directory = 4 * Sector;
        int directorySectors = (tables * 4 + Sector - 1) / Sector;
        int tablesAt = directory + directorySectors * Sector;
        var stored = new List<int>();
        for (int i = grains - 1; i >= 0; i--)
        {
            if (isStored(i))
            {
                stored.Add(i);
            }
        }
        var usedTables = stored.Select(g => g / Entries).Distinct().ToList();
        int grainsAt = tablesAt + usedTables.Count * Entries * 4;
        var image = new byte[grainsAt + stored.Count * grain];
        "COWD"u8.CopyTo(image);
        UInt32(image, 4, 1, 3, (uint)(raw.Length / Sector), (uint)grainSectors, 4, (uint)tables, (uint)(image.Length / Sector));
        for (int i = 0; i < usedTables.Count; i++)
        {
            UInt32(image, directory + usedTables[i] * 4, (uint)((tablesAt + i * Entries * 4) / Sector));
        }
        for (int i = 0; i < stored.Count; i++)
        {
            int table = usedTables.IndexOf(stored[i] / Entries);
            UInt32(image, tablesAt + (table * Entries + stored[i] % Entries) * 4, (uint)((grainsAt + i * grain) / Sector));
            Part(raw, stored[i], grain).CopyTo(image.AsSpan(grainsAt + i * grain));
        }
        return image;
    }

    /// <summary>Writes descriptor and extent into a folder; returns the path of the descriptor.</summary>
    public static string Write(TempFolder folder, string name, string descriptor, string extentName, byte[] extent)
    {
        folder.Write(extentName, extent);
        return folder.Write(name, Encoding.UTF8.GetBytes(descriptor));
    }

    private static ReadOnlySpan<byte> Part(byte[] raw, int number, int size) => raw.AsSpan(number * size, Math.Min(size, raw.Length - number * size));

    private static void UInt64(byte[] image, int offset, params ulong[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(offset + i * 8), values[i]);
        }
    }

    private static void UInt32(byte[] image, int offset, params uint[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(offset + i * 4), values[i]);
        }
    }
}
