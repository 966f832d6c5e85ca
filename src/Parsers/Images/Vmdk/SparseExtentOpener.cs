using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>
/// Reads the header of a sparse extent of any of the three kinds. Throws <see cref="CorruptDataException"/> naming the header field, and
/// <see cref="UnsupportedFeatureException"/> for versions and sizes nobody documents.
/// </summary>
internal static class SparseExtentOpener
{
    /// <summary>Largest grain, QEMU's bound.</summary>
    private const ulong MaxGrainSectors = 0x200000;
    /// <summary>Largest grain that is compressed, since all of it is decompressed at once.</summary>
    private const ulong MaxCompressedGrainSectors = 32768;
    private const uint MaxEntriesPerTable = 512;
    /// <summary>How far before the end of the file a footer is looked for when it is not where it should be.</summary>
    private const int FooterSearch = 64 << 10;

    /// <summary>Whether the first bytes are those of a sparse extent.</summary>
    public static bool Matches(ReadOnlySpan<byte> header) => header.StartsWith("KDMV"u8) || header.StartsWith("COWD"u8)
        || (header.Length >= 16 && BinaryPrimitives.ReadUInt64LittleEndian(header) == SeSparseHeader.Magic && BinaryPrimitives.ReadUInt64LittleEndian(header[8..]) >> 32 == 2);

    /// <summary>The layout of the extent in a file.</summary>
    public static GrainLayout Read(IByteSource file, IDiagnosticSink diagnostics)
    {
        byte[] bytes = file.ReadArray(0, CowdHeader.Size);
        if (bytes.Length < SparseExtentHeader.Size)
        {
            throw new CorruptDataException("vmdk.header", 0, SparseExtentHeader.Size + " bytes", bytes.Length + " bytes");
        }
        if (!Matches(bytes))
        {
            throw new CorruptDataException("vmdk.header.magic", 0, "KDMV, COWD or the magic of seSparse", Convert.ToHexStringLower(bytes.AsSpan(0, 8)));
        }
        return bytes[0] switch
        {
            (byte)'K' => Hosted(file, bytes, diagnostics),
            (byte)'C' => Cowd(bytes, diagnostics),
            _ => SeSparse(file, bytes, diagnostics),
        };
    }

    private static GrainLayout Hosted(IByteSource file, byte[] bytes, IDiagnosticSink diagnostics)
    {
        var header = new SparseExtentHeader(bytes);
        if (header.Version is 0 or > 3)
        {
            throw new UnsupportedFeatureException("VMDK sparse extent version " + header.Version.ToString(CultureInfo.InvariantCulture));
        }
        if (header.Flags.HasFlag(SparseFlags.ValidNewLineTest) && !header.NewLinesAreSound)
        {
            diagnostics.Report(new Diagnostic("vmdk.header.newlines", "the line ends in the header are not as they were written; the file was probably damaged by a transfer as text")
            {
                Offset = 73,
                LosesContent = true,
            });
        }
        bool isDirty = header.UncleanShutdown;
        long footer = 0;
        bool isCut = header.GdOffset == SparseExtentHeader.GdAtEnd;
        if (isCut && Footer(file, out footer) is { } found)
        {
            header = new SparseExtentHeader(found);
            isCut = false;
        }
        if (isDirty)
        {
            ReportUnclean(diagnostics, 72);
        }
        bool isCompressed = header.CompressAlgorithm == 1;
        if (header.CompressAlgorithm > 1)
        {
            throw new UnsupportedFeatureException("VMDK compression algorithm " + header.CompressAlgorithm.ToString(CultureInfo.InvariantCulture));
        }
        if (!BitOperations.IsPow2(header.GrainSize) || header.GrainSize > (isCompressed ? MaxCompressedGrainSectors : MaxGrainSectors))
        {
            throw Bad("grainSize", footer + 20, "a power of two up to " + (isCompressed ? MaxCompressedGrainSectors : MaxGrainSectors) + " sectors", header.GrainSize);
        }
        if (header.NumGtesPerGt is 0 or > MaxEntriesPerTable)
        {
            throw Bad("numGTEsPerGT", footer + 44, "1 to 512", header.NumGtesPerGt);
        }
        if (isCut && !header.Flags.HasFlag(SparseFlags.Markers))
        {
            throw new CorruptDataException("vmdk.footer", Math.Max(0, file.Length - 1024), "the footer of a stream-optimized extent at the end of the file", "none; the file is probably cut short");
        }
        long coverage = (long)header.GrainSize * header.NumGtesPerGt * 512;
        long capacity = Bytes(header.Capacity, "capacity", footer + 12);
        return new GrainLayout(GrainLayoutKind.Hosted)
        {
            Capacity = capacity,
            GrainSize = (long)header.GrainSize * 512,
            EntriesPerTable = (int)header.NumGtesPerGt,
            DirectoryOffset = isCut ? 0 : header.GdOffset == 0 && capacity > 0 ? throw Bad("gdOffset", footer + 56, "a sector behind the header", 0) : Bytes(header.GdOffset, "gdOffset", footer + 56),
            DirectoryEntries = capacity / coverage + (capacity % coverage == 0 ? 0 : 1),
            FoundGrains = isCut ? FindGrains(file, header, diagnostics) : null,
            RedundantOffset = header.Flags.HasFlag(SparseFlags.RedundantGrainTable) ? Bytes(header.RgdOffset, "rgdOffset", footer + 48) : 0,
            HasZeroedGrains = header.Flags.HasFlag(SparseFlags.ZeroedGrain),
            IsCompressed = isCompressed,
            HasMarkers = header.Flags.HasFlag(SparseFlags.Markers),
            Facts =
            [
                new("extent version", header.Version.ToString(CultureInfo.InvariantCulture)),
                new("grain size", (header.GrainSize * 512).ToString(CultureInfo.InvariantCulture)),
                new("compressed grains", isCompressed ? "yes" : "no"),
                new("unclean shutdown", isDirty ? "yes" : "no"),
            ],
        };
    }

