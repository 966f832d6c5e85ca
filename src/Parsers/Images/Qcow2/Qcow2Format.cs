using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Qcow2;

/// <summary>
/// QEMU's copy-on-write image, versions 2 and 3: every cluster size from 512 bytes to 2 MiB, compressed clusters (zlib, zstd), zero clusters, extended L2 entries.
/// Specification: https://www.qemu.org/docs/master/interop/qcow2.html
/// </summary>
/// <remarks>
/// Throws <see cref="UnsupportedFeatureException"/> for encryption, a backing or external data file (never opened, whatever it names) and unknown incompatible
/// features, <see cref="CorruptDataException"/> naming the header field otherwise. Damage below the header is a diagnostic and reads as zeros.
/// Limitations: the active state only, internal snapshots are counted; refcounts and bitmaps are not looked at.
/// </remarks>
public sealed class Qcow2Format : IFormat<DiskImage>
{
    /// <summary>QEMU's own bound for the active L1 table; it also bounds what is allocated here.</summary>
    private const uint MaxL1Bytes = 32 << 20;
    private const uint MaxSnapshots = 65536;
    private const int MaxHeaderBytes = 64 << 10;
    private const uint DataFileExtension = 0x44415441;
    private const uint FeatureNamesExtension = 0x6803F857;

    /// <inheritdoc/>
    public string Name => "qcow2";

