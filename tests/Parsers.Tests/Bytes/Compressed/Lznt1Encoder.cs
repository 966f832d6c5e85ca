namespace Forensics.Parsers.Tests.Bytes.Compressed;

/// <summary>A plain encoder of LZNT1 after [MS-XCA] 2.5.1, for tests: the longest match of the first ones found, chunks that do not get smaller as they are.</summary>
internal static class Lznt1Encoder
{
    public static byte[] Encode(ReadOnlySpan<byte> plain)
    {
        var output = new List<byte>();
        for (int at = 0; at < plain.Length; at += 4096)
        {
            ReadOnlySpan<byte> chunk = plain.Slice(at, Math.Min(4096, plain.Length - at));
            List<byte> packed = Chunk(chunk);
            bool isSmaller = packed.Count < chunk.Length;
            int header = (isSmaller ? 0xB000 : 0x3000) | ((isSmaller ? packed.Count : chunk.Length) - 1);
            output.Add((byte)header);
            output.Add((byte)(header >> 8));
            output.AddRange(isSmaller ? packed : [.. chunk]);
        }
        return [.. output];
    }

    private static List<byte> Chunk(ReadOnlySpan<byte> chunk)
    {
        var output = new List<byte>();
        int flagAt = 0;
        int bit = 8;
        for (int at = 0; at < chunk.Length;)
        {
            if (bit == 8)
            {
                flagAt = output.Count;
                output.Add(0);
                bit = 0;
            }
            int distanceBits = 4;
            while (1 << distanceBits < at)
            {
                distanceBits++;
            }
            (int distance, int length) = LongestMatch(chunk, at, 1 << distanceBits, (1 << (16 - distanceBits)) + 2);
            if (length < 3)
            {
                output.Add(chunk[at++]);
            }
            else
            {
                int word = ((distance - 1) << (16 - distanceBits)) | (length - 3);
                output.Add((byte)word);
                output.Add((byte)(word >> 8));
                output[flagAt] |= (byte)(1 << bit);
                at += length;
            }
            bit++;
        }
        return output;
    }

    internal static (int Distance, int Length) LongestMatch(ReadOnlySpan<byte> plain, int at, int window, int longest)
    {
        int best = 0;
        int distance = 0;
        for (int back = 1; back <= Math.Min(at, window) && back < 600; back++)
        {
            int length = 0;
            while (length < longest && at + length < plain.Length && plain[at + length] == plain[at + length - back])
            {
                length++;
            }
            if (length > best)
            {
                (distance, best) = (back, length);
            }
        }
        return (distance, best);
    }
}
