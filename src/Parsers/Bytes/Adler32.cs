namespace Forensics.Parsers.Bytes;

/// <summary>Adler-32 of RFC 1950, which EWF uses for all its structures and chunks.</summary>
internal static class Adler32
{
    private const uint Modulus = 65521;
    /// <summary>So many bytes can be summed before the sums leave 32 bits.</summary>
    private const int Stretch = 5552;

    /// <summary>The checksum of the bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        unchecked
        {
            uint a = 1;
            uint b = 0;
            while (bytes.Length > 0)
            {
                ReadOnlySpan<byte> part = bytes[..Math.Min(bytes.Length, Stretch)];
                int i = 0;
                // b grows by 8a and the weighted sum of eight bytes, so the two sums do not wait for each other at each byte.
                for (; i + 8 <= part.Length; i += 8)
                {
                    uint b0 = part[i], b1 = part[i + 1], b2 = part[i + 2], b3 = part[i + 3], b4 = part[i + 4], b5 = part[i + 5], b6 = part[i + 6], b7 = part[i + 7];
                    b += a * 8 + b0 * 8 + b1 * 7 + b2 * 6 + b3 * 5 + b4 * 4 + b5 * 3 + b6 * 2 + b7;
                    a += b0 + b1 + b2 + b3 + b4 + b5 + b6 + b7;
                }
                for (; i < part.Length; i++)
                {
                    a += part[i];
                    b += a;
                }
                a %= Modulus;
                b %= Modulus;
                bytes = bytes[part.Length..];
            }
            return b << 16 | a;
        }
    }
}
