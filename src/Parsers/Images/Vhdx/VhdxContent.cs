using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Images.Mapped;

namespace Forensics.Parsers.Images.Vhdx;

/// <summary>
/// The logical disk of a VHDX. The block allocation table has the entries of payload blocks and, after each chunk of them, one of the sector bitmap block that a differencing
/// disk has for the chunk. [MS-VHDX] 2.5.
/// </summary>
internal sealed class VhdxContent : MappedDisk
{
    private const int TableBlock = 64 << 10;
    private const int EntrySize = 8;
    private const int BitmapBlock = 4096;
    private const int BitmapCacheBytes = 4 << 20;
    private const int MegabyteShift = 20;

    private static readonly Anomaly s_tableShort = new("vhdx.bat.past-end", "the block allocation table ends before the disk does or lies past the end of the image file; what it does not map reads as zeros");
    private static readonly Anomaly s_blockPastEnd = new("vhdx.block.past-end", "a block lies past the end of the image file; what is missing reads as zeros");
    private static readonly Anomaly s_blockInHeader = new("vhdx.block.misplaced", "a block is said to lie in the header of the image file; it reads as zeros");
    private static readonly Anomaly s_state = new("vhdx.bat.state", "a block has a state that is not defined; it reads as zeros");
    private static readonly Anomaly s_partial = new("vhdx.bat.partial", "a block of a disk without a parent is marked as partly present; it is read whole", losesContent: false);
    private static readonly Anomaly s_bitmap = new("vhdx.bitmap.missing", "a block is partly present but the bitmap that tells which sectors are is not there; it reads as zeros");

    private readonly VhdxGeometry _geometry;
    private readonly BlockCache _table;
    private readonly long _fileLength;
    private readonly BlockCache? _bitmaps;

    /// <param name="file">The image file, its log replayed.</param>
    /// <param name="geometry">From the metadata.</param>
    /// <param name="table">Made by <see cref="Table"/>.</param>
    /// <param name="parent">The disk that a differencing disk differs from.</param>
    /// <param name="anomalies">Where damage is reported.</param>
    public VhdxContent(IByteSource file, VhdxGeometry geometry, BlockCache table, IByteSource? parent, MappedAnomalies anomalies)
        : base(geometry.Size, file, parent, anomalies, s_blockPastEnd)
    {
        _geometry = geometry;
        _table = table;
        _fileLength = file.Length;
        _bitmaps = parent is null ? null : new BlockCache(file, BitmapBlock, BitmapCacheBytes / BitmapBlock);
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

    /// <summary>The block allocation table, as far as the file has it, with a bounded part kept in memory.</summary>
    public static BlockCache Table(IByteSource file, VhdxRegion region, int cacheBytes) =>
        new(new Slice(file, region.Offset, region.Length), TableBlock, Math.Max(4, cacheBytes / TableBlock));

    /// <summary>How many of the first <paramref name="blocks"/> payload blocks end past the end of the file.</summary>
    public static long CountPastEnd(BlockCache table, VhdxGeometry geometry, long fileLength, long blocks)
    {
        var cursor = new TableCursor();
        long count = 0;
        for (long block = 0; block < blocks; block++)
        {
            ReadOnlySpan<byte> bytes = cursor.From(table, geometry.PayloadIndex(block) * EntrySize);
            if (bytes.Length < EntrySize)
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
    protected override Extent ExtentAt(long position, long limit, ref TableCursor cursor)
    {
        long block = position / _geometry.BlockSize;
        long within = position - block * _geometry.BlockSize;
        long rest = _geometry.BlockSize - within;
        ReadOnlySpan<byte> entries = cursor.From(_table, _geometry.PayloadIndex(block) * EntrySize);
        if (entries.Length < EntrySize)
        {
            Anomalies.Report(s_tableShort, position);
            return new Extent(ExtentKind.Zero, 0, Length - position);
        }
        ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(entries);
        var state = (PayloadState)(entry & 7);
        switch (state)
        {
            case PayloadState.NotPresent or PayloadState.Undefined or PayloadState.Zero or PayloadState.Unmapped or PayloadState.UnmappedOld:
                long more = limit > rest ? Repeats(entries, Math.Min(1 + (limit - rest) / _geometry.BlockSize, _geometry.ChunkRatio - block % _geometry.ChunkRatio)) - 1 : 0;
                return new Extent(state == PayloadState.NotPresent ? ExtentKind.Unallocated : ExtentKind.Zero, 0, rest + more * _geometry.BlockSize);
            case PayloadState.FullyPresent or PayloadState.PartiallyPresent:
                break;
            default:
                Anomalies.Report(s_state, position);
                return new Extent(ExtentKind.Zero, 0, rest);
        }
        if (!TryStart(entry, _fileLength, out long start) || start == 0)
        {
            Anomalies.Report(start == 0 ? s_blockInHeader : s_blockPastEnd, position);
            return new Extent(ExtentKind.Zero, 0, rest);
        }
        var whole = new Extent(ExtentKind.Data, start + within, rest);
        if (state == PayloadState.FullyPresent)
        {
            return whole;
        }
        if (_bitmaps is null)
        {
            Anomalies.Report(s_partial, position);
            return whole;
        }
        return Partial(position, whole, _bitmaps, ref cursor);
    }

    /// <summary>How many entries from the first on are the same, of as many as are at hand.</summary>
    private static long Repeats(ReadOnlySpan<byte> entries, long most)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(entries);
        words = words[..(int)Math.Min(words.Length, most)];
        int other = words.IndexOfAnyExcept(words[0]);
        return other < 0 ? words.Length : other;
    }

    /// <summary>Cuts an extent to where the sector bitmap changes; the first sector of a byte is its least significant bit.</summary>
    private Extent Partial(long position, Extent whole, BlockCache bitmaps, ref TableCursor cursor)
    {
        long sector = position / _geometry.SectorSize % VhdxGeometry.SectorsInChunk;
        long chunk = position / _geometry.SectorSize / VhdxGeometry.SectorsInChunk;
        ReadOnlySpan<byte> entries = cursor.From(_table, _geometry.BitmapIndex(chunk) * EntrySize);
        ulong entry = entries.Length < EntrySize ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(entries);
        ReadOnlySpan<byte> bits = [];
        if ((entry & 7) == (int)PayloadState.FullyPresent && TryStart(entry, _fileLength, out long start) && start > 0)
        {
            bits = bitmaps.Block((start + sector / 8) / BitmapBlock).Span;
        }
        if (bits.Length < BitmapBlock)
        {
            Anomalies.Report(s_bitmap, position);
            return new Extent(ExtentKind.Zero, 0, whole.Length);
        }
        int bit = (int)(sector % (BitmapBlock * 8));
        long wanted = (position % _geometry.SectorSize + whole.Length + _geometry.SectorSize - 1) / _geometry.SectorSize;
        int run = BitRuns.Measure(bits, bit, (int)Math.Min(BitmapBlock * 8, bit + wanted), highFirst: false, out bool isStored);
        long length = Math.Min(whole.Length, (long)run * _geometry.SectorSize - position % _geometry.SectorSize);
        return isStored ? whole with { Length = length } : new Extent(ExtentKind.Unallocated, 0, length);
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
