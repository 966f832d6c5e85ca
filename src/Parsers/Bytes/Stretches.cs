namespace Forensics.Parsers.Bytes;

/// <summary>A part of a whole that is known by where it ends.</summary>
public interface IStretch
{
    /// <summary>First offset in the whole after the part.</summary>
    long End { get; }
}

/// <summary>Look-ups in parts that are sorted and apart from each other.</summary>
internal static class Stretches
{
    /// <summary>Index of the first part that ends after an offset; the number of parts when none does.</summary>
    public static int FirstEndingAfter<T>(T[] parts, long offset) where T : struct, IStretch
    {
        int low = 0;
        int high = parts.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (parts[middle].End > offset)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        return low;
    }
}
