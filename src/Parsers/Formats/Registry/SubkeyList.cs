using System.Buffers.Binary;

namespace Forensics.Parsers.Formats.Registry;

/// <summary>An element of a list of subkeys.</summary>
/// <param name="Offset">Of the key's cell.</param>
/// <param name="Hash">Hash of its name, in lists that have it.</param>
internal readonly record struct SubkeyReference(uint Offset, uint? Hash);

/// <summary>The subkeys of one key: a leaf (<c>li</c>, <c>lf</c>, <c>lh</c>) or a root of leaves (<c>ri</c>).</summary>
/// <remarks>Each list and each key is taken once; a root inside a root, which Windows never makes, is read to a depth of 8.</remarks>
internal sealed class SubkeyList(HiveCells cells, uint listOffset, uint statedCount)
{
    private const int HeaderSize = 4;
    private const int MaximumRoots = 8;
    private const int SmallList = 16;

    /// <summary>The elements, in order.</summary>
    public IEnumerable<SubkeyReference> Read()
    {
        HashSet<uint>? seen = statedCount > SmallList ? [] : null;
        var few = new List<uint>();
        var lists = new Stack<(uint Offset, int Roots)>();
        var seenLists = new HashSet<uint>();
        long delivered = 0;
        lists.Push((listOffset, 0));
        while (lists.TryPop(out (uint Offset, int Roots) next))
        {
            if (!seenLists.Add(next.Offset))
            {
                cells.Anomalies.Report("registry.list.twice", "a list of subkeys is part of itself", BaseBlock.Stored + (long)next.Offset);
                continue;
            }
            if (!cells.TryOpen(next.Offset, "subkeys list", out HiveCell cell))
            {
                continue;
            }
            ReadOnlyMemory<byte> header = cells.Read(cell, 0, HeaderSize);
            if (header.Length < HeaderSize || KindOf(header.Span) is not { } kind)
            {
                cells.Anomalies.Report("registry.list", "no list of subkeys where a key names one", BaseBlock.Stored + (long)next.Offset);
                continue;
            }
            int element = kind is 'f' or 'h' ? 8 : 4;
            int stated = BinaryPrimitives.ReadUInt16LittleEndian(header.Span[2..]);
            int count = Math.Min(stated, (cell.Length - HeaderSize) / element);
            if (count < stated)
            {
                cells.Anomalies.Report("registry.list.count", "a list of subkeys states more elements than its cell has room for", BaseBlock.Stored + (long)next.Offset);
            }
            cells.SpendElements(count + 1);
            ReadOnlyMemory<byte> elements = cells.Read(cell, HeaderSize, count * element);
            count = elements.Length / element;
            if (kind == 'r')
            {
                for (int i = count - 1; i >= 0 && next.Roots < MaximumRoots; i--)
                {
                    lists.Push((BinaryPrimitives.ReadUInt32LittleEndian(elements.Span[(i * 4)..]), next.Roots + 1));
                }
                continue;
            }
            for (int i = 0; i < count; i++)
            {
                uint key = BinaryPrimitives.ReadUInt32LittleEndian(elements.Span[(i * element)..]);
                if (seen is null && few.Count >= SmallList)
                {
                    seen = [.. few];
                }
                bool isNew = seen is not null ? seen.Add(key) : !few.Contains(key);
                if (!isNew)
                {
                    cells.Anomalies.Report("registry.key.twice", "a key is twice in the list of its parent", BaseBlock.Stored + (long)next.Offset);
                    continue;
                }
                if (seen is null)
                {
                    few.Add(key);
                }
                delivered++;
                yield return new SubkeyReference(key, kind == 'h' ? BinaryPrimitives.ReadUInt32LittleEndian(elements.Span[(i * element + 4)..]) : null);
            }
        }
        if (delivered != statedCount)
        {
            cells.Anomalies.Report("registry.subkeys.count", "a key states another number of subkeys than its list has", BaseBlock.Stored + (long)listOffset, losesContent: delivered < statedCount);
        }
    }

    private static char? KindOf(ReadOnlySpan<byte> header) => ((char)header[0], (char)header[1]) switch
    {
        ('l', 'i') => 'i',
        ('l', 'f') => 'f',
        ('l', 'h') => 'h',
        ('r', 'i') => 'r',
        _ => null,
    };
}
