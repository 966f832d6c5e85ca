using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Writes VHDX images after [MS-VHDX], also what no tool at hand writes: differencing disks, sectors of 4096 bytes, logs, damaged structures.</summary>
internal sealed class VhdxBuilder(long size, int blockSize = 1 << 20, int sectorSize = 512)
{
    public const int Header1 = 64 << 10;
    public const int Header2 = 128 << 10;
    public const int Region1 = 192 << 10;
    public const int Region2 = 256 << 10;
    public const int LogOffset = 1 << 20;
    public const int MetadataOffset = 2 << 20;
    public const int TableOffset = 3 << 20;
    public const int Items = MetadataOffset + 65536;
    private const int MiB = 1 << 20;

    private readonly SortedDictionary<int, (byte[] Data, byte[] Bits)> _blocks = [];
    private readonly Dictionary<int, int> _states = [];
    private Dictionary<string, string>? _locator;

    public Guid DataWriteGuid { get; set; } = Guid.NewGuid();
    public Guid LogGuid { get; set; }
    public int LogLength { get; set; } = MiB;

    private int Blocks => (int)((size + blockSize - 1) / blockSize);
    private int ChunkRatio => (int)((8L << 20) * sectorSize / blockSize);
    private int TableLength => ((Blocks + (Blocks - 1) / ChunkRatio + 1 + ChunkRatio) * 8 + MiB - 1) / MiB * MiB;

    /// <summary>Stores whole sectors.</summary>
    public VhdxBuilder Write(long offset, byte[] data)
    {
        for (int done = 0; done < data.Length; done += sectorSize)
        {
            long position = offset + done;
            int block = (int)(position / blockSize);
            if (!_blocks.TryGetValue(block, out (byte[] Data, byte[] Bits) stored))
            {
                _blocks[block] = stored = (new byte[blockSize], new byte[blockSize / sectorSize]);
            }
            int at = (int)(position % blockSize);
            data.AsSpan(done, Math.Min(sectorSize, data.Length - done)).CopyTo(stored.Data.AsSpan(at));
            stored.Bits[at / sectorSize] = 1;
        }
        return this;
    }

    /// <summary>Gives a block that is not stored a state: 1 undefined, 2 zero, 3 unmapped.</summary>
    public VhdxBuilder State(int block, int state)
    {
        _states[block] = state;
        return this;
    }

    /// <summary>Makes this a differencing disk; blocks not written whole become partly present.</summary>
    public VhdxBuilder ChildOf(Guid linkage, string relativePath, string? absolutePath = null)
    {
        _locator = new() { ["parent_linkage"] = "{" + linkage.ToString() + "}", ["relative_path"] = relativePath };
        if (absolutePath is not null)
        {
            _locator["absolute_win32_path"] = absolutePath;
        }
        return this;
    }

    /// <summary>Offset of the table entry of a payload block in the file.</summary>
    public int Entry(int block) => TableOffset + (block + block / ChunkRatio) * 8;

