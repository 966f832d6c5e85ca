using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.ShadowCopies;

/// <summary>A stretch of blocks.</summary>
/// <param name="Start">First block.</param>
/// <param name="End">First block after it.</param>
internal readonly record struct BlockRange(long Start, long End);

/// <summary>
/// The bitmap of blocks that a volume did not use when a copy was made; such blocks are not kept when they are written.
/// Specification: libyal, Volume Shadow Snapshot (VSS) format, "Store bitmap".
/// </summary>
internal static class StoreBitmap
{
    private const long BlocksPerBitmapBlock = (StoreBlock.Size - StoreBlock.HeaderSize) * 8;

    /// <summary>The stretches of set bits below <paramref name="blockCount"/>, in order. What a broken chain does not tell counts as used.</summary>
    public static List<BlockRange> Read(IByteSource volume, ulong first, long blockCount, string name, ParseContext context)
    {
        int maximumRanges = Math.Max(1, context.Limits.ContentRuns / 4);
        var chain = new StoreChain(volume, StoreRecordType.Bitmap, "the bitmap of " + name, "vss.bitmap", (int)Math.Min(blockCount / BlocksPerBitmapBlock + 1, 1 << 20), context);
        var ranges = new List<BlockRange>();
        long number = 0;
        foreach (byte[] block in chain.Read(first))
        {
            foreach (byte bits in block.AsSpan(StoreBlock.HeaderSize))
            {
                for (int bit = 0; bit < 8 && bits != 0; bit++)
                {
                    if ((bits >> bit & 1) == 0 || number + bit >= blockCount)
                    {
                        continue;
                    }
                    if (ranges.Count > 0 && ranges[^1].End == number + bit)
                    {
                        ranges[^1] = ranges[^1] with { End = number + bit + 1 };
                    }
                    else if (ranges.Count >= maximumRanges)
                    {
                        context.Diagnostics.Report(new Diagnostic("vss.bitmap.limit", "the unused blocks of " + name + " are in too many pieces; the later ones are shown as the volume has them now"));
                        return ranges;
                    }
                    else
                    {
                        ranges.Add(new BlockRange(number + bit, number + bit + 1));
                    }
                }
                number += 8;
            }
        }
        return ranges;
    }

    /// <summary>What is in both.</summary>
    public static List<BlockRange> Intersect(List<BlockRange> left, List<BlockRange> right)
    {
        var both = new List<BlockRange>();
        for (int i = 0, k = 0; i < left.Count && k < right.Count;)
        {
            var part = new BlockRange(Math.Max(left[i].Start, right[k].Start), Math.Min(left[i].End, right[k].End));
            if (part.Start < part.End)
            {
                both.Add(part);
            }
            if (left[i].End < right[k].End)
            {
                i++;
            }
            else
            {
                k++;
            }
        }
        return both;
    }
}
