using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>
/// Decodes LZX in the form of WIM files and of CompactOS: chunks of at most 32 KiB, each for itself, with a short header of blocks and with the targets of x86 calls always translated.
/// Specification: [MS-PATCH] (LZX DELTA) for the blocks, and the notes of wimlib, https://wimlib.net, for the differences.
/// </summary>
/// <remarks>Never writes outside the destination, whatever the input. Limitations: no window above 32 KiB, so no WIM of larger chunks.</remarks>
public static class Lzx
{
    /// <summary>Most bytes of a chunk, and the window.</summary>
    public const int WindowSize = 32768;

    private const int Literals = 256;
    private const int LengthHeaders = 8;
    private const int PositionSlots = 30;
    private const int MainSymbols = Literals + (PositionSlots * LengthHeaders);
    private const int LengthSymbols = 249;
    private const int AlignedSymbols = 8;
    private const int PretreeSymbols = 20;
    private const int ShortestMatch = 2;
    private const int MainBits = 11;
    private const int LengthBits = 10;
    private const int AlignedBits = 7;
    private const int PretreeBits = 6;
    private const int TranslationFileSize = 12_000_000;

    private const int Verbatim = 1;
    private const int Aligned = 2;
    private const int Uncompressed = 3;

    /// <summary>Bits behind the slot of a distance. The first three slots name one of the last distances.</summary>
    private static ReadOnlySpan<byte> FooterBits => [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    /// <summary>First distance of a slot, plus 2.</summary>
    private static ReadOnlySpan<ushort> BasePositions =>
    [
        0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576,
    ];

    /// <summary>Decodes a chunk.</summary>
    /// <param name="compressed">The data of the chunk.</param>
    /// <param name="destination">Takes the content and has its size, at most <see cref="WindowSize"/>.</param>
    /// <exception cref="CorruptDataException">Data that cannot be, or end too early; <c>Offset</c> is where in <paramref name="compressed"/>.</exception>
    public static void Decompress(ReadOnlySpan<byte> compressed, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, WindowSize);
        var bits = new LzxBits(compressed);
        Span<byte> lengths = stackalloc byte[MainSymbols + LengthSymbols];
        Span<ushort> tables = stackalloc ushort[CanonicalCode.TableSize(MainSymbols, MainBits) + CanonicalCode.TableSize(LengthSymbols, LengthBits) + CanonicalCode.TableSize(AlignedSymbols, AlignedBits)];
        Span<int> ends = stackalloc int[3 * (CanonicalCode.MostBits + 1)];
        Span<int> recent = [1, 1, 1];
        int end = 0;
        while (end < destination.Length)
        {
            bits.Fill();
            int kind = bits.Take(3);
            int size = bits.Take(1) != 0 ? WindowSize : bits.Take(16);
            if (size == 0 || size > destination.Length - end)
            {
                throw Damage(bits, "a block of the chunk's size at most");
            }
            switch (kind)
            {
                case Verbatim or Aligned:
                    Compressed(ref bits, kind == Aligned, destination, end, end + size, lengths, tables, ends, recent);
                    break;
                case Uncompressed:
                    Plain(ref bits, destination.Slice(end, size), recent);
                    break;
                default:
                    throw Damage(bits, "a block that is verbatim, aligned or uncompressed");
            }
            end += size;
            if (bits.IsOverrun)
            {
                throw CodecErrors.Truncated("lzx", compressed.Length);
            }
        }
        Translate(destination);
    }

