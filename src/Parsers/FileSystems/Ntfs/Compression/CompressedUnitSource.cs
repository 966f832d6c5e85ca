using System.Buffers;
using System.Globalization;
using System.Numerics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs.Compression;

/// <summary>
/// Content of an attribute that NTFS compresses in units of (usually) 16 clusters: a unit whose clusters are all stored is plain, one of which none is stored is zeros, and one of which some
/// are stored is LZNT1 in these. Offsets and lengths in bytes. Thread-safe.
/// </summary>
/// <remarks>
/// Damage of a unit throws <see cref="CorruptDataException"/> for reads that touch it, others go on. A unit that ends early is filled up with zeros.
/// Limitations: a unit that the runs end in counts as if a hole followed.
/// </remarks>
public sealed class CompressedUnitSource : ISparseByteSource, IPhysicallyOrdered
{
    private const int CacheBytes = 1 << 20;
    private const int LargestUnit = 32 << 20;

    private readonly IByteSource _volume;
    // Stored runs only, in bytes, up to the end of the last unit with data.
    private readonly ContentRun[] _runs;
    private readonly LruCache<byte[]> _units;
    private readonly int _unitSize;
    private readonly long _valid;

    /// <summary>A source over the runs of an attribute. Nothing is read.</summary>
    /// <param name="volume">The volume, from its boot sector on.</param>
    /// <param name="runs">Runs with holes or without, by <see cref="DataRun.Vcn"/>, not overlapping.</param>
    /// <param name="clusterSize">Bytes of a cluster, a power of two.</param>
    /// <param name="unitClusters">Clusters of a compression unit, a power of two.</param>
    /// <param name="dataSize">Length of the content.</param>
    /// <param name="initializedSize">What lies behind it is zero.</param>
    /// <exception cref="CorruptDataException">Sizes that cannot be, or runs out of order.</exception>
    public CompressedUnitSource(IByteSource volume, IReadOnlyList<DataRun> runs, int clusterSize, int unitClusters, long dataSize, long initializedSize)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(runs);
        if (!BitOperations.IsPow2(clusterSize) || !BitOperations.IsPow2(unitClusters) || unitClusters > LargestUnit / clusterSize || dataSize < 0)
        {
            throw new CorruptDataException("ntfs.compression", -1, "units of at most 32 MiB", string.Create(CultureInfo.InvariantCulture, $"{unitClusters} clusters of {clusterSize} bytes, {dataSize} bytes in all"));
        }
        _volume = volume;
        _unitSize = clusterSize * unitClusters;
        Length = dataSize;
        _valid = Math.Clamp(initializedSize, 0, dataSize);
        _runs = Stored(runs, clusterSize, unitClusters, dataSize);
        _units = new LruCache<byte[]>(Math.Clamp(CacheBytes / _unitSize, 2, 64));
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public long FirstPhysicalOffset => _runs.Length == 0 ? -1 : _runs[0].Physical;

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length)
        {
            return 0;
        }
        int wanted = (int)Math.Min(destination.Length, Length - offset);
        destination = destination[..wanted];
        int done = 0;
        while (done < wanted)
        {
            long position = offset + done;
            long unit = position / _unitSize * _unitSize;
            int index = Stretches.FirstEndingAfter(_runs, unit);
            if (position >= _valid || index >= _runs.Length)
            {
                destination[done..].Clear();
                break;
            }
            long stored = _runs[index].Logical / _unitSize * _unitSize;
            int part;
            if (stored > unit)
            {
                part = (int)Math.Min(stored - position, wanted - done);
                destination.Slice(done, part).Clear();
            }
            else
            {
                int within = (int)(position - unit);
                part = (int)Math.Min(Math.Min(_unitSize, _valid - unit) - within, wanted - done);
                ReadUnit(index, unit, within, destination.Slice(done, part));
            }
            done += part;
        }
        return wanted;
    }

    /// <inheritdoc/>
    public bool NextData(long offset, out long start, out long length)
    {
        start = Length;
        length = 0;
        // What is stored anywhere in a unit may be data of all of it.
        int index = Stretches.FirstEndingAfter(_runs, offset / _unitSize * _unitSize);
        if (offset >= _valid || index >= _runs.Length)
        {
            return false;
        }
        long first = Math.Max(offset, _runs[index].Logical / _unitSize * _unitSize);
        if (first >= _valid)
        {
            return false;
        }
        long end = UnitEnd(_runs[index]);
        while (end < _valid && ++index < _runs.Length && _runs[index].Logical / _unitSize * _unitSize <= end)
        {
            end = UnitEnd(_runs[index]);
        }
        start = first;
        length = end - first;
        return true;
    }

    /// <summary>The end of the unit that a run ends in, at most the end of the data.</summary>
    private long UnitEnd(ContentRun run)
    {
        long last = (run.End - 1) / _unitSize * _unitSize;
        return _valid - last <= _unitSize ? _valid : last + _unitSize;
    }

    private void ReadUnit(int index, long unit, int within, Span<byte> destination)
    {
        int stored = 0;
        for (int i = index; i < _runs.Length && _runs[i].Logical - unit < _unitSize; i++)
        {
            stored += (int)(Math.Min(_runs[i].End - unit, _unitSize) - Math.Max(_runs[i].Logical - unit, 0));
        }
        if (stored == _unitSize)
        {
            ReadStored(index, unit + within, destination);
            return;
        }
        int size = (int)Math.Min(_unitSize, _valid - unit);
        if (destination.Length == size)
        {
            Decode(index, unit, stored, destination);
            return;
        }
        byte[]? decoded = _units.Find(unit / _unitSize);
        if (decoded is null)
        {
            decoded = new byte[size];
            Decode(index, unit, stored, decoded);
            decoded = _units.Add(unit / _unitSize, decoded);
        }
        decoded.AsSpan(within, destination.Length).CopyTo(destination);
    }

    private void Decode(int index, long unit, int stored, Span<byte> destination)
    {
        byte[] packed = ArrayPool<byte>.Shared.Rent(stored);
        try
        {
            int filled = 0;
            for (; filled < stored; index++)
            {
                long from = Math.Max(_runs[index].Logical, unit);
                int count = (int)(Math.Min(_runs[index].End - unit, _unitSize) - (from - unit));
                ReadStored(index, from, packed.AsSpan(filled, count));
                filled += count;
            }
            int end = Lznt1.Decompress(packed.AsSpan(0, stored), destination);
            destination[end..].Clear();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    /// <summary>Reads bytes that are all stored, in a run or in several without a gap.</summary>
    private void ReadStored(int index, long position, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            ContentRun run = _runs[index++];
            if (run.End <= position)
            {
                continue;
            }
            int part = (int)Math.Min(run.End - position, destination.Length);
            long physical = run.Physical + (position - run.Logical);
            if (_volume.ReadUpTo(physical, destination[..part]) < part)
            {
                throw new CorruptDataException("content.run", run.Physical, "a run inside the volume", "a run past its end");
            }
            destination = destination[part..];
            position += part;
        }
    }

    private static ContentRun[] Stored(IReadOnlyList<DataRun> runs, int clusterSize, int unitClusters, long dataSize)
    {
        // Clusters up to the end of the unit that the data end in: what lies behind is not content, and would overflow as bytes.
        long clusters = dataSize / clusterSize / unitClusters * unitClusters;
        clusters += clusters * clusterSize < dataSize ? unitClusters : 0;
        long lastCluster = long.MaxValue / clusterSize;
        var stored = new List<ContentRun>(runs.Count);
        long next = 0;
        foreach (DataRun run in runs)
        {
            if (run.Vcn < next || run.Count <= 0 || run.Count > long.MaxValue - run.Vcn)
            {
                throw new CorruptDataException("ntfs.runlist", run.Vcn, "runs in order", "a run in front of the one before");
            }
            next = run.End;
            long count = Math.Min(run.Count, clusters - run.Vcn);
            if (run.IsHole || count <= 0)
            {
                continue;
            }
            if (run.Lcn > lastCluster - count || run.Vcn > lastCluster - count)
            {
                throw new CorruptDataException("ntfs.runlist", run.Vcn, "clusters inside the volume", run.Lcn.ToString(CultureInfo.InvariantCulture));
            }
            stored.Add(new ContentRun(run.Vcn * clusterSize, count * clusterSize, run.Lcn * clusterSize));
        }
        return [.. stored];
    }
}
