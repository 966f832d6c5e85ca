using System.Globalization;
using System.Numerics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vhd;

/// <summary>An opened VHD with what its children know it by.</summary>
/// <param name="Image">The disk.</param>
/// <param name="UniqueId">Identifier of the disk.</param>
/// <param name="TimeStamp">When it was made, in seconds since 2000-01-01 UTC.</param>
internal sealed record VhdDisk(DiskImage Image, Guid UniqueId, uint TimeStamp);

/// <summary>Opens a VHD and, for a differencing disk, its parents.</summary>
internal static class VhdReader
{
    /// <summary>VHD ends at 2,040 GiB; more is allowed, nothing near an overflow.</summary>
    private const ulong MaxSize = 64UL << 40;
    private const uint MaxBlockSize = 1 << 30;
    /// <summary>Entries of the table that are checked against the length of the file when the image is opened: those of 2 TiB in blocks of 512 KiB.</summary>
    private const long CheckedEntries = 4 << 20;

    private static readonly DateTimeOffset s_epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Opens the disk. Throws <see cref="UnknownFormatException"/> when the file neither begins nor ends as a VHD, else as <see cref="VhdFormat"/>.</summary>
    public static VhdDisk Open(IByteSource source, ParseContext context)
    {
        Span<byte> start = stackalloc byte[8];
        bool beginsAsOne = source.ReadUpTo(0, start) == start.Length && VhdFooter.IsCookie(start);
        byte[] bytes = beginsAsOne ? VhdFooterSearch.OfTable(source, context.Diagnostics) : VhdFooterSearch.OfEnd(source, context.Diagnostics);
        if (bytes.Length == 0)
        {
            throw new UnknownFormatException("the file neither begins nor ends as a VHD");
        }
        var footer = new VhdFooter(bytes);
        if (footer.CurrentSize > MaxSize)
        {
            throw Bad("vhd.footer.current-size", 48, "at most 64 TiB", footer.CurrentSize);
        }
        if (footer.DiskType == VhdFooter.Fixed)
        {
            return new VhdDisk(OpenFixed(source, footer, bytes.Length, context.Diagnostics), footer.UniqueId, footer.TimeStamp);
        }
        return OpenTable(source, footer, context);
    }

    private static DiskImage OpenFixed(IByteSource source, in VhdFooter footer, int footerLength, IDiagnosticSink diagnostics)
    {
        long size = (long)footer.CurrentSize;
        long slack = source.Length - footerLength - size;
        if (slack > 0)
        {
            diagnostics.Report(new Diagnostic("vhd.fixed.slack", string.Create(CultureInfo.InvariantCulture,
                $"{slack} bytes between the end of the disk and the footer belong to no disk; the guest does not see them")) { Offset = size });
        }
        return new DiskImage("vhd", new Slice(source, 0, size)) { Facts = Facts("fixed", footer, []) };
    }

    private static VhdDisk OpenTable(IByteSource source, in VhdFooter footer, ParseContext context)
    {
        ulong at = footer.DataOffset;
        byte[] bytes = at < (ulong)source.Length ? source.ReadArray((long)at, VhdDynamicHeader.Size) : [];
        long offset = at <= long.MaxValue ? (long)at : -1;
        if (bytes.Length < VhdDynamicHeader.Size || !new VhdDynamicHeader(bytes).HasCookie)
        {
            throw new CorruptDataException("vhd.header", offset, "a dynamic disk header", bytes.Length < VhdDynamicHeader.Size ? "the end of the file" : "something else");
        }
        var header = new VhdDynamicHeader(bytes);
        if (header.HeaderVersion >> 16 != 1)
        {
            throw new UnsupportedFeatureException("VHD dynamic disk header version " + (header.HeaderVersion >> 16).ToString(CultureInfo.InvariantCulture));
        }
        if (!header.IsChecksumRight)
        {
            context.Diagnostics.Report(new Diagnostic("vhd.header.checksum", "the checksum of the dynamic disk header is wrong; the header is used, as there is no copy of it") { Offset = offset });
        }
        VhdGeometry geometry = ReadGeometry(footer, header, offset, source);
        CachedTable table = VhdContent.Table(source, geometry);
        ReportCut(source, table, geometry, context.Diagnostics);
        bool isChild = footer.DiskType == VhdFooter.Differencing;
        (VhdDisk Disk, string Name)? parent = isChild ? OpenParent(source, header, context) : null;
        var content = new VhdContent(source, geometry, table, parent?.Disk.Image.Content, new DamageReports(geometry.Size, context.Diagnostics));
        List<KeyValuePair<string, string>> more = [new("block size", Text(geometry.BlockSize))];
        if (parent is { } opened)
        {
            more.Add(new("parent", opened.Name));
            more.Add(new("parent identifier", header.ParentUniqueId.ToString()));
        }
        var image = new DiskImage("vhd", content) { Facts = Facts(isChild ? "differencing" : "dynamic", footer, more) };
        return new VhdDisk(image, footer.UniqueId, footer.TimeStamp);
    }

