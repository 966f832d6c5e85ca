using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Registry;

/// <summary>A key of a hive. Its subkeys and values are read when asked for.</summary>
/// <remarks>
/// All members may throw <see cref="ImageReadException"/>, and <see cref="LimitExceededException"/> when a hive makes its readers walk in circles.
/// Limitations: volatile subkeys are in memory only; the difference of layered keys (containers) is not interpreted.
/// </remarks>
public sealed class RegistryKey
{
    /// <summary>Deepest nesting that is followed; Windows itself ends at 512.</summary>
    public const int MaximumDepth = 512;
    private const int MaximumClassName = 64 << 10;
    private const int MaximumSecurityDescriptor = 64 << 10;
    private const int SecurityHeader = 20;
    private const int MaximumDeletedValues = 4096;

    private readonly HiveCells _cells;
    private readonly ushort _flags;
    private readonly uint _subkeyCount;
    private readonly uint _subkeysList;
    private readonly uint _valueCount;
    private readonly uint _valuesList;
    private readonly uint _securityCell;
    private readonly uint _classCell;
    private readonly ushort _classLength;

    private RegistryKey(HiveCells cells, HiveCell cell, in KeyNode node, RegistryKey? parent, bool isDeleted)
    {
        _cells = cells;
        _flags = node.Flags;
        _subkeyCount = node.NumberOfSubkeys;
        _subkeysList = node.SubkeysListOffset;
        _valueCount = (node.Flags & KeyNode.PredefinedHandle) != 0 ? 0 : node.NumberOfKeyValues;
        _valuesList = node.KeyValuesListOffset;
        _securityCell = node.KeySecurityOffset;
        _classCell = node.ClassNameOffset;
        _classLength = node.ClassNameLength;
        ParentOffset = node.Parent;
        CellOffset = cell.Offset;
        Parent = parent;
        Depth = parent is null ? 0 : parent.Depth + 1;
        LastWritten = Timestamp.FromFileTime(node.LastWritten);
        Name = RegistryNames.Decode(node.Name, (node.Flags & KeyNode.CompressedName) != 0);
        IsDeleted = isDeleted;
    }

    /// <summary>Name without path, as stored; UTF-16, may hold any character but the counted length is kept (NUL too).</summary>
    public string Name { get; }
    /// <summary>Last change of the key: of its values, its subkeys' list or its security. UTC.</summary>
    public Timestamp LastWritten { get; }
    /// <summary>The key above; null for the root, and for a deleted key when it is gone.</summary>
    public RegistryKey? Parent { get; }
    /// <summary>Keys above it.</summary>
    public int Depth { get; }
    /// <summary>Offset of its cell relative to the start of the hive bins, as other cells name it.</summary>
    public uint CellOffset { get; }
    /// <summary>Byte offset of its cell in the hive file: where the evidence is.</summary>
    public long FileOffset => BaseBlock.Stored + (long)CellOffset;
    /// <summary>Found in free space: it was deleted, or an older copy of a key that was moved.</summary>
    public bool IsDeleted { get; }
    /// <summary>It is a symbolic link; see <see cref="LinkTarget"/>.</summary>
    public bool IsSymbolicLink => (_flags & KeyNode.SymbolicLink) != 0;
    /// <summary>The number of values that its node states, before clamping.</summary>
    public long StatedValueCount => _valueCount;
    /// <summary>The number of subkeys that its node states.</summary>
    public long StatedSubkeyCount => _subkeyCount;

    internal uint ParentOffset { get; }
    internal bool IsHiveEntry => (_flags & KeyNode.HiveEntry) != 0;

    /// <summary>Names from below the root, separated by <c>\</c>; empty for the root. The path of a deleted key whose parents are gone begins with <c>?</c>.</summary>
    public string Path
    {
        get
        {
            var names = new List<string>();
            RegistryKey key = this;
            while (key.Parent is { } parent)
            {
                names.Add(key.Name);
                key = parent;
            }
            if (key.IsDeleted)
            {
                names.Add(key.Name);
                names.Add("?");
            }
            names.Reverse();
            return string.Join('\\', names);
        }
    }

