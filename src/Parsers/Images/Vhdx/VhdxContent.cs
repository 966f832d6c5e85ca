using System.Buffers.Binary;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Vhdx;

/// <summary>
/// The logical disk of a VHDX. The block allocation table has the entries of payload blocks and, after each chunk of them, one of the sector bitmap block that a differencing
/// disk has for the chunk. [MS-VHDX] 2.5.
/// </summary>
internal sealed class VhdxContent : MappedContent
{
    private const int TableBlock = 64 << 10;
    private const int TableBlocks = 256;
    private const int BitmapBlock = 4096;
    private const int BitmapBlocks = 1024;
    private const int MegabyteShift = 20;

    private static readonly DamageKind s_tableShort = new("vhdx.bat.past-end", "the block allocation table ends before the disk does or lies past the end of the image file; what it does not map reads as zeros");
    private static readonly DamageKind s_blockPastEnd = new("vhdx.block.past-end", "a block lies past the end of the image file; what is missing reads as zeros");
    private static readonly DamageKind s_blockInHeader = new("vhdx.block.misplaced", "a block is said to lie in the header of the image file; it reads as zeros");
    private static readonly DamageKind s_state = new("vhdx.bat.state", "a block has a state that is not defined; it reads as zeros");
    private static readonly DamageKind s_partial = new("vhdx.bat.partial", "a block of a disk without a parent is marked as partly present; it is read whole", LosesContent: false);
    private static readonly DamageKind s_bitmap = new("vhdx.bitmap.missing", "a block is partly present but the bitmap that tells which sectors are is not there; it reads as zeros");

    private readonly VhdxGeometry _geometry;
    private readonly CachedTable _table;
    private readonly CachedTable _bitmaps;

    public VhdxContent(IByteSource file, VhdxGeometry geometry, CachedTable table, IByteSource? parent, DamageReports damage)
        : base(file, geometry.Size, parent, damage)
    {
        _geometry = geometry;
        _table = table;
        _bitmaps = new CachedTable(file, 0, file.Length, BitmapBlock, BitmapBlocks);
    }

    private enum PayloadState
    {
        NotPresent = 0,
        Undefined = 1,
        Zero = 2,
        Unmapped = 3,
        // What version 0.95 of the specification called unmapped; QEMU reads it so too.
        UnmappedOld = 5,
        FullyPresent = 6,
        PartiallyPresent = 7,
    }

    /// <inheritdoc/>
    protected override DamageKind PastEnd => s_blockPastEnd;

    /// <summary>The block allocation table, as far as the file has it.</summary>
    public static CachedTable Table(IByteSource file, VhdxRegion region) => new(file, region.Offset, region.Length, TableBlock, TableBlocks);

