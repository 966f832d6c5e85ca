using System.Buffers.Binary;
using Forensics.Parsers.Images.Mapped;

namespace Forensics.Parsers.Images.Qcow2;

/// <summary>The disk of a qcow2 image, active or as a snapshot has it: what the entries of its L2 tables mean.</summary>
internal sealed class Qcow2Content : TwoLevelDisk
{
    /// <summary>Bits of an L1 or L2 entry that are an offset.</summary>
    public const ulong OffsetMask = 0x00FF_FFFF_FFFF_FE00;
    private const ulong CompressedFlag = 1UL << 62;
    private const ulong CopiedFlag = 1UL << 63;
    private const ulong AllSubclustersZero = 0xFFFF_FFFF_0000_0000;
    private const ulong AllSubclustersStored = 0x0000_0000_FFFF_FFFF;

    private static readonly TableAnomalies s_kinds = new("qcow2", "l2", "cluster");
    private static readonly Anomaly s_reserved = new("qcow2.l2.reserved", "reserved bits of an L2 entry are set and ignored", losesContent: false);
    private static readonly Anomaly s_conflict =
        new("qcow2.subcluster.conflict", "a subcluster is marked as stored and as zero, or as stored nowhere; it reads as zeros");
    private static readonly Anomaly s_dataFile =
        new("qcow2.data-file.entry", "an L2 entry of an image with an external data file is compressed or has another offset than the guest's; it reads as zeros");

    private readonly Qcow2Geometry _geometry;
    private readonly CompressedClusters _compressed;

    public Qcow2Content(MappedFiles files, Qcow2Geometry geometry, long[] l1, MappedAnomalies anomalies)
        : base(files, geometry.Shape, l1, anomalies, s_kinds)
    {
        _geometry = geometry;
        _compressed = new CompressedClusters(files.Image, geometry.IsZstd, geometry.Shape.ClusterSize, files.CacheBytes, anomalies, s_kinds);
    }

    /// <inheritdoc/>
    protected override Extent Entry(long position, ReadOnlySpan<byte> entries, long rest, out bool isUniform)
    {
        ulong descriptor = BinaryPrimitives.ReadUInt64BigEndian(entries);
        isUniform = false;
        if ((descriptor & CompressedFlag) != 0)
        {
            return _geometry.HasDataFile ? Misplaced(position, rest) : new Extent(ExtentKind.Compressed, (long)(descriptor & (CompressedFlag - 1)), rest);
        }
        if (!_geometry.IsExtended)
        {
            isUniform = true;
            return Standard(position, descriptor, rest);
        }
        ulong bitmap = BinaryPrimitives.ReadUInt64BigEndian(entries[8..]);
        isUniform = bitmap is 0 or AllSubclustersZero;
        return Subcluster(position, descriptor, bitmap, rest);
    }

    /// <inheritdoc/>
    protected override void ReadCompressed(long position, long descriptor, Span<byte> target)
    {
        // x of the specification: where the offset ends and the count of further sectors begins.
        int x = 62 - (_geometry.Shape.ClusterBits - 8);
        long host = descriptor & ((1L << x) - 1);
        int sectors = (int)(descriptor >> x) + 1;
        _compressed.Read(position, host, sectors * 512 - (int)(host & 511), target);
    }

    private Extent Standard(long position, ulong descriptor, long rest)
    {
        ulong zeroFlag = _geometry.Version >= 3 ? 1UL : 0UL;
        if ((descriptor & ~(OffsetMask | CopiedFlag | zeroFlag)) != 0)
        {
            Anomalies.Report(s_reserved, position);
        }
        if ((descriptor & zeroFlag) != 0)
        {
            return new Extent(ExtentKind.Zero, 0, rest);
        }
        return IsStored(descriptor) ? Placed(position, descriptor, rest) : new Extent(ExtentKind.Unallocated, 0, rest);
    }

    private Extent Subcluster(long position, ulong descriptor, ulong bitmap, long rest)
    {
        if ((descriptor & ~(OffsetMask | CopiedFlag)) != 0)
        {
            Anomalies.Report(s_reserved, position);
        }
        if (bitmap is not (0 or AllSubclustersZero or AllSubclustersStored))
        {
            int size = _geometry.Shape.ClusterSize / 32;
            rest = size - (position & (size - 1));
        }
        int number = (int)((position & (_geometry.Shape.ClusterSize - 1)) >> (_geometry.Shape.ClusterBits - 5));
        bool isAllocated = (bitmap >> number & 1) != 0;
        bool isZero = (bitmap >> (number + 32) & 1) != 0;
        if (isAllocated && (isZero || !IsStored(descriptor)))
        {
            Anomalies.Report(s_conflict, position);
            isZero = true;
        }
        if (isZero)
        {
            return new Extent(ExtentKind.Zero, 0, rest);
        }
        return isAllocated ? Placed(position, descriptor, rest) : new Extent(ExtentKind.Unallocated, 0, rest);
    }

    /// <summary>Offset 0 is that of the header and means nothing stored, but it is the first cluster of an external data file when the reference is marked as the only one.</summary>
    private bool IsStored(ulong descriptor) => (descriptor & OffsetMask) != 0 || (_geometry.HasDataFile && (descriptor & CopiedFlag) != 0);

    private Extent Placed(long position, ulong descriptor, long rest)
    {
        long host = (long)(descriptor & OffsetMask);
        return _geometry.HasDataFile && host != (position & -_geometry.Shape.ClusterSize) ? Misplaced(position, rest) : Stored(position, host, _geometry.Shape.ClusterSize, rest);
    }

    private Extent Misplaced(long position, long rest)
    {
        Anomalies.Report(s_dataFile, position);
        return new Extent(ExtentKind.Zero, 0, rest);
    }
}