    /// <summary>Class name; null when there is none.</summary>
    public string? ClassName
    {
        get
        {
            if (_classLength == 0 || !_cells.TryOpen(_classCell, "class name", out HiveCell cell, isDeleted: IsDeleted))
            {
                return null;
            }
            return RegistryNames.Decode(_cells.Read(cell, 0, Math.Min((int)_classLength, MaximumClassName)).Span, isCompressed: false);
        }
    }

    /// <summary>Where a symbolic link leads (<c>\Registry\Machine\...</c>); null for other keys.</summary>
    public string? LinkTarget => IsSymbolicLink ? FindValue("SymbolicLinkValue")?.AsText() : null;

    /// <summary>The self-relative security descriptor; empty when it cannot be reached.</summary>
    public ReadOnlyMemory<byte> SecurityDescriptor
    {
        get
        {
            if (!_cells.TryOpen(_securityCell, "key security", out HiveCell cell, isDeleted: IsDeleted))
            {
                return ReadOnlyMemory<byte>.Empty;
            }
            ReadOnlySpan<byte> header = _cells.Read(cell, 0, SecurityHeader).Span;
            if (header.Length < SecurityHeader || !header.StartsWith("sk"u8))
            {
                if (IsDeleted)
                {
                    return ReadOnlyMemory<byte>.Empty;
                }
                _cells.Anomalies.Report("registry.security", "no key security where a key names one", BaseBlock.Stored + (long)_securityCell);
                return ReadOnlyMemory<byte>.Empty;
            }
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
            return _cells.Read(cell, SecurityHeader, (int)Math.Min(length, MaximumSecurityDescriptor));
        }
    }

    /// <summary>Subkeys in the order of the list, which is that of their names. Broken ones are left out and reported.</summary>
    public IEnumerable<RegistryKey> Subkeys()
    {
        if (_subkeyCount == 0 || Depth >= MaximumDepth || IsDeleted)
        {
            if (_subkeyCount != 0 && Depth >= MaximumDepth)
            {
                _cells.Anomalies.Report("registry.depth", "keys are nested too deeply", FileOffset);
            }
            yield break;
        }
        foreach (SubkeyReference reference in new SubkeyList(_cells, _subkeysList, _subkeyCount).Read())
        {
            if (OpenSubkey(reference.Offset) is { } key)
            {
                yield return key;
            }
        }
    }

