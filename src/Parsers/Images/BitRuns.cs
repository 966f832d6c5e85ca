namespace Forensics.Parsers.Images;

/// <summary>Runs of equal bits in the sector bitmaps of containers.</summary>
internal static class BitRuns
{
    /// <summary>The value of a bit and for how many bits from there it stays so, looking no further than bit <paramref name="end"/>.</summary>
    /// <param name="bits">The bitmap.</param>
    /// <param name="from">First bit.</param>
    /// <param name="end">Bit after the last, at most eight times the length.</param>
    /// <param name="highFirst">Whether the first bit of a byte is its most significant one.</param>
    /// <param name="isSet">The value.</param>
    public static int Measure(ReadOnlySpan<byte> bits, int from, int end, bool highFirst, out bool isSet)
    {
        isSet = Bit(bits, from, highFirst);
        byte whole = isSet ? (byte)0xFF : (byte)0;
        int at = from + 1;
        while (at < end)
        {
            if ((at & 7) == 0 && end - at >= 8 && bits[at >> 3] == whole)
            {
                int first = at >> 3;
                int other = bits[first..(end >> 3)].IndexOfAnyExcept(whole);
                at += 8 * (other < 0 ? (end >> 3) - first : other);
            }
            else if (Bit(bits, at, highFirst) == isSet)
            {
                at++;
            }
            else
            {
                break;
            }
        }
        return at - from;
    }

    private static bool Bit(ReadOnlySpan<byte> bits, int index, bool highFirst) =>
        (bits[index >> 3] >> (highFirst ? 7 - (index & 7) : index & 7) & 1) != 0;
}
