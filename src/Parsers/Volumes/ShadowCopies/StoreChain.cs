using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.ShadowCopies;

/// <summary>Walks a chain of blocks of one record type. A chain that is broken, runs in a circle or is too long ends there with a diagnostic.</summary>
/// <param name="what">What it is in messages: <c>the catalog of the shadow copies</c>.</param>
/// <param name="code">Diagnostic code of a chain that ends early.</param>
/// <param name="maximum">Most blocks followed.</param>
internal sealed class StoreChain(IByteSource volume, StoreRecordType type, string what, string code, int maximum, ParseContext context)
{
    /// <summary>What is lost with the rest of the chain is content that is being looked at.</summary>
    public bool LosesContent { get; init; } = true;

    /// <summary>The blocks in order, each in the same buffer: a block is valid until the next one is asked for.</summary>
    public IEnumerable<byte[]> Read(ulong first)
    {
        var visited = new HashSet<ulong>();
        byte[] block = new byte[StoreBlock.Size];
        for (ulong offset = first; offset != 0;)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (Problem(offset, visited, block) is { } problem)
            {
                context.Diagnostics.Report(new Diagnostic(code, what + " cannot be followed to its end: " + problem)
                {
                    Offset = offset <= long.MaxValue ? (long)offset : null,
                    LosesContent = LosesContent,
                });
                yield break;
            }
            yield return block;
            offset = new StoreBlock(block).NextOffset;
        }
    }

    private string? Problem(ulong offset, HashSet<ulong> visited, byte[] block)
    {
        if (visited.Count >= maximum)
        {
            return "it has more than " + maximum.ToString(CultureInfo.InvariantCulture) + " blocks";
        }
        if (!visited.Add(offset))
        {
            return "a block comes twice";
        }
        if (offset > (ulong)Math.Max(0, volume.Length - StoreBlock.Size) || volume.ReadUpTo((long)offset, block) < StoreBlock.Size)
        {
            return "a block lies outside the volume";
        }
        var header = new StoreBlock(block);
        if (!header.HasIdentifier)
        {
            return "there is no block where one should be";
        }
        return header.Version != 1 ? "a block of version " + header.Version.ToString(CultureInfo.InvariantCulture)
            : header.RecordType != type ? "a block of record type " + ((uint)header.RecordType).ToString(CultureInfo.InvariantCulture)
            : null;
    }
}