    /// <inheritdoc/>
    public int HeaderSize => 8;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) =>
        header.Length >= 8 && BinaryPrimitives.ReadUInt32BigEndian(header) == Qcow2Header.Magic && BinaryPrimitives.ReadUInt32BigEndian(header[4..]) != 1;

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context)
    {
        byte[] bytes = source.ReadArray(0, MaxHeaderBytes);
        if (bytes.Length < Qcow2Header.Version2Size)
        {
            throw new CorruptDataException("qcow2.header", 0, Qcow2Header.Version2Size + " bytes", bytes.Length + " bytes");
        }
        uint version = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4));
        if (version is not (2 or 3))
        {
            throw new UnsupportedFeatureException("qcow2 version " + version.ToString(CultureInfo.InvariantCulture));
        }
        if (version == 3 && bytes.Length < Qcow2Header.Version3Size)
        {
            throw new CorruptDataException("qcow2.header", 0, Qcow2Header.Version3Size + " bytes", bytes.Length + " bytes");
        }
        var header = new Qcow2Header(bytes);
        Refuse(header, bytes, source);
        Qcow2Geometry geometry = ReadGeometry(header);
        var incompatible = (Qcow2Incompatible)header.IncompatibleFeatures;
        ReportState(incompatible, context.Diagnostics);
        ulong[] l1 = LoadL1(header, geometry, source, context);
        var content = new Qcow2Content(source, geometry, l1, context.Diagnostics);
        return new DiskImage(Name, content) { Facts = Facts(header, geometry, incompatible) };
    }

    private static void Refuse(in Qcow2Header header, byte[] bytes, IByteSource source)
    {
        if (header.CryptMethod != 0)
        {
            throw new UnsupportedFeatureException("qcow2 encryption (" + header.CryptMethod switch
            {
                1 => "AES",
                2 => "LUKS",
                uint method => "method " + method.ToString(CultureInfo.InvariantCulture),
            } + ")");
        }
        if (header.HeaderLength < (header.Version >= 3 ? Qcow2Header.Version3Size : Qcow2Header.Version2Size) || header.HeaderLength % 8 != 0 || header.HeaderLength > source.Length)
        {
            throw Bad("header_length", 100, "a multiple of 8, at least 104 and inside the file", header.HeaderLength);
        }
        ulong unknown = header.IncompatibleFeatures & ~(ulong)Qcow2Incompatible.Known;
        if (unknown != 0)
        {
            int bit = BitOperations.TrailingZeroCount(unknown);
            string name = FeatureName(Extension(header, bytes, FeatureNamesExtension), bit);
            throw new UnsupportedFeatureException("qcow2 incompatible feature bit " + bit.ToString(CultureInfo.InvariantCulture) + (name.Length == 0 ? "" : " (" + name + ")"));
        }
        // The names below are the image's claim about the analyst's machine. They are shown, never opened.
        if ((header.IncompatibleFeatures & (ulong)Qcow2Incompatible.ExternalDataFile) != 0)
        {
            ReadOnlySpan<byte> name = Extension(header, bytes, DataFileExtension);
            throw new UnsupportedFeatureException("qcow2 external data file " + (name.IsEmpty ? "without a name" : FileName(name)));
        }
        if (header.BackingFileOffset != 0 && header.BackingFileSize != 0)
        {
            if (header.BackingFileSize > 1023)
            {
                throw Bad("backing_file_size", 16, "at most 1023", header.BackingFileSize);
            }
            byte[] name = header.BackingFileOffset < (ulong)source.Length ? source.ReadArray((long)header.BackingFileOffset, (int)header.BackingFileSize) : [];
            throw new UnsupportedFeatureException("qcow2 backing file " + (name.Length == 0 ? "whose name lies outside the image" : FileName(name)));
        }
        if (header.NbSnapshots > MaxSnapshots)
        {
            throw Bad("nb_snapshots", 60, "at most 65536", header.NbSnapshots);
        }
    }

    private static Qcow2Geometry ReadGeometry(in Qcow2Header header)
    {
        bool extended = (header.IncompatibleFeatures & (ulong)Qcow2Incompatible.ExtendedL2) != 0;
        if (header.ClusterBits < (extended ? 14u : 9u) || header.ClusterBits > 21)
        {
            throw Bad("cluster_bits", 20, extended ? "14 to 21" : "9 to 21", header.ClusterBits);
        }
        if (header.RefcountOrder > 6)
        {
            throw Bad("refcount_order", 96, "0 to 6", header.RefcountOrder);
        }
        bool stated = (header.IncompatibleFeatures & (ulong)Qcow2Incompatible.CompressionType) != 0;
        if (stated != (header.CompressionType != 0))
        {
            throw Bad("compression_type", 104, stated ? "not zlib, as the compression type feature is set" : "zlib, as the compression type feature is not set", header.CompressionType);
        }
        if (header.CompressionType > 1)
        {
            throw new UnsupportedFeatureException("qcow2 compression type " + header.CompressionType.ToString(CultureInfo.InvariantCulture));
        }
        int clusterBits = (int)header.ClusterBits;
        int l2Bits = clusterBits - (extended ? 4 : 3);
        // What one L1 entry maps is at most 2^39 bytes, so this also bounds the virtual size to 2^61.
        ulong coverage = 1UL << (clusterBits + l2Bits);
        if (header.Size > coverage * (MaxL1Bytes / 8))
        {
            throw Bad("size", 24, "a disk that an L1 table of 32 MiB can map", header.Size);
        }
        return new Qcow2Geometry((long)header.Size, clusterBits, l2Bits, extended, header.CompressionType == 1, header.Version);
    }

    private static ulong[] LoadL1(in Qcow2Header header, Qcow2Geometry geometry, IByteSource source, ParseContext context)
    {
        if (header.L1Size > MaxL1Bytes / 8)
        {
            throw Bad("l1_size", 36, "at most 4194304 entries", header.L1Size);
        }
        long needed = (geometry.Size + geometry.L1Coverage - 1) / geometry.L1Coverage;
        if (header.L1Size < needed)
        {
            throw Bad("l1_size", 36, "at least " + needed.ToString(CultureInfo.InvariantCulture) + " entries for the virtual size", header.L1Size);
        }
        if (needed == 0)
        {
            return [];
        }
        if ((header.L1TableOffset & (ulong)(geometry.ClusterSize - 1)) != 0 || header.L1TableOffset == 0)
        {
            throw Bad("l1_table_offset", 40, "a cluster boundary after the header", header.L1TableOffset);
        }
        byte[] table = header.L1TableOffset < (ulong)source.Length ? source.ReadArray((long)header.L1TableOffset, (int)(needed * 8)) : [];
        if (table.Length < needed * 8)
        {
            context.Diagnostics.Report(new Diagnostic("qcow2.l1.past-end", "the L1 table ends past the end of the image file; what it does not map reads as zeros")
            {
                Offset = header.L1TableOffset <= long.MaxValue ? (long)header.L1TableOffset : null,
                Expected = (needed * 8).ToString(CultureInfo.InvariantCulture) + " bytes",
                Actual = table.Length.ToString(CultureInfo.InvariantCulture) + " bytes",
                LosesContent = true,
            });
        }
        var l1 = new ulong[table.Length / 8];
        for (int i = 0; i < l1.Length; i++)
        {
            l1[i] = BinaryPrimitives.ReadUInt64BigEndian(table.AsSpan(i * 8));
        }
        return l1;
    }

    private static void ReportState(Qcow2Incompatible features, IDiagnosticSink diagnostics)
    {
        if (features.HasFlag(Qcow2Incompatible.Dirty))
        {
            diagnostics.Report(new Diagnostic("qcow2.dirty", "the image was not closed properly (dirty bit); its refcounts, which are not used here, may be wrong") { Offset = 72 });
        }
        if (features.HasFlag(Qcow2Incompatible.Corrupt))
        {
            diagnostics.Report(new Diagnostic("qcow2.corrupt", "QEMU marked the image as corrupt; any of its tables may be wrong") { Offset = 72 });
        }
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Facts(in Qcow2Header header, Qcow2Geometry geometry, Qcow2Incompatible features) =>
    [
        new("version", header.Version.ToString(CultureInfo.InvariantCulture)),
        new("virtual size", geometry.Size.ToString(CultureInfo.InvariantCulture)),
        new("cluster size", geometry.ClusterSize.ToString(CultureInfo.InvariantCulture)),
        new("compression type", geometry.IsZstd ? "zstd" : "zlib"),
        new("extended L2 entries", YesNo(geometry.IsExtended)),
        new("internal snapshots", header.NbSnapshots.ToString(CultureInfo.InvariantCulture)),
        new("lazy refcounts", YesNo((header.CompatibleFeatures & 1) != 0)),
        new("dirty", YesNo(features.HasFlag(Qcow2Incompatible.Dirty))),
        new("corrupt", YesNo(features.HasFlag(Qcow2Incompatible.Corrupt))),
    ];

    /// <summary>The data of a header extension; empty when there is none. Extensions are looked for in the bytes read, each step moves on by at least 8.</summary>
    private static ReadOnlySpan<byte> Extension(in Qcow2Header header, ReadOnlySpan<byte> bytes, uint wanted)
    {
        long position = header.HeaderLength;
        while (position + 8 <= bytes.Length)
        {
            uint type = BinaryPrimitives.ReadUInt32BigEndian(bytes[(int)position..]);
            uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes[((int)position + 4)..]);
            if (type == 0)
            {
                break;
            }
            long end = position + 8 + length;
            if (type == wanted)
            {
                return bytes[((int)position + 8)..(int)Math.Min(end, bytes.Length)];
            }
            position = (end + 7) & ~7L;
        }
        return [];
    }

    private static string FeatureName(ReadOnlySpan<byte> table, int bit)
    {
        for (; table.Length >= 48; table = table[48..])
        {
            if (table[0] == 0 && table[1] == bit)
            {
                ReadOnlySpan<byte> name = table[2..48];
                int end = name.IndexOf((byte)0);
                return PathText.FromBytes(end < 0 ? name : name[..end]);
            }
        }
        return "";
    }

    /// <summary>A file name in display form, in which slashes are what they are.</summary>
    private static string FileName(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder();
        name = name[..Math.Min(name.Length, 1024)];
        foreach (Range part in name.Split((byte)'/'))
        {
            text.Append(part.Start.Value == 0 ? "'" : "/").Append(PathText.FromBytes(name[part]));
        }
        return text.Append('\'').ToString();
    }

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static CorruptDataException Bad(string field, long offset, string expected, ulong actual) =>
        new("qcow2.header." + field, offset, expected, actual.ToString(CultureInfo.InvariantCulture));
}

/// <summary>What the header fixes for the mapping. Sizes in bytes.</summary>
/// <param name="Size">Virtual disk size.</param>
/// <param name="ClusterBits">log2 of the cluster size.</param>
/// <param name="L2Bits">log2 of the entries in an L2 table.</param>
/// <param name="IsExtended">L2 entries have subcluster bitmaps.</param>
/// <param name="IsZstd">Compressed clusters are zstd frames, else raw deflate.</param>
/// <param name="Version">2 or 3.</param>
internal sealed record Qcow2Geometry(long Size, int ClusterBits, int L2Bits, bool IsExtended, bool IsZstd, uint Version)
{
    /// <summary>Cluster size.</summary>
    public int ClusterSize => 1 << ClusterBits;
    /// <summary>Bytes of the disk that one L1 entry maps.</summary>
    public long L1Coverage => 1L << (ClusterBits + L2Bits);
    /// <summary>Bytes of an L2 entry.</summary>
    public int L2EntrySize => IsExtended ? 16 : 8;
}
