using System.Runtime.InteropServices;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Mapped;

/// <summary>The shape of a two-level mapping.</summary>
/// <param name="Size">Virtual disk size in bytes, at most 2^62.</param>
/// <param name="ClusterBits">log2 of the cluster size.</param>
/// <param name="L2Bits">log2 of the entries in an L2 table.</param>
/// <param name="EntrySize">Bytes of an L2 entry: 8 or 16.</param>
/// <param name="TableAlignment">What offsets of L2 tables are multiples of, in bytes; at least <paramref name="EntrySize"/>.</param>
internal readonly record struct TwoLevelShape(long Size, int ClusterBits, int L2Bits, int EntrySize, int TableAlignment)
{
    /// <summary>Cluster size in bytes.</summary>
    public int ClusterSize => 1 << ClusterBits;
    /// <summary>log2 of <see cref="L1Coverage"/>.</summary>
    public int L1Shift => ClusterBits + L2Bits;
    /// <summary>Bytes of the disk that one L1 entry maps.</summary>
    public long L1Coverage => 1L << L1Shift;
    /// <summary>L1 entries that the disk needs.</summary>
    public long L1Entries => Size == 0 ? 0 : ((Size - 1) >> L1Shift) + 1;
}

/// <summary>
/// A disk mapped by an L1 table, which is in memory, and L2 tables, which are read through a bounded cache: qcow, qcow2 and QED. Runs of equal entries that store nothing are
/// passed over at once.
/// </summary>
internal abstract class TwoLevelDisk : MappedDisk
{
    /// <summary>Offsets above this, which no file reaches, are read as this: sums with them do not overflow.</summary>
    public const long HighestOffset = 1L << 61;

    private readonly TwoLevelShape _shape;
    private readonly TableAnomalies _kinds;
    private readonly long[] _l1;
    private readonly BlockCache _tables;

    /// <param name="files">The files of the image.</param>
    /// <param name="shape">The mapping.</param>
    /// <param name="l1">Offsets of the L2 tables, 0 where there is none. What it is too short for reads as zeros.</param>
    /// <param name="anomalies">Where damage is reported.</param>
    /// <param name="kinds">The format's words for damage.</param>
    protected TwoLevelDisk(MappedFiles files, TwoLevelShape shape, long[] l1, MappedAnomalies anomalies, TableAnomalies kinds)
        : base(shape.Size, files.Data, files.Backing, anomalies, kinds.UnitPastEnd)
    {
        _shape = shape;
        _kinds = kinds;
        _l1 = l1;
        // Small tables lie side by side; large ones are rarely wanted whole.
        int block = Math.Clamp(shape.ClusterSize, 4096, 65536);
        _tables = new BlockCache(files.Image, block, Math.Max(4, files.CacheBytes / block));
    }

    /// <inheritdoc/>
    protected sealed override Extent ExtentAt(long position, long limit, ref TableCursor cursor)
    {
        long l1Index = position >> _shape.L1Shift;
        long rest = _shape.L1Coverage - (position & (_shape.L1Coverage - 1));
        if (l1Index >= _l1.Length)
        {
            // The table was cut short: what was there is unknown, so that the backing file must not show.
            return new Extent(ExtentKind.Zero, 0, Length - position);
        }
        long table = _l1[l1Index];
        if (table == 0)
        {
            return new Extent(ExtentKind.Unallocated, 0, limit > rest ? ToNextTable(position, (int)l1Index) : rest);
        }
        if ((table & (_shape.TableAlignment - 1)) != 0)
        {
            Anomalies.Report(_kinds.TableMisaligned, position);
            return new Extent(ExtentKind.Zero, 0, rest);
        }
        long index = (position >> _shape.ClusterBits) & ((1L << _shape.L2Bits) - 1);
        ReadOnlySpan<byte> entries = cursor.From(_tables, table + index * _shape.EntrySize);
        if (entries.Length < _shape.EntrySize)
        {
            // The entries that follow lie further out still.
            Anomalies.Report(_kinds.TablePastEnd, position);
            return new Extent(ExtentKind.Zero, 0, rest);
        }
        long inCluster = ClusterRest(position);
        Extent extent = Entry(position, entries, inCluster, out bool isUniform);
        if (isUniform && limit > inCluster && extent.Kind is ExtentKind.Zero or ExtentKind.Unallocated)
        {
            long further = (Math.Min(rest, limit) - inCluster + _shape.ClusterSize - 1) >> _shape.ClusterBits;
            int most = (int)Math.Min(entries.Length / _shape.EntrySize, 1 + further);
            extent = extent with { Length = inCluster + ((long)(Equal(entries, most) - 1) << _shape.ClusterBits) };
        }
        return extent;
    }

    /// <summary>
    /// What an L2 entry, the first of <paramref name="entries"/>, says about a position. Uniform when that is true of the whole cluster and of every cluster with an equal entry.
    /// </summary>
    /// <param name="position">Guest offset.</param>
    /// <param name="entries">The entry and what follows it in the table.</param>
    /// <param name="rest">Bytes to the end of the cluster.</param>
    /// <param name="isUniform">See above.</param>
    protected abstract Extent Entry(long position, ReadOnlySpan<byte> entries, long rest, out bool isUniform);

    /// <summary>Bytes from a position to the end of its cluster.</summary>
    protected long ClusterRest(long position) => _shape.ClusterSize - (position & (_shape.ClusterSize - 1));

    /// <summary>Data at an offset of the data file that must be a multiple of <paramref name="alignment"/>.</summary>
    protected Extent Stored(long position, long host, int alignment, long rest)
    {
        if ((host & (alignment - 1)) != 0)
        {
            Anomalies.Report(_kinds.UnitMisaligned, position);
            return new Extent(ExtentKind.Zero, 0, rest);
        }
        return new Extent(ExtentKind.Data, Math.Min(host, HighestOffset) + (position & (_shape.ClusterSize - 1)), rest);
    }

    private long ToNextTable(long position, int index)
    {
        int empty = _l1.AsSpan(index).IndexOfAnyExcept(0L);
        return Math.Min((long)(empty < 0 ? _l1.Length : index + empty) << _shape.L1Shift, Length) - position;
    }

    /// <summary>How many entries from the first on are equal to it, of at most <paramref name="most"/>.</summary>
    private int Equal(ReadOnlySpan<byte> entries, int most)
    {
        int different;
        if (_shape.EntrySize == 8)
        {
            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(entries)[..most];
            different = words.IndexOfAnyExcept(words[0]);
        }
        else
        {
            ReadOnlySpan<UInt128> pairs = MemoryMarshal.Cast<byte, UInt128>(entries)[..most];
            different = pairs.IndexOfAnyExcept(pairs[0]);
        }
        return different < 0 ? most : different;
    }
}
