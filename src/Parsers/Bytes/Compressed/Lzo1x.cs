namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Decodes blocks of LZO1X, the codec of lzop and of the kernel. Specification: https://docs.kernel.org/staging/lzo.html</summary>
/// <remarks>Never reads outside the source and never writes outside the destination.</remarks>
internal static class Lzo1x
{
    private const int FirstLiteralRun = 17;
    private const int AfterRun = 4;

    /// <summary>Decodes a block; true when it ends with its end code and fills the destination exactly.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int at = 0;
        int end = 0;
        // 0: a run of literals may follow; 1 to 3: so many literals were just copied; 4: a run was.
        int state = 0;
        if (!source.IsEmpty && source[0] > FirstLiteralRun)
        {
            int literals = source[at++] - FirstLiteralRun;
            state = Math.Min(literals, AfterRun);
            if (!TryLiterals(source, ref at, destination, ref end, literals))
            {
                return false;
            }
        }
        while (at < source.Length)
        {
            int code = source[at++];
            int length;
            int distance;
            int next;
            if (code < 16)
            {
                if (state == 0)
                {
                    if (!TryLength(source, ref at, code, 15, 3, out length) || !TryLiterals(source, ref at, destination, ref end, length))
                    {
                        return false;
                    }
                    state = AfterRun;
                    continue;
                }
                if (at >= source.Length)
                {
                    return false;
                }
                distance = (state == AfterRun ? 0x801 : 1) + (code >> 2) + (source[at++] << 2);
                length = state == AfterRun ? 3 : 2;
                next = code & 3;
            }
            else if (code >= 64)
            {
                if (at >= source.Length)
                {
                    return false;
                }
                distance = 1 + (code >> 2 & 7) + (source[at++] << 3);
                length = (code >> 5) + 1;
                next = code & 3;
            }
            else
            {
                bool isFar = code < 32;
                int mask = isFar ? 7 : 31;
                if (!TryLength(source, ref at, code & mask, mask, 2, out length) || source.Length - at < 2)
                {
                    return false;
                }
                int word = source[at] | source[at + 1] << 8;
                at += 2;
                next = word & 3;
                distance = (word >> 2) + (isFar ? (code & 8) << 11 : 1);
                if (isFar && distance == 0)
                {
                    return end == destination.Length && at == source.Length;
                }
                distance += isFar ? 0x4000 : 0;
            }
            if (distance > end || length > destination.Length - end)
            {
                return false;
            }
            // Byte by byte: a match may overlap what it makes.
            for (int i = 0; i < length; i++, end++)
            {
                destination[end] = destination[end - distance];
            }
            if (!TryLiterals(source, ref at, destination, ref end, next))
            {
                return false;
            }
            state = next;
        }
        return false;
    }

    private static bool TryLiterals(ReadOnlySpan<byte> source, ref int at, Span<byte> destination, ref int end, int count)
    {
        if (count > source.Length - at || count > destination.Length - end)
        {
            return false;
        }
        source.Slice(at, count).CopyTo(destination[end..]);
        at += count;
        end += count;
        return true;
    }

    /// <summary>A length of which 0 means that bytes follow: each zero stands for 255, the first other one ends it.</summary>
    private static bool TryLength(ReadOnlySpan<byte> source, ref int at, int stated, int most, int least, out int length)
    {
        length = stated + least;
        if (stated != 0)
        {
            return true;
        }
        int zeros = source[at..].IndexOfAnyExcept((byte)0);
        if (zeros < 0 || zeros > 1 << 20)
        {
            return false;
        }
        at += zeros;
        length = most + least + 255 * zeros + source[at++];
        return true;
    }
}
