using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Images.Mapped;

namespace Forensics.Parsers.Images.Vhd;

/// <summary>
/// The logical disk of a dynamic or differencing VHD. A block of the file is a bitmap with a bit a sector, most significant bit first, and the sectors. In a differencing disk
/// a sector whose bit is clear is the parent's. In a dynamic disk it was never written and is zeros in the file as well; the bitmap is not looked at, so that nothing
/// that is stored stays hidden, as in QEMU and libvhdi.
/// </summary>
internal sealed class VhdContent : MappedDisk
{
    private const uint Unallocated = 0xFFFF_FFFF;
    private const int SectorSize = 512;
    private const int EntrySize = 4;
    private const int TableBlock = 16 << 10;
    private const int BitmapCacheBytes = 2 << 20;
    private const int BitsInSector = SectorSize * 8;

    private static readonly Anomaly s_tableShort = new("vhd.bat.past-end", "the block allocation table ends before the disk does or lies past the end of the image file; what it does not map reads as zeros");
    private static readonly Anomaly s_blockPastEnd = new("vhd.block.past-end", "a block lies past the end of the image file; what is missing reads as zeros");
    private static readonly Anomaly s_blockInHeader = new("vhd.block.misplaced", "a block is said to lie in the header of the image file; it reads as zeros");

    private readonly VhdGeometry _geometry;
    private readonly BlockCache _table;
    private readonly BlockCache? _bitmaps;

    /// <param name="file">The image file.</param>
    /// <param name="geometry">From the headers.</param>
    /// <param name="table">Made by <see cref="Table"/>.</param>
    /// <param name="parent">The disk that a differencing disk differs from.</param>
    /// <param name="anomalies">Where damage is reported.</param>
    public VhdContent(IByteSource file, VhdGeometry geometry, BlockCache table, IByteSource? parent, MappedAnomalies anomalies)
        : base(geometry.Size, file, parent, anomalies, s_blockPastEnd)
    {
        _geometry = geometry;
        _table = table;
        _bitmaps = parent is null ? null : new BlockCache(file, SectorSize, BitmapCacheBytes / SectorSize);
    }

    /// <summary>The block allocation table, as far as the file has it, with a bounded part kept in memory.</summary>
    public static BlockCache Table(IByteSource file, VhdGeometry geometry, int cacheBytes) =>
        new(new Slice(file, geometry.TableOffset, geometry.TableEntries * EntrySize), TableBlock, Math.Max(4, Math.Min(cacheBytes, 4 << 20) / TableBlock));

    /// <summary>How many blocks end past the end of the file, of those the first entries of the table tell.</summary>
    public static long CountPastEnd(BlockCache table, VhdGeometry geometry, long fileLength, long entries)
    {
        var cursor = new TableCursor();
        long count = 0;
        for (long index = 0; index < entries; index++)
        {
            ReadOnlySpan<byte> entry = cursor.From(table, index * EntrySize);
            if (entry.Length < EntrySize)
            {
                break;
            }
            uint sector = BinaryPrimitives.ReadUInt32BigEndian(entry);
            // The last block of a disk may end where the disk ends.
            long used = Math.Min(geometry.BlockSize, Math.Max(0, geometry.Size - index * geometry.BlockSize));
            if (sector != Unallocated && (long)sector * SectorSize + geometry.BitmapSize + used > fileLength)
            {
                count++;
            }
        }
        return count;
    }

    /// <inheritdoc/>
    protected override Extent ExtentAt(long position, long limit, ref TableCursor cursor)
    {
        long block = position / _geometry.BlockSize;
        long within = position - block * _geometry.BlockSize;
        long rest = _geometry.BlockSize - within;
        ReadOnlySpan<byte> entries = cursor.From(_table, block * EntrySize);
        if (entries.Length < EntrySize)
        {
            Anomalies.Report(s_tableShort, position);
            return new Extent(ExtentKind.Zero, 0, Length - position);
        }
        uint sector = BinaryPrimitives.ReadUInt32BigEndian(entries);
        if (sector == Unallocated)
        {
            return new Extent(ExtentKind.Unallocated, 0, limit > rest ? rest + (Repeats(entries, 1 + (limit - rest) / _geometry.BlockSize) - 1) * _geometry.BlockSize : rest);
        }
        if (sector == 0)
        {
            Anomalies.Report(s_blockInHeader, position);
            return new Extent(ExtentKind.Zero, 0, rest);
        }
        long start = (long)sector * SectorSize;
        var whole = new Extent(ExtentKind.Data, start + _geometry.BitmapSize + within, rest);
        return _bitmaps is null ? whole : Partial(position, start, within, whole, _bitmaps);
    }

    /// <summary>How many entries from the first on are unallocated, of as many as are at hand.</summary>
    private static long Repeats(ReadOnlySpan<byte> entries, long most)
    {
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(entries);
        words = words[..(int)Math.Min(words.Length, most)];
        int other = words.IndexOfAnyExcept(Unallocated);
        return Math.Max(1, other < 0 ? words.Length : other);
    }

    /// <summary>Cuts an extent to where the sector bitmap changes.</summary>
    private Extent Partial(long position, long start, long within, Extent whole, BlockCache bitmaps)
    {
        int bit = (int)(within / SectorSize);
        ReadOnlySpan<byte> bits = bitmaps.Block(start / SectorSize + bit / BitsInSector).Span;
        if (bits.Length < SectorSize)
        {
            Anomalies.Report(s_blockPastEnd, position);
            return new Extent(ExtentKind.Zero, 0, whole.Length);
        }
        int end = (int)Math.Min(BitsInSector, _geometry.BlockSize / SectorSize - (bit - bit % BitsInSector));
        int sectors = BitRuns.Measure(bits, bit % BitsInSector, end, highFirst: true, out bool isStored);
        long length = (long)sectors * SectorSize - within % SectorSize;
        return isStored ? whole with { Length = length } : new Extent(ExtentKind.Unallocated, 0, length);
    }
}

/// <summary>What the headers fix for the mapping. Sizes and offsets in bytes.</summary>
/// <param name="Size">Size of the disk.</param>
/// <param name="BlockSize">Size of a block without its bitmap, a power of two.</param>
/// <param name="TableOffset">Where the block allocation table begins.</param>
/// <param name="TableEntries">Its entries.</param>
internal sealed record VhdGeometry(long Size, long BlockSize, long TableOffset, long TableEntries)
{
    /// <summary>Bytes of the bitmap before each block, whole sectors.</summary>
    public long BitmapSize { get; } = ((BlockSize / 512 + 7) / 8 + 511) & ~511L;
}
