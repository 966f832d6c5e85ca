using System.Buffers.Binary;

namespace Forensics.Parsers.Bytes;

/// <summary>CRC-32 as in IEEE 802.3, gzip, zip and GPT: reflected polynomial 0xEDB88320, all ones before and after. Sixteen bytes a step.</summary>
internal static class Crc32
{
    private const int Tables = 16;

    private static readonly uint[][] s_tables = MakeTables();

    /// <summary>The checksum of the bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>Continues a checksum over more bytes.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[][] t = s_tables;
        uint[] t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3], t4 = t[4], t5 = t[5], t6 = t[6], t7 = t[7];
        uint[] t8 = t[8], t9 = t[9], t10 = t[10], t11 = t[11], t12 = t[12], t13 = t[13], t14 = t[14], t15 = t[15];
        uint state = ~crc;
        while (bytes.Length >= Tables)
        {
            uint a = state ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            uint b = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            uint c = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
            uint d = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
            state = t15[a & 0xFF] ^ t14[a >> 8 & 0xFF] ^ t13[a >> 16 & 0xFF] ^ t12[a >> 24]
                ^ t11[b & 0xFF] ^ t10[b >> 8 & 0xFF] ^ t9[b >> 16 & 0xFF] ^ t8[b >> 24]
                ^ t7[c & 0xFF] ^ t6[c >> 8 & 0xFF] ^ t5[c >> 16 & 0xFF] ^ t4[c >> 24]
                ^ t3[d & 0xFF] ^ t2[d >> 8 & 0xFF] ^ t1[d >> 16 & 0xFF] ^ t0[d >> 24];
            bytes = bytes[Tables..];
        }
        foreach (byte value in bytes)
        {
            state = t0[(state ^ value) & 0xFF] ^ (state >> 8);
        }
        return ~state;
    }

    private static uint[][] MakeTables()
    {
        var tables = new uint[Tables][];
        for (int table = 0; table < Tables; table++)
        {
            tables[table] = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                uint value = table == 0 ? i : tables[table - 1][i];
                for (int bit = 0; bit < 8; bit++)
                {
                    value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
                }
                tables[table][i] = value;
            }
        }
        return tables;
    }
}
