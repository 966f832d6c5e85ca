using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>
/// Decodes LZ77 with Huffman codes, also called XPRESS Huffman: prefetch files, CompactOS, WIM. Specification: [MS-XCA] 2.2,
/// https://learn.microsoft.com/openspecs/windows_protocols/ms-xca
/// </summary>
/// <remarks>Never writes outside the destination, whatever the input. Limitations: the size of the content must be known.</remarks>
public static class XpressHuffman
{
    /// <summary>Bytes of content after which the next table of codes begins.</summary>
    public const int BlockSize = 65536;
    /// <summary>Bytes of a table of codes, with which each block begins.</summary>
    public const int TableSize = 256;

    private const int Symbols = 512;
    private const int DirectBits = 11;

    /// <summary>Decodes until the destination is full.</summary>
    /// <param name="compressed">The data.</param>
    /// <param name="destination">Takes the content and has its size.</param>
    /// <exception cref="CorruptDataException">Data that cannot be, or end too early; <c>Offset</c> is where in <paramref name="compressed"/>.</exception>
    public static void Decompress(ReadOnlySpan<byte> compressed, Span<byte> destination)
    {
        Span<byte> lengths = stackalloc byte[Symbols];
        Span<ushort> table = stackalloc ushort[CanonicalCode.TableSize(Symbols, DirectBits)];
        Span<int> ends = stackalloc int[CanonicalCode.MostBits + 1];
        int at = 0;
        int end = 0;
        while (end < destination.Length)
        {
            if (compressed.Length - at < TableSize)
            {
                throw CodecErrors.Truncated("xpress.huffman", at);
            }
            for (int i = 0; i < TableSize; i++)
            {
                lengths[2 * i] = (byte)(compressed[at + i] & 15);
                lengths[(2 * i) + 1] = (byte)(compressed[at + i] >> 4);
            }
            if (!CanonicalCode.TryMake(lengths, DirectBits, table, ends, out CanonicalCode code))
            {
                throw Damage(at, "a table of codes");
            }
            at += TableSize;
            // The last match of a block may go on behind its end; the next block begins where it ends.
            int stop = (int)Math.Min((long)end + BlockSize, destination.Length);
            Block(compressed, ref at, destination, ref end, stop, code);
        }
    }

    private static void Block(ReadOnlySpan<byte> input, ref int position, Span<byte> destination, ref int written, int stop, scoped CanonicalCode code)
    {
        unchecked   // Nothing here can overflow, and the checks cost a tenth of the time.
        {
            // The format takes words of 16 bits so early that 16 to 31 bits are always held, and puts the bytes of long lengths where it has come by that. The buffer here runs ahead of it; before such
            // bytes, and at the end, it is set back to what the format holds, which is 16 bits more than fill the last word.
            ReadOnlySpan<ushort> direct = code.Direct;
            int at = position;
            int end = written;
            ulong bits = 0;
            int count = 0;
            while (end < stop)
            {
                if (count < 31)
                {
                    Fill(input, ref at, ref bits, ref count);
                }
                int found = direct[(int)(bits >> (64 - DirectBits))] - 1;
                if (found < 0)
                {
                    found = code.FindLong((int)(bits >> 48));
                    if (found < 0)
                    {
                        throw Damage(at, "a word of the code");
                    }
                }
                int used = (found & 15) + 1;
                int symbol = found >> 4;
                bits <<= used;
                count -= used;
                if (symbol < 256)
                {
                    destination[end++] = (byte)symbol;
                    continue;
                }
                long length = symbol & 15;
                if (length == 15)
                {
                    SetBack(ref at, ref bits, ref count);
                    length = Long(input, ref at);
                }
                length += 3;
                int distanceBits = (symbol >> 4) & 15;
                int distance = 1 << distanceBits;
                if (distanceBits > 0)
                {
                    distance += (int)(bits >> (64 - distanceBits));
                    bits <<= distanceBits;
                    count -= distanceBits;
                }
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
            SetBack(ref at, ref bits, ref count);
            if ((at - input.Length) * 8 > count)
            {
                // Bits were used that are not there.
                throw CodecErrors.Truncated("xpress.huffman", input.Length);
            }
            position = Math.Min(at, input.Length);
            written = end;
        }
    }

    /// <summary>At least 49 bits; what lies behind the end is zero, and noticed at the end of the block.</summary>
    private static void Fill(ReadOnlySpan<byte> input, ref int at, ref ulong bits, ref int count)
    {
        unchecked   // Nothing here can overflow, and the checks cost a tenth of the time.
        {
            if (at <= input.Length - 8)
            {
                bits |= LzxBits.FourWords(input[at..]) >> count;
                int words = (64 - count) >> 4;
                at += words * 2;
                count += words * 16;
                return;
            }
            while (count < 49)
            {
                int word = at <= input.Length - 2 ? BinaryPrimitives.ReadUInt16LittleEndian(input[at..]) : at < input.Length ? input[at] : 0;
                bits |= (ulong)word << (48 - count);
                count += 16;
                at += 2;
            }
        }
    }

    private static void SetBack(ref int at, ref ulong bits, ref int count)
    {
        int held = 16 + (count & 15);
        at -= (count - held) >> 3;
        bits &= ulong.MaxValue << (64 - held);
        count = held;
    }

    private static long Long(ReadOnlySpan<byte> input, ref int at)
    {
        if (at >= input.Length)
        {
            throw CodecErrors.Truncated("xpress.huffman", at);
        }
        int more = input[at++];
        if (more < 255)
        {
            return more + 15;
        }
        if (input.Length - at < 2)
        {
            throw CodecErrors.Truncated("xpress.huffman", at);
        }
        long count = BinaryPrimitives.ReadUInt16LittleEndian(input[at..]);
        at += 2;
        if (count == 0)
        {
            if (input.Length - at < 4)
            {
                throw CodecErrors.Truncated("xpress.huffman", at);
            }
            count = BinaryPrimitives.ReadUInt32LittleEndian(input[at..]);
            at += 4;
        }
        return count >= 15 ? count : throw Damage(at, "a length that needs its bytes");
    }

    private static CorruptDataException Damage(int at, string expected) => new("xpress.huffman", at, expected, "none");
}
