using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Images.Mapped;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>One VMDK without its parent: the descriptor and the extents that make up the disk. The whole disk, or one link of a chain of deltas.</summary>
internal sealed class VmdkLayer
{
    /// <summary>Most sectors of an extent or a disk: far above what any product makes, far below where byte offsets overflow.</summary>
    public const ulong MaxSectors = 1UL << 52;

    private static readonly string[] s_deviceTypes =
        ["fullDevice", "partitionedDevice", "vmfsRaw", "vmfsRDM", "vmfsRDMP", "vmfsRawDeviceMap", "vmfsPassthroughRawDeviceMap"];

    private VmdkLayer(VmdkDescriptor? descriptor, ICompanionFiles companions, IReadOnlyList<VmdkExtent> extents, GrainLayout? layout)
    {
        Descriptor = descriptor;
        Companions = companions;
        Extents = extents;
        Layout = layout;
    }

    /// <summary>The descriptor; null for a sparse extent that has none.</summary>
    public VmdkDescriptor? Descriptor { get; }
    /// <summary>For the file that the descriptor names as parent.</summary>
    public ICompanionFiles Companions { get; }
    /// <summary>The extents in the order of the disk.</summary>
    public IReadOnlyList<VmdkExtent> Extents { get; }
    /// <summary>The first sparse extent's layout; null when there is none.</summary>
    public GrainLayout? Layout { get; }

    /// <summary>A delta: what it does not store is in another file.</summary>
    public bool HasParent => Descriptor is { } descriptor && (descriptor.ParentCid is not null || descriptor.ParentFileNameHint.Length > 0);

    /// <summary>Whether a file begins as a VMDK. Pure, never allocates.</summary>
    public static bool Matches(ReadOnlySpan<byte> header) => SparseExtentOpener.Matches(header) || IsDescriptor(header);

    /// <summary>Opens a file that <see cref="Matches"/> took. Throws as <see cref="VmdkFormat.Open"/>.</summary>
    public static VmdkLayer Open(IByteSource file, ICompanionFiles companions, IDiagnosticSink diagnostics)
    {
        byte[] head = file.ReadArray(0, SparseExtentHeader.Size);
        if (!SparseExtentOpener.Matches(head))
        {
            return FromDescriptor(Text(file, 0, file.Length, diagnostics), companions, diagnostics);
        }
        VmdkDescriptor? descriptor = Embedded(file, head, diagnostics, out bool hasNoData);
        if (hasNoData && descriptor is { Extents.Count: > 0 })
        {
            return FromDescriptor(descriptor, companions, diagnostics);
        }
        GrainLayout layout = SparseExtentOpener.Read(file, diagnostics);
        ReportDisagreement(descriptor, layout, diagnostics);
        var damage = new MappedAnomalies(layout.Capacity, 1 << 20, diagnostics);
        return new VmdkLayer(descriptor, companions, [new SparseExtent(file, layout, layout.Capacity, 0, damage)], layout);
    }

    /// <summary>Comments and empty lines, one of which says what it is, or else a version as the first entry.</summary>
    private static bool IsDescriptor(ReadOnlySpan<byte> header)
    {
        header = header.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? header[3..] : header;
        while (header.Length > 0)
        {
            int end = header.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = header[..(end < 0 ? header.Length : end)].Trim(" \t\r"u8);
            if (line.Length > 0 && line[0] != '#')
            {
                return end >= 0 && line.Length is > 8 and < 16 && line.StartsWith("version="u8) && line[8] is >= (byte)'1' and <= (byte)'9';
            }
            if (line.IndexOf("Disk DescriptorFile"u8) >= 0)
            {
                return true;
            }
            header = end < 0 ? [] : header[(end + 1)..];
        }
        return false;
    }

    private static VmdkDescriptor Text(IByteSource file, long offset, long length, IDiagnosticSink diagnostics)
    {
        byte[] bytes = file.ReadArray(offset, (int)Math.Min(length, VmdkDescriptor.MaxBytes));
        ReadOnlySpan<byte> text = bytes;
        if (length > bytes.Length && !text.Contains((byte)0))
        {
            diagnostics.Report(new Diagnostic("vmdk.descriptor.too-long", "the descriptor is longer than what is read of one, or than the file; the rest of it is ignored")
            {
                Offset = offset,
                Expected = "at most " + VmdkDescriptor.MaxBytes + " bytes",
                Actual = length.ToString(CultureInfo.InvariantCulture) + " bytes",
                LosesContent = true,
            });
            text = text[..(text.LastIndexOf((byte)'\n') + 1)];
        }
        return VmdkDescriptor.Parse(text, diagnostics);
    }

