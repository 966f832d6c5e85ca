using System.Numerics;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>The two checksums of the format, as the kernel chains them: no inversion at either end, the caller supplies the seed.</summary>
internal static class Checksums
{
    /// <summary>Seed of every chain that does not continue another.</summary>
    public const uint Crc32CSeed = 0xFFFFFFFF;

    private static readonly ushort[] Crc16Table = MakeCrc16Table();

    /// <summary>Continues a CRC-32C (Castagnoli).</summary>
    public static uint Crc32C(uint crc, ReadOnlySpan<byte> data) => Bytes.Crc32C.Continue(crc, data);

    /// <summary>Continues a CRC-32C with a little-endian 32-bit number.</summary>
    public static uint Crc32C(uint crc, uint value) => BitOperations.Crc32C(crc, value);

    /// <summary>Continues a CRC-16 (ANSI, reflected), which <c>uninit_bg</c> uses for group descriptors.</summary>
    public static ushort Crc16(ushort crc, ReadOnlySpan<byte> data)
    {
        foreach (byte value in data)
        {
            crc = (ushort)((crc >> 8) ^ Crc16Table[(crc ^ value) & 0xFF]);
        }
        return crc;
    }

    private static ushort[] MakeCrc16Table()
    {
        const int ReflectedPolynomial = 0xA001;
        var table = new ushort[256];
        for (int i = 0; i < table.Length; i++)
        {
            int value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ ReflectedPolynomial : value >> 1;
            }
            table[i] = (ushort)value;
        }
        return table;
    }
}