    public byte[] Build()
    {
        bool isChild = _locator is not null;
        long next = TableOffset + TableLength;
        byte[] table = new byte[TableLength];
        var bitmaps = new SortedDictionary<int, byte[]>();
        var places = new List<(long Offset, byte[] Data)>();
        foreach ((int block, int state) in _states)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(Entry(block) - TableOffset), (ulong)state);
        }
        foreach ((int block, (byte[] data, byte[] bits)) in _blocks)
        {
            bool isPartial = isChild && bits.AsSpan().Contains((byte)0);
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(Entry(block) - TableOffset), (ulong)next | (isPartial ? 7u : 6u));
            places.Add((next, data));
            next += blockSize;
            if (isPartial)
            {
                int chunk = block / ChunkRatio;
                if (!bitmaps.TryGetValue(chunk, out byte[]? bitmap))
                {
                    bitmaps[chunk] = bitmap = new byte[MiB];
                }
                int first = block % ChunkRatio * bits.Length;
                for (int i = 0; i < bits.Length; i++)
                {
                    bitmap[(first + i) / 8] |= (byte)(bits[i] << (first + i) % 8);
                }
            }
        }
        foreach ((int chunk, byte[] bitmap) in bitmaps)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(((chunk + 1) * ChunkRatio + chunk) * 8), (ulong)next | 6u);
            places.Add((next, bitmap));
            next += MiB;
        }
        byte[] file = new byte[next];
        "vhdxfile"u8.CopyTo(file);
        Encoding.Unicode.GetBytes("test writer", file.AsSpan(8));
        WriteHeader(file.AsSpan(Header1, 4096), 1);
        WriteHeader(file.AsSpan(Header2, 4096), 2);
        WriteRegions(file.AsSpan(Region1, 65536));
        WriteRegions(file.AsSpan(Region2, 65536));
        WriteMetadata(file.AsSpan(MetadataOffset, MiB));
        table.CopyTo(file, TableOffset);
        foreach ((long offset, byte[] data) in places)
        {
            data.CopyTo(file, offset);
        }
        return file;
    }

    /// <summary>The checksums of headers and region tables put right after a change.</summary>
    public static byte[] Seal(byte[] image)
    {
        Sum(image.AsSpan(Header1, 4096));
        Sum(image.AsSpan(Header2, 4096));
        Sum(image.AsSpan(Region1, 65536));
        Sum(image.AsSpan(Region2, 65536));
        return image;
    }

    public static void Sum(Span<byte> structure)
    {
        structure.Slice(4, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(structure[4..], Crc32C(structure));
    }

    /// <summary>Bit by bit, as the polynomial says: nothing shared with the reader.</summary>
    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
            }
        }
        return ~crc;
    }

    private void WriteHeader(Span<byte> header, ulong sequence)
    {
        "head"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], sequence);
        Guid.NewGuid().TryWriteBytes(header[16..]);
        DataWriteGuid.TryWriteBytes(header[32..]);
        LogGuid.TryWriteBytes(header[48..]);
        BinaryPrimitives.WriteUInt16LittleEndian(header[66..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[68..], LogLength);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], LogOffset);
        Sum(header);
    }

    private void WriteRegions(Span<byte> regions)
    {
        "regi"u8.CopyTo(regions);
        BinaryPrimitives.WriteInt32LittleEndian(regions[8..], 2);
        WriteRegion(regions[16..], "2DC27766-F623-4200-9D64-115E9BFD4A08", TableOffset, TableLength);
        WriteRegion(regions[48..], "8B7CA206-4790-4B9A-B8FE-575F050F886E", MetadataOffset, MiB);
        Sum(regions);
    }

    private static void WriteRegion(Span<byte> entry, string kind, long offset, int length)
    {
        Guid.Parse(kind).TryWriteBytes(entry);
        BinaryPrimitives.WriteInt64LittleEndian(entry[16..], offset);
        BinaryPrimitives.WriteInt32LittleEndian(entry[24..], length);
        BinaryPrimitives.WriteInt32LittleEndian(entry[28..], 1);
    }

    private void WriteMetadata(Span<byte> region)
    {
        "metadata"u8.CopyTo(region);
        int count = 0;
        int used = 0;
        Span<byte> number = stackalloc byte[16];
        number.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(number, blockSize);
        BinaryPrimitives.WriteInt32LittleEndian(number[4..], _locator is null ? 0 : 2);
        AddItem(region, "CAA16737-FA36-4D43-B3B6-33F0AA44E76B", number[..8], 4, ref count, ref used);
        BinaryPrimitives.WriteInt64LittleEndian(number, size);
        AddItem(region, "2FA54224-CD1B-4876-B211-5DBED83BF4B8", number[..8], 6, ref count, ref used);
        Guid.NewGuid().TryWriteBytes(number);
        AddItem(region, "BECA12AB-B2E6-4523-93EF-C309E000C746", number, 6, ref count, ref used);
        BinaryPrimitives.WriteInt32LittleEndian(number, sectorSize);
        AddItem(region, "8141BF1D-A96F-4709-BA47-F233A8FAAB5F", number[..4], 6, ref count, ref used);
        BinaryPrimitives.WriteInt32LittleEndian(number, 4096);
        AddItem(region, "CDA348C7-445D-4471-9CC9-E9885251C556", number[..4], 6, ref count, ref used);
        if (_locator is not null)
        {
            AddItem(region, "A8D35F2D-B30B-454D-ABF7-D3D84834AB0C", Locator(_locator), 4, ref count, ref used);
        }
        BinaryPrimitives.WriteInt16LittleEndian(region[10..], (short)count);
    }

    private static void AddItem(Span<byte> region, string kind, ReadOnlySpan<byte> data, int flags, ref int count, ref int used)
    {
        Span<byte> entry = region[(32 + count++ * 32)..];
        Guid.Parse(kind, CultureInfo.InvariantCulture).TryWriteBytes(entry);
        BinaryPrimitives.WriteInt32LittleEndian(entry[16..], 65536 + used);
        BinaryPrimitives.WriteInt32LittleEndian(entry[20..], data.Length);
        BinaryPrimitives.WriteInt32LittleEndian(entry[24..], flags);
        data.CopyTo(region[(65536 + used)..]);
        used += (data.Length + 63) / 64 * 64;
    }

    private static byte[] Locator(Dictionary<string, string> pairs)
    {
        byte[] item = new byte[8192];
        Guid.Parse("B04AEFB7-D19E-4A81-B789-25B8E9445913").TryWriteBytes(item);
        BinaryPrimitives.WriteInt16LittleEndian(item.AsSpan(18), (short)pairs.Count);
        int at = 20 + pairs.Count * 12;
        int entry = 20;
        foreach ((string key, string value) in pairs)
        {
            int keyLength = Encoding.Unicode.GetBytes(key, item.AsSpan(at));
            int valueLength = Encoding.Unicode.GetBytes(value, item.AsSpan(at + keyLength));
            BinaryPrimitives.WriteInt32LittleEndian(item.AsSpan(entry), at);
            BinaryPrimitives.WriteInt32LittleEndian(item.AsSpan(entry + 4), at + keyLength);
            BinaryPrimitives.WriteInt16LittleEndian(item.AsSpan(entry + 8), (short)keyLength);
            BinaryPrimitives.WriteInt16LittleEndian(item.AsSpan(entry + 10), (short)valueLength);
            at += keyLength + valueLength;
            entry += 12;
        }
        return item[..at];
    }
}
