using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Decodes plain LZ77, also called XPRESS. Specification: [MS-XCA] 2.4, https://learn.microsoft.com/openspecs/windows_protocols/ms-xca</summary>
/// <remarks>Never writes outside the destination, whatever the input.</remarks>
public static class XpressLz77
{
    /// <summary>Decodes to the end of the data or of the destination.</summary>
    /// <param name="compressed">The data.</param>
    /// <param name="destination">Takes the bytes; what lies behind the returned count is left in an undefined state.</param>
    /// <returns>Bytes decoded.</returns>
    /// <exception cref="CorruptDataException">Data that cannot be; <c>Offset</c> is where in <paramref name="compressed"/>.</exception>
    public static int Decompress(ReadOnlySpan<byte> compressed, Span<byte> destination)
    {
        int at = 0;
        int end = 0;
        uint flags = 0;
        int left = 0;
        // Two matches share a byte for the middle part of their lengths.
        int shared = -1;
        while (end < destination.Length)
        {
            if (left == 0)
            {
                if (at == compressed.Length)
                {
                    break;
                }
                Need(compressed, at, 4);
                flags = BinaryPrimitives.ReadUInt32LittleEndian(compressed[at..]);
                at += 4;
                left = 32;
            }
            if (flags >> 24 == 0 && left >= 8 && compressed.Length - at >= 8 && destination.Length - end >= 8)
            {
                compressed.Slice(at, 8).CopyTo(destination.Slice(end, 8));
                at += 8;
                end += 8;
                left -= 8;
                flags <<= 8;
                continue;
            }
            bool isMatch = flags >> 31 != 0;
            flags <<= 1;
            left--;
            if (at == compressed.Length)
            {
                // The flags of the last group may go on behind the data; the mark of the end is a match.
                break;
            }
            if (!isMatch)
            {
                destination[end++] = compressed[at++];
                continue;
            }
            Need(compressed, at, 2);
            int word = BinaryPrimitives.ReadUInt16LittleEndian(compressed[at..]);
            at += 2;
            int distance = (word >> 3) + 1;
            long length = word & 7;
            if (length == 7)
            {
                length += Middle(compressed, ref at, ref shared);
                if (length == 7 + 15)
                {
                    length = Long(compressed, ref at);
                }
            }
            length += 3;
            if (distance > end)
            {
                throw Damage(at, "a match inside what was decoded");
            }
            if (length > destination.Length - end)
            {
                throw Damage(at, "a match that ends inside the content");
            }
            MatchCopy.Copy(destination, end, distance, (int)length);
            end += (int)length;
        }
        return end;
    }

    private static int Middle(ReadOnlySpan<byte> compressed, ref int at, ref int shared)
    {
        if (shared >= 0)
        {
            int high = compressed[shared] >> 4;
            shared = -1;
            return high;
        }
        Need(compressed, at, 1);
        shared = at++;
        return compressed[shared] & 15;
    }

    private static long Long(ReadOnlySpan<byte> compressed, ref int at)
    {
        Need(compressed, at, 1);
        int more = compressed[at++];
        if (more < 255)
        {
            return more + 15 + 7;
        }
        Need(compressed, at, 2);
        long length = BinaryPrimitives.ReadUInt16LittleEndian(compressed[at..]);
        at += 2;
        if (length == 0)
        {
            Need(compressed, at, 4);
            length = BinaryPrimitives.ReadUInt32LittleEndian(compressed[at..]);
            at += 4;
        }
        return length >= 15 + 7 ? length : throw Damage(at, "a length that needs its bytes");
    }

    private static void Need(ReadOnlySpan<byte> compressed, int at, int count)
    {
        if (compressed.Length - at < count)
        {
            throw CodecErrors.Truncated("xpress", at);
        }
    }

    private static CorruptDataException Damage(int at, string expected) => new("xpress", at, expected, "another");
}
