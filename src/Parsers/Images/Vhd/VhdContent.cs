using System.Buffers.Binary;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Vhd;

/// <summary>
/// The logical disk of a dynamic or differencing VHD. A block of the file is a bitmap with a bit a sector, most significant bit first, and the sectors. A sector whose bit is
/// clear was never written: it is zeros, or the parent's.
/// </summary>
internal sealed class VhdContent : MappedContent
{
    private const uint Unallocated = 0xFFFF_FFFF;
    private const int SectorSize = 512;
    private const int TableBlock = 16 << 10;
    private const int TableBlocks = 256;
    private const int BitmapBlocks = 4096;
    private const int BitsInSector = SectorSize * 8;

    private static readonly DamageKind s_tableShort = new("vhd.bat.past-end", "the block allocation table ends before the disk does or lies past the end of the image file; what it does not map reads as zeros");
    private static readonly DamageKind s_blockPastEnd = new("vhd.block.past-end", "a block lies past the end of the image file; what is missing reads as zeros");
    private static readonly DamageKind s_blockInHeader = new("vhd.block.misplaced", "a block is said to lie in the header of the image file; it reads as zeros");

    private readonly VhdGeometry _geometry;
    private readonly CachedTable _table;
    private readonly CachedTable _bitmaps;

    public VhdContent(IByteSource file, VhdGeometry geometry, CachedTable table, IByteSource? parent, DamageReports damage)
        : base(file, geometry.Size, parent, damage)
    {
        _geometry = geometry;
        _table = table;
        _bitmaps = new CachedTable(file, 0, file.Length, SectorSize, BitmapBlocks);
    }

    /// <inheritdoc/>
    protected override DamageKind PastEnd => s_blockPastEnd;

    /// <summary>The block allocation table, as far as the file has it.</summary>
    public static CachedTable Table(IByteSource file, VhdGeometry geometry) => new(file, geometry.TableOffset, geometry.TableEntries * 4, TableBlock, TableBlocks);

    /// <summary>How many blocks end past the end of the file, of those the first entries of the table tell.</summary>
    public static long CountPastEnd(CachedTable table, VhdGeometry geometry, long fileLength, long entries)
    {
        var cursor = new CachedTable.Cursor();
        long count = 0;
        for (long index = 0; index < entries; index++)
        {
            ReadOnlySpan<byte> entry = cursor.Entry(table, index * 4, 4);
            if (entry.IsEmpty)
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
    protected override Piece PieceAt(long position, ref MapCursor cursor)
    {
        long block = position / _geometry.BlockSize;
        long within = position - block * _geometry.BlockSize;
        long rest = Math.Min(_geometry.BlockSize - within, Length - position);
        ReadOnlySpan<byte> entry = block < _geometry.TableEntries ? cursor.Table.Entry(_table, block * 4, 4) : [];
        if (entry.IsEmpty)
        {
            Damage.Report(s_tableShort, position);
            return new Piece(Place.Zero, 0, Length - position);
        }
        uint sector = BinaryPrimitives.ReadUInt32BigEndian(entry);
        if (sector == Unallocated)
        {
            return new Piece(Absent, 0, rest);
        }
        if (sector == 0)
        {
            Damage.Report(s_blockInHeader, position);
            return new Piece(Place.Zero, 0, rest);
        }
        long start = (long)sector * SectorSize;
        int bit = (int)(within / SectorSize);
        ReadOnlySpan<byte> bits = cursor.Bitmap.Block(_bitmaps, start + bit / BitsInSector * SectorSize, out _);
        if (bits.Length < SectorSize)
        {
            Damage.Report(s_blockPastEnd, position);
            return new Piece(Place.Zero, 0, rest);
        }
        int end = (int)Math.Min(BitsInSector, _geometry.BlockSize / SectorSize - (bit - bit % BitsInSector));
        int sectors = BitRuns.Measure(bits, bit % BitsInSector, end, highFirst: true, out bool isStored);
        long length = Math.Min(rest, (long)sectors * SectorSize - within % SectorSize);
        return isStored ? new Piece(Place.Data, start + _geometry.BitmapSize + within, length) : new Piece(Absent, 0, length);
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
    public long BitmapSize { get; } = (BlockSize / (512 * 8) + 511) & ~511L;
}
