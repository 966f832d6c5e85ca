using System.Globalization;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vhdx;

/// <summary>An opened VHDX with what its children know it by.</summary>
/// <param name="Image">The disk.</param>
/// <param name="DataWriteGuid">Identifier of its content.</param>
internal sealed record VhdxDisk(DiskImage Image, Guid DataWriteGuid);

/// <summary>Opens a VHDX and, for a differencing disk, its parents.</summary>
internal static class VhdxReader
{
    private const int IdentifierSize = 8;
    private const int CreatorSize = 512;
    /// <summary>Payload blocks that are checked against the length of the file when the image is opened: 2 TiB in the smallest blocks, 64 TiB in those of 32 MiB.</summary>
    private const long CheckedBlocks = 2 << 20;

    /// <summary>Opens the disk. Throws as <see cref="VhdxFormat"/>.</summary>
    public static VhdxDisk Open(IByteSource source, ParseContext context)
    {
        var header = new VhdxHeader(VhdxHeader.ReadCurrent(source, context.Diagnostics));
        (IByteSource file, string log) = VhdxLog.Replay(source, header, context.Diagnostics);
        VhdxRegions regions = VhdxRegions.Read(file, context.Diagnostics);
        VhdxMetadata metadata = VhdxMetadata.Read(file, regions.Metadata);
        var geometry = new VhdxGeometry(metadata.VirtualDiskSize, metadata.BlockSize, (int)metadata.LogicalSectorSize);
        CachedTable table = VhdxContent.Table(file, regions.Table);
        ReportCut(file, regions.Table, table, geometry, context.Diagnostics);
        (VhdxDisk Disk, string Name)? parent = metadata.Parent is { } locator ? OpenParent(locator, context) : null;
        var content = new VhdxContent(file, geometry, table, parent?.Disk.Image.Content, new DamageReports(geometry.Size, context.Diagnostics));
        List<KeyValuePair<string, string>> facts =
        [
            new("type", metadata.HasParent ? "differencing" : metadata.LeaveBlocksAllocated ? "fixed" : "dynamic"),
            new("virtual size", Text(metadata.VirtualDiskSize)),
            new("block size", Text(metadata.BlockSize)),
            new("logical sector size", Text(metadata.LogicalSectorSize)),
            new("physical sector size", Text(metadata.PhysicalSectorSize)),
            new("identifier", metadata.VirtualDiskId.ToString()),
            new("log", log),
            new("creator", Creator(source)),
        ];
        if (parent is { } opened)
        {
            facts.Add(new("parent", opened.Name));
        }
        return new VhdxDisk(new DiskImage("vhdx", content) { Facts = facts }, header.DataWriteGuid);
    }

    /// <summary>Says at once when the file was cut, so that it is known even if nothing that is missing is ever read.</summary>
    private static void ReportCut(IByteSource file, VhdxRegion region, CachedTable table, VhdxGeometry geometry, IDiagnosticSink diagnostics)
    {
        long missing = VhdxContent.CountPastEnd(table, geometry, file.Length, Math.Min(geometry.Blocks, CheckedBlocks));
        if (missing > 0)
        {
            diagnostics.Report(new Diagnostic("vhdx.file.cut", Text(missing) + " blocks end past the end of the image file; what is missing reads as zeros")
            {
                Offset = file.Length,
                LosesContent = true,
            });
        }
        long needed = geometry.Blocks == 0 ? 0 : (geometry.PayloadIndex(geometry.Blocks - 1) + 1) * 8;
        if (table.Length < needed)
        {
            diagnostics.Report(new Diagnostic("vhdx.bat.cut", "the block allocation table ends before the disk does or lies past the end of the image file; what it does not map reads as zeros")
            {
                Offset = region.Offset,
                Expected = Text(needed) + " bytes",
                Actual = Text(table.Length) + " bytes",
                LosesContent = true,
            });
        }
    }

    private static (VhdxDisk Disk, string Name) OpenParent(VhdxParentLocator locator, ParseContext context)
    {
        CompanionFile file = ParentName.Open(locator.Names, "VHDX parent", context.Images.Companions);
        Span<byte> start = stackalloc byte[IdentifierSize];
        if (file.Content.ReadUpTo(0, start) < start.Length || !new VhdxFormat().Matches(start))
        {
            throw new UnsupportedFeatureException("VHDX parent '" + file.FileName + "' that is no VHDX");
        }
        VhdxDisk parent = Open(file.Content, context with { Images = context.Images with { Companions = file.Companions } });
        if (!locator.Linkages.Contains(parent.DataWriteGuid))
        {
            context.Diagnostics.Report(new Diagnostic("vhdx.parent.identifier",
                "the parent '" + file.FileName + "' is not the disk that this one was made from, or was changed since; what comes from it may be wrong")
            {
                Expected = locator.Linkages.Count == 0 ? "none given" : locator.Linkages[0].ToString(),
                Actual = parent.DataWriteGuid.ToString(),
                LosesContent = true,
            });
        }
        return (parent, file.FileName);
    }

    private static string Creator(IByteSource source)
    {
        string text = Encoding.Unicode.GetString(source.ReadArray(IdentifierSize, CreatorSize));
        int end = text.IndexOf('\0', StringComparison.Ordinal);
        return PathText.FromText((end < 0 ? text : text[..end]).Trim());
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