    private static void Compressed(
        ref LzxBits bits, bool isAligned, Span<byte> destination, int end, int stop, scoped Span<byte> lengths, scoped Span<ushort> tables, scoped Span<int> ends, scoped Span<int> recent)
    {
        const int EndsOfCode = CanonicalCode.MostBits + 1;
        Span<ushort> mainTable = tables[..CanonicalCode.TableSize(MainSymbols, MainBits)];
        Span<ushort> lengthTable = tables.Slice(mainTable.Length, CanonicalCode.TableSize(LengthSymbols, LengthBits));
        Span<ushort> alignedTable = tables[(mainTable.Length + lengthTable.Length)..];
        scoped CanonicalCode aligned = default;
        if (isAligned)
        {
            Span<byte> alignedLengths = stackalloc byte[AlignedSymbols];
            bits.Fill();
            for (int i = 0; i < AlignedSymbols; i++)
            {
                alignedLengths[i] = (byte)bits.Take(3);
            }
            aligned = Make(alignedLengths, AlignedBits, alignedTable, ends[(2 * EndsOfCode)..], bits);
        }
        ReadLengths(ref bits, lengths[..Literals]);
        ReadLengths(ref bits, lengths[Literals..MainSymbols]);
        CanonicalCode main = Make(lengths[..MainSymbols], MainBits, mainTable, ends[..EndsOfCode], bits);
        ReadLengths(ref bits, lengths[MainSymbols..]);
        CanonicalCode length = Make(lengths[MainSymbols..], LengthBits, lengthTable, ends.Slice(EndsOfCode, EndsOfCode), bits);
        Decode(ref bits, isAligned, main, length, aligned, destination, end, stop, recent);
    }

    private static void Decode(
        ref LzxBits stream, bool isAligned, scoped CanonicalCode main, scoped CanonicalCode lengths, scoped CanonicalCode aligned, Span<byte> destination, int end, int stop, scoped Span<int> recent)
    {
        unchecked   // Nothing here can overflow, and the checks cost a tenth of the time.
        {
            LzxBits bits = stream;
            ReadOnlySpan<ushort> direct = main.Direct;
            int recent0 = recent[0];
            int recent1 = recent[1];
            int recent2 = recent[2];
            while (end < stop)
            {
                if (bits.Available < CanonicalCode.MostBits)
                {
                    bits.Fill();
                }
                int found = direct[bits.Peek16() >> (CanonicalCode.MostBits - MainBits)] - 1;
                if (found < 0)
                {
                    found = main.FindLong(bits.Peek16());
                    if (found < 0)
                    {
                        throw Damage(bits, "a word of the main tree");
                    }
                }
                bits.Skip((found & 15) + 1);
                int symbol = found >> 4;
                if (symbol < Literals)
                {
                    destination[end++] = (byte)symbol;
                    continue;
                }
                bits.Fill();
                int length = symbol & (LengthHeaders - 1);
                if (length == LengthHeaders - 1)
                {
                    int more = bits.Take(lengths);
                    if (more < 0)
                    {
                        throw Damage(bits, "a word of the length tree");
                    }
                    length += more;
                }
                length += ShortestMatch;
                int slot = (symbol - Literals) / LengthHeaders;
                int distance;
                if (slot > 2)
                {
                    int extra = FooterBits[slot];
                    distance = BasePositions[slot] - 2;
                    if (isAligned && extra >= 3)
                    {
                        distance += bits.Take(extra - 3) << 3;
                        int low = bits.Take(aligned);
                        if (low < 0)
                        {
                            throw Damage(bits, "a word of the aligned offset tree");
                        }
                        distance += low;
                    }
                    else
                    {
                        distance += bits.Take(extra);
                    }
                    recent2 = recent1;
                    recent1 = recent0;
                    recent0 = distance;
                }
                else
                {
                    distance = slot == 0 ? recent0 : slot == 1 ? recent1 : recent2;
                    if (slot == 1)
                    {
                        recent1 = recent0;
                    }
                    else if (slot == 2)
                    {
                        recent2 = recent0;
                    }
                    recent0 = distance;
                }
                if (distance > end)
                {
                    throw Damage(bits, "a match inside what was decoded");
                }
                if (length > stop - end)
                {
                    throw Damage(bits, "a match that ends inside the block");
                }
                MatchCopy.Copy(destination, end, distance, length);
                end += length;
            }
            recent[0] = recent0;
            recent[1] = recent1;
            recent[2] = recent2;
            stream = bits;
        }
    }

