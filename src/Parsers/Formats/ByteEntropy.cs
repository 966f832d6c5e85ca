namespace Forensics.Parsers.Formats;

/// <summary>Shannon entropy of bytes, in bits a byte: 8 for noise, about 6 for machine code, 4.5 for text.</summary>
public static class ByteEntropy
{
    private const int Pieces = 16;
    private const int PieceBytes = 4096;

    /// <summary>Of at most 64 KiB, taken in 16 pieces spread evenly over the content.</summary>
    public static double Sample(ReadOnlySpan<byte> content)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        int total = 0;
        if (content.Length <= Pieces * PieceBytes)
        {
            total = Count(content, counts);
        }
        else
        {
            long step = (content.Length - PieceBytes) / (Pieces - 1);
            for (int i = 0; i < Pieces; i++)
            {
                total += Count(content.Slice((int)(i * step), PieceBytes), counts);
            }
        }
        double entropy = 0;
        foreach (int count in counts)
        {
            if (count > 0)
            {
                double share = (double)count / total;
                entropy -= share * Math.Log2(share);
            }
        }
        return entropy;
    }

    private static int Count(ReadOnlySpan<byte> bytes, Span<int> counts)
    {
        foreach (byte value in bytes)
        {
            counts[value]++;
        }
        return bytes.Length;
    }
}
