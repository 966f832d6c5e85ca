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

    private static void Block(ReadOnlySpan<byte> input, ref int position, Span<byte> destination, ref int written, int stop, CanonicalCode code)
    {
        int at = position;
        int end = written;
        // Words of 16 bits are taken early and bytes of lengths lie between them, so that the buffer must hold 16 to 31 bits at every step, no more and no fewer.
        uint bits = (Word(input, at) << 16) | Word(input, at + 2);
        int extra = 16;
        at += 4;
        while (end < stop)
        {
            int found = code.Find((int)(bits >> 16));
            if (found < 0)
            {
                throw Damage(at, "a word of the code");
            }
            int length = (found & 15) + 1;
            int symbol = found >> 4;
            bits <<= length;
            extra -= length;
            if (extra < 0)
            {
                bits |= Word(input, at) << -extra;
                extra += 16;
                at += 2;
            }
            if (symbol < 256)
            {
                destination[end++] = (byte)symbol;
                continue;
            }
            // Only what was really used counts: the buffer is filled ahead of the end.
            if ((at - input.Length) * 8 > 16 + extra)
            {
                throw CodecErrors.Truncated("xpress.huffman", input.Length);
            }
            int distanceBits = (symbol >> 4) & 15;
            long count = symbol & 15;
            if (count == 15)
            {
                count = Long(input, ref at);
            }
            count += 3;
            int distance = 1 << distanceBits;
            if (distanceBits > 0)
            {
                distance += (int)(bits >> (32 - distanceBits));
                bits <<= distanceBits;
                extra -= distanceBits;
                if (extra < 0)
                {
                    bits |= Word(input, at) << -extra;
                    extra += 16;
                    at += 2;
                }
            }
            if (distance > end)
            {
                throw Damage(at, "a match inside what was decoded");
            }
            if (count > destination.Length - end)
            {
                throw Damage(at, "a match that ends inside the content");
            }
            MatchCopy.Copy(destination, end, distance, (int)count);
            end += (int)count;
        }
        // 16 + extra bits were taken and not used.
        if ((at - input.Length) * 8 > 16 + extra)
        {
            throw CodecErrors.Truncated("xpress.huffman", input.Length);
        }
        position = Math.Min(at, input.Length);
        written = end;
    }

    /// <summary>16 bits; what lies behind the end is zero, and noticed when it is used.</summary>
    private static uint Word(ReadOnlySpan<byte> input, int at)
    {
        if (at <= input.Length - 2)
        {
            return BinaryPrimitives.ReadUInt16LittleEndian(input[at..]);
        }
        return at < input.Length ? input[at] : 0u;
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
