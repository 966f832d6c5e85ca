using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Tests.Formats.Registry;

/// <summary>
/// Writes registry hives for tests: keys, values, big data, lists of lists, a security descriptor. What it writes is read by hivex and reglookup too. Offsets of cells are known after
/// <see cref="ToBytes"/>, so that tests can break them.
/// </summary>
public sealed class RegistryHiveWriter
{
    private const int Base = 4096;
    private const int Bin = 4096;
    private const int BinHeader = 32;
    private const int Segment = 16344;
    private const int LeafElements = 500;
    private const uint None = uint.MaxValue;

    private readonly List<Action<byte[]>> _deletions = [];
    private readonly int _minorVersion;
    private byte[] _bytes = new byte[Base + 65536];
    private int _end;
    private int _free;
    private int _binStart;

    /// <param name="minorVersion">3 for hives as old as NT 4.0, 5 for newer ones; below 3 lists have no hints.</param>
    /// <param name="rootName">Name of the root key.</param>
    public RegistryHiveWriter(int minorVersion = 5, string rootName = "ROOT")
    {
        _minorVersion = minorVersion;
        Root = new WrittenKey(rootName, null);
    }

    /// <summary>The root.</summary>
    public WrittenKey Root { get; }

    /// <summary>Both sequence numbers.</summary>
    public uint Sequence { get; set; } = 1;

    /// <summary>The key at a path below the root, made when absent.</summary>
    public WrittenKey Key(string path) => Root.Key(path);

    /// <summary>Deletes a key and all below it after writing, as Windows does.</summary>
    public void Delete(WrittenKey key) => _deletions.Add(hive => RegistryDeletionWriter.DeleteTree(hive, key));

    /// <summary>Deletes the value that was added last to a key that stays.</summary>
    public void DeleteLastValue(WrittenKey key)
    {
        WrittenValue value = key.Values[^1];
        _deletions.Add(hive => RegistryDeletionWriter.DeleteValue(hive, key, value));
    }

    /// <summary>The hive file.</summary>
    public byte[] ToBytes()
    {
        _bytes = new byte[Base + 65536];
        _end = 0;
        _free = 0;
        _binStart = 0;
        uint security = WriteSecurity();
        WriteTree(security);
        CloseBin();
        byte[] hive = _bytes[..(Base + _end)];
        WriteBaseBlock(hive, Sequence, Sequence);
        _deletions.ForEach(delete => delete(hive));
        return hive;
    }

    /// <summary>Writes the base block of a hive: sequence numbers, size, root, checksum.</summary>
    public void WriteBaseBlock(byte[] hive, uint primary, uint secondary, uint fileType = 0)
    {
        "regf"u8.CopyTo(hive);
        Put(hive, 4, primary);
        Put(hive, 8, secondary);
        BinaryPrimitives.WriteInt64LittleEndian(hive.AsSpan(12), WrittenKey.DefaultTime);
        Put(hive, 20, 1);
        Put(hive, 24, (uint)_minorVersion);
        Put(hive, 28, fileType);
        Put(hive, 32, 1);
        Put(hive, 36, Root.CellOffset);
        if (fileType == 0)
        {
            Put(hive, 40, (uint)(hive.Length - Base));
        }
        Put(hive, 44, 1);
        Encoding.Unicode.GetBytes("\\config\\TEST").CopyTo(hive, 48);
        WriteChecksum(hive);
    }

