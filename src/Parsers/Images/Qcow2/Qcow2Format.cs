using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Mapped;

namespace Forensics.Parsers.Images.Qcow2;

/// <summary>
/// QEMU's copy-on-write image, versions 2 and 3: every cluster size from 512 bytes to 2 MiB, compressed clusters (zlib, zstd), zero clusters, extended L2 entries, internal
/// snapshots, backing chains and external data files. Specification: https://www.qemu.org/docs/master/interop/qcow2.html
/// </summary>
/// <remarks>
/// Throws <see cref="UnsupportedFeatureException"/> for encryption, unknown incompatible features, a snapshot that is not there and files that
/// <see cref="ICompanionFiles"/> refuses; <see cref="CorruptDataException"/> naming the header field otherwise. Damage below the header is a diagnostic and reads as zeros.
/// Limitations: the saved state of a virtual machine is not read; refcounts and bitmaps are not looked at; an external data file is read through the tables even when it is
/// marked as a raw disk of its own.
/// </remarks>
public sealed class Qcow2Format : IFormat<DiskImage>
{
    private const int MaxHeaderBytes = 64 << 10;
    private const ulong RawDataFile = 2;

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
        Qcow2Header header = ReadHeader(bytes, source.Length);
        var extensions = new Qcow2Extensions(header, bytes);
        RefuseUnknown(header, extensions);
        Qcow2Geometry geometry = Qcow2Geometry.Read(header);
        ReportState((Qcow2Incompatible)header.IncompatibleFeatures, context.Diagnostics);
        List<Qcow2Snapshot> snapshots = Qcow2Snapshots.Read(header, source, context.Diagnostics);
        Qcow2Snapshot? snapshot = context.Images.Snapshot is { } wanted ? Qcow2Snapshots.Find(snapshots, wanted) : null;
        long[] l1;
        if (snapshot is null)
        {
            l1 = LoadActive(header, geometry.Shape, source, context.Diagnostics);
        }
        else
        {
            Qcow2Geometry.CheckSize(geometry.Shape, snapshot.DiskSize, snapshot.EntryOffset);
            geometry = geometry with { Shape = geometry.Shape with { Size = (long)snapshot.DiskSize } };
            l1 = LoadSnapshot(snapshot, geometry.Shape, source, context.Diagnostics);
        }
        ScanLimits rest = TableBudget.Rest(context.Limits, l1.LongLength * 8);
        CompanionFile? data = OpenData(geometry, extensions, context);
        DiskImage? backing = OpenBacking(header, extensions, source, context, rest);
        var files = new MappedFiles(source, data?.Content ?? source, backing?.Content, TableBudget.CacheBytes(context.Limits));
        var anomalies = new MappedAnomalies(geometry.Shape.Size, geometry.Shape.L1Coverage, context.Diagnostics);
        return new DiskImage(Name, new Qcow2Content(files, geometry, l1, anomalies))
        {
            Facts = Facts(header, geometry, data, backing),
            Snapshots = snapshots.ConvertAll(item => item.Shown),
            Snapshot = snapshot?.Shown,
        };
    }

    private static Qcow2Header ReadHeader(byte[] bytes, long fileLength)
    {
        int least = Qcow2Header.Version2Size;
        uint version = bytes.Length < least ? 0 : BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4));
        least = version == 3 ? Qcow2Header.Version3Size : least;
        if (bytes.Length < least)
        {
            throw new CorruptDataException("qcow2.header", 0, least + " bytes", bytes.Length + " bytes");
        }
        if (version is not (2 or 3))
        {
            throw new UnsupportedFeatureException("qcow2 version " + version.ToString(CultureInfo.InvariantCulture));
        }
        var header = new Qcow2Header(bytes);
        if (header.HeaderLength < least || header.HeaderLength % 8 != 0 || header.HeaderLength > fileLength)
        {
            throw Qcow2Header.Bad("header_length", 100, "a multiple of 8, at least 104 and inside the file", header.HeaderLength);
        }
        return header;
    }

    private static void RefuseUnknown(in Qcow2Header header, in Qcow2Extensions extensions)
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
        ulong unknown = header.IncompatibleFeatures & ~(ulong)Qcow2Incompatible.Known;
        if (unknown != 0)
        {
            int bit = BitOperations.TrailingZeroCount(unknown);
            string name = extensions.FeatureName(bit);
            throw new UnsupportedFeatureException("qcow2 incompatible feature bit " + bit.ToString(CultureInfo.InvariantCulture) + (name.Length == 0 ? "" : " (" + name + ")"));
        }
    }

    private static long[] LoadActive(in Qcow2Header header, TwoLevelShape shape, IByteSource source, IDiagnosticSink diagnostics)
    {
        if (header.L1Size > L1Table.LargestBytes / 8)
        {
            throw Qcow2Header.Bad("l1_size", 36, "at most 4194304 entries", header.L1Size);
        }
        long needed = shape.L1Entries;
        if (header.L1Size < needed)
        {
            throw Qcow2Header.Bad("l1_size", 36, "at least " + needed.ToString(CultureInfo.InvariantCulture) + " entries for the virtual size", header.L1Size);
        }
        if (needed > 0 && ((header.L1TableOffset & (ulong)(shape.ClusterSize - 1)) != 0 || header.L1TableOffset == 0))
        {
            throw Qcow2Header.Bad("l1_table_offset", 40, "a cluster boundary after the header", header.L1TableOffset);
        }
        return L1Table.Load(source, header.L1TableOffset, needed, isBigEndian: true, Qcow2Content.OffsetMask, "qcow2", diagnostics);
    }

    private static long[] LoadSnapshot(Qcow2Snapshot snapshot, TwoLevelShape shape, IByteSource source, IDiagnosticSink diagnostics)
    {
        long needed = shape.L1Entries;
        if (needed > 0 && ((snapshot.L1TableOffset & (ulong)(shape.ClusterSize - 1)) != 0 || snapshot.L1TableOffset == 0))
        {
            throw new CorruptDataException("qcow2.snapshot.l1_table_offset", snapshot.EntryOffset, "a cluster boundary after the header",
                snapshot.L1TableOffset.ToString(CultureInfo.InvariantCulture));
        }
        if (snapshot.L1Size < needed)
        {
            diagnostics.Report(new Diagnostic("qcow2.snapshot.l1-short", "the L1 table of the snapshot is too small for its disk; what it does not map reads as zeros")
            {
                Offset = snapshot.EntryOffset + 8,
                Expected = needed.ToString(CultureInfo.InvariantCulture) + " entries",
                Actual = snapshot.L1Size.ToString(CultureInfo.InvariantCulture) + " entries",
                LosesContent = true,
            });
        }
        return L1Table.Load(source, snapshot.L1TableOffset, Math.Min(needed, snapshot.L1Size), isBigEndian: true, Qcow2Content.OffsetMask, "qcow2.snapshot", diagnostics);
    }

    private static CompanionFile? OpenData(Qcow2Geometry geometry, in Qcow2Extensions extensions, ParseContext context)
    {
        if (!geometry.HasDataFile)
        {
            return null;
        }
        if (extensions.DataFile.IsEmpty)
        {
            throw new UnsupportedFeatureException("qcow2 external data file without a name");
        }
        return context.Images.Companions.OpenNamed(Encoding.UTF8.GetString(extensions.DataFile), "qcow2 external data file");
    }

    private static DiskImage? OpenBacking(in Qcow2Header header, in Qcow2Extensions extensions, IByteSource source, ParseContext context, ScanLimits rest)
    {
        if (header.BackingFileOffset == 0 || header.BackingFileSize == 0)
        {
            return null;
        }
        if (header.BackingFileSize > BackingFile.LongestName)
        {
            throw Qcow2Header.Bad("backing_file_size", 16, "at most 1023", header.BackingFileSize);
        }
        byte[] name = header.BackingFileOffset < (ulong)source.Length ? source.ReadArray((long)header.BackingFileOffset, (int)header.BackingFileSize) : [];
        if (name.Length < header.BackingFileSize)
        {
            throw Qcow2Header.Bad("backing_file_offset", 8, "a name inside the file", header.BackingFileOffset);
        }
        return BackingFile.Open("qcow2", name, extensions.BackingFormat.IsEmpty ? null : Encoding.UTF8.GetString(extensions.BackingFormat), context, rest);
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

    private static List<KeyValuePair<string, string>> Facts(in Qcow2Header header, Qcow2Geometry geometry, CompanionFile? data, DiskImage? backing)
    {
        var features = (Qcow2Incompatible)header.IncompatibleFeatures;
        var facts = new List<KeyValuePair<string, string>>
        {
            new("version", header.Version.ToString(CultureInfo.InvariantCulture)),
            new("virtual size", geometry.Shape.Size.ToString(CultureInfo.InvariantCulture)),
            new("cluster size", geometry.Shape.ClusterSize.ToString(CultureInfo.InvariantCulture)),
            new("compression type", geometry.IsZstd ? "zstd" : "zlib"),
            new("extended L2 entries", YesNo(geometry.IsExtended)),
            new("internal snapshots", header.NbSnapshots.ToString(CultureInfo.InvariantCulture)),
            new("lazy refcounts", YesNo((header.CompatibleFeatures & 1) != 0)),
            new("dirty", YesNo(features.HasFlag(Qcow2Incompatible.Dirty))),
            new("corrupt", YesNo(features.HasFlag(Qcow2Incompatible.Corrupt))),
        };
        if (data is not null)
        {
            facts.Add(new("external data file", data.FileName + ((header.AutoclearFeatures & RawDataFile) != 0 ? " (raw)" : "")));
        }
        if (backing is not null)
        {
            facts.Add(new("backing chain", BackingFile.Chain(backing)));
        }
        return facts;
    }

    private static string YesNo(bool value) => value ? "yes" : "no";
}
