using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Mapped;

namespace Forensics.Parsers.Images.Qed;

/// <summary>
/// QEMU's enhanced disk (QED): clusters of 4 KiB to 64 MiB, zero clusters, backing chains.
/// Specification: https://www.qemu.org/docs/master/interop/qed_spec.html
/// </summary>
/// <remarks>
/// Throws <see cref="UnsupportedFeatureException"/> for unknown features and for a backing file that <see cref="ICompanionFiles"/> refuses, <see cref="CorruptDataException"/>
/// naming the header field otherwise. Damage below the header is a diagnostic and reads as zeros.
/// Limitations: unless the image says that its backing file is raw, that is probed, with a diagnostic.
/// </remarks>
public sealed class QedFormat : IFormat<DiskImage>
{
    private const ulong HasBackingFile = 1;
    private const ulong NeedsCheck = 2;
    private const ulong BackingIsRaw = 4;

    /// <inheritdoc/>
    public string Name => "qed";

    /// <inheritdoc/>
    public int HeaderSize => 4;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) => header.StartsWith("QED\0"u8);

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context)
    {
        Span<byte> bytes = stackalloc byte[QedHeader.Size];
        source.ReadExactly(0, bytes, "qed.header");
        var header = new QedHeader(bytes);
        ulong unknown = header.Features & ~(HasBackingFile | NeedsCheck | BackingIsRaw);
        if (unknown != 0)
        {
            throw new UnsupportedFeatureException("QED feature bit " + BitOperations.TrailingZeroCount(unknown).ToString(CultureInfo.InvariantCulture));
        }
        TwoLevelShape shape = ReadShape(header);
        if ((header.Features & NeedsCheck) != 0)
        {
            context.Diagnostics.Report(new Diagnostic("qed.dirty", "the image was not closed properly (it asks for a check); its newest tables may be wrong") { Offset = 16 });
        }
        long[] l1 = L1Table.Load(source, header.L1TableOffset, shape.L1Entries, isBigEndian: false, mask: ulong.MaxValue, Name, context.Diagnostics);
        DiskImage? backing = OpenBacking(header, source, context, TableBudget.Rest(context.Limits, l1.LongLength * 8));
        var files = new MappedFiles(source, source, backing?.Content, TableBudget.CacheBytes(context.Limits));
        List<KeyValuePair<string, string>> facts =
        [
            new("virtual size", shape.Size.ToString(CultureInfo.InvariantCulture)),
            new("cluster size", shape.ClusterSize.ToString(CultureInfo.InvariantCulture)),
            new("needs check", (header.Features & NeedsCheck) != 0 ? "yes" : "no"),
        ];
        if (backing is not null)
        {
            facts.Add(new("backing chain", BackingFile.Chain(backing)));
        }
        return new DiskImage(Name, new QedContent(files, shape, l1, new MappedAnomalies(shape.Size, shape.L1Coverage, context.Diagnostics))) { Facts = facts };
    }

    private static TwoLevelShape ReadShape(in QedHeader header)
    {
        if (header.ClusterSize is < 4096 or > 64 << 20 || !BitOperations.IsPow2(header.ClusterSize))
        {
            throw QedHeader.Bad("cluster_size", 4, "a power of two from 4096 to 67108864", header.ClusterSize);
        }
        if (header.TableSize is < 1 or > 16 || !BitOperations.IsPow2(header.TableSize))
        {
            throw QedHeader.Bad("table_size", 8, "a power of two from 1 to 16", header.TableSize);
        }
        int clusterBits = BitOperations.Log2(header.ClusterSize);
        int entryBits = BitOperations.Log2(header.ClusterSize * header.TableSize / 8);
        var shape = new TwoLevelShape(0, clusterBits, entryBits, EntrySize: 8, TableAlignment: (int)header.ClusterSize);
        // An L1 table has as many entries as an L2 table; what would need more than is loaded, or overflow sums, is no real disk either.
        long entries = Math.Min(1L << entryBits, L1Table.LargestBytes / 8);
        UInt128 largest = UInt128.Min((UInt128)entries << shape.L1Shift, (UInt128)1 << 61);
        if (header.ImageSize > largest)
        {
            throw QedHeader.Bad("image_size", 48, "a disk that the L1 table can map", header.ImageSize);
        }
        if (header.L1TableOffset == 0 || (header.L1TableOffset & (header.ClusterSize - 1)) != 0)
        {
            throw QedHeader.Bad("l1_table_offset", 40, "a cluster boundary after the header", header.L1TableOffset);
        }
        return shape with { Size = (long)header.ImageSize };
    }

    private static DiskImage? OpenBacking(in QedHeader header, IByteSource source, ParseContext context, ScanLimits rest)
    {
        if ((header.Features & HasBackingFile) == 0)
        {
            return null;
        }
        if (header.BackingFilenameSize > BackingFile.LongestName)
        {
            throw QedHeader.Bad("backing_filename_size", 60, "at most 1023", header.BackingFilenameSize);
        }
        byte[] name = source.ReadArray(header.BackingFilenameOffset, (int)header.BackingFilenameSize);
        if (name.Length < header.BackingFilenameSize || name.Length == 0)
        {
            throw QedHeader.Bad("backing_filename_offset", 56, "a name inside the file", header.BackingFilenameOffset);
        }
        return BackingFile.Open("qed", name, (header.Features & BackingIsRaw) != 0 ? "raw" : null, context, rest);
    }
}

/// <summary>The QED header (little endian), fields named as in the specification.</summary>
internal readonly ref struct QedHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 64;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public QedHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public uint ClusterSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);
    public uint TableSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[8..]);
    public ulong Features => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[16..]);
    public ulong L1TableOffset => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[40..]);
    public ulong ImageSize => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[48..]);
    public uint BackingFilenameOffset => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[56..]);
    public uint BackingFilenameSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[60..]);

    /// <summary>The error for a field that cannot be what it is.</summary>
    public static CorruptDataException Bad(string field, long offset, string expected, ulong actual) =>
        new("qed.header." + field, offset, expected, actual.ToString(CultureInfo.InvariantCulture));
}

/// <summary>The disk of a QED image: 0 is unallocated, 1 is zeros, all else the offset of a cluster.</summary>
internal sealed class QedContent(MappedFiles files, TwoLevelShape shape, long[] l1, MappedAnomalies anomalies) : TwoLevelDisk(files, shape, l1, anomalies, s_kinds)
{
    private static readonly TableAnomalies s_kinds = new("qed", "l2", "cluster");

    private readonly int _clusterSize = shape.ClusterSize;

    /// <inheritdoc/>
    protected override Extent Entry(long position, ReadOnlySpan<byte> entries, long rest, out bool isUniform)
    {
        ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(entries);
        isUniform = entry <= 1;
        return entry switch
        {
            0 => new Extent(ExtentKind.Unallocated, 0, rest),
            1 => new Extent(ExtentKind.Zero, 0, rest),
            _ => Stored(position, (long)Math.Min(entry, (ulong)HighestOffset), _clusterSize, rest),
        };
    }
}
