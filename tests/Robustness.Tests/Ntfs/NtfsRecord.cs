using System.Buffers.Binary;
using System.Text;

namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>One record of the master file table, its update sequence undone, to be changed in place.</summary>
/// <param name="bytes">All of it.</param>
/// <param name="number">Its number.</param>
internal sealed class NtfsRecord(byte[] bytes, long number)
{
    public byte[] Bytes { get; } = bytes;

    public long Number { get; } = number;

    public int FirstAttribute => Get16(20);

    public bool IsInUse => Bytes.AsSpan().StartsWith("FILE"u8) && (Get16(22) & 1) != 0;

    public ushort Sequence => Get16(16);

    /// <summary>Bytes in use.</summary>
    public int Used
    {
        get => (int)Get32(24);
        set => Put32(24, (uint)value);
    }

    public ushort Get16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(offset));

    public uint Get32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(offset));

    public void Put8(int offset, byte value) => Bytes[offset] = value;

    public void Put16(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Bytes.AsSpan(offset), value);

    public void Put32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(offset), value);

    public void Put64(int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Bytes.AsSpan(offset), value);

    /// <summary>Where each attribute begins, as long as the record is sound.</summary>
    public IEnumerable<int> Attributes()
    {
        for (int offset = FirstAttribute; offset >= 0 && offset + 24 <= Math.Min((uint)Used, Bytes.Length) && Get32(offset) != 0xFFFF_FFFF && Get32(offset + 4) >= 24; offset += (int)Get32(offset + 4))
        {
            yield return offset;
        }
    }

    /// <summary>Where an attribute begins; throws when there is none.</summary>
    public int Find(uint type, string name = "") => Attributes().First(offset => Get32(offset) == type && NameOf(offset) == name);

    public bool Has(uint type, string name = "") => Attributes().Any(offset => Get32(offset) == type && NameOf(offset) == name);

    public string NameOf(int offset) => Encoding.Unicode.GetString(Bytes, offset + Get16(offset + 10), Bytes[offset + 9] * 2);

    /// <summary>Where the value of a resident attribute begins.</summary>
    public int ValueOf(int offset) => offset + Get16(offset + 20);

    /// <summary>Takes an attribute out.</summary>
    public void Remove(int offset)
    {
        int length = (int)Get32(offset + 4);
        Bytes.AsSpan((offset + length)..Used).CopyTo(Bytes.AsSpan(offset));
        Used -= length;
    }

    /// <summary>Puts an attribute before the first of a higher type.</summary>
    public void Insert(byte[] attribute)
    {
        uint type = BinaryPrimitives.ReadUInt32LittleEndian(attribute);
        int end = Used;
        int at = Attributes().Where(offset => Get32(offset) > type).Append(Attributes().Select(offset => offset + (int)Get32(offset + 4)).LastOrDefault(FirstAttribute)).First();
        Bytes.AsSpan(at..end).CopyTo(Bytes.AsSpan(at + attribute.Length));
        attribute.CopyTo(Bytes.AsSpan(at));
        Used = end + attribute.Length;
    }

    /// <summary>Puts another attribute in the place of one; the last attributes go when there is no room.</summary>
    public void Replace(int offset, byte[] attribute)
    {
        Remove(offset);
        while (Used + attribute.Length > Bytes.Length)
        {
            Remove(Attributes().Last());
        }
        Insert(attribute);
    }

    public static byte[] Resident(uint type, string name, byte[] value, ushort id = 77)
    {
        int valueOffset = (24 + (name.Length * 2) + 7) & ~7;
        byte[] attribute = new byte[(valueOffset + value.Length + 7) & ~7];
        Head(attribute, type, name, 24, id);
        BinaryPrimitives.WriteUInt32LittleEndian(attribute.AsSpan(16), (uint)value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(attribute.AsSpan(20), (ushort)valueOffset);
        value.CopyTo(attribute.AsSpan(valueOffset));
        return attribute;
    }

    /// <param name="lastVcn">Last cluster that the pairs map.</param>
    public static byte[] NonResident(uint type, string name, byte[] pairs, long lastVcn, ulong allocated, ulong size, ulong initialised, ushort flags = 0, byte unit = 0, ushort id = 77)
    {
        int nameOffset = flags == 0 ? 64 : 72;
        int pairsOffset = (nameOffset + (name.Length * 2) + 7) & ~7;
        byte[] attribute = new byte[(pairsOffset + pairs.Length + 1 + 7) & ~7];
        Head(attribute, type, name, nameOffset, id);
        attribute[8] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(attribute.AsSpan(12), flags);
        BinaryPrimitives.WriteInt64LittleEndian(attribute.AsSpan(24), lastVcn);
        BinaryPrimitives.WriteUInt16LittleEndian(attribute.AsSpan(32), (ushort)pairsOffset);
        attribute[34] = unit;
        BinaryPrimitives.WriteUInt64LittleEndian(attribute.AsSpan(40), allocated);
        BinaryPrimitives.WriteUInt64LittleEndian(attribute.AsSpan(48), size);
        BinaryPrimitives.WriteUInt64LittleEndian(attribute.AsSpan(56), initialised);
        if (flags != 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(attribute.AsSpan(64), allocated);
        }
        pairs.CopyTo(attribute.AsSpan(pairsOffset));
        return attribute;
    }

    /// <summary>One entry of an attribute list.</summary>
    public static byte[] ListEntry(uint type, string name, long record, ushort sequence, ushort id, ulong lowestVcn = 0)
    {
        byte[] entry = new byte[(26 + (name.Length * 2) + 7) & ~7];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, type);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(4), (ushort)entry.Length);
        entry[6] = (byte)name.Length;
        entry[7] = 26;
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(8), lowestVcn);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(16), ((ulong)sequence << 48) | (ulong)record);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(24), id);
        Encoding.Unicode.GetBytes(name).CopyTo(entry.AsSpan(26));
        return entry;
    }

    /// <summary>Mapping pairs: lengths and signed distances in eight bytes each, or none for a hole.</summary>
    public static byte[] Pairs(params (long Length, long? Distance)[] runs)
    {
        var pairs = new List<byte>();
        Span<byte> number = stackalloc byte[8];
        foreach ((long length, long? distance) in runs)
        {
            pairs.Add((byte)(8 | (distance is null ? 0 : 0x80)));
            BinaryPrimitives.WriteInt64LittleEndian(number, length);
            pairs.AddRange(number);
            if (distance is { } value)
            {
                BinaryPrimitives.WriteInt64LittleEndian(number, value);
                pairs.AddRange(number);
            }
        }
        pairs.Add(0);
        return [.. pairs];
    }

    private static void Head(byte[] attribute, uint type, string name, int nameOffset, ushort id)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(attribute, type);
        BinaryPrimitives.WriteUInt32LittleEndian(attribute.AsSpan(4), (uint)attribute.Length);
        attribute[9] = (byte)name.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(attribute.AsSpan(10), (ushort)nameOffset);
        BinaryPrimitives.WriteUInt16LittleEndian(attribute.AsSpan(14), id);
        Encoding.Unicode.GetBytes(name).CopyTo(attribute.AsSpan(nameOffset));
    }
}