    private static VhdGeometry ReadGeometry(in VhdFooter footer, in VhdDynamicHeader header, long offset, IByteSource source)
    {
        if (header.BlockSize is < 512 or > MaxBlockSize || !BitOperations.IsPow2(header.BlockSize))
        {
            throw Bad("vhd.header.block-size", offset + 32, "a power of two from 512 to 1 GiB", header.BlockSize);
        }
        if (header.TableOffset >= (ulong)source.Length)
        {
            throw Bad("vhd.header.table-offset", offset + 16, "an offset in the file", header.TableOffset);
        }
        return new VhdGeometry((long)footer.CurrentSize, header.BlockSize, (long)header.TableOffset, header.MaxTableEntries);
    }

    /// <summary>Says at once when the file was cut, so that it is known even if nothing that is missing is ever read.</summary>
    private static void ReportCut(IByteSource source, CachedTable table, VhdGeometry geometry, IDiagnosticSink diagnostics)
    {
        long needed = (geometry.Size + geometry.BlockSize - 1) / geometry.BlockSize;
        long missing = VhdContent.CountPastEnd(table, geometry, source.Length, Math.Min(needed, CheckedEntries));
        if (missing > 0)
        {
            diagnostics.Report(new Diagnostic("vhd.file.cut", Text(missing) + " blocks end past the end of the image file; what is missing reads as zeros")
            {
                Offset = source.Length,
                LosesContent = true,
            });
        }
        if (table.Length < Math.Min(needed, geometry.TableEntries) * 4)
        {
            diagnostics.Report(new Diagnostic("vhd.bat.cut", "the image file ends within the block allocation table; what the rest would map reads as zeros")
            {
                Offset = geometry.TableOffset,
                LosesContent = true,
            });
        }
    }

    private static (VhdDisk Disk, string Name) OpenParent(IByteSource source, in VhdDynamicHeader header, ParseContext context)
    {
        CompanionFile file = ParentName.Open(VhdParentNames.Of(header, source), "VHD parent", context.Images.Companions);
        VhdDisk parent;
        try
        {
            parent = Open(file.Content, context with { Images = context.Images with { Companions = file.Companions } });
        }
        catch (UnknownFormatException)
        {
            throw new UnsupportedFeatureException("VHD parent '" + file.FileName + "' that is no VHD");
        }
        if (parent.UniqueId != header.ParentUniqueId)
        {
            context.Diagnostics.Report(new Diagnostic("vhd.parent.identifier", "the parent '" + file.FileName + "' is not the disk that this one was made from; what comes from it may be wrong")
            {
                Expected = header.ParentUniqueId.ToString(),
                Actual = parent.UniqueId.ToString(),
                LosesContent = true,
            });
        }
        else if (header.ParentTimeStamp != 0 && parent.TimeStamp > header.ParentTimeStamp)
        {
            context.Diagnostics.Report(new Diagnostic("vhd.parent.time", "the parent '" + file.FileName + "' was made after the time of its last change that this disk noted")
            {
                Expected = "at most " + Time(header.ParentTimeStamp),
                Actual = Time(parent.TimeStamp),
            });
        }
        return (parent, file.FileName);
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Facts(string type, in VhdFooter footer, IReadOnlyList<KeyValuePair<string, string>> more) =>
    [
        new("type", type),
        new("virtual size", Text((long)footer.CurrentSize)),
        .. more,
        new("identifier", footer.UniqueId.ToString()),
        new("created", Time(footer.TimeStamp)),
        new("creator application", Printable(footer.CreatorApplication)),
        new("creator version", string.Create(CultureInfo.InvariantCulture, $"{footer.CreatorVersionMajor}.{footer.CreatorVersionMinor}")),
        new("creator system", Printable(footer.CreatorHostOs)),
        new("geometry", string.Create(CultureInfo.InvariantCulture, $"{footer.Cylinders}/{footer.Heads}/{footer.SectorsPerTrack}")),
        new("saved state", footer.SavedState ? "yes" : "no"),
    ];

    private static string Printable(ReadOnlySpan<byte> name) => PathText.FromBytes(name.TrimEnd("\0 "u8));

    private static string Time(uint seconds) => s_epoch.AddSeconds(seconds).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static CorruptDataException Bad(string field, long offset, string expected, ulong actual) =>
        new(field, offset, expected, actual.ToString(CultureInfo.InvariantCulture));
}
