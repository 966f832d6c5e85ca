using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

/// <summary>One change to a name: it was given to an inode, or taken from it.</summary>
internal readonly record struct NameEdit(uint Inode, bool IsAdded);

/// <summary>The changes that fast commits made to the names in one directory, applied while the directory is read. Immutable once it is handed out.</summary>
/// <remarks>
/// As in the kernel's replay a name is only taken from the inode that has it and only given when nobody has it, so that a replay that was
/// interrupted can be repeated. Limitations: names are compared byte by byte, in directories that ignore case too.
/// </remarks>
internal sealed class NameEdits
{
    // A log may change a million names once each or one name a million times: one list for all, chained by name.
    private readonly List<Link> _links = [];
    private readonly Dictionary<byte[], Chain> _chains = new(Comparer.Instance);
    private readonly List<byte[]> _order = [];

    private record struct Link(NameEdit Edit, int Next);

    private record struct Chain(int First, int Last);

    /// <summary>Adds a later change.</summary>
    public void Add(ReadOnlySpan<byte> name, NameEdit edit)
    {
        int added = _links.Count;
        _links.Add(new Link(edit, -1));
        ref Chain chain = ref CollectionsMarshal.GetValueRefOrNullRef(_chains.GetAlternateLookup<ReadOnlySpan<byte>>(), name);
        if (Unsafe.IsNullRef(ref chain))
        {
            byte[] key = name.ToArray();
            _chains.Add(key, new Chain(added, added));
            _order.Add(key);
            return;
        }
        CollectionsMarshal.AsSpan(_links)[chain.Last].Next = added;
        chain.Last = added;
    }

    /// <summary>The entries of the directory after the changes: what is on the disk first, then new names in the order they were first made.</summary>
    /// <param name="onDisk">The entries before the changes.</param>
    /// <param name="typeOf">Type of an inode as the fast commits know it.</param>
    public IEnumerable<DirectoryEntry> Apply(IEnumerable<DirectoryEntry> onDisk, Func<uint, FileType> typeOf)
    {
        var seen = new HashSet<byte[]>(Comparer.Instance);
        foreach (DirectoryEntry entry in onDisk)
        {
            if (!Find(entry.Name.Span, out byte[]? name, out Chain chain))
            {
                yield return entry;
                continue;
            }
            seen.Add(name);
            uint inode = Outcome(chain, (uint)entry.MetadataAddress);
            if (inode != 0)
            {
                FileType type = typeOf(inode);
                yield return entry with { MetadataAddress = inode, TypeHint = type == FileType.Unknown && inode == entry.MetadataAddress ? entry.TypeHint : type };
            }
        }
        foreach (byte[] name in _order)
        {
            uint inode = seen.Contains(name) ? 0 : Outcome(_chains[name], 0);
            if (inode != 0)
            {
                yield return new DirectoryEntry(name, inode, typeOf(inode));
            }
        }
    }

    private bool Find(ReadOnlySpan<byte> name, [NotNullWhen(true)] out byte[]? key, out Chain chain) =>
        _chains.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out key, out chain);

    /// <summary>The inode that has the name in the end, 0 when none has.</summary>
    private uint Outcome(Chain chain, uint inode)
    {
        for (int at = chain.First; at >= 0; at = _links[at].Next)
        {
            NameEdit edit = _links[at].Edit;
            if (!edit.IsAdded)
            {
                inode = inode == edit.Inode ? 0 : inode;
            }
            else if (inode == 0)
            {
                inode = edit.Inode;
            }
        }
        return inode;
    }

    private sealed class Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Comparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] name) => GetHashCode(name.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> name) => name.ToArray();

        public bool Equals(ReadOnlySpan<byte> name, byte[] other) => name.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> name)
        {
            // Seeded by process: a hostile log cannot make its names collide.
            var hash = new HashCode();
            hash.AddBytes(name);
            return hash.ToHashCode();
        }
    }
}
