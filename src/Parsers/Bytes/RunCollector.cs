using System.Runtime.InteropServices;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes;

/// <summary>Collects mappings of chunks in any order and makes sorted runs of them. The first mapping of a chunk counts.</summary>
internal sealed class RunCollector(int chunkSize, int limit, string name)
{
    private readonly List<(long Chunk, long Store)> _chunks = [];

    /// <summary>Notes that a chunk lies at a chunk of the store. Throws <see cref="LimitExceededException"/> when there are too many.</summary>
    public void Add(long chunk, long store)
    {
        if (_chunks.Count >= limit)
        {
            throw new LimitExceededException(name, limit);
        }
        _chunks.Add((chunk, store));
    }

    /// <summary>The runs, in bytes. Chunks whose end no 64-bit offset can express must not have been added.</summary>
    /// <param name="storeOffset">Byte offset of the store's chunk 0.</param>
    /// <param name="hasDuplicates">A chunk was mapped twice.</param>
    public ContentRun[] ToRuns(long storeOffset, out bool hasDuplicates)
    {
        CollectionsMarshal.AsSpan(_chunks).Sort(static (a, b) => a.Chunk != b.Chunk ? a.Chunk.CompareTo(b.Chunk) : a.Store.CompareTo(b.Store));
        var runs = new List<ContentRun>();
        hasDuplicates = false;
        foreach ((long chunk, long store) in _chunks)
        {
            long logical = chunk * chunkSize;
            long physical = store * chunkSize + storeOffset;
            if (runs.Count > 0 && runs[^1].End > logical)
            {
                hasDuplicates = true;
            }
            else if (runs.Count > 0 && runs[^1].End == logical && runs[^1].Physical + runs[^1].Length == physical)
            {
                runs[^1] = runs[^1] with { Length = runs[^1].Length + chunkSize };
            }
            else
            {
                runs.Add(new ContentRun(logical, chunkSize, physical));
            }
        }
        return [.. runs];
    }
}
