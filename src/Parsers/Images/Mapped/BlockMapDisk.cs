using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Mapped;

/// <summary>A disk mapped by one table of 32-bit little endian entries, a block each, read through a bounded cache: VDI and Parallels.</summary>
internal abstract class BlockMapDisk : MappedDisk
{
    private const int EntrySize = 4;
    private const int CacheBlock = 64 << 10;

    private readonly TableAnomalies _kinds;
    private readonly BlockCache _table;
    private readonly long _tableOffset;
    private readonly long _entries;
    private readonly long _blockSize;

    /// <param name="files">The files of the image.</param>
    /// <param name="size">Virtual disk size in bytes.</param>
    /// <param name="tableOffset">Where the table begins, a multiple of 4.</param>
    /// <param name="entries">How many entries it has; blocks past its end read as zeros.</param>
    /// <param name="blockSize">Bytes that an entry maps.</param>
    /// <param name="anomalies">Where damage is reported.</param>
    /// <param name="kinds">The format's words for damage.</param>
    protected BlockMapDisk(MappedFiles files, long size, long tableOffset, long entries, long blockSize, MappedAnomalies anomalies, TableAnomalies kinds)
        : base(size, files.Data, files.Backing, anomalies, kinds.UnitPastEnd)
    {
        _kinds = kinds;
        _table = new BlockCache(files.Image, CacheBlock, Math.Max(4, files.CacheBytes / CacheBlock));
        _tableOffset = tableOffset;
        _entries = entries;
        _blockSize = blockSize;
    }

    /// <inheritdoc/>
    protected sealed override Extent ExtentAt(long position, long limit, ref TableCursor cursor)
    {
        long index = position / _blockSize;
        long within = position - index * _blockSize;
        long rest = _blockSize - within;
        if (index >= _entries)
        {
            return new Extent(ExtentKind.Unallocated, 0, Length - position);
        }
        ReadOnlySpan<byte> entries = cursor.From(_table, _tableOffset + index * EntrySize);
        if (entries.Length < EntrySize)
        {
            // The entries that follow lie further out still.
            Anomalies.Report(_kinds.TablePastEnd, position);
            return new Extent(ExtentKind.Zero, 0, Length - position);
        }
        uint entry = BinaryPrimitives.ReadUInt32LittleEndian(entries);
        if (HostOf(entry) is { } host)
        {
            return new Extent(ExtentKind.Data, host + within, rest);
        }
        if (limit > rest)
        {
            long most = Math.Min(Math.Min(entries.Length / EntrySize, _entries - index), 1 + (limit - rest + _blockSize - 1) / _blockSize);
            ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(entries)[..(int)most];
            int different = words.IndexOfAnyExcept(words[0]);
            rest += ((different < 0 ? most : different) - 1) * _blockSize;
        }
        return new Extent(ExtentKind.Zero, 0, rest);
    }

    /// <summary>Offset in the file of the block that an entry stands for; null when it stands for zeros.</summary>
    protected abstract long? HostOf(uint entry);
}