    /// <summary>How many of the first <paramref name="blocks"/> payload blocks end past the end of the file.</summary>
    public static long CountPastEnd(CachedTable table, VhdxGeometry geometry, long fileLength, long blocks)
    {
        var cursor = new CachedTable.Cursor();
        long count = 0;
        for (long block = 0; block < blocks; block++)
        {
            ReadOnlySpan<byte> bytes = cursor.Entry(table, geometry.PayloadIndex(block) * 8, 8);
            if (bytes.IsEmpty)
            {
                break;
            }
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            // The last block of a disk may end where the disk ends.
            long used = Math.Min(geometry.BlockSize, geometry.Size - block * geometry.BlockSize);
            if ((entry & 7) >= (int)PayloadState.FullyPresent && (!TryStart(entry, fileLength, out long start) || start + used > fileLength))
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
        ReadOnlySpan<byte> bytes = cursor.Table.Entry(_table, _geometry.PayloadIndex(block) * 8, 8);
        if (bytes.IsEmpty)
        {
            Damage.Report(s_tableShort, position);
            return new Piece(Place.Zero, 0, Length - position);
        }
        ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var state = (PayloadState)(entry & 7);
        switch (state)
        {
            case PayloadState.NotPresent:
                return new Piece(Absent, 0, rest);
            case PayloadState.Undefined or PayloadState.Zero or PayloadState.Unmapped or PayloadState.UnmappedOld:
                return new Piece(Place.Zero, 0, rest);
            case PayloadState.FullyPresent or PayloadState.PartiallyPresent:
                break;
            default:
                Damage.Report(s_state, position);
                return new Piece(Place.Zero, 0, rest);
        }
        if (!TryStart(entry, File.Length, out long start) || start == 0)
        {
            Damage.Report(start == 0 ? s_blockInHeader : s_blockPastEnd, position);
            return new Piece(Place.Zero, 0, rest);
        }
        var whole = new Piece(Place.Data, start + within, rest);
        if (state == PayloadState.FullyPresent)
        {
            return whole;
        }
        if (Absent == Place.Zero)
        {
            Damage.Report(s_partial, position);
            return whole;
        }
        return Partial(position, whole, ref cursor);
    }

    /// <summary>Cuts a piece to where the sector bitmap changes; the first sector of a byte is its least significant bit.</summary>
    private Piece Partial(long position, Piece whole, ref MapCursor cursor)
    {
        long sector = position / _geometry.SectorSize % VhdxGeometry.SectorsInChunk;
        long chunk = position / _geometry.SectorSize / VhdxGeometry.SectorsInChunk;
        ReadOnlySpan<byte> bytes = cursor.Table.Entry(_table, _geometry.BitmapIndex(chunk) * 8, 8);
        ulong entry = bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        ReadOnlySpan<byte> bits = [];
        if ((entry & 7) == (int)PayloadState.FullyPresent && TryStart(entry, File.Length, out long start) && start > 0)
        {
            bits = cursor.Bitmap.Block(_bitmaps, start + sector / 8, out _);
        }
        if (bits.Length < BitmapBlock)
        {
            Damage.Report(s_bitmap, position);
            return new Piece(Place.Zero, 0, whole.Length);
        }
        int bit = (int)(sector % (BitmapBlock * 8));
        long wanted = (position % _geometry.SectorSize + whole.Length + _geometry.SectorSize - 1) / _geometry.SectorSize;
        int run = BitRuns.Measure(bits, bit, (int)Math.Min(BitmapBlock * 8, bit + wanted), highFirst: false, out bool isStored);
        long length = Math.Min(whole.Length, (long)run * _geometry.SectorSize - position % _geometry.SectorSize);
        return isStored ? whole with { Length = length } : new Piece(Absent, 0, length);
    }

    /// <summary>Where a block begins; false when that is not in the file. Entries count in MiB and can say 2^64.</summary>
    private static bool TryStart(ulong entry, long fileLength, out long start)
    {
        ulong megabytes = entry >> MegabyteShift;
        bool isInFile = megabytes <= (ulong)fileLength >> MegabyteShift;
        start = isInFile ? (long)(megabytes << MegabyteShift) : -1;
        return isInFile && start < fileLength;
    }
}

/// <summary>What the metadata fixes for the mapping. Sizes in bytes.</summary>
/// <param name="Size">Size of the disk.</param>
/// <param name="BlockSize">Size of a payload block.</param>
/// <param name="SectorSize">Logical sector size.</param>
internal sealed record VhdxGeometry(long Size, long BlockSize, int SectorSize)
{
    /// <summary>The sectors whose bits fill a sector bitmap block of 1 MiB.</summary>
    public const long SectorsInChunk = 1 << 23;

    /// <summary>Payload blocks in a chunk.</summary>
    public long ChunkRatio { get; } = SectorsInChunk * SectorSize / BlockSize;

    /// <summary>Payload blocks of the disk.</summary>
    public long Blocks => (Size + BlockSize - 1) / BlockSize;

    /// <summary>Number of the table entry of a payload block.</summary>
    public long PayloadIndex(long block) => block + block / ChunkRatio;

    /// <summary>Number of the table entry of the sector bitmap block of a chunk.</summary>
    public long BitmapIndex(long chunk) => (chunk + 1) * ChunkRatio + chunk;
}