    /// <summary>The descriptor inside a hosted sparse extent; null when there is none or it makes no sense, which does not keep its grains from being read.</summary>
    private static VmdkDescriptor? Embedded(IByteSource file, byte[] head, IDiagnosticSink diagnostics, out bool hasNoData)
    {
        hasNoData = false;
        if (head.Length < SparseExtentHeader.Size || head[0] != 'K')
        {
            return null;
        }
        var header = new SparseExtentHeader(head);
        hasNoData = header.Capacity == 0;
        if (header.DescriptorOffset == 0 || header.DescriptorSize == 0)
        {
            return null;
        }
        string problem = "it lies past the end of the file";
        if (header.DescriptorOffset < (ulong)file.Length / 512)
        {
            try
            {
                VmdkDescriptor found = Text(file, (long)header.DescriptorOffset * 512, (long)Math.Min(header.DescriptorSize, MaxSectors) * 512, diagnostics);
                // Extents of a split disk have room for one that nobody filled.
                return found.Extents.Count == 0 && found.CreateType.Length == 0 ? null : found;
            }
            catch (CorruptDataException exception)
            {
                problem = exception.Message;
            }
        }
        diagnostics.Report(new Diagnostic("vmdk.descriptor.unreadable", "the embedded descriptor cannot be used, so whether the disk has a parent is unknown: " + problem)
        {
            Offset = 28,
            LosesContent = true,
        });
        return null;
    }

    private static void ReportDisagreement(VmdkDescriptor? descriptor, GrainLayout layout, IDiagnosticSink diagnostics)
    {
        if (descriptor is null)
        {
            // A stream stands alone; other extents without a descriptor belong to a disk that has one elsewhere.
            diagnostics.Report(new Diagnostic("vmdk.descriptor.none", "a sparse extent without a descriptor is read alone; it may be one part, or a delta, of a disk whose descriptor (.vmdk) is another file")
            {
                LosesContent = !layout.IsCompressed,
            });
        }
        else if (descriptor.Extents.Count > 1 || (descriptor.Extents is [{ } only] && only.Sectors * 512 != layout.Capacity))
        {
            diagnostics.Report(new Diagnostic("vmdk.descriptor.extents", "the embedded descriptor and the header of the extent disagree about the size of the disk; the header is followed")
            {
                Expected = descriptor.Extents.Count == 1 ? (descriptor.Extents[0].Sectors * 512).ToString(CultureInfo.InvariantCulture) + " bytes" : descriptor.Extents.Count + " extents",
                Actual = layout.Capacity.ToString(CultureInfo.InvariantCulture) + " bytes",
                LosesContent = true,
            });
        }
    }

    private static VmdkLayer FromDescriptor(VmdkDescriptor descriptor, ICompanionFiles companions, IDiagnosticSink diagnostics)
    {
        if (s_deviceTypes.Contains(descriptor.CreateType, StringComparer.OrdinalIgnoreCase))
        {
            throw new UnsupportedFeatureException("VMDK of type '" + PathText.FromText(descriptor.CreateType) + "', whose data are on a device of the machine it comes from");
        }
        long sectors = 0;
        foreach (VmdkExtentLine line in descriptor.Extents)
        {
            // Each is at most 2^52 and a descriptor holds fewer than 2^16 lines of them: no overflow before the check.
            sectors = Math.Min(sectors + line.Sectors, long.MaxValue / 1024);
        }
        if (sectors == 0 || sectors > (long)MaxSectors)
        {
            throw new CorruptDataException("vmdk.descriptor.extents", 0, "extents of 1 to 2^52 sectors in all", sectors.ToString(CultureInfo.InvariantCulture) + " sectors");
        }
        var opener = new VmdkExtentOpener(companions, sectors * 512, diagnostics);
        IReadOnlyList<VmdkExtent> extents = opener.OpenAll(descriptor.Extents);
        return new VmdkLayer(descriptor, companions, extents, opener.FirstLayout);
    }
}
