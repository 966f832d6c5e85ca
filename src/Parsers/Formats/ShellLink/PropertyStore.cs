using System.Globalization;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Formats.ShellLink;

/// <summary>Serialized properties of the shell. Source: [MS-PROPSTORE].</summary>
internal static class PropertyStore
{
    private const uint Version = 0x53505331;
    private const int MaximumProperties = 256;
    private static readonly Guid s_named = new("D5CDD505-2E9C-101B-9397-08002B2CF9AE");

    /// <summary>The properties that are texts, numbers, times or identifiers. Never throws.</summary>
    public static List<LinkProperty> Texts(ReadOnlySpan<byte> bytes)
    {
        var found = new List<LinkProperty>();
        var view = new FieldView(bytes, "propertystore");
        for (long at = 0; view.Has(at, 24) && found.Count < MaximumProperties;)
        {
            uint size = view.U32(at);
            if (size < 24 || view.U32(at + 4) != Version)
            {
                break;
            }
            Storage(view.View(at, size), found);
            at += size;
        }
        return found;
    }

    private static void Storage(FieldView storage, List<LinkProperty> found)
    {
        Guid format = storage.Guid(8);
        bool isNamed = format == s_named;
        for (long at = 24; storage.Has(at, 13) && found.Count < MaximumProperties;)
        {
            uint size = storage.U32(at);
            if (size < 13)
            {
                break;
            }
            FieldView value = storage.View(at, size);
            uint nameSize = isNamed ? value.U32(4) : 0;
            string id = isNamed ? value.Utf16(9, nameSize) : value.U32(4).ToString(CultureInfo.InvariantCulture);
            if (Text(value, 9 + (long)nameSize) is { Length: > 0 } text)
            {
                found.Add(new LinkProperty(format, id, text));
            }
            at += size;
        }
    }

    /// <summary>A TypedPropertyValue: two bytes of type, two of padding, the value.</summary>
    private static string? Text(FieldView value, long at)
    {
        if (!value.Has(at, 8))
        {
            return null;
        }
        return value.U16(at) switch
        {
            0x1F => value.Utf16(at + 8, value.U32(at + 4) * 2L),
            0x1E => value.Ansi(at + 8, value.U32(at + 4)),
            0x08 => value.Utf16(at + 8, value.U32(at + 4)),
            0x13 => value.U32(at + 4).ToString(CultureInfo.InvariantCulture),
            0x15 when value.Has(at + 4, 8) => value.U64(at + 4).ToString(CultureInfo.InvariantCulture),
            0x40 when value.Has(at + 4, 8) => value.FileTime(at + 4)?.ToString(),
            0x48 when value.Has(at + 4, 16) => value.Guid(at + 4).ToString("B"),
            _ => null,
        };
    }
}