    /// <summary>The subkey of a name, in any case; null when there is none.</summary>
    public RegistryKey? FindSubkey(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_subkeyCount == 0 || Depth >= MaximumDepth || IsDeleted)
        {
            return null;
        }
        uint hash = RegistryNames.Hash(name);
        foreach (SubkeyReference reference in new SubkeyList(_cells, _subkeysList, _subkeyCount).Read())
        {
            if ((reference.Hash is null || reference.Hash == hash) && OpenSubkey(reference.Offset) is { } key && key.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return key;
            }
        }
        return null;
    }

    /// <summary>The key at a path below this one, names separated by <c>\</c>, in any case; null when there is none. Symbolic links are not followed.</summary>
    public RegistryKey? Find(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        RegistryKey? key = this;
        foreach (string name in path.Split('\\', StringSplitOptions.RemoveEmptyEntries))
        {
            key = key.FindSubkey(name);
            if (key is null)
            {
                return null;
            }
        }
        return key;
    }

    /// <summary>This key and all below it, each once, parents before children.</summary>
    public IEnumerable<RegistryKey> Tree()
    {
        var seen = new HashSet<uint> { CellOffset };
        var open = new Stack<IEnumerator<RegistryKey>>();
        yield return this;
        open.Push(Subkeys().GetEnumerator());
        while (open.TryPeek(out IEnumerator<RegistryKey>? level))
        {
            if (!level.MoveNext())
            {
                open.Pop().Dispose();
                continue;
            }
            RegistryKey key = level.Current;
            if (!seen.Add(key.CellOffset))
            {
                _cells.Anomalies.Report("registry.key.twice", "a key is listed below two keys", key.FileOffset);
                continue;
            }
            yield return key;
            open.Push(key.Subkeys().GetEnumerator());
        }
    }

    /// <summary>Values in stored order. Broken ones are left out and reported.</summary>
    public IEnumerable<RegistryValue> Values()
    {
        if (_valueCount == 0 || !_cells.TryOpen(_valuesList, "values list", out HiveCell list, isDeleted: IsDeleted))
        {
            yield break;
        }
        int count = (int)Math.Min(Math.Min(_valueCount, IsDeleted ? MaximumDeletedValues : uint.MaxValue), (uint)list.Length / 4);
        if (count < _valueCount && !IsDeleted)
        {
            _cells.Anomalies.Report("registry.values.count", "a key states more values than its list has room for", FileOffset);
        }
        const int Batch = 1024;
        for (int first = 0; first < count; first += Batch)
        {
            int many = Math.Min(Batch, count - first);
            _cells.SpendElements(many);
            ReadOnlyMemory<byte> offsets = _cells.Read(list, first * 4, many * 4);
            for (int i = 0; i + 4 <= offsets.Length; i += 4)
            {
                if (RegistryValue.TryOpen(_cells, BinaryPrimitives.ReadUInt32LittleEndian(offsets.Span[i..]), this, IsDeleted) is { } value)
                {
                    yield return value;
                }
            }
        }
    }

    /// <summary>The value of a name, in any case; the empty name is the default value. Null when there is none.</summary>
    public RegistryValue? FindValue(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (RegistryValue value in Values())
        {
            if (value.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }
        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => Path;

    internal static RegistryKey? TryOpen(HiveCells cells, uint offset, RegistryKey? parent)
    {
        if (!cells.TryOpen(offset, "key", out HiveCell cell))
        {
            return null;
        }
        RegistryKey? key = TryRead(cells, cell, parent, isDeleted: false);
        if (key is null)
        {
            cells.Anomalies.Report("registry.key", "no key where one is named", BaseBlock.Stored + (long)offset);
        }
        return key;
    }

    /// <summary>The key in a cell; null when there is none.</summary>
    internal static RegistryKey? TryRead(HiveCells cells, in HiveCell cell, RegistryKey? parent, bool isDeleted)
    {
        ReadOnlySpan<byte> bytes = cells.Read(cell, 0, KeyNode.Size + 512).Span;
        if (bytes.Length < KeyNode.Size || !bytes.StartsWith(KeyNode.Magic))
        {
            return null;
        }
        var node = new KeyNode(bytes);
        if (node.Name.Length < node.KeyNameLength)
        {
            if (isDeleted)
            {
                return null;
            }
            cells.Anomalies.Report("registry.key.name", "the name of a key is longer than its cell or than 256 characters, and cut", cell.Content);
        }
        return new RegistryKey(cells, cell, node, parent, isDeleted);
    }

    private RegistryKey? OpenSubkey(uint offset)
    {
        // An ancestor as a subkey would never end; a key twice in different places is what Tree() looks for.
        for (RegistryKey? above = this; above is not null; above = above.Parent)
        {
            if (above.CellOffset == offset)
            {
                _cells.Anomalies.Report("registry.cycle", "a key is its own ancestor", FileOffset);
                return null;
            }
        }
        RegistryKey? key = TryOpen(_cells, offset, this);
        if (key is not null && key.ParentOffset != CellOffset)
        {
            _cells.Anomalies.Report("registry.key.parent", "a key names another parent than the one that lists it", key.FileOffset, losesContent: false);
        }
        return key;
    }
}
