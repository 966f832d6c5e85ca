using System.Buffers.Binary;

namespace Forensics.Parsers.Tests.Formats.Registry;

/// <summary>Writes transaction logs of hives for tests: from the states of a hive before and after a change.</summary>
public static class RegistryLogWriter
{
    private const int Base = 4096;
    private const int Page = 4096;
    private const int Sector = 512;
    private const ulong Seed = 0x82EF4D887A4E55C5;

    /// <summary>A log of the new format; each entry leads from one state of the hive to the next.</summary>
    public static byte[] NewFormat(uint firstSequence, params byte[][] states)
    {
        using var log = new MemoryStream();
        log.Write(Header(states[^1], firstSequence, 6));
        for (int i = 1; i < states.Length; i++)
        {
            log.Write(Entry(firstSequence + (uint)i - 1, states[i - 1], states[i]));
        }
        return log.ToArray();
    }

    /// <summary>A log of the old format that leads from one state of the hive to another.</summary>
    public static byte[] OldFormat(uint sequence, byte[] before, byte[] after)
    {
        int pages = (after.Length - Base) / Sector;
        var vector = new byte[(4 + (pages + 7) / 8 + Sector - 1) / Sector * Sector];
        "DIRT"u8.CopyTo(vector);
        using var log = new MemoryStream();
        log.Write(Header(after, sequence, 1));
        log.Write(vector);
        foreach (int page in Changed(before, after))
        {
            vector[4 + page] = 0xFF;
            log.Write(after, Base + page * Page, Page);
        }
        byte[] bytes = log.ToArray();
        vector.CopyTo(bytes, Sector);
        return bytes;
    }

    private static byte[] Entry(uint sequence, byte[] before, byte[] after)
    {
        List<int> pages = Changed(before, after);
        int size = (40 + pages.Count * (8 + Page) + Sector - 1) / Sector * Sector;
        var entry = new byte[size];
        "HvLE"u8.CopyTo(entry);
        Put(entry, 4, (uint)size);
        Put(entry, 12, sequence);
        Put(entry, 16, (uint)(after.Length - Base));
        Put(entry, 20, (uint)pages.Count);
        for (int i = 0; i < pages.Count; i++)
        {
            Put(entry, 40 + i * 8, (uint)(pages[i] * Page));
            Put(entry, 44 + i * 8, Page);
            after.AsSpan(Base + pages[i] * Page, Page).CopyTo(entry.AsSpan(40 + pages.Count * 8 + i * Page));
        }
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(24), Marvin(entry.AsSpan(40)));
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(32), Marvin(entry.AsSpan(0, 32)));
        return entry;
    }

    private static byte[] Header(byte[] hive, uint sequence, uint type)
    {
        byte[] header = hive[..Sector];
        Put(header, 4, sequence);
        Put(header, 8, sequence);
        Put(header, 28, type);
        RegistryHiveWriter.WriteChecksum(header);
        return header;
    }

    private static List<int> Changed(byte[] before, byte[] after) =>
        [.. Enumerable.Range(0, (after.Length - Base) / Page).Where(page => before.Length < Base + (page + 1) * Page || !after.AsSpan(Base + page * Page, Page).SequenceEqual(before.AsSpan(Base + page * Page, Page)))];

    // Written apart from the program's, over 64-bit words, so that a slip in one shows in the other.
    private static ulong Marvin(ReadOnlySpan<byte> data)
    {
        byte[] padded = [.. data, 0x80, .. new byte[(7 - data.Length % 4) % 4]];
        ulong low = Seed & 0xFFFFFFFF;
        ulong high = Seed >> 32;
        for (int i = 0; i <= padded.Length; i += 4)
        {
            low = (low + (i < padded.Length ? BinaryPrimitives.ReadUInt32LittleEndian(padded.AsSpan(i)) : 0)) & 0xFFFFFFFF;
            high ^= low;
            low = (Turn(low, 20) + high) & 0xFFFFFFFF;
            high = Turn(high, 9) ^ low;
            low = (Turn(low, 27) + high) & 0xFFFFFFFF;
            high = Turn(high, 19);
        }
        return (high << 32) | low;
    }

    private static ulong Turn(ulong word, int bits) => ((word << bits) | (word >> (32 - bits))) & 0xFFFFFFFF;

    private static void Put(byte[] bytes, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
}
