using System.Buffers.Binary;

namespace Forensics.Parsers.Bytes;

/// <summary>CRC-64 as in xz: reflected polynomial of ECMA-182, 0xC96C5795D7870F42, all ones before and after. Eight bytes a step.</summary>
internal static class Crc64
{
    private const int Tables = 8;

    private static readonly ulong[][] s_tables = MakeTables();

    /// <summary>Continues a checksum, which begins with 0, over more bytes.</summary>
    public static ulong Append(ulong crc, ReadOnlySpan<byte> bytes)
    {
        ulong[][] t = s_tables;
        ulong[] t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3], t4 = t[4], t5 = t[5], t6 = t[6], t7 = t[7];
        ulong state = ~crc;
        while (bytes.Length >= Tables)
        {
            state ^= BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            state = t7[state & 0xFF] ^ t6[state >> 8 & 0xFF] ^ t5[state >> 16 & 0xFF] ^ t4[state >> 24 & 0xFF]
                ^ t3[state >> 32 & 0xFF] ^ t2[state >> 40 & 0xFF] ^ t1[state >> 48 & 0xFF] ^ t0[state >> 56];
            bytes = bytes[Tables..];
        }
        foreach (byte value in bytes)
        {
            state = t0[(state ^ value) & 0xFF] ^ (state >> 8);
        }
        return ~state;
    }

    private static ulong[][] MakeTables()
    {
        var tables = new ulong[Tables][];
        for (int table = 0; table < Tables; table++)
        {
            tables[table] = new ulong[256];
            for (ulong i = 0; i < 256; i++)
            {
                ulong value = table == 0 ? i : tables[table - 1][i];
                for (int bit = 0; bit < 8; bit++)
                {
                    value = (value & 1) != 0 ? (value >> 1) ^ 0xC96C5795D7870F42 : value >> 1;
                }
                tables[table][i] = value;
            }
        }
        return tables;
    }
}
