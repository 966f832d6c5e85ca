using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Mapped;

namespace Forensics.Parsers.Images.Parallels;

/// <summary>
/// The expandable disk image of Parallels (<c>.hdd</c>, <c>.hds</c>), both generations. Specification: https://www.qemu.org/docs/master/interop/parallels.html
/// </summary>
/// <remarks>
/// Throws <see cref="UnsupportedFeatureException"/> for other versions, <see cref="CorruptDataException"/> naming the header field otherwise. Damage below the header is a
/// diagnostic and reads as zeros.
/// Limitations: one file is one disk; the snapshot tree of a bundle lies in its <c>DiskDescriptor.xml</c>, which is not read, so a delta shows only what was written to it.
/// </remarks>
public sealed class ParallelsFormat : IFormat<DiskImage>
{
    private const uint Version2 = 2;
    private const uint MarkedInUse = 0x746F6E59;
    private const int Sector = 512;

    /// <inheritdoc/>
    public string Name => "parallels";

    /// <inheritdoc/>
    public int HeaderSize => 16;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) => header.StartsWith("WithoutFreeSpace"u8) || header.StartsWith("WithouFreSpacExt"u8);

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context)
    {
        Span<byte> bytes = stackalloc byte[ParallelsHeader.Size];
        source.ReadExactly(0, bytes, "parallels.header");
        var header = new ParallelsHeader(bytes);
        if (header.Version != Version2)
        {
            throw new UnsupportedFeatureException("Parallels image version " + header.Version.ToString(CultureInfo.InvariantCulture));
        }
        if (header.Tracks is 0 or > int.MaxValue / Sector)
        {
            throw ParallelsHeader.Bad("tracks", 28, "1 to 4194303 sectors a cluster", header.Tracks);
        }
        long clusterSize = (long)header.Tracks * Sector;
        ulong sectors = header.IsExtended ? header.Sectors : (uint)header.Sectors;
        if (sectors > (ulong)header.BatEntries * header.Tracks)
        {
            throw ParallelsHeader.Bad("nb_sectors", 36, "at most what the entries of the table map", sectors);
        }
        if (header.InUse == MarkedInUse)
        {
            context.Diagnostics.Report(new Diagnostic("parallels.dirty", "the image was not closed properly (in use); its newest entries may be missing") { Offset = 44 });
        }
        // At most 2^32 entries of 2^31 bytes: no overflow.
        long size = (long)sectors * Sector;
        var files = new MappedFiles(source, source, Backing: null, TableBudget.CacheBytes(context.Limits));
        var anomalies = new MappedAnomalies(size, clusterSize, context.Diagnostics);
        return new DiskImage(Name, new ParallelsContent(files, header, size, clusterSize, anomalies))
        {
            Facts =
            [
                new("variant", header.IsExtended ? "extended" : "original"),
                new("virtual size", size.ToString(CultureInfo.InvariantCulture)),
                new("cluster size", clusterSize.ToString(CultureInfo.InvariantCulture)),
                new("in use", header.InUse == MarkedInUse ? "yes" : "no"),
            ],
        };
    }
}

/// <summary>The Parallels header (little endian), fields named as in the specification.</summary>
internal readonly ref struct ParallelsHeader
{
    /// <summary>Bytes of the header; the table follows.</summary>
    public const int Size = 64;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over at least <see cref="Size"/> bytes.</summary>
    public ParallelsHeader(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    /// <summary>The later generation: sizes of 64 bits, entries that count clusters.</summary>
    public bool IsExtended => _bytes.StartsWith("WithouFreSpacExt"u8);
    public uint Version => UInt32(16);
    public uint Tracks => UInt32(28);
    public uint BatEntries => UInt32(32);
    public ulong Sectors => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[36..]);
    public uint InUse => UInt32(44);

    /// <summary>The error for a field that cannot be what it is.</summary>
    public static CorruptDataException Bad(string field, long offset, string expected, ulong actual) =>
        new("parallels.header." + field, offset, expected, actual.ToString(CultureInfo.InvariantCulture));

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);
}

/// <summary>The disk of a Parallels image. An entry is where a cluster lies, in sectors or (later generation) in clusters; 0 is none.</summary>
internal sealed class ParallelsContent : BlockMapDisk
{
    private readonly long _entryUnit;

    public ParallelsContent(MappedFiles files, in ParallelsHeader header, long size, long clusterSize, MappedAnomalies anomalies)
        : base(files, size, ParallelsHeader.Size, header.BatEntries, clusterSize, anomalies, new TableAnomalies("parallels", "bat", "cluster")) =>
        _entryUnit = header.IsExtended ? clusterSize : 512;

    /// <inheritdoc/>
    protected override long? HostOf(uint entry) => entry == 0 ? null : entry * _entryUnit;
}
