using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>The fixed structures of an xz file. Specification: https://tukaani.org/xz/xz-file-format.txt, version 1.2.0.</summary>
internal static class XzLayout
{
    /// <summary>Bytes of a stream header, and of a footer.</summary>
    public const int HeaderSize = 12;
    /// <summary>Largest dictionary that is provided: memory.</summary>
    public const long MaxDictionary = 256L << 20;

    private const int NoCheck = 0;
    private const int Crc32Check = 1;
    private const int Crc64Check = 4;
    private const int Sha256Check = 10;

    /// <summary>Magic of a stream.</summary>
    public static ReadOnlySpan<byte> Magic => [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00];

    /// <summary>Bytes of a check.</summary>
    public static int CheckSize(int check) => check switch
    {
        NoCheck => 0,
        Crc32Check => 4,
        Crc64Check => 8,
        Sha256Check => 32,
        _ => throw new UnsupportedFeatureException("xz check of kind " + check),
    };

    /// <summary>The kind of check that a stream header states; throws when it is none.</summary>
    public static int ReadHeader(ReadOnlySpan<byte> header, long offset)
    {
        if (header.Length < HeaderSize)
        {
            throw CodecErrors.Truncated("xz.header", offset);
        }
        if (!header.StartsWith(Magic))
        {
            throw new CorruptDataException("xz.header", offset, "the magic of a stream", Convert.ToHexStringLower(header[..6]));
        }
        RequireCrc(header.Slice(6, 2), header[8..], "xz.header", offset);
        return ReadFlags(header.Slice(6, 2), offset);
    }

    /// <summary>The kind of check and the size of the index that a footer states; throws when it is none.</summary>
    public static (int Check, long IndexSize) ReadFooter(ReadOnlySpan<byte> footer, long offset)
    {
        if (footer.Length < HeaderSize || footer[10] != 'Y' || footer[11] != 'Z')
        {
            throw new CorruptDataException("xz.footer", offset, "the magic YZ", "no footer: the file is truncated or data follow it");
        }
        RequireCrc(footer.Slice(4, 6), footer, "xz.footer", offset);
        return (ReadFlags(footer.Slice(8, 2), offset), (BinaryPrimitives.ReadUInt32LittleEndian(footer[4..]) + 1L) * 4);
    }

    /// <summary>A number of one to nine bytes, seven bits each, the lowest first.</summary>
    public static long ReadNumber(ReadOnlySpan<byte> bytes, ref int position, string structure, long offset)
    {
        long value = 0;
        for (int i = 0; i < 9; i++)
        {
            if (position >= bytes.Length)
            {
                break;
            }
            byte next = bytes[position++];
            value |= (long)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return value;
            }
        }
        throw new CorruptDataException(structure, offset, "a number of at most 63 bits", "one that does not end");
    }

    /// <summary>Throws unless the checksum is that of the bytes.</summary>
    public static void RequireCrc(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> crc, string structure, long offset)
    {
        if (Crc32.Compute(bytes) != BinaryPrimitives.ReadUInt32LittleEndian(crc))
        {
            throw new CorruptDataException(structure, offset, "its checksum", "another");
        }
    }

    /// <summary>The smallest dictionary that is enough: never larger than what there is to decode; <paramref name="length"/> is -1 when unknown.</summary>
    public static byte DictionaryFor(byte properties, long length, long largest = MaxDictionary)
    {
        byte smallest = 0;
        while (smallest < properties && (length < 0 || Dictionary(smallest) < length))
        {
            smallest++;
        }
        return Dictionary(smallest) <= largest ? smallest : throw new LimitExceededException("xz dictionary", Dictionary(smallest));
    }

    private static long Dictionary(int properties) => properties == 40 ? uint.MaxValue : (2L | (uint)(properties & 1)) << (properties / 2 + 11);

    private static int ReadFlags(ReadOnlySpan<byte> flags, long offset)
    {
        if (flags[0] != 0 || (flags[1] & 0xF0) != 0)
        {
            throw new CorruptDataException("xz.flags", offset, "known flags", Convert.ToHexStringLower(flags));
        }
        _ = CheckSize(flags[1]);
        return flags[1];
    }
}
