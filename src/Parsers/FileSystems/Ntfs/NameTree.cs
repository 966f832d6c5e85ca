using System.Runtime.InteropServices;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>
/// All names of a volume by the directory they stand in: 24 bytes a name and the name itself. Built once in one pass over the master file table; immutable from then on.
/// </summary>
internal sealed class NameTree
{
    private readonly Link[] _links;
    // Parent in the upper half, index of the link in the lower: sorted, the links of a directory are neighbours in the order of their records.
    private readonly ulong[] _order;
    private readonly List<byte[]> _arena;

    private NameTree(Link[] links, ulong[] order, List<byte[]> arena)
    {
        _links = links;
        _order = order;
        _arena = arena;
    }

    /// <summary>Number of names.</summary>
    public int Count => _links.Length;

    /// <summary>The names that stand in a directory: positions for <see cref="At"/>.</summary>
    public Range Of(ulong parent)
    {
        if (parent > uint.MaxValue)
        {
            return default;
        }
        return FirstAtOrAfter(parent << 32)..(parent == uint.MaxValue ? _order.Length : FirstAtOrAfter((parent + 1) << 32));
    }

    /// <summary>The name at a position.</summary>
    public NamedLink At(int position)
    {
        Link link = _links[unchecked((int)_order[position])];
        int length = link.LengthAndHint & LengthMask;
        ReadOnlyMemory<byte> name = _arena[link.Name >> ArenaBits].AsMemory(link.Name & ((1 << ArenaBits) - 1), length);
        return new NamedLink(name, (uint)(_order[position] >> 32), link.ParentSequence, link.Child, (FileType)(link.LengthAndHint >> LengthBits));
    }

    private int FirstAtOrAfter(ulong key)
    {
        int low = 0;
        int high = _order.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_order[middle] < key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }

    // A name is at most 255 units of at most three bytes.
    private const int LengthBits = 10;
    private const int LengthMask = (1 << LengthBits) - 1;
    private const int ArenaBits = 20;

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Link(uint Child, int Name, ushort ParentSequence, ushort LengthAndHint);

    /// <summary>Collects the names.</summary>
    internal sealed class Builder(int mostNames)
    {
        private readonly List<Link> _links = [];
        private readonly List<ulong> _order = [];
        private readonly List<byte[]> _arena = [];
        private int _free = 1 << ArenaBits;

        /// <summary>Names that were too many or whose parent cannot be.</summary>
        public int Refused { get; private set; }

        /// <summary>Adds a name of a file.</summary>
        public void Add(ulong child, FileNameView name, FileType hint)
        {
            if (name.ParentNumber > uint.MaxValue || child > uint.MaxValue || _links.Count >= mostNames || _arena.Count >= 2047)
            {
                Refused++;
                return;
            }
            if (_free > (1 << ArenaBits) - (255 * Wtf8.MostPerUnit))
            {
                _arena.Add(new byte[1 << ArenaBits]);
                _free = 0;
            }
            int length = Wtf8.FromUtf16(name.FileName, _arena[^1].AsSpan(_free));
            _order.Add((name.ParentNumber << 32) | (uint)_links.Count);
            _links.Add(new Link((uint)child, ((_arena.Count - 1) << ArenaBits) | _free, name.ParentSequence, (ushort)(length | ((int)hint << LengthBits))));
            _free += length;
        }

        /// <summary>The tree.</summary>
        public NameTree Build()
        {
            ulong[] order = [.. _order];
            Array.Sort(order);
            return new NameTree([.. _links], order, _arena);
        }
    }
}

/// <summary>A name of a file in a directory.</summary>
/// <param name="Name">WTF-8.</param>
/// <param name="Parent">Record of the directory.</param>
/// <param name="ParentSequence">Sequence number the directory had when the name was given.</param>
/// <param name="Child">Record of the file.</param>
/// <param name="Hint">What it is as far as its record alone says.</param>
internal readonly record struct NamedLink(ReadOnlyMemory<byte> Name, uint Parent, ushort ParentSequence, uint Child, FileType Hint);