    /// <summary>What is left of a stream that was cut before its grain directory.</summary>
    private static Dictionary<long, long> FindGrains(IByteSource file, in SparseExtentHeader header, IDiagnosticSink diagnostics)
    {
        long start = Math.Max(SparseExtentHeader.Size, Bytes(header.OverHead, "overHead", 64));
        Dictionary<long, long> grains = StreamMarkers.FindGrains(file, start, header.GrainSize, header.Capacity);
        diagnostics.Report(new Diagnostic("vmdk.footer.missing", string.Create(CultureInfo.InvariantCulture,
            $"the stream has no footer and is probably cut short; {grains.Count} grains were found by their markers, all others read as zeros"))
        {
            Offset = file.Length,
            LosesContent = true,
        });
        return grains;
    }

    /// <summary>The header that stands at the end of a stream, before the end-of-stream marker; null when there is none. Trailing bytes that a transfer added are passed over.</summary>
    private static byte[]? Footer(IByteSource file, out long offset)
    {
        long usual = file.Length - 1024;
        long lowest = Math.Max(SparseExtentHeader.Size, file.Length - FooterSearch);
        for (offset = usual & ~511L; offset >= lowest; offset -= 512)
        {
            byte[] bytes = file.ReadArray(offset, SparseExtentHeader.Size);
            if (bytes.Length == SparseExtentHeader.Size && new SparseExtentHeader(bytes) is { IsMagic: true, GdOffset: not SparseExtentHeader.GdAtEnd })
            {
                return bytes;
            }
        }
        return null;
    }

    private static GrainLayout Cowd(byte[] bytes, IDiagnosticSink diagnostics)
    {
        if (bytes.Length < CowdHeader.Size)
        {
            throw new CorruptDataException("vmdk.cowd.header", 0, CowdHeader.Size + " bytes", bytes.Length + " bytes");
        }
        var header = new CowdHeader(bytes);
        if (header.Version != 1)
        {
            throw new UnsupportedFeatureException("VMDK copy-on-write (COWD) extent version " + header.Version.ToString(CultureInfo.InvariantCulture));
        }
        if (!BitOperations.IsPow2(header.GrainSize) || header.GrainSize > MaxGrainSectors)
        {
            throw Bad("cowd.granularity", 16, "a power of two up to " + MaxGrainSectors + " sectors", header.GrainSize);
        }
        if (header.GdOffset == 0)
        {
            throw Bad("cowd.gdOffset", 20, "a sector behind the header", 0);
        }
        if (header.UncleanShutdown)
        {
            ReportUnclean(diagnostics, 1648);
        }
        long capacity = header.NumSectors * 512L;
        long coverage = header.GrainSize * 512L * CowdHeader.EntriesPerTable;
        return new GrainLayout(GrainLayoutKind.Cowd)
        {
            Capacity = capacity,
            GrainSize = header.GrainSize * 512L,
            EntriesPerTable = CowdHeader.EntriesPerTable,
            DirectoryOffset = header.GdOffset * 512L,
            DirectoryEntries = Math.Min((capacity + coverage - 1) / coverage, header.NumGdEntries),
            Facts =
            [
                new("extent version", "COWD 1"),
                new("grain size", (header.GrainSize * 512L).ToString(CultureInfo.InvariantCulture)),
                new("unclean shutdown", header.UncleanShutdown ? "yes" : "no"),
            ],
        };
    }

