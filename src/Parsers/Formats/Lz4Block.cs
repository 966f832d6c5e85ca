namespace Forensics.Parsers.Formats;

/// <summary>Decodes LZ4 blocks (without a frame). Specification: lz4_Block_format.md of the LZ4 project.</summary>
/// <remarks>Never writes outside the destination and never reads outside the source. Limitations: no dictionaries.</remarks>
public static class Lz4Block
{
    private const int SmallestMatch = 4;

    /// <summary>
    /// Fills the destination, or as much of it as the block holds. False when the block is damaged; what <paramref name="written"/> counts came out before.
    /// A destination smaller than the content takes its beginning.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        written = 0;
        int at = 0;
        while (at < source.Length)
        {
            byte token = source[at++];
            if (!TryLength(source, ref at, token >> 4, out int literals) || literals > source.Length - at)
            {
                return false;
            }
            int taken = Math.Min(literals, destination.Length - written);
            source.Slice(at, taken).CopyTo(destination[written..]);
            written += taken;
            at += literals;
            if (written == destination.Length || at == source.Length)
            {
                // The last sequence has literals only.
                return true;
            }
            if (source.Length - at < 2)
            {
                return false;
            }
            int distance = source[at] | source[at + 1] << 8;
            at += 2;
            if (!TryLength(source, ref at, token & 15, out int match) || distance == 0 || distance > written)
            {
                return false;
            }
            match = (int)Math.Min((long)match + SmallestMatch, destination.Length - written);
            Copy(destination, written, distance, match);
            written += match;
            if (written == destination.Length)
            {
                return true;
            }
        }
        return false;
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
