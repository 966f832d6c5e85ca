using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Registry;

/// <summary>A cell: where its content lies in the hive file and how long it is.</summary>
/// <param name="Offset">As other cells refer to it: relative to the start of the hive bins, of its size field.</param>
/// <param name="Content">Byte offset in the hive file of what follows the cell's header.</param>
/// <param name="Length">Bytes of content, never past the hive bins.</param>
/// <param name="IsAllocated">False for a cell that is marked free.</param>
internal readonly record struct HiveCell(uint Offset, long Content, int Length, bool IsAllocated);

/// <summary>Access to the cells of a hive through a cache. Thread-safe.</summary>
/// <remarks>What a hostile hive may cost is bounded in two ways: list elements and bytes of value data handed out, both by its own size and with room for reading it several times.</remarks>
internal sealed class HiveCells
{
    private const int BlockSize = 64 << 10;
    private const int CacheBytes = 64 << 20;
    private const uint None = uint.MaxValue;
    private const long FreeElements = 20_000_000;
    private const long FreeData = 256L << 20;

    private readonly IByteSource _hive;
    private readonly BlockCache _blocks;
    private readonly int _headerSize;
    private long _elements;
    private long _data;

    /// <param name="hive">The hive, logs applied.</param>
    /// <param name="binsSize">Bytes of hive bins by the base block; clamped to what is there.</param>
    /// <param name="minorVersion">Cells have the field <c>Last</c> in versions 1.0 and 1.1; large data are cut up from version 1.4.</param>
    /// <param name="anomalies">Takes damage.</param>
    public HiveCells(IByteSource hive, uint binsSize, int minorVersion, RegistryAnomalies anomalies)
    {
        BinsSize = (uint)Math.Clamp(hive.Length - BaseBlock.Stored, 0, Math.Min(binsSize, int.MaxValue - BaseBlock.Stored));
        _hive = hive;
        long cached = Math.Min(hive.Length, CacheBytes);
        _blocks = new BlockCache(hive, BlockSize, (int)Math.Max(8, (cached / BlockSize) + 16));
        _headerSize = minorVersion <= 1 ? 8 : 4;
        HasBigData = minorVersion >= 4;
        _elements = FreeElements + BinsSize;
        _data = FreeData + 16L * BinsSize;
        Anomalies = anomalies;
    }

    /// <summary>Bytes of hive bins that are there.</summary>
    public uint BinsSize { get; }

    /// <summary>Data above 16,344 bytes are in segments.</summary>
    public bool HasBigData { get; }

    /// <summary>Length of the hive file.</summary>
    public long FileLength => _blocks.Length;

    public RegistryAnomalies Anomalies { get; }

    /// <summary>The cell at an offset; false, and said, when there can be none. References of deleted records may lead anywhere, and nothing is said of them.</summary>
    public bool TryOpen(uint offset, string what, out HiveCell cell, bool isDeleted = false)
    {
        cell = default;
        if (offset == None)
        {
            return false;
        }
        if (offset % 4 != 0 || offset > BinsSize || BinsSize - offset < (uint)_headerSize)
        {
            return Refuse("registry.offset", what + ": offset outside the hive bins", offset, isDeleted);
        }
        int size = ReadInt32(BaseBlock.Stored + (long)offset);
        long length = Math.Abs((long)size);
        if (length < _headerSize || size == int.MinValue)
        {
            return Refuse("registry.cell", what + ": cell without a size", offset, isDeleted);
        }
        bool isAllocated = size < 0;
        if (!isAllocated && !isDeleted)
        {
            Anomalies.Report("registry.cell.free", what + ": the cell is marked free", BaseBlock.Stored + (long)offset, losesContent: false);
        }
        if (length > BinsSize - offset)
        {
            if (isDeleted)
            {
                return false;
            }
            Refuse("registry.cell.length", what + ": the cell ends behind the hive bins", offset, isDeleted);
            length = BinsSize - offset;
        }
        cell = new HiveCell(offset, BaseBlock.Stored + (long)offset + _headerSize, (int)length - _headerSize, isAllocated);
        return true;
    }

    /// <summary>Up to <paramref name="count"/> bytes of a cell from <paramref name="start"/>; shared memory that never changes.</summary>
    public ReadOnlyMemory<byte> Read(in HiveCell cell, int start, int count) =>
        start >= cell.Length ? ReadOnlyMemory<byte>.Empty : ReadFile(cell.Content + start, Math.Min(count, cell.Length - start));

    /// <summary>Up to <paramref name="count"/> bytes of the hive file.</summary>
    public ReadOnlyMemory<byte> ReadFile(long position, int count)
    {
        ReadOnlyMemory<byte> block = _blocks.Block(position / BlockSize);
        int within = (int)(position % BlockSize);
        if (within + (long)count <= block.Length)
        {
            return block.Slice(within, count);
        }
        return _blocks.ReadArray(position, count);
    }

    /// <summary>Bytes of the hive file past the cache, for who reads all of it once; fewer only at its end.</summary>
    public int Copy(long position, Span<byte> destination) => _hive.ReadUpTo(position, destination);

    /// <summary>Accounts for elements of lists that are handed out. Throws <see cref="LimitExceededException"/> when they are out of all proportion to the hive.</summary>
    public void SpendElements(int count)
    {
        if (Interlocked.Add(ref _elements, -count) < 0)
        {
            throw new LimitExceededException("registry.elements", FreeElements + BinsSize);
        }
    }

    /// <summary>Accounts for value data that are handed out. Throws <see cref="LimitExceededException"/> likewise.</summary>
    public void SpendData(int count)
    {
        if (Interlocked.Add(ref _data, -count) < 0)
        {
            throw new LimitExceededException("registry.data", FreeData + 16L * BinsSize);
        }
    }

    private bool Refuse(string code, string message, uint offset, bool isDeleted)
    {
        if (!isDeleted)
        {
            Anomalies.Report(code, message, BaseBlock.Stored + (long)offset);
        }
        return false;
    }

    private int ReadInt32(long position)
    {
        ReadOnlySpan<byte> bytes = ReadFile(position, 4).Span;
        return bytes.Length < 4 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }
}
