using System.Runtime.InteropServices;
using System.Xml;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Opens XML from evidence: forward only, no document type, no entities, nothing is ever fetched.</summary>
internal static class SafeXml
{
    private const int MaximumCharacters = 8 << 20;

    public static XmlReader Open(ReadOnlyMemory<byte> content)
    {
        MemoryStream stream = MemoryMarshal.TryGetArray(content, out ArraySegment<byte> array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(content.ToArray());
        return XmlReader.Create(stream, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, MaxCharactersInDocument = MaximumCharacters, MaxCharactersFromEntities = 1024, CloseInput = true, IgnoreComments = true, IgnoreProcessingInstructions = true,
        });
    }
}
