using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Archives;

/// <summary>The bytes of a 7z header, read one after the other. Throws <see cref="CorruptDataException"/> at their end.</summary>
internal ref struct SevenZipBytes(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    /// <summary>How many elements a count may claim: each takes at least one byte somewhere in the header.</summary>
    public readonly int Limit => _bytes.Length;

    /// <summary>One byte.</summary>
    public byte Next() => Take(1)[0];

    /// <summary>Some bytes.</summary>
    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > _bytes.Length - _position)
        {
            throw Corrupt(count + " more bytes", "the end of the header");
        }
        ReadOnlySpan<byte> result = _bytes.Slice(_position, (int)count);
        _position += (int)count;
        return result;
    }

    /// <summary>A number of one to nine bytes: the leading ones of the first byte count the bytes that follow.</summary>
    public long Number()
    {
        byte first = Next();
        int more = System.Numerics.BitOperations.LeadingZeroCount((uint)(byte)~first) - 24;
        ulong value = 0;
        for (int i = 0; i < more; i++)
        {
            value |= (ulong)Next() << (8 * i);
        }
        if (more < 7)
        {
            value |= (ulong)(first & ((1 << (7 - more)) - 1)) << (8 * more);
        }
        return value <= long.MaxValue ? (long)value : throw Corrupt("a number of 63 bits", "a larger one");
    }

    /// <summary>A number of things that the header describes.</summary>
    public int Count()
    {
        long count = Number();
        return count <= Limit ? (int)count : throw Corrupt("at most as many things as the header has bytes", count.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Requires a property to be the next.</summary>
    public void Expect(byte property)
    {
        byte next = Next();
        if (next != property)
        {
            throw Corrupt("property " + property, next.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Bits, the most significant first.</summary>
    public bool[] Bits(int count)
    {
        ReadOnlySpan<byte> packed = Take((count + 7) / 8);
        var bits = new bool[count];
        for (int i = 0; i < count; i++)
        {
            bits[i] = (packed[i >> 3] & 0x80 >> (i & 7)) != 0;
        }
        return bits;
    }

    /// <summary>Checksums of some of several things: null where there is none.</summary>
    public uint?[] Digests(int count)
    {
        bool[]? defined = Next() != 0 ? null : Bits(count);
        var digests = new uint?[count];
        for (int i = 0; i < count; i++)
        {
            if (defined is null || defined[i])
            {
                digests[i] = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
            }
        }
        return digests;
    }

    /// <summary>The header is corrupt here.</summary>
    public readonly CorruptDataException Corrupt(string expected, string actual) => new("7z.header", _position, expected, actual);
}
