using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Xml;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Ewf;

/// <summary>
/// What the examiner and the acquiring tool wrote down: sections header, header2 and xheader, and the digests of xhash. Values are evidence: shown in display form, cut when
/// long. Of a value that stands in several sections the first one read is kept. Damage is a diagnostic.
/// </summary>
internal sealed class EwfCaseData(IDiagnosticSink diagnostics)
{
    /// <summary>Longest text that a section may decompress to.</summary>
    private const int MaxText = 1 << 20;
    private const int MaxValueLength = 3000;
    private const int MaxFacts = 64;

    private static readonly FrozenDictionary<string, string> s_names = new Dictionary<string, string>
    {
        ["c"] = "case number",
        ["n"] = "evidence number",
        ["a"] = "description",
        ["e"] = "examiner name",
        ["t"] = "notes",
        ["av"] = "acquisition software version",
        ["ov"] = "acquisition operating system",
        ["m"] = "acquisition date",
        ["u"] = "system date",
        ["md"] = "model",
        ["sn"] = "serial number",
        ["l"] = "device label",
        ["pid"] = "process identifier",
        ["r"] = "header compression",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> s_xmlNames = new Dictionary<string, string>
    {
        ["acquiry_operating_system"] = "acquisition operating system",
        ["acquiry_date"] = "acquisition date",
        ["acquiry_software"] = "acquisition software",
        ["acquiry_software_version"] = "acquisition software version",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly List<KeyValuePair<string, string>> _facts = [];

    /// <summary>Name and value, in display form.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Facts => _facts;

    /// <summary>Takes a section <c>header</c> or <c>header2</c>.</summary>
    public void AddHeader(byte[] section, string type, long offset)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxText);
        try
        {
            Span<byte> bytes = Inflate(section, type, offset, buffer);
            string text = bytes.Length >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE ? Encoding.Unicode.GetString(bytes[2..])
                : bytes.Length >= 2 && bytes[0] == 0xFE && bytes[1] == 0xFF ? Encoding.BigEndianUnicode.GetString(bytes[2..])
                : System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
            AddMain(text);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Takes a section <c>xheader</c> or <c>xhash</c>; returns its elements as they are.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ReadXml(byte[] section, string type, long offset)
    {
        var elements = new List<KeyValuePair<string, string>>();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxText);
        try
        {
            int length = Inflate(section, type, offset, buffer).Length;
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxText };
            using var reader = XmlReader.Create(new MemoryStream(buffer, 0, length, writable: false), settings);
            string name = "";
            while (reader.Read() && elements.Count < MaxFacts)
            {
                if (reader.NodeType == XmlNodeType.Element)
                {
                    name = reader.Name;
                }
                else if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA)
                {
                    elements.Add(new(name, reader.Value));
                }
            }
        }
        catch (XmlException)
        {
            diagnostics.Report(new Diagnostic("ewf.header.damaged", "the XML of section " + type + " is damaged; it is read up to there") { Offset = offset });
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return elements;
    }

    /// <summary>Takes the elements of a section <c>xheader</c>.</summary>
    public void AddElements(IReadOnlyList<KeyValuePair<string, string>> elements)
    {
        foreach ((string name, string value) in elements)
        {
            Add(s_xmlNames.GetValueOrDefault(name) ?? PathText.FromText(name.Length > 64 ? name[..64] : name).Replace('_', ' '), value);
        }
    }

    private Span<byte> Inflate(byte[] section, string type, long offset, byte[] buffer)
    {
        Span<byte> target = buffer.AsSpan(0, MaxText);
        int count = ZlibBlock.Decode(section, 0, section.Length, target, out ZlibEnd end);
        if (end is ZlibEnd.Damaged or ZlibEnd.Longer)
        {
            diagnostics.Report(new Diagnostic("ewf.header.damaged", "the text of section " + type + (end == ZlibEnd.Damaged ? " cannot be decompressed whole" : " is longer than 1 MiB") + "; it is read up to there")
            {
                Offset = offset,
            });
        }
        return target[..count];
    }

    /// <summary>Category "main": a line of identifiers and a line of values, separated by tabs.</summary>
    private void AddMain(string text)
    {
        string? identifiers = null;
        bool isMain = false;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (identifiers is not null)
            {
                AddValues(identifiers, line.ToString());
                return;
            }
            if (isMain)
            {
                identifiers = line.ToString();
            }
            isMain |= line is "main";
        }
    }

    private void AddValues(string identifiers, string values)
    {
        string[] names = identifiers.Split('\t');
        string[] all = values.Split('\t');
        for (int i = 0; i < names.Length && i < all.Length; i++)
        {
            if (s_names.TryGetValue(names[i], out string? name))
            {
                Add(name, names[i] is "m" or "u" ? Date(all[i]) : all[i]);
            }
            else if (names[i] == "p" && all[i].Length > 1)
            {
                Add("password", "set (it only keeps other tools from opening the image)");
            }
        }
    }

    /// <summary>Seconds since 1970, or six numbers of local time.</summary>
    private static string Date(string value)
    {
        if (long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds is > 0 and < 0x1_0000_0000)
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }
        string[] parts = value.Split(' ');
        return parts.Length == 6 && parts.All(part => part.Length is > 0 and <= 4 && part.All(char.IsAsciiDigit))
            ? string.Create(CultureInfo.InvariantCulture, $"{parts[0]}-{parts[1].PadLeft(2, '0')}-{parts[2].PadLeft(2, '0')} {parts[3].PadLeft(2, '0')}:{parts[4].PadLeft(2, '0')}:{parts[5].PadLeft(2, '0')} local time")
            : value;
    }

    private void Add(string name, string value)
    {
        value = value.Trim();
        if (value.Length > 0 && _facts.Count < MaxFacts && !_facts.Exists(fact => fact.Key == name))
        {
            _facts.Add(new(name, PathText.FromText(value.Length > MaxValueLength ? value[..MaxValueLength] : value)));
        }
    }
}
