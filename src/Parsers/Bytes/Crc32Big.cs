using System.Buffers.Binary;

namespace Forensics.Parsers.Bytes;

/// <summary>
/// CRC-32 of IEEE 802.3 with the most significant bit first (polynomial 0x04C11DB7), without inversion at either end: the kernel's <c>crc32_be</c>.
/// Eight bytes a step.
/// </summary>
internal static class Crc32Big
{
    private const int Tables = 8;

    private static readonly uint[][] s_tables = MakeTables();

    /// <summary>Continues a checksum over more bytes.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[][] t = s_tables;
        uint[] t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3], t4 = t[4], t5 = t[5], t6 = t[6], t7 = t[7];
        while (bytes.Length >= 8)
        {
            uint high = crc ^ BinaryPrimitives.ReadUInt32BigEndian(bytes);
            crc = t7[high >> 24] ^ t6[high >> 16 & 0xFF] ^ t5[high >> 8 & 0xFF] ^ t4[high & 0xFF]
                ^ t3[bytes[4]] ^ t2[bytes[5]] ^ t1[bytes[6]] ^ t0[bytes[7]];
            bytes = bytes[8..];
        }
        foreach (byte value in bytes)
        {
            crc = t0[crc >> 24 ^ value] ^ crc << 8;
        }
        return crc;
    }

    private static uint[][] MakeTables()
    {
        const uint Polynomial = 0x04C11DB7;
        var tables = new uint[Tables][];
        for (int table = 0; table < Tables; table++)
        {
            tables[table] = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                uint value = table == 0 ? i << 24 : tables[table - 1][i];
                for (int bit = 0; bit < 8; bit++)
                {
                    value = (value & 0x80000000) != 0 ? value << 1 ^ Polynomial : value << 1;
                }
                tables[table][i] = value;
            }
        }
        return tables;
    }
}
