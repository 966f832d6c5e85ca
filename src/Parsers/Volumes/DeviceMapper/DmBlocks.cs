using System.Buffers.Binary;
using System.Collections.Concurrent;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.DeviceMapper;

/// <summary>
/// Blocks of 4096 bytes of a device-mapper metadata device (thin pools, caches), each with a CRC-32C of its own. Checked blocks are kept in a bounded cache. Thread-safe.
/// Specification: the kernel's drivers/md/persistent-data and https://docs.kernel.org/admin-guide/device-mapper/persistent-data.html
/// </summary>
internal sealed class DmBlocks(IByteSource metadata, string what, IDiagnosticSink diagnostics)
{
    public const int BlockSize = 4096;
    /// <summary>The salt of each kind of block.</summary>
    public const uint ThinSuperblockSalt = 160774;
    public const uint CacheSuperblockSalt = 9031977;
    public const uint NodeSalt = 121107;
    public const uint ArraySalt = 595846735;

    private const int CacheBlocks = 2048;

    private readonly LruCache<byte[]> _cache = new(CacheBlocks);
    private readonly ConcurrentDictionary<string, bool> _reported = new();

    /// <summary>Blocks of the device.</summary>
    public long Count => metadata.Length / BlockSize;

    /// <summary>A node of a tree; null, with a diagnostic, when it is damaged or not there.</summary>
    public byte[]? Node(long block)
    {
        byte[]? bytes = Read(block, NodeSalt, 8, "btree");
        if (bytes is null || new DmNode(bytes).IsSound)
        {
            return bytes;
        }
        Damaged("btree.header", block);
        return null;
    }

    /// <summary>A block of an array.</summary>
    public byte[]? ArrayBlock(long block)
    {
        byte[]? bytes = Read(block, ArraySalt, 16, "array");
        if (bytes is null || new DmArrayBlock(bytes).IsSound)
        {
            return bytes;
        }
        Damaged("array.header", block);
        return null;
    }

    /// <summary>Reports damage, each kind once: what it maps is unknown and reads as not mapped.</summary>
    public void Damaged(string code, long block)
    {
        if (_reported.TryAdd(code, true))
        {
            diagnostics.Report(new Diagnostic("dm." + code, what + ": metadata is damaged; what it maps reads as not mapped")
            {
                Offset = block is >= 0 and < long.MaxValue / BlockSize ? block * BlockSize : null,
                LosesContent = true,
            });
        }
    }

    /// <summary>Whether the checksum at the start of a block is right.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> block, uint salt) =>
        block.Length == BlockSize && BinaryPrimitives.ReadUInt32LittleEndian(block) == (Crc32C.Continue(uint.MaxValue, block[4..]) ^ salt);

    private byte[]? Read(long block, uint salt, int numberOffset, string kind)
    {
        // Block 0 is the superblock: nothing may point there.
        if (block < 1 || block >= Count)
        {
            Damaged(kind + ".past-end", block);
            return null;
        }
        if (_cache.Find(block) is { } cached)
        {
            return cached;
        }
        byte[] bytes = metadata.ReadArray(block * BlockSize, BlockSize);
        if (!IsIntact(bytes, salt) || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(numberOffset)) != (ulong)block)
        {
            Damaged(kind + ".checksum", block);
            return null;
        }
        return _cache.Add(block, bytes);
    }
}

/// <summary>A node of a device-mapper B-tree (little endian), fields named as in the kernel's dm-btree-internal.h.</summary>
internal readonly ref struct DmNode(ReadOnlySpan<byte> block)
{
    private const int HeaderSize = 32;
    private readonly ReadOnlySpan<byte> _bytes = block;

    public uint Flags => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);
    public bool IsInternal => (Flags & 1) != 0;
    public uint NrEntries => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[16..]);
    public uint MaxEntries => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[20..]);
    public uint ValueSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[24..]);

    /// <summary>Entries that the node holds.</summary>
    public int Count => (int)NrEntries;

    /// <summary>Whether the counts fit the block; every other member may be used only then.</summary>
    public bool IsSound => (Flags & 3) is 1 or 2 && MaxEntries <= DmBlocks.BlockSize / 8 && NrEntries <= MaxEntries && ValueSize is >= 1 and <= 512
        && (!IsInternal || ValueSize == 8) && HeaderSize + MaxEntries * (8L + ValueSize) <= DmBlocks.BlockSize;

    /// <summary>The key of an entry.</summary>
    public ulong Key(int index) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(HeaderSize + index * 8)..]);

    /// <summary>The value of an entry.</summary>
    public ReadOnlySpan<byte> Value(int index) => _bytes.Slice(HeaderSize + (int)MaxEntries * 8 + index * (int)ValueSize, (int)ValueSize);

    /// <summary>The value of an entry whose values are 64-bit numbers.</summary>
    public ulong Value64(int index) => BinaryPrimitives.ReadUInt64LittleEndian(Value(index));

    /// <summary>The last entry whose key is not above the key; -1 when there is none.</summary>
    public int Find(ulong key)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Key(middle) <= key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low - 1;
    }
}

/// <summary>A block of a device-mapper array (little endian), fields named as in the kernel's dm-array.c.</summary>
internal readonly ref struct DmArrayBlock(ReadOnlySpan<byte> block)
{
    private const int HeaderSize = 24;
    private readonly ReadOnlySpan<byte> _bytes = block;

    public uint MaxEntries => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);
    public uint NrEntries => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[8..]);
    public uint ValueSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[12..]);

    /// <summary>Whether the counts fit the block.</summary>
    public bool IsSound => ValueSize == 8 && NrEntries <= MaxEntries && MaxEntries <= (DmBlocks.BlockSize - HeaderSize) / 8;

    /// <summary>A value.</summary>
    public ulong Value64(int index) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(HeaderSize + index * 8)..]);
}
