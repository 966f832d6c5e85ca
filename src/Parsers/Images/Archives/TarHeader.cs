using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Archives;

/// <summary>A header block of a tar: POSIX ustar with the extensions of GNU tar. Specification: https://www.gnu.org/software/tar/manual/html_node/Standard.html</summary>
internal readonly ref struct TarHeader
{
    /// <summary>Bytes of a block.</summary>
    public const int Size = 512;

    private const int SparseEntrySize = 24;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over a block.</summary>
    public TarHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes[..Size];
    }

    /// <summary>First part of the name, up to 100 bytes.</summary>
    public ReadOnlySpan<byte> Name => Text(0, 100);

    /// <summary>Size of the data that follow, as stored in the field.</summary>
    public ReadOnlySpan<byte> SizeField => _bytes.Slice(124, 12);

    /// <summary>What the member is.</summary>
    public byte TypeFlag => _bytes[156];

    /// <summary>Part of the name before the slash: only ustar has it, old GNU headers have other fields there.</summary>
    public ReadOnlySpan<byte> Prefix => _bytes.Slice(257, 6).SequenceEqual("ustar\0"u8) ? Text(345, 155) : [];

    /// <summary>Whether old GNU sparse extension headers follow this one.</summary>
    public bool IsExtended => _bytes[482] != 0;

    /// <summary>Size of an old GNU sparse file with its holes.</summary>
    public ReadOnlySpan<byte> RealSizeField => _bytes.Slice(483, 12);

    /// <summary>The four sparse entries of an old GNU header, 24 bytes each: offset and length.</summary>
    public ReadOnlySpan<byte> SparseEntries => _bytes.Slice(386, 4 * SparseEntrySize);

    /// <summary>Whether the checksum is right, summed over unsigned bytes or, as some old writers did, over signed ones.</summary>
    public bool HasRightChecksum
    {
        get
        {
            int unsigned = 0;
            int signed = 0;
            for (int i = 0; i < Size; i++)
            {
                byte value = i is >= 148 and < 156 ? (byte)' ' : _bytes[i];
                unsigned += value;
                signed += value < 128 ? value : value - 256;
            }
            return TryNumber(_bytes.Slice(148, 8), out long stated) && (stated == unsigned || stated == signed);
        }
    }

    /// <summary>Whether a tar begins with this block: the magic of ustar or GNU and a right checksum, which no disk has by chance.</summary>
    public static bool IsTar(ReadOnlySpan<byte> header) =>
        header.Length >= Size && header[257..].StartsWith("ustar"u8) && new TarHeader(header).HasRightChecksum;

    /// <summary>A number field: octal digits, or with the top bit set a big endian binary number. Throws when it is neither, negative or over 63 bits.</summary>
    public static long Number(ReadOnlySpan<byte> field, string structure, long offset) => TryNumber(field, out long value) && value >= 0
        ? value
        : throw new CorruptDataException(structure, offset, "a number from 0 to 2^63-1", Convert.ToHexStringLower(field));

    private static bool TryNumber(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        if ((field[0] & 0x80) != 0)
        {
            // Two's complement over all bits but the first: anything before the last eight bytes must be sign.
            if (field.Length > 8 && (field[0] != 0x80 || field[1..^8].ContainsAnyExcept((byte)0)) || field.Length <= 8)
            {
                return false;
            }
            value = BinaryPrimitives.ReadInt64BigEndian(field[^8..]);
            return value >= 0;
        }
        int i = 0;
        while (i < field.Length && field[i] == ' ')
        {
            i++;
        }
        for (; i < field.Length && field[i] is >= (byte)'0' and <= (byte)'7'; i++)
        {
            if (value > long.MaxValue >> 3)
            {
                return false;
            }
            value = value << 3 | (uint)(field[i] - '0');
        }
        return i == field.Length || field[i] is 0 or (byte)' ';
    }

    private ReadOnlySpan<byte> Text(int offset, int length)
    {
        ReadOnlySpan<byte> field = _bytes.Slice(offset, length);
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}
