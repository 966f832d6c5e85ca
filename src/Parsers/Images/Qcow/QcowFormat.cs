using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Mapped;

namespace Forensics.Parsers.Images.Qcow;

/// <summary>
/// QEMU's first copy-on-write image (qcow, version 1): clusters of 512 bytes to 64 KiB, compressed clusters, backing chains.
/// Specification: https://gitlab.com/qemu-project/qemu/-/blob/master/block/qcow.c
/// </summary>
/// <remarks>
/// Throws <see cref="UnsupportedFeatureException"/> for encryption and for a backing file that <see cref="ICompanionFiles"/> refuses, <see cref="CorruptDataException"/> naming
/// the header field otherwise. Damage below the header is a diagnostic and reads as zeros.
/// Limitations: the format never states the format of a backing file, so it is probed, with a diagnostic.
/// </remarks>
public sealed class QcowFormat : IFormat<DiskImage>
{
    /// <inheritdoc/>
    public string Name => "qcow";

    /// <inheritdoc/>
    public int HeaderSize => 8;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) =>
        header.Length >= 8 && BinaryPrimitives.ReadUInt32BigEndian(header) == QcowHeader.MagicNumber && BinaryPrimitives.ReadUInt32BigEndian(header[4..]) == 1;

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context)
    {
        Span<byte> bytes = stackalloc byte[QcowHeader.Size];
        source.ReadExactly(0, bytes, "qcow.header");
        var header = new QcowHeader(bytes);
        if (header.CryptMethod != 0)
        {
            throw new UnsupportedFeatureException("qcow encryption (" + (header.CryptMethod == 1 ? "AES" : "method " + header.CryptMethod.ToString(CultureInfo.InvariantCulture)) + ")");
        }
        TwoLevelShape shape = ReadShape(header);
        long[] l1 = L1Table.Load(source, header.L1TableOffset, shape.L1Entries, isBigEndian: true, mask: ulong.MaxValue, Name, context.Diagnostics);
        DiskImage? backing = OpenBacking(header, source, context, TableBudget.Rest(context.Limits, l1.LongLength * 8));
        var files = new MappedFiles(source, source, backing?.Content, TableBudget.CacheBytes(context.Limits));
        List<KeyValuePair<string, string>> facts =
        [
            new("version", "1"),
            new("virtual size", shape.Size.ToString(CultureInfo.InvariantCulture)),
            new("cluster size", shape.ClusterSize.ToString(CultureInfo.InvariantCulture)),
        ];
        if (backing is not null)
        {
            facts.Add(new("backing chain", BackingFile.Chain(backing)));
        }
        return new DiskImage(Name, new QcowContent(files, shape, l1, new MappedAnomalies(shape.Size, shape.L1Coverage, context.Diagnostics))) { Facts = facts };
    }

    private static TwoLevelShape ReadShape(in QcowHeader header)
    {
        if (header.ClusterBits is < 9 or > 16)
        {
            throw QcowHeader.Bad("cluster_bits", 32, "9 to 16", header.ClusterBits);
        }
        if (header.L2Bits is < 6 or > 13)
        {
            throw QcowHeader.Bad("l2_bits", 33, "6 to 13", header.L2Bits);
        }
        // Tables need not be aligned to clusters: an image with a backing file has clusters of one sector and larger tables.
        var shape = new TwoLevelShape(0, header.ClusterBits, header.L2Bits, EntrySize: 8, TableAlignment: 512);
        if (header.DiskSize > (ulong)shape.L1Coverage * (L1Table.LargestBytes / 8))
        {
            throw QcowHeader.Bad("size", 24, "a disk that an L1 table of 32 MiB can map", header.DiskSize);
        }
        return shape with { Size = (long)header.DiskSize };
    }

    private static DiskImage? OpenBacking(in QcowHeader header, IByteSource source, ParseContext context, ScanLimits rest)
    {
        if (header.BackingFileOffset == 0 || header.BackingFileSize == 0)
        {
            return null;
        }
        if (header.BackingFileSize > BackingFile.LongestName)
        {
            throw QcowHeader.Bad("backing_file_size", 16, "at most 1023", header.BackingFileSize);
        }
        byte[] name = header.BackingFileOffset < (ulong)source.Length ? source.ReadArray((long)header.BackingFileOffset, (int)header.BackingFileSize) : [];
        if (name.Length < header.BackingFileSize)
        {
            throw QcowHeader.Bad("backing_file_offset", 8, "a name inside the file", header.BackingFileOffset);
        }
        return BackingFile.Open("qcow", name, format: null, context, rest);
    }
}

/// <summary>The disk of a qcow image: what the entries of its L2 tables mean.</summary>
internal sealed class QcowContent(MappedFiles files, TwoLevelShape shape, long[] l1, MappedAnomalies anomalies) : TwoLevelDisk(files, shape, l1, anomalies, s_kinds)
{
    private const ulong CompressedFlag = 1UL << 63;
    /// <summary>Data clusters begin on a sector at least.</summary>
    private const int Sector = 512;

    private static readonly TableAnomalies s_kinds = new("qcow", "l2", "cluster");

    private readonly CompressedClusters _compressed = new(files.Image, isZstd: false, shape.ClusterSize, files.CacheBytes, anomalies, s_kinds);
    private readonly int _clusterBits = shape.ClusterBits;

    /// <inheritdoc/>
    protected override Extent Entry(long position, ReadOnlySpan<byte> entries, long rest, out bool isUniform)
    {
        ulong entry = BinaryPrimitives.ReadUInt64BigEndian(entries);
        isUniform = entry == 0;
        if (entry == 0)
        {
            return new Extent(ExtentKind.Unallocated, 0, rest);
        }
        return (entry & CompressedFlag) != 0
            ? new Extent(ExtentKind.Compressed, (long)(entry & ~CompressedFlag), rest)
            : Stored(position, (long)entry, Sector, rest);
    }

    /// <inheritdoc/>
    protected override void ReadCompressed(long position, long descriptor, Span<byte> target)
    {
        // The upper bits, as many as a cluster has, are the compressed size in bytes.
        int shift = 63 - _clusterBits;
        _compressed.Read(position, descriptor & ((1L << shift) - 1), (int)(descriptor >> shift), target);
    }
}