    /// <summary>Lengths of words, as differences to those of the block before, in a code of their own.</summary>
    private static void ReadLengths(ref LzxBits bits, scoped Span<byte> lengths)
    {
        Span<byte> pretreeLengths = stackalloc byte[PretreeSymbols];
        Span<ushort> table = stackalloc ushort[CanonicalCode.TableSize(PretreeSymbols, PretreeBits)];
        Span<int> ends = stackalloc int[CanonicalCode.MostBits + 1];
        for (int i = 0; i < PretreeSymbols; i++)
        {
            bits.Fill();
            pretreeLengths[i] = (byte)bits.Take(4);
        }
        CanonicalCode pretree = Make(pretreeLengths, PretreeBits, table, ends, bits);
        for (int i = 0; i < lengths.Length;)
        {
            bits.Fill();
            int symbol = bits.Take(pretree);
            int count = 1;
            int value = 0;
            switch (symbol)
            {
                case < 0:
                    throw Damage(bits, "a word of the pretree");
                case 17:
                    count = 4 + bits.Take(4);
                    break;
                case 18:
                    count = 20 + bits.Take(5);
                    break;
                case 19:
                    count = 4 + bits.Take(1);
                    symbol = bits.Take(pretree);
                    value = symbol is >= 0 and <= 16 ? Difference(lengths[i], symbol) : throw Damage(bits, "the difference of lengths that repeat");
                    break;
                default:
                    value = Difference(lengths[i], symbol);
                    break;
            }
            // Encoders let a run go on behind the last length.
            count = Math.Min(count, lengths.Length - i);
            lengths.Slice(i, count).Fill((byte)value);
            i += count;
        }
    }

    private static int Difference(int before, int symbol) => before >= symbol ? before - symbol : before - symbol + 17;

    private static void Plain(ref LzxBits bits, Span<byte> destination, scoped Span<int> recent)
    {
        bits.Align();
        ReadOnlySpan<byte> distances = bits.TakeBytes(recent.Length * 4);
        ReadOnlySpan<byte> bytes = bits.TakeBytes(destination.Length);
        if (distances.Length < recent.Length * 4 || bytes.Length < destination.Length)
        {
            throw CodecErrors.Truncated("lzx", bits.Position);
        }
        for (int i = 0; i < recent.Length; i++)
        {
            uint distance = BinaryPrimitives.ReadUInt32LittleEndian(distances[(i * 4)..]);
            // One that cannot be is no harm until a match uses it.
            recent[i] = distance is > 0 and <= WindowSize ? (int)distance : int.MaxValue;
        }
        bytes.CopyTo(destination);
        bits.TakeBytes(destination.Length & 1);
    }

    /// <summary>
    /// Makes the targets of x86 call instructions relative again: what follows a byte E8 was made absolute before compression, as if the program were of 12,000,000 bytes.
    /// </summary>
    private static void Translate(Span<byte> chunk)
    {
        const int Tail = 10;
        int at = 0;
        while (at < chunk.Length - Tail)
        {
            int found = chunk[at..^Tail].IndexOf((byte)0xE8);
            if (found < 0)
            {
                break;
            }
            at += found;
            Span<byte> target = chunk.Slice(at + 1, 4);
            int value = BinaryPrimitives.ReadInt32LittleEndian(target);
            if (value >= -at && value < TranslationFileSize)
            {
                BinaryPrimitives.WriteInt32LittleEndian(target, value >= 0 ? value - at : value + TranslationFileSize);
            }
            at += 5;
        }
    }

    private static CanonicalCode Make(scoped ReadOnlySpan<byte> lengths, int directBits, Span<ushort> table, Span<int> ends, scoped in LzxBits bits) =>
        CanonicalCode.TryMake(lengths, directBits, table, ends, out CanonicalCode code) ? code : throw Damage(bits, "lengths that make a code");

    private static CorruptDataException Damage(scoped in LzxBits bits, string expected) => new("lzx", bits.Position, expected, "another");
}
