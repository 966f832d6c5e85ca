using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Decodes LZNT1, the compression of files of NTFS. Specification: [MS-XCA] 2.5, https://learn.microsoft.com/openspecs/windows_protocols/ms-xca</summary>
/// <remarks>
/// Never writes outside the destination, whatever the input, and never more than 4096 bytes for a chunk.
/// Limitations: the signature bits of a chunk header are not looked at, as the drivers do not.
/// </remarks>
public static class Lznt1
{
    /// <summary>Most bytes that a chunk holds when it is decoded.</summary>
    public const int ChunkSize = 4096;

    private const int HeaderSize = 2;
    private const int IsCompressed = 0x8000;

    /// <summary>
    /// Decodes chunks until the end mark, the end of the input or a full destination. A chunk that gives fewer than 4096 bytes and is followed by another is filled up with zeros.
    /// </summary>
    /// <param name="compressed">From the header of the first chunk on; may be longer than the chunks.</param>
    /// <param name="destination">Takes the bytes; what lies behind the returned count is left in an undefined state.</param>
    /// <returns>Bytes decoded.</returns>
    /// <exception cref="CorruptDataException">A chunk that cannot be; <c>Offset</c> is that of its header in <paramref name="compressed"/>. Chunks before it are decoded.</exception>
    public static int Decompress(ReadOnlySpan<byte> compressed, Span<byte> destination)
    {
        int at = 0;
        int start = 0;
        int end = 0;
        while (start < destination.Length && compressed.Length - at >= HeaderSize)
        {
            int header = BinaryPrimitives.ReadUInt16LittleEndian(compressed[at..]);
            if (header == 0)
            {
                break;
            }
            int size = (header & 0xFFF) + 1;
            if (size > compressed.Length - at - HeaderSize)
            {
                throw Damage(at, "a chunk inside the data", size.ToString(CultureInfo.InvariantCulture) + " bytes");
            }
            destination[end..start].Clear();
            ReadOnlySpan<byte> chunk = compressed.Slice(at + HeaderSize, size);
            Span<byte> target = destination.Slice(start, Math.Min(ChunkSize, destination.Length - start));
            int count;
            if ((header & IsCompressed) == 0)
            {
                count = Math.Min(size, target.Length);
                chunk[..count].CopyTo(target);
            }
            else
            {
                count = Chunk(chunk, target, at);
            }
            end = start + count;
            at += HeaderSize + size;
            start = target.Length == ChunkSize ? start + ChunkSize : destination.Length;
        }
        return end;
    }

    private static int Chunk(ReadOnlySpan<byte> chunk, Span<byte> target, int header)
    {
        unchecked   // Nothing here can overflow, and the checks cost a tenth of the time.
        {
            int at = 0;
            int end = 0;
            // A word has the more bits of distance the more there is to go back to; the rest are length.
            int lengthBits = 12;
            int widest = 16;
            while (at < chunk.Length)
            {
                // A one above the eight flags marks where they end.
                int flags = chunk[at++] | 0x100;
                while (true)
                {
                    int literals = BitOperations.TrailingZeroCount(flags);
                    if (chunk.Length - at >= sizeof(ulong) && target.Length - end >= sizeof(ulong))
                    {
                        // Eight bytes are copied faster than counted; those too many are written over.
                        BinaryPrimitives.WriteUInt64LittleEndian(target[end..], BinaryPrimitives.ReadUInt64LittleEndian(chunk[at..]));
                    }
                    else
                    {
                        literals = Math.Min(literals, chunk.Length - at);
                        if (literals > target.Length - end)
                        {
                            chunk.Slice(at, target.Length - end).CopyTo(target[end..]);
                            return Full(target, header);
                        }
                        chunk.Slice(at, literals).CopyTo(target[end..]);
                    }
                    at += literals;
                    end += literals;
                    flags >>= literals;
                    if (flags <= 1 || at >= chunk.Length)
                    {
                        break;
                    }
                    flags >>= 1;
                    if (chunk.Length - at < 2)
                    {
                        throw Damage(header, "two bytes of a match", "the end of the chunk");
                    }
                    int word = BinaryPrimitives.ReadUInt16LittleEndian(chunk[at..]);
                    at += 2;
                    if (end > widest)
                    {
                        int bits = BitOperations.Log2((uint)(end - 1)) + 1;
                        lengthBits = 16 - bits;
                        widest = 1 << bits;
                    }
                    int distance = (word >> lengthBits) + 1;
                    int length = (word & ((1 << lengthBits) - 1)) + 3;
                    if (distance > end)
                    {
                        throw Damage(header, "a match inside the chunk", distance.ToString(CultureInfo.InvariantCulture) + " bytes back at " + end.ToString(CultureInfo.InvariantCulture));
                    }
                    if (length > target.Length - end)
                    {
                        MatchCopy.Copy(target, end, distance, target.Length - end);
                        return Full(target, header);
                    }
                    MatchCopy.Copy(target, end, distance, length);
                    end += length;
                }
            }
            return end;
        }
    }

    /// <summary>There is more than the target takes, which may be smaller than a chunk.</summary>
    private static int Full(ReadOnlySpan<byte> target, int header) =>
        target.Length < ChunkSize ? target.Length : throw Damage(header, "at most 4096 bytes in a chunk", "more");

    private static CorruptDataException Damage(int chunk, string expected, string actual) => new("lznt1.chunk", chunk, expected, actual);
}