    /// <summary>Sets the checksum of a base block right.</summary>
    public static void WriteChecksum(Span<byte> hive)
    {
        uint sum = 0;
        for (int i = 0; i < 508; i += 4)
        {
            sum ^= BinaryPrimitives.ReadUInt32LittleEndian(hive[i..]);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(hive[508..], sum is 0 ? 1 : sum is uint.MaxValue ? uint.MaxValue - 1 : sum);
    }

    private void WriteTree(uint security)
    {
        // Children are placed before the list that names them; the stack keeps tests with very deep keys alive.
        var open = new Stack<(WrittenKey Key, int Next)>();
        WriteNode(Root, None, security);
        open.Push((Root, 0));
        while (open.TryPop(out (WrittenKey Key, int Next) top))
        {
            List<WrittenKey> children = top.Key.Sorted();
            if (top.Next < children.Count)
            {
                WrittenKey child = children[top.Next];
                open.Push((top.Key, top.Next + 1));
                WriteNode(child, top.Key.CellOffset, security);
                open.Push((child, 0));
            }
            else if (children.Count > 0)
            {
                Put(_bytes, Base + (int)top.Key.CellOffset + 4 + 20, (uint)children.Count);
                Put(_bytes, Base + (int)top.Key.CellOffset + 4 + 28, WriteLists(children));
            }
        }
    }

    private void WriteNode(WrittenKey key, uint parent, uint security)
    {
        bool isNarrow = key.Name.All(c => c < 256);
        byte[] name = isNarrow ? Encoding.Latin1.GetBytes(key.Name) : Encoding.Unicode.GetBytes(key.Name);
        var node = new byte[76 + name.Length];
        "nk"u8.CopyTo(node);
        int flags = key.Flags | (isNarrow ? 0x20 : 0) | (parent == None ? 0xC : 0);
        BinaryPrimitives.WriteUInt16LittleEndian(node.AsSpan(2), (ushort)flags);
        BinaryPrimitives.WriteInt64LittleEndian(node.AsSpan(4), key.LastWritten);
        Put(node, 16, parent);
        Put(node, 28, None);
        Put(node, 32, None);
        Put(node, 40, None);
        Put(node, 44, security);
        Put(node, 48, None);
        Put(node, 52, (uint)key.Sorted().Select(child => child.Name.Length * 2).DefaultIfEmpty(0).Max());
        Put(node, 60, (uint)key.Values.Select(value => value.Name.Length * 2).DefaultIfEmpty(0).Max());
        Put(node, 64, (uint)key.Values.Select(value => value.Data.Length).DefaultIfEmpty(0).Max());
        BinaryPrimitives.WriteUInt16LittleEndian(node.AsSpan(72), (ushort)name.Length);
        name.CopyTo(node, 76);
        key.CellOffset = Cell(node);
        int at = Base + (int)key.CellOffset + 4;
        if (key.ClassName is { } className)
        {
            byte[] text = Encoding.Unicode.GetBytes(className);
            uint cell = Cell(text);
            Put(_bytes, at + 48, cell);
            BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(at + 74), (ushort)text.Length);
        }
        if (key.Values.Count > 0)
        {
            var list = new byte[key.Values.Count * 4];
            for (int i = 0; i < key.Values.Count; i++)
            {
                Put(list, i * 4, WriteValue(key.Values[i]));
            }
            uint cell = Cell(list);
            Put(_bytes, at + 36, (uint)key.Values.Count);
            Put(_bytes, at + 40, cell);
        }
    }

