namespace Forensics.Parsers.Bytes;

/// <summary>How the decoding of an LZ4 block ended.</summary>
public enum Lz4End
{
    /// <summary>With the block.</summary>
    Whole,
    /// <summary>The destination is full and the block goes on.</summary>
    Full,
    /// <summary>The block is damaged.</summary>
    Damaged,
}

/// <summary>Decodes LZ4 blocks (without a frame). Specification: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md</summary>
/// <remarks>Never writes outside the destination and never reads outside the source. Limitations: a dictionary must stand in front of the destination.</remarks>
public static class Lz4Block
{
    private const int SmallestMatch = 4;

    /// <summary>Decodes a block into the buffer from <paramref name="end"/> on, which then stands behind what came out, also of a damaged block.</summary>
    /// <param name="source">The block.</param>
    /// <param name="buffer">What stands before <paramref name="end"/> may be referred to.</param>
    /// <param name="end">Where to begin, and where it ended.</param>
    public static Lz4End Decode(ReadOnlySpan<byte> source, Span<byte> buffer, ref int end)
    {
        int at = 0;
        while (at < source.Length)
        {
            byte token = source[at++];
            if (!TryLength(source, ref at, token >> 4, out int literals) || literals > source.Length - at)
            {
                return Lz4End.Damaged;
            }
            int taken = Math.Min(literals, buffer.Length - end);
            source.Slice(at, taken).CopyTo(buffer[end..]);
            end += taken;
            at += literals;
            if (taken < literals)
            {
                return Lz4End.Full;
            }
            if (at == source.Length)
            {
                // The last sequence has literals only.
                return Lz4End.Whole;
            }
            if (end == buffer.Length)
            {
                return Lz4End.Full;
            }
            if (source.Length - at < 2)
            {
                return Lz4End.Damaged;
            }
            int distance = source[at] | source[at + 1] << 8;
            at += 2;
            if (!TryLength(source, ref at, token & 15, out int match) || distance == 0 || distance > end)
            {
                return Lz4End.Damaged;
            }
            int length = (int)Math.Min((long)match + SmallestMatch, buffer.Length - end);
            Copy(buffer, end, distance, length);
            end += length;
            if (length < (long)match + SmallestMatch)
            {
                return Lz4End.Full;
            }
        }
        return Lz4End.Damaged;
    }

    private static bool TryLength(ReadOnlySpan<byte> source, ref int at, int nibble, out int length)
    {
        length = nibble;
        if (nibble != 15)
        {
            return true;
        }
        byte more;
        do
        {
            if (at >= source.Length || length > int.MaxValue - 1024)
            {
                return false;
            }
            more = source[at++];
            length += more;
        }
        while (more == 255);
        return true;
    }

    /// <summary>Copies from what was written; the ranges may overlap, which repeats a pattern.</summary>
    private static void Copy(Span<byte> buffer, int to, int distance, int length)
    {
        int from = to - distance;
        while (length > 0)
        {
            int count = Math.Min(length, to - from);
            buffer.Slice(from, count).CopyTo(buffer[to..]);
            to += count;
            length -= count;
        }
    }
}
