using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Compressed;

/// <summary>Decodes one LZ4 block. Specification: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md</summary>
internal static class Lz4Block
{
    private const int LeastMatch = 4;
    private const int MoreLength = 15;

    /// <summary>Decodes a block behind what is in the buffer already, to which it may refer back. Returns the new end. Throws when the block is damaged or does not fit.</summary>
    public static int Decode(ReadOnlySpan<byte> block, byte[] buffer, int position, int end, long offset)
    {
        int at = 0;
        while (at < block.Length)
        {
            byte token = block[at++];
            int literals = Length(block, ref at, token >> 4, end, offset);
            if (literals > block.Length - at || literals > end - position)
            {
                throw Corrupt(offset);
            }
            block.Slice(at, literals).CopyTo(buffer.AsSpan(position));
            at += literals;
            position += literals;
            if (at == block.Length)
            {
                return position;
            }
            if (at + 2 > block.Length)
            {
                throw Corrupt(offset);
            }
            int distance = block[at] | block[at + 1] << 8;
            at += 2;
            int length = Length(block, ref at, token & 15, end, offset) + LeastMatch;
            if (distance == 0 || distance > position || length > end - position)
            {
                throw Corrupt(offset);
            }
            Repeat(buffer, position, distance, length);
            position += length;
        }
        throw Corrupt(offset);
    }

    /// <summary>A match may overlap what it makes: it is copied in pieces that double.</summary>
    private static void Repeat(byte[] buffer, int position, int distance, int length)
    {
        int from = position - distance;
        int available = distance;
        while (length > 0)
        {
            int count = Math.Min(available, length);
            buffer.AsSpan(from, count).CopyTo(buffer.AsSpan(position));
            position += count;
            length -= count;
            available += count;
        }
    }

    private static int Length(ReadOnlySpan<byte> block, ref int at, int length, int limit, long offset)
    {
        if (length < MoreLength)
        {
            return length;
        }
        byte more;
        do
        {
            if (at >= block.Length || length > limit)
            {
                throw Corrupt(offset);
            }
            more = block[at++];
            length += more;
        }
        while (more == 255);
        return length;
    }

    private static CorruptDataException Corrupt(long offset) => new("lz4.block", offset, "sound data", "damaged data");
}