    private uint WriteValue(WrittenValue value)
    {
        bool isNarrow = value.Name.All(c => c < 256);
        byte[] name = isNarrow ? Encoding.Latin1.GetBytes(value.Name) : Encoding.Unicode.GetBytes(value.Name);
        var record = new byte[20 + name.Length];
        "vk"u8.CopyTo(record);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(2), (ushort)name.Length);
        Put(record, 4, (uint)value.Data.Length);
        Put(record, 8, None);
        Put(record, 12, value.Type);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(16), (ushort)(isNarrow && name.Length > 0 ? 1 : 0));
        name.CopyTo(record, 20);
        if (value.Data.Length <= 4)
        {
            Put(record, 4, 0x80000000 | (uint)value.Data.Length);
            Put(record, 8, 0);
            value.Data.CopyTo(record, 8);
        }
        value.CellOffset = Cell(record);
        if (value.Data.Length > 4)
        {
            uint data = value.Data.Length > Segment && _minorVersion > 3 ? WriteBigData(value.Data) : Cell(value.Data);
            Put(_bytes, Base + (int)value.CellOffset + 4 + 8, data);
        }
        return value.CellOffset;
    }

    private uint WriteBigData(byte[] data)
    {
        int count = (data.Length + Segment - 1) / Segment;
        var list = new byte[count * 4];
        for (int i = 0; i < count; i++)
        {
            // Segments are followed by four unused bytes, so that all but the last have cells of one size.
            ReadOnlySpan<byte> part = data.AsSpan(i * Segment, Math.Min(Segment, data.Length - i * Segment));
            var cell = new byte[part.Length + 4];
            part.CopyTo(cell);
            Put(list, i * 4, Cell(cell));
        }
        var record = new byte[8];
        "db"u8.CopyTo(record);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(2), (ushort)count);
        Put(record, 4, Cell(list));
        return Cell(record);
    }

    private uint WriteLists(List<WrittenKey> keys)
    {
        if (keys.Count <= LeafElements)
        {
            return WriteLeaf(keys);
        }
        var leaves = keys.Chunk(LeafElements).Select(part => WriteLeaf([.. part])).ToList();
        var root = new byte[4 + leaves.Count * 4];
        "ri"u8.CopyTo(root);
        BinaryPrimitives.WriteUInt16LittleEndian(root.AsSpan(2), (ushort)leaves.Count);
        for (int i = 0; i < leaves.Count; i++)
        {
            Put(root, 4 + i * 4, leaves[i]);
        }
        return Cell(root);
    }

    private uint WriteLeaf(List<WrittenKey> keys)
    {
        int element = _minorVersion < 3 ? 4 : 8;
        var leaf = new byte[4 + keys.Count * element];
        (_minorVersion < 3 ? "li"u8 : _minorVersion < 5 ? "lf"u8 : "lh"u8).CopyTo(leaf);
        BinaryPrimitives.WriteUInt16LittleEndian(leaf.AsSpan(2), (ushort)keys.Count);
        for (int i = 0; i < keys.Count; i++)
        {
            int at = 4 + i * element;
            Put(leaf, at, keys[i].CellOffset);
            if (_minorVersion >= 5)
            {
                Put(leaf, at + 4, keys[i].Name.Aggregate(0u, (hash, c) => unchecked(hash * 37 + char.ToUpperInvariant(c))));
            }
            else if (_minorVersion >= 3 && keys[i].Name.All(c => c < 128))
            {
                Encoding.ASCII.GetBytes(keys[i].Name[..Math.Min(4, keys[i].Name.Length)]).CopyTo(leaf, at + 4);
            }
        }
        return Cell(leaf);
    }

    private uint WriteSecurity()
    {
        // O:BAG:SYD:(A;CI;KA;;;BA) self-relative.
        byte[] administrators = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0];
        byte[] system = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
        byte[] ace = [0, 2, 24, 0, 0x3F, 0, 0x0F, 0, .. administrators];
        byte[] acl = [2, 0, 32, 0, 1, 0, 0, 0, .. ace];
        byte[] descriptor = [1, 0, 0x04, 0x80, 52, 0, 0, 0, 68, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, .. acl, .. administrators, .. system];
        var record = new byte[20 + descriptor.Length];
        "sk"u8.CopyTo(record);
        Put(record, 12, 1);
        Put(record, 16, (uint)descriptor.Length);
        descriptor.CopyTo(record, 20);
        uint cell = Cell(record);
        Put(_bytes, Base + (int)cell + 4 + 4, cell);
        Put(_bytes, Base + (int)cell + 4 + 8, cell);
        return cell;
    }

    private uint Cell(ReadOnlySpan<byte> content)
    {
        int size = (content.Length + 4 + 7) / 8 * 8;
        if (size > _free)
        {
            CloseBin();
            OpenBin(size);
        }
        int offset = _end - _free;
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(Base + offset), -size);
        content.CopyTo(_bytes.AsSpan(Base + offset + 4));
        _free -= size;
        return (uint)offset;
    }

    private void OpenBin(int cell)
    {
        int size = (cell + BinHeader + Bin - 1) / Bin * Bin;
        _binStart = _end;
        _end += size;
        if (Base + _end > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Base + _end));
        }
        "hbin"u8.CopyTo(_bytes.AsSpan(Base + _binStart));
        Put(_bytes, Base + _binStart + 4, (uint)_binStart);
        Put(_bytes, Base + _binStart + 8, (uint)size);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(Base + _binStart + 20), _binStart == 0 ? WrittenKey.DefaultTime : 0);
        _free = size - BinHeader;
    }

    private void CloseBin()
    {
        if (_free > 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(Base + _end - _free), _free);
            _free = 0;
        }
    }

    private static void Put(byte[] bytes, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
}

