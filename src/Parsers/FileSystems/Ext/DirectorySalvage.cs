using System.Buffers;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>
/// Finds where a directory block can be read on after a record with an impossible length: at the first place from which whole records lead exactly to the end of the
/// block. The record itself is kept when its name ends where such a chain begins.
/// </summary>
/// <remarks>Limitations: when the damaged record cannot be kept, names that were deleted behind it may be taken for current ones; the diagnostic marks the block.</remarks>
internal static class DirectorySalvage
{
    private const int Step = 4;

    /// <summary>Where to read on, the length of the block when nowhere.</summary>
    /// <param name="parser">Knows what a record is.</param>
    /// <param name="block">The block.</param>
    /// <param name="at">Where the damaged record begins.</param>
    /// <param name="length">The length the record should have had, when it can be told; else 0.</param>
    public static int Next(DirectoryBlockParser parser, ReadOnlySpan<byte> block, int at, out int length)
    {
        bool[] leads = ArrayPool<bool>.Shared.Rent(block.Length / Step + 1);
        try
        {
            MarkChains(parser, block, at, leads);
            int named = DirectoryBlockParser.HeaderSize + (block[at + 6] + Step - 1) / Step * Step;
            if (at + named <= block.Length && parser.IsName(block, at, named) && leads[(at + named) / Step])
            {
                length = named;
                return at + named;
            }
            length = 0;
            for (int next = at + DirectoryBlockParser.HeaderSize; next < block.Length; next += Step)
            {
                if (leads[next / Step])
                {
                    return next;
                }
            }
            return block.Length;
        }
        finally
        {
            ArrayPool<bool>.Shared.Return(leads);
        }
    }

    /// <summary>From the end backwards, so that each place is looked at once however long the chains are.</summary>
    private static void MarkChains(DirectoryBlockParser parser, ReadOnlySpan<byte> block, int from, bool[] leads)
    {
        int end = block.Length / Step;
        leads[end] = block.Length % Step == 0;
        for (int place = end - 1; place * Step > from; place--)
        {
            leads[place] = parser.IsRecord(block, place * Step, out int length) && leads[(place * Step + length) / Step];
        }
    }
}
