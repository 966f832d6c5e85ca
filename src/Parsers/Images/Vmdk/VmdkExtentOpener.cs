using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Images.Mapped;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>
/// Opens the extents that a descriptor lists. One that cannot be had reads as zeros and is reported; when none of those with a file can be had, the reason of the first is
/// thrown. Files are opened only through <see cref="ICompanionFiles"/>, each once.
/// </summary>
internal sealed class VmdkExtentOpener(ICompanionFiles companions, long diskSize, IDiagnosticSink diagnostics)
{
    private readonly MappedAnomalies _damage = new(diskSize, 1 << 20, diagnostics);
    private readonly Dictionary<string, IByteSource> _files = new(StringComparer.Ordinal);

    /// <summary>Layout of the first sparse extent; null when there is none.</summary>
    public GrainLayout? FirstLayout { get; private set; }

    /// <summary>The extents in the order of the lines.</summary>
    public IReadOnlyList<VmdkExtent> OpenAll(IReadOnlyList<VmdkExtentLine> lines)
    {
        var extents = new List<VmdkExtent>();
        ForensicException? first = null;
        bool anyFile = false;
        long start = 0;
        foreach (VmdkExtentLine line in lines)
        {
            long length = line.Sectors * 512;
            VmdkExtent? extent = null;
            try
            {
                extent = Open(line, length, start);
                anyFile |= line.Type != "ZERO";
            }
            catch (Exception exception) when (exception is UnsupportedFeatureException or CorruptDataException)
            {
                first ??= (ForensicException)exception;
                diagnostics.Report(new Diagnostic("vmdk.extent.unreadable", string.Create(CultureInfo.InvariantCulture,
                    $"an extent cannot be read, its {length} bytes read as zeros: {exception.Message}"))
                {
                    Offset = start,
                    LosesContent = true,
                });
            }
            extents.Add(extent ?? new ZeroExtent(length));
            start += length;
        }
        return first is null || anyFile ? extents : throw first;
    }

    private VmdkExtent Open(VmdkExtentLine line, long length, long start)
    {
        if (line.Type is "ZERO")
        {
            return new ZeroExtent(length);
        }
        string shown = "VMDK extent '" + PathText.FromText(line.FileName) + "'";
        if (line.Access == "NOACCESS")
        {
            throw new UnsupportedFeatureException(shown + " without access (NOACCESS)");
        }
        if (line.Type is not ("FLAT" or "VMFS" or "SPARSE" or "VMFSSPARSE" or "SESPARSE"))
        {
            throw new UnsupportedFeatureException(shown + " of type " + PathText.FromText(line.Type.Length > 32 ? line.Type[..32] : line.Type));
        }
        if (line.FileName.StartsWith("/dev/", StringComparison.Ordinal) || line.FileName.StartsWith(@"\\.\", StringComparison.Ordinal))
        {
            throw new UnsupportedFeatureException(shown + " on a device");
        }
        IByteSource file = OpenFile(line.FileName);
        if (line.Type is "FLAT" or "VMFS")
        {
            var flat = new FlatExtent(file, line.OffsetSectors * 512, length);
            if (flat.Available < length)
            {
                diagnostics.Report(new Diagnostic("vmdk.extent.past-end", shown + " ends past the end of its file; what is missing reads as zeros")
                {
                    Offset = start + flat.Available,
                    Expected = length.ToString(CultureInfo.InvariantCulture) + " bytes",
                    Actual = flat.Available.ToString(CultureInfo.InvariantCulture) + " bytes",
                    LosesContent = true,
                });
            }
            return flat;
        }
        GrainLayout layout = SparseExtentOpener.Read(file, diagnostics);
        FirstLayout ??= layout;
        if (layout.Capacity < length)
        {
            diagnostics.Report(new Diagnostic("vmdk.extent.size", shown + " is smaller than the descriptor says; what is missing reads as zeros")
            {
                Offset = start + layout.Capacity,
                Expected = length.ToString(CultureInfo.InvariantCulture) + " bytes",
                Actual = layout.Capacity.ToString(CultureInfo.InvariantCulture) + " bytes",
                LosesContent = true,
            });
        }
        return new SparseExtent(file, layout, length, start, _damage);
    }

    private IByteSource OpenFile(string name)
    {
        if (!_files.TryGetValue(name, out IByteSource? file))
        {
            file = companions.OpenNamed(name, "VMDK extent").Content;
            _files.Add(name, file);
        }
        return file;
    }
}
