using System.Xml;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>XML of Windows from evidence, forward only: no document type, no entities, nothing is ever fetched.</summary>
internal static class EvidenceXml
{
    private const int MaximumCharacters = 8 << 20;

    /// <summary>Deepest nesting that is read.</summary>
    public const int MaximumDepth = 64;

    /// <summary>Most characters of a value that are kept.</summary>
    public const int MaximumText = 16 << 10;

    /// <summary>A reader of a text in whatever encoding it was.</summary>
    public static XmlReader Open(ReadOnlySpan<byte> content) =>
        XmlReader.Create(new StringReader(EncodedText.Decode(content).TrimStart('\uFEFF', ' ', '\r', '\n', '\t', '\0')), new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaximumCharacters, MaxCharactersFromEntities = 1024, CheckCharacters = false,
            IgnoreComments = true, IgnoreProcessingInstructions = true, IgnoreWhitespace = true,
        });

    /// <summary>Line of the element that the reader is at; 0 when it is not known.</summary>
    public static int Line(XmlReader reader) => (reader as IXmlLineInfo)?.LineNumber ?? 0;

    /// <summary>Value of an attribute, cut to the limit; null when absent or empty.</summary>
    public static string? Attribute(XmlReader reader, string name) => Cut(reader.GetAttribute(name));

    /// <summary>All attributes of the element, in order, bounded.</summary>
    public static IReadOnlyList<(string Name, string Value)> Attributes(XmlReader reader)
    {
        var found = new List<(string, string)>();
        for (int i = 0; i < Math.Min(reader.AttributeCount, 64); i++)
        {
            reader.MoveToAttribute(i);
            found.Add((reader.LocalName, Cut(reader.Value) ?? ""));
        }
        reader.MoveToElement();
        return found;
    }

    /// <summary>A text cut to the limit; null when empty.</summary>
    public static string? Cut(string? text) => string.IsNullOrEmpty(text) ? null : text.Length > MaximumText ? text[..MaximumText] : text;
}