    private static GrainLayout SeSparse(IByteSource file, byte[] bytes, IDiagnosticSink diagnostics)
    {
        var header = new SeSparseHeader(bytes);
        if (header.Version != SeSparseHeader.KnownVersion || header.Flags != 0)
        {
            throw new UnsupportedFeatureException(string.Create(CultureInfo.InvariantCulture, $"VMDK seSparse extent version {header.Version:x} with flags {header.Flags:x}"));
        }
        if (header.GrainSize != SeSparseHeader.KnownGrainSize || header.GrainTableSize != SeSparseHeader.KnownGrainTableSize)
        {
            throw new UnsupportedFeatureException(string.Create(CultureInfo.InvariantCulture,
                $"VMDK seSparse extent with grains of {header.GrainSize} sectors and grain tables of {header.GrainTableSize} sectors"));
        }
        ReadVolatileHeader(file, Bytes(header.VolatileHeaderOffset, "sesparse.volatileHeaderOffset", 80), diagnostics);
        long capacity = Bytes(header.Capacity, "sesparse.capacity", 16);
        const long Grain = (long)SeSparseHeader.KnownGrainSize * 512;
        const int Entries = (int)SeSparseHeader.KnownGrainTableSize * 512 / 8;
        long coverage = Grain * Entries;
        return new GrainLayout(GrainLayoutKind.SeSparse)
        {
            Capacity = capacity,
            GrainSize = Grain,
            EntriesPerTable = Entries,
            DirectoryOffset = Bytes(header.GrainDirOffset, "sesparse.grainDirOffset", 128),
            DirectoryEntries = Math.Min(capacity / coverage + (capacity % coverage == 0 ? 0 : 1), Bytes(header.GrainDirSize, "sesparse.grainDirSize", 136) / 8),
            TablesOffset = Bytes(header.GrainTablesOffset, "sesparse.grainTablesOffset", 144),
            GrainsOffset = Bytes(header.GrainsOffset, "sesparse.grainsOffset", 192),
            Facts = [new("extent version", "seSparse 2.1"), new("grain size", Grain.ToString(CultureInfo.InvariantCulture))],
        };
    }

    private static void ReadVolatileHeader(IByteSource file, long offset, IDiagnosticSink diagnostics)
    {
        byte[] bytes = offset < file.Length ? file.ReadArray(offset, 32) : [];
        if (bytes.Length < 32 || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != SeSparseHeader.VolatileMagic)
        {
            diagnostics.Report(new Diagnostic("vmdk.sesparse.volatile", "the volatile header of a seSparse extent is missing or damaged; whether its journal has to be replayed is unknown") { Offset = offset });
        }
        else if (BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(24)) != 0)
        {
            diagnostics.Report(new Diagnostic("vmdk.sesparse.journal", "the journal of a seSparse extent was not replayed before it was copied and is not read; grains written last may be missing")
            {
                Offset = offset,
                LosesContent = true,
            });
        }
    }

    private static void ReportUnclean(IDiagnosticSink diagnostics, long offset) =>
        diagnostics.Report(new Diagnostic("vmdk.unclean", "the extent was not closed properly (unclean shutdown flag); grains written last may be missing from its tables") { Offset = offset });

    private static long Bytes(ulong sectors, string field, long offset) => sectors <= VmdkLayer.MaxSectors ? (long)sectors * 512 : throw Bad(field, offset, "at most 2^52 sectors", sectors);

    private static CorruptDataException Bad(string field, long offset, string expected, ulong actual) =>
        new("vmdk.header." + field, offset, expected, actual.ToString(CultureInfo.InvariantCulture));
}