/// <summary>A value to be written.</summary>
public sealed class WrittenValue(string name, uint type, byte[] data)
{
    /// <summary>Name.</summary>
    public string Name { get; } = name;
    /// <summary>Type.</summary>
    public uint Type { get; } = type;
    /// <summary>Data.</summary>
    public byte[] Data { get; } = data;
    /// <summary>Offset of its cell, after writing.</summary>
    public uint CellOffset { get; set; }
}

/// <summary>A key to be written.</summary>
public sealed class WrittenKey(string name, WrittenKey? parent)
{
    /// <summary>2026-11-20T10:00:00Z.</summary>
    public static readonly long DefaultTime = new DateTime(2026, 11, 20, 10, 0, 0, DateTimeKind.Utc).ToFileTimeUtc();

    private readonly Dictionary<string, WrittenKey> _children = new(StringComparer.OrdinalIgnoreCase);
    private List<WrittenKey>? _sorted;

    /// <summary>Name.</summary>
    public string Name { get; } = name;
    /// <summary>The key above.</summary>
    public WrittenKey? Parent { get; } = parent;
    /// <summary>Last write, a FILETIME.</summary>
    public long LastWritten { get; set; } = DefaultTime;
    /// <summary>Class name.</summary>
    public string? ClassName { get; set; }
    /// <summary>Flags besides those that follow from the name.</summary>
    public int Flags { get; set; }
    /// <summary>Values, in order.</summary>
    public List<WrittenValue> Values { get; } = [];
    /// <summary>Offset of its cell, after writing.</summary>
    public uint CellOffset { get; set; }

    /// <summary>The key at a path below, made when absent.</summary>
    public WrittenKey Key(string path)
    {
        WrittenKey key = this;
        foreach (string part in path.Split('\\'))
        {
            if (!key._children.TryGetValue(part, out WrittenKey? child))
            {
                child = new WrittenKey(part, key);
                key._children.Add(part, child);
                key._sorted = null;
            }
            key = child;
        }
        return key;
    }

    /// <summary>Subkeys as Windows sorts them.</summary>
    public List<WrittenKey> Sorted() => _sorted ??= [.. _children.Values.OrderBy(key => key.Name.ToUpperInvariant(), StringComparer.Ordinal)];

    /// <summary>Adds a value of any type.</summary>
    public WrittenKey Value(string name, uint type, byte[] data)
    {
        Values.Add(new WrittenValue(name, type, data));
        return this;
    }

    /// <summary>Adds REG_SZ.</summary>
    public WrittenKey Text(string name, string text) => Value(name, 1, Encoding.Unicode.GetBytes(text + '\0'));

    /// <summary>Adds REG_EXPAND_SZ.</summary>
    public WrittenKey Expandable(string name, string text) => Value(name, 2, Encoding.Unicode.GetBytes(text + '\0'));

    /// <summary>Adds REG_MULTI_SZ.</summary>
    public WrittenKey Texts(string name, params string[] texts) => Value(name, 7, Encoding.Unicode.GetBytes(string.Concat(texts.Select(text => text + '\0')) + '\0'));

    /// <summary>Adds REG_DWORD.</summary>
    public WrittenKey Number(string name, uint number)
    {
        var data = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        return Value(name, 4, data);
    }

    /// <summary>Adds REG_QWORD.</summary>
    public WrittenKey LongNumber(string name, long number)
    {
        var data = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(data, number);
        return Value(name, 11, data);
    }

    /// <summary>Adds REG_BINARY.</summary>
    public WrittenKey Binary(string name, byte[] data) => Value(name, 3, data);
}
