using System.Xml;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Archives;

/// <summary>
/// The descriptor of an OVA: which of its files are disks, in which order. Specification: DMTF DSP0243, Open Virtualization Format.
/// </summary>
/// <remarks>Limitations: only the order of the disks is taken; virtual hardware is not.</remarks>
internal static class OvfDescriptor
{
    private const int MaxFiles = 1000;

    /// <summary>Position of each disk by its file name in display form; empty when there is no descriptor or it cannot be read, which is the diagnostic <c>ova.descriptor</c>.</summary>
    public static IReadOnlyDictionary<string, int> DiskOrder(byte[]? descriptor, IDiagnosticSink diagnostics)
    {
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        if (descriptor is null)
        {
            return order;
        }
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 8 << 20, CloseInput = true };
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(descriptor, writable: false), settings);
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element)
                {
                    continue;
                }
                if (reader.LocalName == "File" && Attribute(reader, "id") is { } id && Attribute(reader, "href") is { } href && files.Count < MaxFiles)
                {
                    files.TryAdd(id, href);
                }
                else if (reader.LocalName == "Disk" && Attribute(reader, "fileRef") is { } file && files.TryGetValue(file, out string? name))
                {
                    order.TryAdd(PathText.FromText(name), order.Count);
                }
            }
        }
        catch (XmlException)
        {
            diagnostics.Report(new Diagnostic("ova.descriptor", "the descriptor of the OVA cannot be read; its disks are taken in the order of their names"));
        }
        return order;
    }

    /// <summary>By its local name: writers differ in whether attributes have the prefix.</summary>
    private static string? Attribute(XmlReader reader, string name)
    {
        string? value = null;
        while (reader.MoveToNextAttribute())
        {
            if (reader.LocalName == name)
            {
                value = reader.Value;
                break;
            }
        }
        reader.MoveToElement();
        return value;
    }
}
